"""The whole enrollment of one token for one person, as one table.

How it works
------------
1.  An enrollment begins as a draft. Its two cards, token and person, may be filled in any order
    and changed until it is submitted. When both are there it is checked before anything is sent
    (CHECKING).
2.  A check ends in BLOCKED (with findings), UNCHECKED (it could not be made), or, by mode, in READY
    or AWAITING_CODE.
3.  Submitting first writes the intent down (RECORDING). Only what is recorded is sent (SUBMITTING).
4.  The answer is not the end. Accepted leads to CONFIRMING, refused to AFTER_REFUSAL, a lost answer
    to RESOLVING: in all three the directory is read. ASSIGNED and ACTIVATED can be reached only
    from there, by an event that says what was seen in the directory.
5.  Reads may be stale for a while, so what contradicts the request is believed only when patience
    has ended (Stays...). What is still open then is UNSETTLED, and stays so until the directory is
    asked again.
6.  A refused or lost activation may leave the token assigned: HALF_DONE. A new code activates it.
7.  A station that was stopped takes up what is OPEN by Restarted: what was recorded may have been
    sent, so it is resolved like a lost answer. Without a network an enrollment may be STAGED; it
    goes through every state of a draft once the directory answers again.

`advance` is the only way from one state to the next. An event that TRANSITIONS does not list for a
state raises IllegalEvent and changes nothing. The action that belongs to a state stands in ACTIONS;
performing it and feeding its outcome back is the work of station.desk.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from app.core.errors import Evidence, IllegalEvent, OathdeskError
from app.core.events import (
    Accepted,
    CheckFailed,
    Event,
    LookFailed,
    Lost,
    ModeChosen,
    NotRecorded,
    NotSent,
    Passed,
    PatienceEnded,
    PersonCleared,
    PersonPut,
    Recorded,
    Refused,
    Restarted,
    SeenActivated,
    SeenAssigned,
    SeenElsewhere,
    SeenUnassigned,
    StaysAssigned,
    StaysElsewhere,
    StaysUnassigned,
    Stopped,
    Submitted,
    TokenCleared,
    TokenPut,
    TriedAgain,
    Withdrawn,
)
from app.core.model import Method, Mode, Operation, Person, Token
from app.core.preflight import Finding


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
    RECORDING = "recording"
    SUBMITTING = "submitting"
    CONFIRMING = "confirming"
    AFTER_REFUSAL = "after_refusal"
    RESOLVING = "resolving"
    NOT_DONE = "not_done"
    HALF_DONE = "half_done"
    TAKEN = "taken"
    UNSETTLED = "unsettled"
    STAGED = "staged"
    WITHDRAWN = "withdrawn"
    ASSIGNED = "assigned"
    ACTIVATED = "activated"


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
    }
)
"""States in which nothing was sent and the cards may still be changed."""

UNDERWAY = frozenset(
    {
        State.RECORDING,
        State.SUBMITTING,
        State.CONFIRMING,
        State.AFTER_REFUSAL,
        State.RESOLVING,
    }
)
"""States that the station leaves by itself."""

RESTING = frozenset(State) - DRAFT - UNDERWAY - {State.STAGED}
"""States in which a submitted enrollment comes to rest."""

OPEN = UNDERWAY | {State.STAGED, State.UNSETTLED}
"""States in which the record still owes an answer: after a restart they are taken up again."""

_SUCCESS = frozenset({State.ASSIGNED, State.ACTIVATED})

NEEDS_ATTENTION = frozenset(
    {State.NOT_DONE, State.HALF_DONE, State.TAKEN, State.UNSETTLED, State.BLOCKED}
)
"""States of a recorded enrollment that an operator has to look at.

