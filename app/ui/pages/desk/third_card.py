"""The third card of the desk: the work in front, or what can be chosen to be done with a token.

What is in front follows from what the station told, most urgent first: an operation that was chosen
and is in work, a reason that is asked for, a replacement that is being prepared, an answer with
what can be done about it, and else the hand-over to which the two cards come.
"""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.core.enrollment import Enrollment
from app.core.errors import OathdeskError
from app.core.lifecycle import Deed
from app.core.model import Operation, Person, Proof, Reason, Source
from app.station.desk.notices import (
    ChoiceNotice,
    HeldToken,
    HoldingsNotice,
    OffersNotice,
    PendingNotice,
    ReplacingNotice,
    WhoseNotice,
)
from app.station.notices import CodeNotice, DeskNotice
from app.ui.bridge import Gesture
from app.ui.models.choosing import (
    CLEAN_UP,
    OPEN_FIRST,
    ChoiceView,
    held_view,
    pending_view,
    reasons_view,
    replacing_view,
    whose_view,
)
from app.ui.pages.desk.choice_panel import ChoicePanel
from app.ui.pages.desk.work_panel import WorkPanel

_REQUESTS = {
    Deed.ACTIVATE: Operation.ACTIVATE,
    Deed.DEACTIVATE: Operation.DEACTIVATE,
    Deed.UNASSIGN: Operation.UNASSIGN,
}
_WITHDRAW = 9
_DIGITS = range(Qt.Key.Key_1, Qt.Key.Key_9 + 1)


