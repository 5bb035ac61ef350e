"""How an export goes: counts while it is written, then the path, to be copied.

A file dialog would be a second window, which a kiosk must not have; so the file goes to the
documents folder under a name with the date.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.station.history import ExportNotice, ExportState
from app.ui import clip
from app.ui.pages.desk.message import Message
from app.ui.widgets import SecondaryButton
from app.ui.wording.history import export_words
from app.ui.wording.say import say


class ExportStrip(QWidget):
    """Hidden until an export begins; Dismiss hides it again."""

    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.message = Message()
        self.copy_button = SecondaryButton(say("Copy &path"), icon="copy")
        self.stop_button = SecondaryButton(say("&Stop"))
        self.dismiss_button = SecondaryButton(say("Dis&miss"))
        self._path = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.message, 1)
        for button in (self.copy_button, self.stop_button, self.dismiss_button):
            row.addWidget(button)
        self.copy_button.clicked.connect(self.copy)
        self.stop_button.clicked.connect(self.stopped)
        self.dismiss_button.clicked.connect(self.hide)
        self.hide()

    def show_export(self, notice: ExportNotice) -> None:
        """Tell how it goes."""
        self._path = notice.path if notice.state is ExportState.DONE else ""
        self.message.set_message(*export_words(notice))
        self.copy_button.setVisible(bool(self._path))
        self.stop_button.setVisible(notice.state is ExportState.WRITING)
        self.dismiss_button.setVisible(notice.state is not ExportState.WRITING)
        self.show()

    def copy(self) -> None:
        """Put the path of the file on the clipboard."""
        clip.copy(self._path)
