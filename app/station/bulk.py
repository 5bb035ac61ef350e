"""One deed for many tokens: agreed to once, kept on disk, done row by row, taken up after a crash.

Each row is an enrollment of its own in the same table, record and recovery as what is done at the
desk: on record before it is sent, and done only once the directory was read and says so. Its id is
part of the plan, which is on disk before the first row begins. So a row whose end nobody saw is
looked up in the record, and what was sent is never sent again.

Rows are judged afresh, each when its turn comes: the list they were chosen from may be an hour old.
"""

import asyncio
import uuid
from collections.abc import Iterable
from dataclasses import replace

from app.core import bulk
from app.core.bulk import BulkDeed, Plan, PlannedRow
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
from app.core.job import Job, JobRow, Progress, RowState
from app.core.model import Holder, Mode, Operator, Person, Proof, method_of
from app.core.record import restored
from app.core.rights import Verdict, standing
from app.station.context import StationContext
from app.station.inventory_notices import BulkNotice
from app.station.jobs import JobRunner
from app.station.runs import Runs

PLAN = "job.json"
"""The name the plan is kept under."""
REFUSALS = 3
"""Rows that may be refused one after the other for want of a right before the job is paused."""
LOOK = 0.5
"""Seconds between two looks at a row that is being settled already."""

_PASSING = (Throttled, Unavailable, Unreachable, SignInExpired, SignInError, LedgerError)
"""Why a row that was not done may be done after a pause: none of it is about the row."""

GONE, NOBODYS, HELD, MOVED, UNDERWAY_HERE = "gone", "nobodys", "held", "moved", "underway"
"""Why a row was not done, as the wording knows it."""


