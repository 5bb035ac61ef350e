"""A receipt is asked for by key, looked at, signed, saved, and gone with whoever asked for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.model import Mode
from app.core.receipt import ReceiptRules, Signature
from app.station.context import DeskSettings, Notify
from app.station.station import Station
from app.ui.pages.receipt.page import ReceiptPage
from app.ui.wording.receipt import no_receipt, too_long
from tests.fakes.world import FakeWorld
from tests.station.stage import SHORT
from tests.ui.hands import enter, press
from tests.ui.stage import Stage, a_window_on

CONTROL = Qt.KeyboardModifier.ControlModifier
NO_PRINTER = "tests-have-no-such-printer"


@contextmanager
def a_desk(qtbot: QtBot, world: FakeWorld, rules: ReceiptRules | None) -> Iterator[Stage]:
    async def build(notify: Notify) -> Station:
        mode = Mode.ASSIGN_ONLY
        settings = DeskSettings(name="Desk 1", mode=mode, patience=SHORT, receipts=rules)
        return Station(world.station_ports, settings, notify)

    with a_window_on(qtbot, build) as stage:
        stage.sign_in()
        yield stage


@pytest.fixture
def rules(tmp_path: Path) -> ReceiptRules:
    return ReceiptRules("Contoso", printer=NO_PRINTER, folder=str(tmp_path / "receipts"))


def hand_over(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.READY)
    stage.focused_on(stage.desk.work.button)
    enter()
    stage.reach(State.ASSIGNED)


def page_of(stage: Stage) -> ReceiptPage:
    return stage.window.pages.receipt


def ask_for_it(stage: Stage) -> ReceiptPage:
    press(Qt.Key.Key_P, CONTROL)
    stage.until(page_of(stage).isVisible)
    return page_of(stage)


def said(page: ReceiptPage) -> str:
    return page.message.accessibleName() if page.message.isVisible() else ""


def test_the_receipt_of_the_last_handover_is_saved_by_two_keys(
    qtbot: QtBot, rules: ReceiptRules
) -> None:
    world = FakeWorld()
    with a_desk(qtbot, world, rules) as stage:
        hand_over(stage, world)
        page = ask_for_it(stage)
        assert page.name.text() == "Ada"
        stage.focused_on(page.save_button)
        press(Qt.Key.Key_Return)
        stage.until(lambda: "is saved" in said(page))
        (file,) = Path(rules.folder).iterdir()
        assert str(file) in said(page)
        assert file.read_bytes().startswith(b"%PDF-")
        press(Qt.Key.Key_Escape)
        stage.until(stage.desk.isVisible)
        assert page.name.text() == ""


def test_before_anything_was_handed_over_there_is_none(qtbot: QtBot, rules: ReceiptRules) -> None:
    with a_desk(qtbot, FakeWorld(), rules) as stage:
        page = ask_for_it(stage)
        assert no_receipt().sentence in said(page)
        assert not page.save_button.isVisible()
        stage.focused_on(page.back_button)
        press(Qt.Key.Key_Return)
        assert not Path(rules.folder).exists()
        press(Qt.Key.Key_Escape)
        stage.until(stage.desk.isVisible)


def test_the_history_makes_the_receipt_of_whatever_is_chosen(
    qtbot: QtBot, rules: ReceiptRules
) -> None:
    world = FakeWorld()
    with a_desk(qtbot, world, rules) as stage:
        hand_over(stage, world)
        press(Qt.Key.Key_F11)
        history = stage.window.history
        stage.until(lambda: history.list.current() is not None)
        press(Qt.Key.Key_Down)
        stage.until(history.details.receipt_button.isVisible)
        page = ask_for_it(stage)
        assert page.name.text() == "Ada"
        press(Qt.Key.Key_Escape)
        stage.until(history.isVisible)


def test_a_desk_without_receipts_offers_none(qtbot: QtBot) -> None:
    world = FakeWorld()
    with a_desk(qtbot, world, None) as stage:
        hand_over(stage, world)
        press(Qt.Key.Key_P, CONTROL)
        press(Qt.Key.Key_F11)
        history = stage.window.history
        stage.until(lambda: history.list.current() is not None)
        press(Qt.Key.Key_Down)
        stage.until(history.details.copy_button.isVisible)
        assert not history.details.receipt_button.isVisible()
        press(Qt.Key.Key_P, CONTROL)
        assert stage.window.pages.currentWidget() is history


def test_where_there_is_no_printer_it_is_said_and_where_it_is_not_allowed_not_tried(
    qtbot: QtBot, rules: ReceiptRules
) -> None:
    assert NO_PRINTER not in QPrinterInfo.availablePrinterNames()
    world = FakeWorld()
    with a_desk(qtbot, world, rules) as stage:
        hand_over(stage, world)
        page = ask_for_it(stage)
        press(Qt.Key.Key_P, CONTROL)
        assert NO_PRINTER in said(page)
    world = FakeWorld()
    with a_desk(qtbot, world, replace(rules, printing=False)) as stage:
        hand_over(stage, world)
        page = ask_for_it(stage)
        press(Qt.Key.Key_P, CONTROL)
        assert NO_PRINTER not in said(page)
        assert not page.print_button.isVisible()


def test_a_finger_signs_and_may_begin_again(qtbot: QtBot, rules: ReceiptRules) -> None:
    world = FakeWorld()
    with a_desk(qtbot, world, replace(rules, signature=Signature.SCREEN)) as stage:
        hand_over(stage, world)
        page = ask_for_it(stage)
        stage.until(page.pad.isVisible)
        QTest.mousePress(page.pad, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
        QTest.mouseMove(page.pad, QPoint(90, 20))
        QTest.mouseRelease(page.pad, Qt.MouseButton.LeftButton, pos=QPoint(90, 20))
        assert len(page.pad.strokes) == 1
        page.again.click()
        assert not page.pad.strokes


def test_words_that_need_more_than_a_page_are_told_and_not_cut(
    qtbot: QtBot, rules: ReceiptRules
) -> None:
    world = FakeWorld()
    text = tuple(f"{number} {'long words ' * 70}" for number in range(12))
    with a_desk(qtbot, world, replace(rules, text=text)) as stage:
        hand_over(stage, world)
        page = ask_for_it(stage)
        assert too_long().sentence in said(page)
        assert not page.save_button.isVisible()


def test_nothing_of_a_receipt_stays_for_the_next_operator(
    qtbot: QtBot, rules: ReceiptRules
) -> None:
    world = FakeWorld()
    with a_desk(qtbot, world, replace(rules, signature=Signature.SCREEN)) as stage:
        hand_over(stage, world)
        page = ask_for_it(stage)
        QTest.mouseClick(page.pad, Qt.MouseButton.LeftButton)
        press(Qt.Key.Key_F12)
        stage.until(stage.window.signin.isVisible)
        assert page.name.text() == ""
        assert not page.pad.strokes
        assert page.preview._picture.isNull()
