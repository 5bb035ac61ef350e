"""What a receipt says is what the record says, and there is none for what did not come about."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enrollment import State
from app.core.model import Operation
from app.core.receipt import (
    HANDOVERS,
    Handover,
    Receipt,
    ReceiptRules,
    language_of,
    paragraphs,
    receipt_of,
)
from app.core.record import Entry, EntryKind, Head

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
KNOWN = ("de", "en")


def an_intent(at: datetime = AT, **facts: str) -> Entry:
    told = {
        "mode": "assign_and_activate",
        "operation": Operation.ASSIGN_AND_ACTIVATE.value,
        "attempt": "1",
        "serial_number": "0012",
        "device_id": "device-0012",
        "person_id": "person-ada",
        "person_name": "Ada",
        "person_upn": "ada@example.com",
        "operator_id": "operator-olu",
        "operator_name": "Olu",
        "operator_upn": "olu@example.com",
        "desk": "Desk 1",
    }
    return Entry("one", EntryKind.INTENT, State.RECORDING, at, told | facts)


def a_state(state: State, minutes: int = 1, **evidence: str) -> Entry:
    facts = {f"evidence.{name.replace('_', '-')}": value for name, value in evidence.items()}
    return Entry("one", EntryKind.STATE, state, AT + timedelta(minutes=minutes), facts)


def a_receipt(language: str = "") -> Receipt:
    found = receipt_of((an_intent(person_language=language), a_state(State.ACTIVATED)))
    assert found is not None
    return found


def test_a_receipt_says_who_got_what_from_whom_where_and_when() -> None:
    entries = (
        an_intent(manufacturer="Token2", model="C301-i", person_language="de-CH"),
        a_state(State.CONFIRMING, 1, request_id="r-1"),
        a_state(State.ACTIVATED, 2, request_id="r-1"),
    )
    assert receipt_of(entries) == Receipt(
        enrollment_id="one",
        handover=Handover.WORKING,
        person_name="Ada",
        person_upn="ada@example.com",
        serial_number="0012",
        desk="Desk 1",
        operator_name="Olu",
        at=AT + timedelta(minutes=2),
        model="Token2 C301-i",
        request_id="r-1",
        language="de-CH",
    )


def test_t4_a_receipt_tells_the_head_that_verify_takes() -> None:
    head = Head(12, "ab" * 32)
    found = receipt_of((an_intent(), a_state(State.ACTIVATED)), head)
    assert found is not None
    assert found.head == head
    assert Head.parse(str(found.head)) == head


def test_an_older_record_that_tells_no_model_makes_a_receipt_too() -> None:
    assert a_receipt().model == ""
    assert a_receipt().language == ""


@pytest.mark.parametrize("state", [state for state in State if state not in HANDOVERS])
def test_there_is_no_receipt_for_what_did_not_come_to_a_good_end(state: State) -> None:
    assert receipt_of((an_intent(), a_state(state))) is None


def test_there_is_no_receipt_for_nothing_and_for_what_was_erased() -> None:
    assert receipt_of(()) is None
    assert receipt_of((a_state(State.ACTIVATED),)) is None
    assert receipt_of((an_intent(person_name=""), a_state(State.ACTIVATED))) is None


def test_the_request_is_that_of_the_attempt_that_succeeded() -> None:
    entries = (
        an_intent(),
        a_state(State.NOT_DONE, 1, request_id="refused"),
        an_intent(attempt="2"),
        a_state(State.ACTIVATED, 2),
    )
    found = receipt_of(entries)
    assert found is not None
    assert found.request_id == ""


def test_an_answer_that_was_lost_is_named_as_the_station_named_the_question() -> None:
    found = receipt_of(
        (
            an_intent(),
            a_state(State.RESOLVING, 1, client_request_id="c-1"),
            a_state(State.ACTIVATED, 2),
        )
    )
    assert found is not None
    assert found.request_id == "c-1"


def test_who_served_themselves_is_told() -> None:
    entries = (an_intent(operator_kind="self_service"), a_state(State.ACTIVATED))
    found = receipt_of(entries)
    assert found is not None
    assert found.own


@pytest.mark.parametrize(
    ("preferred", "wanted", "configured", "language"),
    [
        ("de-CH", True, "en", "de"),
        ("DE_at", True, "en", "de"),
        ("de-CH", False, "en", "en"),
        ("ja-JP", True, "de", "de"),
        ("", True, "de", "de"),
        ("", True, "xx", "en"),
    ],
)
def test_the_language_is_the_persons_where_it_is_known_and_wanted(
    *, preferred: str, wanted: bool, configured: str, language: str
) -> None:
    rules = ReceiptRules(language=configured, persons_language=wanted)
    assert language_of(a_receipt(preferred), rules, KNOWN) == language


def test_a_paragraph_for_one_language_is_on_receipts_in_it_alone() -> None:
    text = ("For all.", "en: For one.", "de: Für eine.", "Note: for all.")
    assert paragraphs(text, "en") == ("For all.", "For one.", "Note: for all.")
    assert paragraphs(text, "de") == ("For all.", "Für eine.", "Note: for all.")


@given(st.text(max_size=30), st.text(max_size=12))
def test_whatever_the_directory_tells_leads_to_a_language_that_is_known(
    preferred: str, configured: str
) -> None:
    rules = ReceiptRules(language=configured)
    assert language_of(a_receipt(preferred), rules, KNOWN) in KNOWN
