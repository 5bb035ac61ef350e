"""The list of tokens, what is chosen among them, and what can be done with that."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QWidget

from app.core.bulk import BulkDeed
from app.core.rights import Standing
from app.ui.models.inventory import (
    CHECK,
    HASH,
    HOLDER,
    INTERVAL,
    MAKER,
    MODEL,
    SERIAL,
    STATE,
    USED,
    InventoryModel,
)
from app.ui.pages.listing import EmptyList, ListCard, ListView
from app.ui.widgets import DangerButton, SecondaryButton, plain_tip, text
from app.ui.wording.errors import Trouble
from app.ui.wording.inventory import chosen_words, deed_words, lacks_words, listed_words
from app.ui.wording.say import say

_WIDTHS = {
    CHECK: 36,
    SERIAL: 142,
    MAKER: 70,
    MODEL: 122,
    STATE: 128,
    USED: 106,
    INTERVAL: 56,
    HASH: 74,
}
_ROOM = {INTERVAL: 820, HASH: 820, MAKER: 740, USED: 660}
"""Columns that are left out where the list is narrower, in px."""


class TokensView(ListView):
    """The table. Space chooses, Ctrl+A chooses all."""

    toggled = Signal()
    all_toggled = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean the whole list, not a cell of it."""
        control = event.modifiers() is Qt.KeyboardModifier.ControlModifier
        plain = event.modifiers() is Qt.KeyboardModifier.NoModifier
        match event.key():
            case Qt.Key.Key_Space if plain:
                self.toggled.emit()
            case Qt.Key.Key_A if control:
                self.all_toggled.emit()
            case _:
                super().keyPressEvent(event)


class ListPanel(ListCard):
    """Tells `asked` with what is to be done with the chosen tokens."""

    asked = Signal(object)

    def __init__(self) -> None:
        self.view: TokensView
        empty = EmptyList()
        super().__init__(say("Tokens"), TokensView(_ROOM, SERIAL), empty)
        self.empty = empty
        self.model = InventoryModel()
        self.chosen = text(role="smallmuted")
        self.none = SecondaryButton(say("Choose &none"))
        self.deeds = {
            BulkDeed.UNASSIGN: SecondaryButton(deed_words(BulkDeed.UNASSIGN)),
            BulkDeed.DELETE: DangerButton(deed_words(BulkDeed.DELETE)),
        }
        self._may: dict[BulkDeed, bool] = dict.fromkeys(BulkDeed, True)
        self._busy = False
        self._sorted = (SERIAL, Qt.SortOrder.AscendingOrder)
        self.body.addWidget(self._lay_out_deeds())
        self._dress_view()
        self._wire()
        self._show_marks()

    def _lay_out_deeds(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.chosen, 1)
        row.addWidget(self.none)
        for button in self.deeds.values():
            row.addWidget(button)
        return bar

    def _dress_view(self) -> None:
        name = say("Tokens of the tenant")
        self.view.set_up(self.model, name, _WIDTHS, stretched=HOLDER, chip=STATE)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.horizontalHeader().setSortIndicator(*self._sorted)
        self.allow_sorting(allowed=False)

    def _wire(self) -> None:
        self.view.toggled.connect(self._toggle)
        self.view.all_toggled.connect(self.model.choose_listed)
        self.none.clicked.connect(self._choose_none)
        self.model.marked.connect(self._show_marks)
        self.view.horizontalHeader().sortIndicatorChanged.connect(self._sort)
        for deed, button in self.deeds.items():
            button.clicked.connect(lambda _on=False, deed=deed: self.asked.emit(deed))

    def allow_sorting(self, *, allowed: bool) -> None:
        """Let the headings be clicked once all orders are known."""
        header = self.view.horizontalHeader()
        header.setSectionsClickable(allowed)
        header.setSortIndicatorShown(allowed)

    def set_rights(self, standings: tuple[Standing, ...]) -> None:
        """Grey what this operator cannot do, and say what is missing."""
        lacking = {one.feature: one for one in standings if one.is_lack}
        for deed, button in self.deeds.items():
            lack = lacking.get(deed.needs)
            self._may[deed] = lack is None
            said = lacks_words(lack) if lack is not None else ""
            button.setToolTip(plain_tip(said))
            button.setAccessibleDescription(said)
        self._show_marks()

    def set_busy(self, *, busy: bool) -> None:
        """One job at a time: while there is one, no other is offered."""
        self._busy = busy
        self._show_marks()

    def tell(self, said: Trouble, *, narrowed: bool) -> None:
        """Show the list, or say why it is empty."""
        listed, total = self.model.rowCount(), self.model.inventory.count()
        self.show_rows(said, narrowed=narrowed)
        self.count.setText(listed_words(listed, total))
        self.count.setVisible(total > 0)
        self._show_marks()

    def keep_in_sight(self, device_id: str) -> None:
        """Stand on this token again, or on the first one, after the list has changed."""
        model = self.model
        row = model.inventory.row_of(device_id) if device_id else None
        place = model.place_of(row) if row is not None else None
        if model.rowCount():
            self.view.setCurrentIndex(model.index(place or 0, SERIAL))

    def current_id(self) -> str:
        """Return the device id of the row that the keyboard is on, or ""."""
        row = self.model.row_at(self.view.currentIndex().row())
        return self.model.inventory.ids[row] if row is not None else ""

    def _toggle(self) -> None:
        chosen = self.view.selectionModel().selection()
        ranges = [chosen.at(number) for number in range(chosen.size())]
        places = {row for each in ranges for row in range(each.top(), each.bottom() + 1)}
        current = self.view.currentIndex()
        places |= {current.row()} if current.isValid() and not places else set()
        self.model.toggle(places)

    def _choose_none(self) -> None:
        self.model.choose_none()
        self.view.setFocus()

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        """Sort by a heading; the one above the marks chooses all that is listed instead."""
        header = self.view.horizontalHeader()
        if column == CHECK:
            with QSignalBlocker(header):
                header.setSortIndicator(*self._sorted)
            self.model.choose_listed()
            return
        self._sorted = (column, order)
        kept = self.current_id()
        self.model.sort(column, order)
        self.keep_in_sight(kept)

    def _show_marks(self) -> None:
        chosen = self.model.chosen()
        self.chosen.setText(chosen_words(len(chosen), self.model.hidden()))
        self.none.setVisible(bool(chosen))
        for deed, button in self.deeds.items():
            button.setEnabled(bool(chosen) and self._may[deed] and not self._busy)
