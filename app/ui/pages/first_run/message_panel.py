"""What the tenant's administrator has to do, as a message to copy."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from app.core.tenancy import FoundTenant, Typed
from app.station.entrance_notices import Ground
from app.ui.widgets import Card, SecondaryButton
from app.ui.wording.first_run import message
from app.ui.wording.say import say


class MessagePanel(Card):
    """The message, made anew with whatever is known."""

    def __init__(self) -> None:
        super().__init__(say("For the tenant's administrator"))
        self.copy_button = SecondaryButton(say("C&opy message"), key="F8")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(say("Message to the tenant's administrator"))
        self.add_header(self.copy_button)
        self.body.addWidget(self.text, 1)
        self.copy_button.clicked.connect(self.copy)

    def show_message(self, ground: Ground, typed: Typed, found: FoundTenant | None) -> None:
        """Write the message; where it changes, what is in sight stays in sight."""
        made = message(ground, typed, found)
        if made != self.text.toPlainText():
            at = self.text.verticalScrollBar().value()
            self.text.setPlainText(made)
            self.text.verticalScrollBar().setValue(at)

    def copy(self) -> None:
        """Put the message on the clipboard, as plain text."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())
