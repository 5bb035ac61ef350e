"""Work for later: what is assigned at the desk while the directory is out of reach.

Only *assign only* can wait, since a code dies. What is staged is on disk at once, is submitted in
order when the directory answers again, each after a fresh look-up and a fresh check, and can be
taken back until then.
"""

import asyncio
import uuid
from datetime import datetime

from app.core.enrollment import DRAFT, Enrollment, State, advance
from app.core.errors import (
    DirectoryError,
    Forbidden,
    LedgerError,
    NotFound,
    Rejected,
    SignInError,
)
from app.core.events import PersonPut, Stopped, TokenPut, Withdrawn
from app.core.model import Mode, Operator, Person, Token
from app.core.preflight import Finding, FindingKind, Severity
from app.core.record import StagedWork, passage, staged, staged_work
from app.station.context import StationContext
from app.station.notices import CardState, PersonCard, TokenCard, TroubleNotice
from app.station.recorder import Recorder
from app.station.submissions import Submissions


class Staging:
    """The tray of staged work. `submissions` carries what leaves it."""

    def __init__(
        self, context: StationContext, submissions: Submissions, recorder: Recorder
    ) -> None:
        """Begin; what waits is read from the record each time."""
        self._ports = context.ports
        self._settings = context.settings
        self._submissions = submissions
        self._recorder = recorder
        self._notify = context.tell
        self._submitting = asyncio.Lock()
        self._deciding = asyncio.Lock()
        self._wanted_back: set[str] = set()
        self._sent: set[str] = set()

    async def stage(
        self,
        serial_number: str,
        person: str,
        name: str,
        operator: Operator,
        enrollment_id: str = "",
    ) -> None:
        """Put work into the tray, durably, as the enrollment with this id or a new one.

        Raises LedgerError where it cannot be recorded; then it is listed as not recorded.
        """
        work = StagedWork(enrollment_id or uuid.uuid4().hex, serial_number, person, name)
        await self._recorder.submit(staged(work, operator, self._settings.name, self._now()))

    async def take(
        self, enrollment_id: str, token: TokenCard, person: PersonCard, operator: Operator
    ) -> None:
        """Stage what two cards of the desk show. Raises as `stage` does."""
        reference, name = person.badge, person.badge
        if person.person is not None:
            reference, name = person.person.id, person.person.display_name
        await self.stage(token.serial_number, reference, name, operator, enrollment_id)

    async def withdraw(self, enrollment_id: str) -> None:
        """Take work back out of the tray; nothing happens where it is no longer in it.

        What is being checked at this moment is not submitted any more; what was submitted is past
        taking back.
        """
        self._wanted_back.add(enrollment_id)
        try:
            async with self._deciding:
                if await self._is_waiting(enrollment_id):
                    await self._note(advance(_draft(enrollment_id), Withdrawn(at=self._now())))
        except LedgerError as error:
            self._notify(TroubleNotice(error))
        finally:
            self._wanted_back.discard(enrollment_id)

    async def submit(self) -> bool:
        """Submit what waits, in order, each to its rest; tell whether all of it could be asked for.

        Stops where the directory is out of reach. Work for which the directory refuses to be asked
        stays staged and holds up nobody. Raises LedgerError where nothing can be recorded.
        """
        async with self._submitting:
            for work in await self._waiting():
                try:
                    await self._submit(work)
                except (Forbidden, NotFound, Rejected):
                    continue
                except (DirectoryError, SignInError):
                    return False
        return True

    async def _submit(self, work: StagedWork) -> None:
        """Decide about one piece of work, and carry it to rest if nothing stands in the way.

        Only the decision keeps a withdrawal waiting, never the read-back.
        """
        operator = self._submissions.operator
        if operator is None:
            return
        async with self._deciding:
            checked = await self._decided(work, operator)
            if checked is None:
                return
            self._sent.add(work.id)
        try:
            ended = await self._submissions.submit_staged(checked, operator)
        finally:
            self._sent.discard(work.id)
        if isinstance(ended.error, LedgerError):
            raise ended.error

    async def _decided(self, work: StagedWork, operator: Operator) -> Enrollment | None:
        """Return the draft if it is to be submitted; record it if it is blocked."""
        if not await self._is_waiting(work.id):
            return None
        draft = await self._checked_in(work)
        if draft.state is not State.BLOCKED:
            draft = await self._submissions.check_staged(draft, operator)
        if work.id in self._wanted_back:
            return None
        if draft.state is State.BLOCKED:
            await self._note(draft)
            return None
        return draft

    async def _is_waiting(self, enrollment_id: str) -> bool:
        waiting = await self._waiting()
        return enrollment_id not in self._sent and any(one.id == enrollment_id for one in waiting)

    async def _waiting(self) -> tuple[StagedWork, ...]:
        return staged_work(await asyncio.to_thread(self._ports.ledger.unsettled))

    async def _checked_in(self, work: StagedWork) -> Enrollment:
        """Return the draft with token and person, or blocked because either is unknown."""
        tokens = await self._ports.directory.find_tokens(work.serial_number)
        if len(tokens) > 1:
            return self._stopped(work, FindingKind.TOKEN_DUPLICATED, str(len(tokens)))
        if not tokens:
            return self._stopped(work, FindingKind.TOKEN_UNKNOWN, work.serial_number)
        people = await self._find(work.person)
        if len(people) != 1:
            return self._stopped(work, FindingKind.PERSON_UNKNOWN, work.name)
        return await self._put(work, tokens[0], people[0])

    async def _put(self, work: StagedWork, token: Token, person: Person) -> Enrollment:
        methods = await self._ports.directory.methods(person.id)
        draft = advance(_draft(work.id), TokenPut(at=self._now(), token=token))
        return advance(draft, PersonPut(at=self._now(), person=person, methods=methods))

    async def _find(self, reference: str) -> tuple[Person, ...]:
        """Return whom `reference` means: an employee number, an object id or a UPN.

        Digits are an employee number at once. What the directory refuses as an id (404, or 400 for
        a text that cannot be one) may still be a number with letters.
        """
        directory = self._ports.directory
        if reference.isdecimal():
            return await directory.people_by_employee_id(reference)
        try:
            return (await directory.person(reference),)
        except (NotFound, Rejected):
            return await directory.people_by_employee_id(reference)

    def _stopped(self, work: StagedWork, kind: FindingKind, about: str) -> Enrollment:
        finding = Finding(kind, Severity.BLOCKS, about)
        return advance(_draft(work.id), Stopped(at=self._now(), findings=(finding,)))

    async def _note(self, enrollment: Enrollment) -> None:
        await self._recorder.write(passage(enrollment, self._now()))

    def _now(self) -> datetime:
        return self._ports.clock.now()


def can_wait(draft: Enrollment, token: TokenCard, person: PersonCard) -> bool:
    """Tell whether what is on the desk may be staged: complete, unsent, and without a code.

    What the directory has already said no to would only be refused later.
    """
    wanted = draft.mode is Mode.ASSIGN_ONLY and draft.state in DRAFT - {State.BLOCKED}
    refused = CardState.UNKNOWN in {token.state, person.state}
    named = person.person is not None or bool(person.badge)
    return wanted and not refused and named and bool(token.serial_number)


def _draft(enrollment_id: str) -> Enrollment:
    return Enrollment(id=enrollment_id, mode=Mode.ASSIGN_ONLY, state=State.STAGED)
