"""Brings an enrollment of the record back to where it can be settled: the desk, or beside it.

What was only handed over goes back to the desk. What takes something back, and each half of a
replacement, stays the enrollment it was, so that the record and its other half still know it.
"""

from app.core.enrollment import State
from app.core.model import TAKES_BACK, Operation
from app.core.record import Line
from app.station.context import StationContext
from app.station.desk import Desk
from app.station.inquiry import Inquiry
from app.station.life_notices import PendingNotice
from app.station.lifecycle import Lifecycle
from app.station.replacements import Replacements


class Reopening:
    """Opens lines of the record. Raises LedgerError where that cannot be read."""

    def __init__(
        self,
        context: StationContext,
        desk: Desk,
        lifecycle: Lifecycle,
        inquiry: Inquiry,
        replacements: Replacements,
    ) -> None:
        """Bring back to `desk` or to `lifecycle`; what has to wait is told to the window."""
        self._desk = desk
        self._lifecycle = lifecycle
        self._inquiry = inquiry
        self._replacements = replacements
        self._notify = context.tell

    async def open(self, line: Line) -> None:
        """Bring back what `line` tells of."""
        self._inquiry.leave()
        if line.state is State.DUE:
            await self._second_half(line.enrollment_id)
        elif line.operation is Operation.ISSUE_PASS:
            if self._lifecycle.enrollment is not None:
                await self._lifecycle.cancel()
            await self._desk.serve_by_line(line)
        elif line.operation in TAKES_BACK or line.link is not None or _is_by_serial(line):
            await self._lifecycle.resume(line.enrollment_id)
        else:
            if self._lifecycle.enrollment is not None:
                await self._lifecycle.cancel()
            await self._desk.resume(line.enrollment_id)

    async def _second_half(self, enrollment_id: str) -> None:
        """Take it up; where its first half is not done, say that instead."""
        for offer in await self._replacements.offers():
            if offer.second.id == enrollment_id:
                if offer.is_ready:
                    await self._lifecycle.take_up(enrollment_id)
                else:
                    self._notify(PendingNotice(offer))


def _is_by_serial(line: Line) -> bool:
    """Tell whether a submit that was not recorded names a token that cannot be looked up."""
    by_serial = line.operation is Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL
    return by_serial and line.state is State.UNRECORDED
