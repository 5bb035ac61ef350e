"""The rows of a job as a table model: its token, its state, and what there is to say."""

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import Qt

from app.core.job import JobRow
from app.core.stored_job import JobKind
from app.ui.models.headed import HeadedModel, Index
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.serial_label import group_serial
from app.ui.widgets.text import displayable, plain_tip
from app.ui.wording.job import RowTold, row_told
from app.ui.wording.say import say

LABEL, STATE, SAID = range(3)


class JobModel(HeadedModel):
    """Every row of one job; a row that changes stays where it is."""

    def __init__(self) -> None:
        super().__init__(say("Serial number"), say("State"), say("What happened"))
        self._kind = JobKind.UPLOAD
        self._rows: list[JobRow] = []
        self._places: dict[str, int] = {}

    def set_rows(self, rows: Sequence[JobRow], kind: JobKind) -> None:
        """Show `rows` and no others, in the words of a job of this kind."""
        self.beginResetModel()
        self._kind = kind
        self._rows = list(rows)
        self._places = {row.key: place for place, row in enumerate(self._rows)}
        self.endResetModel()

    def take(self, changed: Iterable[JobRow]) -> None:
        """Show the latest state of rows that are listed."""
        for row in changed:
            place = self._places.get(row.key)
            if place is not None and self._rows[place] != row:
                self._rows[place] = row
                self.tell_rows(place, place)

    def row(self, place: int) -> JobRow:
        """Return the row in `place`."""
        return self._rows[place]

    def place_of(self, key: str) -> int | None:
        """Return where a row is listed, or None."""
        return self._places.get(key)

    def _words(self, row: JobRow) -> RowTold:
        return row_told(row, self._kind)

    def count(self) -> int:
        return len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole and index.column() == LABEL:
            return group_serial(displayable(row.label))
        if role == Qt.ItemDataRole.DisplayRole:
            told = self._words(row)
            return told.word if index.column() == STATE else displayable(told.said)
        if role == TONE_ROLE:
            return self._words(row).tone
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == SAID:
            return plain_tip(self._words(row).said)
        return None
