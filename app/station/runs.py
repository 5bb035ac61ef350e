"""The enrollments that are on their way behind the desk, while the next token is being scanned.

Each runs by itself: submitted at the desk, taken up again after a restart, or staged and now
submitted.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from app.core.code import VerificationCode
from app.core.enrollment import UNDERWAY, Enrollment, State, advance
from app.core.errors import DirectoryError, SignInError
from app.core.events import Submitted
from app.core.model import Operator, Token
from app.core.record import Entry, passage
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
        self._known: dict[str, Enrollment] = {}
        self.operator: Operator | None = None

    def known(self, enrollment_id: str) -> Enrollment | None:
        """Return an enrollment of this session as it stands, or None."""
        return self._known.get(enrollment_id)

    def is_underway(self, token: Token, besides: str) -> bool:
        """Tell whether an enrollment other than `besides` is handing over `token` right now."""
        return any(
            other.state in UNDERWAY
            and other.token is not None
            and other.token.device_id == token.device_id
            for other in self._known.values()
            if other.id != besides
        )

    def send_off(self, enrollment: Enrollment, code: VerificationCode | None) -> None:
        """Carry a submitted enrollment to rest, beside the caller."""
        if self.operator is None:
            return
        self._tell(enrollment)
        work = self._carry(enrollment, self.operator, self._settings.patience, code)
        self._tasks.start(f"course {enrollment.id}", work)

    async def take_up(self, enrollment: Enrollment, patience: Patience) -> None:
        """Carry an interrupted enrollment to rest. One that is on its way already is left alone."""
        known = self._known.get(enrollment.id)
        if self.operator is None or (known is not None and known.state in UNDERWAY):
            return
        self._tell(enrollment)
        await self._carry(enrollment, self.operator, patience, None)

    async def submit_staged(self, draft: Enrollment) -> None:
        """Check a staged draft afresh and submit it if nothing stands in the way.

        Where the check cannot be made it stays staged.
        """
        if self.operator is None or draft.token is None:
            return
        underway = self.is_underway(draft.token, draft.id)
        try:
            event = await self._facts.judge(draft, self.operator, 1, underway=underway)
        except (DirectoryError, SignInError):
            return
        checked = advance(draft, event)
        if checked.state is State.BLOCKED:
            await self._note(checked)
            return
        submitted = advance(checked, Submitted(at=self._outside.clock.now()))
        self._tell(submitted)
        await self._carry(submitted, self.operator, self._settings.patience, None)

    async def close(self) -> None:
        """Stop, and forget. What was submitted stays on disk and is settled at the next start."""
        self.operator = None
        await self._tasks.stop_all()
        self._known.clear()

    async def _carry(
        self,
        enrollment: Enrollment,
        operator: Operator,
        patience: Patience,
        code: VerificationCode | None,
    ) -> None:
        settings = replace(self._settings, patience=patience)
        course = Course(self._outside, settings, self._tell, self._written)
        await course.run(enrollment, operator, code)

    async def _note(self, enrollment: Enrollment) -> None:
        entry = passage(enrollment, self._outside.clock.now())
        await asyncio.to_thread(self._outside.ledger.append, entry)
        self._written(entry)

    def _tell(self, enrollment: Enrollment) -> None:
        self._known[enrollment.id] = enrollment
        self._told(enrollment)
