"""A PC/SC service in memory, in the shape of pyscard's functions, for what a real one cannot do.

Readers are plugged and pulled, programs reset cards or open them for themselves alone, systems
count no events or hand codes over as negative numbers. It keeps the rules of the real one: a change
wakes who waits, handles of a card that is gone fail.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from app.readers.winscard import Winscard
from tests.readers.cards import FakeCard

NO_SERVICE = 0x8010001D
NO_READERS = 0x8010002E
TIMEOUT = 0x8010000A
CANCELLED = 0x80100002
UNKNOWN_READER = 0x80100009
SHARING = 0x8010000B
REMOVED = 0x80100069
RESET = 0x80100068
EMPTY, PRESENT, MUTE, CHANGED = 0x10, 0x20, 0x200, 0x2
NOTICE = "\\\\?PnP?\\Notification"
Answer = list[object]


@dataclass
class Place:
    """One reader of the service."""

    card: FakeCard | None = None
    mute: bool = False
    count: int = 0

    @property
    def flags(self) -> int:
        there = EMPTY if self.card is None and not self.mute else PRESENT
        return self.count << 16 | there | (MUTE if self.mute else 0)


@dataclass
class Scard:
    """Stands where `smartcard.scard` does. What a test does to the service has plain names."""

    SCARD_SCOPE_USER = 0
    SCARD_SHARE_SHARED = 2
    SCARD_PROTOCOL_T0 = 1
    SCARD_PROTOCOL_T1 = 2
    SCARD_LEAVE_CARD = 0
    SCARD_ATTR_ATR_STRING = 0x90303
    SCARD_PCI_T0 = "T=0"
    SCARD_PCI_T1 = "T=1"

    runs: bool = True
    counts: bool = True
    knows_notice: bool = True
    negative: bool = False
    exclusive: bool = False
    resets: int = 0
    waits: bool = True
    """Whether a wait for changes waits at all; Wine's answers at once, whatever is known."""
    looks: int = 0
    silent: bool = False
    """A command is reported as success without an answer."""
    dispositions: set[int] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)
    generation: int = 0
    _handles: dict[int, tuple[str, FakeCard]] = field(default_factory=dict)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _cancelled: bool = False

    # What a test does

    def winscard(self) -> Winscard:
        return Winscard(self)

    def plug(self, reader: str) -> None:
        with self._news:
            self.places[reader] = Place()
            self.generation += 1
            self._news.notify_all()

    def unplug(self, reader: str) -> None:
        with self._news:
            del self.places[reader]
            self.generation += 1
            self._news.notify_all()

    def lay(self, reader: str, card: FakeCard | None, *, mute: bool = False) -> None:
        """Take away what is on `reader` and lay down `card`, or nothing."""
        with self._news:
            place = self.places[reader]
            place.card, place.mute = card, mute
            place.count += self.counts
            self._news.notify_all()

    def halt(self, *, runs: bool = False) -> None:
        with self._news:
            self.runs = runs
            self._news.notify_all()

    # What pyscard does

    def SCardEstablishContext(self, scope: int) -> Answer:  # noqa: N802 - pyscard's own name
        return [self._code(0 if self.runs else NO_SERVICE), 7]

    def SCardReleaseContext(self, context: int) -> int:  # noqa: N802 - the same
        return 0

    def SCardCancel(self, context: int) -> int:  # noqa: N802 - the same
        with self._news:
            self._cancelled = True
            self._news.notify_all()
        return 0

    def SCardListReaders(self, context: int, groups: list[str]) -> Answer:  # noqa: N802 - the same
        if not self.runs:
            return [self._code(NO_SERVICE), []]
        return [self._code(0 if self.places else NO_READERS), list(self.places)]

    def SCardGetStatusChange(  # noqa: N802 - the same
        self, context: int, milliseconds: int, states: list[tuple[str, int]]
    ) -> Answer:
        deadline = time.monotonic() + milliseconds / 1000
        generation = self.generation
        with self._news:
            self.looks += 1
            while True:
                code, found = self._look(states, generation)
                if not self.waits:
                    return [0, found]
                left = deadline - time.monotonic()
                if code != TIMEOUT or left <= 0:
                    self._cancelled = False
                    return [self._code(code), found]
                self._news.wait(left)

    def _look(self, states: list[tuple[str, int]], generation: int) -> tuple[int, list[object]]:
        if not self.runs:
            return NO_SERVICE, []
        if self._cancelled:
            return CANCELLED, []
        if any(not self._is_known(name) for name, _ in states):
            return UNKNOWN_READER, []
        found: list[object] = []
        changed = False
        for name, before in states:
            if name == NOTICE:
                changed |= self.generation != generation
                found.append((name, 0, []))
                continue
            place = self.places[name]
            differs = place.flags != before
            changed |= differs
            atr = list(place.card.atr) if place.card else []
            found.append((name, place.flags | (CHANGED if differs else 0), atr))
        return (0 if changed else TIMEOUT), found

    def _is_known(self, name: str) -> bool:
        return name in self.places or (name == NOTICE and self.knows_notice)

    def SCardConnect(  # noqa: N802 - the same
        self, context: int, reader: str, mode: int, protocols: int
    ) -> Answer:
        assert mode == self.SCARD_SHARE_SHARED
        if self.exclusive:
            return [self._code(SHARING), 0, 0]
        place = self.places.get(reader)
        if place is None:
            return [self._code(UNKNOWN_READER), 0, 0]
        if place.card is None:
            return [self._code(REMOVED), 0, 0]
        handle = len(self._handles) + 1
        self._handles[handle] = (reader, place.card)
        return [self._code(0), handle, self.SCARD_PROTOCOL_T1]

    def SCardReconnect(  # noqa: N802 - the same
        self, handle: int, mode: int, protocols: int, initialization: int
    ) -> Answer:
        self.dispositions.add(initialization)
        return [self._state(handle), self.SCARD_PROTOCOL_T0]

    def SCardDisconnect(self, handle: int, disposition: int) -> int:  # noqa: N802 - the same
        self.dispositions.add(disposition)
        return self._state(handle)

    def SCardGetAttrib(self, handle: int, attribute: int) -> Answer:  # noqa: N802 - the same
        return [self._state(handle), []]

    def SCardBeginTransaction(self, handle: int) -> int:  # noqa: N802 - the same
        return self._state(handle)

    def SCardEndTransaction(self, handle: int, disposition: int) -> int:  # noqa: N802 - the same
        self.dispositions.add(disposition)
        return self._state(handle)

    def SCardTransmit(  # noqa: N802 - the same
        self, handle: int, header: object, command: list[int]
    ) -> Answer:
        if self.resets > 0:
            self.resets -= 1
            self._handles[handle][1].reset()
            return [self._code(RESET), []]
        state = self._state(handle)
        if state != 0:
            return [state, []]
        if self.silent:
            return [0, []]
        return [0, list(self._handles[handle][1].answer(bytes(command)))]

    def _state(self, handle: int) -> int:
        reader, card = self._handles[handle]
        place = self.places.get(reader)
        return self._code(0 if place is not None and place.card is card else REMOVED)

    def _code(self, code: int) -> int:
        return code - (1 << 32) if self.negative and code else code
