"""The one way of an enrollment: record it, send it, read the directory until it agrees.

A hand-over at the desk, the life of a token, work that was queued, a row of a job: each is an
enrollment, and a Submission carries it. The intent is on record before the request leaves. Every
passage after it is written down as well; where that fails the submission goes on, because the
request is out and the truth is in the directory: the recorder holds the entry until the record can
be written, and the intent on disk lets a later start settle it. Then the directory is read until it
agrees (app.station.read_back), and nothing is ever sent again blindly.

Submissions knows every enrollment that was submitted in this session and runs each beside its
caller: submitted at the desk, taken up again after a restart, or queued and now submitted. An
upload sends thousands of rows and reads them back together; it uses `submit` and `take` alone.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from app.core.certainty import WriteOutcome, outcome_of
from app.core.code import VerificationCode
from app.core.enrollment import UNDERWAY, WATCHED, Action, Enrollment, State, advance
from app.core.errors import DirectoryError, Evidence, LedgerError, SignInError
from app.core.events import (
    Accepted,
    Event,
    Lost,
    NotRecorded,
    NotSent,
    PatienceEnded,
    Recorded,
    Refused,
    Restarted,
    Submitted,
)
from app.core.method_name import method_name
from app.core.model import NEEDS_CODE, WITHOUT_PERSON, Operation, Operator, Token
from app.core.observe import at_the_end
from app.core.ports import Assignment, Clock
from app.core.record import Entry, attempt, correction, intent, passage
from app.station.context import Patience, StationContext
from app.station.facts import FactFinder
from app.station.read_back import ReadBack, both, token_of
from app.station.recorder import Recorder
from app.station.tasks import Tasks

Told = Callable[[Enrollment], None]
MakeDurable = Callable[[Entry], Awaitable[None]]
"""Puts an intent on record. Raises LedgerError; then nothing is sent."""
Request = Callable[[Enrollment], Awaitable[Evidence | Assignment]]
"""Sends what an enrollment asks for. Raises DirectoryError and SignInError."""

HELD_UP = 3
"""Looks after a refusal for which a queue of work waits; the others are taken behind it."""

LONGEST = 180.0
"""Seconds after which no further look is taken, unless patience itself is longer. It is twice what
all looks take where each is answered at once, so that only looks that are slow come near."""


def _always() -> bool:
    return True


def _untold(_enrollment: Enrollment) -> None:
    """Take note of a state of which the caller wants to hear nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to write about one enrollment: held one run at a time, lost to the run after it.

    `make_durable` puts an intent on record. Without it the caller submits again by
    itself what could not be recorded, so that no attempt is to be listed.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_mine: Callable[[], bool] = _always
    make_durable: MakeDurable | None = None


