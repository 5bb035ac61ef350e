"""Carries the tokens of a seed file into the inventory, one request each, without doing any twice.

How it works
------------
1.  A row is on record before it is sent, and done only once the inventory lists it; rows that were
    accepted are looked for together (Pool).
2.  Whatever nobody knows the outcome of (a lost answer, a station that was killed) is looked for in
    the same way. It is sent again only after patience has ended and it is still not listed.
3.  What keeps every row from going (no network, no sign-in, a throttle, a full disk) holds the
    whole job; the row in hand waits again, and the job goes on by itself.
4.  The seed of a row is overwritten as soon as the row is done, all others with the upload's end.
    What a later start knows is serial numbers alone: for more the file has to be opened again.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from app.core.enrollment import SUCCESS, Enrollment, State
from app.core.errors import (
    DirectoryError,
    Evidence,
    Forbidden,
    LedgerError,
    NotFound,
    OathdeskError,
    Rejected,
    SignInError,
    Throttled,
)
from app.core.events import TriedAgain
from app.core.import_ports import UploadJournal
from app.core.importing import Handing, LeftUpload, folded
from app.core.job import JobRow, JobState, RowState
from app.core.method_name import method_name
from app.core.model import CREATES, Operation, Operator, Person, Token
from app.core.preflight import Finding, FindingKind, OverrideReason, stands_in_the_way
from app.core.seed import SeedToken, wipe_all
from app.core.totp import code_at
from app.station.context import StationContext
from app.station.facts import FactFinder
from app.station.import_notices import ASSIGNED, THERE, UNSEEN, UploadGoneNotice
from app.station.passages import Passages
from app.station.stock import Stock
from app.station.tasks import Tasks
from app.station.timekeeper import Timekeeper
from app.station.upload_books import Books
from app.station.upload_drafts import activation, draft, fresh_id
from app.station.upload_pool import Found, Pool

HOLDS: Final = (5.0, 10.0, 30.0, 60.0)
"""Seconds before each new try of what keeps every row from going."""
_TRIES: Final = 3
"""How often a row is sent whose answers are lost and that is not seen in the inventory."""
_WORK: Final = "upload"


class Upload:
    """One upload at a time, and what an earlier one has left open."""

    def __init__(
        self,
        context: StationContext,
        passages: Passages,
        time: Timekeeper,
        facts: FactFinder,
        elsewhere: Collection[str],
    ) -> None:
        """Do nothing yet; `time` knows how far this machine's clock is off.

        `facts` judges the people whom rows name, with the reasons that the desk was given.
        `elsewhere` are the serial numbers, folded, that the desk is bringing in right now.
        """
        self._name_template = context.settings.method_name
        self._ports = context.ports
        self._directory = context.ports.directory
        self.journal: UploadJournal = context.ports.uploads or _NoJournal()
        self._time = time
        self._facts = facts
        self._reason: OverrideReason | None = None
        self._notify = context.tell
        self._elsewhere = elsewhere
        self._stock = Stock(context.ports.directory)
        self._passages = passages
        self._pool = Pool(self._stock, passages, context.clock)
        self._tasks = Tasks()
        self._woken = asyncio.Event()
        self._books: Books | None = None
        self._operator: Operator | None = None
        self._tokens: dict[str, SeedToken] = {}
        self._half: dict[str, Token] = {}
        self._kept: dict[str, Enrollment] = {}
        self._came: dict[str, Enrollment] = {}
        self._holds = 0
        self._held_until: datetime | None = None

    @property
    def is_shown(self) -> bool:
        """Tell whether there is an upload: it goes on, or its end was not seen yet."""
        return self._books is not None

    async def look(
        self, serials: Sequence[str], tell: Callable[[int], None]
    ) -> Mapping[str, Token]:
        """Return what the inventory has of `serials`, by them in folded form.

        `tell` hears how many pages were read. Raises DirectoryError and SignInError.
        """
        self._came.clear()  # whatever came until now is seen by this look
        return await self._stock.look(serials, tell)

    # What somebody asks for -------------------------------------------------------------------

    async def begin(  # noqa: PLR0913, PLR0917 - what was chosen on the page of the file
        self,
        file: str,
        tokens: Sequence[SeedToken],
        handing: Handing,
        operator: Operator,
        half: Mapping[str, Token] | None = None,
        reason: OverrideReason | None = None,
    ) -> None:
        """Upload `tokens`, which are this object's to wipe from now on.

        `reason` lets rows pass whose person asks for one; the others are left out by name.
        `half` are those, by serial number in folded form, that are there and only to be activated.
        Raises LedgerError where nothing can be written down; then nothing was begun.
        """
        if self._books is not None:
            return
        self._tokens = {folded(token.serial): token for token in tokens}
        self._half = dict(half or {})
        serials = tuple(token.serial for token in self._tokens.values())
        upload = LeftUpload(fresh_id(), file, self._now(), serials, handing)
        books = Books(upload, self.journal, self._ports.clock, self._notify)
        await books.open()
        await self._pool.adopt(self._ports.ledger, self._elsewhere)
        self._books, self._operator, self._reason = books, operator, reason
        self._go_on()

    async def settle(self) -> None:
        """Settle what an earlier upload has left open, and go on. Raises LedgerError."""
        if self._books is None:
            await self._pool.adopt(self._ports.ledger, self._elsewhere)
        self.wake()

    def wake(self) -> None:
        """Try again now what waits for something to change."""
        self._held_until = None
        self._woken.set()
        self._go_on()

    async def pause(self) -> None:
        """Begin no further row."""
        if self._books is not None:
            self._books.pause()

    async def resume(self) -> None:
        """Go on."""
        if self._books is not None:
            self._books.resume()
            self.wake()

    async def cancel(self) -> None:
        """End it; what was sent is still looked for."""
        if self._books is not None:
            self._books.cancel()
            self.wake()

    async def again(self) -> None:
        """Take up what failed, is unclear or was left."""
        if self._books is not None and self._books.again():
            self.wake()

    async def dismiss(self) -> None:
        """Let go of an upload whose end was seen."""
        if self._books is not None and self._books.has_ended:
            await asyncio.to_thread(self.journal.end)
            await self._let_go()

    async def close(self) -> None:
        """Stop, and overwrite every seed. What was sent is settled at the next start."""
        await self._tasks.stop_all()
        self._pool.clear()
        if self._books is not None:
            await asyncio.to_thread(self.journal.close)
        await self._let_go()

    # The work ---------------------------------------------------------------------------------

    def _go_on(self) -> None:
        self._tasks.once_more(_WORK, self._work)

    async def _work(self) -> None:
        while len(self._pool) or (self._books is not None and not self._books.is_over):
            await self._step()
        if self._books is not None:
            if self._books.is_whole:
                await asyncio.to_thread(self.journal.end)
                wipe_all(self._tokens.values())
            self._books.tell_now()

    async def _step(self) -> None:
        """Do the next thing, or wait until there is one."""
        books = self._books
        held = self._seconds_of_hold()
        if held > 0:
            await self._wait(held)
            return
        self._resume_from_hold()
        until = self._pool.seconds_until_look(busy=books is not None and books.has_more)
        if until == 0:
            await self._look()
        elif books is not None and (row := books.next()) is not None:
            await self._send(books, row)
        else:
            await self._wait(until)

    async def _wait(self, seconds: float | None) -> None:
        """Wait `seconds`, or until something changes."""
        self._woken.clear()
        waits: list[asyncio.Future[object]] = [asyncio.ensure_future(self._woken.wait())]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self._ports.clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _hold(self, error: OathdeskError) -> None:
        """Let everything wait: what is in the way is in every row's way."""
        delay = HOLDS[min(self._holds, len(HOLDS) - 1)]
        if isinstance(error, Throttled) and error.retry_after is not None:
            delay = max(delay, error.retry_after)
        self._holds += 1
        self._held_until = self._now() + timedelta(seconds=delay)
        if self._books is not None:
            self._books.hold(error)

    def _seconds_of_hold(self) -> float:
        if self._held_until is None:
            return 0.0
        return (self._held_until - self._now()).total_seconds()

    def _resume_from_hold(self) -> None:
        self._held_until = None
        if self._books is not None and self._books.job.state is JobState.HELD:
            self._books.resume()

    async def _look(self) -> None:
        try:
            found = await self._pool.look()
        except (DirectoryError, SignInError) as error:
            self._hold(error)
            return
        self._holds = 0
        for each in found:
            await self._rest(each)

    # Sending ----------------------------------------------------------------------------------

    async def _send(self, books: Books, row: JobRow) -> None:
        """Send one row, unless it was sent before, or may have been."""
        if row.key in self._pool:  # by an earlier life; what becomes of it becomes of the row
            return
        came = self._came.pop(row.key, None)
        if came is not None:  # an earlier life's, seen only after the file was looked at
            await self._arrived(books, row.key, came)
            return
        kept, token = self._kept.pop(row.key, None), self._tokens[row.key]
        if kept is not None and kept.state is State.UNSETTLED:
            self._pool.add(await self._passages.go_on(kept, TriedAgain(at=self._now())))
            books.is_sent(row.key)
            return
        try:
            sent = await self._submitted(kept or await self._drafted(books, token), token)
        except _StandsInTheWay as way:
            await books.settle(row.key, RowState.FAILED, reason=way.kind.value)
        except (NotFound, Rejected) as error:  # the person that the row names
            await books.settle(row.key, RowState.FAILED, error)
        except (DirectoryError, SignInError, LedgerError) as error:
            self._wait_again(books, row.key, kept, error)
        else:
            await self._answered(books, row, sent)

    async def _drafted(self, books: Books, token: SeedToken) -> Enrollment:
        """Return the enrollment of a row that was not sent yet.

        Raises as Directory.person does, and _StandsInTheWay.
        """
        wanted = books.upload.handing is not Handing.NOTHING and token.person
        person = await self._directory.person(token.person) if wanted else None
        findings = await self._judged(person) if person else ()
        half = self._half.get(folded(token.serial))
        if half is not None:
            return replace(activation(half, person, books.upload.id), findings=findings)
        operation = Operation.CREATE if person is None else Operation.CREATE_AND_ASSIGN
        seen = Token("", token.serial, token.manufacturer, token.model)
        drafted = draft(State.READY, operation, seen, person, books.upload.id)
        return replace(drafted, findings=findings)

    async def _judged(self, person: Person) -> tuple[Finding, ...]:
        """Return what is to be known of a row's person. Raises _StandsInTheWay."""
        assert self._operator is not None
        findings = await self._facts.judge_recipient(person, self._operator, self._reason)
        if stands_in_the_way(findings):
            raise _StandsInTheWay(findings[0].kind)
        return findings

    async def _submitted(self, enrollment: Enrollment, token: SeedToken) -> Enrollment:
        """Record and send. Raises LedgerError where nothing was sent."""
        assert self._operator is not None
        device = enrollment.token.device_id if enrollment.token else ""
        person = enrollment.person.id if enrollment.person else ""

        async def send() -> Evidence:
            if enrollment.operation in CREATES:
                return await self._directory.create(token, person)
            now = self._now().timestamp() + self._time.ahead()
            code = code_at(token.secret, now, token.interval, token.hash_function)
            name = method_name(self._name_template, enrollment.token) if enrollment.token else ""
            return await self._directory.activate(person, device, code, name=name, long_work=True)

        return await self._passages.submit(enrollment, self._operator, send)

    async def _answered(self, books: Books, row: JobRow, enrollment: Enrollment) -> None:
        """Go on with what the answer made of a row."""
        if enrollment.state in {State.NOT_DONE, State.HALF_DONE}:  # it was surely not sent
            self._wait_again(books, row.key, enrollment, enrollment.error)
            return
        self._holds = 0
        self._pool.add(enrollment)
        if enrollment.state is not State.AFTER_REFUSAL:
            books.is_sent(row.key)
            return
        try:
            listed = await self._directory.find_tokens(row.label, long_work=True)
        except (DirectoryError, SignInError):
            return  # the next look tells
        rests = await self._pool.judge(row.key, next(iter(listed), None), over=True)
        if rests is not None:
            await self._rest(rests)

    def _wait_again(
        self, books: Books, key: str, kept: Enrollment | None, error: OathdeskError | None
    ) -> None:
        """Put a row back that was not sent, and hold the job."""
        if kept is not None:
            self._kept[key] = kept
        books.put_back(key)
        if error is not None:
            self._hold(error)

    # At rest ----------------------------------------------------------------------------------

    async def _rest(self, found: Found) -> None:
        """Settle a row by what became of its enrollment, where it is one of this upload."""
        books, key, enrollment = self._books, found.key, found.enrollment
        if enrollment.state in SUCCESS and not found.mine:
            self._came[key] = enrollment
        if books is None or not books.is_working(key):
            return
        match enrollment.state:
            case State.CREATED | State.ASSIGNED | State.ACTIVATED:
                self._came.pop(key, None)
                await self._arrived(books, key, enrollment)
            case State.NOT_DONE:
                await self._not_done(books, found)
            case State.UNSETTLED:
                self._kept[key] = enrollment
                await books.settle(key, RowState.UNCLEAR, enrollment.error, UNSEEN)
            case _ if not found.mine:  # how an earlier run ended says nothing of this one's request
                books.put_back(key)
            case _:
                self._kept[key] = enrollment
                await books.settle(key, RowState.FAILED, enrollment.error, ASSIGNED)

    async def _arrived(self, books: Books, key: str, enrollment: Enrollment) -> None:
        """Go on with what the directory has: it is done, or the second half is still to come."""
        activates = books.upload.handing is Handing.ACTIVATE and enrollment.person is not None
        if enrollment.state is State.ASSIGNED and activates:
            assert enrollment.token is not None
            half = activation(enrollment.token, enrollment.person, enrollment.job)
            self._kept[key] = replace(half, findings=enrollment.findings)
            books.put_back(key)
        else:
            await self._done(books, key, RowState.DONE, enrollment.state.value)

    async def _not_done(self, books: Books, found: Found) -> None:
        """Tell a token that was there before from one that was refused, or lost on its way."""
        key, enrollment, error = found.key, found.enrollment, found.enrollment.error
        if enrollment.trail[-1].event == "SeenListed":
            await self._done(books, key, RowState.SKIPPED, THERE)
            return
        if not found.mine:
            books.put_back(key)
            return
        self._kept[key] = enrollment
        if isinstance(error, Forbidden) and enrollment.person is None:
            self._wait_again(books, key, enrollment, error)
        elif isinstance(error, Rejected | NotFound | Forbidden) or enrollment.attempts >= _TRIES:
            await books.settle(key, RowState.FAILED, error)
        else:
            books.put_back(key)

    async def _done(self, books: Books, key: str, state: RowState, reason: str = "") -> None:
        await books.settle(key, state, reason=reason)
        self._tokens[key].secret.wipe()

    async def _let_go(self) -> None:
        wipe_all(self._tokens.values())
        self._tokens, self._half, self._kept, self._operator = {}, {}, {}, None
        self._holds, self._held_until, self._reason = 0, None, None
        if self._books is not None:
            await self._books.close()
            self._books = None
            self._notify(UploadGoneNotice())

    def _now(self) -> datetime:
        return self._ports.clock.now()


class _StandsInTheWay(Exception):
    """A row's person cannot be given a token, or asks for a reason that was not given."""

    def __init__(self, kind: FindingKind) -> None:
        super().__init__(kind.value)
        self.kind = kind


class _NoJournal:
    """Keeps nothing, for a station that imports nothing."""

    def begin(self, upload: object) -> None:
        """Write nothing down."""

    def settled(self, serial: str, state: object) -> None:
        """Note nothing."""

    def end(self) -> None:
        """Forget nothing."""

    def close(self) -> None:
        """Close nothing."""

    def left(self) -> None:
        """Know of nothing."""
        return
