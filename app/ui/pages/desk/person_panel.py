"""The second card: who is standing there, what they already have, and their face."""

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.core.enrollment import SUCCESS, UNDERWAY, Enrollment, State
from app.core.errors import OathdeskError, Unreachable
from app.core.model import METHODS_LIMIT, Person
from app.core.preflight import FindingKind, Severity, asked_for_reason, methods_counted
from app.core.rights import Feature, Standing
from app.station.notices import CardState, DeskNotice, PersonCard
from app.station.people import PhotoNotice, SearchNotice
from app.station.read_retry import REPEATABLE
from app.ui.pages.desk.try_now import TryNow
from app.ui.widgets import (
    Avatar,
    Card,
    ChipRow,
    FactGrid,
    Glyph,
    KeyHint,
    LinkButton,
    Mark,
    PersonSearch,
    Row,
    Tone,
    Wrapped,
    initials_of,
    text,
)
from app.ui.widgets.avatar import FACES
from app.ui.widgets.countdown import Countdown
from app.ui.wording.desk import methods_words
from app.ui.wording.errors import Trouble
from app.ui.wording.keyboard import ctrl
from app.ui.wording.rights import refused
from app.ui.wording.say import say

NAMED = "named:"
"""Before the key of a row that names somebody without the directory."""

_EXACT = re.compile(r"[0-9]{4,16}|[^@\s]+@[^@\s]+")
"""An employee number, or a UPN."""

_MOST_HELD = 6_000_000
"""Bytes of photos that are kept for the rows of the search and for the card."""

_WITH_LETTERS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
_PERSON_BLOCKS = frozenset(
    {
        FindingKind.PERSON_DISABLED,
        FindingKind.PERSON_GUEST,
        FindingKind.PERSON_AT_LIMIT,
        FindingKind.POLICY_EXCLUDES,
        FindingKind.ADMINISTRATOR_REFUSED,
        FindingKind.PERSON_IN_ROLE_GROUP,
    }
)


_JUDGED = (
    frozenset({State.READY, State.AWAITING_CODE, State.BLOCKED, State.HALF_DONE})
    | UNDERWAY
    | SUCCESS
)
"""States in which the check has said whether the person may receive the token."""


