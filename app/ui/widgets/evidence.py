"""The original error, word for word, for the person who supports the operator."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy

from app.ui import clip
from app.ui.widgets.buttons import SecondaryButton
from app.ui.widgets.text import displayable

MOST_LINES = 12


class _Lines(QPlainTextEdit):
    """Tells when its lines may wrap at other places: their document does not."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class EvidencePanel(QFrame):
    """Labels and raw values in a fixed-width face, with a button that copies them all."""

    copied = Signal()

    def __init__(self, copy_words: str, name: str = "") -> None:
        super().__init__()
        self._text = _Lines()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(name)
        self._text.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._text.resized.connect(self._fit)
        self._copy = SecondaryButton(copy_words, icon="copy")
        self._copy.clicked.connect(self.copy)
        self._copy.setEnabled(clip.is_open())
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 10, 10)
        row.addWidget(self._text, 1)
        row.addWidget(self._copy)
        row.setAlignment(self._copy, row.alignment().AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_evidence(self, evidence: Sequence[tuple[str, str]]) -> None:
        """Show (label, value) pairs, values bounded to 4,000 characters each."""
        widest = max((len(label) for label, _ in evidence), default=0)
        lines = [f"{label + ':':<{widest + 2}}{displayable(v)[:4000]}" for label, v in evidence]
        self._text.setPlainText("\n".join(lines))

    def set_lines(self, lines: str) -> None:
        """Show lines that are to be copied as they are."""
        self._text.setPlainText(lines)

    def _fit(self) -> None:
        """Grow with the lines: the layout of a plain text gives its height in lines."""
        self._text.ensurePolished()
        size = self._text.document().documentLayout().documentSize()
        lines = min(max(round(size.height()), 2), MOST_LINES)
        margins = 2 * round(self._text.document().documentMargin()) + 2
        self._text.setFixedHeight(lines * self._text.fontMetrics().lineSpacing() + margins)

    def as_text(self) -> str:
        """Exactly what `copy` puts on the clipboard."""
        return self._text.toPlainText()

    def copy(self) -> None:
        """Put the evidence on the clipboard."""
        clip.copy(self.as_text())
        self.copied.emit()
