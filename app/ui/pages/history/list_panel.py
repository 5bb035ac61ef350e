"""The list of enrollments, newest first, read as far as it was scrolled."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.record import Line
from app.station.history import HistoryNotice, Wanted
from app.ui.models.history import OPERATOR, PERSON, SERIAL, STATE, WHEN, HistoryModel
from app.ui.widgets import Card, ChipDelegate, SecondaryButton, Wrapped, text
from app.ui.widgets.rows import dress_rows
from app.ui.wording.errors import Trouble
from app.ui.wording.history import counted, nothing_found, nothing_yet, unreadable
from app.ui.wording.say import say

_WIDTHS = {WHEN: 152, SERIAL: 150, STATE: 238, OPERATOR: 160}
_ROOM_FOR_SERIAL = 600
_ROOM_FOR_OPERATOR = 860
_LIST, _EMPTY = 0, 1


class RowsView(QTableView):
    """The table; Enter opens a row, and only what there is room for is shown."""

    opened = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what the details tell anyway, where the list is narrow."""
        super().resizeEvent(event)
        width = self.viewport().width()
        self.setColumnHidden(SERIAL, width < _ROOM_FOR_SERIAL)
        self.setColumnHidden(OPERATOR, width < _ROOM_FOR_OPERATOR)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, which Qt tells on some platforms only; Home and End lead along the list."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.opened.emit()
            case Qt.Key.Key_Home:
                self._go_to(0)
            case Qt.Key.Key_End:
                self._go_to(self.model().rowCount() - 1)
            case _:
                super().keyPressEvent(event)

    def _go_to(self, row: int) -> None:
        self.setCurrentIndex(self.model().index(row, 0))


class EmptyList(QWidget):
    """What is said instead of a list."""

    def __init__(self) -> None:
        super().__init__()
        self._sentence = Wrapped(role="strong")
        self._advice = Wrapped(role="muted")
        self.all = SecondaryButton(say("Show &all"))
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 12, 4, 12)
        column.setSpacing(8)
        column.addWidget(self._sentence)
        column.addWidget(self._advice)
        column.addSpacing(4)
        column.addWidget(self.all, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def tell(self, said: Trouble, narrowed: bool) -> None:
        """Say `said`; what was narrowed down can be widened."""
        self._sentence.setText(said.sentence)
        self._advice.setText(said.advice)
        self.all.setVisible(narrowed)
        self.setAccessibleName(f"{said.sentence} {said.advice}")


class ListPanel(Card):
    """Tells `chosen` with an enrollment's id, and `opened` where it needs attention."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__(say("Enrollments"))
        self.model = HistoryModel()
        self.view = RowsView()
        self.empty = EmptyList()
        self.count = text(role="smallmuted")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        self.add_header(self.count)
        self.set_footer(say("F5 reads the record again"), "Esc", say("back to the desk"))
        self.body.addWidget(self._stack, 1)
        self._dress_view()

    def _dress_view(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setItemDelegateForColumn(STATE, ChipDelegate(view))
        view.setAccessibleName(say("Enrollments, the newest first"))
        dress_rows(view, _WIDTHS, stretched=PERSON)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        view.selectionModel().currentRowChanged.connect(self._row_chosen)
        view.opened.connect(self._open)
        view.doubleClicked.connect(self._open)

    def show_page(self, notice: HistoryNotice) -> None:
        """Show a first page with its first line chosen, or more of what is listed."""
        kept = self.current()
        self.model.take(notice)
        if notice.before == 0:
            self._choose(kept.enrollment_id if kept else "")
        if self.model.rowCount():
            self._stack.setCurrentIndex(_LIST)
        else:
            narrowed = notice.wanted != Wanted()
            self.empty.tell(_said(notice, narrowed), narrowed)
            self._stack.setCurrentIndex(_EMPTY)
        self.count.setText(counted(self.model.rowCount(), self.model.has_more()))
        self.count.setVisible(self.model.rowCount() > 0)

    def current(self) -> Line | None:
        """Return the line that is chosen, or None."""
        row = self.view.currentIndex().row()
        return self.model.line(row) if 0 <= row < self.model.rowCount() else None

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
        if current.isValid():
            self.chosen.emit(self.model.line(current.row()).enrollment_id)

    def _open(self) -> None:
        line = self.current()
        if line is not None and line.is_for_the_desk:
            self.opened.emit(line.enrollment_id)


def _said(notice: HistoryNotice, narrowed: bool) -> Trouble:
    if notice.error is not None:
        return unreadable(notice.error)
    return nothing_found() if narrowed else nothing_yet()
