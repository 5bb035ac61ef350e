"""The field for a serial number that is typed by hand."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.ui.wording.say import say

LONGEST_TYPED = 256


class SerialEdit(QLineEdit):
    """Where a serial number is typed by hand. Enter takes it, Escape empties it."""

    entered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setMaxLength(LONGEST_TYPED)
        self.setPlaceholderText(say("Serial number"))
        self.setAccessibleName(say("Serial number of the token"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the text with Enter; an empty field lets Enter and Escape pass."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.text().strip():
            self.entered.emit(self.text())
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
