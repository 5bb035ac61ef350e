"""The station as its user interface sees it: a session, people, a desk, and today's list."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from app.core.enrollment import Enrollment, advance
from app.core.errors import DirectoryError, LedgerError, SignInError
from app.core.events import PatienceEnded, TriedAgain, Withdrawn
from app.core.model import Operator, Source
from app.core.practice import Practice
from app.core.record import HeadReason, passage, restored
from app.core.rights import lacks
from app.core.station_event import Cause
from app.station.adding import Adding
from app.station.bulk import Bulk
from app.station.checkup import Checkup
from app.station.connection import Connection
from app.station.context import DeskSettings, Notify, Ports, StationContext
from app.station.desk.desk import Desk, is_left_unrecorded
from app.station.desk.input_router import Input, InputRouter
from app.station.event_recorder import EventRecorder
from app.station.history import History
from app.station.importing import Importing
from app.station.inventory import InventoryDesk
from app.station.lane import SelfService
from app.station.lock import AbandonedNotice, Lapse, Lock
from app.station.notices import DeskNotice, ReadyNotice, TroubleNotice
from app.station.passes import Passes
from app.station.people import People
from app.station.practice import PracticeDesk
from app.station.readers import Readers
from app.station.receipts import Receipts
from app.station.recorder import Recorder
from app.station.recovery import Recovery
from app.station.retention import Retention
from app.station.rights import Rights
from app.station.session import Session
from app.station.session_facts import SessionFacts, SessionFactsNotice
from app.station.tasks import Tasks
from app.station.timekeeper import Timekeeper
from app.station.today import Today
from app.station.upload import Upload
from app.station.watched import watched

_RECOVERY, _OFFERS, _STAGED, _LATER = "recovery", "offers", "staged", "later"
_UPLOAD, _AGAIN = "upload", "settle again"
_BULK = "bulk"

_PRACTICE_PAD = "practice pad"

LATER = 30.0
"""Seconds before what waits is tried again: staged work with a directory that answers but cannot
serve, and all that is open with a record that could not be read or written."""

_LOG = logging.getLogger("oathdesk.station")


class Station:
    """Everything a window can ask for. Lives on the station's loop; tells through `notify`.

    `practice` is there only where the tenant is an embedded one.
    """

    def __init__(
        self,
        ports: Ports,
        settings: DeskSettings,
        notify: Notify,
        practice: Practice | None = None,
    ) -> None:
        """Put the parts together; nothing is asked of the ports yet."""
        self.settings = settings
        self._latency: float | None = None
        ports = self._ports = replace(ports, directory=watched(ports.directory, self._lost))
        context = StationContext(ports, settings, notify)
        self._notify = context.tell
        self._troubled: set[str] = set()
        """Which work behind the desk the record is in the way of, by its name."""
        self._tasks = Tasks()
        self.time = Timekeeper(context.tell)
        self.connection = Connection(context.clock, self._knock, self._back, context.tell)
        self.lock = Lock(context, self._left)
        self.rights = Rights(context, self._renewed)
        self.today = Today(context.clock, context.tell, self.rights, hidden=settings.hides_list)
        self.recorder = Recorder(ports.ledger, context.clock, self.today, self._settle)
        self.events = EventRecorder(context, self.recorder)
        self.practice = PracticeDesk(practice, context.tell) if practice else None
        self.people = People(context, self.rights)
        self.history = History(context, self.events)
        self.receipts = Receipts(context, self.today)
        self.checkup = Checkup(context)
        self.passes = Passes(context, self.recorder, self.time)
        self.desk = Desk(
            context,
            self.people,
            self.recorder,
            self.time,
            self.connection,
            self.passes,
            staged=self._staged,
            changed=self._desk_changed,
            work_changed=self._work_changed,
            submitted_changed=self._submitted_changed,
        )
        self.work, self.lookup = self.desk.work, self.desk.lookup
        rules = settings.lane
        self.lane = SelfService(context, rules, self.work, self.sign_out) if rules else None
        self._router = InputRouter(context, self.desk, self.lock)
        self.input: Input = self.lane or self._router
        self.readers = Readers(ports.cards, ports.scanners, self.input, context.tell)
        self.session = Session(context, self._opened, self.lock, self.rights, self.lane)
        self.inventory = InventoryDesk(context, self.desk.submissions, self.events)
        self.bulk = Bulk(context, self.desk.submissions)
        self.adding = Adding(context, self.desk.submissions, self._put_again)
        elsewhere = self.adding.elsewhere
        upload = Upload(context, self.desk.submissions, self.time, self.desk.facts, elsewhere)
        self.importing = Importing(context, upload, self.events)
        self.recovery = Recovery(context, self.desk.submissions)
        self.retention = Retention(
            ports.ledger, context.clock, settings.retention, self.today.forget
        )

    def _desk_changed(self, desk: DeskNotice) -> None:
        """Call the parts that depend on what is on the desk; the window was told before."""
        self.adding.token_card_changed(desk.token_card)
        if self.lane is None:  # who serves themselves has no roles that could be read anew
            self.rights.desk_changed(desk)

    def _submitted_changed(self, enrollment: Enrollment) -> None:
        """Call the parts besides the desk that follow what was submitted."""
        self.inventory.enrollment_changed(enrollment)

    def _work_changed(self, enrollment: Enrollment | None) -> None:
        """Call the parts that depend on a chosen operation; the window was told before."""
        if self.lane is not None:
            self.lane.work_changed(enrollment)

    async def start(self) -> None:
        """Tell that the station is ready, watch the readers, and sign in if that needs nobody."""
        await self.today.load(self._ports.ledger)
        self._notify(
            ReadyNotice(
                desk=self.settings.name,
                tenant=self.settings.tenant,
                mode=self.settings.mode,
                practice=self.practice.things if self.practice else None,
                sounds=self.settings.sounds,
                methods=self._ports.sign_in.methods,
                line=self.settings.line,
                receipts=self.receipts.offered,
            )
        )
        self.readers.start()
        if self.lane is not None:
            await self.lane.start()
        await self.session.begin_by_itself()

    async def active(self) -> None:
        """Take note that somebody is there."""
        await self.lock.active()
        if self.lane is not None:
            self.lane.active()

    async def sign_in_for_practice(self, url: str, username: str, password: str) -> None:
        """Fill in the practice tenant's sign-in page, where this is one."""
        if self.practice is not None:
            await self.practice.sign_in(url, username, password)

    async def tap(self, serial_number: str) -> None:
        """Lay a practice token on a reader that is not there, where this is a practice tenant."""
        now = self._ports.clock.now()
        reading = self.practice.tapped(serial_number, now) if self.practice else None
        if reading is not None:
            await self.input.tapped(reading, _PRACTICE_PAD, pad=True)

    async def press(self, serial_number: str) -> None:
        """Press a practice token, where this is a practice tenant."""
        if self.practice is not None:
            await self.practice.press(serial_number)

    async def resume(self, enrollment_id: str) -> None:
        """Bring an enrollment of any day back to where it can be settled."""
        try:
            if self.today.line(enrollment_id) is None:
                self.today.recall(await self.history.story(enrollment_id))
            line = self.today.line(enrollment_id)
            if line is not None and self.session.operator is not None:
                await self.desk.reopen(line)
        except LedgerError as error:
            self._notify(TroubleNotice(error))

    async def dismiss(self, enrollment_id: str) -> None:
        """Take a submit that could not be recorded back: somebody has seen it, and wants no more.

        Nothing happens where it is recorded by now. Where an earlier attempt of the same
        enrollment was sent, the directory is asked what became of that.
        """
        submissions, now = self.desk.submissions, self._ports.clock.now()
        line, known = self.today.line(enrollment_id), submissions.known(enrollment_id)
        if line is None or not is_left_unrecorded(line, known):
            return
        earlier = restored(self.today.entries(enrollment_id))
        if earlier is not None and self.today.was_sent(enrollment_id):
            unsettled = advance(earlier, PatienceEnded(at=now))
            submissions.send_off(advance(unsettled, TriedAgain(at=now)), None)
            return
        seen = Enrollment(enrollment_id, line.mode, line.state, operation=line.operation)
        await self.recorder.keep(passage(advance(seen, Withdrawn(at=now)), now))

    async def switch_operator(self, window: int) -> None:
        """Forget the operator and let somebody else sign in, in one step and the same way.

        Who takes the place of an application chooses a way first.
        """
        operator = self.session.operator
        await self.sign_out()
        if operator is None or not operator.application:
            await self.session.begin_again(window)

    async def sign_out(self, cause: Cause = Cause.ASKED, *, lapsed: bool = False) -> None:
        """Close the desk and forget the operator; `lapsed` where the desk did it by itself."""
        cleared = lapsed and self.desk.has_draft
        await self._clear()
        self.events.signed_out(cause)
        await self.session.sign_out(lapsed=lapsed, cleared=cleared)
        await asyncio.to_thread(self._ports.ledger.log_head, HeadReason.SIGNED_OUT)

    async def close(self) -> None:
        """Stop everything that is under way."""
        await self.lock.close()
        if self.lane is not None:
            await self.lane.close()
        await self.readers.close()
        await self.checkup.close()
        await self.retention.close()
        await self._clear()
        self.events.signed_out(Cause.CLOSED)
        await self.recorder.close()
        await self.session.close()
        await self._ports.let_go()

    async def _clear(self) -> None:
        """Stop the work of the operator, and leave nothing of it on the desk."""
        await self._tasks.stop_all()
        await self.passes.close()
        await self.rights.close()
        await self.history.close()
        await self.adding.close()
        await self.importing.close()
        await self.bulk.job.close()
        await self.inventory.close()
        await self._router.close()
        await self.desk.close()
        await self.people.close()
        await self.connection.close()  # last: whatever ends before it may still tell how it went

    def _lost(self, error: SignInError | DirectoryError) -> None:
        self.session.lost(error)

    async def _opened(self, operator: Operator) -> bool:
        """Open the desk for `operator`; tell whether somebody else's work was cleared from it.

        Whoever signs in again finds their draft as they left it, checked afresh.
        """
        before = self.desk.operator
        cleared = False
        self.events.signed_in(operator, self.session.signed_in_by)
        if before is not None and before.id != operator.id:
            cleared = self.desk.has_draft
            await self._clear()
        await self.desk.open(operator)
        if self.lane is not None:
            await self.lane.opened(operator)
        elif before is not None and before.id == operator.id:
            await self.desk.go_on()
        if not self.lock.locked:  # what was laid down at a locked desk is not to be taken
            await self.readers.offer()
        self._settle()
        self.desk.corrections.begin(operator.id if operator.own else "")
        return cleared

    async def _left(self, lapse: Lapse, cause: Cause) -> None:
        """Do what is to happen to a desk that its operator has left."""
        self.passes.leave()
        match lapse:
            case Lapse.LOCK:
                self.desk.stop_repeating()
                self.people.forget_photos()
                self.session.lock()
                self.events.locked(cause)
            case Lapse.SIGN_OUT:
                await self.sign_out(cause, lapsed=True)
            case Lapse.CLEAR | Lapse.WIPE:
                await self.desk.start_afresh()
                self.people.forget_photos()
                self._notify(AbandonedNotice())
            case Lapse.GIVE_UP:
                await self.session.cancel()
                self._notify(AbandonedNotice())

    async def _renewed(self, operator: Operator) -> None:
        """Go on with what the operator may do now: what was refused or checked is asked again."""
        self.session.operator = operator
        await self.desk.open(operator)
        await self.desk.look_up_again(checked=True)
        self._settle()

    async def _put_again(self, serial_number: str) -> None:
        """Look a token up again that has just come into the tenant."""
        await self._router.scanned(serial_number, Source.TYPED)

    async def look_at_rights(self) -> None:
        """Read scopes and roles anew, and tell the session as it is then."""
        await self.rights.renew()
        await self.rights.settled()
        await self.session_facts()

    async def session_facts(self) -> SessionFacts:
        """Return, and tell, what there is to know of the session at this moment."""
        operator, settings = self.session.operator, self.settings
        facts = SessionFacts(
            at=self._ports.clock.now(),
            operator=operator,
            tenant=settings.tenant,
            cloud=settings.cloud,
            desk=settings.name,
            since=self.session.since,
            by=self.session.signed_in_by,
            store=await self.session.store(),
            lock_after=settings.lock_after,
            sign_out_after=settings.sign_out_after,
            scopes=operator.scopes if operator else frozenset(),
            roles=operator.roles if operator else None,
            lacks=lacks(operator),
            expires_at=await self._expiry() if operator else None,
            clock_offset=self.time.offset,
            latency=self._latency,
            rights_read_at=self.rights.read_at,
        )
        self._notify(SessionFactsNotice(facts))
        return facts

    async def _expiry(self) -> datetime | None:
        try:
            return (await self._ports.sign_in.access_token()).expires_at
        except SignInError:
            return None

    def heard(self, *, answered: bool, latency: float | None, offset: float | None = None) -> None:
        """Take in how an exchange with the directory went; `latency` in milliseconds.

        `offset` is the directory's clock minus this machine's in seconds, where it told the time.
        """
        self.time.heard(offset)
        self.retention.time_told(self.time.offset)
        self._latency = self._latency if latency is None else latency
        was_up = self.connection.up
        self.connection.heard(answered=answered, latency=latency)
        if was_up != answered:
            self.desk.tell()

    async def _knock(self) -> None:
        """Ask the directory something small."""
        operator = self.session.operator
        if operator is None:
            return
        if operator.application:
            await self._ports.directory.policy()
        elif operator.own:
            await self._ports.directory.hardware_methods(operator.id)
        else:
            await self._ports.directory.person(operator.id)

    async def _back(self) -> None:
        """Go on where the network was lost."""
        self.people.reconnected()
        await self.desk.reconnected()
        self._settle()

    def _staged(self) -> None:
        """Submit at once what became durable only after the directory had answered again."""
        if self.connection.up:
            self._tasks.once_more(_STAGED, self._submit_staged)

    def _settle(self) -> None:
        """Settle what is open, and submit what was staged meanwhile.

        Neither is cut short by the other or by itself: a request may be on its way.
        """
        operator = self.session.operator
        if operator is not None:
            self._tasks.once_more(_RECOVERY, self._recover)
        if operator is not None and not operator.own:
            self._tasks.once_more(_OFFERS, self.work.tell_offers)
            self._tasks.once_more(_STAGED, self._submit_staged)
            self._tasks.once_more(_UPLOAD, self._settle_upload)
            self._tasks.once_more(_BULK, self.bulk.offer)
            self.bulk.job.go_on()

    async def _settle_upload(self) -> None:
        try:
            await self.importing.settle()
        except LedgerError as error:
            self._settle_later(_UPLOAD, error)
        else:
            self._troubled.discard(_UPLOAD)

    async def _recover(self) -> None:
        operator = self.session.operator
        try:
            await self.recovery.settle(operator.id if operator and operator.own else "")
            await self.passes.settle()
        except LedgerError as error:
            self._settle_later(_RECOVERY, error)
        else:
            self._troubled.discard(_RECOVERY)

    async def _submit_staged(self) -> None:
        """Submit what waits; where the directory answers but cannot serve, try again later."""
        try:
            done = await self.desk.staging.submit()
        except LedgerError as error:
            self._settle_later(_STAGED, error)
            return
        self._troubled.discard(_STAGED)
        if not done and self.connection.up:
            self._tasks.start(_LATER, self._later())

    def _settle_later(self, work: str, error: LedgerError) -> None:
        """Tell that the record is in the way of `work` behind the desk, and try it again later.

        It is told once, not with every try; at a kiosk it is for the log alone, since it concerns
        nobody who stands there.
        """
        _LOG.warning("%s: the record is in the way: %s", work, error)
        if not (self._troubled or self.settings.hides_list):
            self._notify(TroubleNotice(error))
        self._troubled.add(work)
        if not self._tasks.is_running(_AGAIN):
            self._tasks.start(_AGAIN, self._settle_again())

    async def _settle_again(self) -> None:
        await self._ports.clock.sleep(LATER)
        self._settle()

    async def _later(self) -> None:
        await self._ports.clock.sleep(LATER)
        self._tasks.once_more(_STAGED, self._submit_staged)
