"""The desk: two cards, one enrollment in front, and those that are still on their way behind it.

The desk performs what the enrollment's state asks for and feeds the outcome back. Everything here
runs on the station's one loop, so the draft is changed in one place and in one order; a submitted
enrollment runs on by itself (station.course) while the next token is already being scanned.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.core.access_pass import is_offered
from app.core.code import CodeVerdict, VerificationCode
from app.core.enrollment import (
    DRAFT,
    ENDS,
    TRANSITIONS,
    UNCLEAR,
    UNDERWAY,
    WATCHED,
    Enrollment,
    State,
    advance,
)
from app.core.errors import DirectoryError, LedgerError, SignInError
from app.core.events import (
    Event,
    ModeChosen,
    PersonCleared,
    PersonPut,
    Submitted,
    TokenCleared,
    TokenPut,
    TriedAgain,
)
from app.core.model import (
    CREATES,
    WITHOUT_PERSON,
    Method,
    Mode,
    Operator,
    Person,
    Source,
    Token,
)
from app.core.preflight import OverrideReason
from app.core.reading import CardReading, NeedsHelp, NotAToken, TokenReading
from app.core.record import Line
from app.core.rights import lacks
from app.core.scan import other_readings
from app.station.cards import PersonSlot, TokenSlot
from app.station.connection import Connection
from app.station.context import StationContext
from app.station.corrections import Corrections
from app.station.facts import FactFinder, is_stale
from app.station.guards import Guards
from app.station.intake import Intake, rules_of
from app.station.lock import Lock
from app.station.notices import (
    CardState,
    CodeNotice,
    DeskNotice,
    PersonCard,
    TokenCard,
    TroubleNotice,
)
from app.station.passes import Passes
from app.station.people import People
from app.station.read_retry import PASSING, ReadRetry
from app.station.recorder import Recorder
from app.station.runs import Runs
from app.station.staging import Staging, can_wait
from app.station.tasks import Tasks
from app.station.timekeeper import Timekeeper

_CHECK = "check"
_SHORT_SERIAL = "short serial"
_EXPECTS_CODE = WATCHED | {State.CHECKING, State.AWAITING_CODE, State.HALF_DONE, State.NOT_DONE}
_WITH_CODE = frozenset({Mode.ASSIGN_AND_ACTIVATE})


class Desk:
    """What an operator does at the desk, gesture by gesture. `open` it for an operator first."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the station that a desk works with
        self,
        context: StationContext,
        people: People,
        recorder: Recorder,
        time: Timekeeper,
        connection: Connection,
        lock: Lock,
        passes: Passes,
        *,
        staged: Callable[[], None],
        changed: Callable[[DeskNotice], None],
        submitted_changed: Callable[[Enrollment], None],
    ) -> None:
        """Begin with an empty draft in the configured mode.

        `staged` is called when new work is in the tray, `changed` with each state of the desk once
        the window was told, and `submitted_changed` with each state of what was submitted.
        """
        directory, clock, settings = context.ports.directory, context.clock, context.settings
        self._ports = context.ports
        self._settings = settings
        self._notify = context.tell
        self._people = people
        self._today = recorder.today
        self._time = time
        self._connection = connection
        self._lock = lock
        self._passes = passes
        self._staged = staged
        self._changed = changed
        self._submitted_changed = submitted_changed
        self._operator: Operator | None = None
        self.facts = FactFinder(directory, clock)
        self.recorder = recorder
        self.runs = Runs(context, self.facts, recorder, self._told)
        self.staging = Staging(context, self.runs, recorder)
        self.corrections = Corrections(context, self.runs, recorder.today, time)
        self._tasks = Tasks()
        self.guards = Guards()
        self._intake = Intake(context, self)
        self._mode = settings.mode
        self._enrollment = self._draft(settings.mode)
        self._check_retry = ReadRetry(clock, self._repeat_check)
        self._check_again_at: datetime | None = None
        self._token_slot = TokenSlot(directory, clock, self.tell, self._token_found)
        met = self.facts.held.meet
        self._person_slot = PersonSlot(directory, clock, self.tell, self._person_found, met)

    # Opening and closing ------------------------------------------------------------------------

    async def open(self, operator: Operator) -> None:
        """Serve `operator`: from now on scans are taken."""
        self._operator = self.runs.operator = operator
        self.facts.serve(operator)
        self.tell()

    async def close(self) -> None:
        """Stop serving, and forget whom was served.

        What was submitted stays on disk and is settled at the next start.
        """
        self._operator = None
        await self.start_afresh()
        await self.corrections.close()
        await self.runs.close()
        await self._token_slot.close()
        await self._person_slot.close()
        await self._check_retry.close()
        await self.facts.held.close()
        self.facts.end_shift()
        await self._tasks.stop_all()

    @property
    def operator(self) -> Operator | None:
        """Return who is served, or None while the desk is closed."""
        return self._operator

    @property
    def has_draft(self) -> bool:
        """Tell whether something lies on the desk that was not submitted."""
        return self._enrollment.state in DRAFT and not self._is_empty

    @property
    def _is_empty(self) -> bool:
        return {self.token_card.state, self.person_card.state} == {CardState.EMPTY}

    # The cards ----------------------------------------------------------------------------------

    async def scanned(self, text: str, source: Source) -> None:
        """Take what a scanner read, or what was typed into the token card."""
        if self._operator is not None and self._lock.takes():
            self._tasks.stop(_SHORT_SERIAL)
            self._intake.scanned(text, source)

    async def tapped(self, reading: CardReading, reader: str, *, pad: bool) -> None:
        """Take what a chip card in `reader` says it is."""
        if self._operator is not None and self._lock.takes():
            self._intake.tapped(reading, reader, pad=pad)

    def lifted(self, reader: str) -> None:
        """Take note that the chip card of `reader` was taken away; a token stays on the desk."""
        self._token_slot.lifted(reader)

    def put_serial(self, serial: str, source: Source, others: tuple[str, ...] = ()) -> None:
        """Put a token that was scanned or typed onto its card; `others` are other readings."""
        self._room_for_token()
        self._token_slot.fill(serial, source, others)

    async def choose_near(self, serial: str) -> None:
        """Put the near token with `serial`, which the operator chose, onto the card."""
        if self._operator is not None and serial in self.token_card.suggestions:
            self.put_serial(serial, Source.TYPED)

    def put_if_known(self, serial: str, source: Source, otherwise: Callable[[], None]) -> None:
        """Put a token onto its card if the directory has it; if not, call `otherwise`.

        For six digits, which may be a code that was typed too early. While a code is asked for, or
        is about to be, they are not even looked up.
        """
        if self._enrollment.state in _EXPECTS_CODE and self._enrollment.mode in _WITH_CODE:
            otherwise()
        else:
            self._tasks.start(_SHORT_SERIAL, self._find_short(serial, source, otherwise))

    async def _find_short(self, serial: str, source: Source, otherwise: Callable[[], None]) -> None:
        try:
            tokens = await self._ports.directory.find_tokens(serial)
        except (DirectoryError, SignInError):
            tokens = ()
        if any(token.serial_number == serial for token in tokens):
            self.put_serial(serial, source)
        else:
            otherwise()

    def put_token(self, reading: TokenReading, reader: str, *, pad: bool) -> None:
        """Put a token that has told its serial number itself onto its card."""
        self._room_for_token()
        self._token_slot.tap(reading.corrected(self._time.ahead()), reader, pad=pad)

    def put_badge(self, number: str) -> None:
        """Put whoever has this badge onto their card."""
        self._room_for_person()
        self._person_slot.fill_by_badge(number)

    def put_name(self, reference: str) -> None:
        """Put down who is meant, without asking."""
        self._room_for_person()
        self._person_slot.name(reference)

    def puzzle(self, reading: NotAToken | NeedsHelp, reader: str, *, pad: bool) -> bool:
        """Show a chip card without serial number; tell whether the token card had room for it."""
        return self._token_slot.puzzle(reading, reader, pad=pad)

    @property
    def token_card(self) -> TokenCard:
        """Return the token card as it is now."""
        return self._token_slot.card

    @property
    def person_card(self) -> PersonCard:
        """Return the person card as it is now."""
        return self._person_slot.card

    async def choose_person(self, person_id: str) -> None:
        """Put a person of the last search on the card."""
        person = self._people.known(person_id)
        if person is not None:
            await self.serve(person)

    async def serve(self, person: Person) -> None:
        """Put `person` on the card."""
        if self._operator is None:
            return
        self._room_for_person()
        self._person_slot.fill(person)
        self._people.show_face(person.id)

    async def clear_token(self) -> None:
        """Empty the token card."""
        self._intake.forget()
        self._room_for_token()
        self._token_slot.clear()

    async def clear_person(self) -> None:
        """Empty the person card."""
        self._intake.forget()
        self._room_for_person()
        self._person_slot.clear()

    async def start_afresh(self, after: str = "") -> None:
        """Empty the desk for the next person. A submitted enrollment goes on behind it.

        With `after`, only if that enrollment is still in front: nobody's work is taken away.
        """
        if after not in {"", self._enrollment.id}:
            return
        self._tasks.stop(_CHECK)
        self._tasks.stop(_SHORT_SERIAL)
        self._begin()

    async def choose_mode(self, mode: Mode) -> None:
        """Choose what is handed over. A submitted enrollment keeps its own."""
        if self._enrollment.state in DRAFT:
            self._mode = mode
            self._apply(ModeChosen(at=self._now(), mode=mode))

    # Submitting ---------------------------------------------------------------------------------

    async def submit(self, digits: str = "") -> None:
        """Send the enrollment, with `digits` where its mode needs a code.

        Where the code guard or the state does not admit it nothing is sent: the guard's word is a
        CodeNotice, and a second Enter on the same gesture is nobody's fault.
        """
        if self._operator is None:
            return
        if self._stageable:
            await self._stage(self._operator)
            return
        if Submitted not in TRANSITIONS[self._enrollment.state]:
            return
        token = self._enrollment.token
        if token is not None and self.runs.is_underway(token, self._enrollment.id):
            await self.try_again()  # which tells that another enrollment is at it
            return
        code = None
        if self._enrollment.wants_code and token is not None:
            code = self._admitted(token, digits)
            if code is None:
                return
        self._intake.forget()
        self.runs.send_off(advance(self._enrollment, Submitted(at=self._now())), code)

    async def try_again(self) -> None:
        """Check a draft afresh, or look into the directory again for what is not settled."""
        self._check_retry.reset()
        self._check_again()

    def _check_again(self) -> None:
        if TriedAgain not in TRANSITIONS[self._enrollment.state]:
            return
        again = advance(self._enrollment, TriedAgain(at=self._now()))
        if again.state is State.CHECKING:
            self._enrollment = again
            self.tell()
            self._tasks.start(_CHECK, self._check_afresh())
        else:
            self.runs.send_off(again, None)

    async def go_on_because(self, reason: OverrideReason) -> None:
        """Give the reason that the check asks for, and check again."""
        if self.facts.take_reason(self._enrollment, reason):
            await self.try_again()

    async def refer(self, reference: str) -> None:
        """Name the person by employee number or UPN while the directory is out of reach."""
        if self._operator is not None:
            self._intake.named(reference.strip())

    async def look_up_again(self, *, checked: bool = False) -> None:
        """Ask again for what could not be looked up or checked, and what was `checked` as well."""
        self._token_slot.again()
        self._person_slot.again()
        if self._enrollment.state in (DRAFT if checked else {State.UNCHECKED}):
            await self.try_again()

    async def reconnected(self) -> None:
        """Look up and check what was not for want of a connection, now that there is one.

        What failed for another reason that passes is repeated at its own time.
        """
        self._token_slot.reconnected()
        self._person_slot.reconnected()
        unchecked = self._enrollment.state is State.UNCHECKED
        if unchecked and not isinstance(self._enrollment.error, PASSING):
            self._check_again()

    def stop_repeating(self) -> None:
        """Repeat no look-up and no check until somebody asks for it: the operator is gone."""
        self._people.stop_repeating()
        self._token_slot.stop_repeating()
        self._person_slot.stop_repeating()
        self._check_retry.reset()
        if self._check_again_at is not None:
            self._check_again_at = None
            self.tell()

    async def go_on(self) -> None:
        """Look up and check whatever is on the desk, after the operator had to sign in again."""
        if self.person_card.person is not None:
            self._people.show_face(self.person_card.person.id)  # forgotten while it was locked
        await self.look_up_again()
        if is_stale(self._enrollment):
            await self.try_again()

    async def resume(self, enrollment_id: str) -> None:
        """Bring an enrollment of today back, or begin anew for the same token and person."""
        if self._operator is None:
            return
        enrollment, line = self.runs.known(enrollment_id), self._today.line(enrollment_id)
        if line is not None and is_left_unrecorded(line, enrollment):
            self._try_once_more(line)
        elif enrollment is not None and not enrollment.takes_back:
            self._bring_back(enrollment)
        elif line is not None:
            await self.start_afresh()
            self._fill_by_line(line)

    # Inside -------------------------------------------------------------------------------------

    def _draft(self, mode: Mode) -> Enrollment:
        return Enrollment(id=uuid.uuid4().hex, mode=mode)

    def _now(self) -> datetime:
        return self._ports.clock.now()

    def tell(self) -> None:
        """Tell the desk as it is now."""
        unchecked = self._enrollment.state is State.UNCHECKED
        notice = DeskNotice(
            self._enrollment,
            self._token_slot.card,
            self._person_slot.card,
            offline=not self._connection.up,
            stageable=self._stageable,
            lacks=lacks(self._operator),
            retry_at=self._check_again_at if unchecked else None,
            pass_offered=self._is_pass_offered(),
        )
        self._notify(notice)
        self._changed(notice)

    def _is_pass_offered(self) -> bool:
        """Tell whether a Temporary Access Pass can be issued to the person on the card."""
        card, person = self._person_slot.card, self._enrollment.person
        if not self._settings.passes or card.state is not CardState.FOUND or person is None:
            return False
        return is_offered(person, self._enrollment.methods, self._operator)

    @property
    def _stageable(self) -> bool:
        cards = self.token_card, self.person_card
        return not self._connection.up and can_wait(self._enrollment, *cards)

    async def _stage(self, operator: Operator) -> None:
        """Put the desk's work into the tray. The desk is free before that: Enter may come twice.

        What cannot be recorded is listed, and put back unless somebody else is served by now. At a
        kiosk that may be somebody else's screen already: nothing is put back, and while another
        visitor is served nothing is told either.
        """
        enrollment_id = self._enrollment.id
        token, person = self._token_slot.card, self._person_slot.card
        await self.start_afresh()
        try:
            await self.staging.take(enrollment_id, token, person, operator)
        except LedgerError as error:
            kiosk, is_free = self._settings.wipe_after > 0, self._is_empty
            if is_free or not kiosk:
                self._notify(TroubleNotice(error))
            if is_free and not kiosk and self._operator is not None:
                self._put_back(enrollment_id, token, person)
        else:
            self._staged()

    def _put_back(self, enrollment_id: str, token: TokenCard, person: PersonCard) -> None:
        """Put back what could not be staged, as the enrollment it was."""
        self._enrollment = Enrollment(enrollment_id, Mode.ASSIGN_ONLY, attempts=1)
        self._token_slot.fill(token.serial_number, token.source)
        if person.person is not None:
            self._person_slot.fill(person.person)
            self._people.show_face(person.person.id)
        else:
            self._person_slot.name(person.badge)

    def _try_once_more(self, line: Line) -> None:
        """Put token and person of a submit that could not be recorded back, as what it was.

        Both are looked up and checked afresh; what is then submitted continues its record.
        """
        self._tasks.stop(_CHECK)
        self._begin()
        if line.operation not in CREATES | WITHOUT_PERSON:
            attempts = max(line.attempts, 1)
            self._enrollment = Enrollment(line.enrollment_id, line.mode, attempts=attempts)
        self._fill_by_line(line)

    async def serve_by_line(self, line: Line) -> None:
        """Empty the desk and look up the person of a recorded pass, which has no token."""
        await self.start_afresh()
        if self._operator is not None:
            self._person_slot.fill_by_line(line)

    def _fill_by_line(self, line: Line) -> None:
        """Look up the token of a recorded enrollment, and its person where it has one."""
        others = other_readings(line.serial_number, rules_of(self._settings, Source.TYPED))
        self._token_slot.fill(line.serial_number, Source.TYPED, others)
        if line.operation not in CREATES | WITHOUT_PERSON:
            self._person_slot.fill_by_line(line)

    def _apply(self, event: Event) -> None:
        self._enrollment = advance(self._enrollment, event)
        self._tasks.stop(_CHECK)
        self._check_retry.reset()
        self.tell()
        if self._enrollment.state is State.CHECKING:
            self._tasks.start(_CHECK, self._check())

    def _begin(self) -> None:
        """Put an empty draft in front, and nothing on its cards."""
        self._intake.forget()
        self._check_retry.reset()
        self._passes.leave()
        self._people.stop_repeating()
        self._enrollment = self._draft(self._mode)
        self._people.forget_face()
        if self._settings.wipe_after > 0:  # a kiosk: the next person is a stranger
            self._people.forget_photos()
        self._token_slot.clear()
        self._person_slot.clear()

    def _make_room(self) -> None:
        """Begin a new draft where the one in front was submitted.

        A draft that was tried before keeps its cards, but what comes now is another enrollment: the
        record of the first is not to be continued with another token or person.
        """
        if self._enrollment.state not in DRAFT:
            self._begin()
        elif self._enrollment.attempts:
            fresh = self._draft(self._mode)
            self._enrollment = replace(
                self._enrollment, id=fresh.id, mode=fresh.mode, attempts=0, trail=(), evidence=None
            )

    def _room_for_token(self) -> None:
        self._make_room()
        if self._enrollment.token is not None:
            self._apply(TokenCleared(at=self._now()))

    def _room_for_person(self) -> None:
        self._make_room()
        self._passes.leave()
        self._people.stop_repeating()
        self._people.forget_face()
        if self._enrollment.person is not None:
            self._apply(PersonCleared(at=self._now()))

    def _token_found(self, token: Token) -> None:
        self.corrections.met(serial_number=token.serial_number)
        self._apply(TokenPut(at=self._now(), token=token))

    def _person_found(self, person: Person, methods: tuple[Method, ...]) -> None:
        self._people.show_face(person.id)
        self.corrections.met(person_id=person.id)
        self._apply(PersonPut(at=self._now(), person=person, methods=methods))

    def _bring_back(self, enrollment: Enrollment) -> None:
        self._tasks.stop(_CHECK)
        self._check_retry.reset()
        self._passes.leave()
        self._enrollment = enrollment
        if enrollment.token is not None and enrollment.person is not None:
            self._person_slot.show(enrollment.person)  # first: a token alone would be a loose one
            self._token_slot.show(enrollment.token, Source.TYPED)
            self._people.show_face(enrollment.person.id)

    async def _check(self) -> None:
        """Judge the draft and tell how that ended."""
        token = self._enrollment.token
        if self._operator is None or token is None:
            raise ValueError("a check needs an operator and a token")
        underway = self.runs.is_underway(token, self._enrollment.id)
        self._enrollment = await self.facts.check(
            self._enrollment, self._operator, self.token_card, underway=underway
        )
        self._tell_checked()

    async def _check_afresh(self) -> None:
        """Read token and methods again before judging: somebody may have acted meanwhile."""
        self._enrollment = await self.facts.refreshed(self._enrollment)
        if self._enrollment.state is State.CHECKING:
            await self._check()
        else:
            self._tell_checked()

    def _repeat_check(self) -> None:
        if self._enrollment.state is State.UNCHECKED:
            self._check_again()

    def _tell_checked(self) -> None:
        """Tell how a check ended, and when it is repeated where it could not be made."""
        error = self._enrollment.error
        if self._enrollment.state is State.UNCHECKED and error is not None:
            self._check_again_at = self._check_retry.plan(error)
        else:
            self._check_retry.reset()
            self._check_again_at = None
        self.tell()

    def _admitted(self, token: Token, digits: str) -> VerificationCode | None:
        """Return the code if it may be sent now, by the token's own time; else tell why not."""
        now = self._now().timestamp() + self._time.ahead() + (self.token_card.drift or 0.0)
        admitted = self.guards.admit(token, digits, now)
        if isinstance(admitted, CodeVerdict):
            self._notify(CodeNotice(admitted))
            return None
        return admitted

    def _told(self, enrollment: Enrollment) -> None:
        """Call every part that follows what was submitted, this one first."""
        self._take_in(enrollment)
        self.corrections.enrollment_changed(enrollment)
        self._submitted_changed(enrollment)

    def _take_in(self, enrollment: Enrollment) -> None:
        """Take in what has become of an enrollment; show it where it is the one in front.

        While that is being checked for another attempt, what is still unclear of the last one does
        not take its place.
        """
        had_code = ENDS[enrollment.operation] is State.ACTIVATED
        if enrollment.state is State.UNRECORDED and enrollment.token is not None and had_code:
            self.guards.not_sent(enrollment.token)
        if enrollment.id != self._enrollment.id:
            return
        if self._enrollment.state in DRAFT and enrollment.state in UNCLEAR | {State.UNRECORDED}:
            return
        self._enrollment = enrollment
        self.tell()


def is_left_unrecorded(line: Line, known: Enrollment | None) -> bool:
    """Tell whether `line` could not be recorded, and was not submitted once more meanwhile.

    `known` is its enrollment as this session knows it.
    """
    if line.state is not State.UNRECORDED:
        return False
    on_its_way = known is not None and known.state in UNDERWAY
    return not (on_its_way and known is not None and known.attempts > line.attempts)
