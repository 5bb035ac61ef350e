"""The parent of a kiosk: starts the station again whenever it ends, but where that was meant.

It is small and holds nothing, so that nothing can end it but the system. What was open when the
station died is settled by the next one: the record knows of it (station.recovery).
"""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final

from app.core.kiosk import LEFT

_LOG = logging.getLogger("oathdesk")

WELL, MISUSED, ALREADY_RUNS = 0, 2, 3
MEANT: Final = frozenset({WELL, MISUSED, ALREADY_RUNS, LEFT})
"""The exit codes after which starting again would be wrong or in vain."""

SOON: Final = 1.0
LATEST: Final = 30.0
LONG: Final = 60.0
"""Seconds before the first restart and at most before any, and after which all is forgotten."""

_STEP: Final = 0.2


class Parent:
    """Keeps one program running. The first restart comes after `soon` seconds."""

    def __init__(self, command: Sequence[str], soon: float = SOON) -> None:
        """Run `command`, once `run` is called."""
        self._command = list(command)
        self._soon = soon
        self._child: subprocess.Popen[bytes] | None = None
        self._asked_to_end = False

    def run(self) -> int:
        """Run it until its end is meant; return its exit code, 0 where the system asked for it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        pause = self._soon
        while True:
            began = time.monotonic()
            code = self._once()
            if code in MEANT or self._is_to_end():
                return WELL if self._is_to_end() else code
            pause = self._soon if time.monotonic() - began > LONG else pause
            _LOG.warning("the station ended with %d; it is started again", code)
            self._rest(pause)
            if self._is_to_end():
                return WELL
            pause = min(pause * 2, LATEST)

    def _is_to_end(self) -> bool:
        """Tell whether the system has asked for it, as it may at any moment."""
        return self._asked_to_end

    def _rest(self, seconds: float) -> None:
        """Wait in steps: a sleep goes on after a signal, and nobody wants to wait for its end."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._asked_to_end:
            time.sleep(_STEP)

    def _once(self) -> int:
        self._child = subprocess.Popen(self._command)  # noqa: S603 - this very program
        if self._asked_to_end:  # while it was being started
            self._pass_on()
        return self._child.wait()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_end = True
        self._pass_on()

    def _pass_on(self) -> None:
        if self._child is not None:
            with suppress(ProcessLookupError):
                self._child.terminate()


def this_program(arguments: Sequence[str]) -> list[str]:
    """Return the command that runs this very program with `arguments`, bundled or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", Path(__file__).parent.name, *arguments]
