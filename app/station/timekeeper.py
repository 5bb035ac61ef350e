"""True time: how far this machine's clock is off, told when that means something else than before.

A verification code lives for half a minute, and a sign-in token is refused by a clock that is five
minutes off. The directory tells the time with every answer, so nobody has to wonder.
"""

from app.core.skew import ClockState, Samples, judge_offset
from app.station.notices import ClockNotice
from app.station.setup import Notify

_NEWS = 5.0
"""Seconds by which the offset has to change to be told again."""


class Timekeeper:
    """Listens to the directory's clock."""

    def __init__(self, notify: Notify) -> None:
        """Begin without an idea."""
        self._notify = notify
        self._samples = Samples()
        self._told: ClockNotice | None = None

    @property
    def offset(self) -> float | None:
        """Return true time minus this machine's clock in seconds, or None while not known."""
        return self._samples.offset

    def ahead(self) -> float:
        """Return the same, or 0 while it is not known: what to add to this machine's clock."""
        return self.offset or 0.0

    def heard(self, offset: float | None) -> None:
        """Take in what one answer told; None where it told no time."""
        if offset is None:
            return
        self._samples = self._samples.and_then(offset)
        if self.offset is not None:
            self._tell(ClockNotice(self.offset, judge_offset(self.offset)))

    def _tell(self, notice: ClockNotice) -> None:
        if self._told is not None and self._told.state is notice.state:
            far = abs(self._told.offset - notice.offset) > _NEWS
            if notice.state is ClockState.FINE or not far:
                return
        self._told = notice
        self._notify(notice)
