"""Which column of a file holds what, as the operator tells it."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QWidget

from app.core.seed import ColumnMapping
from app.ui.widgets import text
from app.ui.widgets.text import displayable
from app.ui.wording.importing import column_name, field_name
from app.ui.wording.say import say

_NEEDED: Final = ("serial", "secret")
_FIELDS: Final = (
    "serial",
    "secret",
    "interval",
    "manufacturer",
    "model",
    "person",
    "hash_function",
)
_NONE: Final = -1
_ABREAST: Final = 2


class ColumnsForm(QWidget):
    """One choice for each thing that a column can hold; two of them are needed."""

    def __init__(self) -> None:
        super().__init__()
        self.choices = {field: QComboBox() for field in _FIELDS}
        self.header = QCheckBox(say("The first row &names the columns"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for place, field in enumerate(_FIELDS):
            row, side = divmod(place, _ABREAST)
            label = text(field_name(field), "label")
            box = self.choices[field]
            box.setAccessibleName(field_name(field))
            box.setMinimumContentsLength(16)
            grid.addWidget(label, row, side * 2)
            grid.addWidget(box, row, side * 2 + 1)
        grid.addWidget(self.header, len(_FIELDS) // _ABREAST + 1, 0, 1, 4)
        for side in range(_ABREAST):
            grid.setColumnStretch(side * 2 + 1, 1)

    def offer(self, columns: Sequence[str], guess: ColumnMapping | None) -> None:
        """Offer these columns, with what they may be chosen already."""
        for field, box in self.choices.items():
            box.clear()
            if field not in _NEEDED:
                box.addItem(say("In no column"), _NONE)
            for place, name in enumerate(columns):
                box.addItem(displayable(column_name(place, name)), place)
            found = getattr(guess, field) if guess is not None else None
            box.setCurrentIndex(box.findData(_NONE if found is None else found))
        self.header.setChecked(any(columns))

    def mapping(self) -> ColumnMapping | None:
        """Return what was told; None where something is missing or a column is named twice."""
        told = {field: box.currentData() for field, box in self.choices.items()}
        found = {field: place for field, place in told.items() if place not in {None, _NONE}}
        if not found.keys() >= set(_NEEDED):
            return None
        try:
            return ColumnMapping(header=self.header.isChecked(), **found)
        except ValueError:
            return None
