"""A few things to choose from: by arrow, by Enter, by number, and never what cannot be had."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ui.widgets import Numbered, Option

A, B, C = Option("a", "Ask", "1"), Option("b", "Bring", "2", "No."), Option("c", "Carry", "3")


@pytest.fixture
def numbered(qtbot: QtBot) -> Numbered:
    made = Numbered()
    qtbot.addWidget(made)
    made.set_options([A, B, C])
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def chosen(numbered: Numbered) -> list[str]:
    found: list[str] = []
    numbered.chosen.connect(found.append)
    return found


def test_enter_takes_the_one_with_the_focus(numbered: Numbered) -> None:
    found = chosen(numbered)
    target = numbered.focus_target()
    assert target is not None
    target.setFocus()
    QTest.keyClick(target, Qt.Key.Key_Return)
    assert found == ["a"]


def test_arrows_pass_over_what_cannot_be_chosen_and_go_round(
    numbered: Numbered, qtbot: QtBot
) -> None:
    numbered.button(0).setFocus()
    qtbot.waitUntil(numbered.button(0).hasFocus)
    QTest.keyClick(numbered.button(0), Qt.Key.Key_Down)
    qtbot.waitUntil(numbered.button(2).hasFocus)
    QTest.keyClick(numbered.button(2), Qt.Key.Key_Down)
    qtbot.waitUntil(numbered.button(0).hasFocus)


def test_a_number_takes_what_can_be_chosen_and_nothing_else(numbered: Numbered) -> None:
    found = chosen(numbered)
    assert [numbered.take(number) for number in range(5)] == [False, True, False, True, False]
    assert found == ["a", "c"]


def test_one_reason_that_stands_for_several_is_told_once(numbered: Numbered) -> None:
    numbered.set_options([Option(key, key, why="No.") for key in "abc"])
    shown = [reason.text() for reason in numbered._reasons if reason.isVisible()]
    assert shown == ["No."]
    assert numbered.focus_target() is None


def test_fewer_options_leave_nothing_of_the_others(numbered: Numbered) -> None:
    numbered.set_options([C])
    assert [button.isVisible() for button in numbered._buttons] == [True, False, False]
    assert not numbered.take(2)


def test_a_screen_reader_is_told_why_something_cannot_be_chosen(numbered: Numbered) -> None:
    assert numbered.button(1).accessibleDescription() == "No."
    assert numbered.button(0).accessibleDescription() == "1"
