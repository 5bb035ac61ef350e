"""Small parts of a page's frame."""

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import color, current_palette


class Rule(QWidget):
    """A hairline between two parts, as thick as the theme's edges."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(current_palette().edge)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill it with the line's colour."""
        QPainter(self).fillRect(self.rect(), color("line"))
