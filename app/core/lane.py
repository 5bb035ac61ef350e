"""The self-service lane: where somebody stands who serves themselves, one step at a time.

It adds nothing to what an enrollment is. The lane only says which of three steps the enrollment is
at for whoever has never seen it: sign in, show the token, type its code.
"""

import enum
from dataclasses import dataclass

from app.core.enrollment import SUCCESS, UNDERWAY, Enrollment, State
from app.core.errors import Forbidden, NotFound
from app.core.model import Mode
from app.core.preflight import FindingKind

SELF_SCOPES = ("UserAuthenticationMethod.ReadWrite",)
"""All that the lane asks for: one's own methods, and nothing of anybody else (contract, 3.1)."""

MOST_ATTEMPTS = 4
"""Submits after which more of them lead nowhere: then it is not the code."""


class Lane(enum.Enum):
    """Who stands before the station: an operator who serves people, or those people themselves."""

    OPERATOR = "operator"
    SELF = "self"


class LaneStep(enum.Enum):
    """What the person has to do now, if anything."""

    SIGN_IN = "sign_in"
    TOKEN = "token"
    CODE = "code"
    CONFIRM = "confirm"
    """Say that the token is to be assigned: this takes no code."""
    WAIT = "wait"
    END = "end"


@dataclass(frozen=True, slots=True)
class LaneRules:
    """When the lane forgets who stood there: seconds without a sign of life, and after the end."""

    idle: float = 90.0
    goodbye: float = 20.0


_BETWEEN = UNDERWAY | {State.EMPTY, State.HAS_TOKEN, State.HAS_PERSON, State.CHECKING}
_NOT_ADMITTED = frozenset(
    {
        State.EMPTY,
        State.HAS_TOKEN,
        State.HAS_PERSON,
        State.CHECKING,
        State.BLOCKED,
        State.UNCHECKED,
    }
)
_UNFINISHED = frozenset({State.AFTER_REFUSAL, State.NOT_DONE, State.HALF_DONE})


def step_of(enrollment: Enrollment | None, *, signed_in: bool, serial_number: str) -> LaneStep:
    """Return the step that somebody is at, by what they have shown so far."""
    if not signed_in:
        return LaneStep.SIGN_IN
    if not serial_number:
        return LaneStep.TOKEN
    if enrollment is None or enrollment.state in _BETWEEN:
        return LaneStep.WAIT
    if enrollment.state is State.READY:
        return LaneStep.CONFIRM
    if enrollment.state is State.AWAITING_CODE or may_go_on(enrollment):
        return LaneStep.CODE
    return LaneStep.END


def may_go_on(enrollment: Enrollment) -> bool:
    """Tell whether another code may lead to the end, after one that did not."""
    return (
        enrollment.state in _UNFINISHED
        and enrollment.mode is Mode.ASSIGN_AND_ACTIVATE
        and enrollment.attempts < MOST_ATTEMPTS
        and not isinstance(enrollment.error, Forbidden | NotFound)
    )


def may_check_again(enrollment: Enrollment) -> bool:
    """Tell whether it may help to ask the directory once more, without a code."""
    if enrollment.state is State.NOT_DONE:
        return enrollment.mode is Mode.ASSIGN_ONLY
    return enrollment.state in {
        State.UNCHECKED,
        State.UNRECORDED,
        State.BLOCKED,
        State.UNSETTLED,
    }


def is_done(enrollment: Enrollment | None) -> bool:
    """Tell whether the person got what they came for."""
    return enrollment is not None and enrollment.state in SUCCESS


def is_unknown(enrollment: Enrollment | None) -> bool:
    """Tell whether the directory does not know the token that was shown."""
    if enrollment is None or enrollment.state in UNDERWAY:
        return False
    if enrollment.state is State.BLOCKED:
        return any(found.kind is FindingKind.TOKEN_UNKNOWN for found in enrollment.findings)
    return enrollment.state in _UNFINISHED and isinstance(enrollment.error, NotFound)


def was_admitted(enrollment: Enrollment | None) -> bool:
    """Tell whether the check found nothing against the token that was shown."""
    return enrollment is not None and enrollment.state not in _NOT_ADMITTED


def is_settling(enrollment: Enrollment | None) -> bool:
    """Tell whether a request is on its way, which nobody should walk away from."""
    return enrollment is not None and enrollment.state in UNDERWAY
