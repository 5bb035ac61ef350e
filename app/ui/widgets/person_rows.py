"""The people an answer holds, as a list model, and how one of them is painted in a row."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui.theme import color, look, tabular
from app.ui.widgets.avatar import paint_avatar
from app.ui.widgets.chip import chip_size, paint_chip
from app.ui.widgets.text import displayable
from app.ui.widgets.tone import Tone

FACE: Final = 40
PAD: Final = 10
GAP: Final = 12
ROW_ROLE: Final = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Row:
    """One person as the list shows them; `key` is what `chosen` gives back."""

    key: str
    name: str
    detail: str = ""
    upn: str = ""
    employee: str = ""
    initials: str = ""
    photo: bytes | None = None
    tags: tuple[tuple[str, Tone], ...] = ()

    def spoken(self) -> str:
        """All of it in one line, for a screen reader."""
        tags = [words for words, _ in self.tags]
        parts = [self.name, self.detail, self.upn, self.employee, *tags]
        return ", ".join(displayable(part) for part in parts if part)


class PersonRows(QAbstractListModel):
    """The rows of one answer."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """How many people."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The name to show, the row to paint, the words to speak."""
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == int(Qt.ItemDataRole.DisplayRole):
            return displayable(row.name)
        if role == int(Qt.ItemDataRole.AccessibleTextRole):
            return row.spoken()
        return None

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replace the answer."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def set_photo(self, key: str, photo: bytes) -> None:
        """Put a photo that came later on the person it belongs to, if still listed."""
        for position, row in enumerate(self._rows):
            if row.key == key:
                self._rows[position] = replace(row, photo=photo)
                here = self.index(position)
                self.dataChanged.emit(here, here)

    def forget_photos(self) -> None:
        """Show initials in place of every photo."""
        self._rows = [replace(row, photo=None) for row in self._rows]
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def row_at(self, position: int) -> Row:
        """The person at `position`; raises IndexError beyond the end."""
        return self._rows[position]


class PersonDelegate(QStyledItemDelegate):
    """Face, name and tags, and beneath them what tells two people of one name apart."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines of text or a face, with room around them."""
        line = QFontMetrics(self._face(1.0)).height()
        return QSize(240, max(FACE, 2 * line + 2) + 2 * PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row, mirrored where the window is."""
        row: Row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        box = QRectF(option.rect).adjusted(PAD, PAD, -PAD, -PAD)
        mirrored = option.direction is Qt.LayoutDirection.RightToLeft
        left = box.right() - FACE if mirrored else box.left()
        face = QRectF(left, box.center().y() - FACE / 2, FACE, FACE)
        painter.setFont(self._face(1.0))
        paint_avatar(painter, face, row.photo, row.initials, row.key)
        shift = (0, -FACE - GAP) if mirrored else (FACE + GAP, 0)
        words = box.adjusted(shift[0], 0, shift[1], 0)
        half = words.height() / 2
        self._paint_first(painter, words.adjusted(0, 0, 0, -half), row, mirrored)
        self._paint_second(painter, words.adjusted(0, half, 0, 0), row, mirrored)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        chosen = option.state & QStyle.StateFlag.State_Selected
        if not chosen and not option.state & QStyle.StateFlag.State_MouseOver:
            return
        ground = QRectF(option.rect).adjusted(2, 1, -2, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent_soft" if chosen else "hover"))
        painter.drawRoundedRect(ground, 8, 8)
        if chosen:  # a bar tells the choice where colour alone would not
            mirrored = option.direction is Qt.LayoutDirection.RightToLeft
            left = ground.right() - 3 if mirrored else ground.left()
            painter.setBrush(color("accent"))
            painter.drawRoundedRect(QRectF(left, ground.top() + 8, 3, ground.height() - 16), 1, 1)

    def _paint_first(self, painter: QPainter, line: QRectF, row: Row, mirrored: bool) -> None:
        painter.setFont(tabular(self._face(0.87)))
        put(painter, far_end(line, mirrored), row.employee, "muted", right=not mirrored)
        rest = inset(line, painter.fontMetrics().horizontalAdvance(row.employee) + GAP, mirrored)
        sizes = [chip_size(words, self._face(1.0)) for words, _ in row.tags]
        kept = sum(size.width() + GAP for size in sizes)
        painter.setFont(self._face(1.0, strong=True))
        whole = painter.fontMetrics().horizontalAdvance(displayable(row.name))
        put(painter, inset(rest, kept, mirrored), row.name, "ink", right=mirrored)
        start = min(whole, rest.width() - kept) + GAP
        for (words, tone), size in zip(row.tags, sizes, strict=True):
            left = rest.right() - start - size.width() if mirrored else rest.left() + start
            top = line.center().y() - size.height() / 2
            chip = QRectF(left, top, size.width(), size.height())
            paint_chip(painter, chip, words, tone, self._face(1.0))
            start += size.width() + GAP / 2

    def _paint_second(self, painter: QPainter, line: QRectF, row: Row, mirrored: bool) -> None:
        painter.setFont(self._face(0.87))
        far = far_end(line, mirrored)
        put(painter, far, row.upn, "muted", right=not mirrored)
        taken = min(painter.fontMetrics().horizontalAdvance(row.upn), far.width()) + GAP
        put(painter, inset(line, taken, mirrored), row.detail, "muted", right=mirrored)

    @staticmethod
    def _face(scale: float, *, strong: bool = False) -> QFont:
        font = QFont()
        font.setPointSizeF(look().base_points * scale)
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        return font


def put(painter: QPainter, line: QRectF, words: str, role: str, *, right: bool) -> None:
    """Write `words`, elided, at the left or right end of `line`."""
    shown = painter.fontMetrics().elidedText(
        displayable(words), Qt.TextElideMode.ElideRight, math.ceil(line.width())
    )
    sides = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    absolute = sides | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
    painter.setPen(color(role))
    painter.drawText(line, int(absolute | Qt.TextFlag.TextSingleLine), shown)


def inset(line: QRectF, taken: float, mirrored: bool) -> QRectF:
    """`line` without `taken` px at its far end."""
    return line.adjusted(taken, 0, 0, 0) if mirrored else line.adjusted(0, 0, -taken, 0)


def far_end(line: QRectF, mirrored: bool) -> QRectF:
    """The six tenths of `line` that what stands at its far end may take."""
    spare = line.width() * 0.4
    return line.adjusted(0, 0, -spare, 0) if mirrored else line.adjusted(spare, 0, 0, 0)