class ThirdCard(QStackedWidget):
    """Two panels, one of them in front. `ask` carries a gesture to the station.

    `moved` tells that something else is in front.
    """

    moved = Signal()

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self._ask = ask
        self.work = WorkPanel()
        self.choice = ChoicePanel()
        for panel in (self.work, self.choice):
            self.addWidget(panel)
        self._notice: DeskNotice | None = None
        self._offers = OffersNotice()
        self._whose = WhoseNotice()
        self._holdings = HoldingsNotice()
        self._replacing = ReplacingNotice()
        self._pending = PendingNotice()
        self._picked: HeldToken | None = None
        self._replaced: HeldToken | None = None
        self._shown: tuple[object, ...] = ()
        self._wire()

    def _wire(self) -> None:
        self.work.submitted.connect(self._submit)
        self.work.proved.connect(self._prove)
        self.work.missed.connect(self._miss)
        self.work.undone.connect(self._undo)
        self.work.withdrawn.connect(self._withdraw)
        self.work.next_wanted.connect(self._go_on)
        self.choice.chosen.connect(self._choose)
        self.choice.left.connect(self.step_back)

    # What the station tells -----------------------------------------------------------------

    def show_desk(self, notice: DeskNotice) -> None:
        """Render the work in front."""
        self._notice = notice
        if notice.chosen is not None:
            self._replaced, self._pending = None, PendingNotice()
        self.work.show_work(notice, self._offers.offers)
        self._turn()

    def show_notice(self, notice: ChoiceNotice) -> None:
        """Take in what else the station tells, and put in front what matters most."""
        match notice:
            case OffersNotice():
                self._offers = notice
                if self._notice is not None:
                    self.work.show_work(self._notice, notice.offers)
            case WhoseNotice():
                self._whose = notice
            case HoldingsNotice():
                self._holdings = notice
            case ReplacingNotice():
                self._replacing = notice
            case PendingNotice():
                self._pending = notice
        self._turn()

    def show_verdict(self, notice: CodeNotice) -> None:
        """Say what the code guard thinks of the digits that were typed."""
        self.work.show_verdict(notice)
        self.work.code.setFocus()

    def pick(self, held: HeldToken | None) -> None:
        """Offer what can be done with the token of the row in front."""
        self._picked = held
        self._turn()

    @property
    def enrollment(self) -> Enrollment | None:
        """Return the chosen operation in work, or None."""
        return self._notice.chosen if self._notice else None

    @property
    def error(self) -> OathdeskError | None:
        """Return what went wrong here last, where it is in sight."""
        if self.enrollment is not None:
            return self.enrollment.error
        return self._whose.error or self._holdings.error

    @property
    def is_chosen(self) -> bool:
        """Tell whether something else than the cards' hand-over is in front."""
        return self.enrollment is not None or self.currentWidget() is self.choice

    @property
    def looks(self) -> bool:
        """Tell whether what somebody has is being looked at."""
        return self._holdings.person is not None

    @property
    def is_at_list(self) -> bool:
        """Tell whether the operator goes on in the list of what somebody has."""
        busy = self._replaced is not None or self._pending.offer is not None
        return self.looks and self.currentWidget() is self.choice and not busy

    @property
    def asks_for_code(self) -> bool:
        """Tell whether the six digits can be typed now."""
        return self.currentWidget() is self.work and self.work.asks_for_code

    def focus_target(self) -> QWidget | None:
        """Return where the operator goes on."""
        return self._front.focus_target()

    @property
    def _front(self) -> WorkPanel | ChoicePanel:
        return self.choice if self.currentWidget() is self.choice else self.work

    def _turn(self) -> None:
        """Put in front what matters most."""
        view = self._view() if self.enrollment is None else None
        if view is not None:
            self.choice.show_view(view)
        self.setCurrentWidget(self.work if view is None else self.choice)
        self.updateGeometry()
        place = self._place()
        if place != self._shown:
            self._shown = place
            self.moved.emit()

    def hasHeightForWidth(self) -> bool:
        """Answer for the panel in front alone: a stack's layout asks the highest of them all."""
        return False

    def heightForWidth(self, width: int) -> int:
        return self._front.heightForWidth(width)

    def sizeHint(self) -> QSize:
        return self._front.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Never so low that words are cut."""
        smallest = self._front.minimumSizeHint()
        return QSize(smallest.width(), max(smallest.height(), self.heightForWidth(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height that goes with another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _place(self) -> tuple[object, ...]:
        """Return what decides where the focus belongs, beside the cards and their hand-over."""
        at_work = self.enrollment
        work = (at_work.id, at_work.state) if at_work is not None else None
        asked = self._whose.serial_number, self._whose.busy, self._holdings.person
        return self._front, work, asked, self._replaced, self._replacing.old, self._pending

    def _view(self) -> ChoiceView | None:
        if self._replaced is not None:
            return reasons_view(self._replaced.token)
        if self._replacing.old is not None:
            return replacing_view(self._replacing)
        if self._pending.offer is not None:
            return pending_view(self._pending.offer)
        if self._whose.serial_number:
            return whose_view(self._whose)
        return held_view(self._picked, self._holdings) if self.looks else None

    # Gestures -------------------------------------------------------------------------------

    def takes(self, event: QKeyEvent) -> bool:
        """Take a key that means something here; tell whether it did."""
        key, control = event.key(), Qt.KeyboardModifier.ControlModifier
        if not event.modifiers() & control:
            return False
        if key in _DIGITS:
            return self._take_number(key - Qt.Key.Key_0)
        return key == Qt.Key.Key_Z and self._undo()

    def _take_number(self, number: int) -> bool:
        if self._front is self.choice:
            return self.choice.options.take(number)
        if self.work.reasons.options():
            return self.work.reasons.take(number)
        if number == _WITHDRAW:
            return self._withdraw()
        return self.work.shown.shows_token and self.work.missing.take(number)

    def press(self) -> bool:
        """Press the big button, where there is one to be pressed; tell whether there was."""
        ready = self.work.button.isVisible() and self.work.button.isEnabled()
        if ready:
            self.work.button.click()
        return ready

    def step_back(self) -> None:
        """Take back the last thing: the digits, what is in work, what was asked."""
        if self.work.code.code() and self._front is self.work:
            self.work.code.clear()
        elif self.enrollment is not None and self.work.shown.finished:
            self._ask(lambda station: station.desk.start_afresh())
        elif self.enrollment is not None:
            self.leave_work()
        elif self._replaced is not None:
            self._replaced = None
            self._turn()
        elif self._replacing.old is not None:
            self._ask(lambda station: station.desk.give_up_replacement())
        else:
            self._leave()

    def _leave(self) -> None:
        self._pending = PendingNotice()
        self._turn()
        self._ask(lambda station: station.lookup.look_away())

    def forget(self) -> None:
        """Leave nothing of the last operator's work."""
        self._replaced = self._picked = None
        self.work.forget()
        self._turn()

    def try_again(self) -> None:
        """Check again, look into the directory again, or ask again."""
        serial, person = self._whose.serial_number, self._holdings.person
        if self.enrollment is not None:
            self._ask(lambda station: station.work.try_again())
        elif serial:
            self.ask_whose(serial)
        elif person is not None:
            self.ask_what(person)

    def ask_whose(self, serial_number: str) -> None:
        """Ask whose a token is."""
        self._ask(lambda station: station.lookup.whose(serial_number))

    def ask_what(self, person: Person) -> None:
        """Ask what a person has."""
        self._ask(lambda station: station.lookup.holdings(person))

    def leave_work(self) -> None:
        """Leave what was chosen; what was submitted goes on behind."""
        if self.enrollment is not None:
            self._ask(lambda station: station.work.cancel())

    def _submit(self, digits: str) -> None:
        self._ask(lambda station: station.desk.submit(digits))

    def _prove(self, text: str) -> None:
        self._ask(lambda station: station.input.scanned(text, Source.TYPED))

    def _miss(self, proof: Proof) -> None:
        self._ask(lambda station: station.work.say_missing(proof))

    def _choose(self, key: str) -> None:
        if self._replaced is not None:
            self._prepare_replacement(self._replaced, Reason(key))
        elif self._pending.offer is not None:
            self._settle(key, self._pending)
        elif key == CLEAN_UP:
            self._clean_up()
        else:
            self._do_deed(Deed(key))

    def _do_deed(self, deed: Deed) -> None:
        held = self._whose.found[0] if self._whose.found else self._picked
        if held is None or held.holder is None:
            return
        if deed is Deed.REPLACE:
            self._replaced = held
            self._turn()
        else:
            operation, token, person = _REQUESTS[deed], held.token, held.holder
            self._ask(lambda station: station.work.begin(operation, token, person))

    def _prepare_replacement(self, held: HeldToken, reason: Reason) -> None:
        old, person = held.token, held.holder
        self._replaced = None
        if person is not None:
            self._ask(lambda station: station.desk.prepare_replacement(old, person, reason))

    def _settle(self, key: str, pending: PendingNotice) -> None:
        offer = pending.offer
        self._pending = PendingNotice()
        if offer is None:
            return
        if key == OPEN_FIRST and offer.first is not None:
            self._open(offer.first.enrollment_id)
        else:
            self._take_back(offer.second.id)
        self._turn()

    def _clean_up(self) -> None:
        duplicates, person = self._holdings.duplicates, self._holdings.person
        if duplicates and person is not None:
            left_over = duplicates[0].legacy
            self._ask(lambda station: station.work.begin(Operation.UNASSIGN, left_over, person))

    def _go_on(self) -> None:
        """Go on with the other half of a replacement, or with the next person."""
        second = self.work.shown.follows
        if second:
            self._open(second)
        else:
            self._ask(lambda station: station.desk.start_afresh())

    def _open(self, enrollment_id: str) -> None:
        self._ask(lambda station: station.resume(enrollment_id))

    def _take_back(self, enrollment_id: str) -> None:
        """Take back the second half of a replacement."""
        self._ask(lambda station: station.work.cancel())
        self._ask(lambda station: station.work.withdraw(enrollment_id))

    def _withdraw(self) -> bool:
        """Take back the second half in work, which was never sent; tell whether it is one."""
        enrollment = self.enrollment
        if enrollment is None or not self.work.shown.withdraws:
            return False
        self._take_back(enrollment.id)
        return True

    def _undo(self) -> bool:
        """Begin what takes back what is shown as done; tell whether there is such a thing."""
        done, wanted = self.work.enrollment, self.work.shown.undo
        if self._front is self.choice or done is None or wanted is None:
            return False
        token, person = done.token, done.person
        if token is None or person is None:
            return False
        self._ask(lambda station: station.work.begin(wanted, token, person))
        return True