class PersonPanel(Card):
    """Empty: the search. Filled: photo, name, and what the directory says of the person.

    `asked` tells that somebody wants to know what they have, `pass_wanted` that they are to get a
    Temporary Access Pass.
    """

    asked = Signal()
    pass_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(say("Person"))
        self.search = PersonSearch(say("Search for a person"), say("Name, sign-in or number"))
        self.search.set_busy_words(say("Searching"))
        self._avatar = Avatar()
        self._name = Wrapped(role="title")
        self._post = Wrapped(role="muted")
        self._facts = FactGrid()
        self._chips = ChipRow()
        self._message = Wrapped(role="muted")
        self.pass_button = LinkButton(say("Issue an access &pass"))
        self.pass_button.clicked.connect(self.pass_wanted)
        self.pass_button.hide()
        self.try_lookup, self.try_methods = TryNow(), TryNow()
        for button in (self.try_lookup, self.try_methods):
            button.counted.connect(self._count)
        self._card = PersonCard()
        self._search_failed: SearchNotice | None = None
        self._until_search = Countdown(self)
        self._until_search.changed.connect(self._count_search)
        self._hint = KeyHint(ctrl("B"), say("what they have"))
        self._hint.clicked.connect(self.asked)
        self._hint.hide()
        self.add_header(self._hint)
        self._photos: dict[str, bytes | None] = {}
        self._shown: Person | None = None
        self._lacks: tuple[Standing, ...] = ()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty_side())
        self._stack.addWidget(self._filled_side())
        self.body.addWidget(self._stack, 1)

    def _empty_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(10)
        column.addWidget(Glyph("badge", "muted", 40))
        column.addWidget(text(say("Find the person"), "title"))
        column.addWidget(
            Wrapped(say("Scan the badge, or type a few letters of the name."), "muted")
        )
        column.addWidget(self.search)
        self._lookup_message = Wrapped(role="muted")
        column.addWidget(self._lookup_message)
        column.addWidget(self.try_lookup)
        column.addStretch(1)
        return side

    def _filled_side(self) -> QWidget:
        side = QWidget()
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        names.addWidget(self._name)
        names.addWidget(self._post)
        names.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self._avatar)
        head.addLayout(names, 1)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self._facts)
        column.addWidget(self._chips)
        column.addWidget(self._message)
        column.addWidget(self.try_methods)
        column.addWidget(self.pass_button, 0, Qt.AlignmentFlag.AlignLeading)
        column.addStretch(1)
        return side

    # What the station tells -----------------------------------------------------------------

    def show_desk(self, notice: DeskNotice) -> None:
        """Render the card and what the preflight found about the person."""
        card = notice.person_card
        self._lacks = notice.lacks
        self.pass_button.setVisible(notice.pass_offered)
        self._card = card
        self.try_lookup.offer(card.error, card.retry_at)
        self.try_methods.offer(card.error, card.retry_at)
        if card.person is None:
            self._show_nobody(card)
        else:
            self._show_person(card, card.person, notice.of_cards)

    def show_results(self, notice: SearchNotice) -> None:
        """Show the answer to a search below the field."""
        self._search_failed = notice if notice.error is not None else None
        self._until_search.count_to(notice.retry_at)
        if notice.error is not None:
            rows = _named_only(notice.query) if isinstance(notice.error, Unreachable) else ()
            again = say("Try now") if isinstance(notice.error, REPEATABLE) and not rows else ""
            words = self._search_words(notice.error)
            self.search.set_results(notice.query, rows, words, Tone.BAD, again=again)
            return
        note = "" if notice.people else say("Nobody is found. Try fewer letters, or the number.")
        self.search.set_results(notice.query, [self._row(p) for p in notice.people], note)

    def show_photo(self, notice: PhotoNotice) -> None:
        """Put a photo where its person is shown."""
        self._keep_photo(notice)
        if notice.photo:
            self.search.set_photo(notice.person_id, notice.photo)
        if self._shown is not None and self._shown.id == notice.person_id:
            self._draw_face(self._shown)

    def open_search(self) -> None:
        """Show the search in place of the person and take the keys, for another person."""
        self._stack.setCurrentIndex(0)
        self.search.setFocus()

    def take_letters(self, event: QKeyEvent) -> bool:
        """Take letters that no field took as a name to search for; tell whether they were."""
        words, field = event.text(), self.search.edit
        command = event.modifiers() & ~_WITH_LETTERS
        if command or not words.strip() or not words.isprintable() or not field.isVisible():
            return False
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.insert(words)
        return True

    def forget(self) -> None:
        """Leave nothing of anybody."""
        self.forget_faces()
        self._search_failed = None
        self._until_search.count_to(None)
        self.search.clear()

    def forget_faces(self) -> None:
        """Leave no photo of anybody, here or among what was painted."""
        self._photos.clear()
        self.search.forget_photos()
        shown = self._shown
        name, key = (shown.display_name, shown.id) if shown is not None else ("", "")
        self._avatar.set_person(None, initials_of(name), key)
        FACES.forget()

    def _keep_photo(self, notice: PhotoNotice) -> None:
        """Keep the photo for the rows and the card; the oldest go beyond a number of bytes."""
        self._photos.pop(notice.person_id, None)
        self._photos[notice.person_id] = notice.photo
        held = sum(len(photo) for photo in self._photos.values() if photo)
        shown = self._shown.id if self._shown is not None else ""
        for person_id in [each for each in self._photos if each != shown]:
            if held <= _MOST_HELD:
                break
            held -= len(self._photos.pop(person_id) or b"")

    # Inside ---------------------------------------------------------------------------------

    def _search_words(self, error: OathdeskError) -> str:
        seconds = self._until_search.seconds()
        said = refused(error, self._lacks, Feature.FIND_PEOPLE, seconds=seconds)
        return f"{said.sentence} {said.advice}"

    def _count_search(self) -> None:
        """Say how long it is until the next search."""
        failed = self._search_failed
        if failed is not None and failed.error is not None:
            self.search.set_note(failed.query, self._search_words(failed.error))

    def _count(self) -> None:
        """Say how long it is until the next look-up."""
        if self._card.person is None:
            self._show_lookup()
        elif self._card.error is not None:
            self._message.setText(self._methods_refused(self._card.error).advice)

    def _show_lookup(self) -> None:
        words = _not_found_words(self._card, self._lacks, self.try_lookup.seconds())
        self._lookup_message.setText(words)

    def _methods_refused(self, error: OathdeskError) -> Trouble:
        seconds = self.try_methods.seconds()
        return refused(error, self._lacks, Feature.SEE_TOKENS, seconds=seconds)

    def _show_nobody(self, card: PersonCard) -> None:
        self._shown = None
        self._hint.hide()
        self._stack.setCurrentIndex(0)
        self._name.setText("")
        self._post.setText("")
        self._facts.set_facts([])
        self._show_lookup()
        marks = {
            CardState.UNKNOWN: Mark.BAD,
            CardState.FAILED: Mark.BAD,
            CardState.NAMED: Mark.CAUTION,
        }
        self.set_mark(marks.get(card.state, Mark.NUMBER), self.number, say("To be filled"))
        another = ("F3", say("another person")) if card.state is CardState.NAMED else ("", "")
        self.set_footer("", *another)

    def _show_person(self, card: PersonCard, person: Person, enrollment: Enrollment) -> None:
        if self._shown is None or self._shown.id != person.id:
            self.search.clear()
            self._shown = person
            self._draw_face(person)
        self._stack.setCurrentIndex(1)
        self._hint.setVisible(card.state is CardState.FOUND)
        self._name.setText(person.display_name)
        self._post.setText(
            ", ".join(part for part in (person.job_title, person.department) if part)
        )
        self._facts.set_facts(_facts(person, card, enrollment))
        self._show_verdict(card, enrollment)
        self.set_footer(self._advice(person), "F3", say("another person"))

    def _show_verdict(self, card: PersonCard, enrollment: Enrollment) -> None:
        blocks = [
            found
            for found in enrollment.findings
            if found.kind in _PERSON_BLOCKS and found.severity is Severity.BLOCKS
        ]
        self._message.hide()
        match card.state:
            case CardState.LOADING:
                self._verdict(Mark.NONE, say("Reading what they have"), Tone.INFO)
            case CardState.FAILED if card.error is not None:
                said = self._methods_refused(card.error)
                self._verdict(Mark.BAD, said.sentence, Tone.BAD)
                self._message.setText(said.advice)
                self._message.show()
            case _ if {found.kind for found in blocks} == {FindingKind.PERSON_AT_LIMIT}:
                self._verdict(Mark.CAUTION, _at_limit(enrollment), Tone.CAUTION)
            case _ if blocks:
                self._verdict(Mark.CAUTION, say("Cannot receive a token"), Tone.BAD)
            case _ if asked_for_reason(enrollment.findings) is not None:
                self._verdict(Mark.CAUTION, say("A reason is asked for"), Tone.CAUTION)
            case _ if enrollment.state in _JUDGED and _is_read(card, enrollment):
                self._verdict(Mark.GOOD, _welcome(enrollment), Tone.GOOD)
            case _:
                self._show_unjudged(card, enrollment)

    def _show_unjudged(self, card: PersonCard, enrollment: Enrollment) -> None:
        """Tell what was read of the person; whether they may receive a token is not known yet."""
        chips = list(_tags(card.person)) if card.person is not None else []
        if not _is_read(card, enrollment):
            chips.append((say("Reading what they have"), Tone.INFO))
        elif methods_counted(enrollment.methods) >= METHODS_LIMIT:
            chips.append((_at_limit(enrollment), Tone.CAUTION))
        else:
            chips.append((_counted(enrollment), Tone.NEUTRAL))
        careful = any(tone is Tone.CAUTION for _words, tone in chips)
        mark = Mark.CAUTION if careful else Mark.NUMBER
        self.set_mark(mark, self.number, ", ".join(words for words, _tone in chips))
        self._chips.set_chips(chips)

    def _verdict(self, mark: Mark, words: str, tone: Tone) -> None:
        self.set_mark(mark, word=words)
        self._chips.set_chips([(words, tone)])

    def _draw_face(self, person: Person) -> None:
        photo = self._photos.get(person.id)
        self._avatar.set_person(photo, initials_of(person.display_name), person.id)
        self.set_footer(self._advice(person), "F3", say("another person"))

    def _advice(self, person: Person) -> str:
        if self._photos.get(person.id, b"awaited"):
            return say("Compare the face with the photo")
        return say("No photo: ask for an identity card")

    def _row(self, person: Person) -> Row:
        return Row(
            key=person.id,
            name=person.display_name,
            detail=", ".join(part for part in (person.job_title, person.department) if part),
            upn=person.user_principal_name,
            employee=person.employee_id,
            initials=initials_of(person.display_name),
            photo=self._photos.get(person.id),
            tags=_tags(person),
        )


