"""Which sound a change of the desk makes: one that says "taken", one that says "look here"."""

from collections.abc import Collection

from app.core.enrollment import NEEDS_ATTENTION, SUCCESS, WATCHED, State
from app.core.model import Source
from app.core.record import Line
from app.station.notices import CardState, DeskNotice, Sound, TokenCard

_LOOK_HERE = NEEDS_ATTENTION | {State.UNCHECKED}
_IN_VAIN = frozenset({CardState.UNKNOWN, CardState.FAILED, CardState.UNREAD})


def sound_of(before: DeskNotice | None, after: DeskNotice) -> Sound | None:
    """Return the sound of what is new in `after`, what needs attention before what went well.

    The first notice and a desk that is cleared make none, nor does a draft that is in front again
    after a chosen operation was left.
    """
    if before is None:
        return None
    cards = (
        _turned(before.token_card.state, after.token_card.state),
        _turned(before.person_card.state, after.person_card.state),
    )
    was, state = before.enrollment.state, after.enrollment.state
    left = before.chosen is not None and after.chosen is None
    moved = _passage(before) != _passage(after) and not (left or is_said_already(was, state))
    wrong = bool(after.wrong) and after.wrong != before.wrong
    if wrong or (moved and state in _LOOK_HERE) or any(card in _IN_VAIN for card in cards):
        return Sound.ATTENTION
    read = cards[0] is CardState.FOUND and not _by_hand(after.token_card)
    proved = moved and was is State.AWAITING_TOKEN and state is State.READY
    return Sound.ACCEPTED if read or proved or (moved and state in SUCCESS) else None


def sound_of_line(
    before: Collection[Line], after: Collection[Line], here: Collection[str]
) -> Sound | None:
    """Return the sound of what came to rest behind the desk.

    What is `here`, by the ids of the enrollments in front, is heard as it is seen there.
    """
    was = {line.enrollment_id: line.state for line in before}
    moved = {
        line.state
        for line in after
        if line.enrollment_id not in here and _is_news(was.get(line.enrollment_id), line.state)
    }
    if moved & NEEDS_ATTENTION:
        return Sound.ATTENTION
    return Sound.ACCEPTED if moved & SUCCESS else None


def is_said_already(before: State, after: State) -> bool:
    """Tell whether a state only confirms what the one before it has said: that it was refused."""
    return before in WATCHED and after is State.NOT_DONE


def _is_news(before: State | None, after: State) -> bool:
    return after is not before and (before is None or not is_said_already(before, after))


def _turned(before: CardState, after: CardState) -> CardState | None:
    return after if after is not before else None


def _passage(notice: DeskNotice) -> tuple[str, State, int]:
    return notice.enrollment.id, notice.enrollment.state, notice.enrollment.attempts


def _by_hand(card: TokenCard) -> bool:
    return card.source is Source.TYPED