class Bulk:
    """The one job on many tokens. `runs` carries what a row submits."""

    def __init__(self, context: StationContext, runs: Runs) -> None:
        """Begin with no job; `offer` finds the one that an earlier run left."""
        self._ports = context.ports
        self._runs = runs
        self._notify = context.tell
        self._plan: Plan | None = None
        self._planned: dict[str, PlannedRow] = {}
        self._refusals = 0
        self._runner = JobRunner(context.clock, self._tell)

    # Gestures -----------------------------------------------------------------------------------

    async def begin(self, deed: BulkDeed, inventory: Inventory, chosen: Iterable[int]) -> None:
        """Begin `deed` on those of the `chosen` rows that it is for. One job at a time."""
        operator, shelf = self._runs.operator, self._ports.shelf
        rows = tuple(_planned(inventory, row) for row in bulk.fit(inventory, chosen, deed).rows)
        if operator is None or self._plan is not None or not rows:
            return
        if standing(deed.needs, operator).verdict is Verdict.SCOPE_MISSING:
            return
        plan = Plan(uuid.uuid4().hex, deed, self._ports.clock.now(), rows)
        self._plan = plan
        if shelf is not None:
            try:
                await asyncio.to_thread(shelf.keep, PLAN, bulk.written(plan))
            except LedgerError as error:
                self._plan = None
                self._notify(BulkNotice(deed, error=error))
                return
        self._take(plan, Job(_rows(plan, {}), plan.at))

    async def offer(self) -> None:
        """Show the job that an earlier run left in the middle; it waits until somebody goes on."""
        shelf = self._ports.shelf
        if shelf is None or self._plan is not None or self._runs.operator is None:
            return
        try:
            plan = bulk.read(await asyncio.to_thread(shelf.kept, PLAN))
            known = await asyncio.to_thread(self._settled, plan) if plan else {}
        except LedgerError as error:
            self._notify(BulkNotice(error=error))
            return
        if plan is not None and self._plan is None:
            self._plan = plan
            job = Job(_rows(plan, known), self._ports.clock.now(), paused=True)
            self._take(plan, job, found=True)

    async def pause(self) -> None:
        """Begin no further row."""
        self._runner.pause()

    async def resume(self) -> None:
        """Go on."""
        self._runner.resume()

    async def cancel(self) -> None:
        """End it; rows that wait are left, and the one in hand is finished."""
        self._runner.cancel()

    async def again(self) -> None:
        """Try once more what came to nothing."""
        self._runner.again()

    async def dismiss(self) -> None:
        """Put away a job that is over."""
        job, plan, shelf = self._runner.job, self._plan, self._ports.shelf
        if job is None or plan is None or not job.progress(self._ports.clock.now()).is_over:
            return
        if shelf is not None:
            try:
                await asyncio.to_thread(shelf.drop, PLAN)
            except LedgerError as error:
                progress = job.progress(self._ports.clock.now())
                self._notify(BulkNotice(plan.deed, progress, error=error))
                return
        self._forget()
        self._notify(BulkNotice(plan.deed))

    def go_on(self) -> None:
        """Go on where the network or the sign-in was missing."""
        self._runner.go_on()

    async def close(self) -> None:
        """Stop. What was sent is settled by its record, and the rest is offered again."""
        await self._runner.close()
        if self._plan is not None:
            self._notify(BulkNotice(self._plan.deed))
        self._forget()

    # Inside -------------------------------------------------------------------------------------

    def _take(self, plan: Plan, job: Job, *, found: bool = False) -> None:
        self._planned = {row.key: row for row in plan.rows}
        progress = job.progress(self._ports.clock.now())
        self._notify(BulkNotice(plan.deed, progress, rows=tuple(job.rows), found=found))
        self._runner.begin(job, self._act)

    def _forget(self) -> None:
        self._plan = None
        self._planned = {}
        self._runner.forget()

    def _tell(self, progress: Progress, changed: tuple[JobRow, ...]) -> None:
        if self._plan is not None:
            self._notify(BulkNotice(self._plan.deed, progress, changed=changed))

    def _settled(self, plan: Plan) -> dict[str, Enrollment]:
        """Return what the record says of each row that was ever to be sent."""
        ledger = self._ports.ledger
        found = ((row.key, restored(ledger.timeline(row.key))) for row in plan.rows)
        return {key: enrollment for key, enrollment in found if enrollment is not None}

    async def _act(self, row: JobRow) -> JobRow:
        """Do one row. Raises where nothing was sent and a pause may help."""
        operator, plan = self._runs.operator, self._plan
        if operator is None or plan is None:
            raise ValueError("a job belongs to a session")
        try:
            enrollment = await self._carried(row, plan, operator)
        except _Left as left:
            return replace(row, state=left.state, reason=left.reason)
        except (Forbidden, NotFound, Rejected) as error:
            self._mind(error)
            return replace(row, state=RowState.FAILED, error=error)
        if enrollment.state is State.UNRECORDED or _may_pass(enrollment):
            raise enrollment.error or ValueError("what was not sent has a reason")
        self._mind(enrollment.error)
        return _settled_row(row, enrollment)

    async def _carried(self, row: JobRow, plan: Plan, operator: Operator) -> Enrollment:
        """Return the row's enrollment at rest, whatever of it was done before."""
        known = await self._known(row.key)
        while known is not None and known.state in UNDERWAY | WATCHED:
            taken_up = self._runs.adopt(known)
            if taken_up is not None:
                return await self._runs.see_through(taken_up, operator)
            await self._ports.clock.sleep(LOOK)  # the recovery is at it
            known = self._runs.known(row.key) or known
        if known is not None and known.state in RESTING - {State.NOT_DONE, State.UNRECORDED}:
            if known.state in SUCCESS or not known.admits(TriedAgain):
                return known
            again = advance(known, TriedAgain(at=self._ports.clock.now()))
            return await self._runs.see_through(again, operator)
        draft = await self._draft(self._planned[row.key], plan, known)
        return await self._runs.submit_staged(draft, operator)

    async def _known(self, key: str) -> Enrollment | None:
        """Return the row's enrollment as this session knows it, or as the record does."""
        known = self._runs.known(key)
        if known is not None:
            return known
        return restored(await asyncio.to_thread(self._ports.ledger.timeline, key))

    async def _draft(self, planned: PlannedRow, plan: Plan, known: Enrollment | None) -> Enrollment:
        """Return the row ready to be submitted, by a fresh look. Raises _Left where it is not."""
        try:
            token = await self._ports.directory.token(planned.device_id)
        except NotFound:
            raise _Left(RowState.SKIPPED, GONE) from None
        if self._runs.is_underway(token, planned.key):
            raise _Left(RowState.FAILED, UNDERWAY_HERE)
        begun = replace(self._begun(planned, plan, known), token=token)
        if plan.deed is BulkDeed.DELETE:
            return self._passed(_free(begun))
        return await self._held(begun, planned)

    def _begun(self, planned: PlannedRow, plan: Plan, known: Enrollment | None) -> Enrollment:
        if known is not None:
            return advance(known, TriedAgain(at=self._ports.clock.now()))
        return Enrollment(
            planned.key,
            Mode.ASSIGN_ONLY,
            State.CHECKING,
            wanted=plan.deed.operation,
            operation=plan.deed.operation,
            job=plan.id,
        )

    def _mind(self, error: OathdeskError | None) -> None:
        """Pause a job that is refused row after row for want of a right: somebody has to look.

        One refusal may be about the person, such as an administrator; several are a role that has
        expired.
        """
        self._refusals = self._refusals + 1 if isinstance(error, Forbidden) else 0
        if self._refusals >= REFUSALS:
            self._refusals = 0
            self._runner.pause()

    async def _held(self, begun: Enrollment, planned: PlannedRow) -> Enrollment:
        """Return the draft that takes a token back from who had it when it was agreed to."""
        holder = begun.token.holder if begun.token else None
        if holder is None:
            raise _Left(RowState.SKIPPED, NOBODYS)
        if holder.id != planned.holder_id:
            raise _Left(RowState.FAILED, MOVED)
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
    """A row is not to be done, or cannot be: its state, and the reason by name."""

    def __init__(self, state: RowState, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


def _free(begun: Enrollment) -> Enrollment:
    if begun.token is not None and begun.token.holder is not None:
        raise _Left(RowState.FAILED, HELD)
    return begun


def _planned(inventory: Inventory, row: int) -> PlannedRow:
    key, device_id = uuid.uuid4().hex, inventory.ids[row]
    return PlannedRow(key, device_id, inventory.serials[row], inventory.holder_ids[row])


def _rows(plan: Plan, known: dict[str, Enrollment]) -> list[JobRow]:
    """Return the rows of a job: settled where the record says that they are done."""
    rows = [JobRow(row.key, row.serial_number or row.device_id) for row in plan.rows]
    return [_found(row, known.get(row.key)) for row in rows]


def _found(row: JobRow, known: Enrollment | None) -> JobRow:
    done = known is not None and known.state in SUCCESS
    return replace(row, state=RowState.DONE) if done else row


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
            return replace(row, state=RowState.FAILED, error=error, reason=MOVED)
        case _:
            return replace(row, state=RowState.FAILED, error=error)
