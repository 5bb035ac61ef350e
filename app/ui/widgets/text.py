"""Labels that show data as plain text, whatever the data holds.

Names come from a directory that others write to: markup must not be interpreted, and characters
that reorder or hide what follows them must not deceive the operator.
"""

import html

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.core.text import shown_line


def displayable(words: str) -> str:
    """`words` on one line, without control characters and without overrides of direction."""
    return shown_line(words)


def plain_tip(words: str) -> str:
    """`words` for a tool tip, which Qt would otherwise read as rich text where it looks so."""
    return f"<span>{html.escape(displayable(words))}</span>" if words else ""


def restyle(widget: QWidget, **properties: str) -> None:
    """Set the properties that the stylesheet selects on, and apply it again."""
    changed = [name for name, value in properties.items() if widget.property(name) != value]
    for name in changed:
        widget.setProperty(name, properties[name])
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def text(words: str = "", role: str = "body", *, wrap: bool = False) -> QLabel:
    """A plain-text label in one of the roles of resources/qss/20-text.qss."""
    label = Plain(words)
    label.setWordWrap(wrap)
    label.setProperty("role", role)
    return label


class Plain(QLabel):
    """A label that starts where the window's lines start, whatever the script of its text.

    Left to itself, Qt would put an Arabic name at the right end of a window read from the left.
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(words)
        self.setAlignment(leading(self) | Qt.AlignmentFlag.AlignVCenter)

    def changeEvent(self, event: QEvent) -> None:
        """Turn round with the window, unless the page aligned the label itself."""
        super().changeEvent(event)
        turned = event.type() is QEvent.Type.LayoutDirectionChange
        if turned and self.alignment() & Qt.AlignmentFlag.AlignAbsolute:
            self.setAlignment(leading(self) | Qt.AlignmentFlag.AlignVCenter)


def set_role(label: QLabel, role: str) -> None:
    """Give `label` another role of text."""
    restyle(label, role=role)


class Elided(QLabel):
    """One line that ends in an ellipsis where it has no room; the tip then shows all of it."""

    def __init__(self, words: str = "", role: str = "body") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(words)

    def setText(self, words: str) -> None:
        """Show `words`, cleaned by `displayable`."""
        super().setText(displayable(words))
        self._tell_whole()

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters; the rest may be elided."""
        whole = super().sizeHint()
        return QSize(min(whole.width(), self.fontMetrics().averageCharWidth() * 6), whole.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole text as a tip when it is cut."""
        super().resizeEvent(event)
        self._tell_whole()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as much as fits, towards the side where the layout starts."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        box = self.contentsRect()
        line = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, box.width())
        sides = leading(self) | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, int(sides | Qt.TextFlag.TextSingleLine), line)

    def _tell_whole(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
        self.setToolTip(plain_tip(self.text()) if cut else "")


_HEIGHTS_KEPT = 64
"""Heights that a label remembers, one for each width, text and font that it had."""


class Wrapped(QLabel):
    """Lines that break inside a long word too: a mail address must not be cut off."""

    def __init__(self, words: str = "", role: str = "body") -> None:
        super().__init__()
        self._heights: dict[tuple[int, str, str, int], int] = {}
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setText(words)

    def setText(self, words: str) -> None:
        """Show `words`, cleaned by `displayable`."""
        super().setText(displayable(words))
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        """Height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height in px that the lines take at `width` px.

        A layout asks for the same few widths some thousand times while a window is made.
        """
        measured = (width, self.text(), self.font().key(), self.logicalDpiY())
        height = self._heights.get(measured)
        if height is None:
            lines = round(self._laid_out(width).boundingRect().height())
            height = max(lines, self.fontMetrics().height())
            if len(self._heights) >= _HEIGHTS_KEPT:
                self._heights.clear()
            self._heights[measured] = height
        return height

    def sizeHint(self) -> QSize:
        """One line, up to forty letters wide."""
        metrics = self.fontMetrics()
        widest = metrics.averageCharWidth() * 40
        width = min(metrics.horizontalAdvance(self.text()) + 2, widest)
        return QSize(width, self.heightForWidth(max(width, 1)))

    def minimumSizeHint(self) -> QSize:
        """Eight letters wide, one line high."""
        return QSize(self.fontMetrics().averageCharWidth() * 8, self.fontMetrics().height())

    def changeEvent(self, event: QEvent) -> None:
        """Ask for room again when the font changes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        box = QRectF(self.contentsRect())
        self._laid_out(round(box.width())).draw(painter, box.topLeft())

    def _laid_out(self, width: int) -> QTextLayout:
        option = QTextOption(leading(self))
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout = QTextLayout(self.text(), self.font())
        layout.setTextOption(option)
        fill_lines(layout, width, QFontMetrics(self.font()))
        return layout


def fill_lines(layout: QTextLayout, width: int, metrics: QFontMetrics) -> None:
    """Break the text of `layout` into lines of `width` px."""
    layout.beginLayout()
    top = 0.0
    line = layout.createLine()
    while line.isValid():
        line.setLineWidth(max(width, metrics.averageCharWidth()))
        line.setPosition(QPointF(0.0, top))
        top += max(line.height(), metrics.lineSpacing())
        line = layout.createLine()
    layout.endLayout()


def leading(widget: QWidget) -> Qt.AlignmentFlag:
    """The side where lines start in `widget`, the same for text of either direction."""
    mirrored = widget.layoutDirection() is Qt.LayoutDirection.RightToLeft
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignAbsolute
