"""The doctor page: puts the lines and what they mean side by side and passes gestures on."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.station.checkup import CheckupNotice
from app.ui import clip
from app.ui.bridge import Gesture
from app.ui.models.doctor import headline_tone
from app.ui.pages.doctor.details_panel import DetailsPanel
from app.ui.pages.doctor.list_panel import ListPanel
from app.ui.widgets import Banner, Tone
from app.ui.wording.doctor import overall_words, progress
from app.ui.wording.doctor_report import as_lines

_LIST_SHARE, _DETAILS_SHARE = 62, 38


class DoctorPage(QWidget):
    """Renders check-ups. Tells `left` when the operator goes back to the desk."""

    left = Signal()

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self.setObjectName("page")
        self._ask = ask
        self._notice = CheckupNotice((), 0)
        self.banner = Banner()
        self.list = ListPanel()
        self.details = DetailsPanel()
        self._lay_out()
        self.list.chosen.connect(self.details.show_line)
        self.list.again.clicked.connect(self.check)
        self.list.footer_activated.connect(self.left)
        self.details.copy_button.clicked.connect(self.copy)

    def _lay_out(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(16)
        cards.addWidget(self.list, _LIST_SHARE)
        cards.addWidget(self.details, _DETAILS_SHARE)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        column.addWidget(self.banner)
        column.addLayout(cards, 1)

    def show_checkup(self, notice: CheckupNotice) -> None:
        """Show what a check-up has found so far."""
        self._notice = notice
        self.list.show_checkup(notice)
        self.details.copy_button.setEnabled(notice.over)
        if notice.over:
            words, tone = overall_words(notice.findings), headline_tone(notice.findings)
        else:
            words, tone = progress(len(notice.findings), notice.expected), Tone.INFO
        self.banner.set_banner(words, tone)

    def check(self) -> None:
        """Check everything again."""
        self._ask(lambda station: station.checkup.run())

    def as_text(self) -> str:
        """Return what `copy` puts on the clipboard."""
        return "\n".join(as_lines(self._notice.findings, whole=True)) + "\n"

    def copy(self) -> None:
        """Put the whole report on the clipboard, once it is whole."""
        if self._notice.over:
            clip.copy(self.as_text())

    def showEvent(self, _event: object) -> None:
        """Begin a check-up at once: whoever comes here has a question."""
        self.check()
        self.list.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back to the desk, F5 checks again, F8 copies the report."""
        match event.key():
            case Qt.Key.Key_Escape:
                self.left.emit()
            case Qt.Key.Key_F5:
                self.check()
            case Qt.Key.Key_F8:
                self.copy()
            case _:
                super().keyPressEvent(event)
