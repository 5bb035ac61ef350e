"""How an enrollment passes from one state to the next, and what it knows then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.enrollment import Action, State, advance
from app.core.errors import Evidence
from app.core.events import (
    Accepted,
    CheckFailed,
    Event,
    LookFailed,
    Lost,
    ModeChosen,
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
    StaysUnassigned,
    Stopped,
    Submitted,
    TokenPut,
    TriedAgain,
)
from app.core.model import Mode, Operation
from tests.core.happenings import (
    ACTIVATE,
    ASSIGN,
    AT,
    BLOCK,
    DONE,
    EVENTS,
    REFUSAL,
    after,
    begun,
    on,
    submitted,
)
from tests.fakes.nouns import a_person, a_phone

# Passages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "state"), [(ACTIVATE, State.AWAITING_CODE), (ASSIGN, State.READY)]
)
@pytest.mark.parametrize("token_first", [True, False])
def test_both_cards_in_either_order_lead_to_a_check(
    mode: Mode, state: State, *, token_first: bool
) -> None:
    cards = [EVENTS[TokenPut], EVENTS[PersonPut]]
    enrollment = after(*(cards if token_first else reversed(cards)), mode=mode)
    assert enrollment.action is Action.CHECK
    assert on(enrollment, Passed).state is state


def test_a_mode_that_changes_in_the_check_decides_where_it_leads() -> None:
    cards = (EVENTS[TokenPut], EVENTS[PersonPut])
    assert after(*cards, ModeChosen(at=AT, mode=ASSIGN), EVENTS[Passed]).state is State.READY


def test_a_new_card_drops_what_was_found_about_the_old_one() -> None:
    blocked = after(EVENTS[TokenPut], EVENTS[PersonPut], EVENTS[Stopped])
    assert blocked.findings == (BLOCK,)
    assert advance(blocked, EVENTS[TokenPut]).findings == ()


def test_a_person_who_is_cleared_takes_their_methods_along() -> None:
    put = after(EVENTS[PersonPut])
    cleared = advance(put, EVENTS[PersonCleared])
    assert put.methods == (a_phone(),)
    assert (cleared.person, cleared.methods) == (None, ())


def test_an_assigned_token_confirms_an_assignment_and_not_an_activation() -> None:
    seen = (EVENTS[Accepted], EVENTS[SeenAssigned])
    assert advance(advance(submitted(ASSIGN), seen[0]), seen[1]).state is State.ASSIGNED
    assert advance(advance(submitted(ACTIVATE), seen[0]), seen[1]).state is State.CONFIRMING


@pytest.mark.parametrize("kind", [SeenUnassigned, SeenElsewhere, LookFailed])
@pytest.mark.parametrize("answer", [Accepted, Refused, Lost])
def test_a_stale_read_decides_nothing(answer: type[Event], kind: type[Event]) -> None:
    looking = advance(submitted(), EVENTS[answer])
    assert advance(looking, EVENTS[kind]).state is looking.state


def test_each_submit_is_counted_and_forgets_the_last_error() -> None:
    refused = on(submitted(), Refused, SeenUnassigned, StaysUnassigned)
    again = on(refused, Submitted)
    assert (refused.state, refused.attempts, refused.error) == (State.NOT_DONE, 1, REFUSAL)
    assert (again.attempts, again.error) == (2, None)


def test_the_evidence_of_what_was_accepted_is_kept() -> None:
    assert advance(submitted(), EVENTS[Accepted]).evidence == Evidence(status=204)


def test_a_half_done_enrollment_is_only_activated() -> None:
    half = advance(advance(submitted(), EVENTS[Refused]), EVENTS[SeenAssigned])
    again = advance(half, EVENTS[Submitted])
    assert half.state is State.HALF_DONE
    assert (again.operation, again.method_id) == (Operation.ACTIVATE, "method")


def test_a_look_that_names_no_method_keeps_the_one_known() -> None:
    looking = advance(submitted(), EVENTS[Lost])
    seen = advance(advance(looking, EVENTS[SeenAssigned]), EVENTS[StaysAssigned])
    assert (seen.state, seen.method_id) == (State.HALF_DONE, "method")


def test_a_check_tells_what_a_submit_will_send() -> None:
    passed = Passed(at=AT, operation=Operation.ACTIVATE, method_id="device")
    enrollment = after(EVENTS[TokenPut], EVENTS[PersonPut], passed, EVENTS[Submitted])
    assert (enrollment.operation, enrollment.method_id) == (Operation.ACTIVATE, "device")


@pytest.mark.parametrize(
    ("state", "mode", "wanted"),
    [
        (State.AWAITING_CODE, ACTIVATE, True),
        (State.HALF_DONE, ACTIVATE, True),
        (State.NOT_DONE, ACTIVATE, True),
        (State.NOT_DONE, ASSIGN, False),
        (State.READY, ASSIGN, False),
        (State.CHECKING, ACTIVATE, False),
        (State.UNCHECKED, ACTIVATE, False),
        (State.BLOCKED, ACTIVATE, False),
        (State.SUBMITTING, ACTIVATE, False),
        (State.UNSETTLED, ACTIVATE, False),
        (State.TAKEN, ACTIVATE, False),
        (State.ACTIVATED, ACTIVATE, False),
    ],
)
def test_a_code_is_wanted_where_a_submit_would_send_one(
    state: State, mode: Mode, *, wanted: bool
) -> None:
    assert begun(mode, state).wants_code is wanted


def test_the_trail_tells_what_happened_when_and_where_it_led() -> None:
    later = AT + timedelta(seconds=2)
    enrollment = after(EVENTS[TokenPut], PersonPut(at=later, person=a_person()))
    assert [(step.at, step.event, step.state) for step in enrollment.trail] == [
        (AT, "TokenPut", State.HAS_TOKEN),
        (later, "PersonPut", State.CHECKING),
    ]


# What was not acted upon -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Lost, State.NOT_DONE),
        (Refused, State.NOT_DONE),
        (Accepted, State.UNSETTLED),
    ],
)
@pytest.mark.parametrize("mode", Mode)
def test_a_token_that_stays_nobodys_was_not_given_unless_that_was_accepted(
    answer: type[Event], state: State, mode: Mode
) -> None:
    ended = on(submitted(mode), answer, SeenUnassigned, StaysUnassigned)
    assert ended.state is state
    assert ended.error is (None if answer is Accepted else REFUSAL)


def test_what_is_unsettled_is_not_done_once_the_token_stays_nobodys_again() -> None:
    unsettled = on(submitted(), Lost, LookFailed, PatienceEnded)
    assert on(unsettled, TriedAgain, SeenUnassigned, StaysUnassigned).state is State.NOT_DONE


@pytest.mark.parametrize("late", [SeenAssigned, SeenActivated])
def test_what_a_refusal_left_behind_is_seen_though_it_comes_late(late: type[Event]) -> None:
    ended = on(submitted(), Refused, SeenUnassigned, LookFailed, SeenUnassigned, late)
    assert ended.state is (State.HALF_DONE if late is SeenAssigned else State.ACTIVATED)


@pytest.mark.parametrize("mode", Mode)
def test_a_request_that_was_not_sent_leaves_nothing_done(mode: Mode) -> None:
    assert on(submitted(mode), NotSent).state is State.NOT_DONE


def test_an_activation_that_was_not_sent_leaves_the_token_assigned() -> None:
    half = on(submitted(), Refused, SeenAssigned)
    again = on(half, Submitted, Recorded, NotSent)
    assert (again.state, again.operation, again.error) == (
        State.HALF_DONE,
        Operation.ACTIVATE,
        REFUSAL,
    )


def test_an_activation_found_by_the_check_and_not_sent_is_half_done_too() -> None:
    passed = Passed(at=AT, operation=Operation.ACTIVATE, method_id="device")
    drafted = after(EVENTS[TokenPut], EVENTS[PersonPut], passed)
    ended = on(drafted, Submitted, Recorded, NotSent)
    assert (ended.state, ended.method_id) == (State.HALF_DONE, "device")


@pytest.mark.parametrize(
    ("mode", "operation"),
    [(ACTIVATE, Operation.ASSIGN_AND_ACTIVATE), (ASSIGN, Operation.ASSIGN)],
)
def test_what_is_not_done_is_sent_again_whole(mode: Mode, operation: Operation) -> None:
    nobodys = on(submitted(mode), Lost, StaysUnassigned)
    assert on(nobodys, Submitted).operation is operation


def test_an_activation_whose_token_was_taken_back_is_sent_again_whole() -> None:
    half = on(submitted(), Refused, SeenAssigned)
    lost = on(half, Submitted, Recorded, Lost, SeenUnassigned, StaysUnassigned)
    again = on(lost, Submitted)
    assert (lost.state, again.operation) == (State.NOT_DONE, Operation.ASSIGN_AND_ACTIVATE)


# What is told of it ------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [Refused, Lost])
@pytest.mark.parametrize("mode", Mode)
def test_what_is_done_has_no_error_left(mode: Mode, answer: type[Event]) -> None:
    looking = on(submitted(mode), answer)
    done = on(looking, SeenAssigned if mode is ASSIGN else SeenActivated)
    assert (looking.error, done.error) == (REFUSAL, None)
    assert done.state in DONE


def test_what_is_half_done_keeps_its_error() -> None:
    assert on(submitted(), Refused, SeenAssigned).error is REFUSAL


def test_the_evidence_of_one_attempt_is_not_that_of_the_next() -> None:
    half = on(submitted(), Accepted, SeenAssigned, StaysAssigned)
    assert half.evidence == Evidence(status=204)
    assert on(half, Submitted).evidence is None


def test_a_look_that_failed_is_forgotten_when_the_directory_is_asked_again() -> None:
    failed = PatienceEnded(at=AT, error=REFUSAL)
    unsettled = advance(on(submitted(), Accepted), failed)
    again = on(unsettled, TriedAgain)
    assert (unsettled.error, again.error) == (REFUSAL, None)
    assert again.evidence == Evidence(status=204)


def test_an_answer_that_was_lost_is_told_until_it_is_settled() -> None:
    unsettled = on(submitted(), Lost, PatienceEnded)
    assert on(unsettled, TriedAgain).error is REFUSAL


@pytest.mark.parametrize("kind", [Passed, Stopped])
def test_a_check_that_was_made_forgets_the_one_that_failed(kind: type[Event]) -> None:
    unchecked = after(EVENTS[TokenPut], EVENTS[PersonPut], EVENTS[CheckFailed])
    assert on(unchecked, ModeChosen, kind).error is None


def test_a_check_that_failed_finds_nothing() -> None:
    blocked = after(EVENTS[TokenPut], EVENTS[PersonPut], EVENTS[Stopped])
    assert on(blocked, ModeChosen, CheckFailed).findings == ()
