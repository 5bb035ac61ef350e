"""Which cards of the desk flash: those on which something was read, or came true."""

from app.core.enrollment import SUCCESS
from app.station.notices import CardState, DeskNotice
from app.ui.widgets import Card, Tone

_FLASHES = {
    CardState.FOUND: Tone.INFO,
    CardState.UNKNOWN: Tone.BAD,
    CardState.FAILED: Tone.BAD,
    CardState.UNREAD: Tone.CAUTION,
}


def celebrate(before: DeskNotice, after: DeskNotice, cards: tuple[Card, Card, Card]) -> None:
    """Flash the `cards` (token, person, work) on which something is new in `after`."""
    token, person, work = cards
    _flash(token, before.token_card.state, after.token_card.state)
    _flash(person, before.person_card.state, after.person_card.state)
    if after.enrollment.state in SUCCESS:
        work.flash(Tone.GOOD)


def _flash(card: Card, before: CardState, after: CardState) -> None:
    if before is not after and after in _FLASHES:
        card.flash(_FLASHES[after])
