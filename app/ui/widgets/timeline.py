"""The steps of one enrollment, from top to bottom: done, now, to come, or in trouble."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.theme import color
from app.ui.widgets.card import paint_disc
from app.ui.widgets.text import Wrapped, set_role
from app.ui.widgets.tone import Tone

DISC: Final = 20


class StepState(Enum):
    """Where a step stands."""

    DONE = "done"
    CURRENT = "current"
    WAITING = "waiting"
    FAILED = "failed"
    ATTENTION = "attention"


@dataclass(frozen=True)
class Step:
    """One step; `word` names its state for a screen reader."""

    title: str
    detail: str = ""
    state: StepState = StepState.WAITING
    word: str = ""


_TONES: Final = {
    StepState.DONE: Tone.GOOD,
    StepState.FAILED: Tone.BAD,
    StepState.ATTENTION: Tone.CAUTION,
}


class Rail(QWidget):
    """The disc of one step and the line on to the next."""

    def __init__(self) -> None:
        super().__init__()
        self._state = StepState.WAITING
        self._last = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_state(self, state: StepState, last: bool) -> None:
        """Draw `state`; the last step has no line below it."""
        self._state, self._last = state, last
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as a disc."""
        return QSize(DISC, DISC)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line, then the disc."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._last:
            painter.setPen(QPen(color("line"), 2))
            painter.drawLine(QPointF(DISC / 2, DISC + 3), QPointF(DISC / 2, self.height() + 1))
        disc = QRectF(0, 1, DISC, DISC)
        if self._state in _TONES:
            paint_disc(painter, disc, _TONES[self._state])
            return
        current = self._state is StepState.CURRENT
        painter.setPen(QPen(color("accent" if current else "line"), 2))
        painter.setBrush(color("accent_soft") if current else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(disc.adjusted(1, 1, -1, -1))


class StepRow(QWidget):
    """One step: disc, title and detail."""

    def __init__(self) -> None:
        super().__init__()
        self._rail = Rail()
        self._title = Wrapped()
        self._detail = Wrapped(role="smallmuted")
        words = QVBoxLayout()
        words.setContentsMargins(0, 1, 0, 12)
        words.setSpacing(1)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._rail)
        row.addLayout(words, 1)

    def set_step(self, step: Step, last: bool) -> None:
        """Show `step`."""
        self._rail.set_state(step.state, last)
        self._title.setText(step.title)
        self._detail.setText(step.detail)
        self._detail.setVisible(bool(step.detail))
        roles = {StepState.WAITING: "muted", StepState.DONE: "body"}
        set_role(self._title, roles.get(step.state, "strong"))
        self.setAccessibleName(step.title)
        self.setAccessibleDescription(step.word)


class Timeline(QWidget):
    """The steps given, drawn as one line."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[StepRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._steps: tuple[Step, ...] = ()

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Show exactly these steps; rows that stay are not made anew."""
        self._steps = tuple(steps)
        while len(self._rows) < len(steps):
            row = StepRow()
            self._rows.append(row)
            self._column.addWidget(row)
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(steps))
            if index < len(steps):
                row.set_step(steps[index], last=index == len(steps) - 1)

    def steps(self) -> tuple[Step, ...]:
        """What is shown."""
        return self._steps
