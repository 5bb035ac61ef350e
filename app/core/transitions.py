"""The table of an enrollment: which event leads from which state to which, and what is done there.

It is data, so that it can be printed, drawn into the help and held to its promises by tests. What
it means stands in app.core.enrollment.
"""

from collections.abc import Mapping
from types import MappingProxyType

from app.core.events import (
    Accepted,
    CheckFailed,
    Event,
    FoundActivated,
    FoundAssigned,
    FoundElsewhere,
    FoundGone,
    FoundUnassigned,
    LookFailed,
    Lost,
    ModeChosen,
    NotRecorded,
    NotSent,
    Passed,
    PatienceEnded,
    PersonCleared,
    PersonPut,
    Proved,
    Recorded,
    Refused,
    Restarted,
    SeenActivated,
    SeenAssigned,
    SeenElsewhere,
    SeenGone,
    SeenListed,
    SeenUnassigned,
    StaysActivated,
    StaysAssigned,
    StaysElsewhere,
    StaysGone,
    StaysUnassigned,
    Stopped,
    Submitted,
    TokenCleared,
    TokenPut,
    TriedAgain,
    Withdrawn,
)
from app.core.model import CREATES, Operation
from app.core.states import ENDS, SUCCESS, Action, State

Target = State | Mapping[Operation, State]
"""Where an event leads: always to one state, or by the request, and illegal for the others."""

Table = Mapping[State, Mapping[type[Event], Target]]


_BRINGS = tuple(made for made in ENDS if made in CREATES)  # in an order that does not change
_GIVES = tuple(
    made
    for made, end in ENDS.items()
    if end in {State.ASSIGNED, State.ACTIVATED} and made not in CREATES
)


def _by_end(ends: Mapping[State, State]) -> Mapping[Operation, State]:
    """Return a target that depends on what the request is after."""
    return MappingProxyType({made: ends[end] for made, end in ENDS.items() if end in ends})


def _given(state: State) -> Mapping[Operation, State]:
    """Return a target of requests that give something alone."""
    return _by_end({State.ASSIGNED: state, State.ACTIVATED: state})


def _seen(looking: State) -> Mapping[type[Event], Target]:
    """Return what a sight means while looking: the end that is wanted is believed at once.

    Where only an assignment was asked for, an activated token is more than that, and done too.
    """
    return {
        Restarted: looking,
        SeenActivated: _by_end(
            {
                State.ASSIGNED: State.ACTIVATED,
                State.ACTIVATED: State.ACTIVATED,
                State.DEACTIVATED: looking,
                State.RETURNED: looking,
                State.DELETED: looking,
                State.CREATED: looking,
            }
        ),
        SeenAssigned: _by_end(
            {
                State.ASSIGNED: State.ASSIGNED,
                State.ACTIVATED: looking,
                State.DEACTIVATED: State.DEACTIVATED,
                State.RETURNED: looking,
                State.DELETED: looking,
                State.CREATED: looking,
            }
        ),
        SeenUnassigned: _by_end(dict.fromkeys(SUCCESS, looking) | {State.RETURNED: State.RETURNED}),
        SeenElsewhere: looking,
        SeenGone: MappingProxyType(
            {Operation.DELETE: State.DELETED, **dict.fromkeys(_BRINGS, looking)}
        ),
        SeenListed: MappingProxyType({Operation.CREATE: State.CREATED}),
        LookFailed: looking,
        StaysElsewhere: State.TAKEN,
        PatienceEnded: State.UNSETTLED,
    }


def _stays(unchanged: State) -> Mapping[type[Event], Target]:
    """Return what is believed in the end, where all is as it was: `unchanged`."""
    kept = dict.fromkeys((State.RETURNED, State.DELETED, State.CREATED), unchanged)
    return {
        StaysActivated: _by_end(kept | {State.DEACTIVATED: unchanged}),
        StaysAssigned: _by_end(kept | {State.ACTIVATED: State.HALF_DONE}),
        StaysUnassigned: _by_end(
            {
                State.ASSIGNED: unchanged,
                State.ACTIVATED: unchanged,
                State.DEACTIVATED: State.RETURNED,
                State.DELETED: unchanged,
                State.CREATED: unchanged,
            }
        ),
        StaysGone: MappingProxyType(dict.fromkeys(_BRINGS, unchanged)),
    }


