"""What a person has, in place of today's list while somebody looks at it."""

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QTableView

from app.station.desk.notices import HeldToken, HoldingsNotice
from app.ui.models.holdings import HANDED, SINCE, STATE, USED, WHAT, HoldingsModel
from app.ui.pages.desk.message import Message
from app.ui.widgets import Card, ChipDelegate, KeyHint, Tone, Wrapped
from app.ui.widgets.rows import dress_rows, spare
from app.ui.wording.errors import read_trouble
from app.ui.wording.say import say

_WIDTHS = {STATE: 124, SINCE: 96, USED: 96, HANDED: 168}


class HoldingsPanel(Card):
    """The table. `picked` carries the HeldToken of the row in front or None, `left` the way out."""

    picked = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__(say("What they have"))
        self.model = HoldingsModel()
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setItemDelegateForColumn(STATE, ChipDelegate(self.view))
        self.view.setAccessibleName(say("What they have"))
        dress_rows(self.view, _WIDTHS, stretched=WHAT)
        spare(self.view, SINCE)
        back = KeyHint("Esc", say("back to the list of today"))
        back.clicked.connect(self.left)
        self.add_header(back)
        self._note = Wrapped(role="muted")
        self._message = Message()
        for widget in (self._message, self._note):
            self.body.addWidget(widget)
        self.body.addWidget(self.view, 1)
        self.view.selectionModel().currentRowChanged.connect(self._pick)

    def show_holdings(self, notice: HoldingsNotice) -> None:
        """Render what is known; the row in front stays in front."""
        front = self.model.held(self.view.currentIndex().row())
        self.model.take(notice)
        name = notice.person.display_name if notice.person else ""
        self.set_title(say("What {name} has", name=name))
        self._warn(notice)
        words = _note(notice, self.model.rowCount())
        self._note.setText(words)
        self._note.setVisible(bool(words))
        if self.model.rowCount():
            self.view.selectRow(self.model.row_of(front.token.device_id if front else ""))
        else:
            self.picked.emit(None)

    def current(self) -> HeldToken | None:
        """Return the token of the row in front, or None."""
        return self.model.held(self.view.currentIndex().row())

    def _warn(self, notice: HoldingsNotice) -> None:
        if notice.error is not None:
            self._message.set_message(Tone.BAD, read_trouble(notice.error))
        else:
            self._message.clear()

    def _pick(self, index: QModelIndex) -> None:
        self.picked.emit(self.model.held(index.row()))


def _note(notice: HoldingsNotice, rows: int) -> str:
    if notice.holdings is None:
        return say("Asking the directory.") if notice.busy else ""
    return "" if rows else say("Nothing but a password, as far as the directory tells.")
