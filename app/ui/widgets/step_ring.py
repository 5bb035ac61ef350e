"""The ring that runs out: how much of the token's time step is left."""

from PySide6.QtCore import QAbstractAnimation, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import color, look
from app.ui.widgets.tone import Tone

FULL_TURN = 16 * 360  # Qt counts angles in sixteenths of a degree


class StepRing(QWidget):
    """A ring whose coloured part is the fraction given to `set_value`."""

    def __init__(self, size: int = 20) -> None:
        super().__init__()
        self._size = size
        self._value = 0.0
        self._tone = Tone.INFO
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_value(self, value: float, tone: Tone = Tone.INFO) -> None:
        """Show the fraction `value` (0 to 1, bounded to it) in the colour of `tone`."""
        self._value = min(max(value, 0.0), 1.0)
        self._tone = tone
        self.update()

    def value(self) -> float:
        """The fraction shown."""
        return self._value

    def set_words(self, words: str) -> None:
        """What a screen reader says instead of the ring."""
        self.setAccessibleName(words)

    def sizeHint(self) -> QSize:
        """The square it was made for."""
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ring, emptied clockwise from the top."""
        painter = QPainter(self)
        tint = "accent" if self._tone is Tone.INFO else self._tone.ink
        left = round(self._value * FULL_TURN)
        paint_arc(painter, QRectF(self.rect()), 16 * 90, left, tint)


class Spinner(QWidget):
    """A ring that turns while something is asked for; without motion it stands still."""

    def __init__(self, size: int = 18) -> None:
        super().__init__()
        self._size = size
        self._turning = QVariantAnimation(self)
        self._turning.setDuration(1000)
        self._turning.setStartValue(0.0)
        self._turning.setEndValue(1.0)
        self._turning.setLoopCount(-1)
        self._turning.valueChanged.connect(self._turn)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _turn(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        """The square it was made for."""
        return QSize(self._size, self._size)

    def showEvent(self, _event: QShowEvent) -> None:
        """Turn only while seen."""
        if look().motion:
            self._turning.start()

    def hideEvent(self, _event: QHideEvent) -> None:
        """Cost nothing while hidden."""
        self._turning.stop()

    def is_turning(self) -> bool:
        """Whether it moves."""
        return self._turning.state() == QAbstractAnimation.State.Running

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a quarter of a turn."""
        painter = QPainter(self)
        start = round(-float(self._turning.currentValue() or 0.0) * FULL_TURN) + 16 * 90
        paint_arc(painter, QRectF(self.rect()), start, FULL_TURN // 4, "accent")


def paint_arc(painter: QPainter, box: QRectF, start: int, span: int, tint: str) -> None:
    """A dim ring with an arc above it; angles in sixteenths of a degree."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = max(2.5, box.width() * 0.15)
    inner = box.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.setPen(QPen(color("accent_dim"), width))
    painter.drawEllipse(inner)
    cap = Qt.PenCapStyle.RoundCap
    painter.setPen(QPen(color(tint), width, Qt.PenStyle.SolidLine, cap))
    if span:
        painter.drawArc(inner, start, span)
