"""Today's list: every enrollment of the day in its true state, what needs attention on top."""

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QStackedWidget, QTableView

from app.core.enrollment import State
from app.station.today import TodayNotice
from app.ui.models.today import ACT, PERSON, SERIAL, STATE, TIME, TodayModel
from app.ui.widgets import Card, ChipDelegate, ChipRow, Tone, Wrapped
from app.ui.widgets.rows import dress_rows, spare
from app.ui.wording.say import say

_WIDTHS = {TIME: 66, SERIAL: 168, STATE: 236, ACT: 96}


class TodayPanel(Card):
    """The list and its two counts. A row that needs attention opens with Enter or a click.

    A submit that could not be recorded stays there until it is tried again or dismissed, with
    Delete or from the menu of its row.
    """

    opened = Signal(str)
    taken_back = Signal(str)
    dismissed = Signal(str)

    def __init__(self) -> None:
        super().__init__(say("Today"))
        self.model = TodayModel()
        self.view = QTableView()
        self._counts = ChipRow()
        self._counting = True
        self._empty = Wrapped(say("What you hand over today is listed here."), "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        self.add_header(self._counts)
        self.body.addWidget(self._stack, 1)
        self._dress_view()

    def _dress_view(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setItemDelegateForColumn(STATE, ChipDelegate(view))
        view.setAccessibleName(say("Enrollments of today"))
        dress_rows(view, _WIDTHS, stretched=PERSON)
        spare(view, TIME)
        view.horizontalHeader().hide()
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._show_menu)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self._dismiss(view.currentIndex()))
        view.activated.connect(self._activate)
        view.clicked.connect(self._open)

    def show_today(self, notice: TodayNotice) -> None:
        """Show the lines and count them."""
        kept = self._in_hand()
        self.model.set_lines(notice.lines)
        self.view.setColumnHidden(ACT, not self.model.has_next())  # names take its room
        self._take_in_hand(kept)
        self._stack.setCurrentIndex(1 if notice.lines else 0)
        self._count()

    def count(self, *, counting: bool) -> None:
        """Count in the title, or leave that to somebody else."""
        self._counting = counting
        self._count()

    def look(self) -> None:
        """Put the focus on what needs attention first, if anything does and it can be seen."""
        if self.model.needing_attention() and self.view.isVisible():
            self.view.setCurrentIndex(self.model.index(0, STATE))
            self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _in_hand(self) -> str:
        """Return the id of the enrollment that the operator is about to open, or nothing."""
        at = self.view.currentIndex()
        held = at.isValid() and self.view.hasFocus()
        return self.model.line(at.row()).enrollment_id if held else ""

    def _take_in_hand(self, enrollment_id: str) -> None:
        """Choose the row of an enrollment again: others may have come to rest above it."""
        rows = range(self.model.rowCount())
        row = next((at for at in rows if self.model.line(at).enrollment_id == enrollment_id), None)
        if row is not None:
            self.view.setCurrentIndex(self.model.index(row, STATE))

    def _count(self) -> None:
        attention, done = self.model.needing_attention(), self.model.done()
        chips = []
        if attention:
            words = say("{count} to look at", count=attention)
            chips.append((words, Tone.CAUTION))
        waiting = self.model.waiting()
        if waiting:
            chips.append((say("{count} waiting", count=waiting), Tone.INFO))
        if done:
            chips.append((say("{count} done", count=done), Tone.GOOD))
        self._counts.set_chips(chips if self._counting else [])

    def menu_of(self, index: QModelIndex) -> QMenu | None:
        """Return what can be done with the row at `index`, where there is more than opening it."""
        if not index.isValid() or self.model.line(index.row()).state is not State.UNRECORDED:
            return None
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(say("Try again"), lambda: self._open(index))
        menu.addAction(say("Dismiss, it was not sent"), lambda: self._dismiss(index))
        return menu

    def _show_menu(self, point: QPoint) -> None:
        menu = self.menu_of(self.view.indexAt(point))
        if menu is not None:
            menu.popup(self.view.viewport().mapToGlobal(point))

    def _dismiss(self, index: QModelIndex) -> None:
        """Take a submit that could not be recorded off what needs attention."""
        line = self.model.line(index.row()) if index.isValid() else None
        if line is not None and line.state is State.UNRECORDED:
            self.dismissed.emit(line.enrollment_id)

    def _activate(self, index: QModelIndex) -> None:
        """Enter does what the last cell of the row offers."""
        self._open(index.siblingAtColumn(ACT))

    def _open(self, index: QModelIndex) -> None:
        line = self.model.line(index.row())
        if line.needs_attention:
            self.opened.emit(line.enrollment_id)
        elif line.state is State.STAGED and index.column() == ACT:
            self.taken_back.emit(line.enrollment_id)
