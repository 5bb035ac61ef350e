"""Listens to the keys of a scanner that is tried out: all of them, however slow they come.

In place of core.wedge while scanners are tried. There the rhythm decides what is a scan; here it is
what one wants to see, so nothing is judged and no printable key reaches a field. An Enter or Tab
after other keys ends what came; so does a pause.

A page that swallowed every key could not be used without a mouse. So Enter and Tab go their way
where nothing came before them, and a space bar pressed alone is given back after the pause: that is
how buttons are reached and pressed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from app.core.trial import Arrival, Ending
from app.core.wedge import MAXIMUM_TEXT, Key

PAUSE: Final = 0.6
"""Seconds without a key that end what came: longer than the slowest setting of core.wedge."""

_TAIL: Final = 0.12
"""Seconds after an ending in which another belongs to it: many scanners send CR and LF."""
_EDITING: Final = frozenset("\x08\x1b\x7f")
"""Backspace, Escape and Delete: no scanner sends them, and Escape leads away from the page."""
_ENDINGS: Final = {"\t": Ending.TAB, "\n": Ending.LINE_FEED}


@dataclass(frozen=True, slots=True)
class Taken:
    """What to do: type `replay`, stop the key just fed if `swallow`, and tell of `arrival`."""

    swallow: bool = False
    replay: tuple[Key, ...] = ()
    arrival: Arrival | None = field(default=None, repr=False)


class TrialKeys:
    """The listener. Fed like core.wedge.Wedge; holds no clock and no timer."""

    def __init__(self) -> None:
        self._on = False
        self._keys: list[Key] = []
        self._ended_at = -math.inf

    def __repr__(self) -> str:
        return f"TrialKeys(held={len(self._keys)})"

    def turn(self, *, on: bool) -> None:
        """Listen from now on, or no more. What is on its way when it ends is kept from the page."""
        self._on = on

    @property
    def listening(self) -> bool:
        """Whether keys belong here."""
        return self._on or bool(self._keys)

    @property
    def deadline(self) -> float | None:
        """When `tick` is due, on the clock of the keys; None while nothing is held."""
        return self._keys[-1].at + PAUSE if self._keys else None

    @property
    def may_give_back(self) -> bool:
        """Whether the one key that is held may still turn out to be meant for the page."""
        return [key.text for key in self._keys] == [" "]

    def feed(self, key: Key) -> Taken:
        """Take in a key press, in the order of the presses, after a `tick` at its time."""
        if key.terminator or key.text == "\n":
            return self._end(key)
        if not key.text or key.text in _EDITING:
            return Taken()
        if len(self._keys) < MAXIMUM_TEXT:
            self._keys.append(key)
        return Taken(swallow=True)

    def tick(self, now: float) -> Taken:
        """Settle what has waited for the pause; harmless at any other time."""
        if self.deadline is None or now < self.deadline:
            return Taken()
        if self.may_give_back:
            keys, self._keys = tuple(self._keys), []
            return Taken(replay=keys)
        return Taken(arrival=self._arrival(Ending.NOTHING))

    def _end(self, key: Key) -> Taken:
        if not self._keys:
            return Taken(swallow=0 <= key.at - self._ended_at <= _TAIL)
        self._ended_at = key.at
        return Taken(swallow=True, arrival=self._arrival(_ENDINGS.get(key.text, Ending.ENTER)))

    def _arrival(self, ending: Ending) -> Arrival | None:
        """What came, for whoever listens; None where nobody does any more."""
        keys, self._keys = self._keys, []
        if not self._on:
            return None
        return Arrival(tuple(Key(key.text, key.at) for key in keys), ending)
