"""Work for later: what is assigned at the desk while the directory is out of reach.

Only *assign only* can wait, since a code dies. What is staged is on disk at once, is submitted in
order when the directory answers again, each after a fresh look-up and a fresh check, and can be
taken back until then.
"""

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from datetime import datetime

from app.core.enrollment import Enrollment, State, advance
from app.core.errors import DirectoryError, NotFound, SignInError
from app.core.events import PersonPut, Stopped, TokenPut, Withdrawn
from app.core.model import Mode, Operator, Person, Token
from app.core.preflight import Finding, FindingKind, Severity
from app.core.record import Entry, StagedWork, passage, staged, staged_work
from app.station.setup import DeskSettings, Outside

Written = Callable[[Entry], None]
Carry = Callable[[Enrollment], Coroutine[object, object, None]]


class Staging:
    """The tray of staged work. `carry` takes a draft through check, record and submit."""

    def __init__(
        self, outside: Outside, settings: DeskSettings, written: Written, carry: Carry
    ) -> None:
        """Tell each entry that became durable to `written`."""
        self._outside = outside
        self._settings = settings
        self._written = written
        self._carry = carry
        self._submitting = asyncio.Lock()

    async def stage(self, serial_number: str, person: str, name: str, operator: Operator) -> None:
        """Put work into the tray, durably. Raises LedgerError where it cannot be recorded."""
        work = StagedWork(uuid.uuid4().hex, serial_number, person, name)
        await self._append(staged(work, operator, self._settings.desk, self._now()))

    async def withdraw(self, enrollment_id: str) -> None:
        """Take work back out of the tray; nothing happens where it is no longer in it."""
        async with self._submitting:
            if any(work.id == enrollment_id for work in await self._waiting()):
                draft = _draft(enrollment_id)
                await self._note(advance(draft, Withdrawn(at=self._now())))

    async def submit(self) -> None:
        """Submit what waits, in order. Stops where the directory is out of reach again."""
        async with self._submitting:
            for work in await self._waiting():
                try:
                    draft = await self._checked_in(work)
                except (DirectoryError, SignInError):
                    return
                if draft.state is State.BLOCKED:
                    await self._note(draft)
                else:
                    await self._carry(draft)

    async def _waiting(self) -> tuple[StagedWork, ...]:
        return staged_work(await asyncio.to_thread(self._outside.ledger.unsettled))

    async def _checked_in(self, work: StagedWork) -> Enrollment:
        """Return the draft with token and person, or blocked because either is unknown."""
        tokens = await self._outside.directory.find_tokens(work.serial_number)
        if len(tokens) != 1:
            return self._stopped(work, FindingKind.TOKEN_UNKNOWN, work.serial_number)
        people = await self._find(work.person)
        if len(people) != 1:
            return self._stopped(work, FindingKind.PERSON_UNKNOWN, work.name)
        return await self._put(work, tokens[0], people[0])

    async def _put(self, work: StagedWork, token: Token, person: Person) -> Enrollment:
        methods = await self._outside.directory.methods(person.id)
        draft = advance(_draft(work.id), TokenPut(at=self._now(), token=token))
        return advance(draft, PersonPut(at=self._now(), person=person, methods=methods))

    async def _find(self, reference: str) -> tuple[Person, ...]:
        """Return whom `reference` means: digits are an employee number, the rest an id or a UPN."""
        directory = self._outside.directory
        if reference.isdecimal():
            return await directory.people_by_employee_id(reference)
        try:
            return (await directory.person(reference),)
        except NotFound:
            return ()

    def _stopped(self, work: StagedWork, kind: FindingKind, about: str) -> Enrollment:
        finding = Finding(kind, Severity.BLOCKS, about)
        return advance(_draft(work.id), Stopped(at=self._now(), findings=(finding,)))

    async def _note(self, enrollment: Enrollment) -> None:
        await self._append(passage(enrollment, self._now()))

    async def _append(self, entry: Entry) -> None:
        await asyncio.to_thread(self._outside.ledger.append, entry)
        self._written(entry)

    def _now(self) -> datetime:
        return self._outside.clock.now()


def _draft(enrollment_id: str) -> Enrollment:
    return Enrollment(id=enrollment_id, mode=Mode.ASSIGN_ONLY, state=State.STAGED)
