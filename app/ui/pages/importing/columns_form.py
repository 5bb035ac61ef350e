"""What each column of a file holds, as the operator tells it."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.core.seed import ColumnMapping
from app.ui.widgets import text
from app.ui.widgets.text import displayable
from app.ui.wording.importing import column_name, field_name
from app.ui.wording.say import say

_NEEDED: Final = frozenset({"serial", "secret"})
_FIELDS: Final = (
    "serial",
    "secret",
    "interval",
    "manufacturer",
    "model",
    "person",
    "hash_function",
    "digits",
    "kind",
    "encoding",
    "display_name",
)
_UNTOLD: Final = ""
_IGNORED: Final = "-"
_ABREAST: Final = 2


class ColumnsForm(QWidget):
    """One choice for each column: what it holds, or that it is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.choices: list[QComboBox] = []
        self.header = QCheckBox(say("The first row &names the columns"))
        self._labels: list[QLabel] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        for side in range(_ABREAST):
            self._grid.setColumnStretch(side * 2 + 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._grid)
        column.addWidget(self.header)

    def offer(
        self, columns: Sequence[str], known: ColumnMapping | None, unknown: Sequence[int]
    ) -> None:
        """Ask about these columns, with what is known of them chosen already.

        `unknown` are those that hold something and are not understood. A column that is neither
        known nor unknown is empty, where anything is known.
        """
        self._clear()
        fields = {getattr(known, field): field for field in _FIELDS if known is not None}
        for place, name in enumerate(columns):
            chosen = fields.get(place, _UNTOLD)
            is_left_out = known is not None and place not in unknown
            self._add(place, displayable(column_name(place, name)))
            self.choose(place, _IGNORED if not chosen and is_left_out else chosen)
        self.header.setChecked(any(columns) if known is None else known.header)

    def choose(self, place: int, field: str) -> None:
        """Choose what a column holds: a member of ColumnMapping, "-" to leave it out."""
        box = self.choices[place]
        box.setCurrentIndex(box.findData(field))

    def first_open(self) -> QWidget:
        """Return the first choice that is not made, or the first of all."""
        undecided = (box for box in self.choices if box.currentData() == _UNTOLD)
        return next(undecided, self.choices[0] if self.choices else self.header)

    def mapping(self) -> ColumnMapping | None:
        """Return what was told; None where something is missing or two columns hold the same."""
        told = [box.currentData() for box in self.choices]
        fields = [field for field in told if field not in {_UNTOLD, _IGNORED}]
        if not _NEEDED.issubset(fields) or len(set(fields)) < len(fields):
            return None
        found = {field: place for place, field in enumerate(told) if field in fields}
        ignored = tuple(place for place, field in enumerate(told) if field == _IGNORED)
        return ColumnMapping(header=self.header.isChecked(), ignored=ignored, **found)

    def _add(self, place: int, name: str) -> None:
        row, side = divmod(place, _ABREAST)
        label, box = text(name, "label"), QComboBox()
        box.addItem(say("Choose what it holds"), _UNTOLD)
        box.addItem(say("Leave it out"), _IGNORED)
        for field in _FIELDS:
            box.addItem(field_name(field), field)
        box.setAccessibleName(name)
        box.setMinimumContentsLength(16)
        self._grid.addWidget(label, row, side * 2)
        self._grid.addWidget(box, row, side * 2 + 1)
        self._labels.append(label)
        self.choices.append(box)

    def _clear(self) -> None:
        for part in (*self._labels, *self.choices):
            self._grid.removeWidget(part)
            part.deleteLater()
        self._labels, self.choices = [], []
