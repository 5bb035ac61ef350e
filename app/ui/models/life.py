"""What the third card shows of an enrollment beside the desk: words, switches, and sounds."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.enrollment import DRAFT, NEEDS_ATTENTION, SUCCESS, WATCHED, Enrollment, State
from app.core.lifecycle import preview
from app.core.model import Operation, Proof, Token
from app.station.life_notices import LifeNotice, Offer
from app.station.notices import DeskNotice, Sound
from app.ui.models.action import ActionView, findings, view_of
from app.ui.models.sounds import is_said_already
from app.ui.widgets.serial_label import group_serial
from app.ui.widgets.tone import Tone
from app.ui.wording.errors import Trouble, trouble
from app.ui.wording.lifecycle import (
    card_title,
    confirm_words,
    done_words,
    other_half,
    preview_words,
    show_it,
    wrong_token,
)
from app.ui.wording.say import say

_PREVIEWED = WATCHED | {
    State.AWAITING_TOKEN,
    State.AWAITING_CODE,
    State.READY,
    State.NOT_DONE,
}
_SEEN_AFRESH = frozenset(
    {State.AWAITING_TOKEN, State.AWAITING_CODE, State.READY, State.BLOCKED, State.RETURNED}
)
"""States in which a person who has no method may truly have none."""
_LOOK_HERE = NEEDS_ATTENTION | {State.UNCHECKED}


@dataclass(frozen=True, slots=True)
class LifeView:
    """How the card looks. `shows` asks for the token, `missing` may be said of it instead.

    `follows` is the id of the other half of a replacement that comes next, and `withdraws` tells
    whether that half may be taken back; `undo` is the request that takes back what was done.
    """

    action: ActionView
    title: str = ""
    preview: str = ""
    beside: str = ""
    shows: bool = False
    missing: tuple[Proof, ...] = ()
    follows: str = ""
    withdraws: bool = False
    undo: Operation | None = None


def life_view(notice: LifeNotice, offers: Iterable[Offer] = ()) -> LifeView:
    """Return the card's look; `offers` are what is left to do of replacements."""
    enrollment = notice.enrollment
    if enrollment is None:
        return LifeView(ActionView())
    follows = _second_of(enrollment, offers)
    waits = enrollment.state is State.AWAITING_TOKEN
    return LifeView(
        _action(notice, enrollment, follows),
        title=card_title(enrollment),
        preview=_preview(enrollment),
        beside=other_half(enrollment) if enrollment.state in _PREVIEWED else "",
        shows=waits,
        missing=(Proof.LOST, Proof.BROKEN) if waits and notice.without_token else (),
        follows=follows,
        withdraws=_may_withdraw(enrollment),
        undo=None if follows else notice.undo,
    )


def as_seen(notice: DeskNotice, beside: Enrollment | None, seen: Iterable[Token]) -> DeskNotice:
    """Return the desk with what an enrollment `beside` it, and those before, have `seen` since."""
    shown = notice.enrollment
    known = [token for token in seen if shown.token is not None and shown.token.is_same(token)]
    if known:
        shown = replace(shown, token=known[-1])
    person = beside.person if beside else None
    if beside is not None and shown.person is not None and person is not None:
        same = shown.person.id == person.id
        shown = replace(shown, methods=beside.methods) if same and _is_read(beside) else shown
    return replace(notice, enrollment=shown)


def _is_read(enrollment: Enrollment) -> bool:
    """Return whether the methods of `enrollment` were read from the directory.

    One that is being checked, and one that the record has brought back, have none so far.
    """
    return bool(enrollment.methods) or enrollment.state in _SEEN_AFRESH


def sound_of_life(before: LifeNotice, after: LifeNotice) -> Sound | None:
    """Return the sound of what is new: a proof that was taken, an end, or something to look at."""
    if after.enrollment is None:
        return None
    if after.wrong:
        return Sound.ATTENTION
    was, state = before.enrollment, after.enrollment.state
    if was is not None and (was.id, was.state) == (after.enrollment.id, state):
        return None
    if was is not None and is_said_already(was.state, state):
        return None
    if state in _LOOK_HERE:
        return Sound.ATTENTION
    proved = was is not None and was.state is State.AWAITING_TOKEN and state is State.READY
    return Sound.ACCEPTED if proved or state in SUCCESS else None


def _second_of(enrollment: Enrollment, offers: Iterable[Offer]) -> str:
    """Return the id of the second half that follows on `enrollment`, where it can be done now."""
    if enrollment.state not in SUCCESS or enrollment.link is None or enrollment.link.second:
        return ""
    known = (one for one in offers if one.second.id == enrollment.link.partner and one.is_ready)
    return next((offer.second.id for offer in known), "")


def _may_withdraw(enrollment: Enrollment) -> bool:
    """Tell whether this is a second half that was never sent."""
    link, unsent = enrollment.link, enrollment.state in DRAFT and not enrollment.attempts
    return link is not None and link.second and unsent


def _action(notice: LifeNotice, enrollment: Enrollment, follows: str) -> ActionView:
    serial = group_serial(enrollment.token.serial_number if enrollment.token else "")
    view = view_of(enrollment)
    match enrollment.state:
        case State.AWAITING_TOKEN:
            wrong = group_serial(notice.wrong)
            says = ((Tone.BAD, wrong_token(wrong, serial)),) if wrong else ()
            return ActionView(says=(*says, *findings(enrollment)), hint=show_it(serial))
        case State.READY | State.AWAITING_CODE:
            return replace(view, hint="", button=confirm_words(enrollment.operation))
        case State.AFTER_REFUSAL if enrollment.takes_back:
            return replace(view, button="")
        case State.NOT_DONE if enrollment.takes_back:
            return replace(view, says=_error(enrollment), button="", again=say("Check again"))
        case state if state in SUCCESS:
            says = ((Tone.GOOD, done_words(enrollment, serial)),)
            return replace(view, says=says, button=_next(enrollment, follows))
        case State.UNCHECKED if notice.retry_at is not None:
            view = replace(view, again=say("Try now"), retry_at=notice.retry_at)
    return view


def _error(enrollment: Enrollment) -> tuple[tuple[Tone, Trouble], ...]:
    unchanged = Trouble(say("Nothing was changed."), say("The token is still with the person."))
    return ((Tone.BAD, trouble(enrollment.error) if enrollment.error else unchanged),)


def _next(enrollment: Enrollment, follows: str) -> str:
    if not follows:
        return say("Next person")
    return say("Now the new token") if enrollment.takes_back else say("Now the old token")


def _preview(enrollment: Enrollment) -> str:
    said = preview(enrollment) if enrollment.state in _PREVIEWED else None
    return preview_words(said, group_serial(said.serial_number)) if said else ""
