"""Issues a Temporary Access Pass to the person at the desk, and settles what was left open.

The passcode comes in one answer, goes to the window and is overwritten when it is hidden, when
another person is served, when the desk locks and when the operator signs out. It is never written
down. What is recorded is the fact (app.core.pass_work): the intent before the request, then what
became of it. A request is never repeated, since a second pass ends the first; after a lost answer
or a restart the person's passes are read instead.
"""

import asyncio
import enum
import logging
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from app.core.access_pass import (
    AccessPass,
    IssuedPass,
    OrderFault,
    PassOrder,
    PassPolicy,
    fault_of,
    may_issue,
    still_valid,
)
from app.core.certainty import WriteOutcome, outcome_of
from app.core.corrections import LATE
from app.core.errors import (
    DirectoryError,
    Forbidden,
    LedgerError,
    NotFound,
    OathdeskError,
    SignInError,
)
from app.core.model import Operator, Person
from app.core.pass_work import PassEvent, PassWork, open_passes, ordered, passage
from app.core.rights import Feature, Standing, Verdict, standing
from app.core.secret import Secret
from app.core.states import OPEN, State
from app.station.context import StationContext
from app.station.notices import Notice
from app.station.recorder import Recorder
from app.station.tasks import Tasks
from app.station.timekeeper import Timekeeper

_LOG = logging.getLogger("oathdesk.station")

_READ: Final = "read for a pass"

AFTER_LATE: Final = 30.0
"""Seconds after LATE at which an uncertain pass is looked for once more."""

_AGAIN: Final = 60.0
_TRIES: Final = 10
"""Seconds until a late look that failed is tried again, and how often."""


class PassStage(enum.Enum):
    """Where the issuing of a pass stands, as the operator sees it."""

    CLOSED = "closed"
    """Nobody issues a pass; whatever was shown is to be forgotten."""
    READING = "reading"
    """The policy and the person's pass are read."""
    ASKING = "asking"
    """The operator chooses, and agrees to the end of a pass that is still valid."""
    SENDING = "sending"
    SHOWN = "shown"
    """The directory accepted and told the value, which is not confirmed by reading yet."""
    CHECKING = "checking"
    """The value is not known, and the directory is asked whether a pass was issued."""
    CONFIRMED = "confirmed"
    """The pass was seen in the directory."""
    UNCERTAIN = "uncertain"
    """The pass may have been issued; the station looks again later."""
    FAILED = "failed"
    """No pass was issued, or nothing could be read; `error` says why."""


@dataclass(frozen=True, slots=True)
class PassNotice(Notice):
    """The issuing of a pass changed.

    `policy` is None where it may not be read. `existing` is a pass that is still valid, and that a
    new one would end. `issued` is the new one. `value` is there in SHOWN alone; whoever shows it
    overwrites it when it is hidden. `shown` tells whether the value was handed out before. `lack`
    is the scope or role that the operator does not have.
    """

    stage: PassStage = PassStage.CLOSED
    person: Person | None = None
    policy: PassPolicy | None = None
    existing: AccessPass | None = None
    fault: OrderFault | None = None
    issued: AccessPass | None = None
    value: Secret | None = field(default=None, repr=False)
    shown: bool = False
    error: OathdeskError | None = None
    lack: Standing | None = None


_STAGES: Final = {
    State.RECORDING: PassStage.SENDING,
    State.CONFIRMING: PassStage.CHECKING,
    State.RESOLVING: PassStage.CHECKING,
    State.ISSUED: PassStage.CONFIRMED,
    State.UNSETTLED: PassStage.UNCERTAIN,
    State.NOT_DONE: PassStage.FAILED,
}


_OUTCOMES: Final = {
    WriteOutcome.NOT_SENT: PassEvent.NOT_SENT,
    WriteOutcome.REFUSED: PassEvent.REFUSED,
    WriteOutcome.LOST: PassEvent.LOST,
}


