"""Where somebody signs with a finger, a pen or the mouse; what they draw is kept nowhere else."""

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.receipts.sheet import Strokes
from app.ui.theme import color
from app.ui.wording.say import say

_RATIO = 4.2
_LINE_AT = 0.78
_PEN = 2.4


class SignaturePad(QWidget):
    """A field to draw in. It takes no keys: who cannot draw signs the printed sheet."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._strokes: list[list[QPointF]] = []
        self.setAccessibleName(say("Signature"))
        self.setAccessibleDescription(say("Sign here with a finger, a pen or the mouse."))
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def strokes(self) -> Strokes:
        """What was drawn, as shares of the field."""
        return tuple(tuple(stroke) for stroke in self._strokes)

    def clear(self) -> None:
        """Forget what was drawn."""
        self._strokes = []
        self.update()
        self.changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke; a finger comes as a mouse where nobody takes it as a finger."""
        self._strokes.append([self._share(event.position())])
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the stroke."""
        if self._strokes:
            self._strokes[-1].append(self._share(event.position()))
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Tell that there is more than before."""
        self.changed.emit()

    def sizeHint(self) -> QSize:
        """As wide as a signature is beside its height."""
        return QSize(360, round(360 / _RATIO))

    def heightForWidth(self, width: int) -> int:
        """The shape of the box on the sheet."""
        return round(width / _RATIO)

    def changeEvent(self, event: QEvent) -> None:
        """Paint again in the colours of another theme."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the field, its line, and what was drawn."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("control"), 1))
        painter.setBrush(color("card"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 8, 8)
        height = self.height() * _LINE_AT
        painter.setPen(QPen(color("line"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(16, height), QPointF(self.width() - 16, height))
        style = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(color("ink"), _PEN, *style))
        for stroke in self._strokes:
            points = [QPointF(at.x() * self.width(), at.y() * self.height()) for at in stroke]
            painter.drawPolyline(QPolygonF(points if len(points) > 1 else points * 2))

    def _share(self, at: QPointF) -> QPointF:
        """Return a point of the field as shares of it, kept inside."""
        across = min(max(at.x() / max(1, self.width()), 0.0), 1.0)
        down = min(max(at.y() / max(1, self.height()), 0.0), 1.0)
        return QPointF(across, down)
