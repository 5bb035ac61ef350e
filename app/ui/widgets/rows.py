"""How every table of enrollments looks and moves: whole rows, one at a time, no grid."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

ROW_HEIGHT = 40
NARROW = 620
"""Width in px below which a table can do without one of its columns."""


def dress_rows(view: QTableView, widths: Mapping[int, int], stretched: int) -> None:
    """Dress `view`, whose model is set: `widths` in px by column, and one that takes the rest.

    Tab leaves the table instead of walking its cells.
    """
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setTabKeyNavigation(False)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    rows = view.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(ROW_HEIGHT)
    header = view.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
    for column, width in widths.items():
        view.setColumnWidth(column, width)


def spare(view: QTableView, column: int) -> None:
    """Leave `column` out while `view` is narrow, so that the others can still be read."""
    _Spare(view, column)


class _Spare(QObject):
    """Watches the width of one table."""

    def __init__(self, view: QTableView, column: int) -> None:
        super().__init__(view)
        self._view = view
        self._column = column
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide the column or show it, whenever the width has changed."""
        if watched is self._view and event.type() is QEvent.Type.Resize:
            self._view.setColumnHidden(self._column, self._view.width() < NARROW)
        return False
