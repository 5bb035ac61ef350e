"""The window comes up alone, with the focus where work begins."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from app.station.context import Notify
from app.station.station import Station
from app.ui.application import DeskApp
from tests.support.patience import HANG_SECONDS

ROOT = Path(__file__).parents[2]


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
    with DeskApp(never) as front:
        assert front.window.pages.help is not None
        qapp.processEvents()
        assert qapp.activeWindow() is front.window
    qapp.removeEventFilter(doorman)
    assert doorman.seen == ["Window"]


ENDED = """
from app.ui.application import DeskApp
from tests.ui.test_application import never
with DeskApp(never) as front:
    front.end()
    code = front.app.exec()
raise SystemExit(code)
"""


def test_whoever_ends_it_before_its_loop_turns_is_heard() -> None:
    """A signal may come at any moment, also between the first frame and the loop.

    In a process of its own: Qt has no second loop after one that was told to quit.
    """
    done = subprocess.run(
        [sys.executable, "-c", ENDED], cwd=ROOT, timeout=HANG_SECONDS, check=False
    )
    assert done.returncode == 0


SUPERVISED = """
import os, signal, sys
from pathlib import Path
from app.compose import guard_of
from app.main import practice_rules
from app.ui import application
from app.ui.launcher import WindowOptions
from tests.ui.test_application import never

class Slow(application.DeskApp):
    def build_pages(self):
        super().build_pages()
        os.kill(os.getpid(), signal.SIGTERM)

application.DeskApp = Slow
guard = guard_of(practice_rules(), Path(sys.argv[1]))
raise SystemExit(application.run(never, options=WindowOptions(kiosk=guard)))
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGTERM is POSIX")
def test_t12_a_kiosk_that_is_ended_while_its_pages_are_made_ends_in_good_order(
    tmp_path: Path,
) -> None:
    """On a busy machine a supervisor's SIGTERM comes between the first frame and the loop."""
    command = [sys.executable, "-c", SUPERVISED, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, timeout=HANG_SECONDS, check=False)
    assert done.returncode == 0
