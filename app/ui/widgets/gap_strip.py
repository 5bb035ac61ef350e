"""The rhythm of a scan: one bar for each time from key to key."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import color

HEIGHT: Final = 48
WIDEST: Final = 14
GAP: Final = 2
SHORTEST: Final = 2
HEADROOM: Final = 1.4


class GapStrip(QWidget):
    """Bars as high as the gaps, and a line at the limit; what is above it has another colour."""

    def __init__(self) -> None:
        super().__init__()
        self._gaps: tuple[float, ...] = ()
        self._limit = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_gaps(self, gaps: Sequence[float], limit: float, name: str) -> None:
        """Show `gaps` against `limit`, both in seconds; `name` says it to a screen reader."""
        self._gaps, self._limit = tuple(gaps), limit
        self.setAccessibleName(name)
        self.setVisible(bool(gaps))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, HEIGHT)

    def bars(self) -> list[tuple[QRectF, bool]]:
        """Return each bar, and whether it is above the limit; where room ends, gaps share one."""
        many = len(self._gaps)
        count = min(many, max(self.width() // (GAP + 1), 1))
        step = min(self.width() / max(count, 1), WIDEST)
        longest = [
            max(self._gaps[n * many // count : (n + 1) * many // count]) for n in range(count)
        ]
        return [
            (self._bar(n * step, step - GAP, gap), gap > self._limit)
            for n, gap in enumerate(longest)
        ]

    def _bar(self, left: float, width: float, gap: float) -> QRectF:
        share = min(gap / (self._limit * HEADROOM), 1.0)
        height = max(share * self.height(), SHORTEST)
        return QRectF(left, self.height() - height, max(width, 1.0), height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars and the line."""
        painter = QPainter(self)
        for box, over in self.bars():
            painter.fillRect(box, color("caution" if over else "accent"))
        painter.setPen(QPen(color("control"), 1, Qt.PenStyle.DashLine))
        level = round(self.height() * (1 - 1 / HEADROOM)) + 0.5
        painter.drawLine(QLineF(0, level, self.width(), level))
