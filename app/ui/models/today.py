"""Today's enrollments as a table model: time, person, token, state, what can be done."""

from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import Qt

from app.clock import local
from app.core.enrollment import State
from app.core.record import Line
from app.ui.models.headed import HeadedModel, Index
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.text import displayable
from app.ui.widgets.tone import Tone
from app.ui.wording.desk import not_recorded_words
from app.ui.wording.lifecycle import line_state
from app.ui.wording.passes import token_words
from app.ui.wording.say import say

TIME, PERSON, SERIAL, STATE, ACT = range(5)

_TONES: Final = {
    State.ACTIVATED: Tone.GOOD,
    State.ASSIGNED: Tone.GOOD,
    State.AFTER_REFUSAL: Tone.CAUTION,
    State.NOT_DONE: Tone.CAUTION,
    State.HALF_DONE: Tone.CAUTION,
    State.TAKEN: Tone.BAD,
    State.UNSETTLED: Tone.CAUTION,
    State.UNRECORDED: Tone.BAD,
    State.BLOCKED: Tone.CAUTION,
    State.WITHDRAWN: Tone.NEUTRAL,
    State.DUE: Tone.CAUTION,
    State.DEACTIVATED: Tone.GOOD,
    State.RETURNED: Tone.GOOD,
    State.DELETED: Tone.GOOD,
    State.CREATED: Tone.GOOD,
    State.ISSUED: Tone.GOOD,
}


class TodayModel(HeadedModel):
    """The lines as the station orders them: what needs attention first, then the newest."""

    def __init__(self) -> None:
        super().__init__(say("Time"), say("Person"), say("Token"), say("State"), say("Next"))
        self._lines: tuple[Line, ...] = ()

    def set_lines(self, lines: tuple[Line, ...]) -> None:
        """Show `lines`; where only states changed, the rows stay where they are."""
        same = [line.enrollment_id for line in lines] == [
            line.enrollment_id for line in self._lines
        ]
        if same and lines:
            self._lines = lines
            self.tell_rows(0, len(lines) - 1)
            return
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def line(self, row: int) -> Line:
        """Return the line in `row`."""
        return self._lines[row]

    def needing_attention(self) -> int:
        """Return how many lines an operator has to look at."""
        return sum(line.needs_attention for line in self._lines)

    def waiting(self) -> int:
        """Return how many wait in the tray."""
        return sum(line.state is State.STAGED for line in self._lines)

    def done(self) -> int:
        """Return how many are assigned or activated."""
        return sum(line.state in {State.ASSIGNED, State.ACTIVATED} for line in self._lines)

    def has_next(self) -> bool:
        """Tell whether a line has something to do in its last cell."""
        return any(_next(line) for line in self._lines)

    def count(self) -> int:
        return len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(line, index.column())
        if role == TONE_ROLE:
            return _TONES.get(line.state, Tone.INFO)
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == PERSON:
            return line.person_upn
        if role == Qt.ItemDataRole.ToolTipRole and line.state is State.UNRECORDED:
            return not_recorded_words()
        return None

    def _words(self, line: Line, column: int) -> str:
        match column:
            case 0:
                return _clock(line.began)
            case 1:
                return displayable(line.person_name)
            case 2:
                return token_words(line)
            case 3:
                return _state(line)
            case _:
                return _next(line)


def _next(line: Line) -> str:
    if line.state is State.STAGED:
        return say("Take back")
    return say("Open") if line.needs_attention else ""


def _state(line: Line) -> str:
    if line.state is State.NOT_DONE and line.error == "Rejected":
        return _refused(line.attempts)
    if line.corrected is not None:
        return say("{state}, seen later", state=line_state(line))
    return line_state(line)


def _refused(attempts: int) -> str:
    if attempts > 1:
        return say("Refused {count} times", count=attempts)
    return say("Refused")


def _clock(moment: datetime) -> str:
    return local(moment).strftime("%H:%M")
