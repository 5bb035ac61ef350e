"""What the third card shows for each state of the enrollment: words and switches."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from app.core.enrollment import DRAFT, Enrollment, State
from app.core.errors import Forbidden, LedgerUnwritable, NotShown, OathdeskError, Rejected
from app.core.model import Mode
from app.core.preflight import REASONS, OverrideReason, Severity, asked_for_reason
from app.core.rights import Feature, Verdict
from app.station.notices import DeskNotice
from app.ui.widgets.tone import Tone
from app.ui.wording.desk import finding, state_word, submit_words
from app.ui.wording.errors import Trouble, read_trouble, refused, refused_code, still_asked, trouble
from app.ui.wording.rights import cannot
from app.ui.wording.say import say


@dataclass(frozen=True, slots=True)
class ActionView:
    """How the card looks. `button` is empty where there is nothing to press; `again` offers F5.

    `reasons` are what the operator can go on with where the check asks for one. `unread` is why
    the check could not be made, `retry_at` when the station makes it again by itself.
    """

    says: tuple[tuple[Tone, Trouble], ...] = ()
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


def _by_code(enrollment: Enrollment) -> bool:
    return enrollment.mode is Mode.ASSIGN_AND_ACTIVATE


def _incomplete(enrollment: Enrollment) -> ActionView:
    hints = {
        State.EMPTY: say("Scan a token and find the person, in any order."),
        State.HAS_TOKEN: say("Now find the person."),
        State.HAS_PERSON: say("Now scan the token."),
        State.CHECKING: say("Checking token and person."),
    }
    return ActionView(hint=hints.get(enrollment.state, ""), code=_by_code(enrollment))


def _stopped(enrollment: Enrollment) -> ActionView:
    says = _not_read(enrollment) if enrollment.state is State.UNCHECKED else findings(enrollment)
    asked = asked_for_reason(enrollment.findings)
    reasons = REASONS[asked.kind] if asked and enrollment.state is State.BLOCKED else ()
    hint = say("To go on, choose the reason. It is recorded.") if reasons else ""
    unread = enrollment.error if enrollment.state is State.UNCHECKED else None
    return ActionView(
        says=says, hint=hint, again=say("Check again"), reasons=reasons, unread=unread
    )


def _unrecorded(enrollment: Enrollment) -> ActionView:
    """Say why nothing was sent, and that it is not forgotten."""
    why = _error(enrollment) or ((Tone.BAD, trouble(LedgerUnwritable())),)
    kept = Trouble(
        say("Nothing was sent."),
        say("This stays in the list of the day until it is tried again or dismissed there."),
    )
    return ActionView(says=(*why, (Tone.CAUTION, kept)), again=say("Check again"), mode_open=False)


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


def _open(enrollment: Enrollment) -> ActionView:
    hint = say("The person activates the token later, with a code from it.")
    return ActionView(
        says=findings(enrollment),
        hint="" if enrollment.wants_code else hint,
        code=enrollment.wants_code,
        button=submit_words(enrollment),
    )


def _underway(enrollment: Enrollment) -> ActionView:
    words = {
        State.RECORDING: say("Writing the record."),
        State.SUBMITTING: say("Submitting to the directory."),
        State.CONFIRMING: say("Submitted. Waiting until the directory shows it."),
        State.RESOLVING: say("Asking the directory what happened."),
    }
    return ActionView(hint=words[enrollment.state], busy=True, mode_open=False)


def _done(enrollment: Enrollment) -> ActionView:
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
    return ActionView(
        says=((Tone.GOOD, said),), button=say("Next person"), finished=True, mode_open=False
    )


def _once_more(enrollment: Enrollment) -> ActionView:
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
    return ActionView(
        says=((Tone.CAUTION if enrollment.state is State.HALF_DONE else Tone.BAD, said),),
        code=enrollment.wants_code,
        button=submit_words(enrollment),
        again=say("Check again"),
        mode_open=False,
    )


def _refused(enrollment: Enrollment) -> ActionView:
    """Say at once that it was refused, and that it is not known yet what that left behind."""
    view = _once_more(enrollment)
    said = view.says if enrollment.error is not None else ((Tone.BAD, refused()),)
    return replace(view, says=(*said, (Tone.INFO, still_asked())))


def _open_question(enrollment: Enrollment) -> ActionView:
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
    return ActionView(says=((Tone.CAUTION, said),), again=say("Look again"), mode_open=False)


_ENDED = frozenset({State.AFTER_REFUSAL, State.NOT_DONE, State.HALF_DONE, State.UNSETTLED})
_INCOMPLETE = frozenset({State.EMPTY, State.HAS_TOKEN, State.HAS_PERSON})

_VIEWS: dict[State, Callable[[Enrollment], ActionView]] = {
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


def view_of(enrollment: Enrollment) -> ActionView:
    """Return the card's look for `enrollment`, whatever else the desk knows."""
    return _VIEWS[enrollment.state](enrollment)


def action_view(notice: DeskNotice) -> ActionView:
    """Return the card's look for the enrollment in front."""
    if notice.stageable:
        return _for_the_tray()
    view = view_of(notice.enrollment)
    view = replace(view, says=(*view.says, *_lack(notice)))
    if notice.retry_at is not None:
        view = replace(view, again=say("Try now"), retry_at=notice.retry_at)
    if notice.offline and notice.enrollment.state in DRAFT:
        return replace(view, hint=_offline(notice.enrollment), code=False, button="")
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


def _for_the_tray() -> ActionView:
    said = Trouble(
        say("The directory is out of reach."),
        say("This waits in the tray. It is checked and sent when the directory answers again."),
    )
    return ActionView(says=((Tone.CAUTION, said),), button=say("Put into the tray"))


def _offline(enrollment: Enrollment) -> str:
    if _by_code(enrollment):
        return say(
            "The directory is out of reach, and a code cannot wait. Choose Assign only (F4)."
        )
    return say("The directory is out of reach. Scan a token, then the badge or the number.")
