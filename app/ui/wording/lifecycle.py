"""The words for the life of a token after it was handed over: what is done with it, and why not."""

from dataclasses import replace

from app.core.enrollment import Enrollment, State
from app.core.lifecycle import Deed, Preview
from app.core.model import TAKES_BACK, WITHOUT_TOKEN, Operation, Proof, Reason
from app.core.record import Line
from app.ui.wording.desk import state_word
from app.ui.wording.errors import Trouble
from app.ui.wording.passes import pass_state
from app.ui.wording.say import say

_DEEDS: dict[Deed, str] = {
    Deed.HAND_OVER: "Hand over",
    Deed.ACTIVATE: "Activate",
    Deed.DEACTIVATE: "Deactivate",
    Deed.UNASSIGN: "Remove from the person",
    Deed.REPLACE: "Replace",
}

_OPERATIONS: dict[Operation, str] = {
    Operation.ASSIGN: "Assign only",
    Operation.ASSIGN_AND_ACTIVATE: "Assign and activate",
    Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL: "Assign and activate by serial number",
    Operation.ACTIVATE: "Activate",
    Operation.DEACTIVATE: "Deactivate",
    Operation.UNASSIGN: "Remove from the person",
    Operation.DELETE: "Delete from the tenant",
    Operation.CREATE: "Add to the inventory",
    Operation.CREATE_AND_ASSIGN: "Add to the inventory and assign",
    Operation.ISSUE_PASS: "Issue a Temporary Access Pass",
}

_PREVIEWS: dict[Operation, str] = {
    Operation.ASSIGN: "Assign {serial} to {name}, who activates it later.",
    Operation.ASSIGN_AND_ACTIVATE: "Assign {serial} to {name} and activate it.",
    Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL: "Assign {serial} to {name} and activate it.",
    Operation.ACTIVATE: "Activate {serial} for {name}.",
    Operation.DEACTIVATE: (
        "Deactivate {serial} of {name}; the token stays with them and opens nothing."
    ),
    Operation.UNASSIGN: "Remove {serial} from {name}; it goes back to stock.",
}

_PREVIEW_WITHOUT = "Remove {serial} from {name}. Nobody can sign in with it any more."

_PROOFS: dict[Proof, str] = {
    Proof.SCANNED: "Scanned",
    Proof.CARD: "Read by the card reader",
    Proof.TYPED: "Serial number typed",
    Proof.LOST: "Not shown, said to be lost",
    Proof.BROKEN: "Not shown, said to be broken",
    Proof.LISTED: "Not shown, chosen in the inventory",
}

_REASONS: dict[Reason, str] = {
    Reason.LOST: "Lost",
    Reason.BROKEN: "Broken",
    Reason.DRIFTED: "Clock off by too much",
}

_CONFIRMS: dict[Operation, str] = {
    Operation.ASSIGN: "Assign",
    Operation.ASSIGN_AND_ACTIVATE: "Assign and activate",
    Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL: "Assign and activate",
    Operation.ACTIVATE: "Activate",
    Operation.DEACTIVATE: "Deactivate it",
    Operation.UNASSIGN: "Remove it",
}

_UNDOES: dict[Operation, str] = {
    Operation.ASSIGN: "undo: hand it over again",
    Operation.ACTIVATE: "undo: activate it again",
    Operation.UNASSIGN: "undo: remove it again",
}

_MISSING: dict[Proof, str] = {
    Proof.LOST: "It is lost",
    Proof.BROKEN: "It is broken",
}

_REPLACES: dict[Reason, str] = {
    Reason.LOST: "It is lost",
    Reason.BROKEN: "It is broken",
    Reason.DRIFTED: "Its clock is off by too much",
}

_NOT_DONE: dict[Operation, str] = {
    Operation.DEACTIVATE: "Not deactivated",
    Operation.UNASSIGN: "Not removed",
    Operation.DELETE: "Not deleted",
    Operation.CREATE: "Not added",
    Operation.CREATE_AND_ASSIGN: "Not added",
}


def deed_name(deed: Deed) -> str:
    """Return what can be done with a token, in a word or two."""
    return say(_DEEDS[deed])


def operation_name(operation: Operation) -> str:
    """Return what is asked of the directory, in a few words."""
    return say(_OPERATIONS[operation])


def preview_words(preview: Preview, serial: str) -> str:
    """Return what is about to be done, as a sentence; `serial` is grouped."""
    gone = preview.operation is Operation.UNASSIGN and preview.without_token
    sentence = _PREVIEW_WITHOUT if gone else _PREVIEWS[preview.operation]
    return say(sentence, serial=serial, name=preview.person_name)


def proof_word(proof: Proof) -> str:
    """Return how it was shown that the right token is there."""
    return say(_PROOFS[proof])


def reason_word(reason: Reason) -> str:
    """Return why a token is replaced."""
    return say(_REASONS[reason])


