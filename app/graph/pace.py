"""Keep calls about authentication methods within Graph's throttle, so that none is wasted on a 429.

Graph lists them at five requests in ten seconds for one app in one tenant, which a search that is
too eager would use up. Three rules keep the operator from waiting for nothing:

1. A write goes before every read that waits.
2. Reads leave a slot to writes: a verification code that has to queue dies in the queue.
3. Long work that nobody waits for (an upload) goes after both, and while somebody works at the desk
   it leaves most slots free for what they do next. While nobody does it may use every one of them.

The limit is of one application in one tenant, so desks share it. How many they are is configured
(`network.desks`): each takes its share, so that all of them together stay within the limit. Where
there are more than that, a 429 tells that the others have used it up: from then on this desk takes
half as many calls in the same time, down to an eighth, and doubles them again after some minutes
without another.

A slot is counted from when its exchange *ended*: by then Graph has counted it too, whatever the
network did to the distance between two requests.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.core.errors import Throttled
from app.core.ports import Clock


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `count` calls (1 or more) in any `seconds`; reads leave `reserved` of them to writes.

    Long work takes `beside` of them for the `attentive` seconds after a call of the desk. The
    default is the limit of Graph's throttling page for authenticationMethod.
    """

    count: int = 5
    seconds: float = 10.0
    reserved: int = 1
    beside: int = 2
    attentive: float = 60.0

    @property
    def reads(self) -> int:
        """How many of the slots reads may take: one at least."""
        return max(1, self.count - self.reserved)

    def shared_by(self, desks: int) -> "Pace":
        """Return the pace of each of `desks` (1 or more) that keep this one together.

        Shares are rounded down, so that desks whose calls fall together are within the limit too.
        With fewer calls than desks, each makes one call in a longer time.
        """
        count = max(1, self.count // desks)
        seconds = self.seconds * max(1.0, desks / self.count)
        beside = min(self.beside, max(1, count - self.reserved))
        return replace(self, count=count, seconds=seconds, beside=beside)


@dataclass(slots=True, eq=False)
class _Ticket:
    is_write: bool
    is_long_work: bool = False

    @property
    def rank(self) -> int:
        """The place among those that wait; those of one rank go in the order they came."""
        return 2 if self.is_long_work else int(not self.is_write)


SLOWEST = 8
"""How many times longer than configured the window gets at most."""

PATIENT = timedelta(minutes=5)
"""Without a 429 for so long, the window is halved again."""


class Pacer:
    """The queue. `async with pacer.slot(...)` waits for a turn and holds it for one exchange."""

    def __init__(self, pace: Pace | None, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._queue: list[_Ticket] = []
        self._running: list[_Ticket] = []
        self._ended: deque[tuple[datetime, _Ticket]] = deque()
        self._changed = asyncio.Event()
        self._desk_called: datetime | None = None
        self._stretch = 1
        self._throttled: datetime | None = None

    @property
    def pace(self) -> Pace | None:
        """The pace that counts now: as configured, or stretched by what 429s have taught."""
        if self._pace is None:
            return None
        now = self._clock.now()
        while self._throttled is not None and now - self._throttled >= PATIENT:
            self._stretch = max(1, self._stretch // 2)
            self._throttled = self._throttled + PATIENT if self._stretch > 1 else None
        return replace(self._pace, seconds=self._pace.seconds * self._stretch)

    @asynccontextmanager
    async def slot(
        self, *, is_write: bool, free: bool = False, is_long_work: bool = False
    ) -> AsyncIterator[None]:
        """Wait for a turn, unless `free`; leaving gives the slot back `seconds` later."""
        if self._pace is None or free:
            yield
            return
        ticket = _Ticket(is_write, is_long_work)
        if not is_long_work:
            self._desk_called = self._clock.now()
        await self._turn(ticket)
        try:
            yield
        except Throttled:
            self._stretch = min(SLOWEST, self._stretch * 2)
            self._throttled = self._clock.now()
            raise
        finally:
            self._running.remove(ticket)
            self._ended.append((self._clock.now(), ticket))
            self._tell()

    async def _turn(self, ticket: _Ticket) -> None:
        self._enqueue(ticket)
        try:
            while (pace := self.pace) and (delay := self._delay(ticket, pace)) != 0:
                await self._pause(delay)
            self._running.append(ticket)
        finally:
            self._queue.remove(ticket)
            self._tell()

    def _enqueue(self, ticket: _Ticket) -> None:
        """Writes stand before reads, and both before long work; of one kind, by who came first."""
        before = sum(waiting.rank <= ticket.rank for waiting in self._queue)
        self._queue.insert(before, ticket)
        self._tell()  # whoever stood first may not do so any more

    def _delay(self, ticket: _Ticket, pace: Pace) -> float | None:
        """Seconds until the turn may have come; 0 now; None: when another ends."""
        if self._queue[0] is not ticket:
            return None
        self._forget(pace)
        everything = [*self._running, *(ended for _, ended in self._ended)]
        if len(everything) < pace.count and self._has_room(ticket, everything, pace):
            return 0
        return self._until_next(pace) if self._ended else None

    def _has_room(self, ticket: _Ticket, taken: list[_Ticket], pace: Pace) -> bool:
        """Tell whether a free slot is for this kind of call."""
        if ticket.is_long_work:
            mine = sum(each.is_long_work for each in taken)
            return mine < pace.beside or not self._desk_works(pace)
        reads = sum(not each.is_write for each in taken if not each.is_long_work)
        return ticket.is_write or reads < pace.reads

    def _desk_works(self, pace: Pace) -> bool:
        """Tell whether the desk has called lately; a clock that was set back says nothing."""
        if self._desk_called is None:
            return False
        return 0 <= (self._clock.now() - self._desk_called).total_seconds() < pace.attentive

    def _until_next(self, pace: Pace) -> float:
        age = (self._clock.now() - self._ended[0][0]).total_seconds()
        return max(pace.seconds - age, 0.001)

    def _forget(self, pace: Pace) -> None:
        """Drop what is older than the window, or in the future since the clock was set back."""
        now = self._clock.now()
        while self._ended:
            age = (now - self._ended[0][0]).total_seconds()
            if 0 <= age < pace.seconds:
                return
            self._ended.popleft()

    async def _pause(self, delay: float | None) -> None:
        if delay is None:
            await self._changed.wait()
        else:
            await self._clock.sleep(delay)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