class Passes:
    """Passes of one desk, one at a time in front. Lives on the station's loop."""

    def __init__(self, context: StationContext, recorder: Recorder, time: Timekeeper) -> None:
        """Ask nothing yet; `time` knows how far this machine's clock is off."""
        self._context = context
        self._ports = context.ports
        self._settings = context.settings
        self._recorder = recorder
        self._time = time
        self._notify = context.tell
        self._tasks = Tasks()
        self._front = PassNotice()
        self._work_id = ""
        """Of the pass that the operator waits for or looks at; "" where they have left it."""
        self._value: Secret | None = None
        self._carried: set[str] = set()

    # Gestures -----------------------------------------------------------------------------------

    async def open(self, person: Person) -> None:
        """Read what a pass for `person` depends on, and ask the operator."""
        operator = self._context.operator
        if not self._settings.passes or operator is None or not may_issue(operator):
            return
        if operator.id == person.id or self._front.stage is PassStage.SENDING:
            return
        self.leave()
        stands = standing(Feature.ISSUE_PASS, operator)
        lack = stands if stands.is_lack else None
        if stands.verdict is Verdict.SCOPE_MISSING:
            self._tell(PassNotice(PassStage.FAILED, person, lack=lack))
            return
        self._tell(PassNotice(PassStage.READING, person, lack=lack))
        self._tasks.start(_READ, self._read(person, lack))

    async def issue(self, order: PassOrder, ending: str = "") -> None:
        """Issue a pass as the operator chose. `ending` is the id of the pass they agreed to end."""
        operator, front = self._context.operator, self._front
        if operator is None or front.person is None or front.stage is not PassStage.ASKING:
            return
        work = PassWork(uuid.uuid4().hex, front.person, order, self._now())
        self._work_id = work.id
        self._tell(replace(front, stage=PassStage.SENDING, fault=None, error=None))
        self._carried.add(work.id)
        self._tasks.start(f"issue {work.id}", self._issue(work, operator, front, ending))

    async def hide(self) -> None:
        """Forget the value that is shown, and close."""
        self.leave()

    def leave(self) -> None:
        """Forget the value and whom it is for. What was sent is settled behind the desk."""
        self._tasks.stop(_READ)
        self._work_id = ""
        self._wipe()
        if self._front.stage is not PassStage.CLOSED:
            self._tell(PassNotice())

    async def close(self) -> None:
        """Stop. What was sent and not settled is on record, and is taken up at the next sign-in."""
        self.leave()
        await self._tasks.stop_all()
        self._carried.clear()

    async def settle(self) -> None:
        """Take up every pass that the record calls open. Raises LedgerError.

        Nobody but an operator may read the passes of others.
        """
        operator = self._context.operator
        if operator is None or operator.own:
            return
        entries = await asyncio.to_thread(self._ports.ledger.unsettled)
        for work in open_passes(entries):
            if work.id not in self._carried:
                self._carried.add(work.id)
                self._tasks.start(f"settle {work.id}", self._take_up(work))

    # Inside -------------------------------------------------------------------------------------

    async def _read(self, person: Person, lack: Standing | None) -> None:
        try:
            policy = await self._policy()
            passes = await self._ports.directory.passes(person.id)
        except (DirectoryError, SignInError) as error:
            self._tell(PassNotice(PassStage.FAILED, person, error=error, lack=lack))
            return
        existing = still_valid(passes, self._true_time())
        asked = PassNotice(PassStage.ASKING, person, policy, existing, lack=lack)
        self._tell(replace(asked, fault=fault_of(PassOrder(), policy)))

    async def _policy(self) -> PassPolicy | None:
        """Return the policy; None where the operator may not read it. The directory knows it."""
        try:
            return await self._ports.directory.pass_policy()
        except (Forbidden, NotFound):
            return None

    async def _issue(
        self, work: PassWork, operator: Operator, asked: PassNotice, ending: str
    ) -> None:
        """Look once more, write the intent down, send the request and see what becomes of it."""
        try:
            fault = fault_of(work.order, asked.policy)
            passes = await self._ports.directory.passes(work.person.id)
            existing = still_valid(passes, self._true_time())
            if fault is not None or (existing is not None and existing.id != ending):
                again = replace(asked, stage=PassStage.ASKING, existing=existing, fault=fault)
                self._show(work, again)
                self._carried.discard(work.id)
                return
            before = next((each.id for each in passes), "")
            work = replace(work, before=before, submitted=self._now())
            await self._recorder.write(ordered(work, operator, self._settings.name))
        except (DirectoryError, SignInError, LedgerError) as error:
            failed = PassNotice(PassStage.FAILED, work.person, error=error, lack=asked.lack)
            self._show(work, failed)
            self._carried.discard(work.id)
            return
        await self._send(work)

    async def _send(self, work: PassWork) -> None:
        directory = self._ports.directory
        try:
            answer = await directory.issue_pass(work.person.id, work.order)
        except (SignInError, DirectoryError) as error:
            work = await self._pass(work, _OUTCOMES[outcome_of(error)], error=error)
        else:
            work = await self._accepted(work, answer)
        await self._carry(work)

    async def _accepted(self, work: PassWork, answer: IssuedPass) -> PassWork:
        """Show the value, unless the operator has left the person meanwhile."""
        shown = answer.value is not None and self._is_in_front(work)
        if shown:
            self._value = answer.value
            said = PassNotice(PassStage.SHOWN, work.person, issued=answer.access_pass)
            self._tell(replace(said, value=answer.value, shown=True))
        elif answer.value is not None:
            answer.value.wipe()
        work = work.after(
            PassEvent.ACCEPTED, seen=answer.access_pass, evidence=answer.evidence, shown=shown
        )
        await self._recorder.keep(passage(work, PassEvent.ACCEPTED, self._now()))
        if not shown:
            self._show_work(work)
        return work

    async def _take_up(self, work: PassWork) -> None:
        after = work.after(PassEvent.RESTARTED)
        if after.state is not work.state:
            await self._recorder.keep(passage(after, PassEvent.RESTARTED, self._now()))
        await self._carry(after)

    async def _carry(self, work: PassWork) -> None:
        """Look until `work` has come to rest, and once more when a late answer can come no more."""
        seen: tuple[PassEvent, AccessPass | None] | None = None
        error: OathdeskError | None = None
        for delay in self._settings.patience.delays if work.wants_look else ():
            await self._ports.clock.sleep(delay)
            try:
                seen, error = await self._look(work), None
            except (DirectoryError, SignInError) as failed:
                error = failed
            if seen is not None:
                break
        if work.wants_look:
            event, found = seen or (PassEvent.PATIENCE_ENDED, None)
            work = await self._pass(work, event, seen=found, error=error)
        if work.state in OPEN:
            await self._look_late(work)
        self._carried.discard(work.id)

    async def _look_late(self, work: PassWork) -> None:
        """Look when nothing can come any more of the request; a later sign-in looks again."""
        passed = (self._now() - work.submitted).total_seconds()
        await self._ports.clock.sleep(max(0.0, LATE.total_seconds() + AFTER_LATE - passed))
        for _ in range(_TRIES):
            try:
                seen = await self._look(work)
            except (DirectoryError, SignInError) as error:
                _LOG.info("the pass %s could not be looked for: %s", work.id, error)
                seen = None
            if seen is not None:
                await self._pass(work, seen[0], seen=seen[1])
                return
            await self._ports.clock.sleep(_AGAIN)

    async def _look(self, work: PassWork) -> tuple[PassEvent, AccessPass | None] | None:
        """Read the person's passes and judge them. A person who is gone has none."""
        try:
            passes = await self._ports.directory.passes(work.person.id)
        except NotFound:
            passes = ()
        return work.judge(passes, self._now(), timedelta(seconds=self._time.ahead()))

    async def _pass(
        self,
        work: PassWork,
        event: PassEvent,
        *,
        seen: AccessPass | None = None,
        error: OathdeskError | None = None,
    ) -> PassWork:
        after = work.after(event, seen=seen, error=error)
        await self._recorder.keep(passage(after, event, self._now()))
        _LOG.info("the pass %s is %s", after.id, after.state.value)
        self._show_work(after, seen)
        return after

    # What is shown ------------------------------------------------------------------------------

    def _is_in_front(self, work: PassWork) -> bool:
        return self._work_id == work.id

    def _show_work(self, work: PassWork, seen: AccessPass | None = None) -> None:
        """Tell what became of `work`, where the operator has not left it."""
        before = self._front
        notice = PassNotice(
            _STAGES[work.state],
            work.person,
            issued=seen or before.issued,
            shown=before.shown,
            error=work.error,
            lack=before.lack,
        )
        self._show(work, notice)

    def _show(self, work: PassWork, notice: PassNotice) -> None:
        if self._is_in_front(work):
            self._tell(notice)

    def _tell(self, notice: PassNotice) -> None:
        self._front = replace(notice, value=None)
        self._notify(notice)

    def _wipe(self) -> None:
        if self._value is not None:
            self._value.wipe()
            self._value = None

    def _now(self) -> datetime:
        return self._ports.clock.now()

    def _true_time(self) -> datetime:
        return self._now() + timedelta(seconds=self._time.ahead())
