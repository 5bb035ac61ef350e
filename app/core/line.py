"""How a line of people moves on an onboarding day: counted from the list of the day, and its times.

An operator with twenty people in front of them looks at two numbers: how many are done, and whether
the last ten minutes went faster than the first. Only what the directory has confirmed is done.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.core.record import Line
from app.core.states import NEEDS_ATTENTION, UNDERWAY, WAITING, State

WINDOW: Final = timedelta(minutes=10)
"""The rate is that of the time since then: long enough not to jump, short enough to be felt."""

_SHORTEST: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_HANDED_OVER: Final = frozenset({State.ASSIGNED, State.ACTIVATED})
_OPEN: Final = (UNDERWAY | WAITING) - NEEDS_ATTENTION


@dataclass(frozen=True, slots=True)
class Tally:
    """How a line stands. `per_hour` is how many people an hour get through at the present rate."""

    done: int = 0
    open: int = 0
    attention: int = 0
    per_hour: int = 0


def tally(lines: Collection[Line], now: datetime) -> Tally:
    """Count `lines` as of `now`, an aware time."""
    done = [line for line in lines if line.state in _HANDED_OVER]
    return Tally(
        done=len(done),
        open=sum(line.state in _OPEN for line in lines),
        attention=sum(line.needs_attention for line in lines),
        per_hour=_per_hour(done, now),
    )


def _per_hour(done: Collection[Line], now: datetime) -> int:
    """Return the rate of the window, or of the time since the first one where that is shorter.

    Less than a minute counts as one: a first person in five seconds is no rate of 720.
    """
    if not done:
        return 0
    lately = sum(line.changed > now - WINDOW for line in done)
    since_first = now - min(line.began for line in done)
    return round(lately * _HOUR / min(WINDOW, max(_SHORTEST, since_first)))
