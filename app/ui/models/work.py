"""What the third card shows of the work in front: its words, and what can be done with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.core.enrollment import DRAFT, SUCCESS, WATCHED, Enrollment, State
from app.core.errors import Forbidden, LedgerUnwritable, NotShown, OathdeskError, Rejected
from app.core.lifecycle import preview, undo
from app.core.model import Mode, Operation, Proof
from app.core.preflight import REASONS, OverrideReason, Severity, asked_for_reason
from app.core.rights import Feature, Verdict
from app.station.desk.notices import Offer
from app.station.notices import DeskNotice
from app.ui.widgets.serial_label import group_serial
from app.ui.widgets.tone import Tone
from app.ui.wording.desk import finding, state_word, submit_words
from app.ui.wording.errors import Trouble, read_trouble, refused, refused_code, still_asked, trouble
from app.ui.wording.lifecycle import (
    card_title,
    confirm_words,
    done_words,
    other_half,
    preview_words,
    show_it,
    wrong_token,
)
from app.ui.wording.rights import cannot
from app.ui.wording.say import say


@dataclass(frozen=True, slots=True)
class WorkView:
    """How the card looks. `button` is empty where there is nothing to press; `again` offers F5.

    `reasons` are what the operator can go on with where the check asks for one. `unread` is why
    the check could not be made, `retry_at` when the station makes it again by itself. `undo` is the
    request that takes back what was done.

    Of a chosen operation `preview` says what it comes to and `beside` what its other half is;
    `shows_token` asks for the token in the hand, and `missing` may be said of it instead. `follows`
    is the id of the other half that comes next, and `withdraws` tells whether this half may be
    taken back.
    """

    says: tuple[tuple[Tone, Trouble], ...] = ()
    title: str = ""
    hint: str = ""
    code: bool = False
    button: str = ""
    busy: bool = False
    again: str = ""
    finished: bool = False
    mode_open: bool = True
    reasons: tuple[OverrideReason, ...] = ()
    unread: OathdeskError | None = None
    retry_at: datetime | None = None
    undo: Operation | None = None
    preview: str = ""
    beside: str = ""
    shows_token: bool = False
    missing: tuple[Proof, ...] = ()
    follows: str = ""
    withdraws: bool = False


def work_view(notice: DeskNotice, offers: Iterable[Offer] = ()) -> WorkView:
    """Return the card's look; `offers` are what is left to do of replacements."""
    chosen = notice.chosen
    view = _of_cards(notice) if chosen is None else _of_chosen(notice, chosen, offers)
    if notice.retry_at is not None and not notice.stageable:
        view = replace(view, again=say("Try now"), retry_at=notice.retry_at)
    return view


def _by_code(enrollment: Enrollment) -> bool:
    return enrollment.mode is Mode.ASSIGN_AND_ACTIVATE


def _incomplete(enrollment: Enrollment) -> WorkView:
    hints = {
        State.EMPTY: say("Scan a token and find the person, in any order."),
        State.HAS_TOKEN: say("Now find the person."),
        State.HAS_PERSON: say("Now scan the token."),
        State.CHECKING: say("Checking token and person."),
    }
    return WorkView(hint=hints.get(enrollment.state, ""), code=_by_code(enrollment))


def _stopped(enrollment: Enrollment) -> WorkView:
    says = _not_read(enrollment) if enrollment.state is State.UNCHECKED else findings(enrollment)
    asked = asked_for_reason(enrollment.findings)
    reasons = REASONS[asked.kind] if asked and enrollment.state is State.BLOCKED else ()
    hint = say("To go on, choose the reason. It is recorded.") if reasons else ""
    unread = enrollment.error if enrollment.state is State.UNCHECKED else None
    return WorkView(says=says, hint=hint, again=say("Check again"), reasons=reasons, unread=unread)


def _unrecorded(enrollment: Enrollment) -> WorkView:
    """Say why nothing was sent, and that it is not forgotten."""
    why = _error(enrollment) or ((Tone.BAD, trouble(LedgerUnwritable())),)
    kept = Trouble(
        say("Nothing was sent."),
        say("This stays in the list of the day until it is tried again or dismissed there."),
    )
    return WorkView(says=(*why, (Tone.CAUTION, kept)), again=say("Check again"), mode_open=False)


def findings(enrollment: Enrollment) -> tuple[tuple[Tone, Trouble], ...]:
    """Return what the check of `enrollment` found, each in its tone."""
    cautions = {Severity.ASKS, Severity.CAUTION}
    tones = dict.fromkeys(cautions, Tone.CAUTION) | {Severity.BLOCKS: Tone.BAD}
    return tuple((tones[found.severity], finding(found)) for found in enrollment.findings)


