"""What the page has to say above the list: an export, or why the inventory cannot be read."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.station.inventory_notices import InventoryExportNotice
from app.ui.pages.desk.message import Message
from app.ui.widgets import SecondaryButton, Tone
from app.ui.wording.errors import Trouble
from app.ui.wording.inventory import export_words
from app.ui.wording.say import say


class Note(QWidget):
    """One message with what can be done about it; hidden while it says nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.message = Message()
        self.copy_button = SecondaryButton(say("Copy &path"), icon="copy")
        self.dismiss_button = SecondaryButton(say("Dis&miss"))
        self._path = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.message, 1)
        row.addWidget(self.copy_button)
        row.addWidget(self.dismiss_button)
        self.copy_button.clicked.connect(self.copy)
        self.dismiss_button.clicked.connect(self.hide)
        self.hide()

    def show_export(self, notice: InventoryExportNotice) -> None:
        """Tell how an export ended."""
        self._path = notice.path if notice.error is None else ""
        self.say(*export_words(notice))
        self.copy_button.setVisible(bool(self._path))

    def say(self, tone: Tone, said: Trouble) -> None:
        """Say something."""
        self.message.set_message(tone, said)
        self.copy_button.hide()
        self.show()

    def copy(self) -> None:
        """Put the path of the file on the clipboard."""
        QGuiApplication.clipboard().setText(self._path)
