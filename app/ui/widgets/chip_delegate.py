"""Chips in the cells of a table, painted, since a widget per row would not scale."""

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.ui.widgets.chip import chip_size, paint_chip
from app.ui.widgets.tone import Tone

TONE_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
SIDE: Final = 8


class ChipDelegate(QStyledItemDelegate):
    """Paints Qt.DisplayRole as a chip in the `Tone` that the model gives for TONE_ROLE."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the row's ground, then the chip at the leading side."""
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        words = ground.text
        ground.text = ""
        ground.widget.style().drawControl(
            ground.widget.style().ControlElement.CE_ItemViewItem, ground, painter, ground.widget
        )
        if words:
            tone = index.data(TONE_ROLE)
            box = chip_box(option, chip_size(words, option.font))
            paint_chip(painter, box, words, tone or Tone.NEUTRAL, option.font)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The chip with room around it."""
        words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        return chip_size(words, option.font) + QSize(2 * SIDE, 10)


def chip_box(option: QStyleOptionViewItem, size: QSize) -> QRectF:
    """Where in the cell the chip stands: vertically in the middle, at the leading side."""
    cell = QRectF(option.rect).adjusted(SIDE, 0, -SIDE, 0)
    width = min(float(size.width()), cell.width())
    mirrored = option.direction is Qt.LayoutDirection.RightToLeft
    left = cell.right() - width if mirrored else cell.left()
    return QRectF(left, cell.center().y() - size.height() / 2, width, size.height())