def _not_read(enrollment: Enrollment) -> tuple[tuple[Tone, Trouble], ...]:
    """Say why the check was not made. A check only reads."""
    return ((Tone.BAD, read_trouble(enrollment.error)),) if enrollment.error else ()


def _error(enrollment: Enrollment) -> tuple[tuple[Tone, Trouble], ...]:
    return ((Tone.BAD, trouble(enrollment.error)),) if enrollment.error else ()


def _open(enrollment: Enrollment) -> WorkView:
    hint = say("The person activates the token later, with a code from it.")
    return WorkView(
        says=findings(enrollment),
        hint="" if enrollment.wants_code else hint,
        code=enrollment.wants_code,
        button=submit_words(enrollment),
    )


def _underway(enrollment: Enrollment) -> WorkView:
    words = {
        State.RECORDING: say("Writing the record."),
        State.SUBMITTING: say("Submitting to the directory."),
        State.CONFIRMING: say("Submitted. Waiting until the directory shows it."),
        State.RESOLVING: say("Asking the directory what happened."),
    }
    return WorkView(hint=words[enrollment.state], busy=True, mode_open=False)


def _done(enrollment: Enrollment) -> WorkView:
    name = enrollment.person.display_name if enrollment.person else ""
    if enrollment.state is State.ACTIVATED:
        said = Trouble(
            say("Activated."),
            say("{name} can sign in with this token now.", name=name),
        )
    elif enrollment.takes_back:
        said = Trouble(state_word(enrollment.state), "")
    else:
        said = Trouble(
            say("Assigned."),
            say("{name} activates it later, with a code from the token.", name=name),
        )
    return WorkView(
        says=((Tone.GOOD, said),), button=say("Next person"), finished=True, mode_open=False
    )


def _once_more(enrollment: Enrollment) -> WorkView:
    if enrollment.state is State.HALF_DONE and isinstance(enrollment.error, Rejected):
        said = Trouble(
            say("The code was not accepted."),
            say(
                "The token is assigned and so far not activated. Type the next code, or leave "
                "it to the person."
            ),
        )
    elif enrollment.state is State.HALF_DONE:
        said = Trouble(
            say("The token is assigned, but not activated."),
            say("Type the next code to activate it, or leave it to the person."),
        )
    elif enrollment.wants_code:
        said = refused_code(enrollment.error)
    else:
        said = trouble(enrollment.error) if enrollment.error else Trouble("", "")
    return WorkView(
        says=((Tone.CAUTION if enrollment.state is State.HALF_DONE else Tone.BAD, said),),
        code=enrollment.wants_code,
        button=submit_words(enrollment),
        again=say("Check again"),
        mode_open=False,
    )


def _refused(enrollment: Enrollment) -> WorkView:
    """Say at once that it was refused, and that it is not known yet what that left behind."""
    view = _once_more(enrollment)
    said = view.says if enrollment.error is not None else ((Tone.BAD, refused()),)
    return replace(view, says=(*said, (Tone.INFO, still_asked())))


def _open_question(enrollment: Enrollment) -> WorkView:
    if enrollment.state is State.TAKEN:
        said = Trouble(
            say("Somebody else holds this token now."),
            say("Put it aside and take another one. Nothing was changed for this person."),
        )
    elif isinstance(enrollment.error, NotShown):
        said = trouble(enrollment.error)
    else:
        said = Trouble(
            say("The directory has not confirmed this yet."),
            say("It may take some minutes. Look again before you hand over another token."),
        )
    return WorkView(says=((Tone.CAUTION, said),), again=say("Look again"), mode_open=False)


_ENDED = frozenset({State.AFTER_REFUSAL, State.NOT_DONE, State.HALF_DONE, State.UNSETTLED})
_INCOMPLETE = frozenset({State.EMPTY, State.HAS_TOKEN, State.HAS_PERSON})

_VIEWS: dict[State, Callable[[Enrollment], WorkView]] = {
    State.EMPTY: _incomplete,
    State.HAS_TOKEN: _incomplete,
    State.HAS_PERSON: _incomplete,
    State.CHECKING: _incomplete,
    State.BLOCKED: _stopped,
    State.UNCHECKED: _stopped,
    State.UNRECORDED: _unrecorded,
    State.READY: _open,
    State.AWAITING_CODE: _open,
    State.RECORDING: _underway,
    State.SUBMITTING: _underway,
    State.CONFIRMING: _underway,
    State.AFTER_REFUSAL: _refused,
    State.RESOLVING: _underway,
    State.NOT_DONE: _once_more,
    State.HALF_DONE: _once_more,
    State.TAKEN: _open_question,
    State.UNSETTLED: _open_question,
    State.ASSIGNED: _done,
    State.ACTIVATED: _done,
    State.STAGED: _incomplete,
    State.DUE: _incomplete,
    State.AWAITING_TOKEN: _incomplete,
    State.DEACTIVATED: _done,
    State.RETURNED: _done,
    State.DELETED: _done,
    State.CREATED: _done,
    State.WITHDRAWN: _incomplete,
}


