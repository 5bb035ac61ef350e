"""A Code 128 barcode, for scanners that read lines and no QR code."""

import math

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.code128 import QUIET, bars

_MODULE = 2
_HEIGHT = 72
_MARGIN = 8


class BarCode(QWidget):
    """Black on white in every theme; each module is a whole number of the screen's pixels."""

    def __init__(self, words: str, name: str) -> None:
        """Encode `words`; `name` is what a screen reader says of the picture."""
        super().__init__()
        self._bars = bars(words)
        self._modules = sum(self._bars) + 2 * QUIET
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        """Wide enough for two pixels a module."""
        return QSize(self._modules * _MODULE, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The same: narrower bars are hard to read off a screen."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bar by bar, in the middle, without smoothing at their edges."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#ffffff"))
        ratio = self.devicePixelRatioF()
        module = max(math.floor(self.width() * ratio / self._modules), 1) / ratio
        left = math.floor((self.width() - self._modules * module) / 2 * ratio) / ratio
        left += QUIET * module
        for number, width in enumerate(self._bars):
            if number % 2 == 0:
                box = QRectF(left, _MARGIN, width * module, self.height() - 2 * _MARGIN)
                painter.fillRect(box, QColor("#000000"))
            left += width * module
