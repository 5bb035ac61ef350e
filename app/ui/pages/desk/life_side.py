"""The third card of the desk and all it can be: handing over, or anything else done with a token.

What is in front follows from what the station told, most urgent first: what is in work, a reason
that is asked for, a replacement that is being prepared, an answer with what can be done about it.
"""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.core.enrollment import Enrollment
from app.core.errors import OathdeskError
from app.core.lifecycle import Deed, undo
from app.core.model import Operation, Person, Reason, Token
from app.station.life_notices import (
    HeldToken,
    HoldingsNotice,
    LifeNotice,
    OffersNotice,
    OfLife,
    PendingNotice,
    SwapNotice,
    WhoseNotice,
)
from app.station.notices import CodeNotice
from app.ui.bridge import Gesture
from app.ui.models.choosing import (
    CLEAN_UP,
    OPEN_FIRST,
    ChoiceView,
    held_view,
    pending_view,
    reasons_view,
    swap_view,
    whose_view,
)
from app.ui.models.life import sound_of_life
from app.ui.pages.desk.action_panel import ActionPanel
from app.ui.pages.desk.choice_panel import ChoicePanel
from app.ui.pages.desk.enrollment_panel import EnrollmentPanel
from app.ui.pages.desk.life_gestures import LifeGestures
from app.ui.pages.desk.work_panel import WorkPanel
from app.ui.widgets import Tone

_REQUESTS = {
    Deed.ACTIVATE: Operation.ACTIVATE,
    Deed.DEACTIVATE: Operation.DEACTIVATE,
    Deed.UNASSIGN: Operation.UNASSIGN,
}
_WITHDRAW = 9
_DIGITS = range(Qt.Key.Key_1, Qt.Key.Key_9 + 1)


