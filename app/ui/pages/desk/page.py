"""The desk page: puts the cards together, passes gestures on, keeps the focus in its place."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.core.enrollment import DRAFT, RESTING, Enrollment
from app.core.model import Mode, Source
from app.core.preflight import OverrideReason
from app.station.desk.notices import ChoiceNotice, HoldingsNotice, WhoseNotice
from app.station.notices import CardState, CodeNotice, DeskNotice, Notice, ReadyNotice
from app.station.people import PhotoNotice, SearchNotice
from app.station.practice import PressedNotice
from app.station.timekeeper import ClockNotice
from app.station.today import TodayNotice
from app.ui.bridge import Gesture
from app.ui.models.choosing import story
from app.ui.models.sounds import sound_of
from app.ui.models.turns import Slot, last_slot, next_slot, place
from app.ui.pages.desk.arrangement import Arrangement
from app.ui.pages.desk.evidence_sheet import EvidenceSheet
from app.ui.pages.desk.flashes import celebrate
from app.ui.pages.desk.line_bar import LineBar
from app.ui.pages.desk.person_panel import NAMED, PersonPanel
from app.ui.pages.desk.practice_dock import PracticeDock
from app.ui.pages.desk.steps_panel import StepsPanel
from app.ui.pages.desk.third_card import ThirdCard
from app.ui.pages.desk.token_panel import TokenPanel
from app.ui.widgets.scroll_pane import AdaptingPage
from app.ui.wording.errors import evidence_rows

_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_OF_DIGITS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
"""Modifiers that a digit may come with: French keyboards need Shift for the number row."""


class DeskPage(AdaptingPage):
    """Renders what the station tells of the desk. `ask` carries a gesture to it.

    `heard` carries the Sound of what has just changed.
    """

    heard = Signal(object)

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self.setObjectName("page")
        self._ask = ask
        self._notice: DeskNotice | None = None
        self._asked_for: Slot | None = None
        """The card that the operator asked for with F2 or F3, until something is on it."""
        self.token = TokenPanel()
        self.person = PersonPanel()
        self.third = ThirdCard(ask)
        self.work = self.third.work
        self.steps = StepsPanel()
        self.line = LineBar()
        self._cards = Arrangement(self.token, self.person, self.third, self.steps)
        self._lists = self._cards.lists
        self.today, self.holdings = self._lists.today, self._lists.holdings
        self.dock = PracticeDock()
        self.sheet = EvidenceSheet(self)
        self._keys = self._key_table()
        self._with_control = {
            Qt.Key.Key_T: self._ask_whose,
            Qt.Key.Key_B: self._ask_what,
            Qt.Key.Key_O: self.line.switch,
            Qt.Key.Key_N: self.today.look,
        }
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.line)
        whole.addLayout(self._cards, 1)
        whole.addWidget(self.dock)

    def _wire(self) -> None:
        self.token.serial_entered.connect(self._serial_typed)
        self.token.near_chosen.connect(self._choose_near)
        self.token.footer_activated.connect(self._another_token)
        for button in (self.token.try_now, self.person.try_lookup, self.person.try_methods):
            button.clicked.connect(self._look_up_again)
        self.person.footer_activated.connect(self._another_person)
        self.person.search.query_changed.connect(self._search)
        self.person.search.chosen.connect(self._choose)
        self.person.search.escaped.connect(self._step_back)
        self.work.mode_chosen.connect(self._choose_mode)
        self.work.again.connect(self._try_again)
        self.work.reason_given.connect(self._give_reason)
        self.work.details.connect(self._toggle_details)
        self.token.asked.connect(self._ask_whose)
        self.person.asked.connect(self._ask_what)
        self.person.pass_wanted.connect(self._issue_pass)
        self.third.moved.connect(self._focus)
        self.holdings.picked.connect(self.third.pick)
        self.holdings.left.connect(self.third.step_back)
        self.today.opened.connect(self._resume)
        self.today.taken_back.connect(self._take_back)
        self.today.dismissed.connect(self._dismiss)
        self.line.switched.connect(self._line_up)
        self.line.submitted.connect(self._make_way)
        self.line.looked.connect(self.today.look)
        self.line.heard.connect(self.heard)
        self.dock.scanned.connect(self._practice_scan)
        self.dock.tapped.connect(self._tap)
        self.dock.pressed.connect(self._press)

    def _key_table(self) -> dict[Qt.Key, Callable[[], None]]:
        return {
            Qt.Key.Key_F2: self._another_token,
            Qt.Key.Key_F3: self._another_person,
            Qt.Key.Key_F4: self._other_mode,
            Qt.Key.Key_F5: self._try_again,
            Qt.Key.Key_F6: self.dock.scan_next_token,
            Qt.Key.Key_F7: self.dock.scan_next_badge,
            Qt.Key.Key_F9: self.dock.press,
            Qt.Key.Key_F8: self._toggle_details,
            Qt.Key.Key_Escape: self._step_back,
        }

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: Notice) -> None:
        """Render `notice` where it belongs."""
        match notice:
            case DeskNotice():
                self._show_desk(notice)
            case CodeNotice():
                self.third.show_verdict(notice)
            case SearchNotice():
                self.person.show_results(notice)
            case PhotoNotice():
                self.person.show_photo(notice)
            case TodayNotice():
                self._show_today(notice)
            case PressedNotice():
                self.dock.show_pressed(notice)
            case ClockNotice():
                self.work.show_clock(notice)
            case ReadyNotice():
                self._show_ready(notice)
            case _ if isinstance(notice, ChoiceNotice):
                self._show_beside(notice)
            case _:
                pass

    def enrollment(self) -> Enrollment | None:
        """Return the enrollment in front, as last told."""
        return self._notice.enrollment if self._notice else None

    def scanned(self, text: str, source: Source = Source.SCANNER) -> None:
        """Pass on what a scanner read, whichever field has the focus."""
        self._ask(lambda station: station.input.scanned(text, source))

    def take_code(self, digits: str, *, enter: bool) -> bool:
        """Take `digits` as the code if one is asked for now, and submit it if `enter` ended them.

        Returns whether a code is asked for.
        """
        if not self.third.asks_for_code:
            return False
        self.work.code.take(digits)
        if enter:
            self.work.code.submitted.emit(digits)
        return True

    def take_digits(self, event: QKeyEvent) -> bool:
        """Give a digit that no field took to the code field, if a code is asked for."""
        typed = event.text()
        if not self.third.asks_for_code or len(typed) != 1 or not typed.isdecimal():
            return False
        if event.modifiers() & ~_OF_DIGITS:
            return False
        self.work.code.setFocus(Qt.FocusReason.OtherFocusReason)
        self.work.code.keyPressEvent(event)
        return True

    def leave_out_today(self) -> None:
        """Show nobody who was served here before; the course of the enrollment has the room."""
        self._cards.leave_out_today()

    def forget(self) -> None:
        """Leave nothing of the last operator's work on the page."""
        self._asked_for = None
        self.person.forget()
        self.token.edit.clear()
        self.third.forget()
        self.sheet.hide()

    def forget_faces(self) -> None:
        """Leave no photo of anybody on the page."""
        self.person.forget_faces()

    def adapt(self, width: int) -> None:
        """Put the third card below the first two where three do not fit beside each other."""
        if self._cards.adapt(width):
            self._focus()

    def showEvent(self, _event: object) -> None:
        """Begin where the next thing will be typed."""
        self._focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The page's own keys; what a field made use of does not come here."""
        key = Qt.Key(event.key())
        if self.third.takes(event) or self._takes(event):
            return
        if key == Qt.Key.Key_F6 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.dock.tap_next_token()
        elif key in self._keys:
            self._keys[key]()
        elif key in _ENTER and self.third.press():
            return
        elif not self.take_digits(event) and not self.person.take_letters(event):
            super().keyPressEvent(event)

    def _takes(self, event: QKeyEvent) -> bool:
        """Take a key that goes with Ctrl; tell whether it was one."""
        asked = self._with_control.get(Qt.Key(event.key()))
        if asked is None or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        asked()
        return True

    # Inside ---------------------------------------------------------------------------------

    def _show_ready(self, notice: ReadyNotice) -> None:
        self.line.put(on=notice.line)
        if notice.practice is not None:
            self.dock.fill(notice.practice)

    def _line_up(self, in_line: bool) -> None:
        """Put cards, counts and focus into the order of a line of people, or back."""
        self._cards.put(in_line=in_line)
        self.today.count(counting=not in_line)
        self._focus()

    def _show_today(self, notice: TodayNotice) -> None:
        self.today.show_today(notice)
        in_front = self.enrollment()
        self.line.show_today(notice, {in_front.id} if in_front is not None else ())

    def _show_desk(self, notice: DeskNotice) -> None:
        before, self._notice = self._notice, notice
        sound = sound_of(before, notice)
        if sound is not None:
            self.heard.emit(sound)
        self.token.show_desk(notice)
        self.person.show_desk(notice)
        self.steps.show_enrollment(notice.enrollment)
        self.third.show_desk(notice)
        self.dock.take(notice.token_card.serial_number)
        self.line.show_desk(notice)
        self._keep_asked_for(before, notice)
        if before is None or place(before) != place(notice):
            if before is not None:
                celebrate(before, notice, (self.token, self.person, self.work))
            self._focus()

    def _show_beside(self, notice: ChoiceNotice) -> None:
        """Render what concerns the life of a token: on its side, and what else shows it."""
        self.third.show_notice(notice)
        if isinstance(notice, HoldingsNotice):
            self._lists.show_holdings(notice)
        elif isinstance(notice, WhoseNotice):
            self.token.show_story(story(notice))

    def _focus(self) -> None:
        """Put the focus where the next thing will be typed."""
        if self._notice is None or not self.isVisible():
            return
        target = self._next_field()
        for card in (self.token, self.person, self.work, self.third.choice):
            card.set_active(target is not None and card.isAncestorOf(target))
        (target or self).setFocus(Qt.FocusReason.OtherFocusReason)

    def _next_field(self) -> QWidget | None:
        notice = self._notice
        if notice is None:
            return None
        if (target := self._beside()) is not None and not self._busy_with_person():
            return target
        searching = self._busy_with_person()
        following = next_slot(notice, in_line=self.line.on, searching=searching)
        match self._asked_for or following:
            case Slot.TOKEN:
                return self.token.edit
            case Slot.PERSON:
                return self.person.search.edit
        return self.third.focus_target()

    def _keep_asked_for(self, before: DeskNotice | None, notice: DeskNotice) -> None:
        """Keep to the card that was asked for until something is put on one of the cards."""
        if before is None:
            return
        for was, now in (
            (before.token_card.state, notice.token_card.state),
            (before.person_card.state, notice.person_card.state),
        ):
            if was is CardState.EMPTY and now is not CardState.EMPTY:
                self._asked_for = None

    def _beside(self) -> QWidget | None:
        """Return where the operator goes on with something else than handing over, if they do."""
        if self.third.is_at_list:
            return self.holdings.view
        return self.third.focus_target() if self.third.is_chosen else None

    def _busy_with_person(self) -> bool:
        """Tell whether somebody is typing a name while the token card is still empty."""
        focus = QApplication.focusWidget()
        searching = focus is self.person.search.edit and bool(self.person.search.query())
        return searching and self._notice is not None and self._notice.person_card.person is None

    # Gestures -------------------------------------------------------------------------------

    def _serial_typed(self, text: str) -> None:
        self.scanned(text, Source.TYPED)

    def _choose_near(self, serial: str) -> None:
        self._ask(lambda station: station.desk.choose_near(serial))

    def _practice_scan(self, text: str) -> None:
        self.scanned(text, Source.PRACTICE)

    def _tap(self, serial_number: str) -> None:
        self._ask(lambda station: station.tap(serial_number))

    def _press(self, serial_number: str) -> None:
        self._ask(lambda station: station.press(serial_number))

    def _search(self, query: str) -> None:
        self._ask(lambda station: station.people.search(query))

    def _choose(self, person_id: str) -> None:
        if person_id.startswith(NAMED):
            reference = person_id.removeprefix(NAMED)
            self._ask(lambda station: station.desk.refer(reference))
            return
        self._ask(lambda station: station.desk.choose_person(person_id))

    def _choose_mode(self, mode: Mode) -> None:
        self._ask(lambda station: station.desk.choose_mode(mode))

    def _other_mode(self) -> None:
        if self._notice is not None:
            only = self._notice.enrollment.mode is Mode.ASSIGN_ONLY
            self._choose_mode(Mode.ASSIGN_AND_ACTIVATE if only else Mode.ASSIGN_ONLY)

    def _try_again(self) -> None:
        """Ask again for what could not be looked up; with full cards, check or look again.

        What the operator may do is read again beside that: a role may be active by now.
        """
        self._ask(lambda station: station.rights.renew())
        notice = self._notice
        if self.third.is_chosen:
            self.third.try_again()
        elif notice and CardState.FAILED in {notice.token_card.state, notice.person_card.state}:
            self._look_up_again()
        else:
            self._ask(lambda station: station.work.try_again())

    def _look_up_again(self) -> None:
        """Ask at once for what could not be looked up."""
        self._ask(lambda station: station.desk.look_up_again())

    def _give_reason(self, reason: OverrideReason) -> None:
        """Go on with a reason, for what is in front."""
        self._ask(lambda station: station.work.go_on_because(reason))

    def _start_afresh(self) -> None:
        self._ask(lambda station: station.desk.start_afresh())

    def _make_way(self, enrollment_id: str) -> None:
        """Let the next person come: what is on its way needs nobody in front."""
        self._ask(lambda station: station.desk.start_afresh(enrollment_id))

    def _resume(self, enrollment_id: str) -> None:
        self._ask(lambda station: station.resume(enrollment_id))

    def _take_back(self, enrollment_id: str) -> None:
        self._ask(lambda station: station.desk.staging.withdraw(enrollment_id))

    def _dismiss(self, enrollment_id: str) -> None:
        self._ask(lambda station: station.dismiss(enrollment_id))

    def _ask_whose(self) -> None:
        """Ask whose the token on its card is."""
        serial = self._notice.token_card.serial_number if self._notice else ""
        if serial and self.third.enrollment is None:
            self.third.ask_whose(serial)

    def _ask_what(self) -> None:
        """Ask what the person on the card has."""
        person = self._notice.person_card.person if self._notice else None
        if person is not None and self.third.enrollment is None:
            self.third.ask_what(person)

    def _issue_pass(self) -> None:
        """Begin to issue a Temporary Access Pass to the person on the card."""
        person = self._notice.person_card.person if self._notice else None
        if person is not None:
            self._ask(lambda station: station.passes.open(person))

    def _another_token(self) -> None:
        self.third.leave_work()
        self._ask_for(Slot.TOKEN)
        self._ask(lambda station: station.desk.clear_token())

    def _another_person(self) -> None:
        self.third.leave_work()
        self._ask_for(Slot.PERSON)
        self._ask(lambda station: station.desk.clear_person())

    def _ask_for(self, slot: Slot) -> None:
        """Open the field of `slot` at once, so that no key goes to another field meanwhile."""
        self._asked_for = slot
        if slot is Slot.TOKEN:
            self.token.open_entry()
        else:
            self.person.open_search()

    def _toggle_details(self) -> None:
        if self._notice is not None:
            cards = (self._notice.enrollment, self._notice.token_card, self._notice.person_card)
            error = next((card.error for card in cards if card.error is not None), None)
            if self.third.is_chosen:
                error = self.third.error
            self.sheet.toggle(evidence_rows(error))

    def _step_back(self) -> None:
        """Take back the last thing: the digits, then what was filled second, then the first."""
        if self._notice is None:
            return
        if self._asked_for is not None or self.today.view.hasFocus():
            self._asked_for = None
            self._focus()
            return
        if self.third.is_chosen:
            self.third.step_back()
        elif self.work.code.code():
            self.work.code.clear()
        elif self._notice.enrollment.state in RESTING:
            self._start_afresh()
        elif self._notice.enrollment.state in DRAFT:
            self._clear_last()

    def _clear_last(self) -> None:
        slot = last_slot(self._notice, in_line=self.line.on) if self._notice else None
        if slot is Slot.PERSON:
            self._ask(lambda station: station.desk.clear_person())
        elif slot is Slot.TOKEN:
            self._ask(lambda station: station.desk.clear_token())
