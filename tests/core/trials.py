"""A scanner with everything that can be wrong with it, put onto a text."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.layouts import CapsLock, Layout
from app.core.trial import REFERENCE, Arrival, Ending
from app.core.trial_ways import Way
from app.core.wedge import Key

FAST = 0.002


def arrive(text: str, gap: float = FAST, ending: Ending = Ending.ENTER) -> Arrival:
    """What comes of `text`, one key each `gap` seconds."""
    return Arrival(tuple(Key(letter, 100 + n * gap) for n, letter in enumerate(text)), ending)


@dataclass(frozen=True)
class Scanner:
    """How a scanner is set, and on what machine it types."""

    layout: Layout = Layout.SAME
    caps: CapsLock = CapsLock.OFF
    prefix: str = ""
    aim: str = ""
    suffix: str = ""
    gap: float = FAST
    ending: Ending = Ending.ENTER

    def types(self, text: str = REFERENCE) -> str:
        """What the machine makes of `text`, and of what the scanner sends around it."""
        sent = f"{self.prefix}{self.aim}{text}{self.suffix}"
        return Way(self.layout, self.caps).typed(sent)

    def scans(self, text: str = REFERENCE) -> Arrival:
        """The keys of a scan of `text`."""
        return arrive(self.types(text), self.gap, self.ending)
