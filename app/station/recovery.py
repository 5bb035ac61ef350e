"""Settles what was left open: after a start, and after each time the directory was out of reach.

An intent without an outcome may or may not have been acted upon. Nothing is ever sent again for it:
the directory is asked, and what it says is recorded and shown.
"""

import asyncio
from datetime import timedelta

from app.core.enrollment import Enrollment
from app.core.record import interrupted
from app.station.context import Patience, StationContext
from app.station.read_back import is_of_upload
from app.station.submissions import Submissions

AT_ONCE = 3
"""How many are asked about side by side: quick enough, and the desk keeps its way."""


class Recovery:
    """Takes up what the record calls open, by way of `submissions`."""

    def __init__(self, context: StationContext, submissions: Submissions) -> None:
        """Remember nothing: the record is read anew each time."""
        self._ledger = context.ports.ledger
        self._clock = context.clock
        self._patience = context.settings.patience
        self._submissions = submissions

    async def settle(self, whose: str = "") -> None:
        """Settle everything open but what an upload has left; oldest first.

        Raises LedgerError for an unreadable record.

        `whose` is the one person whose enrollments may be asked about, where not all may.
        All of it counts as under way at once, so that nothing open is submitted anew meanwhile.
        """
        entries = await asyncio.to_thread(self._ledger.unsettled)
        mine = (
            each
            for each in interrupted(entries)
            if _concerns(each[0], whose) and not is_of_upload(each[0])
        )
        found = ((self._submissions.adopt(one), last) for one, last in mine)
        waiting = iter([(adopted, last) for adopted, last in found if adopted is not None])

        async def work() -> None:
            for adopted, last in waiting:
                await self._submissions.take_up(
                    adopted, self._patience_for(self._clock.now() - last)
                )

        try:
            ended = await asyncio.gather(*(work() for _ in range(AT_ONCE)), return_exceptions=True)
        finally:
            for adopted, _ in waiting:
                self._submissions.let_go(adopted)
        for failure in ended:
            if failure is not None:
                raise failure

    def _patience_for(self, age: timedelta) -> Patience:
        """Return how long to look. What is older than any replication shows itself at once."""
        if age.total_seconds() > self._patience.seconds:
            return Patience(delays=(0, 1))
        return self._patience


def _concerns(enrollment: Enrollment, whose: str) -> bool:
    person = enrollment.person
    return not whose or (person is not None and person.id == whose)