def _named_only(query: str) -> tuple[Row, ...]:
    """Offer to name a person without looking them up, where `query` is exact enough for that."""
    if not _EXACT.fullmatch(query):
        return ()
    words = say("Not looked up: the directory is out of reach")
    return (Row(key=NAMED + query, name=query, detail=words, initials="?"),)


def _tags(person: Person) -> tuple[tuple[str, Tone], ...]:
    guest = [(say("Guest"), Tone.CAUTION)] if person.guest else []
    disabled = [(say("Disabled"), Tone.CAUTION)] if person.enabled is False else []
    return (*guest, *disabled)


def _facts(person: Person, card: PersonCard, enrollment: Enrollment) -> list[tuple[str, str]]:
    has = (
        methods_words(enrollment.methods)
        if _is_read(card, enrollment)
        else "\N{HORIZONTAL ELLIPSIS}"
    )
    return [
        (say("Sign-in"), person.user_principal_name),
        (say("Employee"), person.employee_id or say("No number")),
        (say("Has now"), has),
    ]


def _is_read(card: PersonCard, enrollment: Enrollment) -> bool:
    """Return whether `enrollment.methods` are what the person on the card has."""
    person = enrollment.person
    same = card.person is not None and person is not None and person.id == card.person.id
    return same and card.state is CardState.FOUND


