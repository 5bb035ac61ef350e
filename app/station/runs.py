"""The enrollments that are on their way behind the desk, while the next token is being scanned.

Each runs by itself: submitted at the desk, taken up again after a restart, or staged and now
submitted.
"""

from collections.abc import Callable
from dataclasses import replace

from app.core.code import VerificationCode
from app.core.enrollment import UNDERWAY, Enrollment, advance
from app.core.events import Restarted, Submitted
from app.core.model import Operator, Token
from app.core.record import Entry
from app.station.course import Course
from app.station.facts import FactFinder
from app.station.setup import DeskSettings, Outside, Patience
from app.station.tasks import Tasks

Told = Callable[[Enrollment], None]
Written = Callable[[Entry], None]


class Runs:
    """What was submitted in this session, by enrollment id, and the work that carries it."""

    def __init__(
        self,
        outside: Outside,
        settings: DeskSettings,
        facts: FactFinder,
        told: Told,
        written: Written,
    ) -> None:
        """Tell each new state to `told`, and each entry that became durable to `written`."""
        self._outside = outside
        self._settings = settings
        self._facts = facts
        self._told = told
        self._written = written
        self._tasks = Tasks()
        self._listeners: list[Told] = []
        self._known: dict[str, Enrollment] = {}
        self._carried: set[str] = set()
        self.operator: Operator | None = None

    def tell_too(self, told: Told) -> None:
        """Tell each new state to `told` as well from now on."""
        self._listeners.append(told)

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

    def send_off(self, enrollment: Enrollment, code: VerificationCode | None) -> None:
        """Carry a submitted enrollment to rest, beside the caller."""
        if self.operator is None:
            return
        self._carried.add(enrollment.id)
        self._tell(enrollment)
        self._tasks.start(
            f"course {enrollment.id}", self._send_off(enrollment, self.operator, code)
        )

    def adopt(self, enrollment: Enrollment) -> Enrollment | None:
        """Answer for an interrupted enrollment from now on; return it as it is to be taken up.

        None where it is on its way already, or came to rest since the record was read. What this
        session knows of it goes before what the record tells.
        """
        known = self._known.get(enrollment.id, enrollment)
        if self.operator is None or known.id in self._carried or not known.admits(Restarted):
            return None
        taken_up = advance(known, Restarted(at=self._outside.clock.now()))
        self._carried.add(known.id)
        self._tell(taken_up)
        return taken_up

    async def take_up(self, adopted: Enrollment, patience: Patience) -> None:
        """Carry what was adopted to rest."""
        if self.operator is None:
            self.let_go(adopted)
        else:
            await self._carry(adopted, self.operator, patience, None)

    def let_go(self, adopted: Enrollment) -> None:
        """Answer no longer for what was adopted and not taken up."""
        self._carried.discard(adopted.id)

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
        """Submit a staged draft that was checked; return it at rest."""
        submitted = advance(checked, Submitted(at=self._outside.clock.now()))
        return await self.see_through(submitted, operator)

    async def see_through(self, enrollment: Enrollment, operator: Operator) -> Enrollment:
        """Carry what was submitted, or is to be looked at again, to rest; return it then."""
        self._tell(enrollment)
        return await self._carry(enrollment, operator, self._settings.patience, None)

    async def close(self) -> None:
        """Stop, and forget. What was submitted stays on disk and is settled at the next start."""
        self.operator = None
        await self._tasks.stop_all()
        self._known.clear()
        self._carried.clear()

    async def _carry(
        self,
        enrollment: Enrollment,
        operator: Operator,
        patience: Patience,
        code: VerificationCode | None,
    ) -> Enrollment:
        settings = replace(self._settings, patience=patience)
        course = Course(self._outside, settings, self._tell, self._written)
        self._carried.add(enrollment.id)
        try:
            return await course.run(enrollment, operator, code)
        finally:
            self._carried.discard(enrollment.id)

    async def _send_off(
        self, enrollment: Enrollment, operator: Operator, code: VerificationCode | None
    ) -> None:
        await self._carry(enrollment, operator, self._settings.patience, code)

    def _tell(self, enrollment: Enrollment) -> None:
        self._known[enrollment.id] = enrollment
        for told in (self._told, *self._listeners):
            told(enrollment)
