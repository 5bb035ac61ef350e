"""Keep calls about authentication methods within Graph's throttle, so that none is wasted on a 429.

Graph lists them at five requests in ten seconds for one app in one tenant, which a search that is
too eager would use up. Two rules keep the operator from waiting for nothing:

1. A write goes before every read that waits.
2. Reads leave a slot to writes: a verification code that has to queue dies in the queue.

A slot is counted from when its exchange *ended*: by then Graph has counted it too, whatever the
network did to the distance between two requests.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from app.core.ports import Clock


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `count` calls (1 or more) in any `seconds`; reads leave `reserved` of them to writes.

    The default is the limit of Graph's throttling page for authenticationMethod.
    """

    count: int = 5
    seconds: float = 10.0
    reserved: int = 1

    @property
    def reads(self) -> int:
        """How many of the slots reads may take: one at least."""
        return max(1, self.count - self.reserved)


@dataclass(slots=True, eq=False)
class _Ticket:
    is_write: bool


class Pacer:
    """The queue. `async with pacer.slot(...)` waits for a turn and holds it for one exchange."""

    def __init__(self, pace: Pace | None, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._queue: list[_Ticket] = []
        self._running: list[_Ticket] = []
        self._ended: deque[tuple[datetime, _Ticket]] = deque()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def slot(self, *, is_write: bool, free: bool = False) -> AsyncIterator[None]:
        """Wait for a turn, unless `free`; leaving gives the slot back `seconds` later."""
        if self._pace is None or free:
            yield
            return
        ticket = _Ticket(is_write)
        await self._turn(ticket, self._pace)
        try:
            yield
        finally:
            self._running.remove(ticket)
            self._ended.append((self._clock.now(), ticket))
            self._tell()

    async def _turn(self, ticket: _Ticket, pace: Pace) -> None:
        self._enqueue(ticket)
        try:
            while (delay := self._delay(ticket, pace)) != 0:
                await self._pause(delay)
            self._running.append(ticket)
        finally:
            self._queue.remove(ticket)
            self._tell()

    def _enqueue(self, ticket: _Ticket) -> None:
        """Writes stand before reads; within each kind the first come is the first served."""
        writes = sum(waiting.is_write for waiting in self._queue)
        self._queue.insert(writes if ticket.is_write else len(self._queue), ticket)

    def _delay(self, ticket: _Ticket, pace: Pace) -> float | None:
        """Seconds until the turn may have come; 0 now; None: when another ends."""
        if self._queue[0] is not ticket:
            return None
        self._forget(pace)
        everything = [*self._running, *(ended for _, ended in self._ended)]
        reads = sum(not taken.is_write for taken in everything)
        if len(everything) < pace.count and (ticket.is_write or reads < pace.reads):
            return 0
        return self._until_next(pace) if self._ended else None

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
