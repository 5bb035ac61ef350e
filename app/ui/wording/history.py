"""The history's words: choices of the filters, what happened to an enrollment, exports."""

from datetime import datetime

from app.clock import local
from app.core.enrollment import (
    DRAFT,
    NEEDS_ATTENTION,
    RESTING,
    SUCCESS,
    UNDERWAY,
    WAITING,
    WATCHED,
    State,
)
from app.core.errors import OathdeskError
from app.core.model import CREATES, TAKES_BACK, WITHOUT_PERSON, Mode, Operation
from app.core.record import Line
from app.station.history import ExportNotice, ExportState
from app.ui.widgets.tone import Tone
from app.ui.wording.desk import overridden, state_word
from app.ui.wording.errors import Trouble, trouble
from app.ui.wording.lifecycle import line_state, operation_name, proof_word, reason_word
from app.ui.wording.passes import pass_rows
from app.ui.wording.say import say

_EVENTS: dict[str, str] = {
    "Recorded": "Written down",
    "Accepted": "The directory accepted the request",
    "Refused": "The directory refused the request",
    "NotSent": "The request was not sent",
    "Lost": "No whole answer came back",
    "SeenActivated": "Seen activated in the directory",
    "SeenAssigned": "Seen assigned in the directory",
    "SeenUnassigned": "Seen unassigned in the directory",
    "SeenElsewhere": "Seen with somebody else",
    "SeenGone": "Not seen in the inventory",
    "SeenListed": "Seen in the inventory",
    "StaysActivated": "Still activated after the last look",
    "StaysAssigned": "Still assigned, not activated, after the last look",
    "StaysUnassigned": "Still unassigned after the last look",
    "StaysGone": "Not in the inventory after the last look",
    "Proved": "The token was shown, or is said to be missing",
    "StaysElsewhere": "Still with somebody else after the last look",
    "FoundActivated": "Looked at again: activated in the directory",
    "FoundAssigned": "Looked at again: assigned in the directory",
    "FoundUnassigned": "Looked at again: unassigned in the directory",
    "FoundElsewhere": "Looked at again: with somebody else",
    "FoundGone": "Looked at again: not in the inventory",
    "LookFailed": "The directory could not be read",
    "PatienceEnded": "The directory gave no clear answer in time",
    "Submitted": "Submitted",
    "TriedAgain": "Asked again",
    "Passed": "Checked, nothing stands in the way",
    "Stopped": "Checked, something stands in the way",
    "CheckFailed": "It could not be checked",
    "NotRecorded": "It could not be written down, so it was not sent",
    "Restarted": "Taken up again after the station was started",
    "Withdrawn": "Taken back before it was sent",
    "PassSeen": "The pass was seen in the directory",
    "PassMissing": "The directory lists no pass of this request",
}

_TONES: dict[State, Tone] = {
    State.ACTIVATED: Tone.GOOD,
    State.ASSIGNED: Tone.GOOD,
    State.AFTER_REFUSAL: Tone.CAUTION,
    State.NOT_DONE: Tone.CAUTION,
    State.HALF_DONE: Tone.CAUTION,
    State.TAKEN: Tone.BAD,
    State.UNSETTLED: Tone.CAUTION,
    State.UNRECORDED: Tone.BAD,
    State.BLOCKED: Tone.CAUTION,
    State.WITHDRAWN: Tone.NEUTRAL,
    State.DUE: Tone.CAUTION,
    State.DEACTIVATED: Tone.GOOD,
    State.RETURNED: Tone.GOOD,
    State.DELETED: Tone.GOOD,
    State.CREATED: Tone.GOOD,
    State.ISSUED: Tone.GOOD,
}


def state_choices() -> tuple[tuple[str, frozenset[State]], ...]:
    """Return (words, states) of the state filter; no states means any."""
    single = [state for state in State if state in RESTING | NEEDS_ATTENTION | WAITING]
    return (
        (say("Any state"), frozenset()),
        (say("Needs attention"), NEEDS_ATTENTION),
        (say("Done"), SUCCESS),
        (say("On its way"), UNDERWAY | WATCHED),
        *((state_word(state), frozenset({state})) for state in single),
    )


def period_choices() -> tuple[tuple[str, str], ...]:
    """Return (key, words with mnemonic) of the day filter; a number is days back from today."""
    return (
        ("0", say("A&ll")),
        ("1", say("&Today")),
        ("7", say("&7 days")),
        ("30", say("&30 days")),
        ("dates", say("&Dates")),
    )


def history_state(state: State) -> str:
    """Return `state` in a few words, one that a newer version wrote included."""
    if state in DRAFT - NEEDS_ATTENTION:
        return state.value.replace("_", " ").capitalize()
    return state_word(state)


