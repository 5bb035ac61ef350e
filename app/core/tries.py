"""How often a PIN may be tried: three times as one likes, then after waits that grow.

The count outlives the program, since whoever may try again after a restart pulls the plug. Time is
that of the day: a clock that was set back begins the wait anew.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

FREE: Final = 3
"""Tries that fail before there is a wait."""

FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)
_MOST: Final = 1_000
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried in vain since the last success, and when the last time."""

    failed: int = 0
    last: datetime = _NEVER

    def one_more(self, now: datetime) -> "Tries":
        """Count a try that begins `now`; it has failed until it has succeeded."""
        return Tries(min(self.failed + 1, _MOST), now)

    def wait(self, now: datetime) -> timedelta:
        """Return how long it is until the next try is taken."""
        return max(self.last + pause_after(self.failed) - now, timedelta())

    def noticed(self, now: datetime) -> "Tries":
        """Return them with a last time that is not yet to come: then the clock was set back."""
        return Tries(self.failed, now) if self.last > now else self


def pause_after(failed: int) -> timedelta:
    """Return the pause after so many tries that failed."""
    if failed < FREE:
        return timedelta()
    doubled: int = 1 << min(failed - FREE, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


DAMAGED: Final = FREE + 2
"""What a count that cannot be read is taken for: two minutes' wait."""
