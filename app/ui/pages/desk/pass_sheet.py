"""A Temporary Access Pass is issued to the person at the desk, and shown large and once.

The passcode is never the text of a widget: it is painted from a Secret that is overwritten when the
sheet is put away, by the window and by the station. So it can be neither selected nor copied, and
no accessibility tool, log or crash report can find it.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.access_pass import OrderFault, PassOrder, PassPolicy, lifetimes
from app.core.secret import Secret
from app.station.passes import PassNotice, PassStage
from app.ui.bridge import Gesture
from app.ui.pages.desk.message import Message
from app.ui.pages.desk.sheet import Sheet, is_typed
from app.ui.theme import color, look
from app.ui.widgets import (
    EvidencePanel,
    KeyHint,
    PrimaryButton,
    Segmented,
    Wrapped,
    text,
)
from app.ui.wording.errors import evidence_rows
from app.ui.wording.passes import (
    issue_words,
    lifetime_words,
    pass_lead,
    pass_message,
    pass_next,
    pass_use,
)
from app.ui.wording.say import say

_WIDTH = 640
_ONCE, _OFTEN = "once", "often"
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_BUSY = frozenset({PassStage.READING, PassStage.SENDING, PassStage.CHECKING})
"""While nothing can be chosen."""
_KEPT = frozenset({PassStage.SENDING, PassStage.CHECKING})
"""While Escape does not put the sheet away: the answer is about to come."""
_DONE = frozenset({PassStage.CONFIRMED, PassStage.UNCERTAIN, PassStage.FAILED})
_LETTERS: Final = 16
"""Characters in a line of the display; the policy's default pass has 8, its longest 48."""


