"""What the history is narrowed down to: words, state, operator and days."""

from datetime import date

from PySide6.QtCore import QDate, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.enrollment import State
from app.core.history import HistoryScope, KnownOperator
from app.station.history import Wanted
from app.ui.pages.listing import FindEdit
from app.ui.widgets import SecondaryButton, Segmented, text
from app.ui.widgets.text import displayable
from app.ui.wording.history import period_choices, state_choices
from app.ui.wording.say import say
from app.ui.wording.station_events import scope_choices

PAUSE_MS = 150
_DATES = "dates"
_SCOPES = (HistoryScope.ENROLLMENTS, HistoryScope.STATION)


class Filters(QWidget):
    """Tells `changed` with what is wanted: at once, and for typing when it pauses."""

    changed = Signal()
    entered = Signal()
    export_csv = Signal()
    export_json = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.edit = FindEdit(
            say("Find in the history"), say("Name, sign-in, serial number or operator")
        )
        self.scope = QComboBox()
        self.states = QComboBox()
        self.operators = QComboBox()
        self.period = Segmented(say("Days"), period_choices())
        self.first = _date_edit(say("First day"))
        self.last = _date_edit(say("Last day"))
        self.csv = SecondaryButton(say("Export &CSV"))
        self.json = SecondaryButton(say("&JSON Lines"))
        self._dash = text(say("to"), "muted")
        self._pause = QTimer(self)
        self._choices = state_choices()
        self._dress()
        self._lay_out()
        self._wire()

    def _dress(self) -> None:
        self.scope.setAccessibleName(say("What to list"))
        self.scope.addItems(scope_choices())
        self.states.setAccessibleName(say("State"))
        self.states.addItems([words for words, _ in self._choices])
        self.states.setMaxVisibleItems(len(self._choices))
        self.operators.setAccessibleName(say("Operator"))
        self.operators.setMinimumContentsLength(14)
        self.operators.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.json.setAccessibleName(say("Export JSON Lines"))
        self.csv.setToolTip(say("Write what is listed to a file for a spreadsheet"))
        self.json.setToolTip(say("Write what is listed to a file for other programs"))
        self.period.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_operators(())
        self._show_dates(False)

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setSpacing(10)
        above.addWidget(self.edit, 1)
        above.addWidget(self.states)
        above.addWidget(self.operators)
        below.addWidget(self.scope)
        for part in (self.period, self.first, self._dash, self.last):
            below.addWidget(part)
        below.addStretch(1)
        below.addWidget(self.csv)
        below.addWidget(self.json)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(above)
        column.addLayout(below)

    def _wire(self) -> None:
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        self.edit.textChanged.connect(self._typed)
        self.edit.returnPressed.connect(self.entered)
        self.scope.currentIndexChanged.connect(self._scope_chosen)
        self.states.currentIndexChanged.connect(self._chosen)
        self.operators.currentIndexChanged.connect(self._chosen)
        self.period.chosen.connect(self._period_chosen)
        self.first.dateChanged.connect(self._typed)
        self.last.dateChanged.connect(self._typed)
        self.csv.clicked.connect(self.export_csv)
        self.json.clicked.connect(self.export_json)

    def wanted(self) -> Wanted:
        """Return what is asked for now."""
        dates = self.period.current() == _DATES
        first, last = sorted((_day(self.first), _day(self.last)))
        return Wanted(
            text=self.edit.text().strip(),
            states=self._states(),
            operator=str(self.operators.currentData() or ""),
            days=0 if dates else int(self.period.current()),
            first=first if dates else None,
            last=last if dates else None,
            scope=self._scope(),
        )

    def set_operators(self, operators: tuple[KnownOperator, ...]) -> None:
        """Offer `operators`; the one chosen stays so."""
        chosen = self.operators.currentData()
        with QSignalBlocker(self.operators):
            self.operators.clear()
            self.operators.addItem(say("Any operator"), "")
            for known in operators:
                self.operators.addItem(displayable(known.name), known.key)
            self.operators.setCurrentIndex(max(self.operators.findData(chosen), 0))

    def set_exporting(self, busy: bool) -> None:
        """One export at a time."""
        self.csv.setEnabled(not busy)
        self.json.setEnabled(not busy)

    def reset(self) -> None:
        """Ask for everything again."""
        self.clear()
        self.changed.emit()

    def clear(self) -> None:
        """Narrow nothing down, and tell nobody."""
        with QSignalBlocker(self):
            self.edit.clear()
            self.scope.setCurrentIndex(0)
            self.states.setCurrentIndex(0)
            self.operators.setCurrentIndex(0)
            self.period.set_current("0")
        self._pause.stop()

    def _scope(self) -> HistoryScope:
        return _SCOPES[max(self.scope.currentIndex(), 0)]

    def _scope_chosen(self) -> None:
        """Ask for enrollments or for other events, which have no state."""
        self.states.setEnabled(self._scope() is HistoryScope.ENROLLMENTS)
        self._chosen()

    def _states(self) -> frozenset[State]:
        if self._scope() is not HistoryScope.ENROLLMENTS:
            return frozenset()
        return self._choices[max(self.states.currentIndex(), 0)][1]

    def _typed(self) -> None:
        self._pause.start()

    def _chosen(self) -> None:
        self._pause.stop()
        self.changed.emit()

    def _period_chosen(self, key: str) -> None:
        self._show_dates(key == _DATES)
        self._chosen()

    def _show_dates(self, shown: bool) -> None:
        for part in (self.first, self._dash, self.last):
            part.setVisible(shown)


def _date_edit(name: str) -> QDateEdit:
    """A day that is typed or stepped with the arrow keys; a calendar would be another window."""
    made = QDateEdit(QDate.currentDate())
    made.setAccessibleName(name)
    made.setDisplayFormat(say("yyyy-MM-dd"))
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


def _day(edit: QDateEdit) -> date:
    chosen = edit.date()
    return date(chosen.year(), chosen.month(), chosen.day())
