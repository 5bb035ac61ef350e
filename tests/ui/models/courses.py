"""Every course an enrollment can take, for whoever has to show it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from app.core.enrollment import Enrollment, advance
from app.core.errors import AnswerLost, Evidence, LedgerUnwritable, Rejected, Throttled
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
    SeenActivated,
    SeenAssigned,
    SeenElsewhere,
    SeenUnassigned,
    StaysAssigned,
    StaysElsewhere,
    Stopped,
    Submitted,
    TokenCleared,
    TokenPut,
    TriedAgain,
)
from app.core.model import Mode
from app.core.preflight import Finding, FindingKind, Severity
from tests.core.happenings import fitting
from tests.fakes.nouns import a_person, a_token

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ASKED = Evidence("POST", "/assign", 400, "badRequest", "No.", "request-1")
BLOCK = Finding(FindingKind.PERSON_GUEST, Severity.BLOCKS)
DOUBT = Finding(FindingKind.ROLE_DOUBTFUL, Severity.CAUTION)
FULL = LedgerUnwritable("no space left")
LATE = PatienceEnded(at=AT, error=Throttled(ASKED))

KNOWN: tuple[Event, ...] = (
    TokenPut(at=AT, token=a_token()),
    TokenCleared(at=AT),
    PersonPut(at=AT, person=a_person()),
    PersonCleared(at=AT),
    *(ModeChosen(at=AT, mode=mode) for mode in Mode),
    Passed(at=AT),
    Passed(at=AT, findings=(DOUBT,)),
    Stopped(at=AT, findings=(BLOCK, DOUBT)),
    CheckFailed(at=AT, error=Throttled(ASKED)),
    Submitted(at=AT),
    Recorded(at=AT),
    NotRecorded(at=AT, error=FULL),
    Accepted(at=AT, evidence=Evidence("POST", "/assign", 201)),
    Refused(at=AT, error=Rejected(ASKED)),
    NotSent(at=AT, error=Throttled(ASKED)),
    Lost(at=AT, error=AnswerLost(ASKED)),
    SeenActivated(at=AT),
    SeenAssigned(at=AT),
    SeenUnassigned(at=AT),
    SeenElsewhere(at=AT),
    LookFailed(at=AT, error=Throttled(ASKED)),
    StaysAssigned(at=AT),
    StaysElsewhere(at=AT),
    PatienceEnded(at=AT),
    LATE,
    TriedAgain(at=AT),
)


def live(enrollment: Enrollment, choices: list[int]) -> Enrollment:
    """Let one event after the other happen, each chosen among those that are legal by then."""
    for number, choice in enumerate(choices, start=1):
        legal = [event for event in KNOWN if enrollment.admits(type(event))]
        if not legal:
            break
        event = replace(legal[choice % len(legal)], at=AT + timedelta(seconds=number))
        enrollment = advance(enrollment, fitting(enrollment, event))
    return enrollment


def begun(mode: Mode = Mode.ASSIGN_AND_ACTIVATE) -> Enrollment:
    """A draft with nothing in it."""
    return Enrollment(id="one", mode=mode)


def lived() -> st.SearchStrategy[Enrollment]:
    """Any enrollment that can come to be."""
    choices = st.lists(st.integers(0, len(KNOWN)), max_size=30)
    return st.builds(live, st.sampled_from(Mode).map(begun), choices)


def reachable() -> list[Enrollment]:
    """One enrollment for each state and mode, each on a shortest course; in a fixed order."""
    found: dict[tuple[object, Mode], Enrollment] = {}
    fresh = [begun(mode) for mode in Mode]
    while fresh:
        new = [each for each in fresh if (each.state, each.mode) not in found]
        found |= {(each.state, each.mode): each for each in reversed(new)}
        fresh = [
            advance(each, fitting(each, event))
            for each in new
            for event in KNOWN
            if each.admits(type(event))
        ]
    return list(found.values())
