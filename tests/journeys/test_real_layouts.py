"""What a US scanner's key positions become is asked of the system itself, layout by layout.

The tables of core.layouts are facts about other people's keyboards. Here an X server with the real
layouts reads the positions, and the trial has to find the layout behind what comes of it.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.core.layouts import CapsLock, Layout
from app.core.trial import REFERENCE
from app.core.trial_ways import Way
from tests.journeys.observed import look
from tests.journeys.program import ROOT, environment
from tests.journeys.screen import SCANNER_MS, Screen, a_screen, missing
from tests.support.patience import HANG_SECONDS, wait_until

HOW = "needs setxkbmap: apt-get install x11-xkb-utils"
NEEDED = missing() or ("" if shutil.which("setxkbmap") else HOW)
pytestmark = pytest.mark.skipif(bool(NEEDED), reason=NEEDED)

LAYOUTS = {
    "us": Layout.SAME,
    "fr": Layout.AZERTY,
    "de": Layout.QWERTZ,
    "be": Layout.BELGIAN,
    "ch": Layout.SWISS_GERMAN,
    "cz": Layout.CZECH,
    "hu": Layout.HUNGARIAN,
    "tr": Layout.TURKISH,
    "it": Layout.ITALIAN,
}
# Key positions of a US keyboard, as evdev numbers them for X: each row counts on from its first.
_ROWS = (("1234567890-", 10), ("qwertyuiop", 24), ("asdfghjkl", 38), ("zxcvbnm", 52))
POSITION = {key: first + at for row, first in _ROWS for at, key in enumerate(row)}


@dataclass
class Reader:
    """The window as a process, and the scanner in front of it."""

    screen: Screen
    process: subprocess.Popen[str]
    door: Path

    def scan(self, text: str, *, caps: bool = False) -> dict[str, Any]:
        """Press the positions of `text` and return the trial that was told."""
        lock = ["Caps_Lock"] if caps else []
        keys = (*lock, *map(_position, text), "Return", *lock)
        self._xdotool("key", "--delay", str(SCANNER_MS), *keys)
        return self._told()

    def set_layout(self, name: str) -> None:
        """Let the X server read the keys by this layout from now on."""
        seen = {**os.environ, "DISPLAY": self.screen.display}
        subprocess.run(["setxkbmap", name], env=seen, check=True, timeout=HANG_SECONDS)

    def take_the_keyboard(self) -> None:
        """Put the keys into the window; it needs no window manager for that.

        The search fails where another window of the program goes away just as it is looked at.
        """
        wait_until(self._focuses, "the window of the program")
        wait_until(lambda: look(self.door)["focus"] != "", "the keyboard at the readers page")

    def _focuses(self) -> bool:
        seen = {**os.environ, "DISPLAY": self.screen.display}
        search = ("xdotool", "search", "--onlyvisible", "--name", "Oathdesk")
        words = (*search, "windowfocus", "--sync")
        return subprocess.run(words, env=seen, check=False, timeout=HANG_SECONDS).returncode == 0

    def _told(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def _xdotool(self, *words: str) -> None:
        seen = {**os.environ, "DISPLAY": self.screen.display}
        subprocess.run(["xdotool", *words], env=seen, check=True, timeout=HANG_SECONDS)


def _position(key: str) -> str:
    return ("shift+" if key.isupper() else "") + str(POSITION[key.lower()])


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """One window for all layouts: the X server tells it when the layout changes."""
    with a_screen() as screen:
        home: Path = tmp_path_factory.mktemp("reader")
        seen = environment(home, DISPLAY=screen.display, QT_QPA_PLATFORM="xcb")
        door = home / "door"
        command = [sys.executable, "-m", "tests.journeys.trying", str(door)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, env=seen, stdout=pipe, text=True) as process:
            try:
                reader = Reader(screen, process, door)
                reader.take_the_keyboard()
                yield reader
            finally:
                process.terminate()


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layout_of_a_real_keyboard_is_found(name: str, reader: Reader) -> None:
    layout = LAYOUTS[name]
    wrong = [] if layout is Layout.SAME else ["layout"]
    proposed = layout.value if wrong else None
    reader.set_layout(name)
    plain = reader.scan(REFERENCE)
    assert plain["arrived"] == Way(layout, CapsLock.OFF).typed(REFERENCE)
    assert _of_the_layout(plain) == (wrong, proposed)
    locked = reader.scan(REFERENCE, caps=True)
    caps = CapsLock.TURKISH if layout is Layout.TURKISH else CapsLock.LETTERS
    assert locked["arrived"] == Way(layout, caps).typed(REFERENCE)
    assert _of_the_layout(locked) == ([*wrong, "caps lock"], proposed)


def _of_the_layout(trial: dict[str, Any]) -> tuple[list[str], str | None]:
    """Return the troubles and the proposed layout, without the pace of a busy machine's keys."""
    kinds = [kind for kind in trial["kinds"] if kind != "slow"]
    return kinds, tomllib.loads(trial["lines"]).get("scanner", {}).get("layout")
