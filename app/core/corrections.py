"""When a look that contradicts a state of rest may be believed to concern that enrollment.

A request whose answer was lost can be acted upon minutes later, replication can hide a write for a
minute, and another desk can be at the same token. On the other hand people go on living with their
tokens: an administrator removes one a week later, a person activates theirs at home. Graph tells
when a method was created (`createdDateTime` of authenticationMethod, which may be absent) and dates
nothing else. So what is seen is believed by these rules:

1.  *More was done than the record says* (the token is the person's after all, is activated after
    all, is taken back after all): believed for a day. Until then it is either the request itself,
    acted upon late, or settles what the operator still has to look at.
2.  A method that was created more than LATE after the submit is of somebody else's making, and
    corrects nothing. One that was created within that time is the request's own, and its assignment
    is believed whenever it is seen; an activation of a token that was known to be assigned is not,
    since the person can have done that.
3.  *Less is there than the record says* (what was done is undone, or the token is with somebody
    else): believed for UNDONE after the submit, which covers the patience of a read-back and what a
    stale read has shown before. Later it is somebody's deed and no correction.
4.  What is UNSETTLED is an open question, and any look answers it.
5.  An enrollment is no longer looked at once a newer one of this record has changed, or is still
    about to change, who holds the token (`supersedes`). That one answers for it.
"""

from datetime import datetime, timedelta
from typing import Final

from app.core.enrollment import OPEN, SUCCESS, UNDERWAY, Enrollment, State, target_of
from app.core.events import (
    Event,
    Found,
    FoundActivated,
    FoundAssigned,
    FoundElsewhere,
    FoundGone,
    FoundUnassigned,
    Seen,
    SeenActivated,
    SeenAssigned,
    SeenElsewhere,
    SeenGone,
    SeenUnassigned,
)
from app.core.model import CREATES, Operation
from app.core.observe import HELD
from app.core.record import Line

LATE: Final = timedelta(minutes=15)
"""A service that took a request and lost the answer acts upon it within this time, or never."""

EARLY: Final = timedelta(minutes=2)
"""How far before the submit a method of its own making may be dated: two clocks never agree."""

A_DAY: Final = timedelta(hours=25)
"""A day, and an hour so that a look once a day misses nothing between two of them."""

UNDONE: Final = timedelta(minutes=5)

UNFAVOURABLE: Final = frozenset({State.NOT_DONE, State.HALF_DONE, State.TAKEN, State.UNSETTLED})
"""States of rest in which more may turn out to be done than the record says."""

_FOUND: Final[dict[type[Event], type[Found]]] = {
    SeenActivated: FoundActivated,
    SeenAssigned: FoundAssigned,
    SeenUnassigned: FoundUnassigned,
    SeenElsewhere: FoundElsewhere,
    SeenGone: FoundGone,
}

_DONE: Final = {
    State.HALF_DONE: 1,
    State.ASSIGNED: 1,
    State.DEACTIVATED: 1,
    State.ACTIVATED: 2,
    State.RETURNED: 2,
    State.DELETED: 2,
}
"""How much of the request is done in a state of rest; nothing in the others."""


_ASSIGNS: Final = frozenset(
    {
        Operation.ASSIGN,
        Operation.ASSIGN_AND_ACTIVATE,
        Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL,
    }
)
"""Requests by which the method comes into being."""


def may_change(line: Line, now: datetime) -> bool:
    """Tell whether a look may still correct `line`, by what the line itself tells."""
    if line.operation in CREATES or not line.serial_number:
        return False
    fresh = now - line.changed <= UNDONE
    return line.state in UNFAVOURABLE or (line.state in SUCCESS and fresh)


def supersedes(newer: Line, line: Line) -> bool:
    """Tell whether `newer` answers for the token of `line` from now on.

    Both are lines of one record. An enrollment that left everything as it was answers for nothing.
    """
    same = newer.serial_number.casefold() == line.serial_number.casefold()
    after = newer.enrollment_id != line.enrollment_id and newer.changed > line.changed
    changes = newer.state in SUCCESS | UNDERWAY | {State.HALF_DONE}
    return same and after and changes


def correcting(
    enrollment: Enrollment,
    seen: Event,
    submitted: datetime,
    now: datetime,
    ahead: timedelta = timedelta(),
) -> Found | None:
    """Return the event by which `seen` corrects a state of rest, or None where it does not.

    `submitted` is when its latest attempt was written down, by the same clock as `now`, and `ahead`
    is true time minus that clock.
    """
    kind = _FOUND.get(type(seen))
    if kind is None or not isinstance(seen, Seen) or enrollment.state in OPEN - {State.UNSETTLED}:
        return None
    if isinstance(seen, SeenUnassigned) and seen.token and seen.token.status in HELD:
        return None  # somebody has it who is not named, and it may be this person
    target = target_of(enrollment.state, kind, enrollment.operation)
    if target is None or target is enrollment.state:
        return None
    if _DONE.get(target, 0) > _DONE.get(enrollment.state, 0):
        believed = now - submitted <= A_DAY
        if enrollment.operation in _ASSIGNS and (created := _created(seen)) is not None:
            own = submitted + ahead - EARLY <= created
            dated = own and enrollment.state is not State.HALF_DONE
            believed = (believed or dated) and created <= submitted + ahead + LATE
    else:
        believed = enrollment.state is State.UNSETTLED or now - submitted <= UNDONE
    return (
        kind(at=now, method_id=seen.method_id, token=seen.token, methods=seen.methods)
        if believed
        else None
    )


def _created(seen: Seen) -> datetime | None:
    """Return when the method was created by which the person has the token, where that is told."""
    methods = seen.methods or ()
    return next((each.created for each in methods if each.id == seen.method_id), None)
