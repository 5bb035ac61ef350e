"""The whole enrollment of one token for one person, as one table.

How it works
------------
1.  An enrollment begins as a draft. Its two cards, token and person, may be filled in any order
    and changed until it is submitted. When both are there it is checked before anything is sent
    (CHECKING).
2.  A check ends in BLOCKED (with findings), UNCHECKED (it could not be made), or, by the request
    that it found to be the right one, in READY, AWAITING_CODE or AWAITING_TOKEN: what takes a token
    from a person is READY only once it was proved that the right token is in the hand.
3.  Submitting first writes the intent down (RECORDING). Only what is recorded is sent (SUBMITTING).
    What cannot be recorded is not sent and rests as UNRECORDED, until an operator tries again (a
    fresh check, then another submit) or takes it back.
4.  The answer is not the end. Accepted leads to CONFIRMING, refused to AFTER_REFUSAL, a lost answer
    to RESOLVING: in all three the directory is read. ASSIGNED, ACTIVATED, DEACTIVATED, RETURNED,
    DELETED and CREATED can be reached only from there, by an event that says what was seen in the
    directory.
5.  Reads may be stale for a while, so what contradicts the request is believed only when patience
    has ended (Stays...). What is still open then is UNSETTLED, and stays so until the directory is
    asked again. AFTER_REFUSAL is WATCHED that long without holding up the operator, who may type
    the next code meanwhile; nothing is said to be unchanged before it has ended.
6.  A refused or lost activation may leave the token assigned: HALF_DONE. A new code activates it.
7.  A station that was stopped takes up what is OPEN by Restarted: what was recorded may have been
    sent, so it is resolved like a lost answer. Without a network an enrollment may be STAGED; it
    goes through every state of a draft once the directory answers again. The second half of a
    replacement is DUE, on record before the first one is sent, and waits for somebody to do it.
8.  What is deleted from the inventory is nobody's, so that such an enrollment has no person: it
    begins in CHECKING, as one row of a job, and takes the same way from there.
9.  What comes into the inventory is checked with its file, so that such an enrollment begins in
    READY. Where it is refused and yet listed, another token of that number was there before: that
    is NOT_DONE, since nobody can tell whether the two have the same seed.

`advance` is the only way from one state to the next. An event that TRANSITIONS does not list for a
state raises IllegalEvent and changes nothing. The action that belongs to a state stands in ACTIONS;
performing it and feeding its outcome back is the work of station.desk.work and station.submissions.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from app.core.errors import Evidence, IllegalEvent, OathdeskError
from app.core.events import Event, Restarted, Submitted, TriedAgain
from app.core.model import (
    CREATES,
    HANDS_OVER,
    TAKES_BACK,
    Link,
    Method,
    Mode,
    Operation,
    Person,
    Proof,
    Token,
)
from app.core.preflight import Finding
from app.core.states import (
    DRAFT,
    ENDS,
    NEEDS_ATTENTION,
    OF_PASSES,
    OPEN,
    RESTING,
    SUCCESS,
    UNCLEAR,
    UNDERWAY,
    WAITING,
    WATCHED,
    Action,
    State,
)
from app.core.transitions import ACTIONS, TRANSITIONS, Table, Target, target_of

__all__ = [
    "ACTIONS",
    "DRAFT",
    "ENDS",
    "NEEDS_ATTENTION",
    "OF_PASSES",
    "OPEN",
    "RESTING",
    "SUCCESS",
    "TRANSITIONS",
    "UNCLEAR",
    "UNDERWAY",
    "WAITING",
    "WATCHED",
    "Action",
    "Enrollment",
    "State",
    "Step",
    "Table",
    "Target",
    "advance",
    "target_of",
]


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
    the answer or a look has told it, and `method_created` is the directory's time of its creation.
    `wanted` is the request where the operator chose it; else the check finds the right one by
    `mode`, which has no say where something is taken back. `link` ties the halves of a replacement,
    `job` is the id of the job that this is one row of.
    """

    id: str
    mode: Mode
    state: State = State.EMPTY
    token: Token | None = None
    person: Person | None = None
    methods: tuple[Method, ...] = ()
    findings: tuple[Finding, ...] = ()
    wanted: Operation | None = None
    operation: Operation = Operation.ASSIGN
    method_id: str = ""
    method_created: datetime | None = None
    proof: Proof | None = None
    link: Link | None = None
    job: str = ""
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
        if self.state in {State.NOT_DONE, State.AFTER_REFUSAL}:
            return self.mode is Mode.ASSIGN_AND_ACTIVATE and not self.takes_back
        return self.state in {State.AWAITING_CODE, State.HALF_DONE}

    @property
    def takes_back(self) -> bool:
        """Tell whether something is taken from the person, not given to them."""
        return self.operation in TAKES_BACK

    def admits(self, kind: type[Event]) -> bool:
        """Tell whether an event of this kind is legal now."""
        return target_of(self.state, kind, self.operation) is not None


def advance(enrollment: Enrollment, event: Event) -> Enrollment:
    """Return the enrollment after `event`. Raises IllegalEvent where the table does not list it."""
    changed = replace(enrollment, **event.tells())
    state = target_of(enrollment.state, type(event), changed.operation)
    if state is None:
        raise IllegalEvent(f"{type(event).__name__} in {enrollment.state.value}")
    if isinstance(event, Submitted):
        changed = _attempt(changed)
    if state in SUCCESS or _asks_about_accepted(changed, event):
        changed = replace(changed, error=None)
    step = Step(at=event.at, event=type(event).__name__, state=state)
    return replace(changed, state=state, trail=(*changed.trail, step))


def _asks_about_accepted(enrollment: Enrollment, event: Event) -> bool:
    """Tell whether `event` asks again about a request that the directory accepted.

    Then the error was that of a look, and the looks that come now have their own to tell.
    """
    return isinstance(event, TriedAgain | Restarted) and enrollment.evidence is not None


def _attempt(enrollment: Enrollment) -> Enrollment:
    """Count the attempt. What rests says what is missing; a draft was told by its check."""
    missing = {State.HALF_DONE: Operation.ACTIVATE, State.NOT_DONE: _whole(enrollment)}
    operation = missing.get(enrollment.state, enrollment.operation)
    if operation in HANDS_OVER:  # a method of an attempt before is not the one that comes now
        enrollment = replace(enrollment, method_id="", method_created=None)
    return replace(
        enrollment,
        operation=operation,
        attempts=enrollment.attempts + 1,
        error=None,
        evidence=None,
    )


def _whole(enrollment: Enrollment) -> Operation:
    """Return the request that hands over a token which is nobody's, or brings it."""
    if enrollment.operation in CREATES:
        return enrollment.operation
    if enrollment.mode is not Mode.ASSIGN_AND_ACTIVATE:
        return Operation.ASSIGN
    token = enrollment.token
    if token is not None and not token.device_id:
        return Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL
    return Operation.ASSIGN_AND_ACTIVATE
