"""How far this machine's clock is off, worked out from the Date of the directory's answers.

A Date tells whole seconds and travels for a while, so that one answer is good to about a second and
a proxy's answer may be worse. The median of the last few is steady, and forgets the past at once
when two answers in a row agree with each other and not with it: then somebody has set the clock.
"""

import enum
from dataclasses import dataclass
from statistics import median
from typing import Final

KEPT: Final = 9
"""Answers that the median is taken over."""

FEWEST: Final = 3
"""Answers before anything is claimed: a sign-in page in between has a Date too."""

_AGREE: Final = 3.0
_JUMP: Final = 10.0
"""Seconds: two answers of one clock are never further apart than the first of these."""

CAUTION_SECONDS: Final = 30.0
"""From here on a code's time step is told wrongly by the clock alone."""

WRONG_SECONDS: Final = 300.0
"""From here on signing in fails: five minutes is what sign-in services commonly allow."""


class ClockState(enum.Enum):
    """What an offset means."""

    FINE = "fine"
    OFF = "off"
    WRONG = "wrong"


def judge_offset(seconds: float) -> ClockState:
    """Return what it means that this clock is `seconds` off, either way."""
    if abs(seconds) > WRONG_SECONDS:
        return ClockState.WRONG
    return ClockState.OFF if abs(seconds) > CAUTION_SECONDS else ClockState.FINE


@dataclass(frozen=True, slots=True)
class Samples:
    """The last offsets heard, in seconds: the directory's clock minus this machine's."""

    offsets: tuple[float, ...] = ()

    def and_then(self, offset: float) -> "Samples":
        """Return the samples with one more, the oldest forgotten.

        After a jump the newest counts twice, so that what was known before is replaced at once.
        """
        kept = (*self.offsets, offset)[-KEPT:]
        return Samples((*kept[-2:], offset) if _jumped(kept) else kept)

    @property
    def offset(self) -> float | None:
        """Return the smoothed offset, or None until enough was heard."""
        return median(self.offsets) if len(self.offsets) >= FEWEST else None


def _jumped(offsets: tuple[float, ...]) -> bool:
    """Tell whether the last two agree with each other, and not with those before."""
    if len(offsets) <= FEWEST:
        return False
    before, (one, two) = median(offsets[:-2]), offsets[-2:]
    return abs(one - two) <= _AGREE and min(abs(one - before), abs(two - before)) > _JUMP
