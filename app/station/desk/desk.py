"""The desk: its two cards, what is led on from them, and the record's work brought back to them.

Everything here runs on the station's one loop, so what is in front is changed in one place and in
one order. A submitted enrollment runs on by itself while the next token is already being scanned.

What lies on the cards is led to where it can be dealt with. A token that somebody holds, while
nobody stands there for it, raises the question whose it is. A token that this operator may not look
up is handed over by its serial number alone. While a replacement is being prepared, the next token
is the new one. And what was chosen for one token or person is left when another one comes to a
card; what was submitted goes on behind.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.core.access_pass import is_offered
from app.core.enrollment import DRAFT, RESTING, SUCCESS, UNDERWAY, Enrollment, State
from app.core.errors import Forbidden, LedgerError
from app.core.events import ModeChosen, PersonCleared, PersonPut, TokenCleared, TokenPut
from app.core.lifecycle import proves
from app.core.model import (
    CREATES,
    TAKES_BACK,
    WITHOUT_PERSON,
    Method,
    Mode,
    Operation,
    Operator,
    Person,
    Reason,
    Source,
    Token,
)
from app.core.reading import NeedsHelp, NotAToken, TokenReading
from app.core.record import Line
from app.core.rights import lacks
from app.core.scan import names_nobody, other_readings
from app.station.connection import Connection
from app.station.context import StationContext
from app.station.corrections import Corrections
from app.station.desk.cards import PersonSlot, TokenSlot
from app.station.desk.holder_lookup import HolderLookup
from app.station.desk.notices import PendingNotice, ReplacingNotice
from app.station.desk.work import TokenWork, fresh_id
from app.station.facts import FactFinder
from app.station.notices import (
    CardState,
    DeskNotice,
    PersonCard,
    ScanNotice,
    TokenCard,
    TroubleNotice,
)
from app.station.passes import Passes
from app.station.people import People
from app.station.recorder import Recorder
from app.station.staging import Staging, can_wait
from app.station.submissions import Submissions
from app.station.tasks import Tasks
from app.station.timekeeper import Timekeeper

_LEAD = "lead"
_UNDECIDED = frozenset({CardState.EMPTY, CardState.LOADING})


class Desk:
    """What an operator does at the desk, gesture by gesture. `open` it for an operator first.

    `work` holds the enrollment in front, `lookup` answers who holds a token and what a person has.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the station that a desk works with
        self,
        context: StationContext,
        people: People,
        recorder: Recorder,
        time: Timekeeper,
        connection: Connection,
        passes: Passes,
        *,
        staged: Callable[[], None],
        changed: Callable[[DeskNotice], None],
        work_changed: Callable[[Enrollment | None], None],
        submitted_changed: Callable[[Enrollment], None],
    ) -> None:
        """Begin with an empty draft in the configured mode.

        `staged` is called when new work is in the tray, `changed` with each state of the desk once
        the window was told, `work_changed` with each state of a chosen operation, None when it is
        left, and `submitted_changed` with each state of what was submitted.
        """
        directory, clock, settings = context.ports.directory, context.clock, context.settings
        self._ports = context.ports
        self._settings = settings
        self._notify = context.tell
        self._people = people
        self._today = recorder.today
        self._connection = connection
        self._time = time
        self._passes = passes
        self._staged = staged
        self._changed = changed
        self._chosen_changed = work_changed
        self._submitted_changed = submitted_changed
        self._operator: Operator | None = None
        self.facts = FactFinder(directory, clock)
        self.submissions = Submissions(context, self.facts, recorder, self._told)
        self.staging = Staging(context, self.submissions, recorder)
        self.corrections = Corrections(context, self.submissions, recorder.today, time)
        self.lookup = HolderLookup(context, self.facts, self.submissions, self.corrections)
        self.work = TokenWork(
            context,
            time,
            recorder,
            self.facts,
            self.submissions,
            self.corrections,
            card=lambda: self.token_card,
            changed=self._work_changed,
        )
        self._tasks = Tasks()
        self._mode = settings.mode
        self._replacing = ReplacingNotice()
        self._had_chosen = False
        self._serial = self._person_id = ""
        self._led: tuple[str, str] | None = None
        """The serial number and the person's id that were led on last."""
        self._by_number = False
        """Whether the token is handed over by its serial number, since it may not be looked up."""
        self._token_left_over = self._person_left_over = False
        """Whether what is on the card lay there when a chosen operation came to its end."""
        self._token_slot = TokenSlot(directory, clock, self.tell, self._token_found)
        met = self.facts.held.meet
        self._person_slot = PersonSlot(directory, clock, self.tell, self._person_found, met)

    # Opening and closing ------------------------------------------------------------------------

    async def open(self, operator: Operator) -> None:
        """Serve `operator`: from now on scans are taken."""
        self._operator = self.submissions.operator = operator
        self.facts.serve(operator)
        self.tell()

    async def close(self) -> None:
        """Stop serving, and forget whom was served.

        What was submitted stays on disk and is settled at the next start.
        """
        self._operator = None
        await self.start_afresh()
        await self._tasks.stop_all()
        await self.lookup.close()
        await self.corrections.close()
        await self.submissions.close()
        await self.work.close()
        await self._token_slot.close()
        await self._person_slot.close()
        await self.facts.held.close()
        self.facts.end_shift()
        self._led = None

    @property
    def operator(self) -> Operator | None:
        """Return who is served, or None while the desk is closed."""
        return self._operator

    @property
    def has_draft(self) -> bool:
        """Tell whether something lies on the desk that was not submitted."""
        return self.work.of_cards.state in DRAFT and not self._is_empty

    @property
    def _is_empty(self) -> bool:
        return {self.token_card.state, self.person_card.state} == {CardState.EMPTY}

    # The cards ----------------------------------------------------------------------------------

    @property
    def token_card(self) -> TokenCard:
        """Return the token card as it is now."""
        return self._token_slot.card

    @property
    def person_card(self) -> PersonCard:
        """Return the person card as it is now."""
        return self._person_slot.card

    def put_serial(self, serial: str, source: Source, others: tuple[str, ...] = ()) -> None:
        """Put a token that was scanned or typed onto its card; `others` are other readings."""
        self._room_for_token()
        self._token_slot.fill(serial, source, others)

    async def choose_near(self, serial: str) -> None:
        """Put the near token with `serial`, which the operator chose, onto the card."""
        if self._operator is not None and serial in self.token_card.suggestions:
            self.put_serial(serial, Source.TYPED)

    def put_token(self, reading: TokenReading, reader: str, *, pad: bool) -> None:
        """Put a token that has told its serial number itself onto its card."""
        self._room_for_token()
        self._token_slot.tap(reading.corrected(self._time.ahead()), reader, pad=pad)

    def puzzle(self, reading: NotAToken | NeedsHelp, reader: str, *, pad: bool) -> bool:
        """Show a chip card without serial number; tell whether the token card had room for it."""
        return self._token_slot.puzzle(reading, reader, pad=pad)

    def lifted(self, reader: str) -> None:
        """Take note that the chip card of `reader` was taken away; a token stays on the desk."""
        self._token_slot.lifted(reader)

    def put_badge(self, number: str) -> None:
        """Put whoever has this badge onto their card."""
        self._room_for_person()
        self._person_slot.fill_by_badge(number)

    async def refer(self, reference: str) -> None:
        """Name the person by employee number or UPN while the directory is out of reach."""
        reference = reference.strip()
        if self._operator is None:
            return
        refused = names_nobody(reference, self._settings.rules)
        if refused is None:
            self._room_for_person()
            self._person_slot.name(reference)
        else:
            self._notify(ScanNotice(refused))

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
        self._room_for_token()
        self._token_slot.clear()

    async def clear_person(self) -> None:
        """Empty the person card."""
        self._room_for_person()
        self._person_slot.clear()

    async def start_afresh(self, after: str = "") -> None:
        """Leave everything, and empty the desk for the next person. What was submitted goes on.

        With `after`, only if that enrollment is still in front: nobody's work is taken away.
        """
        if after not in {"", self.work.enrollment.id}:
            return
        self._give_up_replacing()
        self.lookup.leave()
        self._begin()
        self.work.leave()

    async def choose_mode(self, mode: Mode) -> None:
        """Choose what is handed over. A submitted enrollment keeps its own."""
        if self.work.of_cards.state in DRAFT:
            self._mode = mode
            self.work.apply(ModeChosen(at=self._now(), mode=mode))

    async def look_up_again(self, *, checked: bool = False) -> None:
        """Ask again for what could not be looked up or checked, and what was `checked` as well."""
        self._token_slot.again()
        self._person_slot.again()
        await self.work.look_up_again(checked=checked)

    async def reconnected(self) -> None:
        """Look up and check what was not for want of a connection, now that there is one.

        What failed for another reason that passes is repeated at its own time.
        """
        self._token_slot.reconnected()
        self._person_slot.reconnected()
        self.work.reconnected()

    def stop_repeating(self) -> None:
        """Repeat no look-up and no check until somebody asks for it: the operator is gone."""
        self._people.stop_repeating()
        self._token_slot.stop_repeating()
        self._person_slot.stop_repeating()
        self.work.stop_repeating()

    async def go_on(self) -> None:
        """Look up and check whatever is on the desk, after the operator had to sign in again."""
        if self.person_card.person is not None:
            self._people.show_face(self.person_card.person.id)  # forgotten while it was locked
        self._token_slot.again()
        self._person_slot.again()
        await self.work.go_on()

    # Submitting ---------------------------------------------------------------------------------

    async def submit(self, digits: str = "") -> None:
        """Send what is in front, with `digits` where a code is needed; offline, into the tray."""
        if self._operator is not None and self._stageable:
            await self._stage(self._operator)
        else:
            await self.work.submit(digits)

    @property
    def _stageable(self) -> bool:
        if self._connection.up or self.work.chosen is not None:
            return False
        return can_wait(self.work.enrollment, self.token_card, self.person_card)

    async def _stage(self, operator: Operator) -> None:
        """Put the desk's work into the tray. The desk is free before that: Enter may come twice.

        What cannot be recorded is listed, and put back unless somebody else is served by now. At a
        kiosk that may be somebody else's screen already: nothing is put back, and while another
        visitor is served nothing is told either.
        """
        enrollment_id = self.work.enrollment.id
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
        self.work.put(Enrollment(enrollment_id, Mode.ASSIGN_ONLY, attempts=1))
        self._token_slot.fill(token.serial_number, token.source)
        if person.person is not None:
            self._person_slot.fill(person.person)
            self._people.show_face(person.person.id)
        else:
            self._person_slot.name(person.badge)

    # Replacing ----------------------------------------------------------------------------------

    async def prepare_replacement(self, old: Token, person: Person, reason: Reason) -> None:
        """Prepare to replace `old`: `person` on their card, and room for the new token."""
        self.lookup.leave()
        self.work.leave()
        await self.clear_token()
        shown = self.person_card.person
        if shown is None or shown.id != person.id:
            await self.serve(person)
        self._tell_replacing(ReplacingNotice(old, person, reason))

    async def give_up_replacement(self) -> None:
        """Stop preparing the replacement."""
        self._give_up_replacing()

    def _give_up_replacing(self) -> None:
        if self._replacing != ReplacingNotice():
            self._tell_replacing(ReplacingNotice())

    def _tell_replacing(self, notice: ReplacingNotice) -> None:
        self._replacing = notice
        self._notify(notice)

    # From the record ----------------------------------------------------------------------------

    async def reopen(self, line: Line) -> None:
        """Bring back what `line` of the record tells of. Raises LedgerError.

        What was only handed over goes back to the cards. What takes something back, and each half
        of a replacement, stays the enrollment it was, so that the record and its other half still
        know it.
        """
        self.lookup.leave()
        if line.state is State.DUE:
            await self._open_second_half(line.enrollment_id)
        elif line.operation is Operation.ISSUE_PASS:
            await self._serve_by_line(line)
        elif line.operation in TAKES_BACK or line.link is not None or _is_by_serial(line):
            await self.work.resume(line.enrollment_id)
        else:
            self.work.leave()
            await self.resume(line.enrollment_id)

    async def _open_second_half(self, enrollment_id: str) -> None:
        """Take it up; where its first half is not done, say that instead."""
        for offer in await self.work.offers():
            if offer.second.id == enrollment_id:
                if offer.is_ready:
                    await self.work.take_up(enrollment_id)
                else:
                    self._notify(PendingNotice(offer))

    async def resume(self, enrollment_id: str) -> None:
        """Bring an enrollment of today back, or begin anew for the same token and person."""
        if self._operator is None:
            return
        enrollment, line = self.submissions.known(enrollment_id), self._today.line(enrollment_id)
        if line is not None and is_left_unrecorded(line, enrollment):
            self._try_once_more(line)
        elif enrollment is not None and not enrollment.takes_back:
            self._bring_back(enrollment)
        elif line is not None:
            await self.start_afresh()
            self._fill_by_line(line)

    def _bring_back(self, enrollment: Enrollment) -> None:
        self._passes.leave()
        self.work.put(enrollment)
        if enrollment.token is not None and enrollment.person is not None:
            self._person_slot.show(enrollment.person)  # first: a token alone would be a loose one
            self._token_slot.show(enrollment.token, Source.TYPED)
            self._people.show_face(enrollment.person.id)

    def _try_once_more(self, line: Line) -> None:
        """Put token and person of a submit that could not be recorded back, as what it was.

        Both are looked up and checked afresh; what is then submitted continues its record.
        """
        self._begin()
        if line.operation not in CREATES | WITHOUT_PERSON:
            attempts = max(line.attempts, 1)
            self.work.put(Enrollment(line.enrollment_id, line.mode, attempts=attempts))
        self._fill_by_line(line)

    async def _serve_by_line(self, line: Line) -> None:
        """Empty the desk and look up the person of a recorded pass, which has no token."""
        await self.start_afresh()
        if self._operator is not None:
            self._person_slot.fill_by_line(line)

    def _fill_by_line(self, line: Line) -> None:
        """Look up the token of a recorded enrollment, and its person where it has one."""
        others = other_readings(line.serial_number, self._settings.rules_for(Source.TYPED))
        self._token_slot.fill(line.serial_number, Source.TYPED, others)
        if line.operation not in CREATES | WITHOUT_PERSON:
            self._person_slot.fill_by_line(line)

    # Telling ------------------------------------------------------------------------------------

    def tell(self) -> None:
        """Tell the desk as it is now, and lead on from what its cards show."""
        notice = DeskNotice(
            self.work.enrollment,
            self._token_slot.card,
            self._person_slot.card,
            aside=None if self.work.chosen is None else self.work.of_cards,
            offline=not self._connection.up,
            stageable=self._stageable,
            lacks=lacks(self._operator),
            retry_at=self.work.retry_at,
            pass_offered=self._is_pass_offered(),
            wrong=self.work.wrong,
            without_token=self._settings.without_token,
        )
        self._notify(notice)
        self._changed(notice)
        self._follow()

    def _is_pass_offered(self) -> bool:
        """Tell whether a Temporary Access Pass can be issued to the person on the card."""
        card, draft = self._person_slot.card, self.work.of_cards
        if not self._settings.passes or card.state is not CardState.FOUND or draft.person is None:
            return False
        return is_offered(draft.person, draft.methods, self._operator)

    def _told(self, enrollment: Enrollment) -> None:
        """Call every part that follows what was submitted, the one in front first."""
        self.work.enrollment_changed(enrollment)
        self.corrections.enrollment_changed(enrollment)
        self._submitted_changed(enrollment)

    def _work_changed(self) -> None:
        """Tell what is in front, and let go of answers that it has made stale."""
        chosen, asked = self.work.chosen, self.lookup.person
        if chosen is not None and chosen.state in RESTING:
            self._token_left_over = bool(self._serial)
            self._person_left_over = bool(self._person_id)
        had_chosen, self._had_chosen = self._had_chosen, chosen is not None
        self.tell()
        if chosen is not None and chosen.state in SUCCESS:
            self.lookup.leave_token()
        if chosen is None and had_chosen:
            self._by_number = False
        if chosen is None and had_chosen and asked is not None:
            self._tasks.start(_LEAD, self.lookup.holdings(asked))
        if chosen is not None or had_chosen:
            self._chosen_changed(chosen)

    # Leading on ---------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Leave what the cards no longer show, and lead on from what they show now."""
        token, person = self.token_card, self.person_card
        person_id = person.person.id if person.person else ""
        new_token = token.serial_number != self._serial
        new_person = person_id not in {"", self._person_id}
        self._serial, self._person_id = token.serial_number, person_id
        self._by_number &= not new_token
        self._token_left_over &= token.state not in _UNDECIDED
        self._person_left_over &= person.state not in _UNDECIDED
        if token.state in _UNDECIDED:
            self._led = None
        self._leave_what_is_past(new_token=new_token, new_person=new_person)
        if self._replacing.old is not None:
            self._go_on_replacing(self._replacing.old)
        elif self._by_number and token.state is CardState.FOUND:
            self._leave_hand_over_by_number()
        elif self.work.chosen is None and (self._serial, self._person_id) != self._led:
            self._lead()

    def _leave_what_is_past(self, *, new_token: bool, new_person: bool) -> None:
        """Leave what was chosen, or asked, for another token or person than comes now.

        Who comes next begins with nothing of what has ended.
        """
        chosen, asked = self.work.chosen, self.lookup.person
        if asked is not None and self._person_id != asked.id:
            self.lookup.leave()
        holder = _is_holder(self.work.of_cards.token, self._person_id)
        if new_token or (new_person and not holder):
            self.lookup.leave_token()
        if chosen is None:
            return
        done = chosen.state in SUCCESS
        other_token = done or not _is_about_token(chosen, self._serial)
        other_person = done or not _is_about_person(chosen, self._person_id)
        if (new_token and self._serial and other_token) or (new_person and other_person):
            left_over = self._person_left_over if new_token else self._token_left_over
            self.work.leave()
            if left_over and new_token:
                self._room_for_person()
                self._person_slot.clear()
            elif left_over:
                self._room_for_token()
                self._token_slot.clear()

    def _leave_hand_over_by_number(self) -> None:
        """Go on with the cards: the token may be looked up now, as rights that came allow it."""
        chosen = self.work.chosen
        if chosen is not None:
            self._by_number = False
            if chosen.state in DRAFT:
                self.work.leave()

    def _go_on_replacing(self, old: Token) -> None:
        asked, person, draft = self._replacing, self.person_card.person, self.work.of_cards
        if asked.person is None or (person is not None and person.id != asked.person.id):
            self._tell_replacing(ReplacingNotice())
        elif proves(old, self.token_card.serial_number):
            if not asked.wrong:
                self._tell_replacing(
                    ReplacingNotice(old, asked.person, asked.reason, old.serial_number)
                )
        elif draft.token is not None and self.person_card.state is CardState.FOUND:
            self._tell_replacing(ReplacingNotice())
            self._led = (self._serial, self._person_id)
            begun = self.work.replace(old, draft.token, asked.person, asked.reason, draft.mode)
            self._tasks.start(_LEAD, begun)

    def _lead(self) -> None:
        """Hand over by its number what may not be looked up; ask whose a loose token is."""
        person = self.person_card.person
        if person is not None and self._is_barred():
            self._led = (self._serial, self._person_id)
            self._by_number = True
            self._tasks.start(_LEAD, self.work.hand_over(self._serial, person))
        elif self._is_loose() and self.lookup.serial_number != self._serial:
            self._led = (self._serial, self._person_id)
            self._tasks.start(_LEAD, self.lookup.whose(self._serial))

    def _is_barred(self) -> bool:
        """Tell whether the token may not be looked up, and somebody stands there for it."""
        card = self.token_card
        forbidden = card.state is CardState.FAILED and isinstance(card.error, Forbidden)
        return forbidden and self.person_card.state is CardState.FOUND

    def _is_loose(self) -> bool:
        """Tell whether somebody holds the token, and nobody else is to get it."""
        draft, token = self.work.enrollment, self.work.enrollment.token
        if token is None or token.holder is None or self.token_card.state is not CardState.FOUND:
            return False
        if self.person_card.state is CardState.EMPTY:
            return True
        return draft.state is State.BLOCKED and _is_holder(token, self._person_id)

    # Inside -------------------------------------------------------------------------------------

    def _draft(self) -> Enrollment:
        return Enrollment(fresh_id(), self._mode)

    def _now(self) -> datetime:
        return self._ports.clock.now()

    def _begin(self) -> None:
        """Put nothing on the cards, and an empty draft with it."""
        self._passes.leave()
        self._people.stop_repeating()
        self.work.put(self._draft())
        self._people.forget_face()
        if self._settings.wipe_after > 0:  # a kiosk: the next person is a stranger
            self._people.forget_photos()
        self._token_slot.clear()
        self._person_slot.clear()

    def _make_room(self) -> None:
        """Begin a new draft where that of the cards was submitted.

        A draft that was tried before keeps its cards, but what comes now is another enrollment: the
        record of the first is not to be continued with another token or person.
        """
        draft = self.work.of_cards
        if draft.state not in DRAFT:
            self._begin()
        elif draft.attempts:
            fresh = self._draft()
            self.work.put(
                replace(draft, id=fresh.id, mode=fresh.mode, attempts=0, trail=(), evidence=None)
            )

    def _room_for_token(self) -> None:
        self._make_room()
        if self.work.of_cards.token is not None:
            self.work.apply(TokenCleared(at=self._now()))

    def _room_for_person(self) -> None:
        self._make_room()
        self._passes.leave()
        self._people.stop_repeating()
        self._people.forget_face()
        if self.work.of_cards.person is not None:
            self.work.apply(PersonCleared(at=self._now()))

    def _token_found(self, token: Token) -> None:
        self.corrections.met(serial_number=token.serial_number)
        self.work.apply(TokenPut(at=self._now(), token=token))

    def _person_found(self, person: Person, methods: tuple[Method, ...]) -> None:
        self._people.show_face(person.id)
        self.corrections.met(person_id=person.id)
        self.work.apply(PersonPut(at=self._now(), person=person, methods=methods))


def is_left_unrecorded(line: Line, known: Enrollment | None) -> bool:
    """Tell whether `line` could not be recorded, and was not submitted once more meanwhile.

    `known` is its enrollment as this session knows it.
    """
    if line.state is not State.UNRECORDED:
        return False
    on_its_way = known is not None and known.state in UNDERWAY
    return not (on_its_way and known is not None and known.attempts > line.attempts)


def _is_about_token(enrollment: Enrollment, serial_number: str) -> bool:
    return enrollment.token is not None and proves(enrollment.token, serial_number)


def _is_about_person(enrollment: Enrollment, person_id: str) -> bool:
    return enrollment.person is not None and enrollment.person.id == person_id


def _is_holder(token: Token | None, person_id: str) -> bool:
    return token is not None and token.holder is not None and token.holder.id == person_id


def _is_by_serial(line: Line) -> bool:
    """Tell whether a submit that was not recorded names a token that cannot be looked up."""
    by_serial = line.operation is Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL
    return by_serial and line.state is State.UNRECORDED
