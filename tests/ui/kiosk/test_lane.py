"""A kiosk holds the lane of people who serve themselves as it holds a desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.core.kiosk import LEFT, KioskRules
from app.core.lane import LaneRules, LaneStep
from app.core.receipt import ReceiptRules
from app.station.context import DeskSettings
from app.station.gate import Gate
from app.station_config import for_strangers
from app.ui.kiosk.shell import Guard, Kiosk
from app.ui.theme import FINGER
from tests.fakes.clock import FakeClock
from tests.fakes.tries import FakeBook
from tests.fakes.world import FakeWorld
from tests.ui.hands import press, write
from tests.ui.kiosk.remains import remains
from tests.ui.kiosk.stage import ALWAYS, PIN, touch_on
from tests.ui.kiosk.test_shell import too_small, windows
from tests.ui.lane.test_window import Lane, a_lane

CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def lane(qtbot: QtBot) -> Iterator[Lane]:
    guard = Guard(ALWAYS, Gate(ALWAYS.pin, FakeBook(), FakeClock().uptime))
    with a_lane(qtbot, FakeWorld(), kiosk=guard) as lane:
        yield lane


def kiosk_of(lane: Lane) -> Kiosk:
    assert lane.front.kiosk is not None
    return lane.front.kiosk


def test_it_fills_the_screen_and_is_not_closed(lane: Lane) -> None:
    assert lane.window.isFullScreen()
    assert not lane.window.close()
    press(Qt.Key.Key_F1)
    press(Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier)
    QTest.mouseClick(lane.window, Qt.MouseButton.RightButton, pos=QPoint(400, 400))
    assert windows() == [lane.window]


def test_the_keys_of_the_screen_are_for_its_fields_too(lane: Lane) -> None:
    lane.sign_in()
    lane.until(lane.window.token.edit.hasFocus)
    keyboard = kiosk_of(lane).keyboard
    assert keyboard.isVisible()
    for digit in lane.world.token.serial_number:
        touch_on(keyboard, digit)
    touch_on(keyboard, "Return")
    lane.until(lambda: lane.told.step is LaneStep.CODE)
    lane.until(lane.window.code.code.hasFocus)
    assert {key.key for key in keyboard.shown_keys()} >= set("0123456789")
    assert "q" not in {key.key for key in keyboard.shown_keys()}


def test_whatever_can_be_touched_there_is_as_large_as_a_finger(lane: Lane) -> None:
    lane.show()
    QApplication.processEvents()
    assert kiosk_of(lane).keyboard.shown_keys()[0].height() >= FINGER
    assert too_small(lane.window) == []


def test_whoever_leaves_leaves_nothing_that_could_be_brought_back(lane: Lane) -> None:
    lane.sign_in()
    lane.until(lane.window.token.edit.hasFocus)
    write("8659")
    press(Qt.Key.Key_Escape)
    lane.until(lambda: lane.told.step is LaneStep.SIGN_IN)
    lane.until(lambda: "8659" not in remains(lane.window))
    assert not any(each.isUndoAvailable() for each in lane.window.findChildren(QLineEdit))


def test_its_supervisor_ends_it_and_has_no_pages_to_go_to(lane: Lane) -> None:
    kiosk, codes = kiosk_of(lane), list[int]()
    kiosk.ended.connect(codes.append)
    press(Qt.Key.Key_F12, CHORD)
    assert set(kiosk.sheet.choices) == {"leave", "end", "back"}
    write(PIN)
    press(Qt.Key.Key_Return)
    lane.until(lambda: kiosk.supervised)
    kiosk.sheet.choices["leave"].click()
    assert not lane.window.isFullScreen()
    kiosk.strip.button.click()
    assert lane.window.isFullScreen()
    press(Qt.Key.Key_F12, CHORD)
    write(PIN)
    press(Qt.Key.Key_Return)
    lane.until(lambda: kiosk.supervised)
    kiosk.sheet.choices["end"].click()
    assert codes == [LEFT]


def test_a_lane_on_a_kiosk_forgets_no_later_than_the_kiosk() -> None:
    desk = DeskSettings(lane=LaneRules(idle=90, goodbye=20), receipts=ReceiptRules())
    hasty = for_strangers(desk, KioskRules(wipe_after=15))
    assert hasty.lane == LaneRules(idle=15, goodbye=15)
    assert hasty.wipe_after == 0
    patient = for_strangers(desk, KioskRules(wipe_after=600))
    assert patient.lane == desk.lane


def test_a_kiosk_prints_where_it_may() -> None:
    desk = DeskSettings(receipts=ReceiptRules())
    assert desk.receipts is not None
    assert desk.receipts.printing
    forbidden = for_strangers(desk, KioskRules()).receipts
    allowed = for_strangers(desk, KioskRules(printing=True)).receipts
    assert forbidden == replace(desk.receipts, printing=False)
    assert allowed == desk.receipts
