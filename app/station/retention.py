"""Takes the names out of what came to rest long ago: soon after the start, and once a day.

What is erased cannot be brought back, and a clock that is years ahead would make everything old. So
nothing is erased before the directory has told the time, which every desk hears with its first
sign-in.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from app.core.errors import LedgerError
from app.core.ports import Clock, Ledger
from app.core.retention import BY_RETENTION, EraseOrder
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")

DAY = 86_400.0
"""Seconds from one time to the next."""

_DAILY = "retention"


class _Stopped(Exception):
    """The station closes."""


class Retention:
    """Keeps the record to `age`; None is for ever. `forget` is told each limit."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        age: timedelta | None,
        forget: Callable[[datetime], None],
    ) -> None:
        """Erase nothing yet."""
        self._ledger = ledger
        self._clock = clock
        self._age = age
        self._forget = forget
        self._offset: float | None = None
        self._stop = threading.Event()
        self._tasks = Tasks()

    def time_told(self, offset: float | None) -> None:
        """Take in true time minus this machine's clock, in seconds; the first one begins it."""
        self._offset = offset
        wanted = self._age is not None and offset is not None and not self._stop.is_set()
        if wanted and not self._tasks.is_running(_DAILY):
            self._tasks.start(_DAILY, self._daily())

    async def close(self) -> None:
        """End it, between two steps; the next start goes on."""
        self._stop.set()
        await self._tasks.stop_all()

    async def _daily(self) -> None:
        while True:
            await self._erase()
            await self._clock.sleep(DAY)

    async def _erase(self) -> None:
        order = self._order()
        try:
            erased = await asyncio.to_thread(self._ledger.erase, order, self._tell)
        except LedgerError as error:
            _LOG.warning("what is too old could not be erased from the record: %s", error)
            return
        if erased.entries:
            _LOG.info("entries erased from the record: %d", erased.entries)
        if erased.kept:
            _LOG.warning("enrollments too old but not what was written: %d", erased.kept)
        self._forget(order.before)

    def _order(self) -> EraseOrder:
        assert self._age is not None
        assert self._offset is not None
        now = self._clock.now() + timedelta(seconds=self._offset)
        return EraseOrder(now - self._age, now, f"{BY_RETENTION}: {self._age.days} days")

    def _tell(self, _count: int) -> None:
        if self._stop.is_set():
            raise _Stopped
