"""The findings of a check-up as a table model: verdict, what was looked at, what was found."""

from typing import Any, Final

from PySide6.QtCore import QModelIndex, Qt

from app.core.checkup import Finding, Verdict, overall
from app.ui.models.headed import HeadedModel, Index
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.text import plain_tip
from app.ui.widgets.tone import Tone
from app.ui.wording.doctor_report import Shown
from app.ui.wording.say import say

VERDICT, CHECK, SENTENCE = range(3)

TONES: Final = {
    Verdict.OK: Tone.GOOD,
    Verdict.WARNING: Tone.CAUTION,
    Verdict.FAILURE: Tone.BAD,
    Verdict.NOT_CHECKED: Tone.NEUTRAL,
}
_WEIGHT: Final = (Verdict.FAILURE, Verdict.WARNING)


def headline_tone(findings: tuple[Finding, ...]) -> Tone:
    """Return the tone of the headline: good only where all that counts was checked."""
    worst = overall(findings)
    well = any(finding.verdict is Verdict.OK for finding in findings)
    left_out = any(finding.holds_up for finding in findings)
    if worst is Verdict.OK and (left_out or not well):
        return Tone.INFO
    return TONES[worst]


class DoctorModel(HeadedModel):
    """What is known so far, in the order of the report; each line appears once it is known."""

    def __init__(self) -> None:
        super().__init__(say("Result"), say("Check"), say("What it means"))
        self._shown: list[Shown] = []

    def set_findings(self, findings: tuple[Finding, ...]) -> None:
        """Show `findings`; a line that was there stays where it is, and what came goes between."""
        known = [each.finding for each in self._shown]
        if not all(finding in findings for finding in known):
            self.beginResetModel()
            self._shown = [Shown.of(finding) for finding in findings]
            self.endResetModel()
            return
        for row, finding in enumerate(findings):
            if row < len(self._shown) and self._shown[row].finding == finding:
                continue
            self.beginInsertRows(QModelIndex(), row, row)
            self._shown.insert(row, Shown.of(finding))
            self.endInsertRows()

    def shown(self, row: int) -> Shown:
        """Return the line in `row`."""
        return self._shown[row]

    def worst(self) -> int:
        """Return the first row that fails, or else that warns, or else the first."""
        verdicts = [each.finding.verdict for each in self._shown]
        return next((verdicts.index(each) for each in _WEIGHT if each in verdicts), 0)

    def row_of(self, key: str) -> int | None:
        """Return where the finding of this name is, if it is known."""
        keys = [each.finding.key for each in self._shown]
        return keys.index(key) if key in keys else None

    def count(self) -> int:
        return len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        shown = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (shown.word, shown.name, shown.sentence)[index.column()]
        if role == TONE_ROLE:
            return TONES[shown.finding.verdict]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == SENTENCE:
            return plain_tip(shown.sentence)
        return None
