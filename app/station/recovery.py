"""Settles what was left open: after a start, and after each time the directory was out of reach.

An intent without an outcome may or may not have been acted upon. Nothing is ever sent again for it:
the directory is asked, and what it says is recorded and shown.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta

from app.core.enrollment import Enrollment, advance
from app.core.events import Restarted
from app.core.ports import Clock, Ledger
from app.core.record import interrupted
from app.station.setup import Patience

AT_ONCE = 3
"""How many are asked about side by side: quick enough, and the desk keeps its way."""

Carry = Callable[[Enrollment, Patience], Coroutine[object, object, None]]


class Recovery:
    """Takes up what the record calls open. `carry` runs one enrollment to rest."""

    def __init__(self, ledger: Ledger, clock: Clock, patience: Patience, carry: Carry) -> None:
        """Remember nothing: the record is read anew each time."""
        self._ledger = ledger
        self._clock = clock
        self._patience = patience
        self._carry = carry

    async def settle(self) -> None:
        """Settle everything open, oldest first. Raises LedgerError for an unreadable record."""
        entries = await asyncio.to_thread(self._ledger.unsettled)
        waiting = iter(interrupted(entries))

        async def work() -> None:
            for enrollment, last in waiting:
                now = self._clock.now()
                taken_up = advance(enrollment, Restarted(at=now))
                await self._carry(taken_up, self._patience_for(now - last))

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    def _patience_for(self, age: timedelta) -> Patience:
        """Return how long to look. What is older than any replication shows itself at once."""
        if age.total_seconds() > sum(self._patience.delays):
            return Patience(delays=(0, 1), after_refusal=(0, 1))
        return self._patience
