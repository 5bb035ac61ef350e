"""What is written down of an enrollment, and the line that is read out of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.code import VerificationCode
from app.core.enrollment import ENDS, NEEDS_ATTENTION, OPEN, RESTING, Enrollment, State, Step
from app.core.errors import AnswerLost, Evidence, LedgerUnwritable, OathdeskError, Rejected
from app.core.model import (
    TAKES_BACK,
    WITHOUT_PERSON,
    Link,
    Mode,
    Operation,
    Operator,
    Person,
    Proof,
    Reason,
    Token,
)
from app.core.preflight import Finding, FindingKind, Severity
from app.core.record import (
    Entry,
    EntryKind,
    Line,
    StagedWork,
    due,
    due_work,
    evidence_facts,
    intent,
    interrupted,
    lines,
    passage,
    restored,
    staged,
    staged_work,
)
from tests.fakes.nouns import a_person, a_token, an_operator

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
REFUSED = Evidence("POST", "/assign", 400, "badRequest", "No.", request_id="r-1", at=AT)
TAKEN_IN = Evidence("POST", "/assign", 201, request_id="r-2", at=AT)


def an_enrollment(
    name: str = "one",
    state: State = State.RECORDING,
    attempts: int = 1,
    error: OathdeskError | None = None,
) -> Enrollment:
    return Enrollment(
        id=name,
        mode=Mode.ASSIGN_AND_ACTIVATE,
        state=state,
        token=a_token("0012"),
        person=a_person("Ada"),
        operation=Operation.ASSIGN_AND_ACTIVATE,
        attempts=attempts,
        error=error,
        evidence=TAKEN_IN,
        trail=(Step(AT, "Refused", state),),
    )


def an_intent(name: str = "one", second: int = 0, attempts: int = 1) -> Entry:
    enrollment = an_enrollment(name, attempts=attempts)
    return intent(enrollment, an_operator("Olu"), "Desk 1", AT + timedelta(seconds=second))


def a_passage(name: str, state: State, second: int, error: OathdeskError | None = None) -> Entry:
    return passage(an_enrollment(name, state, error=error), AT + timedelta(seconds=second))


def only(*entries: Entry) -> Line:
    (line,) = lines(entries)
    return line


def test_an_intent_says_who_gives_what_to_whom_and_where() -> None:
    entry = an_intent(attempts=2)
    assert (entry.kind, entry.state, entry.at) == (EntryKind.INTENT, State.RECORDING, AT)
    assert entry.facts == {
        "mode": "assign_and_activate",
        "operation": "assign_and_activate",
        "attempt": "2",
        "serial_number": "0012",
        "device_id": "device-0012",
        "person_id": "person-ada",
        "person_name": "Ada",
        "person_upn": "ada@example.com",
        "operator_id": "operator-olu",
        "operator_name": "Olu",
        "operator_upn": "olu@example.com",
        "desk": "Desk 1",
        "manufacturer": "Example Works",
        "model": "T1",
    }


def test_an_intent_without_a_token_or_a_person_is_none() -> None:
    for bare in (replace(an_enrollment(), token=None), replace(an_enrollment(), person=None)):
        with pytest.raises(ValueError, match="a token and a person"):
            intent(bare, an_operator(), "Desk 1", AT)


def test_a_passage_names_its_event_and_its_error_and_keeps_the_evidence() -> None:
    entry = a_passage("one", State.NOT_DONE, 1, Rejected(REFUSED))
    assert entry.facts["event"] == "Refused"
    assert entry.facts["error"] == "Rejected"
    assert entry.facts["evidence.HTTP status"] == "400"
    assert entry.facts["evidence.request-id"] == "r-1"


def test_without_an_error_the_evidence_is_what_was_accepted() -> None:
    entry = a_passage("one", State.ACTIVATED, 1)
    assert "error" not in entry.facts
    assert entry.facts["evidence.request-id"] == "r-2"


def test_an_error_of_the_station_itself_has_no_evidence_of_its_own() -> None:
    entry = a_passage("one", State.NOT_DONE, 1, LedgerUnwritable("full"))
    assert entry.facts["error"] == "LedgerUnwritable"
    assert entry.facts["evidence.request-id"] == "r-2"


def test_a_passage_before_any_event_names_none() -> None:
    assert "event" not in passage(replace(an_enrollment(), trail=()), AT).facts


def test_no_evidence_makes_no_facts() -> None:
    assert evidence_facts(None) == evidence_facts(Evidence()) == {}


def test_a_line_begins_with_the_intent() -> None:
    line = only(an_intent())
    assert (line.serial_number, line.person_name, line.operator_name) == ("0012", "Ada", "Olu")
    assert (line.state, line.attempts, line.began, line.changed) == (State.RECORDING, 1, AT, AT)
    assert not line.rests


def test_a_line_shows_the_last_state_and_when_it_began() -> None:
    line = only(an_intent(), a_passage("one", State.CONFIRMING, 1), _activated(4))
    assert (line.state, line.began, line.changed) == (
        State.ACTIVATED,
        AT,
        AT + timedelta(seconds=4),
    )
    assert line.rests
    assert not line.needs_attention


def test_a_line_shows_the_error_and_the_evidence_of_the_last_passage() -> None:
    line = only(an_intent(), a_passage("one", State.NOT_DONE, 1, Rejected(REFUSED)))
    assert line.error == "Rejected"
    assert line.evidence == REFUSED.rows()
    assert line.needs_attention


def test_a_second_attempt_keeps_the_beginning_and_forgets_the_first_error() -> None:
    refused = a_passage("one", State.NOT_DONE, 1, Rejected(REFUSED))
    line = only(an_intent(), refused, an_intent(second=30, attempts=2))
    assert (line.attempts, line.began, line.error, line.evidence) == (2, AT, "", ())
    assert line.state is State.RECORDING


def test_each_enrollment_has_its_own_line_oldest_first() -> None:
    entries = (an_intent("a"), an_intent("b", 1), a_passage("a", State.ACTIVATED, 2))
    assert [(line.enrollment_id, line.state) for line in lines(entries)] == [
        ("a", State.ACTIVATED),
        ("b", State.RECORDING),
    ]


def test_a_passage_without_its_intent_makes_no_line() -> None:
    assert lines([a_passage("lost", State.ACTIVATED, 1)]) == ()


@pytest.mark.parametrize("state", State)
def test_a_line_rests_and_needs_attention_as_its_state_does(state: State) -> None:
    line = only(an_intent(), a_passage("one", state, 1))
    assert line.rests is (state in RESTING | {State.BLOCKED})
    assert line.needs_attention is (state in NEEDS_ATTENTION)


@given(digits=st.from_regex(r"[0-9]{6}", fullmatch=True), state=st.sampled_from(State))
def test_no_fact_and_no_picture_of_an_enrollment_ever_holds_a_code(
    digits: str, state: State
) -> None:
    code = VerificationCode(digits)
    enrollment = an_enrollment("one", state, error=AnswerLost(REFUSED))
    entries = (intent(enrollment, an_operator(), "Desk", AT), passage(enrollment, AT))
    written = [text for entry in entries for text in entry.facts.values()]
    assert not any(digits in text for text in written)
    assert digits not in f"{code} {code!r} {enrollment!r} {entries!r}"


@given(
    order=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(State)), max_size=30),
)
def test_the_last_passage_of_each_enrollment_is_what_its_line_shows(
    order: list[tuple[str, State]],
) -> None:
    begun = [an_intent(name) for name in "abc"]
    passed = [a_passage(name, state, 1) for name, state in order]
    latest = dict.fromkeys("abc", State.RECORDING) | dict(order)
    shown = {line.enrollment_id: line.state for line in lines([*begun, *passed])}
    assert shown == latest


def _activated(second: int) -> Entry:
    return a_passage("one", State.ACTIVATED, second)


# Staged, and open --------------------------------------------------------------------------------

WORK = StagedWork("work", "0012", "ada@example.com", "Ada")


def a_staging(work: StagedWork = WORK, second: int = 0) -> Entry:
    return staged(work, an_operator("Olu"), "Desk 1", AT + timedelta(seconds=second))


def test_staged_work_says_what_for_whom_and_by_whom_and_comes_back_as_it_was() -> None:
    entry = a_staging()
    assert (entry.kind, entry.state, entry.at) == (EntryKind.STAGED, State.STAGED, AT)
    assert staged_work([entry]) == (WORK,)
    line = only(entry)
    assert (line.serial_number, line.person_name, line.operator_name) == ("0012", "Ada", "Olu")
    assert (line.person_id, line.reference, line.attempts) == ("", "ada@example.com", 0)
    assert not line.rests
    assert not line.needs_attention


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.BLOCKED, State.ASSIGNED])
def test_what_left_the_tray_waits_no_more(state: State) -> None:
    assert staged_work([a_staging(), a_passage("work", state, 1)]) == ()


def test_staged_work_is_told_in_the_order_it_was_staged() -> None:
    works = [StagedWork(name, "0012", "20417", "20417") for name in ("b", "a", "c")]
    assert staged_work([a_staging(work) for work in works]) == tuple(works)


def test_a_finding_that_blocked_staged_work_is_recorded() -> None:
    finding = Finding(FindingKind.TOKEN_UNKNOWN, Severity.BLOCKS, "0012")
    blocked = Enrollment("work", Mode.ASSIGN_ONLY, State.BLOCKED, findings=(finding,))
    entry = passage(blocked, AT)
    assert entry.facts["findings"] == "token_unknown"
    line = only(a_staging(), entry)
    assert line.needs_attention
    assert line.rests


def test_staged_work_that_was_submitted_is_interrupted_like_any_other() -> None:
    entries = [a_staging(), an_intent("work", 5)]
    assert staged_work(entries) == ()
    ((found, last),) = interrupted(entries)
    assert (found.id, found.state, last) == ("work", State.RECORDING, AT + timedelta(seconds=5))
    assert only(*entries).began == AT


@pytest.mark.parametrize("state", State)
def test_what_is_open_comes_back_as_it_stood_and_nothing_else(state: State) -> None:
    found = interrupted([an_intent(attempts=2), a_passage("one", state, 7)])
    if state not in OPEN:
        assert found == ()
        assert restored([an_intent(attempts=2), a_passage("one", state, 7)]) is not None
        return
    ((enrollment, last),) = found
    assert (enrollment.state, enrollment.attempts, last) == (state, 2, AT + timedelta(seconds=7))
    assert (enrollment.mode, enrollment.operation) == (
        Mode.ASSIGN_AND_ACTIVATE,
        Operation.ASSIGN_AND_ACTIVATE,
    )
    assert enrollment.token == Token("device-0012", "0012")
    assert enrollment.person == Person("person-ada", "Ada", "ada@example.com")


def test_what_was_only_staged_is_not_interrupted() -> None:
    assert interrupted([a_staging()]) == ()


def test_a_second_attempt_is_restored_with_its_own_request() -> None:
    half = a_passage("one", State.HALF_DONE, 1)
    again = replace(an_enrollment(attempts=2), operation=Operation.ACTIVATE)
    second = intent(again, an_operator(), "Desk 1", AT + timedelta(seconds=30))
    ((found, _),) = interrupted([an_intent(), half, second])
    assert (found.operation, found.attempts) == (Operation.ACTIVATE, 2)


def test_an_application_is_recorded_as_one_and_never_as_a_person() -> None:
    station = Operator.of_application("client-1", frozenset({"User.Read.All"}))
    work = StagedWork("e-1", "0012", "20417", "Ada")
    facts = staged(work, station, "Kiosk", AT).facts
    assert facts["operator_id"] == "client-1"
    assert facts["operator_name"] == "Application client-1"
    assert facts["operator_upn"] == ""
    assert facts["operator_kind"] == "application"
    assert "operator_kind" not in staged(work, an_operator(), "Desk 1", AT).facts


# Taken back, and due -----------------------------------------------------------------------------

LINK = Link("other", Reason.BROKEN)


def a_return(proof: Proof | None = Proof.SCANNED, link: Link | None = None) -> Enrollment:
    return replace(
        an_enrollment(),
        mode=Mode.ASSIGN_ONLY,
        wanted=Operation.UNASSIGN,
        operation=Operation.UNASSIGN,
        proof=proof,
        link=link,
    )


def the_intent(enrollment: Enrollment) -> Entry:
    return intent(enrollment, an_operator("Olu"), "Desk 1", AT)


@pytest.mark.parametrize("proof", [None, *Proof])
@pytest.mark.parametrize("link", [None, LINK, replace(LINK, second=True)])
def test_how_a_token_was_proved_and_what_it_belongs_to_comes_back(
    proof: Proof | None, link: Link | None
) -> None:
    entry = the_intent(a_return(proof, link))
    ((found, _),) = interrupted([entry])
    line = only(entry)
    assert (found.proof, found.link, found.operation) == (proof, link, Operation.UNASSIGN)
    assert (line.proof, line.link, line.operation) == (proof, link, Operation.UNASSIGN)
    assert found.takes_back


@pytest.mark.parametrize("operation", ENDS)
def test_only_what_the_operator_chose_comes_back_as_chosen(operation: Operation) -> None:
    entry = the_intent(replace(an_enrollment(), operation=operation))
    ((found, _),) = interrupted([entry])
    chosen = TAKES_BACK | WITHOUT_PERSON
    assert found.wanted == (operation if operation in chosen else None)


def test_what_is_due_waits_until_it_is_submitted_or_taken_back() -> None:
    entry = due(a_return(None, LINK), an_operator("Olu"), "Desk 1", AT)
    ((found, since),) = due_work([entry])
    assert (found.id, found.state, found.link, since) == ("one", State.DUE, LINK, AT)
    assert (found.token, found.operation) == (Token("device-0012", "0012"), Operation.UNASSIGN)
    assert interrupted([entry]) == ()
    assert restored([entry]) is None
    assert due_work([entry, the_intent(a_return())]) == ()
    assert due_work([entry, a_passage("one", State.WITHDRAWN, 1)]) == ()


def test_what_is_due_is_listed_and_needs_attention() -> None:
    entry = due(a_return(None, LINK), an_operator("Olu"), "Desk 1", AT)
    line = only(entry)
    assert (line.state, line.needs_attention, line.rests) == (State.DUE, True, False)


def test_a_line_without_a_request_of_its_own_is_a_hand_over() -> None:
    facts = {name: text for name, text in an_intent().facts.items() if name != "operation"}
    assert only(replace(an_intent(), facts=facts)).operation is Operation.ASSIGN


def test_m11_the_method_that_an_answer_named_is_on_record_and_restored() -> None:
    made = replace(
        an_enrollment("one", State.CONFIRMING),
        method_id="m-7",
        method_created=AT,
        evidence=TAKEN_IN,
    )
    entry = passage(made, AT)
    assert entry.facts["method_id"] == "m-7"
    assert entry.facts["method_created"] == AT.isoformat()
    back = restored((an_intent(), entry))
    assert back is not None
    assert (back.method_id, back.method_created) == ("m-7", AT)


def test_m11_an_entry_without_a_method_has_the_facts_that_it_always_had() -> None:
    entry = passage(an_enrollment("one", State.CONFIRMING), AT)
    assert not {name for name in entry.facts if name.startswith("method")}
    back = restored((an_intent(), entry))
    assert back is not None
    assert (back.method_id, back.method_created) == ("", None)
