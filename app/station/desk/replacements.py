"""The two halves of a replacement, and the record of what is still due of them.

The second half is put on record before the first is sent, as an enrollment that waits. So whatever
stops the station between the two, what is left to do is known; it is offered, and never done by
itself.
"""

import asyncio
import uuid
from dataclasses import replace

from app.core.enrollment import WAITING, Enrollment, advance
from app.core.events import Withdrawn
from app.core.lifecycle import old_goes_first
from app.core.model import Link, Method, Mode, Operation, Operator, Reason, Token
from app.core.ports import Ledger
from app.core.record import Entry, due, due_work, lines, passage
from app.station.context import StationContext
from app.station.desk.notices import Offer
from app.station.recorder import Recorder


class Replacements:
    """What is due, by the record. Raises LedgerError where that cannot be read or written."""

    def __init__(self, context: StationContext, recorder: Recorder) -> None:
        """Begin; the record is read anew each time."""
        self._ports = context.ports
        self._desk = context.settings.name
        self._recorder = recorder

    def entry_of(self, second: Enrollment, operator: Operator) -> Entry:
        """Return the entry of the second half, to be on record before the first half is."""
        return due(second, operator, self._desk, self._ports.clock.now())

    async def offers(self) -> tuple[Offer, ...]:
        """Return what is due, oldest first."""
        return await asyncio.to_thread(_read_offers, self._ports.ledger)

    async def withdraw(self, enrollment_id: str) -> None:
        """Take a second half back; nothing happens where it is not due any more."""
        for offer in await self.offers():
            if offer.second.id == enrollment_id:
                now = self._ports.clock.now()
                withdrawn = advance(offer.second, Withdrawn(at=now))
                await self._recorder.write(passage(withdrawn, now))


def halves(
    giving: Enrollment, old: Token, reason: Reason, methods: tuple[Method, ...]
) -> tuple[Enrollment, Enrollment]:
    """Return both halves in their order, each with a link to the other.

    `giving` is the one that hands the new token over. It comes first, so that the person is never
    without, unless they are at the limit with the `methods` they have.
    """
    taking = replace(
        giving,
        id=uuid.uuid4().hex,
        mode=Mode.ASSIGN_ONLY,
        token=old,
        wanted=Operation.UNASSIGN,
        operation=Operation.UNASSIGN,
    )
    first, second = (taking, giving) if old_goes_first(methods) else (giving, taking)
    first = replace(first, link=Link(second.id, reason))
    return first, replace(second, link=Link(first.id, reason, second=True))


def _read_offers(ledger: Ledger) -> tuple[Offer, ...]:
    """Return what is due, each with its first half as the record has it."""
    found = []
    for second, since in due_work(ledger.unsettled()):
        partner = second.link.partner if second.link else ""
        known = lines(ledger.timeline(partner))
        first = next((line for line in known if line.state not in WAITING), None)
        found.append(Offer(second, since, first))
    return tuple(found)
