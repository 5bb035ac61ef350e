"""The six digits on the token's display, typed into six boxes that are one field.

One focusable field, not six: Tab passes it in one step, a paste fills it, and a screen reader
meets one password field that says how many digits it holds, never which. The code is a secret
of seconds: it is not put on the clipboard and no representation of the field holds it.
"""

import unicodedata
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QClipboard,
    QFont,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from app.ui.theme import color, look, tabular

DIGITS: Final = 6
HALF: Final = 3
GAP: Final = 8
MIDDLE_GAP: Final = 20
WIDEST_BOX: Final = 60
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def plain_digits(words: str) -> str:
    """The decimal digits in `words` of any script, as 0-9: "٠٤١" gives "041"."""
    values = (unicodedata.decimal(letter, None) for letter in words)
    return "".join(str(value) for value in values if value is not None)


class CodeField(QLineEdit):
    """Six boxes in two groups of three.

    `describe(count, of)` words the progress for a screen reader, without the digits.
    """

    completed = Signal(str)
    changed = Signal(int)
    submitted = Signal(str)

    def __init__(self, name: str, describe: Callable[[int, int], str]) -> None:
        super().__init__()
        self._describe = describe
        self._wrong = False
        self.setMaxLength(DIGITS)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        hints = Qt.InputMethodHint
        self.setInputMethodHints(
            hints.ImhDigitsOnly | hints.ImhSensitiveData | hints.ImhNoPredictiveText
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAcceptDrops(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setAccessibleDescription(describe(0, DIGITS))

    def code(self) -> str:
        """The digits typed so far, 0 to 6 of them, 0-9 only; leading zeros survive."""
        return self.text()

    def take(self, digits: str) -> None:
        """Put six digits that were typed elsewhere in place of what is here, and take the focus."""
        self._put(digits)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def is_complete(self) -> bool:
        """Whether all six digits are there."""
        return len(self.text()) == DIGITS

    def clear(self) -> None:
        """Forget the digits and the error."""
        self._wrong = False
        self._put("")

    def set_error(self, wrong: bool) -> None:
        """Outline the boxes as refused, until the next digit."""
        self._wrong = wrong
        self.update()

    def has_error(self) -> bool:
        """Whether the boxes are outlined as refused."""
        return self._wrong

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take digits, Backspace, Delete and a paste; leave all other keys to the page."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.key() == Qt.Key.Key_Backspace:
            self._put(self.text()[:-1])
        elif event.key() == Qt.Key.Key_Delete:
            self._put("")
        elif event.key() in _ENTER and self.is_complete():
            self.submitted.emit(self.text())
        elif digits := plain_digits(event.text()):
            self._append(digits)
        else:
            event.ignore()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Take digits from an input method or an on-screen keyboard."""
        self._append(plain_digits(event.commitString()))
        event.accept()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Only focus: there is nothing to select."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, _event: QMouseEvent) -> None:
        """Nothing to select."""

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """No paste by the middle button: what lies there is rarely a code."""

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Nothing to select."""

    def changeEvent(self, event: QEvent) -> None:
        """Paint again in the colours of another state or theme."""
        super().changeEvent(event)
        self.update()

    def _paste(self) -> None:
        words = QGuiApplication.clipboard().text(QClipboard.Mode.Clipboard)
        digits = plain_digits(words[:64])
        if len(digits) == DIGITS and all(c.isdecimal() or c in " -" for c in words.strip()):
            self._put(digits)

    def _append(self, digits: str) -> None:
        self._put((self.text() + digits)[:DIGITS])

    def _put(self, digits: str) -> None:
        if digits == self.text():
            return
        self._wrong = False
        self.setText(digits)
        self.setAccessibleDescription(self._describe(len(digits), DIGITS))
        self.update()
        self.changed.emit(len(digits))
        if self.is_complete():
            self.completed.emit(digits)

    def sizeHint(self) -> QSize:
        """Boxes as in a form on paper: higher than wide."""
        height = self._box_height()
        width = round(height * 0.84)
        return QSize(DIGITS * width + self._gaps(), height)

    def minimumSizeHint(self) -> QSize:
        """Room for the digits at least."""
        height = self._box_height()
        return QSize(DIGITS * round(height * 0.55) + self._gaps(), height)

    @staticmethod
    def _box_height() -> int:
        return round(look().base_points * 5.3)

    @staticmethod
    def _gaps() -> int:
        return (DIGITS - 2) * GAP + MIDDLE_GAP

    def box(self, index: int) -> QRectF:
        """Where box `index` (0 to 5) stands; codes read left to right in every language."""
        width = min((self.width() - self._gaps()) / DIGITS, WIDEST_BOX * look().base_points / 10.5)
        left = index * (width + GAP) + (MIDDLE_GAP - GAP if index >= HALF else 0)
        return QRectF(left, 0, width, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the six boxes and the digits in them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPointSizeF(look().base_points * 1.9)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(tabular(font))
        for index in range(DIGITS):
            self._paint_box(painter, index)

    def _paint_box(self, painter: QPainter, index: int) -> None:
        here = self.hasFocus() and index == min(len(self.text()), DIGITS - 1)
        edge = 2.0 if here or self._wrong else 1.0
        inset = edge / 2
        painter.setPen(QPen(color(self._edge_color(here)), edge))
        painter.setBrush(color("card" if here else "field"))
        painter.drawRoundedRect(self.box(index).adjusted(inset, inset, -inset, -inset), 9, 9)
        if index < len(self.text()):
            painter.setPen(color("ink" if self.isEnabled() else "muted"))
            painter.drawText(self.box(index), int(Qt.AlignmentFlag.AlignCenter), self.text()[index])

    def _edge_color(self, here: bool) -> str:
        if self._wrong:
            return "bad"
        if here:
            return "accent"
        return "control" if self.isEnabled() else "line"
