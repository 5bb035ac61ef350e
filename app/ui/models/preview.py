"""The rows of a seed file as a table model: what each token is, and whether it can go."""

from typing import Any

from PySide6.QtCore import Qt

from app.core.importing import Preview, PreviewRow, Standing
from app.ui.models.headed import HeadedModel, Index
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.serial_label import group_serial
from app.ui.widgets.text import displayable, plain_tip
from app.ui.wording.importing import half_words, kind_words, standing_chip, standing_words
from app.ui.wording.say import say

ROW, SERIAL, TOKEN, KIND, PERSON, STANDING, WHY = range(7)


class PreviewModel(HeadedModel):
    """The rows that stand as asked for, in the order of the file."""

    def __init__(self) -> None:
        super().__init__(*_headings())
        self._preview = Preview()
        self._only: Standing | None = None
        self._shown: tuple[PreviewRow, ...] = ()

    def set_preview(self, preview: Preview) -> None:
        """Show the rows of another file, or of the same one as it stands now."""
        if preview is not self._preview:
            self._preview = preview
            self._choose()

    def show_only(self, standing: Standing | None) -> None:
        """Show the rows that stand so; None shows all."""
        if standing is not self._only:
            self._only = standing
            self._choose()

    def shown(self, place: int) -> PreviewRow:
        """Return the row in `place`."""
        return self._shown[place]

    def count(self) -> int:
        return len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return displayable(self._words(row, index.column()))
        if role == TONE_ROLE:
            return standing_chip(self._preview.standing(row))[1]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() in {TOKEN, PERSON, WHY}:
            return plain_tip(self._words(row, index.column()))
        return None

    def _words(self, row: PreviewRow, column: int) -> str:
        standing = self._preview.standing(row)
        if column == KIND:
            return kind_words(row)
        if column == STANDING:
            return standing_chip(standing)[0]
        if column == WHY:
            return half_words() if self._preview.is_half(row) else standing_words(row, standing)
        token = f"{row.manufacturer} {row.model}".strip()
        plain = {ROW: f"{row.row}", SERIAL: group_serial(row.serial), TOKEN: token}
        return plain.get(column, row.person)

    def _choose(self) -> None:
        self.beginResetModel()
        rows, only = self._preview.rows, self._only
        if only is not None:
            rows = tuple(row for row in rows if self._preview.standing(row) is only)
        self._shown = rows
        self.endResetModel()


def _headings() -> tuple[str, ...]:
    return (
        say("Row"),
        say("Serial number"),
        say("Token"),
        say("Step and hash"),
        say("Person"),
        say("State"),
        say("Why"),
    )
