"""The session page: who is signed in, for how long, and what they may do, live while it is shown.

Nothing of it is a secret: a sign-in token is told by its life, never by its value.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.station.connection import DirectoryNotice
from app.station.notices import Notice, SessionNotice, SessionState
from app.station.rights import RightsNotice
from app.station.session_facts import SessionFacts, SessionFactsNotice
from app.station.timekeeper import ClockNotice
from app.ui import clip
from app.ui.bridge import Gesture
from app.ui.pages.session.rights_panel import RightsPanel
from app.ui.widgets import Card, FactGrid, SecondaryButton
from app.ui.wording import session as words
from app.ui.wording.say import say

if TYPE_CHECKING:
    from app.station.station import Station

_TICK_MS = 1_000
_ASK_TICKS = 30
"""Ticks after which the station is asked again for what no notice tells."""

_LEFT_SHARE, _RIGHT_SHARE = 46, 54


class SessionPage(QWidget):
    """Renders the facts of the session, and passes its gestures on."""

    left = Signal()
    sign_out = Signal()
    switch = Signal()
    lock = Signal()

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self.setObjectName("page")
        self._ask = ask
        self._facts = SessionFacts()
        self._told = 0.0
        self._ticks = 0
        self.who = FactGrid()
        self.station = FactGrid()
        self.rights = RightsPanel()
        self.lock_button = SecondaryButton(say("Lock"), key=say("Ctrl+L"))
        self.switch_button = SecondaryButton(say("Somebody else signs in"), key=say("Shift+F12"))
        self.leave_button = SecondaryButton(say("Sign out"), key="F12")
        self.copy_button = SecondaryButton(say("Copy"), key="F8")
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        who, station = Card(say("Who is signed in")), Card(say("This station"))
        who.body.addWidget(self.who)
        station.body.addWidget(self.station)
        cards = QVBoxLayout()
        cards.setSpacing(16)
        for card in (who, station):
            cards.addWidget(card)
        cards.addStretch(1)
        inner = QWidget()
        inner.setObjectName("page")
        row = QHBoxLayout(inner)
        row.setContentsMargins(24, 20, 24, 8)
        row.setSpacing(16)
        row.addLayout(cards, _LEFT_SHARE)
        row.addWidget(self.rights, _RIGHT_SHARE)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setAccessibleName(say("Session"))
        self.area.setWidget(inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.area, 1)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(24, 8, 24, 20)
        row.setSpacing(10)
        for button in (self.lock_button, self.switch_button, self.leave_button):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.copy_button)
        return row

    def _wire(self) -> None:
        self._timer.timeout.connect(self._tick)
        self.lock_button.clicked.connect(self.lock)
        self.switch_button.clicked.connect(self.switch)
        self.leave_button.clicked.connect(self.sign_out)
        self.copy_button.clicked.connect(self.copy)
        self.rights.again.clicked.connect(self._look_again)

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: Notice) -> None:
        """Render the facts; what may have changed them has them asked for again."""
        match notice:
            case SessionFactsNotice():
                self._show_facts(notice.facts)
            case DirectoryNotice(latency=latency) if latency is not None:
                self._facts = replace(self._facts, latency=latency)
                self._show_times()
            case SessionNotice(state=SessionState.SIGNED_IN) | RightsNotice() | ClockNotice():
                self._look()
            case _:
                pass

    def forget(self) -> None:
        """Leave nothing of the last operator on the page."""
        self._show_facts(SessionFacts())

    def as_text(self) -> str:
        """Return what `copy` puts on the clipboard."""
        return words.as_text(
            (
                (say("Who is signed in"), self._who_rows()),
                (say("This station"), words.station_rows(self._facts)),
                *self.rights.rows(self._facts),
            )
        )

    def copy(self) -> None:
        """Put everything on the clipboard, as plain text."""
        clip.copy(self.as_text())

    def showEvent(self, _event: QEvent) -> None:
        """Begin with what is so now, and stay with it."""
        self._look()
        self._timer.start()
        self.area.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, _event: QHideEvent) -> None:
        """Ask for nothing while nobody looks."""
        self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back to the desk, F5 looks again, F8 copies."""
        match event.key():
            case Qt.Key.Key_Escape:
                self.left.emit()
            case Qt.Key.Key_F5:
                self._look_again()
            case Qt.Key.Key_F8:
                self.copy()
            case _:
                super().keyPressEvent(event)

    # Inside ---------------------------------------------------------------------------------

    def _look(self) -> None:
        if self.isVisible():
            self._ask(_facts_of)

    def _look_again(self) -> None:
        """Have permissions and roles read anew."""
        self._ask(lambda station: station.look_at_rights())

    def _tick(self) -> None:
        self._ticks = (self._ticks + 1) % _ASK_TICKS
        if self._ticks == 0:
            self._look()
        self._show_times()

    def _show_facts(self, facts: SessionFacts) -> None:
        self._facts = facts
        self._told = time.monotonic()
        unattended = facts.operator is not None and facts.operator.application
        self.switch_button.setVisible(not unattended)
        words = say("Clear the desk") if unattended else say("Lock")
        self.lock_button.set_words(words, say("Ctrl+L"))
        self.rights.show_facts(facts)
        self._show_times()

    def _show_times(self) -> None:
        """Show what changes with time; what has not changed is not told again."""
        for grid, rows in (
            (self.who, self._who_rows()),
            (self.station, words.station_rows(self._facts)),
        ):
            if grid.facts() != list(rows):
                grid.set_facts(rows)

    def _who_rows(self) -> words.Rows:
        rows = words.who_rows(self._facts)
        if self._facts.operator is None:
            return rows
        return (*rows, words.token_row(self._facts, time.monotonic() - self._told))


async def _facts_of(station: "Station") -> None:
    await station.session_facts()
