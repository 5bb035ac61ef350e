"""A clock that runs only as far as somebody waits for it."""

import asyncio
import heapq
import itertools
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.core.tries import Uptime

START = datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC)
"""Ten seconds into a time step of 30 and of 60 seconds, so that codes have life left."""


@dataclass(order=True, slots=True)
class _Sleeper:
    due: datetime
    number: int
    woken: asyncio.Future[None] = field(compare=False)


class FakeClock:
    """Fulfils core.ports.Clock. While it runs, a sleep leaps to its end and yields once.

    Several sleepers wake in the order they are due, so waits that overlap do not add up. A clock
    that was stopped lets sleepers wait until `advance` or `run`.
    """

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._started = start - timedelta(days=3)
        self._starts = 1
        self._runs = True
        self._numbers = itertools.count()
        self._sleepers: list[_Sleeper] = []
        self.slept: list[float] = []

    @property
    def sleepers(self) -> int:
        """How many wait now."""
        return len(self._sleepers)

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        loop = asyncio.get_running_loop()
        due = self._now + timedelta(seconds=seconds)
        sleeper = _Sleeper(due, next(self._numbers), loop.create_future())
        heapq.heappush(self._sleepers, sleeper)
        if self._runs:
            loop.call_soon(self._wake_first)
        try:
            await sleeper.woken
        finally:
            self._forget(sleeper)

    def stop(self) -> None:
        """From now on a sleep lasts until `advance` or `run`."""
        self._runs = False

    def run(self) -> None:
        """Let time run again, beginning with those who wait."""
        self._runs = True
        for _ in list(self._sleepers):
            self._wake_first()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass and wake whoever is due by then."""
        end = self._now + timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0].due <= end:
            self._wake_first()
        self._now = end

    def until_next(self) -> float:
        """Seconds until the first of those who wait is due; infinity where there is none."""
        if not self._sleepers:
            return math.inf
        return (self._sleepers[0].due - self._now).total_seconds()

    def set_back(self, seconds: float) -> None:
        """Let somebody set the clock back; who sleeps sleeps on."""
        self.set_ahead(-seconds)

    def set_ahead(self, seconds: float) -> None:
        """Let somebody set the clock ahead; who sleeps sleeps on, and no time has passed."""
        self._now += timedelta(seconds=seconds)
        self._started += timedelta(seconds=seconds)

    def start_again(self) -> None:
        """Let the machine be started anew at this moment."""
        self._started = self._now
        self._starts += 1

    def uptime(self) -> Uptime:
        return Uptime((self._now - self._started).total_seconds(), f"boot {self._starts}")

    def _wake_first(self) -> None:
        if self._sleepers:
            sleeper = heapq.heappop(self._sleepers)
            self._now = max(self._now, sleeper.due)
            if not sleeper.woken.done():
                sleeper.woken.set_result(None)

    def _forget(self, sleeper: _Sleeper) -> None:
        if sleeper in self._sleepers:
            self._sleepers.remove(sleeper)
            heapq.heapify(self._sleepers)