class Submission:
    """One run of one enrollment, from RECORDING (or a renewed look) to a state of rest.

    `enough` is set when the next run of a queue may begin: at rest, or after the first looks that
    follow a refusal. `failure` is what has ended the run early, as a closing station does.
    """

    def __init__(
        self,
        context: StationContext,
        patience: Patience,
        recorder: Recorder,
        told: Told = _untold,
        turn: Turn | None = None,
    ) -> None:
        """Tell each new state to `told`; what is written goes through `recorder`.

        Once `turn` is lost, because another run has taken over, this one ends without
        writing or telling anything more.
        """
        self._clock = context.clock
        self._desk = context.settings.name
        self._patience = patience
        self._recorder = recorder
        self._told = told
        self._turn = turn or Turn()
        self._read_back = ReadBack(context.ports.directory, context.clock)
        self._looks = 0
        self._since = context.clock.now()
        self._last_look: Event | None = None
        self.enough = asyncio.Event()
        self.failure: BaseException | None = None
        self.enrollment: Enrollment | None = None

    async def run(self, enrollment: Enrollment, operator: Operator, request: Request) -> Enrollment:
        """Perform each state's action until there is none left; return the enrollment at rest."""
        self.enrollment = enrollment
        try:
            while enrollment.action is not None and enrollment.state is not State.CHECKING:
                event = await self._perform(enrollment, operator, request)
                if not self._turn.is_mine():
                    break
                self.enrollment = enrollment = await self.take(enrollment, event)
                if enrollment.state in WATCHED and self._looks >= HELD_UP:
                    self.enough.set()
        except BaseException as failure:
            self.failure = failure
            raise
        finally:
            self.enough.set()
        return enrollment

    async def send(
        self, enrollment: Enrollment, operator: Operator, request: Request
    ) -> Enrollment:
        """Record and send, and return what the answer made of it; the caller reads back."""
        while enrollment.action in {Action.RECORD, Action.SUBMIT}:
            event = await self._perform(enrollment, operator, request)
            enrollment = await self.take(enrollment, event)
        return enrollment

    async def take(self, enrollment: Enrollment, event: Event) -> Enrollment:
        """Return the enrollment after `event`; a change of its state is written down and told."""
        after = advance(enrollment, event)
        async with self._turn.lock:
            if not self._turn.is_mine():
                return enrollment
            if after.state is not enrollment.state:
                self._looks, self._last_look, self._since = 0, None, self._now()
                await self._note(after)
            if self._turn.is_mine():
                self._told(after)
        return after

    async def _perform(self, enrollment: Enrollment, operator: Operator, request: Request) -> Event:
        match enrollment.action:
            case Action.RECORD:
                return await self._record(enrollment, operator)
            case Action.SUBMIT:
                return await answer_of(request(enrollment), self._clock)
            case _:
                return await self._look(enrollment)

    async def _note(self, enrollment: Enrollment) -> None:
        """Write the passage down. SUBMITTING follows from the intent.

        What is UNRECORDED the recorder holds as an attempt.
        """
        if enrollment.state not in {State.SUBMITTING, State.UNRECORDED}:
            await self._recorder.keep(passage(enrollment, self._now()))

    async def _record(self, enrollment: Enrollment, operator: Operator) -> Event:
        entry = intent(enrollment, operator, self._desk, self._now())
        try:
            async with self._turn.lock:
                await (self._turn.make_durable or self._recorder.write)(entry)
        except LedgerError as error:
            return NotRecorded(at=self._now(), error=error)
        return Recorded(at=self._now())

    async def _look(self, enrollment: Enrollment) -> Event:
        """Wait for the next look and take it; after the last one say what to believe."""
        delays = self._patience.delays
        if self._looks >= len(delays) or self._is_late():
            return at_the_end(self._last_look, enrollment, self._now())
        await self._clock.sleep(delays[self._looks])
        if not self._turn.is_mine():
            return PatienceEnded(at=self._now())  # which no caller waits for
        self._looks += 1
        last = self._looks == len(delays)
        behind = enrollment.state in WATCHED and self._looks > 1
        self._last_look = await self._read_back.see(enrollment, thorough=last, behind=behind)
        return self._last_look

    def _is_late(self) -> bool:
        """Tell whether looks that took long themselves have used up the time for all of them.

        Each may last as long as an exchange at most; a person who serves themselves waits for it.
        """
        longest = max(LONGEST, 2 * self._patience.seconds)
        return self._looks > 1 and (self._now() - self._since).total_seconds() > longest

    def _now(self) -> datetime:
        return self._clock.now()


