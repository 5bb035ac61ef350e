"""Stock at a glance: a bar per model for what is free, with a line at the mark it should not pass.

Bars share one scale that ends a few marks up: how many thousands there are is told by the number,
and what matters is how near the line a bar ends. Each row says its figures to a screen reader.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.stock import ModelStock
from app.ui.theme import color
from app.ui.widgets.chip import Chip
from app.ui.widgets.text import Elided, Wrapped, plain_tip, text
from app.ui.widgets.tone import Tone
from app.ui.wording.inventory import free_words, held_words, stock_name, stock_sentence
from app.ui.wording.say import say

MARKS: Final = 10
"""How many low marks the scale holds; a longer bar is full."""
HEIGHT: Final = 12


class StockBar(QWidget):
    """A bar of `free` on a scale up to `top`, with a line at `mark` where there is one."""

    def __init__(self) -> None:
        super().__init__()
        self._free, self._mark, self._top, self._low = 0, 0, 1, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_bar(self, free: int, mark: int, top: int, *, low: bool) -> None:
        """Show other figures."""
        self._free, self._mark, self._top, self._low = free, mark, max(top, 1), low
        self.update()

    def filled(self) -> float:
        """How much of the bar is filled, 0 to 1."""
        return min(self._free / self._top, 1.0)

    def sizeHint(self) -> QSize:
        """A hand's breadth."""
        return QSize(160, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw trough, bar and line, from the side where lines start."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        box = QRectF(0, 2, self.width(), self.height() - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("neutral_ground"))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        if self._free:
            width = max(box.width() * self.filled(), box.height())
            painter.setBrush(color("caution" if self._low else "accent"))
            bar = QRectF(box.left(), box.top(), width, box.height())
            painter.drawRoundedRect(bar, box.height() / 2, box.height() / 2)
        if 0 < self._mark <= self._top:
            self._paint_mark(painter, box.left() + box.width() * self._mark / self._top)

    def _paint_mark(self, painter: QPainter, x: float) -> None:
        painter.setPen(QPen(color("card"), 4))
        painter.drawLine(round(x), 0, round(x), self.height())
        painter.setPen(QPen(color("ink"), 2))
        painter.drawLine(round(x), 0, round(x), self.height())


class StockRow(QWidget):
    """One model: its name, how many are free, the bar, and what becomes of the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.name = Elided(role="smallstrong")
        self.free = text(role="smallstrong")
        self.low = Chip(say("Low"), Tone.CAUTION)
        self.bar = StockBar()
        self.rest = Wrapped(role="smallmuted")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.name, 1)
        head.addWidget(self.low)
        head.addWidget(self.free)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 10)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self.rest)

    def set_stock(self, stock: ModelStock, mark: int, top: int) -> None:
        """Show the figures of another model."""
        self.name.setText(stock_name(stock))
        self.free.setText(free_words(stock))
        self.low.setVisible(stock.low)
        self.bar.set_bar(stock.free, mark, top, low=stock.low)
        self.rest.setText(held_words(stock))
        told = stock_sentence(stock, mark)
        self.setToolTip(plain_tip(told))
        self.setAccessibleName(told)


class StockChart(QWidget):
    """Every model, in the order given."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[StockRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setAccessibleName(say("Stock by model"))

    def set_stock(self, stock: Sequence[ModelStock], mark: int) -> None:
        """Show these figures; rows that stay are not made anew."""
        top = max((one.free for one in stock), default=0)
        top = min(top, MARKS * mark) if mark else top
        top = max(top, mark)
        while len(self.rows) > len(stock):
            self._drop_last()
        while len(self.rows) < len(stock):
            self._add()
        for row, one in zip(self.rows, stock, strict=True):
            row.set_stock(one, mark, top)
        told = [stock_sentence(one, mark) for one in stock]
        self.setAccessibleDescription(" ".join(told))

    def _add(self) -> None:
        row = StockRow()
        self.rows.append(row)
        self._column.insertWidget(len(self.rows) - 1, row)

    def _drop_last(self) -> None:
        row = self.rows.pop()
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
