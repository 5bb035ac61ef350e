"""What can be done with a token in somebody's hands, and what it comes to, said before it is done.

Pure judgement over facts that were already read, by the same preflight that decides before a
submit, so that what is offered is what will pass.
"""

import enum
from dataclasses import dataclass, replace

from app.core.enrollment import Enrollment, State
from app.core.model import METHODS_LIMIT, WITHOUT_TOKEN, Method, Mode, Operation, Token, method_of
from app.core.preflight import Facts, Finding, Severity, check, methods_counted


class Deed(enum.Enum):
    """What an operator can do with a token and a person."""

    HAND_OVER = "hand_over"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    UNASSIGN = "unassign"
    REPLACE = "replace"


_WANTED: dict[Deed, Operation | None] = {
    Deed.HAND_OVER: None,
    Deed.ACTIVATE: Operation.ACTIVATE,
    Deed.DEACTIVATE: Operation.DEACTIVATE,
    Deed.UNASSIGN: Operation.UNASSIGN,
    Deed.REPLACE: Operation.UNASSIGN,
}
"""The request that a deed comes down to; a replacement is judged by what it takes back."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One deed; `why` is what stands in its way, or None where it can be done."""

    deed: Deed
    why: Finding | None = None


def choices(facts: Facts) -> tuple[Choice, ...]:
    """Return every deed with what stands in its way, for the token and the person of `facts`."""
    return tuple(Choice(deed, _in_the_way(facts, wanted)) for deed, wanted in _WANTED.items())


def _in_the_way(facts: Facts, wanted: Operation | None) -> Finding | None:
    mode = Mode.ASSIGN_AND_ACTIVATE if wanted is Operation.ACTIVATE else facts.mode
    findings = check(replace(facts, wanted=wanted, mode=mode))
    return next((found for found in findings if found.severity is Severity.BLOCKS), None)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a submit is about to do, for one sentence: to which token, for whom, by what proof."""

    operation: Operation
    serial_number: str
    person_name: str
    without_token: bool = False
    """The operator says that the token is lost or broken, so that it goes back to nowhere."""


def preview(enrollment: Enrollment) -> Preview | None:
    """Return what a submit of `enrollment` does; None as long as a card is empty."""
    token, person = enrollment.token, enrollment.person
    if token is None or person is None:
        return None
    gone = enrollment.proof in WITHOUT_TOKEN
    return Preview(enrollment.operation, token.serial_number, person.display_name, gone)


_UNDO: dict[State, Operation] = {
    State.ASSIGNED: Operation.UNASSIGN,
    State.ACTIVATED: Operation.UNASSIGN,
    State.HALF_DONE: Operation.UNASSIGN,
    State.DEACTIVATED: Operation.ACTIVATE,
    State.RETURNED: Operation.ASSIGN,
}


def undo(enrollment: Enrollment) -> Operation | None:
    """Return the request that takes back what `enrollment` has come to, where there is one.

    Nothing that Graph does here is final but for the code: an activation needs a new one. A token
    that is not there cannot be given again.
    """
    if enrollment.state is State.RETURNED and enrollment.proof in WITHOUT_TOKEN:
        return None
    return _UNDO.get(enrollment.state)


def proves(token: Token, serial_number: str) -> bool:
    """Tell whether what was scanned, tapped or typed is `token`, in whatever case its letters."""
    shown = serial_number.strip().casefold()
    return bool(shown) and shown == token.serial_number.casefold()


def old_goes_first(methods: tuple[Method, ...]) -> bool:
    """Tell whether a replacement has to begin with the old token: the person is at the limit."""
    return methods_counted(methods) >= METHODS_LIMIT


def without(methods: tuple[Method, ...], token: Token) -> tuple[Method, ...]:
    """Return `methods` as they are once `token` was removed."""
    gone = method_of(methods, token)
    return tuple(method for method in methods if method is not gone)
