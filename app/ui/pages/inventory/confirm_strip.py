"""Says what is about to be done to many tokens, and waits for a clear yes.

It stands in the page and not before it: a dialog would be a second window. What cannot be undone is
agreed to by typing how many tokens it is about, so that nobody does it by a second Enter.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from app.core.bulk import BulkDeed, Fit
from app.ui.widgets import DangerButton, Glyph, SecondaryButton, Tone, Wrapped, restyle
from app.ui.wording.inventory import agree_words, nothing_to_do, question
from app.ui.wording.say import say


class ConfirmStrip(QFrame):
    """Hidden until it asks. `agreed` tells the deed; `closed` that it asks no more."""

    agreed = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("message")
        self._glyph = Glyph("alert", size=20)
        self.sentence = Wrapped(role="strong")
        self.advice = Wrapped(role="small")
        self.number = QLineEdit()
        self.no = SecondaryButton(say("&Keep them"))
        self.yes = DangerButton()
        self._deed = BulkDeed.UNASSIGN
        self._count = 0
        self._lay_out()
        self.number.setAccessibleName(say("Number of tokens to delete"))
        self.number.setMaximumWidth(120)
        self.number.textChanged.connect(self._typed)
        self.number.returnPressed.connect(self._enter)
        self.no.clicked.connect(self.close_strip)
        self.yes.clicked.connect(self._agree)
        self.hide()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.sentence)
        words.addWidget(self.advice)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self._glyph)
        row.addLayout(words, 1)
        for part in (self.number, self.no, self.yes):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)

    def ask(self, deed: BulkDeed, fit: Fit) -> None:
        """Ask whether `deed` is to be done to the tokens that it fits."""
        self._deed, self._count = deed, len(fit.rows)
        self.number.clear()
        if not fit.rows:
            self._say(Tone.CAUTION, nothing_to_do(deed).sentence, nothing_to_do(deed).advice)
            self._offer(typing=False, agreeing=False)
            self.no.setFocus()
            return
        said = question(deed, fit)
        self._say(Tone.BAD, said.sentence, said.advice)
        self.yes.setText(agree_words(deed, self._count))
        typing = deed is BulkDeed.DELETE
        self._offer(typing=typing, agreeing=True)
        self.yes.setEnabled(not typing)
        (self.number if typing else self.no).setFocus()

    def close_strip(self) -> None:
        """Ask no more."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape is a no."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_strip()
        else:
            super().keyPressEvent(event)

    def _say(self, tone: Tone, sentence: str, advice: str) -> None:
        restyle(self, tone=tone.value)
        self._glyph.set_icon("alert", tone.ink)
        self.sentence.setText(sentence)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.setAccessibleName(f"{sentence} {advice}".strip())
        self.show()

    def _offer(self, *, typing: bool, agreeing: bool) -> None:
        self.number.setVisible(typing)
        self.yes.setVisible(agreeing)

    def _typed(self, words: str) -> None:
        if self._deed is BulkDeed.DELETE:
            self.yes.setEnabled(words.strip() == str(self._count))

    def _enter(self) -> None:
        if self.yes.isEnabled():
            self._agree()

    def _agree(self) -> None:
        self.hide()
        self.agreed.emit(self._deed)
