"""What the inventory is narrowed down to: at every keystroke, without a pause."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.clock import midnight
from app.core.history import LONGEST_TEXT
from app.core.inventory import Wanted
from app.ui.pages.listing import FindEdit
from app.ui.widgets import SecondaryButton, text
from app.ui.widgets.text import displayable
from app.ui.wording.inventory import state_choices
from app.ui.wording.say import say

_ANY, _WAITS, _UNUSED = range(3)
_MOST_DAYS = 3_650


class Filters(QWidget):
    """Tells `changed` at every change of what is wanted."""

    changed = Signal()
    entered = Signal()
    refresh = Signal()
    export_csv = Signal()
    export_json = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.edit = FindEdit(
            say("Find in the inventory"), say("Serial number, maker, model or holder")
        )
        self.states = QComboBox()
        self.models = QComboBox()
        self.holder = QLineEdit()
        self.use = QComboBox()
        self.days = QSpinBox()
        self.since = QDateEdit(QDate.currentDate().addMonths(-6))
        self.read_again = SecondaryButton(say("Read again"), key="F5")
        self.csv = SecondaryButton(say("Export &CSV"))
        self.json = SecondaryButton(say("&JSON"))
        self.sync = text(role="smallmuted")
        self._choices = state_choices()
        self._products: tuple[tuple[str, str], ...] = ()
        self._dress()
        self._lay_out()
        self._wire()

    def _dress(self) -> None:
        self.holder.setPlaceholderText(say("Holder"))
        self.holder.setAccessibleName(say("Holder"))
        self.holder.setMaxLength(LONGEST_TEXT)
        self.holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.states.setAccessibleName(say("State"))
        self.states.addItems([words for words, _ in self._choices])
        self.models.setAccessibleName(say("Model"))
        self.models.setMinimumContentsLength(14)
        self.models.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.json.setAccessibleName(say("Export JSON"))
        self.csv.setToolTip(say("Write what is listed to a file for a spreadsheet"))
        self.json.setToolTip(say("Write what is listed to a file for other programs"))
        self._dress_use()
        self.set_products(())

    def _dress_use(self) -> None:
        self.use.setAccessibleName(say("Use"))
        self.use.addItems(
            [say("Any use"), say("Assigned, not activated for"), say("Held, not used since")]
        )
        self.days.setRange(1, _MOST_DAYS)
        self.days.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)  # the arrow keys do it
        self.days.setMaximumWidth(120)
        self.days.setValue(14)
        self.days.setSuffix(f" {say('days')}")
        self.days.setAccessibleName(say("Days without activation"))
        self.days.setToolTip(
            say("As far as this station knows: since it was handed over here, or first seen so.")
        )
        self.since.setDisplayFormat(say("yyyy-MM-dd"))
        self.since.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.since.setAccessibleName(say("Not used since this day"))
        self._show_parts(_ANY)

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setSpacing(10)
        above.addWidget(self.edit, 3)
        above.addWidget(self.holder, 1)
        above.addWidget(self.states)
        above.addWidget(self.models)
        for part in (self.use, self.days, self.since):
            below.addWidget(part)
        below.addStretch(1)
        below.addWidget(self.sync)
        for button in (self.read_again, self.csv, self.json):
            below.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(above)
        column.addLayout(below)

    def _wire(self) -> None:
        for edit in (self.edit, self.holder):
            edit.textChanged.connect(self.changed)
            edit.returnPressed.connect(self.entered)
        self.states.currentIndexChanged.connect(self.changed)
        self.models.currentIndexChanged.connect(self.changed)
        self.use.currentIndexChanged.connect(self._use_chosen)
        self.days.valueChanged.connect(self.changed)
        self.since.dateChanged.connect(self.changed)
        self.read_again.clicked.connect(self.refresh)
        self.csv.clicked.connect(self.export_csv)
        self.json.clicked.connect(self.export_json)

    def wanted(self, now: datetime) -> Wanted:
        """Return what is asked for; days count back from `now`."""
        use, chosen = self.use.currentIndex(), self.models.currentIndex() - 1
        waits = now - timedelta(days=self.days.value()) if use == _WAITS else None
        return Wanted(
            text=self.edit.text().strip(),
            states=self._choices[max(self.states.currentIndex(), 0)][1],
            model=self._products[chosen] if 0 <= chosen < len(self._products) else None,
            holder=self.holder.text().strip(),
            waits_since=waits,
            unused_since=_midnight(self.since) if use == _UNUSED else None,
        )

    def set_products(self, products: tuple[tuple[str, str], ...]) -> None:
        """Offer these models; the one chosen stays so, if it is among them."""
        before = self.models.currentIndex() - 1
        kept = self._products[before] if 0 <= before < len(self._products) else None
        if products == self._products and self.models.count():
            return
        self._products = products
        with QSignalBlocker(self.models):
            self.models.clear()
            names = [displayable(f"{maker} {model}".strip()) for maker, model in products]
            self.models.addItems([say("Any model"), *names])
            self.models.setCurrentIndex(products.index(kept) + 1 if kept in products else 0)
        if kept is not None and kept not in products:
            self.changed.emit()

    def reset(self) -> None:
        """Ask for everything, and tell so once."""
        with QSignalBlocker(self):
            self.edit.clear()
            self.holder.clear()
            for combo in (self.states, self.models, self.use):
                combo.setCurrentIndex(0)
        self.changed.emit()

    def set_exporting(self, *, possible: bool) -> None:
        """Offer exports, or grey them while there is nothing whole to write."""
        self.csv.setEnabled(possible)
        self.json.setEnabled(possible)

    def _use_chosen(self, use: int) -> None:
        self._show_parts(use)
        self.changed.emit()

    def _show_parts(self, use: int) -> None:
        self.days.setVisible(use == _WAITS)
        self.since.setVisible(use == _UNUSED)


def products_of(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the models to offer, once each and in order."""
    return tuple(sorted(set(pairs)))


def _midnight(edit: QDateEdit) -> datetime:
    """Return the beginning of the chosen day in the desk's own time zone."""
    chosen = edit.date()
    return midnight(date(chosen.year(), chosen.month(), chosen.day()))
