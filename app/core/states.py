"""Where an enrollment can stand, and what it means for the station that it stands there."""

import enum
from collections.abc import Mapping
from types import MappingProxyType

from app.core.model import Operation


class State(enum.Enum):
    """Where an enrollment stands."""

    EMPTY = "empty"
    HAS_TOKEN = "has_token"
    HAS_PERSON = "has_person"
    CHECKING = "checking"
    BLOCKED = "blocked"
    UNCHECKED = "unchecked"
    READY = "ready"
    AWAITING_CODE = "awaiting_code"
    AWAITING_TOKEN = "awaiting_token"
    RECORDING = "recording"
    UNRECORDED = "unrecorded"
    SUBMITTING = "submitting"
    CONFIRMING = "confirming"
    AFTER_REFUSAL = "after_refusal"
    RESOLVING = "resolving"
    NOT_DONE = "not_done"
    HALF_DONE = "half_done"
    TAKEN = "taken"
    UNSETTLED = "unsettled"
    STAGED = "staged"
    DUE = "due"
    WITHDRAWN = "withdrawn"
    ASSIGNED = "assigned"
    ACTIVATED = "activated"
    DEACTIVATED = "deactivated"
    RETURNED = "returned"
    DELETED = "deleted"
    CREATED = "created"
    ISSUED = "issued"
    """A Temporary Access Pass was seen in the directory. No enrollment comes to this state."""


class Action(enum.Enum):
    """What the station does on entering a state."""

    CHECK = "check"
    RECORD = "record"
    SUBMIT = "submit"
    LOOK = "look"


DRAFT = frozenset(
    {
        State.EMPTY,
        State.HAS_TOKEN,
        State.HAS_PERSON,
        State.CHECKING,
        State.BLOCKED,
        State.UNCHECKED,
        State.READY,
        State.AWAITING_CODE,
        State.AWAITING_TOKEN,
    }
)
"""States in which nothing was sent and the cards may still be changed."""

UNDERWAY = frozenset(
    {
        State.RECORDING,
        State.SUBMITTING,
        State.CONFIRMING,
        State.RESOLVING,
    }
)
"""States that the station leaves by itself, and that the operator has to wait for."""

WATCHED = frozenset({State.AFTER_REFUSAL})
"""States that the station leaves by itself, in which the next code may be typed all the same."""

WAITING = frozenset({State.STAGED, State.DUE})
"""States of work that is on record and was not submitted."""

UNCLEAR = WATCHED | {State.NOT_DONE, State.UNSETTLED}
"""What an attempt can be at that another one may follow at once, from a fresh check."""

RESTING = frozenset(State) - DRAFT - UNDERWAY - WATCHED - WAITING
"""States in which a submitted enrollment comes to rest."""

OPEN = UNDERWAY | WATCHED | WAITING | {State.UNSETTLED, State.UNRECORDED}
"""States in which the record still owes an answer: after a restart they are taken up again.

What is DUE or UNRECORDED is offered again; it is never done by itself."""

ENDS: Mapping[Operation, State] = MappingProxyType(
    {
        Operation.ASSIGN: State.ASSIGNED,
        Operation.ASSIGN_AND_ACTIVATE: State.ACTIVATED,
        Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL: State.ACTIVATED,
        Operation.ACTIVATE: State.ACTIVATED,
        Operation.DEACTIVATE: State.DEACTIVATED,
        Operation.UNASSIGN: State.RETURNED,
        Operation.DELETE: State.DELETED,
        Operation.CREATE: State.CREATED,
        Operation.CREATE_AND_ASSIGN: State.ASSIGNED,
    }
)
"""What each request about a token is after."""

OF_PASSES = frozenset({State.ISSUED})
"""States that a Temporary Access Pass alone comes to (app.core.pass_work)."""

SUCCESS = frozenset(ENDS.values()) | OF_PASSES

NEEDS_ATTENTION = frozenset(
    {
        State.AFTER_REFUSAL,
        State.NOT_DONE,
        State.HALF_DONE,
        State.TAKEN,
        State.UNSETTLED,
        State.UNRECORDED,
        State.BLOCKED,
        State.DUE,
    }
)
"""States of a recorded enrollment that an operator has to look at.

BLOCKED is recorded only for one that was staged."""
