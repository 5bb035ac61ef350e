"""How a scanner, a reader or the directory does, always in sight in the top bar."""

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.ui.theme import color
from app.ui.widgets.glyph import Glyph
from app.ui.widgets.text import Elided
from app.ui.widgets.tone import Tone

_ICONS: Final = {Tone.CAUTION: "exclaim", Tone.BAD: "cross"}


class StatusPill(QWidget):
    """A dot and a word; trouble is told by another sign than the dot, too."""

    def __init__(self, words: str = "", tone: Tone = Tone.NEUTRAL, word: str = "") -> None:
        super().__init__()
        self._sign = Glyph("dot", size=16)
        self._words = Elided(role="smallmuted")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 5, 12, 5)
        row.setSpacing(4)
        row.addWidget(self._sign)
        row.addWidget(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_status(words, tone, word)

    def set_status(self, words: str, tone: Tone, word: str = "") -> None:
        """Show `words`; `word` says the state to a screen reader."""
        self.tone = tone
        self._words.setText(words)
        self._sign.set_icon(_ICONS.get(tone, "dot"), tone.ink)
        self.setAccessibleName(words)
        self.setAccessibleDescription(word)
        self.updateGeometry()

    def words(self) -> str:
        """What the pill says."""
        return self._words.text()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the outline."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(color("line"))
        painter.setBrush(color("field"))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