_FOUND: Mapping[type[Event], Target] = {
    FoundActivated: _by_end(
        {
            State.ASSIGNED: State.ACTIVATED,
            State.ACTIVATED: State.ACTIVATED,
            State.DEACTIVATED: State.NOT_DONE,
            State.RETURNED: State.NOT_DONE,
            State.DELETED: State.NOT_DONE,
        }
    ),
    FoundAssigned: _by_end(
        {
            State.ASSIGNED: State.ASSIGNED,
            State.ACTIVATED: State.HALF_DONE,
            State.DEACTIVATED: State.DEACTIVATED,
            State.RETURNED: State.NOT_DONE,
            State.DELETED: State.NOT_DONE,
        }
    ),
    FoundUnassigned: _by_end(
        {
            State.ASSIGNED: State.NOT_DONE,
            State.ACTIVATED: State.NOT_DONE,
            State.DEACTIVATED: State.RETURNED,
            State.RETURNED: State.RETURNED,
            State.DELETED: State.NOT_DONE,
        }
    ),
    FoundElsewhere: _by_end(
        dict.fromkeys(SUCCESS - {State.CREATED, State.DELETED}, State.TAKEN)
        | {State.DELETED: State.NOT_DONE}
    ),
    FoundGone: MappingProxyType({Operation.DELETE: State.DELETED}),
}
"""What a state of rest is corrected to, by what the directory turns out to hold.

When such a look may be believed to concern this enrollment is judged in app.core.corrections.
"""


_CHECKED_DRAFT: Mapping[type[Event], Target] = {
    TokenPut: State.CHECKING,
    PersonPut: State.CHECKING,
    ModeChosen: State.CHECKING,
    TokenCleared: State.HAS_PERSON,
    PersonCleared: State.HAS_TOKEN,
    TriedAgain: State.CHECKING,
}

_PASSED = _by_end(
    {
        State.ASSIGNED: State.READY,
        State.ACTIVATED: State.AWAITING_CODE,
        State.DEACTIVATED: State.AWAITING_TOKEN,
        State.RETURNED: State.AWAITING_TOKEN,
        State.DELETED: State.READY,
        State.CREATED: State.READY,
    }
)
_AS_BEFORE = MappingProxyType(
    dict.fromkeys(ENDS, State.NOT_DONE) | {Operation.ACTIVATE: State.HALF_DONE}
)

_LEFT_ASSIGNED = MappingProxyType(
    {
        Operation.ASSIGN: State.ASSIGNED,
        Operation.ASSIGN_AND_ACTIVATE: State.HALF_DONE,
        Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL: State.HALF_DONE,
        Operation.ACTIVATE: State.AFTER_REFUSAL,
        Operation.DEACTIVATE: State.DEACTIVATED,
        Operation.UNASSIGN: State.AFTER_REFUSAL,
        Operation.DELETE: State.AFTER_REFUSAL,
        **dict.fromkeys(_BRINGS, State.AFTER_REFUSAL),
    }
)
"""What a token that is seen assigned means after a refusal.

Where it was not before, the refused request has left it so; where it was, that may be an old view.
"""

