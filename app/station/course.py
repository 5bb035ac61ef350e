"""Carries one submitted enrollment to rest: record it, send it, read the directory until it agrees.

Every passage after the intent is written down as well. Where that fails the course goes on, because
the request is out and the truth is in the directory: the recorder holds the entry until the record
can be written, and the intent on disk lets a later start settle it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.core.code import VerificationCode
from app.core.enrollment import WATCHED, Action, Enrollment, State, advance
from app.core.errors import (
    DirectoryError,
    Evidence,
    Forbidden,
    LedgerError,
    NotFound,
    SignInError,
)
from app.core.events import (
    Event,
    LookFailed,
    NotRecorded,
    PatienceEnded,
    Recorded,
    SeenGone,
    SeenUnassigned,
)
from app.core.method_name import method_name
from app.core.model import (
    WITHOUT_PERSON,
    Method,
    Operation,
    Operator,
    Person,
    Token,
    TokenStatus,
    method_of,
    method_with_id,
)
from app.core.observe import at_the_end, by_what_is_new, in_inventory, on_person
from app.core.ports import Assignment
from app.core.record import Entry, intent, passage
from app.station.answering import answer_of
from app.station.context import Patience, StationContext
from app.station.recorder import Recorder

Told = Callable[[Enrollment], None]
MakeDurable = Callable[[Entry], Awaitable[None]]
"""Puts an intent on record. Raises LedgerError; then nothing is sent."""


HELD_UP = 3
"""Looks after a refusal for which a queue of work waits; the others are taken behind it."""

LONGEST = 180.0
"""Seconds after which no further look is taken, unless patience itself is longer. It is twice what
all looks take where each is answered at once, so that only looks that are slow come near."""


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to write about one enrollment: held one run at a time, lost to the run after it.

    `make_durable` puts an intent on record. Without it the caller submits again by
    itself what could not be recorded, so that no attempt is to be listed.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_mine: Callable[[], bool] = _always
    make_durable: MakeDurable | None = None


class Course:
    """One run of one enrollment, from RECORDING (or a renewed look) to a state of rest.

    `enough` is set when the next run of a queue may begin: at rest, or after the first looks that
    follow a refusal. `failure` is what has ended the run early, as a closing station does.
    """

    def __init__(
        self,
        context: StationContext,
        patience: Patience,
        recorder: Recorder,
        told: Told,
        turn: Turn | None = None,
    ) -> None:
        """Tell each new state to `told`; what is written goes through `recorder`.

        Once `turn` is lost, because another run has taken over, this one ends without
        writing or telling anything more.
        """
        self._ports = context.ports
        self._settings = context.settings
        self._patience = patience
        self._recorder = recorder
        self._told = told
        self._turn = turn or Turn()
        self._looks = 0
        self._since = context.clock.now()
        self._last_look: Event | None = None
        self.enough = asyncio.Event()
        self.failure: BaseException | None = None
        self.enrollment: Enrollment | None = None

    async def run(
        self, enrollment: Enrollment, operator: Operator, code: VerificationCode | None = None
    ) -> Enrollment:
        """Perform each state's action until there is none left; return the enrollment at rest."""
        self.enrollment = enrollment
        try:
            while enrollment.action is not None and enrollment.state is not State.CHECKING:
                event = await self._perform(enrollment, operator, code)
                if not self._turn.is_mine():
                    break
                self.enrollment = enrollment = await self._pass(enrollment, event)
                if enrollment.state in WATCHED and self._looks >= HELD_UP:
                    self.enough.set()
        except BaseException as failure:
            self.failure = failure
            raise
        finally:
            self.enough.set()
        return enrollment

    async def _perform(
        self, enrollment: Enrollment, operator: Operator, code: VerificationCode | None
    ) -> Event:
        match enrollment.action:
            case Action.RECORD:
                return await self._record(enrollment, operator)
            case Action.SUBMIT:
                return await self._submit(enrollment, code)
            case _:
                return await self._look(enrollment)

    async def _pass(self, enrollment: Enrollment, event: Event) -> Enrollment:
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

    async def _note(self, enrollment: Enrollment) -> None:
        """Write the passage down. SUBMITTING follows from the intent.

        What is UNRECORDED the recorder holds as an attempt.
        """
        if enrollment.state not in {State.SUBMITTING, State.UNRECORDED}:
            await self._recorder.keep(passage(enrollment, self._now()))

    async def _record(self, enrollment: Enrollment, operator: Operator) -> Event:
        entry = intent(enrollment, operator, self._settings.name, self._now())
        try:
            async with self._turn.lock:
                await (self._turn.make_durable or self._recorder.write)(entry)
        except LedgerError as error:
            return NotRecorded(at=self._now(), error=error)
        return Recorded(at=self._now())

    async def _submit(self, enrollment: Enrollment, code: VerificationCode | None) -> Event:
        if enrollment.operation in WITHOUT_PERSON:
            delete = self._ports.directory.delete(_token_of(enrollment).device_id)
            return await answer_of(delete, self._ports.clock)
        return await answer_of(self._send(enrollment, code), self._ports.clock)

    async def _send(
        self, enrollment: Enrollment, code: VerificationCode | None
    ) -> Evidence | Assignment:
        token, person = _both(enrollment)
        directory = self._ports.directory
        method_id = enrollment.method_id or token.device_id
        in_job = bool(enrollment.job)
        match enrollment.operation:
            case Operation.ASSIGN:
                return await directory.assign(person.id, token.device_id)
            case Operation.DEACTIVATE:
                return await directory.deactivate(person.id, method_id)
            case Operation.UNASSIGN:
                return await directory.unassign(person.id, method_id, long_work=in_job)
        if code is None:
            raise ValueError("an activation needs a code")
        name = method_name(self._settings.method_name, token)
        match enrollment.operation:
            case Operation.ACTIVATE:
                return await directory.activate(person.id, method_id, code, name=name)
            case Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL:
                serial = token.serial_number
                return await directory.assign_and_activate_by_serial(
                    person.id, serial, code, name=name
                )
        return await directory.assign_and_activate(person.id, token.device_id, code, name=name)

    async def _look(self, enrollment: Enrollment) -> Event:
        """Wait for the next look and take it; after the last one say what to believe."""
        delays = self._patience.delays
        if self._looks >= len(delays) or self._is_late():
            return at_the_end(self._last_look, enrollment, self._now())
        await self._ports.clock.sleep(delays[self._looks])
        if not self._turn.is_mine():
            return PatienceEnded(at=self._now())  # which no caller waits for
        self._looks += 1
        last = self._looks == len(delays)
        behind = enrollment.state in WATCHED and self._looks > 1
        self._last_look = await self.see(enrollment, thorough=last, behind=behind)
        return self._last_look

    def _is_late(self) -> bool:
        """Tell whether looks that took long themselves have used up the time for all of them.

        Each may last as long as an exchange at most; a person who serves themselves waits for it.
        """
        longest = max(LONGEST, 2 * self._patience.seconds)
        return self._looks > 1 and (self._now() - self._since).total_seconds() > longest

    async def see(self, enrollment: Enrollment, *, thorough: bool, behind: bool) -> Event:
        """Take one look and judge it, without changing anything: Seen..., or LookFailed.

        `thorough` asks both sides in any case; `behind` lets requests of the desk go first.
        """
        try:
            if enrollment.operation in WITHOUT_PERSON:
                return await self._read_stock(enrollment, behind=behind)
            return await self._read(enrollment, thorough=thorough, behind=behind)
        except (DirectoryError, SignInError) as error:
            return LookFailed(at=self._now(), error=error)

    async def _read(self, enrollment: Enrollment, *, thorough: bool, behind: bool) -> Event:
        """Read the person's side, and the inventory where that side leaves a question.

        While an accepted write replicates, one read a look is enough; who else holds the token
        matters only after a refusal, after a lost answer, or in the end. What was to be taken back
        is gone only when both sides say so.
        """
        token, person = _both(enrollment)
        behind = behind or bool(enrollment.job)
        methods = await self._methods_of(person, behind=behind)
        method = method_of(methods, token)
        method = method or method_with_id(methods, enrollment.method_id, token)
        if method is None and (seen := by_what_is_new(enrollment, methods, self._now())):
            return seen
        if method is not None:
            known = None
            if method.token is None:
                known = await self._device_of(enrollment, method, token, behind=behind)
            return on_person(enrollment, method, known, self._now())
        if enrollment.state is State.CONFIRMING and not (thorough or enrollment.takes_back):
            return SeenUnassigned(at=self._now())
        stock = await self._stock_of(enrollment, token, behind=behind)
        return in_inventory(enrollment, stock, self._now())

    async def _device_of(
        self, enrollment: Enrollment, method: Method, token: Token, *, behind: bool
    ) -> Token | None:
        """Return the inventory's view of a token whose device the person's list leaves out.

        None where it may not be read and need not be: after an assignment the method that the
        answer named is all that is to be confirmed.
        """
        try:
            return await self._ports.directory.token(token.device_id, long_work=behind)
        except Forbidden:
            named = method.id == enrollment.method_id and enrollment.evidence is not None
            if named and enrollment.operation is Operation.ASSIGN:
                return None
            raise

    async def _read_stock(self, enrollment: Enrollment, *, behind: bool) -> Event:
        """Read the inventory, the only side there is of a token that nobody has."""
        device_id = _token_of(enrollment).device_id
        try:
            token = await self._ports.directory.token(device_id, long_work=behind)
        except NotFound:
            return SeenGone(at=self._now())
        return in_inventory(enrollment, token, self._now())

    async def _methods_of(self, person: Person, *, behind: bool) -> tuple[Method, ...]:
        """Return the person's tokens; a person who is gone has none, and the inventory decides."""
        try:
            return await self._ports.directory.hardware_methods(person.id, long_work=behind)
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
            return await self._ports.directory.token(token.device_id, long_work=behind)
        except NotFound:
            return nobodys
        except Forbidden:
            if not enrollment.takes_back:
                raise
            return nobodys

    def _now(self) -> datetime:
        return self._ports.clock.now()


def _token_of(enrollment: Enrollment) -> Token:
    """Return the token of an enrollment that was submitted, and so has one."""
    if enrollment.token is None:
        raise ValueError("a submitted enrollment has a token")
    return enrollment.token


def _both(enrollment: Enrollment) -> tuple[Token, Person]:
    """Return the token and the person of an enrollment that was submitted, and so has both."""
    if enrollment.person is None:
        raise ValueError("this enrollment has a person")
    return _token_of(enrollment), enrollment.person