def _counted(enrollment: Enrollment) -> str:
    count = methods_counted(enrollment.methods)
    return say("Has {count} of {limit} tokens and apps", count=count, limit=METHODS_LIMIT)


def _welcome(enrollment: Enrollment) -> str:
    token = enrollment.token
    if token is not None and any(
        method.is_device(token.device_id) for method in enrollment.methods
    ):
        return say("Has this token")
    count = methods_counted(enrollment.methods)
    return say("May receive a token ({count} of {limit})", count=count, limit=METHODS_LIMIT)


def _at_limit(enrollment: Enrollment) -> str:
    count = methods_counted(enrollment.methods)
    return say("At the limit ({count} of {limit})", count=count, limit=METHODS_LIMIT)


def _not_found_words(card: PersonCard, lacks: tuple[Standing, ...], seconds: int | None) -> str:
    match card.state:
        case CardState.LOADING:
            return say("Looking up badge {number}", number=card.badge)
        case CardState.NAMED:
            return say("{number} is looked up when the directory answers.", number=card.badge)
        case CardState.UNKNOWN if card.candidates:
            return say("Badge {number} belongs to several people. Search.", number=card.badge)
        case CardState.UNKNOWN:
            return say("Nobody has badge {number}. Search by name.", number=card.badge)
        case CardState.FAILED if card.error is not None:
            asked = Feature.EMPLOYEE_DATA, Feature.FIND_PEOPLE
            said = refused(card.error, lacks, *asked, seconds=seconds)
            return f"{said.sentence} {said.advice}"
        case _:
            return ""
