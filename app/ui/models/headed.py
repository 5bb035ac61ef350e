"""What every table model has in common: rows that are counted, under headings in words."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex


class HeadedModel(QAbstractTableModel):
    """A flat table. What its rows are, and how many, is for whoever derives from it."""

    def __init__(self, *headings: str) -> None:
        """Have a column for each heading."""
        super().__init__()
        self._headings = headings

    def set_headings(self, *headings: str) -> None:
        """Have other headings over the same number of columns."""
        self._headings = headings
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(headings) - 1)

    def count(self) -> int:
        """Return how many rows there are."""
        raise NotImplementedError

    def tell_rows(self, first: int, last: int) -> None:
        """Tell that whatever stands in these rows may have changed."""
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._headings) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self.count()

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._headings)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        return None
