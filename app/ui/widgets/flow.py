"""A row that breaks into further rows, for chips beside each other in a narrow card."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem


class FlowLayout(QLayout):
    """Items from the leading side at their own size, `gap` px apart, broken like words."""

    def __init__(self, gap: int = 6) -> None:
        super().__init__()
        self._gap = gap
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Take `item` (Qt calls this from addWidget)."""
        self._items.append(item)

    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """The item at `index`, None beyond the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give up the item at `index`, None beyond the end."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It takes no more room than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height in px of the rows at `width` px."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """All items in one row."""
        sizes = [item.sizeHint() for item in self._items]
        width = sum(size.width() for size in sizes) + self._gap * max(len(sizes) - 1, 0)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """The largest of the smallest items."""
        smallest = QSize()
        for item in self._items:
            smallest = smallest.expandedTo(item.minimumSize())
        return smallest

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        left, top, row = 0, 0, 0
        for item in self._items:
            size = item.sizeHint().boundedTo(QSize(rect.width(), 16_777_215))
            if left and left + size.width() > rect.width():
                left, top, row = 0, top + row + self._gap, 0
            if move:
                item.setGeometry(self._mirrored(rect, QRect(QPoint(left, top), size)))
            left += size.width() + self._gap
            row = max(row, size.height())
        return top + row

    def _mirrored(self, rect: QRect, box: QRect) -> QRect:
        owner = self.parentWidget()
        right_to_left = owner is not None and owner.isRightToLeft()
        x = rect.right() - box.right() if right_to_left else rect.left() + box.left()
        return QRect(QPoint(x, rect.top() + box.top()), box.size())
