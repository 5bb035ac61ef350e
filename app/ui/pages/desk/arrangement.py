"""Where the cards of the desk stand: in the order in which they are filled, the lists below."""

from typing import Final

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.ui.pages.desk.lists import Lists
from app.ui.pages.desk.person_panel import PersonPanel
from app.ui.pages.desk.steps_panel import StepsPanel
from app.ui.pages.desk.token_panel import TokenPanel

_NARROW: Final = 36
_WIDE: Final = 40
"""Shares of the width; a person has more to tell than a token."""

_LOWEST: Final = 120
"""Height in px that is left to the lists where the cards need all the rest."""


class Arrangement(QGridLayout):
    """The cards side by side: token first, or in a line of people the person first.

    In a line the steps make room for the list of the day: whoever they tell of is gone by then.
    """

    def __init__(
        self, token: TokenPanel, person: PersonPanel, action: QWidget, steps: StepsPanel
    ) -> None:
        super().__init__()
        self._token, self._person, self._steps = token, person, steps
        self._lists = Lists()
        self._has_today = True
        self.setContentsMargins(24, 20, 24, 20)
        self.setSpacing(16)
        self.addWidget(action, 0, 2)
        for column in range(3):
            self.setColumnMinimumWidth(column, 264)
            self.setColumnStretch(column, _NARROW)
        self.setRowStretch(1, 1)
        self.setRowMinimumHeight(0, 312)
        for below in (steps, self._lists):  # the cards take what they need, these the rest
            below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
            below.setMinimumHeight(_LOWEST)
        self.addWidget(steps, 1, 0)
        self._place(in_line=False)

    @property
    def lists(self) -> Lists:
        """Return the lists below the cards."""
        return self._lists

    def put(self, *, in_line: bool) -> None:
        """Put the cards into the order of a line of people, or back; Tab follows."""
        self._place(in_line=in_line)
        self._steps.setVisible(not (in_line and self._has_today))
        fields = self._token.edit, self._person.search.edit
        QWidget.setTabOrder(*(reversed(fields) if in_line else fields))

    def leave_out_today(self) -> None:
        """Show nobody who was served here before, from now on; the steps have the room."""
        self._has_today = False
        row = self._lists.leave_out_today(self._steps)
        row.setSpacing(self.spacing())
        self.addLayout(row, 1, 0, 1, 3)

    def _place(self, *, in_line: bool) -> None:
        cards: tuple[TokenPanel | PersonPanel, ...] = (self._token, self._person)
        cards = cards[::-1] if in_line else cards
        for card in cards:
            self.removeWidget(card)
        for column, card in enumerate(cards):
            self.addWidget(card, 0, column)
            self.setColumnStretch(column, _WIDE if card is self._person else _NARROW)
            card.set_number(column + 1)
        if self._has_today:
            self._place_lists(in_line=in_line)

    def _place_lists(self, *, in_line: bool) -> None:
        self.removeWidget(self._lists)
        self.addWidget(self._lists, 1, 0 if in_line else 1, 1, 3 if in_line else 2)
