"""Repeats a look-up that failed for a reason that passes by itself: a few times, then by hand.

The adapter has already repeated the request at once (app/graph/retry.py). What is left are faults
that last longer than an operator wants to wait without a word, so the next try is told beforehand.
Only reads are repeated here; what became of a write is found out by station.submissions.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.core.errors import (
    AnswerLost,
    NotUnderstood,
    OathdeskError,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.ports import Clock
from app.station.tasks import Tasks

WAITS = (5.0, 10.0, 20.0, 40.0)
"""Seconds before each further try. After the last one, only the operator repeats the look-up."""

LONGEST_WAIT = 600.0
"""Seconds; where the directory asks for a longer pause, the operator decides when to try again."""

PASSING = (AnswerLost, NotUnderstood, Throttled, Unavailable)
"""Errors of a read that may be gone at the next try.

Without a connection (Unreachable) the read is repeated when station.connection has one again.
"""

REPEATABLE = (*PASSING, Unreachable)
"""Errors after which the operator may want to try again at once."""

_WAIT = "wait"


class ReadRetry:
    """The further tries of one look-up."""

    def __init__(self, clock: Clock, repeat: Callable[[], None]) -> None:
        """Call `repeat` when a try is due; it starts the look-up and does not wait for it."""
        self._clock = clock
        self._repeat = repeat
        self._tasks = Tasks()
        self._tries = 0

    def plan(self, error: OathdeskError) -> datetime | None:
        """Plan the next try after `error` and return when it is; None where there will be none."""
        self._tasks.stop(_WAIT)
        wait = self._wait(error)
        if wait is None:
            return None
        self._tries += 1
        self._tasks.start(_WAIT, self._repeat_after(wait))
        return self._clock.now() + timedelta(seconds=wait)

    def reset(self) -> None:
        """Forget the planned try and count from the beginning: the look-up is another one."""
        self._tasks.stop(_WAIT)
        self._tries = 0

    async def close(self) -> None:
        """Forget the planned try."""
        await self._tasks.stop_all()

    def _wait(self, error: OathdeskError) -> float | None:
        """Return the seconds until the next try. A pause that Graph names is never cut short."""
        if not isinstance(error, PASSING) or self._tries >= len(WAITS):
            return None
        asked = error.retry_after if isinstance(error, Throttled | Unavailable) else None
        wait = max(WAITS[self._tries], asked or 0.0)
        return wait if wait <= LONGEST_WAIT else None

    async def _repeat_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._repeat()
