"""The bar of line mode: how the line stands, how fast it moves, how long somebody has waited."""

import time
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from app.core.enrollment import State
from app.core.line import Tally, tally
from app.core.record import Line
from app.station.notices import CardState, DeskNotice
from app.station.today import TodayNotice
from app.ui.models.sounds import sound_of_line
from app.ui.widgets import ChipRow, KeyHint, Tone, text
from app.ui.wording.keyboard import ctrl
from app.ui.wording.line import counts, pace_words, waited_words
from app.ui.wording.say import say

_TICK_MS: Final = 1000


class LineBar(QFrame):
    """Counts the list of the day, and tells when the desk has to be free for the next person.

    `switched` tells that the mode is on or off; `submitted` carries the id of an enrollment that is
    on record and on its way, `heard` the Sound of what came to rest behind the desk.
    """

    switched = Signal(bool)
    submitted = Signal(str)
    heard = Signal(object)
    looked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("line")
        self.setAccessibleName(say("Line mode"))
        self.on = False
        self._lines: tuple[Line, ...] = ()
        self._came: float | None = None
        self.told = ChipRow()
        self._look = KeyHint(ctrl("N"), say("look"))
        self._leave = KeyHint(ctrl("O"), say("leave"))
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._lay_out()
        self._timer.timeout.connect(self._show)
        self._look.clicked.connect(self.looked)
        self._leave.clicked.connect(self.switch)
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 8)
        row.setSpacing(18)
        row.addWidget(text(say("Line mode"), "strong"))
        row.addWidget(self.told, 1)
        row.addWidget(self._look)
        row.addWidget(self._leave)

    def switch(self) -> None:
        """Go into the line, or out of it."""
        self.put(on=not self.on)

    def put(self, *, on: bool) -> None:
        """Be in the line, or not."""
        if on is self.on:
            return
        self.on = on
        self.setVisible(on)
        self._show()
        if on:
            self._timer.start()
        else:
            self._timer.stop()
        self.switched.emit(on)

    def show_today(self, notice: TodayNotice, here: Collection[str]) -> None:
        """Count the day anew; what is in front (`here`, by its ids) is heard there."""
        sound = sound_of_line(self._lines, notice.lines, here) if self.on else None
        self._lines = notice.lines
        self._show()
        if sound is not None:
            self.heard.emit(sound)

    def show_desk(self, notice: DeskNotice) -> None:
        """Measure from when somebody came, and let them go as soon as their token is on its way."""
        if notice.person_card.state is CardState.EMPTY:
            self._came = None
        elif self._came is None:
            self._came = time.monotonic()
        self._show()
        if self.on and notice.chosen is None and notice.enrollment.state is State.SUBMITTING:
            self.submitted.emit(notice.enrollment.id)

    def _show(self) -> None:
        if not self.on:
            return
        told = tally(self._lines, datetime.now(UTC))
        waited = None if self._came is None else time.monotonic() - self._came
        self.told.set_chips(_chips(told, waited))
        self._look.setVisible(bool(told.attention))


def _chips(told: Tally, waited: float | None) -> list[tuple[str, Tone]]:
    done, still_open, attention = counts(told)
    chips = [(done, Tone.GOOD if told.done else Tone.NEUTRAL), (still_open, Tone.INFO)]
    chips += [(attention, Tone.CAUTION)] if told.attention else []
    chips += [(pace_words(told.per_hour), Tone.NEUTRAL)]
    return chips if waited is None else [*chips, (waited_words(waited), Tone.NEUTRAL)]
