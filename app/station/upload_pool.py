"""What was sent and is not known to be there yet, looked for together.

To read each token back by itself would double the requests of an upload. So looks are gathered:
while rows are sent there is one request of a look for forty of them at most, and when nothing is
sent the looks come as they do at the desk. What speaks against a token is believed only once
patience has ended, since the directory shows what it has accepted late.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.core.enrollment import UNDERWAY, WATCHED, Enrollment, advance
from app.core.events import PatienceEnded, Restarted
from app.core.importing import folded
from app.core.model import CREATES, Operation, Token
from app.core.observe import at_the_end, in_inventory, in_stock
from app.core.ports import Clock, Ledger
from app.core.record import interrupted
from app.station.passages import Passages
from app.station.stock import Stock

SHARE: Final = 40
"""Rows that are sent for each request of a look in between: what reading back costs is 2.5 %."""


@dataclass(slots=True)
class Sent:
    """What was sent at `since` and is looked for. `mine` is False for one of an earlier life."""

    enrollment: Enrollment
    since: datetime
    mine: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """An enrollment of the pool that has come to rest; `key` is its serial number, folded."""

    key: str
    enrollment: Enrollment
    mine: bool


class Pool:
    """Enrollments by serial number, folded. Idle looks come as the patience of `passages` says."""

    def __init__(self, stock: Stock, passages: Passages, clock: Clock) -> None:
        """Begin empty."""
        self._stock = stock
        self._passages = passages
        self._clock = clock
        self._patience = passages.patience
        self._sent: dict[str, Sent] = {}
        self._since_look = 0
        self._idle_looks = 0
        self._looked_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._sent)

    def __contains__(self, key: str) -> bool:
        return key in self._sent

    def add(self, enrollment: Enrollment) -> None:
        """Take in what was just sent."""
        self._since_look += 1
        self._sent[_key_of(enrollment)] = Sent(enrollment, self._clock.now())

    async def adopt(self, ledger: Ledger, besides: Collection[str] = ()) -> None:
        """Take in what the record calls open, but not what somebody is at work on: `besides`.

        Raises LedgerError.
        """
        entries = await asyncio.to_thread(ledger.unsettled)
        for enrollment, last in interrupted(entries):
            if is_of_upload(enrollment) and enrollment.admits(Restarted):
                taken_up = advance(enrollment, Restarted(at=self._clock.now()))
                if (key := _key_of(enrollment)) not in besides:
                    self._sent.setdefault(key, Sent(taken_up, last, mine=False))

    def clear(self) -> None:
        """Look for nothing more; the record knows what is open."""
        self._sent.clear()

    def seconds_until_look(self, *, busy: bool) -> float | None:
        """Return how long to wait before the next look; None: until more was sent.

        `busy` is whether more could be sent meanwhile.
        """
        if not self._sent:
            return None
        if busy:
            due = self._since_look >= SHARE * self._stock.cost(len(self._sent))
            return 0 if due else None
        if self._looked_at is None or self._since_look:
            return 0
        delay = self._patience[min(self._idle_looks, len(self._patience) - 1)]
        waited = self._clock.now() - self._looked_at
        return max(delay - waited.total_seconds(), 0)

    async def look(self) -> list[Found]:
        """Look for everything at once; return what has come to rest.

        Raises DirectoryError and SignInError; nothing is concluded from that.
        """
        began = self._clock.now()
        found = await self._stock.look(
            [_serial_of(sent.enrollment) for sent in self._sent.values()]
        )
        self._idle_looks = 0 if self._since_look else self._idle_looks + 1
        self._since_look = 0
        self._looked_at = self._clock.now()
        return await self._judged(found, began)

    async def judge(self, key: str, token: Token | None, *, over: bool) -> Found | None:
        """Take in what a look has shown of one; return it where it has come to rest.

        `over` is whether patience has ended.
        """
        sent = self._sent[key]
        sent.enrollment = await self._seen(sent.enrollment, token, over=over)
        if sent.enrollment.state in UNDERWAY | WATCHED:
            return None
        self._sent.pop(key, None)
        return Found(key, sent.enrollment, sent.mine)

    async def _judged(self, found: Mapping[str, Token], began: datetime) -> list[Found]:
        resting = []
        for key, sent in list(self._sent.items()):
            over = began - sent.since >= timedelta(seconds=sum(self._patience))
            rests = await self.judge(key, found.get(key), over=over)
            if rests is not None:
                resting.append(rests)
        return resting

    async def _seen(self, enrollment: Enrollment, token: Token | None, *, over: bool) -> Enrollment:
        at = self._clock.now()
        if enrollment.operation in CREATES:
            event = in_stock(enrollment, token, at)
        elif token is not None:
            event = in_inventory(enrollment, token, at)
        elif over:
            return await self._passages.go_on(enrollment, PatienceEnded(at=at))
        else:
            return enrollment
        enrollment = await self._passages.go_on(enrollment, event)
        if enrollment.state in UNDERWAY | WATCHED and over:
            end = at_the_end(event, enrollment, self._clock.now())
            enrollment = await self._passages.go_on(enrollment, end)
        return enrollment


def is_of_upload(enrollment: Enrollment) -> bool:
    """Tell whether an enrollment is a row of an upload, which settles what it left open itself."""
    of_job = enrollment.operation is Operation.ACTIVATE and bool(enrollment.job)
    return enrollment.operation in CREATES or of_job


def _key_of(enrollment: Enrollment) -> str:
    return folded(_serial_of(enrollment))


def _serial_of(enrollment: Enrollment) -> str:
    if enrollment.token is None:
        raise ValueError("what is uploaded is a token")
    return enrollment.token.serial_number
