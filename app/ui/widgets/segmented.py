"""One choice among a few, all in sight: arrow keys move it, mnemonics reach it."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QSizePolicy, QWidget

from app.ui.theme import color, current_palette, look


class Segment(QRadioButton):
    """One of the choices: a radio button to a screen reader, a tab to the eye."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """The words with room around them."""
        metrics = self.fontMetrics()
        words = metrics.size(Qt.TextFlag.TextShowMnemonic, self.text())
        return QSize(words.width() + 28, max(metrics.height() + 14, 44 if look().touch else 32))

    def minimumSizeHint(self) -> QSize:
        """The words must stay readable."""
        return self.sizeHint() - QSize(16, 0)

    def hitButton(self, pos: QPoint) -> bool:
        """The whole segment is the target."""
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the raised ground of the choice made, and the words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked():
            self._paint_chosen(painter, box)
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 7, 7)
        self._paint_words(painter, self.rect())

    def _paint_chosen(self, painter: QPainter, box: QRectF) -> None:
        inverted = current_palette().edge > 1
        painter.setPen(color("line"))
        painter.setBrush(color("accent" if inverted else "card"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)

    def _paint_words(self, painter: QPainter, box: QRect) -> None:
        inverted = self.isChecked() and current_palette().edge > 1
        chosen = "accent_ink" if inverted else "ink"
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(color(chosen if self.isChecked() and self.isEnabled() else "muted"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic
        painter.drawText(box, int(flags), self.text())


class Segmented(QWidget):
    """The choices as (key, words with &mnemonic); the first is chosen to begin with."""

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._segments: dict[str, Segment] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 3, 3, 3)
        row.setSpacing(2)
        for key, words in choices:
            segment = Segment(words)
            segment.setAccessibleDescription(name)
            self._segments[key] = segment
            self._group.addButton(segment)
            row.addWidget(segment, segment.sizeHint().width())
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_current(choices[0][0])
        self._group.buttonToggled.connect(self._toggled)

    def current(self) -> str:
        """The key of the choice made, "" where none is."""
        chosen = (key for key, segment in self._segments.items() if segment.isChecked())
        return next(chosen, "")

    def clear(self) -> None:
        """Choose nothing, so that somebody has to."""
        self._group.setExclusive(False)
        for segment in self._segments.values():
            segment.setChecked(False)
        self._group.setExclusive(True)
        self.update()

    def set_current(self, key: str) -> None:
        """Choose `key`; raises KeyError where there is no such choice."""
        self._segments[key].setChecked(True)

    def _toggled(self, _segment: Segment, checked: bool) -> None:
        if checked:
            self.chosen.emit(self.current())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the trough the choices lie in."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color("line"))
        painter.setBrush(color("field"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 9, 9)
