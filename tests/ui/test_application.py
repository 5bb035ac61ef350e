"""The window comes up alone, with the focus where work begins."""

import asyncio

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.station.setup import Notify
from app.station.station import Station
from app.ui.application import Front


class Doorman(QObject):
    """Notes every window that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(type(watched).__name__)
        return False


async def never(_notify: Notify) -> Station:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


def test_no_part_of_a_page_is_shown_as_a_window_of_its_own(qapp: QApplication) -> None:
    doorman = Doorman()
    qapp.installEventFilter(doorman)
    with Front(never) as front:
        assert front.window.pages.help is not None
        qapp.processEvents()
        assert qapp.activeWindow() is front.window
    qapp.removeEventFilter(doorman)
    assert doorman.seen == ["Window"]


def test_whoever_ends_it_before_its_loop_turns_is_heard(qapp: QApplication) -> None:
    """A signal may come at any moment, also between the first frame and the loop."""
    with Front(never) as front:
        front.end()
        QTimer.singleShot(5_000, front.window, lambda: qapp.exit(1))
        assert qapp.exec() == 0
