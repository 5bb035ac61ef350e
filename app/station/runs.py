"""The enrollments that are on their way behind the desk, while the next token is being scanned.

Each runs by itself: submitted at the desk, taken up again after a restart, or staged and now
submitted.
"""

import asyncio
from collections.abc import Callable

from app.core.code import VerificationCode
from app.core.enrollment import UNDERWAY, Enrollment, State, advance
from app.core.events import Event, Restarted, Submitted
from app.core.model import Operator, Token
from app.core.record import Entry, attempt, correction, intent
from app.station.context import Patience, StationContext
from app.station.course import Course, MakeDurable, Turn
from app.station.facts import FactFinder
from app.station.recorder import Recorder
from app.station.tasks import Tasks

Told = Callable[[Enrollment], None]


class Runs:
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
        """Answer no longer for what was adopted and not taken up."""
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
        course = self._start(enrollment, operator, patience, None)
        try:
            await course.enough.wait()
        except asyncio.CancelledError:
            self._tasks.stop(_name(enrollment.id, self._carried.get(enrollment.id, 0)))
            raise
        if course.failure is not None:
            raise course.failure
        return course.enrollment or enrollment

    def _start(
        self,
        enrollment: Enrollment,
        operator: Operator,
        patience: Patience,
        code: VerificationCode | None,
        make_durable: MakeDurable | None = None,
    ) -> Course:
        """Carry an enrollment beside the caller, in place of what carried it before."""
        number = self._carried[enrollment.id] = self._next_number()
        self._tell(enrollment)
        course = Course(
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
        work = self._run(course, enrollment, operator, code, number)
        self._tasks.start(_name(enrollment.id, number), work)
        return course

    async def _run(
        self,
        course: Course,
        enrollment: Enrollment,
        operator: Operator,
        code: VerificationCode | None,
        number: int,
    ) -> Enrollment:
        self._unbegun.pop(enrollment.id, None)
        try:
            return await course.run(enrollment, operator, code)
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
    return f"course {enrollment_id} {number}"
