"""The display of a practice token: six digits that light up for a while."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import look, tabular

_GLASS = QColor("#c9d3c4")
_INK = QColor("#1b241c")
_GHOST = QColor("#b7c2b2")


class Lcd(QWidget):
    """Grey-green glass; the unlit digits show faintly, as on the real ones."""

    def __init__(self) -> None:
        super().__init__()
        self._digits = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_digits(self, digits: str) -> None:
        """Light up."""
        self._digits = digits
        self.setAccessibleName(" ".join(digits))
        self.update()

    def digits(self) -> str:
        """Return what is lit, or nothing."""
        return self._digits

    def go_dark(self) -> None:
        """Forget the digits."""
        self._digits = ""
        self.setAccessibleName("")
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its digits."""
        return QSize(104, round(look().base_points * 2.0))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw glass and digits."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GLASS)
        painter.drawRoundedRect(self.rect(), 5, 5)
        font = tabular(QFont(self.font()))
        font.setPointSizeF(look().base_points * 1.1)
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 112)
        painter.setFont(font)
        painter.setPen(_INK if self._digits else _GHOST)
        digits = self._digits or "888888"
        words = f"{digits[:3]} {digits[3:]}"
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
