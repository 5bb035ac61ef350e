"""Reads the directory to learn what became of a request, one enrollment or many at a time.

An answer to a write is no confirmation: the directory shows late what it has accepted, and an
answer can be lost. What a submission has sent is read, and only what was read is believed.

- ReadBack looks for one enrollment: at its person's methods, and in the inventory.
- SharedReadBack looks for many tokens at once. To read each token by itself would double the
  requests of an upload. So its looks are gathered: while rows are sent there is one request of a
  look for forty of them at most, and when nothing is sent the looks come as they do at the desk.
  What speaks against a token is believed only once patience has ended.
- InventoryLookup asks the inventory for serial numbers, the way that costs fewer requests.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.core.enrollment import UNDERWAY, WATCHED, Enrollment, State, advance
from app.core.errors import DirectoryError, Forbidden, NotFound, SignInError
from app.core.events import (
    Event,
    LookFailed,
    PatienceEnded,
    Restarted,
    SeenGone,
    SeenUnassigned,
)
from app.core.importing import folded
from app.core.model import (
    CREATES,
    WITHOUT_PERSON,
    Method,
    Operation,
    Person,
    Token,
    TokenStatus,
    method_of,
    method_with_id,
)
from app.core.observe import at_the_end, by_what_is_new, in_inventory, in_stock, on_person
from app.core.ports import Clock, Directory, Ledger
from app.core.record import interrupted
from app.station.context import Patience

Take = Callable[[Enrollment, Event], Awaitable[Enrollment]]
"""Returns an enrollment after an event, which is written down (Submissions.take)."""

FEW: Final = 5
"""Serial numbers that are asked for one by one while nobody knows how long the list is."""


SHARE: Final = 40
"""Rows that are sent for each request of a look in between: what reading back costs is 2.5 %."""


class ReadBack:
    """Looks for one enrollment, without changing anything."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        """Ask nothing yet."""
        self._directory = directory
        self._clock = clock

    async def see(self, enrollment: Enrollment, *, thorough: bool, behind: bool) -> Event:
        """Take one look and judge it, without changing anything: Seen..., or LookFailed.

        `thorough` asks both sides in any case; `behind` lets requests of the desk go first.
        """
        try:
            if enrollment.operation in WITHOUT_PERSON:
                return await self._read_stock(enrollment, behind=behind)
            return await self._read(enrollment, thorough=thorough, behind=behind)
        except (DirectoryError, SignInError) as error:
            return LookFailed(at=self._clock.now(), error=error)

    async def _read(self, enrollment: Enrollment, *, thorough: bool, behind: bool) -> Event:
        """Read the person's side, and the inventory where that side leaves a question.

        While an accepted write replicates, one read a look is enough; who else holds the token
        matters only after a refusal, after a lost answer, or in the end. What was to be taken back
        is gone only when both sides say so.
        """
        token, person = both(enrollment)
        behind = behind or bool(enrollment.job)
        methods = await self._methods_of(person, behind=behind)
        method = method_of(methods, token)
        method = method or method_with_id(methods, enrollment.method_id, token)
        if method is None and (seen := by_what_is_new(enrollment, methods, self._clock.now())):
            return seen
        if method is not None:
            known = None
            if method.token is None:
                known = await self._device_of(enrollment, method, token, behind=behind)
            return on_person(enrollment, method, known, self._clock.now())
        if enrollment.state is State.CONFIRMING and not (thorough or enrollment.takes_back):
            return SeenUnassigned(at=self._clock.now())
        stock = await self._stock_of(enrollment, token, behind=behind)
        return in_inventory(enrollment, stock, self._clock.now())

    async def _device_of(
        self, enrollment: Enrollment, method: Method, token: Token, *, behind: bool
    ) -> Token | None:
        """Return the inventory's view of a token whose device the person's list leaves out.

        None where it may not be read and need not be: after an assignment the method that the
        answer named is all that is to be confirmed.
        """
        try:
            return await self._directory.token(token.device_id, long_work=behind)
        except Forbidden:
            named = method.id == enrollment.method_id and enrollment.evidence is not None
            if named and enrollment.operation is Operation.ASSIGN:
                return None
            raise

    async def _read_stock(self, enrollment: Enrollment, *, behind: bool) -> Event:
        """Read the token in the inventory: without a holder it is among no person's methods."""
        device_id = token_of(enrollment).device_id
        try:
            token = await self._directory.token(device_id, long_work=behind)
        except NotFound:
            return SeenGone(at=self._clock.now())
        return in_inventory(enrollment, token, self._clock.now())

    async def _methods_of(self, person: Person, *, behind: bool) -> tuple[Method, ...]:
        """Return the person's tokens; a person who is gone has none, and the inventory decides."""
        try:
            return await self._directory.hardware_methods(person.id, long_work=behind)
        except NotFound:
            return ()

    async def _stock_of(self, enrollment: Enrollment, token: Token, *, behind: bool) -> Token:
        """Return the inventory's view; a token that is gone is nobody's.

        For whoever may not read the inventory the person's side alone decides whether the token is
        theirs, where that is all that is asked.
        """
        nobodys = replace(token, status=TokenStatus.OTHER, holder=None)
        if not token.device_id:
            return nobodys
        try:
            return await self._directory.token(token.device_id, long_work=behind)
        except NotFound:
            return nobodys
        except Forbidden:
            if not enrollment.takes_back:
                raise
            return nobodys


