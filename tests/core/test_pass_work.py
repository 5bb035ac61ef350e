"""M7: the issuing of a Temporary Access Pass, and what the record says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.access_pass import AccessPass, PassOrder
from app.core.corrections import LATE
from app.core.errors import Evidence, IllegalEvent, Rejected
from app.core.model import Operation
from app.core.pass_work import PASSAGES, PassEvent, PassWork, open_passes, ordered, passage
from app.core.record import Entry, EntryKind, PassFacts, interrupted, lines
from app.core.states import ENDS, NEEDS_ATTENTION, OPEN, RESTING, SUCCESS, State
from tests.fakes.nouns import a_person, an_operator

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
WORK = PassWork("one", a_person(), PassOrder(60, once=True), AT, before="old")
MADE = AccessPass("new", AT + timedelta(seconds=1), AT, 60, once=True)
REFUSED = Rejected(Evidence("POST", "/passes", 400, "badRequest", "The policy says no."))


def entries(*events: PassEvent) -> tuple[PassWork, list[Entry]]:
    """The work after `events`, and what the record holds of it."""
    work, found = WORK, [ordered(WORK, an_operator(), "Desk 1")]
    for event in events:
        seen = MADE if event in {PassEvent.ACCEPTED, PassEvent.SEEN} else None
        error = REFUSED if event is PassEvent.REFUSED else None
        shown = True if event is PassEvent.ACCEPTED else None
        work = work.after(event, seen=seen, error=error, shown=shown)
        found.append(passage(work, event, AT + timedelta(seconds=len(found))))
    return work, found


def test_m7_issued_is_entered_by_a_sight_alone_and_left_by_nothing() -> None:
    entering = {event for row in PASSAGES.values() for event, to in row.items() if to in SUCCESS}
    assert entering == {PassEvent.SEEN}
    assert {state for state, row in PASSAGES.items() if not row} == {State.ISSUED, State.NOT_DONE}
    assert {state for state, row in PASSAGES.items() if PassEvent.RESTARTED in row} == {
        state for state in PASSAGES if state in OPEN
    }
    assert {to for row in PASSAGES.values() for to in row.values()} <= set(PASSAGES)
    assert Operation.ISSUE_PASS not in ENDS


@given(st.lists(st.sampled_from(PassEvent), max_size=8))
def test_m7_an_event_that_the_table_does_not_list_changes_nothing(events: list[PassEvent]) -> None:
    work = WORK
    for event in events:
        if event in PASSAGES[work.state]:
            work = work.after(event, seen=MADE if event is PassEvent.SEEN else None)
        else:
            with pytest.raises(IllegalEvent):
                work.after(event)
    assert work.wants_look == (work.state in {State.CONFIRMING, State.RESOLVING})


def test_m7_the_record_tells_who_for_whom_and_how_long() -> None:
    _, found = entries(PassEvent.ACCEPTED, PassEvent.SEEN)
    assert {entry.kind for entry in found} == {EntryKind.PASS}
    assert [entry.state for entry in found] == [State.RECORDING, State.CONFIRMING, State.ISSUED]
    first = found[0].facts
    assert (first["operator_name"], first["person_name"]) == ("Olu", "Ada")
    assert (first["lifetime_minutes"], first["one_time"], first["pass_before"]) == (
        "60",
        "yes",
        "old",
    )
    assert found[1].facts["value_shown"] == "yes"
    assert found[2].facts["pass_id"] == "new"
    (line,) = lines(found)
    assert (line.operation, line.state) == (Operation.ISSUE_PASS, State.ISSUED)
    assert line.access_pass == PassFacts(60, once=True, shown=True)
    assert (line.person_name, line.serial_number, line.needs_attention) == ("Ada", "", False)


def test_m7_a_refusal_is_on_record_with_its_evidence() -> None:
    _, found = entries(PassEvent.REFUSED)
    (line,) = lines(found)
    assert (line.state, line.error) == (State.NOT_DONE, "Rejected")
    assert ("Message", "The policy says no.") in line.evidence
    assert line.needs_attention
    assert line.state in RESTING & NEEDS_ATTENTION


@pytest.mark.parametrize(
    "events",
    [
        (),
        (PassEvent.LOST,),
        (PassEvent.ACCEPTED,),
        (PassEvent.LOST, PassEvent.PATIENCE_ENDED),
        (PassEvent.ACCEPTED, PassEvent.PATIENCE_ENDED),
    ],
)
def test_m7_what_is_open_comes_back_as_it_was(events: tuple[PassEvent, ...]) -> None:
    work, found = entries(*events)
    (back,) = open_passes(found)
    assert (back.state, back.pass_id, back.before) == (work.state, work.pass_id, "old")
    assert (back.order, back.submitted, back.person.id) == (work.order, AT, WORK.person.id)
    assert back.after(PassEvent.RESTARTED).wants_look
    assert interrupted(found) == ()


def test_m7_what_rests_does_not_come_back() -> None:
    for events in ((PassEvent.REFUSED,), (PassEvent.ACCEPTED, PassEvent.SEEN)):
        assert open_passes(entries(*events)[1]) == ()


@pytest.mark.parametrize(
    ("found", "is_it"),
    [
        (MADE, True),
        (replace(MADE, created=AT + timedelta(minutes=14)), True),
        (replace(MADE, created=AT - timedelta(minutes=1)), True),
        (replace(MADE, created=AT - timedelta(minutes=3)), False),
        (replace(MADE, created=AT + LATE + timedelta(minutes=1)), False),
        (replace(MADE, created=None), False),
        (replace(MADE, id="old"), False),
        (replace(MADE, minutes=120), False),
        (replace(MADE, once=False), False),
    ],
)
def test_m7_after_a_lost_answer_a_pass_is_known_by_its_time(
    found: AccessPass, *, is_it: bool
) -> None:
    lost = WORK.after(PassEvent.LOST)
    judged = lost.judge((found,), AT + timedelta(minutes=1))
    assert judged == ((PassEvent.SEEN, found) if is_it else None)
    after = lost.judge((found,), AT + LATE + timedelta(minutes=2))
    assert after == ((PassEvent.SEEN, found) if is_it else (PassEvent.MISSING, None))


def test_m7_an_accepted_pass_is_known_by_its_id_alone() -> None:
    accepted = WORK.after(PassEvent.ACCEPTED, seen=MADE)
    assert accepted.judge((replace(MADE, created=None),), AT) is not None
    assert accepted.judge((replace(MADE, id="another"),), AT) is None


def test_m7_a_clock_that_is_wrong_is_taken_into_account() -> None:
    lost, ahead = WORK.after(PassEvent.LOST), timedelta(hours=2)
    late = replace(MADE, created=AT + ahead)
    assert lost.judge((late,), AT) is None
    assert lost.judge((late,), AT, ahead) == (PassEvent.SEEN, late)
