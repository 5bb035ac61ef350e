"""An error that nobody caught is told on a sheet, and the desk goes on."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.logs import LOG_NAME, kept_in
from app.station.station import Station
from app.ui.crash import told_on
from app.ui.pages.crash import CrashSheet
from app.ui.wording.crash import more_crashes
from tests.conftest import ExpectLog
from tests.fakes.world import FakeWorld
from tests.ui.hands import press, scan, write
from tests.ui.stage import Stage, a_window

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class Scene:
    stage: Stage
    sheet: CrashSheet
    world: FakeWorld
    log: Path

    def told(self) -> None:
        self.stage.until(self.sheet.isVisible)

    def crash(self) -> None:
        """Let an error come from a timer, as from any slot."""
        QTimer.singleShot(0, fails)


def fails() -> None:
    raise ValueError(f"no use for {SEED}")


class Sender(QObject):
    sent = Signal()


class Clumsy(QWidget):
    """A widget that cannot paint."""

    def paintEvent(self, _event: object) -> None:  # noqa: N802 - Qt's name
        fails()


@pytest.fixture
def scene(qtbot: QtBot, tmp_path: Path) -> Iterator[Scene]:
    world = FakeWorld()
    with a_window(qtbot, world) as stage, kept_in(tmp_path), told_on(stage.window) as sheet:
        yield Scene(stage, sheet, world, tmp_path / LOG_NAME)


def in_a_timer(_scene: Scene) -> None:
    QTimer.singleShot(0, fails)


def in_a_slot(_scene: Scene) -> None:
    sender = Sender()
    sender.sent.connect(fails)
    sender.sent.emit()


def in_a_paint(scene: Scene) -> None:
    clumsy = Clumsy(scene.stage.window)
    clumsy.show()
    scene.told()
    clumsy.deleteLater()


def in_a_thread(_scene: Scene) -> None:
    thread = threading.Thread(target=fails, name="card")
    thread.start()
    thread.join()


def in_a_gesture(scene: Scene) -> None:
    async def gesture(_station: Station) -> None:
        fails()

    scene.stage.window.signin._ask(gesture)


def in_the_stations_loop(scene: Scene) -> None:
    async def gesture(_station: Station) -> None:
        asyncio.get_running_loop().call_soon(fails)

    scene.stage.window.signin._ask(gesture)


def in_a_forgotten_task(scene: Scene) -> None:
    async def work() -> None:
        fails()

    async def gesture(_station: Station) -> None:
        task = asyncio.create_task(work())
        await asyncio.wait([task])

    scene.stage.window.signin._ask(gesture)


def in_a_finalizer(_scene: Scene) -> None:
    class Reader:
        def __del__(self) -> None:
            fails()

    Reader()


WHERE = {
    "timer": (in_a_timer, "CRITICAL oathdesk.crash"),
    "slot": (in_a_slot, "CRITICAL oathdesk.crash"),
    "paint": (in_a_paint, "CRITICAL oathdesk.crash"),
    "thread": (in_a_thread, "CRITICAL oathdesk.crash: an error ended card"),
    "gesture": (in_a_gesture, "ERROR oathdesk.ui"),
    "loop": (in_the_stations_loop, "ERROR asyncio"),
    "task": (in_a_forgotten_task, "ERROR asyncio"),
    "finalizer": (in_a_finalizer, "ERROR oathdesk.crash"),
}


@pytest.mark.parametrize("where", WHERE)
def test_an_error_that_nobody_caught_is_told_and_logged_without_its_secret(
    where: str, scene: Scene, expect_log: ExpectLog
) -> None:
    happen, line = WHERE[where]
    expect_log(line)
    happen(scene)
    scene.told()
    details = scene.sheet.panel.as_text()
    assert "ValueError: no use for ***" in details
    assert "fails" in details
    assert str(scene.log) in details
    log = scene.log.read_text("utf-8")
    assert "ValueError: no use for ***" in log
    assert SEED not in details + log


@pytest.mark.expect_log("CRITICAL oathdesk.crash")
def test_the_desk_goes_on_below_the_sheet(scene: Scene) -> None:
    scene.crash()
    scene.told()
    scene.stage.fill(scene.world, State.AWAITING_CODE)
    scene.stage.submit_code()
    scene.stage.reach(State.ACTIVATED)
    assert scene.sheet.isVisible()


@pytest.mark.expect_log("CRITICAL oathdesk.crash")
def test_the_sheet_takes_no_key_from_whoever_is_typing(scene: Scene) -> None:
    scene.stage.fill(scene.world, State.AWAITING_CODE)
    code = scene.stage.desk.work.code
    scene.stage.focused_on(code)
    write("123")
    scene.crash()
    scene.told()
    write("456")
    assert code.code() == "123456"


@pytest.mark.expect_log("CRITICAL oathdesk.crash")
def test_escape_puts_the_sheet_away_and_nothing_else(scene: Scene) -> None:
    scene.stage.put_token(scene.world.token.serial_number)
    scene.crash()
    scene.told()
    press(Qt.Key.Key_Escape)
    assert not scene.sheet.isVisible()
    scene.stage.qtbot.wait(50)
    assert scene.stage.enrollment.token == scene.world.token
    press(Qt.Key.Key_Escape)
    scene.stage.reach(State.EMPTY)


@pytest.mark.expect_log("CRITICAL oathdesk.crash")
def test_the_button_goes_on_where_the_operator_was(scene: Scene) -> None:
    before = QApplication.focusWidget()
    scene.crash()
    scene.told()
    scene.sheet.go_on.setFocus()
    QTest.mouseClick(scene.sheet.go_on, Qt.MouseButton.LeftButton)
    assert not scene.sheet.isVisible()
    assert QApplication.focusWidget() is before


@pytest.mark.expect_log("CRITICAL oathdesk.crash")
def test_a_scan_while_the_sheet_has_the_focus_is_still_a_scan(scene: Scene) -> None:
    scene.crash()
    scene.told()
    scene.sheet.go_on.setFocus()
    scan(scene.world.token.serial_number)
    scene.stage.reach(State.HAS_TOKEN)
    assert scene.stage.enrollment.token == scene.world.token


@pytest.mark.expect_log("CRITICAL oathdesk.crash")
def test_further_errors_are_counted_on_one_sheet(scene: Scene) -> None:
    scene.crash()
    scene.told()
    first = scene.sheet.panel.as_text()
    assert not scene.sheet.more.isVisible()
    scene.crash()
    scene.stage.until(lambda: scene.sheet.further() == 1)
    assert scene.sheet.more.text() == more_crashes(1)
    scene.crash()
    scene.stage.until(lambda: scene.sheet.further() == 2)
    assert scene.sheet.more.text() == more_crashes(2)
    assert scene.sheet.panel.as_text() == first
    assert len(scene.stage.window.findChildren(CrashSheet)) == 1
    scene.sheet.put_away()
    scene.crash()
    scene.told()
    assert scene.sheet.further() == 0


@pytest.mark.expect_log("CRITICAL oathdesk.crash")
def test_the_details_are_copied_without_the_secret(scene: Scene) -> None:
    scene.crash()
    scene.told()
    (copy,) = scene.sheet.panel.findChildren(QPushButton)
    QTest.mouseClick(copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "ValueError" in copied
    assert SEED not in copied


@pytest.mark.expect_log("CRITICAL oathdesk.crash")
@pytest.mark.parametrize("size", [(1024, 680), (1280, 800), (1920, 1080)])
def test_the_sheet_lies_within_the_window_and_moves_with_it(
    size: tuple[int, int], scene: Scene
) -> None:
    scene.crash()
    scene.told()
    scene.stage.window.resize(*size)
    scene.stage.qtbot.wait(20)
    assert scene.stage.window.rect().contains(scene.sheet.geometry())
    assert scene.sheet.geometry().bottom() > size[1] - 40
    assert scene.sheet.height() >= scene.sheet.minimumSizeHint().height()


@pytest.mark.expect_log("ERROR oathdesk.test: handled")
@pytest.mark.expect_log("ERROR httpx: handled elsewhere")
def test_what_somebody_caught_is_no_crash(scene: Scene) -> None:
    logging.getLogger("oathdesk.test").error("handled")
    try:
        fails()
    except ValueError:
        logging.getLogger("httpx").exception("handled elsewhere")
    scene.stage.qtbot.wait(20)
    assert not scene.sheet.isVisible()


def test_the_sheet_is_gone_when_nothing_listens_any_more(qtbot: QtBot) -> None:
    before = list(logging.getLogger().handlers)
    with a_window(qtbot, FakeWorld(), signed_in=False) as stage, told_on(stage.window):
        assert len(logging.getLogger().handlers) == len(before) + 1
    assert logging.getLogger().handlers == before


@pytest.mark.expect_log("CRITICAL oathdesk.crash")
def test_where_nobody_puts_it_away_it_goes_by_itself_and_keeps_nothing(scene: Scene) -> None:
    scene.sheet.go_by_itself(150)
    scene.crash()
    scene.told()
    assert scene.sheet.panel.as_text()
    scene.stage.until(scene.sheet.isHidden)
    assert scene.sheet.panel.as_text() == ""
