"""Where an import begins: a place to drop the vendor's file, or to choose it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.widgets import Card, Glyph, PrimaryButton, Wrapped, text
from app.ui.wording.importing import formats_known, unpack_first
from app.ui.wording.say import say

_WIDTH = 620


class OpenPanel(Card):
    """Tells `chosen` with the path of the file that was chosen."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__(say("The vendor's file"))
        self.button = PrimaryButton(say("&Choose a file"), say("Ctrl+O"))
        self._dialog: QFileDialog | None = None
        self._lay_out()
        self.button.clicked.connect(self.choose)

    def _lay_out(self) -> None:
        self.button.setMinimumWidth(260)
        middle = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(Glyph("import", size=44), 0, middle)
        column.addWidget(text(say("Drop the file here"), "strong"), 0, middle)
        column.addLayout(_in_the_middle(self.button))
        column.addSpacing(8)
        for words in (formats_known(), unpack_first()):
            column.addLayout(_in_the_middle(_narrow(words)))
        column.addStretch(2)
        self.body.addLayout(column, 1)

    def choose(self) -> None:
        """Let the operator choose a file; one dialog at a time."""
        if self._dialog is None:
            self._dialog = QFileDialog(self, say("Choose the vendor's file"))
            self._dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            self._dialog.fileSelected.connect(self.chosen)
        self._dialog.open()


def _in_the_middle(part: QWidget) -> QHBoxLayout:
    """`part` between two stretches: an alignment would measure lines at the width of the card."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(part)
    row.addStretch(1)
    return row


def _narrow(words: str) -> Wrapped:
    """A paragraph no wider than is read with ease."""
    made = Wrapped(words, role="smallmuted")
    made.setFixedWidth(_WIDTH)
    return made
