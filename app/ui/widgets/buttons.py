"""Buttons by weight: the one thing to do next, the others, and the quiet ones."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton

from app.ui.assets import icon as drawn
from app.ui.theme import look

FINGER: Final = 48
"""Pixels that a finger needs."""
KEY_GAP: Final = 8
KEY_STRENGTH: Final = 0.86
MNEMONIC: Final = Qt.TextFlag.TextShowMnemonic


class KeyButton(QPushButton):
    """A button whose words are followed by the key that does the same, drawn lighter."""

    def __init__(self, words: str = "", key: str = "") -> None:
        super().__init__()
        self._key = ""
        self.set_words(words, key)

    def set_words(self, words: str, key: str = "") -> None:
        """Show `words` (with &mnemonic) and `key`."""
        self._key = key
        self.setText(words)
        self.setAccessibleDescription(key)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The words and the key."""
        more = self._key_width(self.fontMetrics())
        return super().sizeHint() + QSize(more, 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground from the stylesheet, then words and key side by side."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.ButtonText))
        words = self.fontMetrics().size(MNEMONIC, self.text()).width()
        start = (self.width() - words - self._key_width(self.fontMetrics())) // 2
        self._paint_words(painter, start, words)

    def _paint_words(self, painter: QPainter, start: int, width: int) -> None:
        sides = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(
            QRect(start, 0, width + 2, self.height()), sides | int(MNEMONIC), self.text()
        )
        lighter = QColor(painter.pen().color())
        lighter.setAlphaF(KEY_STRENGTH)
        painter.setPen(lighter)
        font = painter.font()
        font.setWeight(font.Weight.Normal)
        painter.setFont(font)
        key = QRect(start + width + KEY_GAP, 0, self.width(), self.height())
        painter.drawText(key, sides, self._key)

    def _key_width(self, metrics: QFontMetrics) -> int:
        return metrics.horizontalAdvance(self._key) + KEY_GAP if self._key else 0


class PrimaryButton(KeyButton):
    """The one thing to do next."""

    def __init__(self, words: str = "", key: str = "") -> None:
        super().__init__(words, key)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Higher than its neighbours."""
        return super().sizeHint().expandedTo(QSize(0, 46))

    def minimumSizeHint(self) -> QSize:
        """The words must stay readable."""
        return self.sizeHint()


class SecondaryButton(KeyButton):
    """Anything else that can be done, with an icon where it helps."""

    def __init__(self, words: str = "", icon: str | None = None, key: str = "") -> None:
        super().__init__(words, key)
        self._icon = icon
        self._tint()
        look().changed.connect(self._tint)

    def _tint(self) -> None:
        if self._icon:
            self.setIcon(drawn(self._icon, "muted", 18))
            self.setIconSize(QSize(18, 18))

    def paintEvent(self, event: QPaintEvent) -> None:
        """With a key as its kind does, with an icon as Qt does."""
        if self._icon:
            QPushButton.paintEvent(self, event)
        else:
            super().paintEvent(event)


class FingerButton(SecondaryButton):
    """A button for people without a keyboard: 48 px or more each way (WCAG 2.5.5 asks for 44)."""

    def __init__(self, words: str = "", key: str = "") -> None:
        super().__init__(words, key=key)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for a finger."""
        return super().sizeHint().expandedTo(QSize(FINGER * 2, FINGER))

    def minimumSizeHint(self) -> QSize:
        """The words must stay readable, and the finger must find them."""
        return self.sizeHint()


class DangerButton(QPushButton):
    """What takes something away from somebody."""


class LinkButton(QPushButton):
    """A quiet action among text."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
