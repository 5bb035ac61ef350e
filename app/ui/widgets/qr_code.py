"""A QR code drawn from an address, for a phone to read off the screen."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_QUIET = 4


class QrCode(QWidget):
    """Black on white in every theme, since scanners expect it; four modules of quiet zone."""

    def __init__(self, size: int = 176) -> None:
        super().__init__()
        self._size = size
        self._rows: tuple[bytes, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_text(self, words: str, name: str) -> None:
        """Encode `words`; `name` is what a screen reader says of the picture."""
        import segno  # noqa: PLC0415 - needed only where somebody signs in on another device

        self._rows = tuple(bytes(row) for row in segno.make(words, error="m").matrix)
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        """The square it was made for."""
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw module by module, edge to edge, without smoothing between them."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#ffffff"))
        if not self._rows:
            return
        module = self.width() / (len(self._rows) + 2 * _QUIET)
        for down, row in enumerate(self._rows):
            for across, dark in enumerate(row):
                if dark:
                    box = QRectF(
                        (across + _QUIET) * module, (down + _QUIET) * module, module, module
                    )
                    painter.fillRect(box.toAlignedRect(), QColor("#000000"))
