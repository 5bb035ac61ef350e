"""Watches all card readers on one thread that owns the PC/SC context, whatever comes and goes.

The thread asks the service what changed and tells it as events; each card is asked by a thread of
its own (`talk`), so that one card that hangs holds up no other. The watch never ends of itself: a
service that is missing or stops is waited for. Nothing it meets is an error to its owner; what is
missing is an event like a card.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from app.core.ports import Clock
from app.core.reading import (
    CardReading,
    Help,
    Missing,
    NeedsHelp,
    NoReader,
    ReaderAppeared,
    ReaderEvent,
    ReaderGone,
    ServiceBack,
    ServiceMissing,
    TokenReading,
)
from app.readers.probe import is_pad
from app.readers.slot import DoubleReads, Pace, Slot
from app.readers.talk import Talk
from app.readers.winscard import (
    STATE_CHANGED,
    ReaderLost,
    ServiceLost,
    SlotState,
    Unusable,
    Winscard,
    load,
    new_reader_notice,
)

_LOG = logging.getLogger("oathdesk.readers")
_STOPPING: Final = 3.0
"""Seconds that `stop` waits for a card that is being asked."""
_BREATH: Final = 0.05
"""Seconds between two looks where there is nothing to wait for."""

Told = Callable[[ReaderEvent], None]


class PcscReader:
    """Fulfils core.ports.CardReader. `clock` dates what a token's own clock is compared with.

    `make` loads the calls of PC/SC; it is called again after each failure.
    """

    def __init__(
        self, clock: Clock, pace: Pace | None = None, make: Callable[[], Winscard] = load
    ) -> None:
        self._clock = clock
        self._pace = pace or Pace()
        self._make = make
        self._watch: _Watch | None = None

    def start(self, told: Told) -> None:
        """Begin to watch. Raises RuntimeError where it has begun already."""
        if self._watch is not None:
            raise RuntimeError("the readers are watched already")
        self._watch = _Watch(self._clock, self._pace, self._make, told)
        self._watch.start()

    def stop(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()


class _Watch(threading.Thread):
    """One run, from start to stop. The lock guards the slots and lets one event out at a time."""

    def __init__(self, clock: Clock, pace: Pace, make: Callable[[], Winscard], told: Told) -> None:
        super().__init__(name="cards", daemon=True)
        self._clock = clock
        self._pace = pace
        self._make = make
        self._told = told
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._open: tuple[Winscard, int] | None = None
        self._slots: dict[str, Slot] = {}
        self._talks: dict[str, Talk] = {}
        self._notice: list[SlotState] = []
        self._doubles = DoubleReads(pace.double)
        self._missing: Missing | None = None
        self._failures = 0
        self._without_reader = False

    def stop(self) -> None:
        """End the watch and, within 3 s, the conversations; one that hangs ends by itself."""
        self._ending.set()
        deadline = time.monotonic() + _STOPPING
        while self.is_alive() and time.monotonic() < deadline:
            open_now = self._open
            if open_now is not None:
                open_now[0].cancel(open_now[1])
            self.join(_BREATH)
        for talk in list(self._talks.values()):
            talk.give_up()
            if talk.opened_at is not None:
                talk.join(max(0.0, deadline - time.monotonic()))
        with self._lock:  # an event that is being told is told to its end
            pass

    def run(self) -> None:
        while not self._ending.is_set():
            try:
                api = self._make()
                context = api.establish()
            except Unusable as error:
                self._is_missing(error.why, error.detail)
            else:
                self._watch(api, context)
            self._pause()

    def _watch(self, api: Winscard, context: int) -> None:
        """Watch through one context until it dies or the thread is to end."""
        self._open = (api, context)
        self._missing = None
        self._notice = new_reader_notice()
        self._tell(ServiceBack())
        try:
            while not self._ending.is_set():
                self._look(api, context)
                self._failures = 0
        except ServiceLost as error:
            self._forget_readers(())
            self._is_missing(Missing.SERVICE, str(error))
        finally:
            self._open = None
            api.release(context)

    def _look(self, api: Winscard, context: int) -> None:
        """Wait once for a change, or for a card to be overdue; take in what there is."""
        self._take_in_readers(api.readers(context))
        states = self._changes(api, context, self._patience())
        with self._lock:
            for state in states:
                self._take_in(api, state)
            for slot in self._slots.values():
                self._complain(slot)

    def _changes(self, api: Winscard, context: int, patience: float) -> list[SlotState]:
        known = [slot.known for slot in self._slots.values()] + self._notice
        if not known:
            self._ending.wait(patience)
            return []
        asked_at = time.monotonic()
        try:
            states = api.changes(context, patience, known)
        except ReaderLost:
            states = []
            if self._slots.keys() <= set(api.readers(context)):
                self._notice = []  # no reader is gone, so this system does not know the notice
        if not _differ(states, known) and time.monotonic() - asked_at < _BREATH:
            # Some services do not wait: a Windows without readers, or Wine, which ignores what is
            # known already. Without this pause the thread would ask without end.
            self._ending.wait(min(_BREATH, patience))
        return states

    def _take_in_readers(self, names: list[str]) -> None:
        self._forget_readers(names)
        for name in names:
            if name not in self._slots:
                self._slots[name] = Slot(name, self._doubles)
                self._tell(ReaderAppeared(name, pad=is_pad(name)))
        if not names and not self._without_reader:
            self._tell(NoReader())
        self._without_reader = not names

    def _forget_readers(self, but: Iterable[str]) -> None:
        kept = set(but)
        with self._lock:
            for name in [name for name in self._slots if name not in kept]:
                slot = self._slots.pop(name)
                self._tell(*slot.leave(time.monotonic()), ReaderGone(name))
                self._end_talk(name)

    def _take_in(self, api: Winscard, state: SlotState) -> None:
        slot = self._slots.get(state.reader)
        if slot is None:
            self._notice = [SlotState(state.reader, state.flags & ~STATE_CHANGED, b"")]
            return
        before = slot.card_number
        self._tell(*slot.update(state, time.monotonic()))
        if slot.card_number != before:
            self._end_talk(slot.reader)
            if slot.since is not None and not slot.is_mute:
                self._begin_talk(api, slot)

    def _begin_talk(self, api: Winscard, slot: Slot) -> None:
        number = slot.card_number

        def told(reading: CardReading) -> None:
            with self._lock:
                if slot.card_number == number:
                    self._answered(slot, reading)

        self._talks[slot.reader] = Talk(api, slot.card, self._pace, told)
        self._talks[slot.reader].start()

    def _end_talk(self, reader: str) -> None:
        talk = self._talks.pop(reader, None)
        if talk is not None:
            talk.give_up()

    def _patience(self) -> float:
        """Seconds until a card is overdue, at most a poll; never negative."""
        with self._lock:
            due = [self._due(slot) for slot in self._slots.values()]
        left = (each - time.monotonic() for each in due if each is not None)
        return max(0.0, min([self._pace.poll, *left]))

    def _due(self, slot: Slot) -> float | None:
        """When a card that has said nothing is to be told as such; None where none is."""
        if slot.since is None or slot.is_read:
            return None
        opened_at = self._opened_at(slot)
        if opened_at is None:
            return slot.since + self._pace.opening
        return opened_at + 2 * self._pace.budget

    def _opened_at(self, slot: Slot) -> float | None:
        talk = self._talks.get(slot.reader)
        return talk.opened_at if talk is not None else None

    def _complain(self, slot: Slot) -> None:
        """Tell of a card that is overdue; its conversation goes on, and may yet bear fruit."""
        due = self._due(slot)
        if due is None or due > time.monotonic():
            return
        if slot.is_mute:
            why = Help.ASLEEP if is_pad(slot.reader) else Help.UNRESPONSIVE
            self._answered(slot, NeedsHelp(why, "no answer to reset"))
        elif self._opened_at(slot) is None:
            self._answered(slot, NeedsHelp(Help.BUSY, "SCardConnect waits"))
        else:
            self._answered(slot, NeedsHelp(Help.UNRESPONSIVE, "SCardTransmit waits"))

    def _answered(self, slot: Slot, reading: CardReading) -> None:
        if isinstance(reading, TokenReading):
            reading = reading.compared_with(self._clock.now())
        self._tell(*slot.answered(reading, time.monotonic()))

    def _is_missing(self, why: Missing, detail: str) -> None:
        self._without_reader = False
        if why is not self._missing:
            _LOG.info("no card reader can be used: %s (%s)", why.value, detail)
            self._tell(ServiceMissing(why, detail))
        self._missing = why

    def _pause(self) -> None:
        """Wait before the service is tried again, longer each time."""
        pauses = self._pace.back_off
        self._ending.wait(pauses[min(self._failures, len(pauses) - 1)])
        self._failures += 1

    def _tell(self, *events: ReaderEvent) -> None:
        with self._lock:
            for event in events:
                if not self._ending.is_set():
                    self._told(event)


def _differ(states: Iterable[SlotState], known: Iterable[SlotState]) -> bool:
    """Tell whether the service saw anything that is not known; an event counts as well."""
    before = {state.reader: (state.flags & ~STATE_CHANGED, state.atr) for state in known}
    return any(
        before.get(state.reader) != (state.flags & ~STATE_CHANGED, state.atr) for state in states
    )
