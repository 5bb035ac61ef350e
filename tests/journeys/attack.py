"""Somebody who leans on the keyboard of a kiosk and hits its screen, at random and without mercy.

A seed tells which keys and where, so that what was found once can be found again.
"""

import os
import random
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.patience import HANG_SECONDS

LETTERS = [*"abcdefghijklmnopqrstuvwxyz0123456789", "space", "minus", "period", "at", "slash"]
NAMED = [
    "Return", "KP_Enter", "Tab", "ISO_Left_Tab", "Escape", "BackSpace", "Delete", "Insert", "Home",
    "End", "Prior", "Next", "Left", "Right", "Up", "Down", "Menu", "Print", "Pause", "Scroll_Lock",
    "Help", "Find", "Undo", "Redo", "Cancel", "Execute", "Select", "Super_L", "Super_R",
    "Multi_key", "Sys_Req", "XF86HomePage", "XF86Mail", "XF86Search", "XF86WWW", "XF86Explorer",
    "XF86Calculator", "XF86Tools", "XF86Back", "XF86Forward", "XF86Reload", "XF86Close",
    "XF86Copy", "XF86Paste", "XF86Cut", "XF86Open", "XF86New", "XF86Save", "XF86Favorites",
    "XF86AudioMute", "XF86Launch1", "XF86MyComputer", "XF86Documents", "XF86TaskPane",
]  # fmt: skip
FUNCTIONS = [f"F{number}" for number in range(1, 25)]
KEYS = [*LETTERS, *NAMED, *FUNCTIONS]
HELD = ["", "ctrl", "alt", "shift", "super", "ctrl+shift", "ctrl+alt", "alt+shift", "ctrl+super",
        "ctrl+alt+shift"]  # fmt: skip
TELLING = ["alt+F4", "ctrl+q", "ctrl+w", "F1", "F11", "alt+Tab", "alt+space", "ctrl+o", "ctrl+s",
           "ctrl+p", "shift+F10", "ctrl+alt+Delete", "ctrl+Escape", "super+e", "super+d", "alt+F2",
           "ctrl+shift+Escape", "ctrl+n", "ctrl+shift+i"]  # fmt: skip
"""What leads out of most programs."""
BATCH = 24


def chance(seed: int) -> random.Random:
    """Chance that a seed can tell again."""
    return random.Random(seed)  # noqa: S311 - nothing here is a secret


@dataclass
class Attacker:
    """Hands on the keyboard and on the glass of `display`, of `size` px."""

    display: str
    size: tuple[int, int]
    chance: random.Random
    acts: int = 0

    def batches(self) -> Iterator[list[str]]:
        """Give words for xdotool: every key once and what leads out, then anything, for ever."""
        first = [("key", chord) for chord in (*TELLING, *KEYS)]
        while first:
            yield [word for act in first[:BATCH] for word in act]
            del first[:BATCH]
        while True:
            yield [word for _ in range(BATCH) for word in self._anything()]

    def _anything(self) -> Sequence[str]:
        if self.chance.random() < 0.3:
            return self._tap()
        held, key = self.chance.choice(HELD), self.chance.choice(KEYS)
        return ("key", f"{held}+{key}" if held else key)

    def _tap(self) -> Sequence[str]:
        wide, high = self.size
        place = self.chance.choice(
            [
                (self.chance.randrange(wide), self.chance.randrange(high)),
                (self.chance.randrange(wide), self.chance.randrange(high)),
                (self.chance.choice([0, wide - 1]), self.chance.choice([0, high - 1])),
            ]
        )
        button = self.chance.choice(["1", "1", "1", "2", "3", "8", "9"])
        times = self.chance.choice(["1", "1", "2"])
        return ("mousemove", str(place[0]), str(place[1]), "click", "--repeat", times, button)

    def strike(self, batch: list[str]) -> None:
        """Do all of `batch` as fast as it goes."""
        self.acts += BATCH
        self.run(*batch)

    def run(self, *words: str) -> str:
        """Run xdotool; what it says."""
        done = subprocess.run(
            ["xdotool", *words],
            env={**os.environ, "DISPLAY": self.display},
            check=False,  # a key that this X server does not know is none
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
        )
        return done.stdout

    def windows(self, pid: int) -> list[str]:
        """Every window of the process `pid` that can be seen."""
        found = self.run("search", "--all", "--onlyvisible", "--pid", str(pid), "--name", "")
        return found.split()

    def in_front(self) -> str:
        """The window that has the keyboard."""
        return self.run("getactivewindow").strip()

    def geometry(self, window: str) -> tuple[int, int, int, int]:
        """Where a window is, and how large: x, y, width, height."""
        told = self.run("getwindowgeometry", "--shell", window)
        lines = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        return tuple(int(lines[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))  # type: ignore[return-value] # - four
