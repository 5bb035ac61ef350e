"""The words for the life of a token after it was handed over: what is done with it, and why not."""

from app.core.enrollment import State
from app.core.lifecycle import Deed, Preview
from app.core.model import TAKES_BACK, Operation, Proof, Reason
from app.core.record import Line
from app.ui.wording.desk import state_word
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
    if line.state is State.NOT_DONE and line.operation in _NOT_DONE:
        return say(_NOT_DONE[line.operation])
    return state_word(line.state)
