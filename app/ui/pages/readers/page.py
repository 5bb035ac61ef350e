"""The readers page: puts what is connected and the trial of scanners side by side."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QWidget

from app.core.scan import ScanRules
from app.core.trial import Arrival
from app.core.wedge import WedgeSettings
from app.station.notices import Notice
from app.station.readers import ReadersNotice, TrialScanNotice
from app.ui.pages.readers.connected_panel import ConnectedPanel
from app.ui.pages.readers.trial_panel import TrialPanel
from app.ui.wording.say import say

_CONNECTED_SHARE, _TRIAL_SHARE = 42, 58


class ReadersPage(QWidget):
    """While it is shown, scanners are tried out: `trying` tells when that begins and ends.

    `left` tells that the operator goes back to the desk.
    """

    left = Signal()
    trying = Signal(bool)

    def __init__(self, settings: WedgeSettings, rules: ScanRules) -> None:
        """Judge trials by the wedge settings and scan rules of this station."""
        super().__init__()
        self.setObjectName("page")
        self.setAccessibleName(say("Readers and scanners"))
        self.connected = ConnectedPanel()
        self.trial = TrialPanel(settings, rules)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 20, 24, 20)
        row.setSpacing(16)
        row.addWidget(self.connected, _CONNECTED_SHARE)
        row.addWidget(self.trial, _TRIAL_SHARE)
        self.connected.footer_activated.connect(self.left)
        self.trial.heard.connect(self.hear)

    def show_notice(self, notice: Notice) -> None:
        """Render `notice` where it belongs."""
        match notice:
            case ReadersNotice():
                self.connected.show_readers(notice)
            case TrialScanNotice() if self.isVisible():
                self.trial.try_line(notice.port, notice.text)
            case _:
                pass

    def tried(self, arrival: Arrival) -> None:
        """Show what a scanner that types has sent."""
        self.trial.try_keys(arrival)

    def hear(self) -> None:
        """Tell that a scanner that types was heard, here or at the desk."""
        self.connected.hear()

    def showEvent(self, _event: object) -> None:
        """Begin to try scanners out, with nothing of the last time."""
        self.trial.forget()
        self.setFocus(Qt.FocusReason.OtherFocusReason)  # Tab leads on from here
        self.trying.emit(True)

    def hideEvent(self, _event: object) -> None:
        """Give scanners back to the desk, and keep nothing of what was tried."""
        self.trying.emit(False)
        self.trial.forget()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back to the desk; Enter presses a button, since Space waits for a scan."""
        focused = QApplication.focusWidget()
        match event.key():
            case Qt.Key.Key_Escape:
                self.left.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if isinstance(focused, QAbstractButton):
                focused.click()
            case _:
                super().keyPressEvent(event)