class Submissions:
    """What was submitted in this session, by enrollment id, and the work that carries it."""

    def __init__(
        self,
        context: StationContext,
        facts: FactFinder,
        recorder: Recorder,
        told: Told,
    ) -> None:
        """Tell each new state to `told`."""
        self._context = context
        self._ports = context.ports
        self._settings = context.settings
        self._facts = facts
        self.recorder = recorder
        self._told = told
        self._tasks = Tasks()
        self._known: dict[str, Enrollment] = {}
        self._carried: dict[str, int] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._unbegun: dict[str, tuple[Entry, ...]] = {}
        self._count = 0
        self.operator: Operator | None = None

    def known(self, enrollment_id: str) -> Enrollment | None:
        """Return an enrollment of this session as it stands, or None."""
        return self._known.get(enrollment_id)

    def is_underway(self, token: Token, besides: str) -> bool:
        """Tell whether an enrollment other than `besides` is handing over `token` right now."""
        return any(
            other.state in UNDERWAY and other.token is not None and other.token.is_same(token)
            for other in self._known.values()
            if other.id != besides
        )

    def send_off(
        self, enrollment: Enrollment, code: VerificationCode | None, *before: Entry
    ) -> None:
        """Carry a submitted enrollment to rest, beside the caller.

        `before` is to be on record before its intent is.
        """
        if self.operator is None:
            return
        if enrollment.state is State.RECORDING:
            now = self._ports.clock.now()
            entry = intent(enrollment, self.operator, self._settings.name, now)
            self._unbegun[enrollment.id] = (*before, entry)

        async def make_durable(entry: Entry) -> None:
            await self.recorder.submit(entry, *before)

        self._start(enrollment, self.operator, self._settings.patience, code, make_durable)

    def adopt(self, enrollment: Enrollment) -> Enrollment | None:
        """Answer for an interrupted enrollment from now on; return it as it is to be taken up.

        None where it is on its way already, or came to rest since the record was read. What this
        session knows of it goes before what the record tells.
        """
        known = self._known.get(enrollment.id, enrollment)
        if self.operator is None or known.id in self._carried or not known.admits(Restarted):
            return None
        taken_up = advance(known, Restarted(at=self._ports.clock.now()))
        self._carried[known.id] = self._next_number()
        self._tell(taken_up)
        return taken_up

    async def take_up(self, adopted: Enrollment, patience: Patience) -> None:
        """Carry what was adopted to rest; what was refused is watched on behind."""
        if self.operator is None:
            self.let_go(adopted)
            return
        if self._known.get(adopted.id) is adopted:  # and was not submitted anew meanwhile
            await self._carry(adopted, self.operator, patience)

    def let_go(self, adopted: Enrollment) -> None:
        """Give back an adopted enrollment, so that another run may carry it to rest."""
        if self._known.get(adopted.id) is adopted:
            self._carried.pop(adopted.id, None)

    async def check_staged(self, draft: Enrollment, operator: Operator) -> Enrollment:
        """Return a staged draft with both cards, checked. Raises DirectoryError and SignInError."""
        if draft.token is None:
            raise ValueError("a check needs a token")
        underway = self.is_underway(draft.token, draft.id)
        event = await self._facts.judge(draft, operator, 1, underway=underway)
        if not underway and self.is_underway(draft.token, draft.id):  # submitted at the desk since
            event = await self._facts.judge(draft, operator, 1, underway=True)
        return advance(draft, event)

    async def submit_staged(self, checked: Enrollment, operator: Operator) -> Enrollment:
        """Submit a staged draft that was checked; return it as `see_through` does.

        What cannot be recorded is UNRECORDED and not listed: its caller submits it again.
        """
        submitted = advance(checked, Submitted(at=self._ports.clock.now()))
        return await self.see_through(submitted, operator)

    async def see_through(self, enrollment: Enrollment, operator: Operator) -> Enrollment:
        """Carry what was submitted, or is to be looked at again, to rest; return it then.

        What was refused is returned after a few looks, and watched on in the background.
        """
        return await self._carry(enrollment, operator, self._settings.patience)

    async def submit(
        self, enrollment: Enrollment, operator: Operator, request: Request
    ) -> Enrollment:
        """Record the intent, send `request`, and return what the answer made of the enrollment.

        The caller reads back and hands what it saw to `take`. Raises LedgerError where the intent
        cannot be written: then nothing was sent. A row of a job is submitted again by its job;
        anything else is listed as an attempt.
        """
        make_durable = None if enrollment.job else self.recorder.submit
        submitted = advance(enrollment, Submitted(at=self._ports.clock.now()))
        sent = await self._unlisted(make_durable).send(submitted, operator, request)
        if isinstance(sent.error, LedgerError):
            raise sent.error
        return sent

    async def take(self, enrollment: Enrollment, event: Event) -> Enrollment:
        """Return an enrollment of `submit` after `event`; a change of its state is written down."""
        return await self._unlisted().take(enrollment, event)

    async def correct(self, enrollment: Enrollment, event: Event) -> bool:
        """Record and tell that a state of rest has turned out otherwise; tell whether it was so.

        Not where it was submitted or looked at anew meanwhile. What cannot be written down stays
        as it was, and is found at the next look. Raises LedgerError then.
        """
        async with self._turns.setdefault(enrollment.id, asyncio.Lock()):
            if self._known.get(enrollment.id, enrollment) is not enrollment:
                return False
            if enrollment.id in self._carried:
                return False
            after = advance(enrollment, event)
            entry = correction(after, enrollment.state, event.at, self._ports.clock.now())
            await self.recorder.write(entry)
            self._tell(after)
        return True

    async def close(self) -> None:
        """Stop, and forget. What was submitted stays on disk and is settled at the next start.

        What was submitted in this very moment, so that its work has not begun, is listed as not
        recorded.
        """
        self.operator = None
        await self._tasks.stop_all()
        for *before, entry in self._unbegun.values():
            for each in (*before, attempt(entry)):
                self.recorder.hold(each)
        self._unbegun.clear()
        self._known.clear()
        self._carried.clear()
        self._turns.clear()

    async def _carry(
        self, enrollment: Enrollment, operator: Operator, patience: Patience
    ) -> Enrollment:
        submission = self._start(enrollment, operator, patience, None)
        try:
            await submission.enough.wait()
        except asyncio.CancelledError:
            self._tasks.stop(_name(enrollment.id, self._carried.get(enrollment.id, 0)))
            raise
        if submission.failure is not None:
            raise submission.failure
        return submission.enrollment or enrollment

    def _unlisted(self, make_durable: MakeDurable | None = None) -> Submission:
        """Return a submission whose enrollment is its caller's alone."""
        turn = Turn(make_durable=make_durable)
        return Submission(self._context, self._settings.patience, self.recorder, turn=turn)

    def _start(
        self,
        enrollment: Enrollment,
        operator: Operator,
        patience: Patience,
        code: VerificationCode | None,
        make_durable: MakeDurable | None = None,
    ) -> Submission:
        """Carry an enrollment beside the caller, in place of what carried it before."""
        number = self._carried[enrollment.id] = self._next_number()
        self._tell(enrollment)
        submission = Submission(
            self._context,
            patience,
            self.recorder,
            self._tell,
            Turn(
                self._turns.setdefault(enrollment.id, asyncio.Lock()),
                lambda: self._carried.get(enrollment.id) == number,
                make_durable,
            ),
        )
        request = partial(_requested, self._context, code)
        work = self._run(submission, enrollment, operator, request, number)
        self._tasks.start(_name(enrollment.id, number), work)
        return submission

    async def _run(
        self,
        submission: Submission,
        enrollment: Enrollment,
        operator: Operator,
        request: Request,
        number: int,
    ) -> Enrollment:
        self._unbegun.pop(enrollment.id, None)
        try:
            return await submission.run(enrollment, operator, request)
        finally:
            if self._carried.get(enrollment.id) == number:
                del self._carried[enrollment.id]

    def _next_number(self) -> int:
        self._count += 1
        return self._count

    def _tell(self, enrollment: Enrollment) -> None:
        self._known[enrollment.id] = enrollment
        self._facts.take_method(enrollment)
        self._told(enrollment)


