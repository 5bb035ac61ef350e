"""The top bar on the smallest window: who is signed in, whatever they are called."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.model import Operator
from app.ui.top_bar import TopBar

WIDEST = 948
"""Pixels beside the rail of the smallest window, which is 1024 wide."""


@pytest.fixture
def bar(qtbot: QtBot) -> TopBar:
    bar = TopBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def words(bar: TopBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel) if label.isVisible()]


@pytest.mark.parametrize("name", ["Olu", "Bartholomew Featherstonehaugh-Cholmondeley-Marjoribanks"])
def test_a_name_of_any_length_leaves_room_for_the_rest(bar: TopBar, name: str) -> None:
    bar.set_operator(Operator("1", name, "olu@example.com"))
    assert bar.minimumSizeHint().width() <= WIDEST
    assert name in words(bar)


def test_an_unattended_station_is_called_that_and_never_by_a_name(bar: TopBar) -> None:
    bar.set_operator(Operator.of_application("9b1e5a74", frozenset()))
    assert "Unattended station" in words(bar)
    assert not [word for word in words(bar) if "9b1e5a74" in word or word == "switch"]
    assert "sign out" in words(bar)


def test_nobody_is_named_while_nobody_is_signed_in(bar: TopBar) -> None:
    bar.set_operator(Operator("1", "Olu", "olu@example.com"))
    bar.set_operator(None)
    assert "Olu" not in words(bar)
    assert "switch" not in words(bar)
