"""The sheet over a kiosk that asks a supervisor for the PIN, and then what they want.

It hides what is below it and takes the keys from there, so that no digit of a PIN lands in a field
of the desk. It goes away by itself: a supervisor who is called away leaves nothing open.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.pin import LONGEST
from app.station.gate import Answer, Gate, Verdict
from app.ui.pages.desk.message import Message
from app.ui.widgets import Card, PrimaryButton, SecondaryButton, Tone, Wrapped, text
from app.ui.wording import kiosk as wording
from app.ui.wording.errors import Trouble

_GONE_MS: Final = 30_000
_TICK_MS: Final = 1_000
_WIDTH: Final = 480
_ENTER: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class PinSheet(QFrame):
    """Over the whole of `window`. `wanted` carries one of `choices`, `closed` that it went away."""

    wanted = Signal(str)
    opened = Signal()
    closed = Signal()
    _judged = Signal(object)

    def __init__(self, window: QWidget, gate: Gate, choices: Sequence[str]) -> None:
        super().__init__(window)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._window = window
        self._gate = gate
        self._judges = ThreadPoolExecutor(1, thread_name_prefix="pin")
        self._heading = text(role="heading")
        self._lead = Wrapped(role="muted")
        self.message = Message()
        self.field = _pin_field()
        self.button = PrimaryButton(wording.open_kiosk(), "Enter")
        self.cancel = SecondaryButton(wording.cancel(), key="Esc")
        self.choices = {name: _choice(name) for name in choices}
        self._asking = QWidget()
        self._choosing = QWidget()
        self._gone = _timer(self, _GONE_MS, self.put_away)
        self._tick = _timer(self, _TICK_MS, self._look)
        self._lay_out()
        self._wire()
        self.hide()

    def ask(self) -> None:
        """Ask for the PIN, from the beginning."""
        self._show_side(self._asking, wording.supervisor())
        self.field.clear()
        self.message.clear()
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self._judged_as(self._gate.look(), tried=False)
        self._gone.start()

    def put_away(self) -> None:
        """Go away, and keep no digit."""
        if self.isHidden():
            return
        self._gone.stop()
        self._tick.stop()
        self.field.setText("")
        self.hide()
        self.closed.emit()

    def gone_after(self, milliseconds: int) -> None:
        """Go away where nobody typed for so long."""
        self._gone.setInterval(milliseconds)

    def end(self) -> None:
        """Judge nothing any more."""
        self._judges.shutdown(wait=True, cancel_futures=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts the sheet away; whatever else nobody took ends here."""
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        elif event.key() in _ENTER:
            focused = QApplication.focusWidget()
            if isinstance(focused, QPushButton):
                focused.click()

    # Inside ---------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        asking = QVBoxLayout(self._asking)
        for part in (self.field, self.message, self.button, self.cancel):
            asking.addWidget(part)
        choosing = QVBoxLayout(self._choosing)
        for choice in self.choices.values():
            choosing.addWidget(choice)
        for column in (asking, choosing):
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(10)
        card = Card()
        card.setFixedWidth(_WIDTH)
        sides: tuple[QWidget, ...] = (self._heading, self._lead, self._asking, self._choosing)
        for side in sides:
            card.body.addWidget(side)
        card.body.setContentsMargins(20, 4, 20, 18)
        card.body.setSpacing(12)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addSpacing(24)
        whole.addLayout(row)
        whole.addStretch(1)

    def _wire(self) -> None:
        self.button.clicked.connect(self._try)
        self.field.returnPressed.connect(self._try)
        self.field.textChanged.connect(self._typed)
        self.cancel.clicked.connect(self.put_away)
        self._judged.connect(self._judged_as, Qt.ConnectionType.QueuedConnection)
        for name, choice in self.choices.items():
            choice.clicked.connect(partial(self._choose, name))

    def _show_side(self, side: QWidget, said: Trouble) -> None:
        self._heading.setText(said.sentence)
        self._lead.setText(said.advice)
        self._asking.setVisible(side is self._asking)
        self._choosing.setVisible(side is self._choosing)

    def _typed(self, digits: str) -> None:
        self._gone.start()
        self.field.setAccessibleDescription(wording.digits(len(digits)))
        self.button.setEnabled(bool(digits))
        if digits:
            self.message.clear()

    def _try(self) -> None:
        pin = self.field.text()
        if not pin or not self.field.isEnabled():
            return
        self._allow(on=False)
        self._judges.submit(self._gate.try_pin, pin).add_done_callback(self._tell)

    def _tell(self, judged: "Future[Verdict]") -> None:
        """Carry the verdict from the thread that judged to that of the window."""
        if not judged.cancelled():
            self._judged.emit(judged.result())

    def _judged_as(self, verdict: Verdict, *, tried: bool = True) -> None:
        self.field.setText("")
        if self.isHidden():
            return
        if verdict.answer is Answer.OPEN:
            self._open()
            return
        waits = verdict.wait > 0
        self._allow(on=not waits and verdict.answer is not Answer.NO_PIN)
        if tried or waits or verdict.answer is Answer.NO_PIN:
            self.message.set_message(Tone.BAD if tried else Tone.CAUTION, wording.verdict(verdict))
        if waits:
            self._tick.start()

    def _look(self) -> None:
        """Count down to the next try."""
        verdict = self._gate.look()
        self._judged_as(verdict, tried=False)
        if verdict.answer is not Answer.WAIT:
            self._tick.stop()
            self.message.clear()

    def _allow(self, *, on: bool) -> None:
        self.field.setEnabled(on)
        self.button.setEnabled(on and bool(self.field.text()))
        (self.field if on else self).setFocus()

    def _open(self) -> None:
        self._tick.stop()
        self._show_side(self._choosing, wording.opened())
        next(iter(self.choices.values())).setFocus()
        self._gone.start()
        self.opened.emit()

    def _choose(self, name: str) -> None:
        self.put_away()
        self.wanted.emit(name)


def _pin_field() -> QLineEdit:
    """Return a field for digits that nothing remembers: no echo, no menu, no undo to speak of."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setMaxLength(LONGEST)
    field.setAccessibleName(wording.pin())
    hints = Qt.InputMethodHint
    field.setInputMethodHints(
        hints.ImhDigitsOnly | hints.ImhSensitiveData | hints.ImhNoPredictiveText
    )
    field.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
    return field


def _choice(name: str) -> QPushButton:
    return SecondaryButton(wording.choice(name))


def _timer(parent: QWidget, milliseconds: int, act: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setInterval(milliseconds)
    timer.timeout.connect(act)
    return timer
