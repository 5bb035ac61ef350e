"""Carries the tokens of a seed file into the inventory, one request each, without doing any twice.

How it works
------------
1.  A row is on record before it is sent, and done only once the inventory lists it. To read each
    one back by itself would double the requests; so rows that were accepted are gathered in a pool
    and looked for together, which costs one request for twenty at most.
2.  Whatever nobody knows the outcome of (a lost answer, a station that was killed) goes into the
    same pool. It is sent again only after patience has ended and the inventory still does not list
    it.
3.  What keeps every row from going (no network, no sign-in, a throttle, a full disk) holds the
    whole job; the row in hand waits again, and the job goes on by itself.
4.  The seed of a row is overwritten as soon as the row is done, all others with the upload's end.
    What a later start knows is serial numbers alone: for more the file has to be opened again.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.core.enrollment import UNDERWAY, Enrollment, State, advance
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
from app.core.events import PatienceEnded, Restarted, TriedAgain
from app.core.import_ports import UploadJournal
from app.core.importing import DONE, Handing, LeftUpload, folded
from app.core.job import JobRow, JobState, RowState
from app.core.model import CREATES, Mode, Operation, Operator, Person, Token
from app.core.observe import at_the_end, in_inventory, in_stock
from app.core.record import interrupted
from app.core.seed import SeedToken, wipe_all
from app.core.totp import code_at
from app.station.import_notices import ASSIGNED, THERE, UNSEEN, UploadGoneNotice
from app.station.passages import Passages
from app.station.setup import DeskSettings, Notify, Outside
from app.station.stock import Stock
from app.station.tasks import Tasks
from app.station.upload_books import Books

SHARE: Final = 20
"""Rows that are sent for each request of a look in between: what reading back costs is 5 %."""
HOLDS: Final = (5.0, 10.0, 30.0, 60.0)
"""Seconds before each new try of what keeps every row from going."""
_TRIES: Final = 3
"""How often a row is sent whose answers are lost and that is not seen in the inventory."""
_WORK: Final = "upload"


@dataclass(slots=True)
class _Sent:
    """What was sent at `since` and is looked for. `mine` is False for one of an earlier life."""

    enrollment: Enrollment
    since: datetime
    mine: bool = True

    @property
    def serial(self) -> str:
        return _token_of(self.enrollment).serial_number


class Upload:
    """One upload at a time, and what an earlier one has left open."""

    def __init__(
        self,
        outside: Outside,
        settings: DeskSettings,
        journal: UploadJournal,
        ahead: Callable[[], float],
        notify: Notify,
    ) -> None:
        """Do nothing yet. `ahead` is how many seconds true time is ahead of this machine's."""
        self._outside = outside
        self._directory = outside.directory
        self._journal = journal
        self._ahead = ahead
        self._notify = notify
        self._patience = settings.patience.delays
        self._passages = Passages(outside.ledger, outside.clock, settings.desk)
        self.stock = Stock(outside.directory)
        self._tasks = Tasks()
        self._woken = asyncio.Event()
        self._books: Books | None = None
        self._operator: Operator | None = None
        self._tokens: dict[str, SeedToken] = {}
        self._kept: dict[str, Enrollment] = {}
        self._pool: dict[str, _Sent] = {}
        self._sent_since_look = 0
        self._idle_looks = 0
        self._looked_at: datetime | None = None
        self._holds = 0
        self._held_until: datetime | None = None

    @property
    def is_under_way(self) -> bool:
        """Tell whether an upload is shown: it goes on, or its end was not seen yet."""
        return self._books is not None

    # What somebody asks for -------------------------------------------------------------------

    async def begin(
        self, file: str, tokens: Sequence[SeedToken], handing: Handing, operator: Operator
    ) -> None:
        """Upload `tokens`, which are this object's to wipe from now on.

        Raises LedgerError where nothing can be written down; then nothing was begun.
        """
        if self._books is not None:
            return
        serials = tuple(token.serial for token in tokens)
        upload = LeftUpload(_fresh_id(), file, self._now(), serials, handing)
        books = Books(upload, self._journal, self._outside.clock, self._notify)
        await books.open()
        self._tokens = {token.serial: token for token in tokens}
        self._books, self._operator = books, operator
        await self._adopt()
        self._go_on()

    async def settle(self) -> None:
        """Settle what an earlier upload has left open. Raises LedgerError."""
        if self._books is None:
            await self._adopt()
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
        if self._books is None or not self._books.is_over or self._tasks.is_running(_WORK):
            return
        await asyncio.to_thread(self._journal.end)
        await self._let_go()

    async def close(self) -> None:
        """Stop, and overwrite every seed. What was sent is settled at the next start."""
        await self._tasks.stop_all()
        self._pool.clear()
        await asyncio.to_thread(self._journal.close)
        await self._let_go()

    # The work ---------------------------------------------------------------------------------

    def _go_on(self) -> None:
        if not self._tasks.is_running(_WORK):
            self._tasks.start(_WORK, self._work())

    async def _work(self) -> None:
        while self._pool or (self._books is not None and not self._books.is_over):
            await self._step()
        if self._books is not None:
            if self._books.is_whole:
                await asyncio.to_thread(self._journal.end)
                self._wipe()
            self._books.tell_now()

    async def _step(self) -> None:
        """Do the next thing, or wait until there is one."""
        books = self._books
        held = self._seconds_until(self._held_until)
        if held > 0:
            await self._wait(held)
            return
        self._resume_from_hold()
        if self._is_time_to_look():
            await self._look()
        elif books is not None and (row := books.next()) is not None:
            await self._send(books, row)
        elif self._pool:
            await self._wait(self._until_look())
        else:
            await self._wait(None)

    async def _wait(self, seconds: float | None) -> None:
        """Wait `seconds`, or until something changes."""
        self._woken.clear()
        waits = [asyncio.ensure_future(self._woken.wait())]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self._outside.clock.sleep(seconds)))
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

    def _resume_from_hold(self) -> None:
        self._held_until = None
        if self._books is not None and self._books.job.state is JobState.HELD:
            self._books.resume()

    # Looking ----------------------------------------------------------------------------------

    def _is_time_to_look(self) -> bool:
        if not self._pool:
            return False
        if self._books is not None and self._books.has_more:
            return self._sent_since_look >= SHARE * self.stock.cost(len(self._pool))
        return self._until_look() <= 0

    def _until_look(self) -> float:
        """Seconds until the next look, while nothing is sent."""
        if self._looked_at is None or self._sent_since_look:
            return 0
        delay = self._patience[min(self._idle_looks, len(self._patience) - 1)]
        return self._seconds_until(self._looked_at + timedelta(seconds=delay))

    async def _look(self) -> None:
        """Look for everything in the pool at once."""
        began = self._now()
        self._idle_looks = 0 if self._sent_since_look else self._idle_looks + 1
        self._sent_since_look = 0
        try:
            found = await self.stock.look([sent.serial for sent in self._pool.values()])
        except (DirectoryError, SignInError) as error:
            self._hold(error)
            return
        self._holds = 0
        self._looked_at = self._now()
        for key, sent in list(self._pool.items()):
            over = began - sent.since >= timedelta(seconds=sum(self._patience))
            await self._judge(key, sent, found.get(key), over=over)

    async def _judge(self, key: str, sent: _Sent, token: Token | None, *, over: bool) -> None:
        """Take in what a look has shown of one token; `over` where patience has ended."""
        enrollment = await self._seen(sent.enrollment, token, over=over)
        if enrollment.state in UNDERWAY:
            sent.enrollment = enrollment
            return
        self._pool.pop(key, None)
        if self._books is not None:
            with suppress(KeyError):  # an earlier upload's, and not in this file
                await self._rest(self._books, sent, enrollment)

    async def _seen(self, enrollment: Enrollment, token: Token | None, *, over: bool) -> Enrollment:
        at = self._now()
        if enrollment.operation in CREATES:
            event = in_stock(enrollment, token, at)
        elif token is not None:
            event = in_inventory(enrollment, token, at)
        else:
            if not over:
                return enrollment
            return await self._passages.go_on(enrollment, PatienceEnded(at=at))
        enrollment = await self._passages.go_on(enrollment, event)
        if enrollment.state in UNDERWAY and over:
            end = at_the_end(event, enrollment, self._now())
            enrollment = await self._passages.go_on(enrollment, end)
        return enrollment

    # Sending ----------------------------------------------------------------------------------

    async def _send(self, books: Books, row: JobRow) -> None:
        """Send one row, unless it may have been sent before."""
        key = folded(row.key)
        if key in self._pool:  # by an earlier life; what becomes of it becomes of the row
            return
        kept = self._kept.pop(row.key, None)
        if kept is not None and kept.state is State.UNSETTLED:
            again = await self._passages.go_on(kept, TriedAgain(at=self._now()))
            self._pool[key] = _Sent(again, self._now())
            books.is_sent(row.key)
            return
        try:
            enrollment = kept or await self._drafted(books, self._tokens[row.key])
            sent = await self._submitted(enrollment, self._tokens[row.key])
        except (NotFound, Rejected) as error:  # the person that the row names
            await books.settle(row.key, RowState.FAILED, error)
        except (DirectoryError, SignInError, LedgerError) as error:
            self._wait_again(books, row.key, kept, error)
        else:
            await self._answered(books, row, sent)

    async def _answered(self, books: Books, row: JobRow, enrollment: Enrollment) -> None:
        """Go on with what the answer made of a row."""
        if enrollment.state in {State.NOT_DONE, State.HALF_DONE}:  # it was surely not sent
            self._wait_again(books, row.key, enrollment, enrollment.error)
            return
        self._holds = 0
        self._sent_since_look += 1
        sent = self._pool[folded(row.key)] = _Sent(enrollment, self._now())
        if enrollment.state is not State.AFTER_REFUSAL:
            books.is_sent(row.key)
            return
        try:
            found = await self._directory.find_tokens(row.key, long_work=True)
        except (DirectoryError, SignInError):
            return  # the next look tells
        await self._judge(folded(row.key), sent, next(iter(found), None), over=True)

    def _wait_again(
        self, books: Books, key: str, kept: Enrollment | None, error: OathdeskError | None
    ) -> None:
        """Put a row back that was not sent, and hold the job."""
        if kept is not None:
            self._kept[key] = kept
        books.put_back(key)
        if error is not None:
            self._hold(error)

    async def _drafted(self, books: Books, token: SeedToken) -> Enrollment:
        """Return the enrollment of a row that was not sent yet. Raises as Directory.person does."""
        wanted = books.upload.handing is not Handing.NOTHING and token.person
        person = await self._directory.person(token.person) if wanted else None
        operation = Operation.CREATE if person is None else Operation.CREATE_AND_ASSIGN
        seen = Token("", token.serial, token.manufacturer, token.model)
        return _draft(State.READY, operation, seen, person, books.upload.id)

    async def _submitted(self, enrollment: Enrollment, token: SeedToken) -> Enrollment:
        """Record and send. Raises LedgerError where nothing was sent."""
        assert self._operator is not None

        async def send() -> Evidence:
            person = enrollment.person.id if enrollment.person else ""
            if enrollment.operation in CREATES:
                return await self._directory.create(token, person)
            now = self._now().timestamp() + self._ahead()
            code = code_at(token.secret, now, token.interval, token.hash_function)
            device = _token_of(enrollment).device_id
            return await self._directory.activate(person, device, code, long_work=True)

        return await self._passages.submit(enrollment, self._operator, send)

    # At rest ----------------------------------------------------------------------------------

    async def _rest(self, books: Books, sent: _Sent, enrollment: Enrollment) -> None:
        """Settle a row by what became of its enrollment. Raises KeyError for none of this upload.

        A row that was not sent in this life is not of this upload; only where it waits for what
        was sent in an earlier one is it settled with it.
        """
        key = self._key_of(books, sent)
        if books.job.row(key).state is not RowState.WORKING:
            return
        handing = books.upload.handing
        match enrollment.state:
            case State.ASSIGNED if handing is Handing.ACTIVATE and enrollment.person:
                self._kept[key] = self._activation(enrollment)
                books.put_back(key)
            case State.CREATED | State.ASSIGNED | State.ACTIVATED:
                await self._done(books, key, RowState.DONE)
            case State.NOT_DONE:
                await self._not_done(books, key, sent, enrollment)
            case State.UNSETTLED:
                self._kept[key] = enrollment
                await books.settle(key, RowState.UNCLEAR, enrollment.error, UNSEEN)
            case _:
                self._kept[key] = enrollment
                await books.settle(key, RowState.FAILED, enrollment.error, ASSIGNED)

    def _key_of(self, books: Books, sent: _Sent) -> str:
        """Return the key of the row that a token of the pool belongs to. Raises KeyError."""
        if sent.mine:
            return books.job.row(sent.serial).key
        same = (key for key in self._tokens if folded(key) == folded(sent.serial))
        return books.job.row(next(same, "")).key

    async def _not_done(self, books: Books, key: str, sent: _Sent, enrollment: Enrollment) -> None:
        """Tell a token that was there before from one that was refused, or lost on its way."""
        error = enrollment.error
        if enrollment.trail[-1].event == "SeenListed":
            await self._done(books, key, RowState.SKIPPED, THERE)
            return
        if not sent.mine:
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
        token = self._tokens.get(key)
        if token is not None and state in DONE:
            token.secret.wipe()

    def _activation(self, assigned: Enrollment) -> Enrollment:
        """Return the enrollment that activates what was assigned."""
        token, person = _token_of(assigned), assigned.person
        return _draft(State.AWAITING_CODE, Operation.ACTIVATE, token, person, assigned.job)

    async def _adopt(self) -> None:
        """Take what the record calls open into the pool. Raises LedgerError."""
        entries = await asyncio.to_thread(self._outside.ledger.unsettled)
        for enrollment, last in interrupted(entries):
            if not is_of_upload(enrollment) or not enrollment.admits(Restarted):
                continue
            key = folded(_token_of(enrollment).serial_number)
            if key not in self._pool:
                taken_up = advance(enrollment, Restarted(at=self._now()))
                self._pool[key] = _Sent(taken_up, last, mine=False)

    async def _let_go(self) -> None:
        if self._books is not None:
            await self._books.close()
            self._books = None
            self._notify(UploadGoneNotice())
        self._wipe()
        self._operator = None
        self._kept.clear()
        self._holds, self._held_until = 0, None

    def _wipe(self) -> None:
        wipe_all(self._tokens.values())

    def _seconds_until(self, moment: datetime | None) -> float:
        return 0.0 if moment is None else (moment - self._now()).total_seconds()

    def _now(self) -> datetime:
        return self._outside.clock.now()


def is_of_upload(enrollment: Enrollment) -> bool:
    """Tell whether an enrollment is a row of an upload, which settles what it left open itself."""
    of_job = enrollment.operation is Operation.ACTIVATE and bool(enrollment.job)
    return enrollment.operation in CREATES or of_job


def _draft(
    state: State, operation: Operation, token: Token, person: Person | None, job: str
) -> Enrollment:
    mode = Mode.ASSIGN_AND_ACTIVATE if operation is Operation.ACTIVATE else Mode.ASSIGN_ONLY
    return Enrollment(
        _fresh_id(), mode, state, token=token, person=person, operation=operation, job=job
    )


def _token_of(enrollment: Enrollment) -> Token:
    if enrollment.token is None:
        raise ValueError("what is uploaded is a token")
    return enrollment.token


def _fresh_id() -> str:
    return uuid.uuid4().hex
