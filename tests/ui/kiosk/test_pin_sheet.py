"""The sheet of the supervisor: tries that wait, keys that stay in it, and an end by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.tries import FREE, Tries
from app.station.gate import Answer, Verdict
from app.ui.wording.kiosk import verdict
from tests.fakes.world import FakeWorld
from tests.ui.hands import press, scan, write
from tests.ui.kiosk.remains import remains
from tests.ui.kiosk.stage import PIN, RULES, WRONG_PIN, KioskStage, a_kiosk


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def at(qtbot: QtBot, world: FakeWorld) -> Iterator[KioskStage]:
    with a_kiosk(qtbot, world) as at:
        yield at


def said(at: KioskStage) -> str:
    return at.sheet.message.accessibleName()


def fail(at: KioskStage, times: int) -> None:
    for _ in range(times):
        before = at.book.tries.failed
        at.try_pin(WRONG_PIN)
        at.stage.until(partial(has_failed_more, at, before))
        at.stage.until(at.sheet.message.isVisible)


def has_failed_more(at: KioskStage, before: int) -> bool:
    return at.book.tries.failed > before


def test_a_wrong_pin_is_told_and_tried_again(at: KioskStage) -> None:
    at.summon()
    fail(at, 1)
    assert said(at) == verdict(Verdict(Answer.WRONG)).sentence
    assert at.sheet.field.text() == ""
    at.try_pin(PIN)
    at.stage.until(lambda: at.kiosk.supervised)
    assert at.book.tries == Tries()


def test_after_three_wrong_ones_nobody_can_type_until_the_wait_is_over(at: KioskStage) -> None:
    at.summon()
    fail(at, FREE)
    at.stage.until(lambda: not at.sheet.field.isEnabled())
    assert "30 s" in said(at)
    at.clock.advance(10)
    at.stage.until(lambda: "20 s" in said(at))
    at.clock.advance(20)
    at.stage.until(at.sheet.field.isEnabled)
    assert not at.sheet.message.isVisible()
    at.try_pin(PIN)
    at.stage.until(lambda: at.kiosk.supervised)


def test_the_wait_goes_on_over_a_restart(qtbot: QtBot, world: FakeWorld) -> None:
    with a_kiosk(qtbot, world) as at:
        at.summon()
        fail(at, FREE)
        counted = at.book.tries
    with a_kiosk(qtbot, FakeWorld(), signed_in=False) as again:
        again.book.tries = counted
        again.summon()
        assert not again.sheet.field.isEnabled()
        assert "30 s" in said(again)


def test_a_kiosk_without_a_pin_says_that_it_cannot_be_left(qtbot: QtBot, world: FakeWorld) -> None:
    with a_kiosk(qtbot, world, replace(RULES, pin=None)) as at:
        at.summon()
        assert not at.sheet.field.isEnabled()
        assert said(at).startswith(verdict(Verdict(Answer.NO_PIN)).sentence)


def test_where_nothing_can_be_counted_it_says_so(at: KioskStage) -> None:
    at.book.writable = False
    at.summon()
    at.try_pin(PIN)
    at.stage.until(at.sheet.message.isVisible)
    assert said(at).startswith(verdict(Verdict(Answer.NOT_COUNTED)).sentence)
    assert not at.kiosk.supervised


def test_a_real_keyboard_types_the_pin_as_well(at: KioskStage) -> None:
    at.summon()
    write(PIN)
    press(Qt.Key.Key_Return)
    at.stage.until(lambda: at.kiosk.supervised)


def test_no_digit_of_a_pin_lands_on_the_desk(at: KioskStage, world: FakeWorld) -> None:
    at.stage.fill(world, State.AWAITING_CODE)
    at.summon()
    at.stage.desk.work.code.setFocus()  # as a page does that was told something
    write("2718")
    assert at.sheet.field.text() == "2718"
    assert at.stage.desk.work.code.code() == ""
    for _ in range(8):
        press(Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert at.sheet.isAncestorOf(focused)


def test_a_scan_is_no_pin(at: KioskStage, world: FakeWorld) -> None:
    at.summon()
    scan(world.token.serial_number)
    at.qtbot.wait(300)
    assert at.sheet.field.text() == ""
    assert at.book.tries == Tries()


def test_nothing_of_the_desk_is_seen_behind_the_sheet(at: KioskStage, world: FakeWorld) -> None:
    at.stage.fill(world, State.AWAITING_CODE)
    at.summon()
    assert at.sheet.geometry() == at.stage.window.rect()
    assert "Ada" not in remains(at.sheet)


def test_a_sheet_that_nobody_types_on_goes_away(at: KioskStage) -> None:
    at.summon()
    at.touch_key("1")
    at.sheet.gone_after(60)
    at.stage.until(at.sheet.isHidden)
    assert at.sheet.field.text() == ""
    assert not at.kiosk.supervised


def test_a_verdict_that_comes_too_late_opens_nothing(at: KioskStage) -> None:
    at.summon()
    for digit in PIN:
        at.touch_key(digit)
    at.touch_key("Return")
    at.sheet.put_away()
    at.stage.until(lambda: at.book.tries == Tries())
    at.qtbot.wait(250)
    assert not at.kiosk.supervised
