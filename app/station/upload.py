"""Carries the tokens of a seed file into the inventory, one request each, without doing any twice.

How it works
------------
1.  A row is on record before it is sent, and done only once the inventory lists it; rows that were
    accepted are looked for together (SharedReadBack).
2.  Whatever nobody knows the outcome of (a lost answer, a station that was killed) is looked for in
    the same way. It is sent again only after patience has ended and it is still not listed.
3.  What keeps every row from going (no network, no sign-in, a throttle, a full disk) holds the
    whole job; the row in hand waits again, and the job goes on by itself.
4.  The seed of a row is overwritten as soon as the row is done, all others with the upload's end.
    What a later start knows is serial numbers alone: for more the file has to be opened again.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from app.core.enrollment import SUCCESS, Enrollment, State
from app.core.errors import DirectoryError, Evidence, Forbidden, NotFound, Rejected, SignInError
from app.core.events import TriedAgain
from app.core.importing import Handing, folded
from app.core.job import BEGUN, JobRow, RowReason, RowState
from app.core.method_name import method_name
from app.core.model import CREATES, Mode, Operation, Operator, Person, Token
from app.core.preflight import Finding, FindingKind, OverrideReason, stands_in_the_way
from app.core.seed import SeedToken, wipe_all
from app.core.stored_job import JobKind, StoredJob, upload_rows
from app.core.totp import code_at
from app.station.context import StationContext
from app.station.facts import FactFinder
from app.station.jobs import JobRunner
from app.station.read_back import Found, InventoryLookup, SharedReadBack
from app.station.submissions import Submissions
from app.station.timekeeper import Timekeeper

FILE: Final = "upload.jsonl"
"""The file of the job, as versions before have called it too."""
_TRIES: Final = 3
"""How often a row is sent whose answers are lost and that is not seen in the inventory."""
_IN_TENANT: Final = {
    State.CREATED: RowReason.CREATED,
    State.ASSIGNED: RowReason.ASSIGNED,
    State.ACTIVATED: RowReason.ACTIVATED,
}


class Upload:
    """One upload at a time, which `job` runs, and what an earlier one has left open."""

    def __init__(
        self,
        context: StationContext,
        submissions: Submissions,
        time: Timekeeper,
        facts: FactFinder,
        elsewhere: Collection[str],
    ) -> None:
        """Do nothing yet; `time` knows how far this machine's clock is off.

        `facts` judges the people whom rows name, with the reasons that the desk was given.
        `elsewhere` are the serial numbers, folded, that the desk is bringing in right now.
        """
        self._name_template = context.settings.method_name
        self._ports = context.ports
        self._directory = context.ports.directory
        self._time = time
        self._facts = facts
        self._reason: OverrideReason | None = None
        self._elsewhere = elsewhere
        self._lookup = InventoryLookup(context.ports.directory)
        self._submissions = submissions
        self._sent = SharedReadBack(
            self._lookup, submissions.take, context.settings.patience, context.clock
        )
        self._operator: Operator | None = None
        self._tokens: dict[str, SeedToken] = {}
        self._half: dict[str, Token] = {}
        self._kept: dict[str, Enrollment] = {}
        self._came: dict[str, Enrollment] = {}
        self.job = JobRunner(context, self, FILE, stored_until_seen=False)

    @property
    def is_shown(self) -> bool:
        """Tell whether there is an upload: it goes on, or its end was not seen yet."""
        return self.job.stored is not None

    async def find(
        self, serials: Sequence[str], tell: Callable[[int], None]
    ) -> Mapping[str, Token]:
        """Return what the inventory has of `serials`, by them in folded form.

        `tell` hears how many pages were read. Raises DirectoryError and SignInError.
        """
        self._came.clear()  # whatever came until now is seen by this look
        return await self._lookup.look(serials, tell)

    async def begin(  # noqa: PLR0913, PLR0917 - what was chosen on the page of the file
        self,
        file: str,
        tokens: Sequence[SeedToken],
        handing: Handing,
        operator: Operator,
        half: Mapping[str, Token] | None = None,
        reason: OverrideReason | None = None,
    ) -> None:
        """Upload `tokens`, which are this object's to wipe from now on.

        `reason` lets rows pass whose person asks for one; the others are left out by name.
        `half` are those, by serial number in folded form, that are there and only to be activated.
        Raises LedgerError where nothing can be written down; then nothing was begun.
        """
        await self._sent.adopt(self._ports.ledger, self._elsewhere)
        if self.job.stored is not None:
            return
        self._tokens = {folded(token.serial): token for token in tokens}
        self._half = dict(half or {})
        self._operator, self._reason = operator, reason
        rows = upload_rows(token.serial for token in self._tokens.values())
        stored = StoredJob(uuid.uuid4().hex, JobKind.UPLOAD, self._now(), rows, file, handing)
        await self.job.begin(stored)

    async def settle(self) -> None:
        """Settle what an earlier upload has left open, and go on. Raises LedgerError."""
        if self.job.stored is None:
            await self._sent.adopt(self._ports.ledger, self._elsewhere)
        self.job.go_on()

    async def close(self) -> None:
        """Stop, and overwrite every seed. What was sent is settled at the next start."""
        await self.job.close()
        self._sent.clear()

    # What the runner asks for -------------------------------------------------------------------

    async def act(self, row: JobRow) -> JobRow:
        """Send one row, unless it was sent before, or may have been."""
        if row.key in self._sent:  # by an earlier life; what becomes of it becomes of the row
            return replace(row, state=RowState.SENT)
        came = self._came.pop(row.key, None)
        if came is not None:  # an earlier life's, seen only after the file was looked at
            return self._arrived(row, came)
        kept, token = self._kept.pop(row.key, None), self._tokens[row.key]
        if kept is not None and kept.state is State.UNSETTLED:
            self._sent.add(await self._submissions.take(kept, TriedAgain(at=self._now())))
            return replace(row, state=RowState.SENT)
        if kept is not None:
            self._kept[row.key] = kept  # until it is sent
        try:
            sent = await self._submitted(kept or await self._drafted(token), token)
        except _StandsInTheWay as way:
            return replace(row, state=RowState.FAILED, reason=way.kind)
        except (NotFound, Rejected) as error:  # the person that the row names
            return replace(row, state=RowState.FAILED, error=error)
        self._kept.pop(row.key, None)
        return await self._answered(row, sent)

    def seconds_until_look(self, *, busy: bool) -> float | None:
        """Return how long to wait before the next look at all that was sent."""
        return self._sent.seconds_until_look(busy=busy)

    async def look(self) -> list[JobRow]:
        """Look for all that was sent at once."""
        found = await self._sent.look()
        rows = [self._rested(each) for each in found]
        return [row for row in rows if row is not None]

    def forget(self) -> None:
        """Overwrite every seed that is left."""
        wipe_all(self._tokens.values())
        self._tokens, self._half, self._kept = {}, {}, {}
        self._operator = self._reason = None

    # Sending ----------------------------------------------------------------------------------

    async def _drafted(self, token: SeedToken) -> Enrollment:
        """Return the enrollment of a row that was not sent yet.

        Raises as Directory.person does, and _StandsInTheWay.
        """
        job = self._stored()
        wanted = job.handing is not Handing.NOTHING and token.person
        person = await self._directory.person(token.person) if wanted else None
        findings = await self._judged(person) if person else ()
        half = self._half.get(folded(token.serial))
        if half is not None:
            return replace(activation(half, person, job.id), findings=findings)
        operation = Operation.CREATE if person is None else Operation.CREATE_AND_ASSIGN
        seen = Token("", token.serial, token.manufacturer, token.model)
        drafted = draft(State.READY, operation, seen, person, job.id)
        return replace(drafted, findings=findings)

    async def _judged(self, person: Person) -> tuple[Finding, ...]:
        """Return what is to be known of a row's person. Raises _StandsInTheWay."""
        assert self._operator is not None
        findings = await self._facts.judge_recipient(person, self._operator, self._reason)
        if stands_in_the_way(findings):
            raise _StandsInTheWay(findings[0].kind)
        return findings

    async def _submitted(self, enrollment: Enrollment, token: SeedToken) -> Enrollment:
        """Record and send. Raises LedgerError where nothing was sent."""
        assert self._operator is not None
        device = enrollment.token.device_id if enrollment.token else ""
        person = enrollment.person.id if enrollment.person else ""

        async def send(_: Enrollment) -> Evidence:
            if enrollment.operation in CREATES:
                return await self._directory.create(token, person)
            now = self._now().timestamp() + self._time.ahead()
            code = code_at(token.secret, now, token.interval, token.hash_function)
            name = method_name(self._name_template, enrollment.token) if enrollment.token else ""
            return await self._directory.activate(person, device, code, name=name, long_work=True)

        return await self._submissions.submit(enrollment, self._operator, send)

    async def _answered(self, row: JobRow, enrollment: Enrollment) -> JobRow:
        """Return the row as the answer to its request has left it."""
        if enrollment.state in {State.NOT_DONE, State.HALF_DONE}:  # it was surely not sent
            self._kept[row.key] = enrollment
            return replace(row, state=RowState.WAITING, error=enrollment.error)
        self._sent.add(enrollment)
        sent = replace(row, state=RowState.SENT)
        if enrollment.state is not State.AFTER_REFUSAL:
            return sent
        try:
            listed = await self._directory.find_tokens(row.label, long_work=True)
        except (DirectoryError, SignInError):
            return sent  # the next look tells
        rests = await self._sent.judge(row.key, next(iter(listed), None), over=True)
        return (self._rested(rests, row) if rests is not None else None) or sent

    # At rest ----------------------------------------------------------------------------------

    def _rested(self, found: Found, row: JobRow | None = None) -> JobRow | None:
        """Return a row as its enrollment has come to rest; None where it is none of this upload.

        `row` is the one in hand; without it, it is one that was sent.
        """
        enrollment, key = found.enrollment, found.key
        if enrollment.state in SUCCESS and not found.mine:
            self._came[key] = enrollment
        row = row or self.job.row(key)
        if row is None or row.state not in BEGUN:
            return None
        match enrollment.state:
            case State.CREATED | State.ASSIGNED | State.ACTIVATED:
                self._came.pop(key, None)
                return self._arrived(row, enrollment)
            case State.NOT_DONE:
                return self._not_done(row, found)
            case State.UNSETTLED:
                self._kept[key] = enrollment
                unclear = replace(row, state=RowState.UNCLEAR, error=enrollment.error)
                return replace(unclear, reason=RowReason.NOT_LISTED)
            case _ if not found.mine:  # how an earlier run ended says nothing of this one's request
                return replace(row, state=RowState.WAITING)
            case _:
                self._kept[key] = enrollment
                failed = replace(row, state=RowState.FAILED, error=enrollment.error)
                return replace(failed, reason=RowReason.NOT_ACTIVATED)

    def _arrived(self, row: JobRow, enrollment: Enrollment) -> JobRow:
        """Go on with what the directory has: it is done, or the second half is still to come."""
        activates = self._stored().handing is Handing.ACTIVATE and enrollment.person is not None
        if enrollment.state is State.ASSIGNED and activates:
            assert enrollment.token is not None
            half = activation(enrollment.token, enrollment.person, enrollment.job)
            self._kept[row.key] = replace(half, findings=enrollment.findings)
            return replace(row, state=RowState.WAITING)
        return self._done(row, RowState.DONE, _IN_TENANT[enrollment.state])

    def _not_done(self, row: JobRow, found: Found) -> JobRow:
        """Tell a token that was there before from one that was refused, or lost on its way."""
        enrollment, error = found.enrollment, found.enrollment.error
        if enrollment.trail[-1].event == "SeenListed":
            return self._done(row, RowState.SKIPPED, RowReason.IN_INVENTORY)
        if not found.mine:
            return replace(row, state=RowState.WAITING)
        self._kept[row.key] = enrollment
        if isinstance(error, Forbidden) and enrollment.person is None:
            return replace(row, state=RowState.WAITING, error=error)
        if isinstance(error, Rejected | NotFound | Forbidden) or enrollment.attempts >= _TRIES:
            return replace(row, state=RowState.FAILED, error=error)
        return replace(row, state=RowState.WAITING)

    def _done(self, row: JobRow, state: RowState, reason: RowReason) -> JobRow:
        self._tokens[row.key].secret.wipe()
        return replace(row, state=state, reason=reason)

    def _stored(self) -> StoredJob:
        assert self.job.stored is not None
        return self.job.stored

    def _now(self) -> datetime:
        return self._ports.clock.now()


class _StandsInTheWay(Exception):
    """A row's person cannot be given a token, or asks for a reason that was not given."""

    def __init__(self, kind: FindingKind) -> None:
        super().__init__(kind.value)
        self.kind = kind


def draft(
    state: State, operation: Operation, token: Token, person: Person | None = None, job: str = ""
) -> Enrollment:
    """Return an enrollment that is not sent yet; a row of `job`, where that is told."""
    mode = Mode.ASSIGN_AND_ACTIVATE if operation is Operation.ACTIVATE else Mode.ASSIGN_ONLY
    return Enrollment(
        uuid.uuid4().hex, mode, state, token=token, person=person, operation=operation, job=job
    )


def activation(token: Token, person: Person | None, job: str) -> Enrollment:
    """Return the enrollment that activates what was assigned."""
    return draft(State.AWAITING_CODE, Operation.ACTIVATE, token, person, job)