def _unheard(_pages: int) -> None:
    """Take note of a page of which the caller wants to hear nothing."""


class InventoryLookup:
    """Asks the inventory for many serial numbers at once, the way that costs fewer requests.

    One request finds one serial number; the whole list costs one request a page. Which is less
    depends on how many are asked for and on how many pages there are, which only reading tells.
    All of it is long work: requests of the desk go before.
    """

    def __init__(self, directory: Directory) -> None:
        """Know nothing of its size yet."""
        self._directory = directory
        self._pages: int | None = None

    def cost(self, count: int) -> int:
        """Return how many requests a look for `count` serial numbers takes, as far as is known."""
        return count if self._by_serial(count) else self._pages or 1

    async def look(
        self, serials: Collection[str], tell: Callable[[int], None] = _unheard
    ) -> dict[str, Token]:
        """Return the tokens of the inventory that have one of `serials`, by it in folded form.

        `tell` hears how many pages were read. Raises DirectoryError and SignInError.
        """
        if not serials:
            return {}
        if self._by_serial(len(serials)):
            return await self._one_by_one(serials)
        return await self._all(frozenset(map(folded, serials)), tell)

    def _by_serial(self, count: int) -> bool:
        return count <= (FEW if self._pages is None else self._pages)

    async def _one_by_one(self, serials: Collection[str]) -> dict[str, Token]:
        found: dict[str, Token] = {}
        for serial in serials:
            tokens = await self._directory.find_tokens(serial, long_work=True)
            found.update((folded(serial), token) for token in tokens[:1])
        return found

    async def _all(self, wanted: frozenset[str], tell: Callable[[int], None]) -> dict[str, Token]:
        """Go through the list, no further than until all are found."""
        found: dict[str, Token] = {}
        following, pages = "", 0
        while pages == 0 or (following and len(found) < len(wanted)):
            page = await self._directory.inventory_page(following, long_work=True)
            following, pages = page.following, pages + 1
            for token in page.tokens:
                serial = folded(token.serial_number)
                if serial in wanted:
                    found.setdefault(serial, token)
            tell(pages)
        self._pages = max(pages, self._pages or 0)
        return found


@dataclass(slots=True)
class Sent:
    """What was sent at `since` and is looked for. `mine` is False for one of an earlier life."""

    enrollment: Enrollment
    since: datetime
    mine: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """An enrollment that has come to rest; `key` is its serial number, folded."""

    key: str
    enrollment: Enrollment
    mine: bool


class SharedReadBack:
    """Enrollments that were sent, by serial number, folded."""

    def __init__(
        self, lookup: InventoryLookup, take: Take, patience: Patience, clock: Clock
    ) -> None:
        """Begin empty. Idle looks come as `patience` says; what they show goes to `take`."""
        self._lookup = lookup
        self._take = take
        self._clock = clock
        self._patience = patience.delays
        self._sent: dict[str, Sent] = {}
        self._since_look = 0
        self._idle_looks = 0
        self._looked_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._sent)

    def __contains__(self, key: str) -> bool:
        return key in self._sent

    def add(self, enrollment: Enrollment) -> None:
        """Look for `enrollment`, which was sent just now, from the next look on."""
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
            due = self._since_look >= SHARE * self._lookup.cost(len(self._sent))
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
        found = await self._lookup.look(
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
            return await self._take(enrollment, PatienceEnded(at=at))
        else:
            return enrollment
        enrollment = await self._take(enrollment, event)
        if enrollment.state in UNDERWAY | WATCHED and over:
            end = at_the_end(event, enrollment, self._clock.now())
            enrollment = await self._take(enrollment, end)
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


def token_of(enrollment: Enrollment) -> Token:
    """Return the token of an enrollment that was submitted, and so has one."""
    if enrollment.token is None:
        raise ValueError("a submitted enrollment has a token")
    return enrollment.token


def both(enrollment: Enrollment) -> tuple[Token, Person]:
    """Return the token and the person of an enrollment that was submitted, and so has both."""
    if enrollment.person is None:
        raise ValueError("this enrollment has a person")
    return token_of(enrollment), enrollment.person
