"""How often a PIN may be tried: three times as one likes, then after waits that grow.

The count outlives the program: a restart must shorten no wait. Nor must a clock that is set ahead,
so waits are counted by the time since the machine was started, which no user can set. After a
restart of the machine only one thing is certain: at least the time since that start has passed. So
a wait begins anew with it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

FREE: Final = 3
"""Tries that fail before there is a wait."""

FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Uptime:
    """Seconds since the machine was started; `boot` names that start, "" where nothing does."""

    seconds: float
    boot: str = ""


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried in vain since the last success, and when the last time."""

    failed: int = 0
    last: Uptime = Uptime(0.0)

    def one_more(self, now: Uptime) -> "Tries":
        """Count a try that begins `now`; it has failed until it has succeeded."""
        return Tries(min(self.failed + 1, _MOST), now)

    def wait(self, now: Uptime) -> timedelta:
        """Return how long it is until the next try is taken."""
        passed = now.seconds - self.noticed(now).last.seconds
        return max(pause_after(self.failed) - timedelta(seconds=passed), timedelta())

    def noticed(self, now: Uptime) -> "Tries":
        """Return them with a last time of this start: 0 where the machine was started since."""
        is_same = self.last.boot == now.boot and self.last.seconds <= now.seconds
        return self if is_same or not self.failed else Tries(self.failed, Uptime(0.0, now.boot))


def pause_after(failed: int) -> timedelta:
    """Return the pause after so many tries that failed."""
    if failed < FREE:
        return timedelta()
    doubled: int = 1 << min(failed - FREE, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


DAMAGED: Final = FREE + 2
"""What a count that cannot be read is taken for: two minutes' wait."""
