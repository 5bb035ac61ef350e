"""Watches all card readers on one thread that owns the PC/SC context, whatever comes and goes.

The thread asks the service what changed, tells it as events, and talks to cards one at a time. It
never ends of itself: a service that is missing or stops is waited for. Nothing it meets is an
error to its owner; what is missing is an event like a card.
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
    Missing,
    NoReader,
    ReaderAppeared,
    ReaderEvent,
    ReaderGone,
    ServiceBack,
    ServiceMissing,
    TokenReading,
)
from app.readers.slot import DoubleReads, Pace, Slot
from app.readers.talk import TooSlow, converse
from app.readers.winscard import (
    STATE_CHANGED,
    UNRESPONSIVE,
    CardTrouble,
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
"""Seconds that `stop` waits for a card that is being talked to."""
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
    """One run, from start to stop."""

    def __init__(self, clock: Clock, pace: Pace, make: Callable[[], Winscard], told: Told) -> None:
        super().__init__(name="cards", daemon=True)
        self._clock = clock
        self._pace = pace
        self._make = make
        self._told = told
        self._ending = threading.Event()
        self._open: tuple[Winscard, int] | None = None
        self._slots: dict[str, Slot] = {}
        self._notice: list[SlotState] = []
        self._doubles = DoubleReads(pace.double)
        self._missing: Missing | None = None
        self._failures = 0
        self._without_reader = False

    def stop(self) -> None:
        """End the thread; one that waits for a card longer than 3 s is left to end by itself."""
        self._ending.set()
        deadline = time.monotonic() + _STOPPING
        while self.is_alive() and time.monotonic() < deadline:
            if self._open is not None:
                self._open[0].cancel(self._open[1])
            self.join(_BREATH)
        if self.is_alive():
            _LOG.warning("a card is still being talked to; its thread ends with its answer")

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
        """Wait for a change, once, and for the time a card is due; take in what there is."""
        self._take_in_readers(api.readers(context))
        known = [slot.known for slot in self._slots.values()] + self._notice
        states = api.changes(context, self._patience(), known) if known else []
        if not states:
            self._ending.wait(min(_BREATH, self._patience()) if known else self._patience())
        for state in states:
            self._take_in(state)
        for slot in list(self._slots.values()):
            if slot.due is not None and slot.due <= time.monotonic():
                self._try(api, context, slot)

    def _take_in_readers(self, names: Iterable[str]) -> None:
        names = list(names)
        self._forget_readers(names)
        for name in names:
            if name not in self._slots:
                self._slots[name] = Slot(name, self._pace, self._doubles)
                self._tell(ReaderAppeared(name))
        if not names and not self._without_reader:
            self._tell(NoReader())
        self._without_reader = not names

    def _forget_readers(self, but: Iterable[str]) -> None:
        for name in set(self._slots) - set(but):
            slot = self._slots.pop(name)
            self._tell(*slot.leave(time.monotonic()), ReaderGone(name))

    def _take_in(self, state: SlotState) -> None:
        slot = self._slots.get(state.reader)
        if slot is None:
            self._notice = [SlotState(state.reader, state.flags & ~STATE_CHANGED, b"")]
        else:
            self._tell(*slot.update(state, time.monotonic()))

    def _patience(self) -> float:
        """Seconds until a card is due, at most a poll; never negative."""
        due = [slot.due for slot in self._slots.values() if slot.due is not None]
        return max(0.0, min([self._pace.poll, *(each - time.monotonic() for each in due)]))

    def _try(self, api: Winscard, context: int, slot: Slot) -> None:
        """Talk to a card once; ServiceLost passes through."""
        try:
            reading = self._read(api, context, slot)
        except ReaderLost:
            slot.due = None  # the list of readers will tell
        except TooSlow as error:
            self._tell(*slot.gave_up(error.help, str(error), time.monotonic()))
        except CardTrouble as error:
            self._tell(*slot.failed(error.help, str(error), time.monotonic()))
        else:
            self._tell(*slot.answered(reading, time.monotonic()))

    def _read(self, api: Winscard, context: int, slot: Slot) -> CardReading:
        if slot.is_mute:
            raise CardTrouble("a card without answer to reset", UNRESPONSIVE)
        reading = converse(api, context, slot.card, self._pace.budget)
        if isinstance(reading, TokenReading):
            return reading.compared_with(self._clock.now())
        return reading

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
        for event in events:
            if not self._ending.is_set():
                self._told(event)
