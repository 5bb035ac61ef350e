"""True time: how far this machine's clock is off, told when that means something else than before.

A verification code lives for half a minute, and a sign-in token is refused by a clock that is five
minutes off. The directory tells the time with every answer, so nobody has to wonder.
"""

from dataclasses import dataclass

from app.core.skew import ClockState, Samples, judge_offset
from app.station.context import Notify
from app.station.notices import Notice

_NEWS = 5.0
"""Seconds by which the offset has to change to be told again."""


@dataclass(frozen=True, slots=True)
class ClockNotice(Notice):
    """How far this machine's clock is off: the directory's minus its own, in seconds."""

    offset: float
    state: ClockState


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
        """Return what to add to this machine's clock: the offset last told, or 0 before.

        The window counts a code's seconds by what it was told. Whoever judges the code has to count
        the same, or a code that is young on the screen would be refused as one that ends.
        """
        return self._told.offset if self._told is not None else 0.0

    def heard(self, offset: float | None) -> None:
        """Take in what one answer told; None where it told no time."""
        if offset is None:
            return
        self._samples = self._samples.and_then(offset)
        if self.offset is not None:
            self._tell(ClockNotice(self.offset, judge_offset(self.offset)))

    def _tell(self, notice: ClockNotice) -> None:
        if self._is_news(notice):
            self._told = notice
            self._notify(notice)

    def _is_news(self, notice: ClockNotice) -> bool:
        told = self._told
        if told is None or told.state is not notice.state:
            return True
        return abs(told.offset - notice.offset) > _NEWS