class PassDisplay(QWidget):
    """Paints a passcode in a fixed-width face. It holds the Secret and no text of it."""

    def __init__(self) -> None:
        super().__init__()
        self._secret: Secret | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(say("The pass, shown on the screen alone"))

    def show_secret(self, secret: Secret) -> None:
        """Paint `secret` from now on; it is this widget's to overwrite."""
        self.wipe()
        self._secret = secret
        self.updateGeometry()
        self.update()

    def wipe(self) -> None:
        """Overwrite what is shown, and paint nothing."""
        if self._secret is not None:
            self._secret.wipe()
        self._secret = None
        self.update()

    @property
    def is_shown(self) -> bool:
        """Tell whether there is something to paint."""
        return self._secret is not None and not self._secret.wiped

    def sizeHint(self) -> QSize:
        """Room for every line."""
        metrics = QFontMetrics(self._face())
        count = max(1, -(-len(self._secret or ()) // _LETTERS))
        width = metrics.horizontalAdvance("M") * _LETTERS
        return QSize(width, metrics.lineSpacing() * count + 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground, and the passcode while it is there."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color("line"))
        painter.setBrush(color("field"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 9, 9)
        try:
            words = self._secret.reveal().decode() if self._secret is not None else ""
        except ValueError:  # the station has overwritten it
            words = ""
        painter.setFont(self._face())
        painter.setPen(color("ink"))
        lines = [words[at : at + _LETTERS] for at in range(0, len(words), _LETTERS)]
        height = painter.fontMetrics().lineSpacing()
        top = (self.height() - height * len(lines)) // 2
        for number, line in enumerate(lines):
            box = QRect(0, top + number * height, self.width(), height)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, line)

    def _face(self) -> QFont:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(look().base_points * 2.4)
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 112)
        return font


class PassSheet(Sheet):
    """A sheet over the desk page that renders PassNotices. `ask` carries a gesture."""

    def __init__(self, page: QWidget, ask: Callable[[Gesture], None]) -> None:
        super().__init__(page, _WIDTH)
        self._ask = ask
        self._notice = PassNotice()
        self._minutes: tuple[int | None, ...] = ()
        self.name = Wrapped(role="title")
        self.upn = Wrapped(role="muted")
        self.lead = Wrapped(pass_lead(), role="muted")
        self.lifetime = QComboBox()
        self.use = Segmented(
            say("How often it can be used"),
            ((_ONCE, say("&Once")), (_OFTEN, say("&Several times"))),
        )
        self.message = Message()
        self.evidence = EvidencePanel(say("Copy"), say("Details for your administrator"))
        self.display = PassDisplay()
        self.facts = Wrapped(role="strong")
        self.next_step = Wrapped(role="muted")
        self.button = PrimaryButton(say("&Issue the pass"), say("Enter"))
        self.hide_button = PrimaryButton(say("&Hide the pass"), "Esc")
        self._choices = QWidget()
        self._lay_out()
        self.button.clicked.connect(self.issue)
        self.hide_button.clicked.connect(self.put_away)
        self.hide()

    def _lay_out(self) -> None:
        hint = KeyHint("Esc", say("close"))
        hint.clicked.connect(self.put_away)
        head = QHBoxLayout()
        head.addWidget(text(say("Temporary Access Pass"), "subtitle"))
        head.addStretch(1)
        head.addWidget(hint)
        self.lifetime.setAccessibleName(say("How long it is valid"))
        grid = QGridLayout(self._choices)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.addWidget(text(say("Valid for"), "muted"), 0, 0)
        grid.addWidget(text(say("Can be used"), "muted"), 0, 1)
        grid.addWidget(self.lifetime, 1, 0)
        grid.addWidget(self.use, 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 18)
        column.setSpacing(10)
        column.addLayout(head)
        for widget in (
            self.name,
            self.upn,
            self.lead,
            self._choices,
            self.display,
            self.facts,
            self.next_step,
            self.message,
            self.evidence,
            self.button,
            self.hide_button,
        ):
            column.addWidget(widget)

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: PassNotice) -> None:
        """Render how far the issuing is."""
        before, self._notice = self._notice, notice
        if notice.stage is PassStage.CLOSED:
            self.forget()
            return
        if notice.value is not None:
            self.display.show_secret(notice.value)
        if notice.person is not None:
            self.name.setText(notice.person.display_name)
            self.upn.setText(notice.person.user_principal_name)
        if notice.stage is PassStage.ASKING:
            self._offer(before, notice.policy)
        self._say(notice)
        fresh = not self.isVisible()
        self.show()
        self.place()
        if fresh:
            self.raise_()
        if fresh or before.stage is not notice.stage:
            self._focus()

    def _offer(self, before: PassNotice, policy: PassPolicy | None) -> None:
        """Offer what the policy admits; what was chosen before stays chosen."""
        if before.stage in {PassStage.ASKING, PassStage.SENDING} and self._minutes:
            return
        known = policy or PassPolicy()
        default = known.usual
        self._minutes = lifetimes(known) if default is not None else (None, *lifetimes(known))
        self.lifetime.clear()
        for minutes in self._minutes:
            words = say("The tenant's default") if minutes is None else lifetime_words(minutes)
            self.lifetime.addItem(words)
        at = self._minutes.index(default) if default in self._minutes else 0
        self.lifetime.setCurrentIndex(at)
        self.use.set_current(_ONCE)
        self.use.setEnabled(not known.once)

    def _say(self, notice: PassNotice) -> None:
        stage = notice.stage
        said = pass_message(notice)
        if said is None:
            self.message.clear()
        else:
            self.message.set_message(*said)
        rows = evidence_rows(notice.error) if stage is PassStage.FAILED else ()
        self.evidence.set_evidence(rows)
        self.evidence.setVisible(bool(rows))
        asking = stage in {PassStage.ASKING, PassStage.SENDING}
        off = notice.fault is OrderFault.POLICY_OFF
        self.lead.setVisible(asking)
        self._choices.setVisible(asking and not off)
        self._choices.setEnabled(stage is PassStage.ASKING)
        self.display.setVisible(self.display.is_shown)
        self.hide_button.setVisible(self.display.is_shown)
        shown = self.display.is_shown and notice.issued is not None
        self.facts.setText(pass_use(notice.issued) if shown and notice.issued else "")
        self.facts.setVisible(shown)
        self.next_step.setText(pass_next())
        self.next_step.setVisible(self.display.is_shown)
        again = stage in _DONE and not self.display.is_shown
        key = "" if notice.existing is not None else say("Enter")
        self.button.set_words(issue_words(notice), key)
        self.button.setVisible((asking and not off) or again)
        self.button.setEnabled(stage not in _BUSY)

    def _focus(self) -> None:
        """Put the focus where the operator goes on; never where Enter ends a valid pass unasked."""
        notice = self._notice
        if self.display.is_shown or notice.stage in _BUSY:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        elif notice.existing is not None and notice.stage is PassStage.ASKING:
            self.lifetime.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.button.isVisible():
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    # What somebody does ---------------------------------------------------------------------

    def issue(self) -> None:
        """Ask for a pass as chosen, ending one that is named on the sheet; or begin again."""
        notice = self._notice
        if notice.stage in _DONE and notice.person is not None and not self.display.is_shown:
            person = notice.person
            self._ask(lambda station: station.passes.open(person))
            return
        if notice.stage is not PassStage.ASKING or notice.fault is OrderFault.POLICY_OFF:
            return
        order = PassOrder(
            self._minutes[self.lifetime.currentIndex()], once=self.use.current() == _ONCE
        )
        ending = notice.existing.id if notice.existing is not None else ""
        self.button.setEnabled(False)  # a second click is none
        self._ask(lambda station: station.passes.issue(order, ending))

    def put_away(self) -> None:
        """Hide the pass, or leave what was not begun. While an answer is waited for, do neither."""
        if self._notice.stage not in _KEPT:
            self.hide()

    def forget(self) -> None:
        """Leave nothing of the pass and of whom it was for."""
        self._notice = PassNotice()
        self.display.wipe()
        for label in (self.name, self.upn, self.facts):
            label.setText("")
        self.evidence.set_evidence(())
        self.message.clear()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape hides the pass, Enter does what the focused button says, nothing typed goes on."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.put_away()
        elif key in _ENTER and self.button.hasFocus() and self.button.isEnabled():
            self.issue()
        else:
            event.setAccepted(is_typed(event))

    def hideEvent(self, event: QHideEvent) -> None:
        """A pass that was shown is gone with the sheet, but not where the window is minimized."""
        super().hideEvent(event)
        if event.spontaneous():
            return
        told = self._notice.stage is not PassStage.CLOSED
        if told:
            self._ask(lambda station: station.passes.hide())
            self.forget()
