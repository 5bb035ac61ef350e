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
from app.readers.probe import Card
from app.readers.winscard import STATE_CHANGED, STATE_MUTE, STATE_PRESENT, STATE_UNAWARE, SlotState

_COUNT_BITS: Final = 16


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient we are with readers and cards; all in seconds, but `tries`.

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

    @property
    def opening(self) -> float:
        """Seconds after which a card that is being opened still is told: one more than it is tried.

        Trying tells by itself; this is for a call that waits.
        """
        return (self.tries + 1) * self.between


@dataclass(slots=True)
class DoubleReads:
    """Remembers what was told last of each reader, so that a card that flutters is told once."""

    within: float
    _last: dict[str, tuple[CardReading, float]] = field(default_factory=dict)

    def is_new(self, reader: str, reading: CardReading, now: float) -> bool:
        """Take note of a reading at `now` (seconds, monotonic); whether it is to be told.

        A card that was read and is lifted at once is no card lifted too soon.
        """
        self._last = {name: seen for name, seen in self._last.items() if self._counts(seen, now)}
        last = self._last.get(reader)
        if last is not None and reading == NeedsHelp(Help.LIFTED):
            reading = last[0]
        self._last[reader] = (reading, now)
        return last is None or _who(last[0]) != _who(reading)

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
    """One reader. Times are seconds of a monotonic clock.

    `card_number` counts the cards that were laid down; an answer of an earlier one is nobody's.
    `since` is when there was something to ask for the first time, None while there is not.
    """

    def __init__(self, reader: str, doubles: DoubleReads) -> None:
        self.reader = reader
        self.card_number = 0
        self.since: float | None = None
        self.is_read = False
        self._doubles = doubles
        self._known = SlotState(reader, STATE_UNAWARE, b"")

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
        if self.since is not None and (not is_there or _swapped(before, state)):
            yield from self.leave(now)
        if is_there and self.since is None:
            self._begin(now)
            yield CardSeen(self.reader)
        elif is_there and was_mute and not self.is_mute:
            self._begin(now)

    def leave(self, now: float) -> Iterator[CardEvent]:
        """The card was taken away, or its reader with it."""
        if self.since is None:
            return
        if not self.is_read:
            yield from self.answered(NeedsHelp(Help.LIFTED), now)
        self._doubles.left(self.reader, now)
        self.since = None
        self.card_number += 1
        yield CardGone(self.reader)

    def answered(self, reading: CardReading, now: float) -> Iterator[CardEvent]:
        """The card was read, or could not be."""
        self.is_read = True
        if self._doubles.is_new(self.reader, reading, now):
            yield CardRead(self.reader, reading)

    def _begin(self, now: float) -> None:
        self.card_number += 1
        self.since, self.is_read = now, False


def _swapped(before: SlotState, after: SlotState) -> bool:
    """Whether it is another card: by the count of events, or where none is kept by its ATR."""
    counted = (before.flags ^ after.flags) >> _COUNT_BITS != 0
    return counted or (before.atr != after.atr and bool(before.atr) and bool(after.atr))
