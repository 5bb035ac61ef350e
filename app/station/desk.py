"""The desk: two cards, one enrollment in front, and those that are still on their way behind it.

The desk performs what the enrollment's state asks for and feeds the outcome back. Everything here
runs on the station's one loop, so the draft is changed in one place and in one order; a submitted
enrollment runs on by itself (station.course) while the next token is already being scanned.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.core.code import CodeVerdict, VerificationCode
from app.core.enrollment import DRAFT, TRANSITIONS, Enrollment, State, advance
from app.core.errors import DirectoryError, SignInError
from app.core.events import (
    CheckFailed,
    Event,
    ModeChosen,
    PersonCleared,
    PersonPut,
    Submitted,
    TokenCleared,
    TokenPut,
    TriedAgain,
)
from app.core.model import Method, Mode, Operator, Person, Source, Token
from app.core.scan import BadgeScan, Refused, SerialScan, classify, layout_repair, names_nobody
from app.station.cards import PersonSlot, TokenSlot
from app.station.facts import FactFinder, is_stale
from app.station.guards import Guards
from app.station.notices import (
    CardState,
    CodeNotice,
    DeskNotice,
    PersonCard,
    ScanNotice,
    TokenCard,
)
from app.station.people import People
from app.station.runs import Runs
from app.station.setup import DeskSettings, Notify, Outside
from app.station.staging import Staging, can_wait
from app.station.tasks import Tasks
from app.station.today import Today

_CHECK, _PHOTO = "check", "photo"


class Desk:
    """What an operator does at the desk, gesture by gesture. `open` it for an operator first."""

    def __init__(
        self, outside: Outside, settings: DeskSettings, people: People, today: Today, notify: Notify
    ) -> None:
        """Begin with an empty draft in the configured mode."""
        self._outside = outside
        self._settings = settings
        self._people = people
        self._today = today
        self._notify = notify
        self._is_up: Callable[[], bool] = lambda: True
        self._staged: Callable[[], None] = lambda: None
        self._operator: Operator | None = None
        self._facts = FactFinder(outside.directory, outside.clock)
        self.runs = Runs(outside, settings, self._facts, self._told, today.add)
        self.staging = Staging(outside, settings, self.runs, today.add, notify)
        self._tasks = Tasks()
        self._guards = Guards()
        self._face = ""
        self._mode = settings.mode
        self._enrollment = self._draft(settings.mode)
        self._token_slot = TokenSlot(outside.directory, self.tell, self._token_found)
        self._person_slot = PersonSlot(outside.directory, self.tell, self._person_found)

    def mind(self, is_up: Callable[[], bool], staged: Callable[[], None]) -> None:
        """Ask `is_up` whether the directory can be reached, and tell `staged` of new work.

        Without this the directory is believed to be within reach.
        """
        self._is_up, self._staged = is_up, staged

    # Opening and closing ------------------------------------------------------------------------

    async def open(self, operator: Operator) -> None:
        """Serve `operator`: from now on scans are taken."""
        self._operator = self.runs.operator = operator
        self._facts.forget()
        self.tell()

    async def close(self) -> None:
        """Stop serving, and forget whom was served.

        What was submitted stays on disk and is settled at the next start.
        """
        self._operator = None
        await self.start_afresh()
        await self.runs.close()
        await self._token_slot.close()
        await self._person_slot.close()
        await self._tasks.stop_all()

    @property
    def operator(self) -> Operator | None:
        """Return who is served, or None while the desk is closed."""
        return self._operator

    @property
    def has_draft(self) -> bool:
        """Tell whether something lies on the desk that was not submitted."""
        cards = {self._token_slot.card.state, self._person_slot.card.state}
        return self._enrollment.state in DRAFT and cards != {CardState.EMPTY}

    # The cards ----------------------------------------------------------------------------------

    async def scanned(self, text: str, source: Source) -> None:
        """Take what a scanner read, or what was typed into the token card."""
        if self._operator is None:
            return
        match classify(text, self._settings.rules):
            case SerialScan(serial=serial):
                self._make_room()
                self._drop_token()
                self._token_slot.fill(serial, source)
            case BadgeScan(number=number):
                self._make_room()
                self._drop_person()
                self._person_slot.fill_by_badge(number)
            case Refused(kind=kind):
                self._notify(ScanNotice(kind, layout_repair(text) or ""))

    async def choose_person(self, person_id: str) -> None:
        """Put a person of the last search on the card."""
        person = self._people.known(person_id)
        if person is not None:
            await self.serve(person)

    async def serve(self, person: Person) -> None:
        """Put `person` on the card."""
        if self._operator is None:
            return
        self._make_room()
        self._drop_person()
        self._person_slot.fill(person)
        self._show_face(person)

    async def clear_token(self) -> None:
        """Empty the token card."""
        self._make_room()
        self._drop_token()
        self._token_slot.clear()

    async def clear_person(self) -> None:
        """Empty the person card."""
        self._make_room()
        self._drop_person()
        self._person_slot.clear()

    async def start_afresh(self) -> None:
        """Empty the desk for the next person. A submitted enrollment goes on behind it."""
        self._tasks.stop(_CHECK)
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
        if self._enrollment.token is not None and self.runs.is_underway(
            self._enrollment.token, self._enrollment.id
        ):
            await self.try_again()  # which tells that another enrollment is at it
            return
        code = None
        if self._enrollment.wants_code:
            code = self._admitted(digits)
            if code is None:
                return
        self.runs.send_off(advance(self._enrollment, Submitted(at=self._now())), code)

    async def try_again(self) -> None:
        """Check a draft afresh, or look into the directory again for what is not settled."""
        if TriedAgain not in TRANSITIONS[self._enrollment.state]:
            return
        again = advance(self._enrollment, TriedAgain(at=self._now()))
        if again.state is State.CHECKING:
            self._enrollment = again
            self.tell()
            self._tasks.start(_CHECK, self._check_afresh())
        else:
            self.runs.send_off(again, None)

    async def refer(self, reference: str) -> None:
        """Name the person by employee number or UPN while the directory is out of reach."""
        if self._operator is None:
            return
        reference = reference.strip()
        refused = names_nobody(reference, self._settings.rules)
        if refused is not None:
            self._notify(ScanNotice(refused))
        else:
            self._make_room()
            self._drop_person()
            self._person_slot.name(reference)

    async def look_up_again(self) -> None:
        """Ask again for what could not be looked up or checked, now that the directory answers."""
        self._token_slot.again()
        self._person_slot.again()
        if self._enrollment.state is State.UNCHECKED:
            await self.try_again()

    async def go_on(self) -> None:
        """Look up and check whatever is on the desk, after the operator had to sign in again."""
        await self.look_up_again()
        if is_stale(self._enrollment):
            await self.try_again()

    async def resume(self, enrollment_id: str) -> None:
        """Bring an enrollment of today back, or begin anew for the same token and person."""
        if self._operator is None:
            return
        enrollment = self.runs.known(enrollment_id)
        if enrollment is not None:
            self._bring_back(enrollment)
        elif (line := self._today.line(enrollment_id)) is not None:
            await self.start_afresh()
            self._token_slot.fill(line.serial_number, Source.TYPED)
            self._person_slot.fill_by_line(line)

    # Inside -------------------------------------------------------------------------------------

    def _draft(self, mode: Mode) -> Enrollment:
        return Enrollment(id=uuid.uuid4().hex, mode=mode)

    def _now(self) -> datetime:
        return self._outside.clock.now()

    def tell(self) -> None:
        """Tell the desk as it is now."""
        self._notify(
            DeskNotice(
                self._enrollment,
                self._token_slot.card,
                self._person_slot.card,
                offline=not self._is_up(),
                stageable=self._stageable,
            )
        )

    @property
    def _stageable(self) -> bool:
        cards = self._token_slot.card, self._person_slot.card
        return not self._is_up() and can_wait(self._enrollment, *cards)

    async def _stage(self, operator: Operator) -> None:
        """Put the desk's work into the tray. The desk is free before that: Enter may come twice."""
        token, person = self._token_slot.card, self._person_slot.card
        await self.start_afresh()
        if await self.staging.take(token, person, operator):
            self._staged()
        else:
            await self._put_back(token, person)

    async def _put_back(self, token: TokenCard, person: PersonCard) -> None:
        """Put back what could not be staged, unless somebody else is being served by now."""
        cards = {self._token_slot.card.state, self._person_slot.card.state}
        if self._operator is None or cards != {CardState.EMPTY}:
            return
        self._token_slot.fill(token.serial_number, token.source)
        if person.person is not None:
            await self.serve(person.person)
        else:
            self._person_slot.name(person.badge)

    def _apply(self, event: Event) -> None:
        self._enrollment = advance(self._enrollment, event)
        self._tasks.stop(_CHECK)
        self.tell()
        if self._enrollment.state is State.CHECKING:
            self._tasks.start(_CHECK, self._check())

    def _begin(self) -> None:
        """Put an empty draft in front, and nothing on its cards."""
        self._enrollment = self._draft(self._mode)
        self._face = ""
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

    def _drop_token(self) -> None:
        if self._enrollment.token is not None:
            self._apply(TokenCleared(at=self._now()))

    def _drop_person(self) -> None:
        self._face = ""
        if self._enrollment.person is not None:
            self._apply(PersonCleared(at=self._now()))

    def _token_found(self, token: Token) -> None:
        self._apply(TokenPut(at=self._now(), token=token))

    def _person_found(self, person: Person, methods: tuple[Method, ...]) -> None:
        self._show_face(person)
        self._apply(PersonPut(at=self._now(), person=person, methods=methods))

    def _show_face(self, person: Person) -> None:
        """Fetch the photo of whoever came onto the card, once while they are on it."""
        if self._face != person.id:
            self._face = person.id
            self._tasks.start(_PHOTO, self._people.show_photo(person.id))

    def _bring_back(self, enrollment: Enrollment) -> None:
        self._tasks.stop(_CHECK)
        self._enrollment = enrollment
        if enrollment.token is not None and enrollment.person is not None:
            self._token_slot.show(enrollment.token, Source.TYPED)
            self._person_slot.show(enrollment.person)
            self._show_face(enrollment.person)

    async def _check(self) -> None:
        try:
            event = await self._judge()
        except (DirectoryError, SignInError) as error:
            event = CheckFailed(at=self._now(), error=error)
        self._enrollment = advance(self._enrollment, event)
        self.tell()

    async def _judge(self) -> Event:
        if self._operator is None or self._enrollment.token is None:
            raise ValueError("a check needs an operator and a token")
        underway = self.runs.is_underway(self._enrollment.token, self._enrollment.id)
        count = self._token_slot.card.count
        return await self._facts.judge(self._enrollment, self._operator, count, underway=underway)

    async def _check_afresh(self) -> None:
        """Read token and methods again before judging: somebody may have acted meanwhile."""
        try:
            token, methods = await self._facts.fresh(self._enrollment)
        except (DirectoryError, SignInError) as error:
            self._enrollment = advance(self._enrollment, CheckFailed(at=self._now(), error=error))
            self.tell()
            return
        self._take_in(token, methods)
        await self._check()

    def _take_in(self, token: Token, methods: tuple[Method, ...]) -> None:
        person = self._enrollment.person
        if person is None:
            raise ValueError("a fresh look needs a person")
        fresh = advance(self._enrollment, TokenPut(at=self._now(), token=token))
        self._enrollment = advance(fresh, PersonPut(at=self._now(), person=person, methods=methods))

    def _admitted(self, digits: str) -> VerificationCode | None:
        """Return the code if it may be sent now; else tell why not."""
        token = self._enrollment.token
        if token is None:
            return None
        admitted = self._guards.admit(token, digits, self._now().timestamp())
        if isinstance(admitted, CodeVerdict):
            self._notify(CodeNotice(admitted))
            return None
        return admitted

    def _told(self, enrollment: Enrollment) -> None:
        if enrollment.id == self._enrollment.id:
            self._enrollment = enrollment
            self.tell()
