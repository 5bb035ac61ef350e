"""The inventory as a table model: what is listed is a list of row numbers, made by the core.

Rows are chosen by a check mark that stays when the filter changes, so that what is done to many can
be gathered from several searches.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QModelIndex, Qt, Signal

from app.core.inventory import Column, Inventory, Order, Wanted
from app.ui.models.headed import HeadedModel, Index
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.serial_label import group_serial
from app.ui.widgets.text import displayable, plain_tip
from app.ui.wording.desk import status_word
from app.ui.wording.history import day
from app.ui.wording.inventory import TONES, hash_word, token_tip
from app.ui.wording.say import say

CHECK, SERIAL, MAKER, MODEL, STATE, HOLDER, USED, INTERVAL, HASH = range(9)
SORTS: Final = {
    SERIAL: Column.SERIAL,
    MAKER: Column.MAKER,
    MODEL: Column.MODEL,
    STATE: Column.STATE,
    HOLDER: Column.HOLDER,
    USED: Column.USED,
    INTERVAL: Column.INTERVAL,
    HASH: Column.HASH,
}
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
_MARKABLE = (
    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
)


class InventoryModel(HeadedModel):
    """What the filters admit of the inventory. `marked` tells that other rows are chosen."""

    marked = Signal()

    def __init__(self) -> None:
        super().__init__(*_headings())
        self._all = Inventory()
        self._rows: list[int] = []
        self._wanted = Wanted()
        self._order: Order | None = None
        self._chosen: set[int] = set()

    # What is shown --------------------------------------------------------------------------------

    def show_batch(self, batch: Inventory, *, afresh: bool) -> None:
        """Show more rows behind the others, or nothing but them."""
        if afresh:
            self.clear()
        first = len(self._all)
        self._all.append(batch)
        fresh = self._all.select(self._wanted, within=range(first, len(self._all)))
        if fresh:
            at = len(self._rows)
            self.beginInsertRows(QModelIndex(), at, at + len(fresh) - 1)
            self._rows += fresh
            self.endInsertRows()

    def show_whole(self, whole: Inventory) -> None:
        """Show `whole` in place of everything; what is chosen stays so, if it is still there."""
        kept = (whole.row_of(self._all.ids[row]) for row in self._chosen)
        chosen = {row for row in kept if row is not None}
        self.beginResetModel()
        self._all, self._chosen = whole, chosen
        self._rows = whole.select(self._wanted, self._order or Order())
        self.endResetModel()
        self.marked.emit()

    def refresh(self, device_ids: Iterable[str]) -> None:
        """Show what this desk has changed in the inventory since; a row stays where it is."""
        for device_id in device_ids:
            row = self._all.place_of(device_id)
            if row is None or row not in self._rows:
                continue
            place = self._rows.index(row)
            if self._all.is_there(row):
                self.tell_rows(place, place)
            else:
                self._drop(place)
        lost = {row for row in self._chosen if not self._all.is_there(row)}
        if lost:
            self._chosen -= lost
            self.marked.emit()

    def _drop(self, place: int) -> None:
        self.beginRemoveRows(QModelIndex(), place, place)
        del self._rows[place]
        self.endRemoveRows()

    def clear(self) -> None:
        """Forget everything."""
        self.beginResetModel()
        self._all, self._rows, self._chosen = Inventory(), [], set()
        self.endResetModel()
        self.marked.emit()

    def narrow(self, wanted: Wanted) -> None:
        """List what is wanted; what only grew longer is looked for among what is listed."""
        within = self._rows if _is_narrower(wanted, self._wanted) else None
        self._wanted = wanted
        self._select_again(within)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """List in the order of `column`."""
        if column in SORTS:
            self._order = Order(SORTS[column], order is Qt.SortOrder.DescendingOrder)
            self._select_again()

    @property
    def inventory(self) -> Inventory:
        """Return what is listed from."""
        return self._all

    @property
    def wanted(self) -> Wanted:
        """Return what it is narrowed down to."""
        return self._wanted

    def listed(self) -> tuple[int, ...]:
        """Return the rows of the inventory that are listed, in their order."""
        return tuple(self._rows)

    def row_at(self, place: int) -> int | None:
        """Return the row of the inventory in `place` of the list."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def place_of(self, row: int) -> int | None:
        """Return where a row of the inventory is listed, or None."""
        return self._rows.index(row) if row in self._rows else None

    def _select_again(self, within: list[int] | None = None) -> None:
        order = (self._order or Order()) if self._all.is_arranged() else None
        self.beginResetModel()
        self._rows = self._all.select(self._wanted, order, within)
        self.endResetModel()

    # What is chosen -------------------------------------------------------------------------------

    def chosen(self) -> tuple[int, ...]:
        """Return the chosen rows of the inventory, as they came."""
        return tuple(sorted(self._chosen))

    def hidden(self) -> int:
        """Return how many chosen rows are not listed."""
        if not self._chosen:
            return 0
        return len(self._chosen) - len(self._chosen.intersection(self._rows))

    def toggle(self, places: Iterable[int]) -> None:
        """Choose the rows in these places of the list, or let all of them go if all are chosen."""
        rows = {self._rows[place] for place in places}
        if rows <= self._chosen:
            self._chosen -= rows
        else:
            self._chosen |= rows
        self._tell_marks()

    def choose_listed(self) -> None:
        """Choose everything that is listed, or let it go if it is chosen."""
        self.toggle(range(len(self._rows)))

    def choose_none(self) -> None:
        """Let go of everything, listed or not."""
        self._chosen.clear()
        self._tell_marks()

    def _tell_marks(self) -> None:
        if self._rows:
            last = len(self._rows) - 1
            role = Qt.ItemDataRole.CheckStateRole
            self.dataChanged.emit(self.index(0, CHECK), self.index(last, CHECK), [role])
        self.marked.emit()

    # Qt's questions -------------------------------------------------------------------------------

    def count(self) -> int:
        return len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and index.column() == CHECK:
            return _MARKABLE
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if column == CHECK:
            return self._mark(row, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return _WORDS[column](self._all, row)
        if role == TONE_ROLE:
            return TONES[self._all.status(row)]
        return (
            plain_tip(_tip(self._all, row, column)) if role == Qt.ItemDataRole.ToolTipRole else None
        )

    def _mark(self, row: int, role: int) -> Any:
        chosen = row in self._chosen
        if role == Qt.ItemDataRole.CheckStateRole:
            return _CHECKED if chosen else _UNCHECKED
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return say("Chosen") if chosen else say("Not chosen")
        return "" if role == Qt.ItemDataRole.DisplayRole else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != CHECK:
            return False
        wanted = Qt.CheckState(value) is _CHECKED
        if wanted != (self._rows[index.row()] in self._chosen):
            self.toggle([index.row()])
        return True


def _tip(inventory: Inventory, row: int, column: int) -> str:
    """Return a holder's whole name, for which there may be no room, and else what a token is."""
    if column == HOLDER:
        return _WORDS[HOLDER](inventory, row)
    product = inventory.makers[row], inventory.models[row]
    return token_tip(*product, inventory.intervals[row], inventory.hashes[row])


_WORDS: Final[Mapping[int, Callable[[Inventory, int], str]]] = {
    SERIAL: lambda inventory, row: group_serial(inventory.serials[row]),
    MAKER: lambda inventory, row: displayable(inventory.makers[row]),
    MODEL: lambda inventory, row: displayable(inventory.models[row]),
    STATE: lambda inventory, row: status_word(inventory.status(row)),
    HOLDER: lambda inventory, row: displayable(inventory.holders[row] or inventory.holder_ids[row]),
    USED: lambda inventory, row: day(inventory.last_used(row)),
    INTERVAL: lambda inventory, row: say("{seconds} s", seconds=inventory.intervals[row]),
    HASH: lambda inventory, row: hash_word(inventory.hashes[row]),
}


def _headings() -> tuple[str, ...]:
    return (
        "",
        say("Serial number"),
        say("Maker"),
        say("Model"),
        say("State"),
        say("Holder"),
        say("Last used"),
        say("Step"),
        say("Hash"),
    )


def _is_narrower(wanted: Wanted, before: Wanted) -> bool:
    """Tell whether all that is wanted is among what was wanted before."""
    grew = wanted.text.startswith(before.text) and wanted.holder.startswith(before.holder)
    return grew and replace(wanted, text="", holder="") == replace(before, text="", holder="")
