"""The first-run page: puts the form and the message side by side and passes gestures on."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.tenancy import FoundTenant, Typed
from app.station.first_run import FirstRunNotice, FirstRunSettings, Step
from app.ui.bridge import SetupGesture
from app.ui.pages.first_run.form_panel import FormPanel
from app.ui.pages.first_run.message_panel import MessagePanel

_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_FORM_SHARE, _MESSAGE_SHARE = 46, 54


class FirstRunPage(QWidget):
    """Renders a first run; `set_up` carries gestures to it.

    `done` tells that the tenant is written, `again` that the configuration is to be read anew,
    `demo` that a practice tenant is wanted first.
    """

    done = Signal()
    again = Signal()
    demo = Signal()

    def __init__(self, set_up: Callable[[SetupGesture], None]) -> None:
        super().__init__()
        self.setObjectName("page")
        self._set_up = set_up
        self._settings: FirstRunSettings | None = None
        self._found: FoundTenant | None = None
        self._asked: Typed | None = None
        self._step = Step.TYPING
        self.form = FormPanel()
        self.message = MessagePanel()
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(16)
        cards.addWidget(self.form, _FORM_SHARE)
        cards.addWidget(self.message, _MESSAGE_SHARE)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.addLayout(cards, 1)

    def _wire(self) -> None:
        self.form.changed.connect(self._changed)
        self.form.wanted.connect(self._check)
        self.form.saved.connect(self._save)
        self.form.demo_wanted.connect(self.demo)
        self.message.wanted.connect(self._save_letter)

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: FirstRunNotice) -> None:
        """Render how far it is; what is told of something that is typed no more is no news."""
        if self._settings != notice.settings:
            self._settings = notice.settings
            self.form.begin(notice.settings)
        if self._step is not notice.step:
            self._step = notice.step
            self._show_step(notice)
        self.message.show_letter(notice.letter)
        self._show_message()

    def _show_step(self, notice: FirstRunNotice) -> None:
        if self._asked is not None and notice.step is not Step.TYPING:
            self._found = notice.found
            self.form.show_progress(notice, self._asked.cloud)
            if self.isVisible() and notice.step in {Step.FOUND, Step.FAILED}:
                self.form.focus()
        if notice.step is Step.SAVED:
            self.done.emit()

    def begin(self) -> None:
        """Forget what was found: another first run begins, or a station."""
        self._asked = self._found = self._settings = None
        self._step = Step.TYPING
        self.form.rest()

    def showEvent(self, _event: object) -> None:
        """Begin at the first thing that is missing."""
        self.form.focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, F5 looks again, F6 is the demo, F8 copies and F9 saves the message."""
        key = event.key()
        if key in _ENTER:
            self.form.go_on()
        elif key == Qt.Key.Key_F5:
            self.again.emit()
        elif key == Qt.Key.Key_F6 and self.form.demo.isVisible():
            self.demo.emit()
        elif key == Qt.Key.Key_F8:
            self.message.copy()
        elif key == Qt.Key.Key_F9:
            self.message.save()
        else:
            super().keyPressEvent(event)

    # Gestures -------------------------------------------------------------------------------

    def _changed(self) -> None:
        typed = self.form.typed()
        self._asked = self._found = None
        self._set_up(lambda first_run: first_run.change(typed))
        self._show_message()

    def _check(self) -> None:
        typed = self._asked = self.form.typed()
        self._set_up(lambda first_run: first_run.check(typed))

    def _save(self) -> None:
        self._set_up(lambda first_run: first_run.save())

    def _save_letter(self, text: str) -> None:
        self._set_up(lambda first_run: first_run.save_letter(text))

    def _show_message(self) -> None:
        if self._settings is not None:
            self.message.show_message(self._settings, self.form.typed(), self._found)