def history_word(line: Line) -> str:
    """Return the state of a line in a few words, by what was asked for."""
    return history_state(line.state) if line.state in DRAFT else line_state(line)


def history_tone(state: State) -> Tone:
    """Return how `state` bears on its enrollment."""
    return _TONES.get(state, Tone.INFO)


def event_words(event: str) -> str:
    """Return what happened, by the name the record has for it; an unknown name stays as it is."""
    return say(_EVENTS[event]) if event in _EVENTS else event


def staged_words() -> str:
    """Return what it means that an enrollment was staged."""
    return say("Written down, to be sent when the network is back")


def due_words() -> str:
    """Return what it means that the second half of a replacement was written down."""
    return say("Written down as the second half of a replacement")


def attempt_words() -> str:
    """Return what it means that a submit could not be written down when it was made."""
    return say("Submitted, but the record could not be written, so nothing was sent")


def intent_words(attempt: str) -> str:
    """Return what an intent says."""
    if attempt in {"", "1"}:
        return say("Written down before it was sent")
    return say("Attempt {number}, written down before it was sent", number=attempt)


def mode_name(mode: Mode) -> str:
    """Return what was to be handed over."""
    activate = mode is Mode.ASSIGN_AND_ACTIVATE
    return say("Assign and activate") if activate else say("Assign only")


def day_and_time(moment: datetime) -> str:
    """Return the desk's local day and time, as a list shows it."""
    return say("{moment:%Y-%m-%d %H:%M}", moment=local(moment))


def day(moment: datetime | None) -> str:
    """Return the desk's local day, or nothing where none is told."""
    return say("{moment:%Y-%m-%d}", moment=local(moment)) if moment else ""


def exact_time(moment: datetime) -> str:
    """Return the desk's local day and time with milliseconds and its distance from UTC."""
    return local(moment).isoformat(sep=" ", timespec="milliseconds")


def counted(count: int, more: bool) -> str:
    """Return how many enrollments are listed."""
    if more:
        return say("The latest {count:,}, scroll for more", count=count)
    if count == 1:
        return say("1 enrollment")
    return say("{count:,} enrollments", count=count)


def nothing_yet() -> Trouble:
    """Return what an empty record says."""
    return Trouble(
        say("No token has been handed over at this desk yet."),
        say(
            "Scan a token at the desk, find the person and submit. Each enrollment is listed here "
            "with everything that happened to it, and stays."
        ),
    )


def nothing_found() -> Trouble:
    """Return what a list without a match says."""
    return Trouble(
        say("No enrollment matches."),
        say(
            "Try fewer letters of the name, the last digits of the serial number, or a longer time."
        ),
    )


def choose_one() -> str:
    """Return what the details say before an enrollment is chosen."""
    return say("Choose an enrollment to see everything that happened to it.")


def unreadable(error: OathdeskError) -> Trouble:
    """Return what to say where the record cannot be read."""
    return trouble(error)


def export_words(notice: ExportNotice) -> tuple[Tone, Trouble]:
    """Return what to say of an export."""
    match notice.state:
        case ExportState.WRITING:
            words = say("Writing the file. {count:,} events so far.", count=notice.count)
            return Tone.INFO, Trouble(words, "")
        case ExportState.DONE:
            words = say("{count:,} events are written.", count=notice.count)
            return Tone.GOOD, Trouble(words, notice.path)
        case ExportState.STOPPED:
            return Tone.NEUTRAL, Trouble(say("Stopped. No file was left."), "")
        case ExportState.FAILED:
            error = notice.error
            return Tone.BAD, trouble(error) if error else Trouble(say("No file was written."), "")


def about_rows(line: Line, serial: str, desk: str) -> tuple[tuple[str, str], ...]:
    """Return what is known of an enrollment, as (label, value) pairs; `serial` is grouped."""
    asked = operation_name(line.operation) if line.operation in TAKES_BACK else ""
    named = line.operation in WITHOUT_PERSON | CREATES | {Operation.ISSUE_PASS}
    rows = (
        (say("Token"), serial),
        (say("Sign-in"), line.person_upn),
        (say("Handed over"), "" if asked or named else mode_name(line.mode)),
        (say("Asked for"), operation_name(line.operation) if named else ""),
        *(pass_rows(line.access_pass) if line.access_pass else ()),
        (say("Taken back"), asked),
        (say("Token shown"), proof_word(line.proof) if line.proof else ""),
        (say("Replacement"), reason_word(line.link.reason) if line.link else ""),
        (say("Operator"), say("Self-service") if line.own else line.operator_name),
        (say("Desk"), desk),
        *((say("Reason given"), overridden(*one)) for one in line.overrides),
        (say("Attempts"), str(line.attempts) if line.attempts > 1 else ""),
    )
    return tuple((label, value) for label, value in rows if value)