TRANSITIONS: Table = MappingProxyType(
    {
        State.EMPTY: {
            TokenPut: State.HAS_TOKEN,
            PersonPut: State.HAS_PERSON,
            ModeChosen: State.EMPTY,
        },
        State.HAS_TOKEN: {
            TokenPut: State.HAS_TOKEN,
            PersonPut: State.CHECKING,
            TokenCleared: State.EMPTY,
            ModeChosen: State.HAS_TOKEN,
        },
        State.HAS_PERSON: {
            TokenPut: State.CHECKING,
            PersonPut: State.HAS_PERSON,
            PersonCleared: State.EMPTY,
            ModeChosen: State.HAS_PERSON,
        },
        State.CHECKING: {
            **_CHECKED_DRAFT,
            Passed: _PASSED,
            Stopped: State.BLOCKED,
            CheckFailed: State.UNCHECKED,
        },
        State.BLOCKED: _CHECKED_DRAFT,
        State.UNCHECKED: _CHECKED_DRAFT,
        State.READY: {**_CHECKED_DRAFT, Submitted: State.RECORDING},
        State.AWAITING_CODE: {**_CHECKED_DRAFT, Submitted: State.RECORDING},
        State.AWAITING_TOKEN: {**_CHECKED_DRAFT, Proved: State.READY},
        State.RECORDING: {
            Recorded: State.SUBMITTING,
            NotRecorded: State.UNRECORDED,
            Restarted: State.RESOLVING,
        },
        State.UNRECORDED: {
            TriedAgain: State.CHECKING,
            Withdrawn: State.WITHDRAWN,
            PatienceEnded: State.UNSETTLED,  # where an earlier attempt was sent
        },
        State.SUBMITTING: {
            Restarted: State.RESOLVING,
            Accepted: State.CONFIRMING,
            Refused: State.AFTER_REFUSAL,
            NotSent: _AS_BEFORE,
            Lost: State.RESOLVING,
        },
        State.CONFIRMING: {**_seen(State.CONFIRMING), **_stays(State.UNSETTLED)},
        State.AFTER_REFUSAL: {
            **_seen(State.AFTER_REFUSAL),
            **_stays(State.NOT_DONE),
            Submitted: MappingProxyType(dict.fromkeys(_GIVES, State.RECORDING)),
            TriedAgain: MappingProxyType(
                {made: State.CHECKING for made in ENDS if made not in CREATES}
            ),
            SeenListed: MappingProxyType(dict.fromkeys(_BRINGS, State.NOT_DONE)),
            SeenAssigned: _LEFT_ASSIGNED,
            StaysAssigned: MappingProxyType(
                {
                    Operation.ACTIVATE: State.HALF_DONE,
                    Operation.UNASSIGN: State.NOT_DONE,
                    Operation.DELETE: State.NOT_DONE,
                    **dict.fromkeys(_BRINGS, State.NOT_DONE),
                }
            ),
        },
        State.RESOLVING: {**_seen(State.RESOLVING), **_stays(State.NOT_DONE)},
        State.STAGED: {
            TokenPut: State.HAS_TOKEN,
            Stopped: State.BLOCKED,
            Withdrawn: State.WITHDRAWN,
        },
        State.DUE: {TokenPut: State.HAS_TOKEN, Withdrawn: State.WITHDRAWN},
        State.WITHDRAWN: {},
        State.NOT_DONE: {
            Submitted: MappingProxyType(
                {**_given(State.RECORDING), Operation.CREATE: State.RECORDING}
            ),
            TriedAgain: State.CHECKING,
            **_FOUND,
        },
        State.HALF_DONE: {Submitted: State.RECORDING, TriedAgain: State.RESOLVING, **_FOUND},
        State.TAKEN: {TriedAgain: State.RESOLVING, **_FOUND},
        State.UNSETTLED: {TriedAgain: State.RESOLVING, Restarted: State.RESOLVING, **_FOUND},
        State.ASSIGNED: _FOUND,
        State.ACTIVATED: _FOUND,
        State.DEACTIVATED: _FOUND,
        State.RETURNED: _FOUND,
        State.DELETED: _FOUND,
        State.CREATED: {},
        State.ISSUED: {},
    }
)

ACTIONS: Mapping[State, Action] = MappingProxyType(
    {
        State.CHECKING: Action.CHECK,
        State.RECORDING: Action.RECORD,
        State.SUBMITTING: Action.SUBMIT,
        State.CONFIRMING: Action.LOOK,
        State.AFTER_REFUSAL: Action.LOOK,
        State.RESOLVING: Action.LOOK,
    }
)


def target_of(state: State, kind: type[Event], operation: Operation) -> State | None:
    """Return where an event of this kind leads, or None where it is illegal."""
    target = TRANSITIONS[state].get(kind)
    return target.get(operation) if isinstance(target, Mapping) else target
