"""The lines of a check-up, each as soon as it is known."""

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView

from app.station.checkup import CheckupNotice
from app.ui.models.doctor import CHECK, SENTENCE, VERDICT, DoctorModel
from app.ui.pages.listing import ListCard, ListView
from app.ui.widgets import SecondaryButton
from app.ui.wording.doctor import counts, progress
from app.ui.wording.doctor_report import Shown
from app.ui.wording.say import say

_WIDTHS = {VERDICT: 132, CHECK: 240}
_ROOM_FOR_SENTENCE = 560


class LinesView(ListView):
    """The table; where it is narrow, the sentence is left to the details."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the sentence where there is room for one."""
        super().resizeEvent(event)
        narrow = self.viewport().width() < _ROOM_FOR_SENTENCE
        modes = QHeaderView.ResizeMode
        self.setColumnHidden(SENTENCE, narrow)
        self.horizontalHeader().setSectionResizeMode(
            CHECK, modes.Stretch if narrow else modes.Fixed
        )
        if not narrow:
            self.setColumnWidth(CHECK, _WIDTHS[CHECK])


class ListPanel(ListCard):
    """Tells `chosen` with the line that is chosen. Until somebody chooses, the worst one is."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__(say("Check-up"), LinesView())
        self.model = DoctorModel()
        self.again = SecondaryButton(say("Check &again"), icon="refresh")
        self.again.setToolTip(say("Check everything again (F5)"))
        self._by_hand = False
        self._choosing = False
        self.add_header(self.again)
        self.set_footer(say("F5 checks again"), "Esc", say("back to the desk"))
        name = say("What was checked")
        self.view.set_up(self.model, name, _WIDTHS, stretched=SENTENCE, chip=VERDICT)
        self.view.selectionModel().currentRowChanged.connect(self._row_chosen)

    def show_checkup(self, notice: CheckupNotice) -> None:
        """Show what is known, and how far the run is."""
        if not notice.findings:
            self._by_hand = False
        kept = self.current()
        self._choosing = True
        self.model.set_findings(notice.findings)
        self._choose(kept.finding.key if kept and self._by_hand else "")
        self._choosing = False
        known = len(notice.findings)
        self.count.setText(
            counts(notice.findings) if notice.over else progress(known, notice.expected)
        )

    def current(self) -> Shown | None:
        """Return the line that is chosen, or None."""
        row = self.view.currentIndex().row()
        return self.model.shown(row) if 0 <= row < self.model.rowCount() else None

    def _choose(self, key: str) -> None:
        if not self.model.rowCount():
            self.chosen.emit(None)
            return
        row = self.model.row_of(key) if key else None
        index = self.model.index(self.model.worst() if row is None else row, 0)
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index)

    def _row_chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        self._by_hand = self._by_hand or not self._choosing
        if current.isValid():
            self.chosen.emit(self.model.shown(current.row()))