def due_word(operation: Operation) -> str:
    """Return what is left to do of a replacement, in a few words."""
    if operation in TAKES_BACK:
        return say("Old token to be removed")
    return say("New token to be handed over")


def line_state(line: Line) -> str:
    """Return the state of a recorded enrollment in a few words, by what was asked for."""
    if line.state is State.DUE:
        return due_word(line.operation)
    if line.access_pass is not None and (words := pass_state(line.state, line.access_pass)):
        return words
    if line.state is State.NOT_DONE and line.operation in _NOT_DONE:
        return say(_NOT_DONE[line.operation])
    return state_word(line.state)


def corrected(line: Line) -> Trouble:
    """Return what to say of an enrollment that had come to rest and turned out otherwise."""
    was = line_state(replace(line, state=line.corrected)) if line.corrected else ""
    return Trouble(
        say(
            "{name}, token {serial}: it was “{before}”. The directory was looked at again, and "
            "it is “{after}”.",
            name=line.person_name,
            serial=line.serial_number,
            before=was,
            after=line_state(line),
        ),
        say("It is listed under Today."),
    )


def confirm_words(operation: Operation) -> str:
    """Return what the big button does."""
    return say(_CONFIRMS[operation])


def undo_words(operation: Operation) -> str:
    """Return how what was done is taken back, beside the key for it."""
    return say(_UNDOES[operation])


def missing_words(proof: Proof) -> str:
    """Return what the operator says of a token that cannot be shown."""
    return say(_MISSING[proof])


def replaces_words(reason: Reason) -> str:
    """Return why a token is to be replaced, as the operator chooses it."""
    return say(_REPLACES[reason])


def card_title(enrollment: Enrollment) -> str:
    """Return the name of what is in work."""
    if enrollment.link is None:
        return operation_name(enrollment.operation)
    return (
        say("Replace a token, 2 of 2") if enrollment.link.second else say("Replace a token, 1 of 2")
    )


def other_half(enrollment: Enrollment) -> str:
    """Return what comes before or after one half of a replacement; nothing where it is none."""
    link = enrollment.link
    if link is None:
        return ""
    if enrollment.takes_back:
        if link.second:
            return say("The new token is handed over.")
        return say(
            "This person is at the limit, so the old token goes first and the new one after."
        )
    if link.second:
        return say("The old token is removed.")
    return say("The old token is removed after that.")


def show_it(serial: str) -> str:
    """Ask for the token that is to be taken back; `serial` is grouped."""
    return say("Scan token {serial}, lay it on the reader, or type its number.", serial=serial)


def wrong_token(shown: str, wanted: str) -> Trouble:
    """Return what to say of another token that was shown; both serial numbers are grouped."""
    return Trouble(
        say("That is token {shown}, another one.", shown=shown),
        say("Nothing was sent. Token {wanted} is to be shown.", wanted=wanted),
    )


def done_words(enrollment: Enrollment, serial: str) -> Trouble:
    """Return what has come true, seen in the directory; `serial` is grouped."""
    name = enrollment.person.display_name if enrollment.person else ""
    match enrollment.state:
        case State.ACTIVATED:
            said = say("{name} can sign in with token {serial} now.", name=name, serial=serial)
            return Trouble(say("Activated."), said)
        case State.ASSIGNED:
            said = say("{name} activates it later, with a code from the token.", name=name)
            return Trouble(say("Assigned."), said)
        case State.DEACTIVATED:
            said = say(
                "{name} keeps token {serial} and cannot sign in with it.", name=name, serial=serial
            )
            return Trouble(say("Deactivated."), said)
    if enrollment.proof in WITHOUT_TOKEN:
        said = say("Nobody can sign in with token {serial} any more.", serial=serial)
    else:
        said = say("Token {serial} is back in stock.", serial=serial)
    return Trouble(say("Removed from {name}.", name=name), said)


def replacing_words(serial: str, name: str) -> Trouble:
    """Return what a replacement waits for; `serial` of the old token is grouped."""
    return Trouble(
        say("Replace token {serial} of {name}.", serial=serial, name=name),
        say("Scan the new token. Nothing is sent before you confirm it."),
    )


def why_replaced(serial: str) -> str:
    """Ask why a token is replaced; `serial` is grouped."""
    return say("Why is token {serial} replaced?", serial=serial)


def not_the_new_one(serial: str) -> Trouble:
    """Return what to say where the old token was scanned in place of a new one."""
    return Trouble(
        say("That is the old token, {serial}.", serial=serial),
        say("Take a new one out of the box and scan that."),
    )


def pending_words(first: Line | None) -> Trouble:
    """Return why the second half of a replacement cannot be done yet."""
    if first is None:
        return Trouble(
            say("The first half of this replacement was never sent."),
            say("Nothing has changed. Take the replacement back, and begin again if it is needed."),
        )
    return Trouble(
        say("The first half of this replacement is not done: {state}.", state=line_state(first)),
        say("Open the first half to go on with it, or take the rest of the replacement back."),
    )