class LifeSide(QStackedWidget):
    """Renders what concerns the life of a token. `ask` carries a gesture to the station.

    `moved` tells that something else is in front; `heard` carries a Sound.
    """

    moved = Signal()
    heard = Signal(object)

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self._do = LifeGestures(ask)
        self.action = ActionPanel()
        self.work = WorkPanel()
        self.choice = ChoicePanel()
        for panel in (self.action, self.work, self.choice):
            self.addWidget(panel)
        self._life = LifeNotice()
        self._offers = OffersNotice()
        self._whose = WhoseNotice()
        self._holdings = HoldingsNotice()
        self._swap = SwapNotice()
        self._pending = PendingNotice()
        self._picked: HeldToken | None = None
        self._replaced: HeldToken | None = None
        self._shown: tuple[object, ...] = ()
        self._seen: list[Token] = []
        self._wire()

    def _wire(self) -> None:
        self.work.submitted.connect(self._do.confirm)
        self.work.proved.connect(self._do.prove)
        self.work.missed.connect(self._do.miss)
        self.work.undone.connect(self._undo)
        self.work.withdrawn.connect(self._withdraw)
        self.action.undone.connect(self._undo)
        self.work.again.connect(self.try_again)
        self.work.next_wanted.connect(self._go_on)
        self.choice.chosen.connect(self._choose)
        self.choice.left.connect(self.step_back)

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: OfLife) -> None:
        """Take in what the station tells, and put in front what matters most."""
        match notice:
            case LifeNotice():
                self._take_life(notice)
            case OffersNotice():
                self._offers = notice
                self.work.show_life(self._life, notice.offers)
            case WhoseNotice():
                self._whose = notice
            case HoldingsNotice():
                self._holdings = notice
            case SwapNotice():
                self._swap = notice
            case PendingNotice():
                self._pending = notice
        self._turn()

    def _take_life(self, notice: LifeNotice) -> None:
        before, self._life = self._life, notice
        if notice.enrollment is None:
            self._seen.clear()
        else:
            self._replaced, self._pending = None, PendingNotice()
            self._seen += [notice.enrollment.token] if notice.enrollment.token else []
        sound = sound_of_life(before, notice)
        if sound is not None:
            self.heard.emit(sound)
        self.work.show_life(notice, self._offers.offers)
        if self.work.shown.action.finished and notice.enrollment is not None:
            self.work.flash(Tone.GOOD)

    def show_verdict(self, notice: CodeNotice) -> None:
        """Say what the code guard thinks of the digits that were typed."""
        panel = self.work if self._life.enrollment is not None else self.action
        panel.show_verdict(notice)
        panel.code.setFocus()

    def pick(self, held: HeldToken | None) -> None:
        """Offer what can be done with the token of the row in front."""
        self._picked = held
        self._turn()

    @property
    def enrollment(self) -> Enrollment | None:
        """Return what is in work beside the desk, or None."""
        return self._life.enrollment

    @property
    def seen(self) -> tuple[Token, ...]:
        """Return how tokens were seen beside the desk since it was last told, oldest first."""
        return tuple(self._seen)

    @property
    def error(self) -> OathdeskError | None:
        """Return what went wrong here last, where it is in sight."""
        enrollment = self.enrollment
        if enrollment is not None:
            return enrollment.error
        return self._whose.error or self._holdings.error

    @property
    def front(self) -> QWidget:
        """Return the panel in front."""
        return self.currentWidget() or self.action

    @property
    def is_in_front(self) -> bool:
        """Tell whether something else than handing over is in front."""
        return self.front is not self.action

    @property
    def looks(self) -> bool:
        """Tell whether what somebody has is being looked at."""
        return self._holdings.person is not None

    @property
    def is_at_list(self) -> bool:
        """Tell whether the operator goes on in the list of what somebody has."""
        busy = self._replaced is not None or self._pending.offer is not None
        return self.looks and self.front is self.choice and not busy

    @property
    def asks_for_code(self) -> EnrollmentPanel | None:
        """Return the panel in front while it asks for the six digits, or None."""
        front = self.front
        if isinstance(front, EnrollmentPanel) and front.asks_for_code:
            return front
        return None

    def focus_target(self) -> QWidget | None:
        """Return where the operator goes on."""
        match self.front:
            case WorkPanel() as work:
                return work.focus_target()
            case ChoicePanel() as choice:
                return choice.focus_target()
        return self.action.focus_target()

    def _turn(self) -> None:
        """Put in front what matters most."""
        view = self._view()
        if self._life.enrollment is not None:
            self.setCurrentWidget(self.work)
        elif view is not None:
            self.choice.show_view(view)
            self.setCurrentWidget(self.choice)
        else:
            self.setCurrentWidget(self.action)
        self.updateGeometry()
        place = self._place()
        if place != self._shown:
            self._shown = place
            self.moved.emit()

    def hasHeightForWidth(self) -> bool:
        """Answer for the panel in front alone: a stack's layout asks the highest of them all."""
        return False

    def heightForWidth(self, width: int) -> int:
        return self.front.heightForWidth(width)

    def sizeHint(self) -> QSize:
        return self.front.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Never so low that words are cut."""
        smallest = self.front.minimumSizeHint()
        return QSize(smallest.width(), max(smallest.height(), self.heightForWidth(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height that goes with another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _place(self) -> tuple[object, ...]:
        """Return what decides where the focus belongs."""
        at_work = self._life.enrollment
        work = (at_work.id, at_work.state) if at_work is not None else None
        asked = self._whose.serial_number, self._whose.busy, self._holdings.person
        return self.front, work, asked, self._replaced, self._swap.old, self._pending

    def _view(self) -> ChoiceView | None:
        if self._replaced is not None:
            return reasons_view(self._replaced.token)
        if self._swap.old is not None:
            return swap_view(self._swap)
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
        front = self.front
        if front is self.choice:
            return self.choice.options.take(number)
        panel = self.work if front is self.work else self.action
        if panel.reasons.options():
            return panel.reasons.take(number)
        if front is self.work and number == _WITHDRAW:
            return self._withdraw()
        return front is self.work and self.work.shown.shows and self.work.missing.take(number)

    def press(self) -> bool:
        """Press the big button, where there is one to be pressed; tell whether there was."""
        panel = self.work if self.front is self.work else self.action
        ready = panel.button.isVisible() and panel.button.isEnabled()
        if ready:
            panel.button.click()
        return ready

    def step_back(self) -> None:
        """Take back the last thing: the digits, what is in work, what was asked."""
        enrollment = self.enrollment
        if self.work.code.code() and self.front is self.work:
            self.work.code.clear()
        elif enrollment is not None and self.work.shown.action.finished:
            self._do.start_afresh()
        elif enrollment is not None:
            self._do.cancel()
        elif self._replaced is not None:
            self._replaced = None
            self._turn()
        elif self._swap.old is not None:
            self._do.give_up_swap()
        else:
            self._leave()

    def _leave(self) -> None:
        self._pending = PendingNotice()
        self._turn()
        self._do.look_away()

    def forget(self) -> None:
        """Leave nothing of the last operator's work."""
        self._replaced = self._picked = None
        self.work.proof.clear()
        self.work.code.clear()
        self._turn()

    def try_again(self) -> None:
        """Check again, look into the directory again, or ask again."""
        serial, person = self._whose.serial_number, self._holdings.person
        if self.enrollment is not None:
            self._do.try_again()
        elif serial:
            self._do.ask_whose(serial)
        elif person is not None:
            self._do.ask_what(person)

    def ask_whose(self, serial_number: str) -> None:
        """Ask whose a token is."""
        self._do.ask_whose(serial_number)

    def ask_what(self, person: Person) -> None:
        """Ask what a person has."""
        self._do.ask_what(person)

    def leave_work(self) -> None:
        """Leave what is in work; what was submitted goes on behind."""
        if self.enrollment is not None:
            self._do.cancel()

    def _choose(self, key: str) -> None:
        if self._replaced is not None:
            self._swap_out(self._replaced, Reason(key))
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
            self._do.begin(_REQUESTS[deed], held.token, held.holder)

    def _swap_out(self, held: HeldToken, reason: Reason) -> None:
        old, person = held.token, held.holder
        self._replaced = None
        if person is not None:
            self._do.swap(old, person, reason)

    def _settle(self, key: str, pending: PendingNotice) -> None:
        offer = pending.offer
        self._pending = PendingNotice()
        if offer is None:
            return
        if key == OPEN_FIRST and offer.first is not None:
            self._do.open(offer.first.enrollment_id)
        else:
            self._do.withdraw(offer.second.id)
        self._turn()

    def _clean_up(self) -> None:
        if self._holdings.duplicates and self._holdings.person is not None:
            left_over = self._holdings.duplicates[0].legacy
            self._do.begin(Operation.UNASSIGN, left_over, self._holdings.person)

    def _go_on(self) -> None:
        """Go on with the other half of a replacement, or with the next person."""
        second = self.work.shown.follows
        if second:
            self._do.open(second)
        else:
            self._do.start_afresh()

    def _withdraw(self) -> bool:
        """Take back the second half in work, which was never sent; tell whether it is one."""
        enrollment = self.enrollment
        if enrollment is None or not self.work.shown.withdraws:
            return False
        self._do.withdraw(enrollment.id)
        return True

    def _undo(self) -> bool:
        """Begin what takes back what is shown as done; tell whether there is such a thing."""
        at_work = self.enrollment
        done = at_work or self.action.enrollment
        if self.front is self.choice or done is None or done.token is None or done.person is None:
            return False
        wanted = self.work.shown.undo if at_work is not None else undo(done)
        if wanted is not None:
            self._do.begin(wanted, done.token, done.person)
        return wanted is not None
