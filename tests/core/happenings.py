"""One of each event, and how to lead an enrollment through them."""

from __future__ import annotations

from datetime import UTC, datetime

from app.core.enrollment import (
    TRANSITIONS,
    ByMode,
    ByOperation,
    Enrollment,
    State,
    Target,
    advance,
)
from app.core.errors import Evidence, LedgerUnwritable, Rejected
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
from app.core.model import Mode
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
        LookFailed(at=AT, error=REFUSAL),
        StaysAssigned(at=AT),
        StaysUnassigned(at=AT),
        StaysElsewhere(at=AT),
        PatienceEnded(at=AT),
        TriedAgain(at=AT),
        Restarted(at=AT),
        Withdrawn(at=AT),
    )
}
CHOICES = [ModeChosen(at=AT, mode=ACTIVATE), *EVENTS.values()]
DONE = {State.ASSIGNED, State.ACTIVATED}
FINAL = DONE | {State.WITHDRAWN}
LISTED = [(state, kind) for state, row in TRANSITIONS.items() for kind in row]
UNLISTED = [(state, kind) for state in State for kind in EVENTS if kind not in TRANSITIONS[state]]


def begun(mode: Mode = ACTIVATE, state: State = State.EMPTY) -> Enrollment:
    return Enrollment(id="one", mode=mode, state=state)


def after(*happened: Event, mode: Mode = ACTIVATE) -> Enrollment:
    enrollment = begun(mode)
    for event in happened:
        enrollment = advance(enrollment, event)
    return enrollment


def submitted(mode: Mode = ACTIVATE) -> Enrollment:
    kinds = (TokenPut, PersonPut, Passed, Submitted, Recorded)
    return after(*(EVENTS[kind] for kind in kinds), mode=mode)


def states_of(target: Target) -> set[State]:
    match target:
        case ByMode():
            return {target.activate, target.assign}
        case ByOperation():
            return {target.activation, target.other}
        case _:
            return {target}
