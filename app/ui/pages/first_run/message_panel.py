"""What the tenant's administrator has to do, as a message to copy or to save."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from app.core.tenancy import FoundTenant, Typed
from app.station.first_run import FirstRunSettings, Letter
from app.ui.pages.desk.message import Message
from app.ui.widgets import Card, SecondaryButton
from app.ui.wording.first_run import letter_words, message
from app.ui.wording.say import say


class MessagePanel(Card):
    """The message, made anew with whatever is known. Tells `wanted` with the text to be saved."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__(say("For the tenant's administrator"))
        self.copy_button = SecondaryButton(say("C&opy"), key="F8")
        self.save_button = SecondaryButton(say("&Save"), key="F9")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(say("Message to the tenant's administrator"))
        self.letter = Message()
        self.copy_button.setAccessibleName(say("Copy the message"))
        self.save_button.setAccessibleName(say("Save the message"))
        for button in (self.copy_button, self.save_button):
            self.add_header(button)
        self.body.addWidget(self.text, 1)
        self.body.addWidget(self.letter)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self.save)

    def show_message(
        self, settings: FirstRunSettings, typed: Typed, found: FoundTenant | None
    ) -> None:
        """Write the message; where it changes, what is in sight stays in sight."""
        made = message(settings, typed, found)
        if made != self.text.toPlainText():
            at = self.text.verticalScrollBar().value()
            self.text.setPlainText(made)
            self.text.verticalScrollBar().setValue(at)

    def show_letter(self, letter: Letter | None) -> None:
        """Tell where the message was saved, or why it was not."""
        if letter is None:
            self.letter.clear()
        else:
            self.letter.set_message(*letter_words(letter))

    def copy(self) -> None:
        """Put the message on the clipboard, as plain text."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def save(self) -> None:
        """Ask for a file with the message in it."""
        self.wanted.emit(self.text.toPlainText())
