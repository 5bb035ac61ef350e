"""The list of enrollments, newest first, read as far as it was scrolled."""

from PySide6.QtCore import QModelIndex, Signal

from app.core.history import HistoryScope
from app.core.record import Line
from app.station.history import HistoryNotice, Wanted
from app.ui.models.history import OPERATOR, PERSON, SERIAL, STATE, WHEN, HistoryModel
from app.ui.pages.listing import EmptyList, ListCard, ListView
from app.ui.wording.errors import Trouble
from app.ui.wording.history import counted, nothing_found, nothing_yet, unreadable
from app.ui.wording.say import say
from app.ui.wording.station_events import counted_events, no_event_found

_WIDTHS = {WHEN: 152, SERIAL: 150, STATE: 238, OPERATOR: 160}
_ROOM = {SERIAL: 600, OPERATOR: 860}
"""Columns that the details tell anyway, and that are left out where the list is narrower, in px."""


class ListPanel(ListCard):
    """Tells `chosen` with an enrollment's id, and `opened` where it needs attention.

    In a list of other events it tells `event_chosen` with the RecordedEvent.
    """

    chosen = Signal(str)
    event_chosen = Signal(object)
    opened = Signal(str)

    def __init__(self) -> None:
        empty = EmptyList()
        super().__init__(say("Enrollments"), ListView(_ROOM), empty)
        self.empty = empty
        self.model = HistoryModel()
        self.set_footer(say("F5 reads the record again"), "Esc", say("back to the desk"))
        name = say("Enrollments, the newest first")
        self.view.set_up(self.model, name, _WIDTHS, stretched=PERSON, chip=STATE)
        self.view.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.view.opened.connect(self._open)
        self.view.doubleClicked.connect(self._open)

    def show_page(self, notice: HistoryNotice) -> None:
        """Show a first page with its first line chosen, or more of what is listed."""
        kept = self.current()
        self.model.take(notice)
        if notice.before == 0:
            self._choose(kept.enrollment_id if kept else "")
        narrowed = notice.wanted != Wanted(scope=notice.wanted.scope)
        self.show_rows(_said(notice, narrowed), narrowed=narrowed)
        words = counted_events if notice.wanted.scope is HistoryScope.STATION else counted
        self.count.setText(words(self.model.rowCount(), self.model.has_more()))
        self.count.setVisible(self.model.rowCount() > 0)

    def current(self) -> Line | None:
        """Return the line that is chosen, or None."""
        row = self.view.currentIndex().row()
        there = 0 <= row < self.model.rowCount() and self.model.recorded_event(row) is None
        return self.model.line(row) if there else None

    def forget(self) -> None:
        """List nothing."""
        self.model.clear()
        self.count.clear()

    def _choose(self, enrollment_id: str) -> None:
        row = self.model.row_of(enrollment_id)
        if self.model.rowCount():
            self.view.setCurrentIndex(self.model.index(row or 0, 0))
        else:
            self.chosen.emit("")

    def _row_chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        event = self.model.recorded_event(current.row()) if current.isValid() else None
        if event is not None:
            self.event_chosen.emit(event)
        elif current.isValid():
            self.chosen.emit(self.model.line(current.row()).enrollment_id)

    def _open(self) -> None:
        line = self.current()
        if line is not None and line.is_for_the_desk:
            self.opened.emit(line.enrollment_id)


def _said(notice: HistoryNotice, narrowed: bool) -> Trouble:
    if notice.error is not None:
        return unreadable(notice.error)
    if notice.wanted.scope is HistoryScope.STATION:
        return no_event_found()
    return nothing_found() if narrowed else nothing_yet()