def _of_cards(notice: DeskNotice) -> WorkView:
    """Return the look of the hand-over to which the two cards come."""
    title, enrollment = say("Hand over"), notice.enrollment
    if notice.stageable:
        return replace(_for_the_tray(), title=title)
    view = _VIEWS[enrollment.state](enrollment)
    says = (*view.says, *_lack(notice))
    view = replace(view, says=says, title=title, undo=undo(enrollment))
    if notice.offline and enrollment.state in DRAFT:
        return replace(view, hint=_offline(enrollment), code=False, button="")
    return view


def _lack(notice: DeskNotice) -> tuple[tuple[Tone, Trouble], ...]:
    """Say what this operator lacks for handing over, before anything is scanned or after a refusal.

    Once both cards are filled the preflight's own findings say it.
    """
    lack = next((one for one in notice.lacks if one.feature is Feature.ASSIGN), None)
    incomplete = notice.enrollment.state in _INCOMPLETE
    if lack is None or (incomplete and lack.verdict is not Verdict.SCOPE_MISSING):
        return ()
    refused = isinstance(notice.enrollment.error, Forbidden) and notice.enrollment.state in _ENDED
    return ((Tone.BAD, cannot(lack)),) if incomplete or refused else ()


def _for_the_tray() -> WorkView:
    said = Trouble(
        say("The directory is out of reach."),
        say("This waits in the tray. It is checked and sent when the directory answers again."),
    )
    return WorkView(says=((Tone.CAUTION, said),), button=say("Put into the tray"))


def _offline(enrollment: Enrollment) -> str:
    if _by_code(enrollment):
        return say(
            "The directory is out of reach, and a code cannot wait. Choose Assign only (F4)."
        )
    return say("The directory is out of reach. Scan a token, then the badge or the number.")


# A chosen operation ------------------------------------------------------------------------------

_PREVIEWED = WATCHED | {
    State.AWAITING_TOKEN,
    State.AWAITING_CODE,
    State.READY,
    State.NOT_DONE,
}


def _of_chosen(notice: DeskNotice, enrollment: Enrollment, offers: Iterable[Offer]) -> WorkView:
    """Return the look of an operation that was chosen for a token."""
    follows = _second_of(enrollment, offers)
    waits = enrollment.state is State.AWAITING_TOKEN
    return replace(
        _chosen_state(notice, enrollment, follows),
        title=card_title(enrollment),
        mode_open=False,
        preview=_preview(enrollment),
        beside=other_half(enrollment) if enrollment.state in _PREVIEWED else "",
        shows_token=waits,
        missing=(Proof.LOST, Proof.BROKEN) if waits and notice.without_token else (),
        follows=follows,
        withdraws=_may_withdraw(enrollment),
        undo=None if follows else undo(enrollment),
    )


def _chosen_state(notice: DeskNotice, enrollment: Enrollment, follows: str) -> WorkView:
    serial = group_serial(enrollment.token.serial_number if enrollment.token else "")
    view = _VIEWS[enrollment.state](enrollment)
    match enrollment.state:
        case State.AWAITING_TOKEN:
            wrong = group_serial(notice.wrong)
            says = ((Tone.BAD, wrong_token(wrong, serial)),) if wrong else ()
            return WorkView(says=(*says, *findings(enrollment)), hint=show_it(serial))
        case State.READY | State.AWAITING_CODE:
            return replace(view, hint="", button=confirm_words(enrollment.operation))
        case State.AFTER_REFUSAL if enrollment.takes_back:
            return replace(view, button="")
        case State.NOT_DONE if enrollment.takes_back:
            return replace(view, says=_unchanged(enrollment), button="", again=say("Check again"))
        case state if state in SUCCESS:
            says = ((Tone.GOOD, done_words(enrollment, serial)),)
            return replace(view, says=says, button=_next(enrollment, follows))
    return view


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


def _unchanged(enrollment: Enrollment) -> tuple[tuple[Tone, Trouble], ...]:
    unchanged = Trouble(say("Nothing was changed."), say("The token is still with the person."))
    return ((Tone.BAD, trouble(enrollment.error) if enrollment.error else unchanged),)


def _next(enrollment: Enrollment, follows: str) -> str:
    if not follows:
        return say("Next person")
    return say("Now the new token") if enrollment.takes_back else say("Now the old token")


def _preview(enrollment: Enrollment) -> str:
    said = preview(enrollment) if enrollment.state in _PREVIEWED else None
    return preview_words(said, group_serial(said.serial_number)) if said else ""
