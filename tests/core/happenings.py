"""One of each event, and how to lead an enrollment through them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.core.enrollment import ENDS, SUCCESS, TRANSITIONS, Enrollment, State, Target, advance
from app.core.errors import Evidence, LedgerUnwritable, Rejected
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
from app.core.model import NEEDS_CODE, TAKES_BACK, Mode, Operation, Proof
from app.core.preflight import Finding, FindingKind, Severity
from tests.fakes.nouns import a_person, a_phone, a_token

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ACTIVATE, ASSIGN = Mode.ASSIGN_AND_ACTIVATE, Mode.ASSIGN_ONLY
REFUSAL = Rejected(Evidence(status=400, code="badRequest"))
FULL = LedgerUnwritable("full")
BLOCK = Finding(FindingKind.PERSON_GUEST, Severity.BLOCKS)

EVENTS: dict[type[Event], Event] = {
    type(event): event
    for event in (
        TokenPut(at=AT, token=a_token()),
        TokenCleared(at=AT),
        PersonPut(at=AT, person=a_person(), methods=(a_phone(),)),
        PersonCleared(at=AT),
        ModeChosen(at=AT, mode=ASSIGN),
        Passed(at=AT),
        Stopped(at=AT, findings=(BLOCK,)),
        CheckFailed(at=AT, error=REFUSAL),
        Proved(at=AT, proof=Proof.SCANNED),
        Submitted(at=AT),
        Recorded(at=AT),
        NotRecorded(at=AT, error=FULL),
        Accepted(at=AT, evidence=Evidence(status=204)),
        Refused(at=AT, error=REFUSAL),
        NotSent(at=AT, error=REFUSAL),
        Lost(at=AT, error=REFUSAL),
        SeenActivated(at=AT, method_id="method"),
        SeenAssigned(at=AT, method_id="method"),
        SeenUnassigned(at=AT),
        SeenElsewhere(at=AT),
        SeenGone(at=AT),
        SeenListed(at=AT),
        LookFailed(at=AT, error=REFUSAL),
        StaysActivated(at=AT),
        StaysAssigned(at=AT),
        StaysUnassigned(at=AT),
        StaysElsewhere(at=AT),
        StaysGone(at=AT),
        FoundActivated(at=AT, method_id="method"),
        FoundAssigned(at=AT, method_id="method"),
        FoundUnassigned(at=AT),
        FoundElsewhere(at=AT),
        FoundGone(at=AT),
        PatienceEnded(at=AT),
        TriedAgain(at=AT),
        Restarted(at=AT),
        Withdrawn(at=AT),
    )
}
CHOICES = [ModeChosen(at=AT, mode=ACTIVATE), *EVENTS.values()]
DONE = SUCCESS
FINDINGS = {FoundActivated, FoundAssigned, FoundUnassigned, FoundElsewhere, FoundGone}
"""What corrects a state of rest."""
SIGHTS = {
    SeenActivated,
    SeenAssigned,
    SeenGone,
    SeenListed,
    SeenUnassigned,
    StaysUnassigned,
}
"""What has to be seen before something is called done."""
WHOLE = {ACTIVATE: Operation.ASSIGN_AND_ACTIVATE, ASSIGN: Operation.ASSIGN}
FINAL = DONE | {State.WITHDRAWN}
LISTED = [(state, kind) for state, row in TRANSITIONS.items() for kind in row]
UNLISTED = [(state, kind) for state in State for kind in EVENTS if kind not in TRANSITIONS[state]]
BY_REQUEST = [
    (state, kind, made)
    for state, kind in LISTED
    if not isinstance(TRANSITIONS[state][kind], State)
    for made in ENDS
]


def begun(
    mode: Mode = ACTIVATE, state: State = State.EMPTY, operation: Operation | None = None
) -> Enrollment:
    """An enrollment as it begins; `operation` is what the operator chose, where they did."""
    if operation in TAKES_BACK:
        return Enrollment(id="one", mode=ASSIGN, state=state, wanted=operation, operation=operation)
    return Enrollment(id="one", mode=mode, state=state, operation=operation or WHOLE[mode])


def fitting(enrollment: Enrollment, event: Event) -> Event:
    """The event as it can be: a check passes with a request that the enrollment admits."""
    if not isinstance(event, Passed):
        return event
    if enrollment.wanted is not None:
        return replace(event, operation=enrollment.wanted)
    if enrollment.mode is ASSIGN:
        return replace(event, operation=Operation.ASSIGN, method_id="")
    return event if event.operation in NEEDS_CODE else replace(event, operation=WHOLE[ACTIVATE])


def on(enrollment: Enrollment, *kinds: type[Event]) -> Enrollment:
    """The enrollment after one event of each kind."""
    for kind in kinds:
        enrollment = advance(enrollment, fitting(enrollment, EVENTS[kind]))
    return enrollment


def after(*happened: Event, mode: Mode = ACTIVATE) -> Enrollment:
    enrollment = begun(mode)
    for event in happened:
        enrollment = advance(enrollment, fitting(enrollment, event))
    return enrollment


def submitted(mode: Mode = ACTIVATE, operation: Operation | None = None) -> Enrollment:
    """An enrollment whose request is on its way."""
    proof = (Proved,) if operation in TAKES_BACK else ()
    kinds = (TokenPut, PersonPut, Passed, *proof, Submitted, Recorded)
    return on(begun(mode, operation=operation), *kinds)


def states_of(target: Target) -> set[State]:
    return {target} if isinstance(target, State) else set(target.values())
