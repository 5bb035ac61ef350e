"""What happens in one reader, told as events: a pure little machine, without a clock of its own.

The service reports states, not events. Between two looks a card can be taken away and another laid
down; the count of events that the service keeps in the upper half of the flags tells so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from app.core.reading import (
    CardEvent,
    CardGone,
    CardRead,
    CardReading,
    CardSeen,
    Help,
    NeedsHelp,
    TokenReading,
)
from app.readers.probe import Card, is_pad
from app.readers.winscard import STATE_CHANGED, STATE_MUTE, STATE_PRESENT, STATE_UNAWARE, SlotState

_COUNT_BITS: Final = 16


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the card thread is; all in seconds, but `tries`.

    `back_off` are the pauses before the service is tried again, the last one for ever. A card that
    cannot be talked to is tried `tries` times, `between` apart; one that another program holds
    every `held` after that. `budget` is what one card may take; `poll` the longest wait for a
    change; `double` how soon after the other a read of the same card is the same read.
    """

    back_off: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    tries: int = 5
    between: float = 0.2
    held: float = 1.0
    budget: float = 2.0
    poll: float = 1.0
    double: float = 2.0


@dataclass(slots=True)
class DoubleReads:
    """Remembers what was told last of each reader, so that a card that flutters is told once."""

    within: float
    _last: dict[str, tuple[CardReading, float]] = field(default_factory=dict)

    def is_new(self, reader: str, reading: CardReading, now: float) -> bool:
        """Take note of a reading at `now` (seconds, monotonic); whether it is to be told."""
        last = self._last.get(reader)
        self._last = {name: seen for name, seen in self._last.items() if self._counts(seen, now)}
        self._last[reader] = (reading, now)
        return last is None or not self._counts(last, now) or _who(last[0]) != _who(reading)

    def left(self, reader: str, now: float) -> None:
        """Take note that the card of `reader` was taken away: the seconds count from now on."""
        if reader in self._last:
            self._last[reader] = (self._last[reader][0], now)

    def _counts(self, seen: tuple[CardReading, float], now: float) -> bool:
        return now - seen[1] < self.within


def _who(reading: CardReading) -> object:
    if isinstance(reading, TokenReading):
        return reading.family, reading.serial
    return reading.why if isinstance(reading, NeedsHelp) else reading


class Slot:
    """One reader. Times are seconds of a monotonic clock; `due` is when its card is to be tried."""

    def __init__(self, reader: str, pace: Pace, doubles: DoubleReads) -> None:
        self.reader = reader
        self.due: float | None = None
        self._pace = pace
        self._doubles = doubles
        self._known = SlotState(reader, STATE_UNAWARE, b"")
        self._has_card = False
        self._read = False
        self._tries = 0

    @property
    def known(self) -> SlotState:
        """What the service is to compare with."""
        return self._known

    @property
    def card(self) -> Card:
        """What is known of the card that is there."""
        return Card(self.reader, self._known.atr)

    @property
    def is_mute(self) -> bool:
        """Whether something is there that did not even answer the reader."""
        return bool(self._known.flags & STATE_MUTE)

    def update(self, state: SlotState, now: float) -> Iterator[CardEvent]:
        """Take in what the service says; yield what happened since it was asked before."""
        before, was_mute = self._known, self.is_mute
        self._known = SlotState(state.reader, state.flags & ~STATE_CHANGED, state.atr)
        is_there = bool(state.flags & STATE_PRESENT)
        if self._has_card and (not is_there or _swapped(before, state)):
            yield from self.leave(now)
        if is_there and not self._has_card:
            self._has_card, self._read, self._tries, self.due = True, False, 0, now
            yield CardSeen(self.reader)
        elif is_there and was_mute and not self.is_mute:
            self._read, self._tries, self.due = False, 0, now

    def leave(self, now: float) -> Iterator[CardEvent]:
        """The card was taken away, or its reader with it."""
        if not self._has_card:
            return
        if not self._read:
            yield from self._tell(NeedsHelp(Help.LIFTED), now)
        self._doubles.left(self.reader, now)
        self._has_card, self.due = False, None
        yield CardGone(self.reader)

    def answered(self, reading: CardReading, now: float) -> Iterator[CardEvent]:
        """The card was read."""
        self._read, self.due = True, None
        yield from self._tell(reading, now)

    def failed(self, why: Help, detail: str, now: float) -> Iterator[CardEvent]:
        """The card could not be talked to: plan another try, or tell that somebody has to help."""
        self._tries += 1
        if self._tries < self._pace.tries:
            self.due = now + self._pace.between
            return
        if self._tries == self._pace.tries:
            yield from self.gave_up(why, detail, now)
        if why is Help.BUSY:
            self.due = now + self._pace.held

    def gave_up(self, why: Help, detail: str, now: float) -> Iterator[CardEvent]:
        """The card could not be talked to, and another try is of no use."""
        yield from self.answered(NeedsHelp(self._why(why), detail), now)

    def _why(self, why: Help) -> Help:
        asleep = why is Help.UNRESPONSIVE and self.is_mute and is_pad(self.reader)
        return Help.ASLEEP if asleep else why

    def _tell(self, reading: CardReading, now: float) -> Iterator[CardEvent]:
        if self._doubles.is_new(self.reader, reading, now):
            yield CardRead(self.reader, reading)


def _swapped(before: SlotState, after: SlotState) -> bool:
    """Whether it is another card: by the count of events, or where none is kept by its ATR."""
    counted = (before.flags ^ after.flags) >> _COUNT_BITS != 0
    return counted or (before.atr != after.atr and bool(before.atr) and bool(after.atr))