def _name(enrollment_id: str, number: int) -> str:
    return f"submission {enrollment_id} {number}"


async def _requested(
    context: StationContext, code: VerificationCode | None, enrollment: Enrollment
) -> Evidence | Assignment:
    """Send the request of an enrollment's operation; `code` is on the token that is activated."""
    directory, operation = context.ports.directory, enrollment.operation
    if operation in WITHOUT_PERSON:
        return await directory.delete(token_of(enrollment).device_id)
    if operation in NEEDS_CODE:
        return await _activated(context, code, enrollment)
    token, person = both(enrollment)
    method_id = enrollment.method_id or token.device_id
    match operation:
        case Operation.ASSIGN:
            return await directory.assign(person.id, token.device_id)
        case Operation.DEACTIVATE:
            return await directory.deactivate(person.id, method_id)
        case Operation.UNASSIGN:
            in_job = bool(enrollment.job)
            return await directory.unassign(person.id, method_id, long_work=in_job)
    raise ValueError(f"{operation} is not sent from here")


async def _activated(
    context: StationContext, code: VerificationCode | None, enrollment: Enrollment
) -> Evidence | Assignment:
    """Send a request that carries a code and the name of the new method."""
    if code is None:
        raise ValueError("an activation needs a code")
    directory = context.ports.directory
    token, person = both(enrollment)
    name = method_name(context.settings.method_name, token)
    match enrollment.operation:
        case Operation.ACTIVATE:
            method_id = enrollment.method_id or token.device_id
            return await directory.activate(person.id, method_id, code, name=name)
        case Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL:
            serial = token.serial_number
            return await directory.assign_and_activate_by_serial(person.id, serial, code, name=name)
    return await directory.assign_and_activate(person.id, token.device_id, code, name=name)


async def answer_of(write: Awaitable[Evidence | Assignment], clock: Clock) -> Event:
    """Await `write` and return the event that its answer, or the want of one, is."""
    try:
        told = await write
    except (SignInError, DirectoryError) as error:
        outcome = outcome_of(error)
        if isinstance(error, SignInError) or outcome is WriteOutcome.NOT_SENT:
            return NotSent(at=clock.now(), error=error)
        kind = Refused if outcome is WriteOutcome.REFUSED else Lost
        return kind(at=clock.now(), error=error)
    given = told if isinstance(told, Assignment) else Assignment(told)
    return Accepted(at=clock.now(), evidence=given.evidence, method=given.method)
