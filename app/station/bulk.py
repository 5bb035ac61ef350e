"""One deed for many tokens: agreed to once, stored on disk, and taken up again after a crash.

Each row is an enrollment of its own in the same table, record and recovery as what is done at the
desk: on record before it is sent, and done only once the directory was read and says so. Its id is
part of the job, which is on disk before the first row begins. So a row whose end nobody saw is
looked up in the record, and what was sent is never sent again.

Rows are judged afresh, each when its turn comes: the list they were chosen from may be an hour old.
"""

import asyncio
import uuid
from collections.abc import Iterable
from dataclasses import replace

from app.core import bulk
from app.core.bulk import BulkDeed
from app.core.enrollment import RESTING, SUCCESS, UNDERWAY, WATCHED, Enrollment, State, advance
from app.core.errors import (
    Forbidden,
    LedgerError,
    NotFound,
    OathdeskError,
    Rejected,
    SignInError,
    SignInExpired,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.events import Passed, Proved, TriedAgain
from app.core.inventory import Inventory
from app.core.job import JobRow, RowReason, RowState
from app.core.model import Holder, Mode, Operator, Person, Proof, method_of
from app.core.record import restored
from app.core.rights import Verdict, standing
from app.core.stored_job import JobKind, StoredJob, StoredRow
from app.station.context import StationContext
from app.station.jobs import JobNotice, JobRunner
from app.station.notices import TroubleNotice
from app.station.submissions import Submissions

FILE = "job.json"
"""The file of the job, as versions before have called it too."""
REFUSALS = 3
"""Rows that may be refused one after the other for want of a right before the job is paused."""
LOOK = 0.5
"""Seconds between two looks at a row that is being settled already."""

_PASSING = (Throttled, Unavailable, Unreachable, SignInExpired, SignInError, LedgerError)
"""Why a row that was not done may be done after a pause: none of it is about the row."""


class Bulk:
    """The one job on many tokens, which `job` runs. `submissions` carries what a row submits."""

    def __init__(self, context: StationContext, submissions: Submissions) -> None:
        """Begin with no job; `offer` finds the one that an earlier run left."""
        self._context = context
        self._ports = context.ports
        self._submissions = submissions
        self._planned: dict[str, StoredRow] = {}
        self._refusals = 0
        self.job = JobRunner(context, self, FILE, stored_until_seen=True)

    async def begin(self, deed: BulkDeed, inventory: Inventory, chosen: Iterable[int]) -> None:
        """Begin `deed` on those of the `chosen` rows that it is for. One job at a time."""
        operator = self._submissions.operator
        rows = tuple(_planned(inventory, row) for row in bulk.fit(inventory, chosen, deed).rows)
        if operator is None or self.job.stored is not None or not rows:
            return
        if standing(deed.needs, operator).verdict is Verdict.SCOPE_MISSING:
            return
        stored = StoredJob(uuid.uuid4().hex, deed.kind, self._ports.clock.now(), rows)
        self._planned = {row.key: row for row in rows}
        try:
            await self.job.begin(stored)
        except LedgerError as error:
            self._context.tell(JobNotice(stored, error=error))

    async def offer(self) -> None:
        """Show the job that an earlier run left in the middle; it waits until somebody goes on."""
        if self.job.stored is not None or self._submissions.operator is None:
            return
        try:
            stored = await self.job.file.left()
            known = await asyncio.to_thread(self._settled, stored) if stored else {}
        except LedgerError as error:
            self._context.tell(TroubleNotice(error))
            return
        if stored is not None and self.job.stored is None:
            self._planned = {row.key: row for row in stored.rows}
            await self.job.take_up(stored, [_found(row, known.get(row.key)) for row in stored.rows])

    # What the runner asks for -------------------------------------------------------------------

    async def act(self, row: JobRow) -> JobRow:
        """Do one row. Raises where nothing was sent and a pause may help."""
        operator, stored = self._submissions.operator, self.job.stored
        if operator is None or stored is None:
            raise ValueError("a job belongs to a session")
        try:
            enrollment = await self._carried(row, stored, operator)
        except _Left as left:
            return replace(row, state=left.state, reason=left.reason)
        except (Forbidden, NotFound, Rejected) as error:
            await self._count_refusals(error)
            return replace(row, state=RowState.FAILED, error=error)
        if enrollment.state is State.UNRECORDED or _may_pass(enrollment):
            raise enrollment.error or ValueError("what was not sent has a reason")
        await self._count_refusals(enrollment.error)
        return _settled_row(row, enrollment)

    def seconds_until_look(self, *, busy: bool) -> None:
        """Return None: each row is read back before the next one begins."""

    async def look(self) -> tuple[JobRow, ...]:
        """Read nothing back."""
        return ()

    def forget(self) -> None:
        """Forget the rows."""
        self._planned = {}
        self._refusals = 0

    # Inside -------------------------------------------------------------------------------------

    def _settled(self, stored: StoredJob) -> dict[str, Enrollment]:
        """Return what the record says of each row that was ever to be sent."""
        ledger = self._ports.ledger
        found = ((row.key, restored(ledger.timeline(row.key))) for row in stored.rows)
        return {key: enrollment for key, enrollment in found if enrollment is not None}

    async def _carried(self, row: JobRow, stored: StoredJob, operator: Operator) -> Enrollment:
        """Return the row's enrollment at rest, whatever of it was done before."""
        known = await self._known(row.key)
        while known is not None and known.state in UNDERWAY | WATCHED:
            taken_up = self._submissions.adopt(known)
            if taken_up is not None:
                return await self._submissions.see_through(taken_up, operator)
            await self._ports.clock.sleep(LOOK)  # the recovery is at it
            known = self._submissions.known(row.key) or known
        if known is not None and known.state in RESTING - {State.NOT_DONE, State.UNRECORDED}:
            if known.state in SUCCESS or not known.admits(TriedAgain):
                return known
            again = advance(known, TriedAgain(at=self._ports.clock.now()))
            return await self._submissions.see_through(again, operator)
        draft = await self._draft(self._planned[row.key], stored, known)
        return await self._submissions.submit_staged(draft, operator)

    async def _known(self, key: str) -> Enrollment | None:
        """Return the row's enrollment as this session knows it, or as the record does."""
        known = self._submissions.known(key)
        if known is not None:
            return known
        return restored(await asyncio.to_thread(self._ports.ledger.timeline, key))

    async def _draft(
        self, planned: StoredRow, stored: StoredJob, known: Enrollment | None
    ) -> Enrollment:
        """Return the row ready to be submitted, by a fresh look. Raises _Left where it is not."""
        try:
            token = await self._ports.directory.token(planned.device_id)
        except NotFound:
            raise _Left(RowState.SKIPPED, RowReason.GONE) from None
        if self._submissions.is_underway(token, planned.key):
            raise _Left(RowState.FAILED, RowReason.UNDERWAY)
        begun = replace(self._begun(planned, stored, known), token=token)
        if stored.kind is JobKind.DELETE:
            return self._passed(_free(begun))
        return await self._held(begun, planned)

    def _begun(self, planned: StoredRow, stored: StoredJob, known: Enrollment | None) -> Enrollment:
        if known is not None:
            return advance(known, TriedAgain(at=self._ports.clock.now()))
        operation = BulkDeed(stored.kind.value).operation
        return Enrollment(
            planned.key,
            Mode.ASSIGN_ONLY,
            State.CHECKING,
            wanted=operation,
            operation=operation,
            job=stored.id,
        )

    async def _count_refusals(self, error: OathdeskError | None) -> None:
        """Pause a job that is refused row after row for want of a right: somebody has to look.

        One refusal may be about the person, such as an administrator; several are a role that has
        expired.
        """
        self._refusals = self._refusals + 1 if isinstance(error, Forbidden) else 0
        if self._refusals >= REFUSALS:
            self._refusals = 0
            await self.job.pause()

    async def _held(self, begun: Enrollment, planned: StoredRow) -> Enrollment:
        """Return the draft that takes a token back from who had it when it was agreed to."""
        holder = begun.token.holder if begun.token else None
        if holder is None:
            raise _Left(RowState.SKIPPED, RowReason.NOT_HELD)
        if holder.id != planned.holder_id:
            raise _Left(RowState.FAILED, RowReason.HOLDER_CHANGED)
        person = await self._person(holder)
        methods = await self._ports.directory.hardware_methods(person.id, long_work=True)
        method = method_of(methods, begun.token) if begun.token else None
        begun = replace(begun, person=person, methods=methods)
        passed = self._passed(begun, method.id if method else "")
        return advance(passed, Proved(at=self._ports.clock.now(), proof=Proof.LISTED))

    async def _person(self, holder: Holder) -> Person:
        """Return who has the token; by name alone where they are gone, or may not be read."""
        try:
            return await self._ports.directory.person(holder.id)
        except (NotFound, Forbidden):
            return Person(holder.id, holder.display_name)

    def _passed(self, begun: Enrollment, method_id: str = "") -> Enrollment:
        operation = begun.operation
        event = Passed(at=self._ports.clock.now(), operation=operation, method_id=method_id)
        return advance(begun, event)


class _Left(Exception):
    """A row is not to be done, or cannot be: its state, and the reason."""

    def __init__(self, state: RowState, reason: RowReason) -> None:
        super().__init__(reason.value)
        self.state = state
        self.reason = reason


def _free(begun: Enrollment) -> Enrollment:
    if begun.token is not None and begun.token.holder is not None:
        raise _Left(RowState.FAILED, RowReason.HELD)
    return begun


def _planned(inventory: Inventory, row: int) -> StoredRow:
    serial, holder_id = inventory.serials[row], inventory.holder_ids[row]
    return StoredRow(uuid.uuid4().hex, serial, inventory.ids[row], holder_id)


def _found(row: StoredRow, known: Enrollment | None) -> JobRow:
    """Return a row as it is after a restart: done where the record says so.

    Any other row waits again, and is looked up in the record and the directory before it is sent.
    """
    done = known is not None and known.state in SUCCESS
    state = RowState.DONE if done else RowState.WAITING
    return JobRow(row.key, row.serial_number or row.device_id, state)


def _may_pass(enrollment: Enrollment) -> bool:
    return enrollment.state is State.NOT_DONE and isinstance(enrollment.error, _PASSING)


def _settled_row(row: JobRow, enrollment: Enrollment) -> JobRow:
    error = enrollment.error
    match enrollment.state:
        case State.UNSETTLED:
            return replace(row, state=RowState.UNCLEAR, error=error)
        case state if state in SUCCESS:
            return replace(row, state=RowState.DONE)
        case State.TAKEN:
            return replace(row, state=RowState.FAILED, error=error, reason=RowReason.HOLDER_CHANGED)
        case _:
            return replace(row, state=RowState.FAILED, error=error)
