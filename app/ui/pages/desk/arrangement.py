"""Where the cards of the desk stand: in the order in which they are filled, the lists below."""

from typing import Final

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from app.ui.pages.desk.lists import Lists
from app.ui.pages.desk.person_panel import PersonPanel
from app.ui.pages.desk.steps_panel import StepsPanel
from app.ui.pages.desk.token_panel import TokenPanel

_NARROW: Final = 36
_WIDE: Final = 40
"""Shares of the width; a person has more to tell than a token."""

_CARD: Final = 264
"""Width in px that a card has at least."""

_HIGH: Final = 312
_LOW: Final = 200
"""Height in px of the cards at least: side by side, and with the third below."""

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
        self._action = action
        self._has_today = True
        self._in_line = self._narrow = False
        self._row: QHBoxLayout | None = None
        self.setContentsMargins(24, 20, 24, 20)
        self.setSpacing(16)
        for below in (steps, self._lists):  # the cards take what they need, these the rest
            below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
            below.setMinimumHeight(_LOWEST)
        self._place()

    @property
    def lists(self) -> Lists:
        """Return the lists below the cards."""
        return self._lists

    def put(self, *, in_line: bool) -> None:
        """Put the cards into the order of a line of people, or back; Tab follows."""
        self._in_line = in_line
        self._place()
        self._steps.setVisible(not (in_line and self._has_today))
        fields = self._token.edit, self._person.search.edit
        QWidget.setTabOrder(*(reversed(fields) if in_line else fields))

    def leave_out_today(self) -> None:
        """Show nobody who was served here before, from now on; the steps have the room."""
        self._has_today = False
        self._row = self._lists.leave_out_today(self._steps)
        self._row.setSpacing(self.spacing())
        self._place()

    def adapt(self, width: int) -> bool:
        """Arrange the cards for a page of `width` px; tell whether that has changed anything."""
        margins = self.contentsMargins()
        beside = 3 * _CARD + 2 * self.spacing() + margins.left() + margins.right()
        cards = (self._token, self._person, self._action)
        needed = sum(max(_CARD, card.minimumSizeHint().width()) for card in cards)
        narrow = width < max(beside, needed + beside - 3 * _CARD)
        if narrow is self._narrow:
            return False
        self._narrow = narrow
        self._place()
        return True

    def _place(self) -> None:
        """Put everything where it belongs: in three columns, or in two where those are too wide."""
        cards: tuple[TokenPanel | PersonPanel, ...] = (self._token, self._person)
        cards = cards[::-1] if self._in_line else cards
        for part in (*cards, self._action, self._steps, self._lists):
            self.removeWidget(part)
        columns, below = (2, 2) if self._narrow else (3, 1)
        for column in range(3):
            used = column < columns
            self.setColumnMinimumWidth(column, _CARD if used else 0)
            self.setColumnStretch(column, _NARROW if used else 0)
        for column, card in enumerate(cards):
            self.addWidget(card, 0, column)
            self.setColumnStretch(column, _WIDE if card is self._person else _NARROW)
            card.set_number(column + 1)
        if self._narrow:
            self.addWidget(self._action, 1, 0, 1, 2)
        else:
            self.addWidget(self._action, 0, 2)
        self.setRowMinimumHeight(0, _LOW if self._narrow else _HIGH)
        self.setRowStretch(1, 0 if self._narrow else 1)
        self.setRowStretch(2, 1 if self._narrow else 0)
        self._place_lists(below, columns)

    def _place_lists(self, row: int, columns: int) -> None:
        if self._row is not None:
            self.removeItem(self._row)
            self.addLayout(self._row, row, 0, 1, columns)
            return
        self.addWidget(self._steps, row, 0)
        first = 0 if self._in_line else 1
        self.addWidget(self._lists, row, first, 1, columns - first)