BLOCKED is recorded only for one that was staged."""


@dataclass(frozen=True, slots=True)
class ByMode:
    """A target that depends on what is handed over."""

    activate: State
    assign: State

    def under(self, mode: Mode) -> State:
        """Return the target under `mode`."""
        return self.activate if mode is Mode.ASSIGN_AND_ACTIVATE else self.assign


@dataclass(frozen=True, slots=True)
class ByOperation:
    """A target that depends on the request: an activation alone finds the token assigned."""

    activation: State
    other: State

    def under(self, operation: Operation) -> State:
        """Return the target under `operation`."""
        return self.activation if operation is Operation.ACTIVATE else self.other


Target = State | ByMode | ByOperation
Table = Mapping[State, Mapping[type[Event], Target]]

_CHECKED_DRAFT: Mapping[type[Event], Target] = {
    TokenPut: State.CHECKING,
    PersonPut: State.CHECKING,
    ModeChosen: State.CHECKING,
    TokenCleared: State.HAS_PERSON,
    PersonCleared: State.HAS_TOKEN,
    TriedAgain: State.CHECKING,
}

_DONE_BY_MODE = ByMode(activate=State.CONFIRMING, assign=State.ASSIGNED)
_AS_BEFORE = ByOperation(activation=State.HALF_DONE, other=State.NOT_DONE)
_PASSED_BY_MODE = ByMode(activate=State.AWAITING_CODE, assign=State.READY)

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
            Passed: _PASSED_BY_MODE,
            Stopped: State.BLOCKED,
            CheckFailed: State.UNCHECKED,
        },
        State.BLOCKED: _CHECKED_DRAFT,
        State.UNCHECKED: _CHECKED_DRAFT,
        State.READY: {**_CHECKED_DRAFT, Submitted: State.RECORDING},
        State.AWAITING_CODE: {**_CHECKED_DRAFT, Submitted: State.RECORDING},
        State.RECORDING: {
            Recorded: State.SUBMITTING,
            NotRecorded: State.UNCHECKED,
            Restarted: State.RESOLVING,
        },
        State.SUBMITTING: {
            Restarted: State.RESOLVING,
            Accepted: State.CONFIRMING,
            Refused: State.AFTER_REFUSAL,
            NotSent: _AS_BEFORE,
            Lost: State.RESOLVING,
        },
        State.CONFIRMING: {
            Restarted: State.CONFIRMING,
            SeenActivated: State.ACTIVATED,
            SeenAssigned: _DONE_BY_MODE,
            SeenUnassigned: State.CONFIRMING,
            SeenElsewhere: State.CONFIRMING,
            LookFailed: State.CONFIRMING,
            StaysAssigned: State.HALF_DONE,
            StaysUnassigned: State.UNSETTLED,
            StaysElsewhere: State.TAKEN,
            PatienceEnded: State.UNSETTLED,
        },
        State.AFTER_REFUSAL: {
            Restarted: State.AFTER_REFUSAL,
            SeenActivated: State.ACTIVATED,
            SeenAssigned: ByMode(activate=State.HALF_DONE, assign=State.ASSIGNED),
            SeenUnassigned: State.AFTER_REFUSAL,
            SeenElsewhere: State.AFTER_REFUSAL,
            LookFailed: State.AFTER_REFUSAL,
            StaysUnassigned: State.NOT_DONE,
            StaysElsewhere: State.TAKEN,
            PatienceEnded: State.UNSETTLED,
        },
        State.RESOLVING: {
            Restarted: State.RESOLVING,
            SeenActivated: State.ACTIVATED,
            SeenAssigned: ByMode(activate=State.RESOLVING, assign=State.ASSIGNED),
            SeenUnassigned: State.RESOLVING,
            SeenElsewhere: State.RESOLVING,
            LookFailed: State.RESOLVING,
            StaysAssigned: State.HALF_DONE,
            StaysUnassigned: State.NOT_DONE,
            StaysElsewhere: State.TAKEN,
            PatienceEnded: State.UNSETTLED,
        },
        State.STAGED: {
            TokenPut: State.HAS_TOKEN,
            Stopped: State.BLOCKED,
            Withdrawn: State.WITHDRAWN,
        },
        State.WITHDRAWN: {},
        State.NOT_DONE: {Submitted: State.RECORDING, TriedAgain: State.CHECKING},
        State.HALF_DONE: {Submitted: State.RECORDING, TriedAgain: State.RESOLVING},
        State.TAKEN: {TriedAgain: State.RESOLVING},
        State.UNSETTLED: {TriedAgain: State.RESOLVING, Restarted: State.RESOLVING},
        State.ASSIGNED: {},
        State.ACTIVATED: {},
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


@dataclass(frozen=True, slots=True)
class Step:
    """One passage of the enrollment's trail: what happened, when, and where it led."""

    at: datetime
    event: str
    state: State


@dataclass(frozen=True, slots=True)
class Enrollment:
    """One enrollment at one moment. It never holds a code.

    `attempts` counts submits. `error` is the last thing that went wrong, `evidence` the exchange in
    which the latest attempt was accepted; `method_id` names the token on the person's side, once
    seen.
    """

    id: str
    mode: Mode
    state: State = State.EMPTY
    token: Token | None = None
    person: Person | None = None
    methods: tuple[Method, ...] = ()
    findings: tuple[Finding, ...] = ()
    operation: Operation = Operation.ASSIGN
    method_id: str = ""
    attempts: int = 0
    error: OathdeskError | None = None
    evidence: Evidence | None = None
    trail: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def action(self) -> Action | None:
        """Return what the station has to do now, or None while it waits for somebody."""
        return ACTIONS.get(self.state)

    @property
    def wants_code(self) -> bool:
        """Tell whether a submit from here needs the six digits."""
        if self.state is State.NOT_DONE:
            return self.mode is Mode.ASSIGN_AND_ACTIVATE
        return self.state in {State.AWAITING_CODE, State.HALF_DONE}


def advance(enrollment: Enrollment, event: Event) -> Enrollment:
    """Return the enrollment after `event`. Raises IllegalEvent where the table does not list it."""
    target = TRANSITIONS[enrollment.state].get(type(event))
    if target is None:
        raise IllegalEvent(f"{type(event).__name__} in {enrollment.state.value}")
    changed = replace(enrollment, **event.tells())
    if isinstance(event, Submitted):
        changed = _attempt(changed)
    state = _resolve(target, changed)
    if state in _SUCCESS or _asks_about_accepted(changed, event):
        changed = replace(changed, error=None)
    step = Step(at=event.at, event=type(event).__name__, state=state)
    return replace(changed, state=state, trail=(*changed.trail, step))


def _asks_about_accepted(enrollment: Enrollment, event: Event) -> bool:
    """Tell whether `event` asks again about a request that the directory accepted.

    Then the error was that of a look, and the looks that come now have their own to tell.
    """
    return isinstance(event, TriedAgain | Restarted) and enrollment.evidence is not None


def _resolve(target: Target, enrollment: Enrollment) -> State:
    match target:
        case ByMode():
            return target.under(enrollment.mode)
        case ByOperation():
            return target.under(enrollment.operation)
        case _:
            return target


def _attempt(enrollment: Enrollment) -> Enrollment:
    """Count the attempt. What rests says what is missing; a draft was told by its check."""
    missing = {
        State.HALF_DONE: Operation.ACTIVATE,
        State.NOT_DONE: Operation.ASSIGN_AND_ACTIVATE
        if enrollment.mode is Mode.ASSIGN_AND_ACTIVATE
        else Operation.ASSIGN,
    }
    return replace(
        enrollment,
        operation=missing.get(enrollment.state, enrollment.operation),
        attempts=enrollment.attempts + 1,
        error=None,
        evidence=None,
    )
