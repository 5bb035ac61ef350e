"""Whose turn it is at the desk: which card is filled next, and which was filled last.

Alone, a token is in the hand before its person is looked for. In a line of people the person comes
first and is handed a token of the box.
"""

import enum

from app.station.notices import CardState, DeskNotice

_UNFILLED = frozenset({CardState.EMPTY, CardState.UNREAD})


class Slot(enum.Enum):
    """A card that something is put on."""

    TOKEN = "token"
    PERSON = "person"


def place(notice: DeskNotice) -> tuple[object, ...]:
    """Return what decides where the focus belongs."""
    enrollment = notice.enrollment
    cards = notice.token_card.state, notice.person_card.state
    return enrollment.id, enrollment.state, *cards, notice.stageable


def next_slot(notice: DeskNotice, *, in_line: bool, searching: bool) -> Slot | None:
    """Return the card to fill now, or None where both are; `searching` keeps to the person."""
    unfilled = notice.token_card.state in _UNFILLED
    named = unfilled and notice.person_card.state is CardState.NAMED
    nobody = notice.person_card.person is None and not (notice.stageable or named)
    waiting = [Slot.TOKEN] if unfilled and not searching else []
    waiting += [Slot.PERSON] if nobody else []
    return waiting[-1 if in_line else 0] if waiting else None


def last_slot(notice: DeskNotice, *, in_line: bool) -> Slot | None:
    """Return the card to clear first, or None where both are empty."""
    filled = [Slot.TOKEN] if notice.token_card.state is not CardState.EMPTY else []
    filled += [Slot.PERSON] if notice.person_card.state is not CardState.EMPTY else []
    return filled[0 if in_line else -1] if filled else None
