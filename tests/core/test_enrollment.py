"""The table of an enrollment: complete, honest, and closed to whatever it does not list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.enrollment import (
    ACTIONS,
    DRAFT,
    NEEDS_ATTENTION,
    OPEN,
    RESTING,
    TRANSITIONS,
    UNDERWAY,
    Action,
    ByMode,
    ByOperation,
    Enrollment,
    State,
    Target,
    advance,
)
from app.core.errors import IllegalEvent
from app.core.events import (
    Accepted,
    Event,
    PatienceEnded,
    Restarted,
    SeenActivated,
    SeenAssigned,
    StaysElsewhere,
    StaysUnassigned,
    TriedAgain,
    Withdrawn,
)
from app.core.model import Mode
from tests.core.happenings import (
    DONE,
    EVENTS,
    FINAL,
    LISTED,
    REFUSAL,
    UNLISTED,
    begun,
    states_of,
    submitted,
)


def in_order(states: frozenset[State]) -> list[State]:
    return [state for state in State if state in states]


def successors(state: State) -> set[State]:
    return set().union(*(states_of(target) for target in TRANSITIONS[state].values()))


def reachable(start: State) -> set[State]:
    found, fresh = {start}, {start}
    while fresh:
        fresh = set().union(*(successors(state) for state in fresh)) - found
        found |= fresh
    return found


def printed() -> Iterator[str]:
    for state, row in TRANSITIONS.items():
        for kind, target in row.items():
            names = sorted(found.value for found in states_of(target))
            yield f"{state.value} + {kind.__name__} -> {' | '.join(names)}"


def expected(target: Target, enrollment: Enrollment) -> State:
    match target:
        case ByMode():
            return target.under(enrollment.mode)
        case ByOperation():
            return target.under(enrollment.operation)
        case _:
            return target


def test_every_state_has_its_row_and_every_event_its_place() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {kind for _, kind in LISTED} == set(EVENTS)


def test_a_state_is_draft_or_staged_or_underway_or_resting_and_only_one() -> None:
    kinds = [DRAFT, {State.STAGED}, UNDERWAY, RESTING]
    assert set(State) == set().union(*kinds)
    assert len(State) == sum(len(kind) for kind in kinds)
    assert RESTING | {State.BLOCKED} == NEEDS_ATTENTION | FINAL


def test_every_state_can_be_reached_from_an_empty_desk_or_the_tray() -> None:
    assert reachable(State.EMPTY) == set(State) - {State.STAGED, State.WITHDRAWN}
    assert reachable(State.EMPTY) | reachable(State.STAGED) == set(State)


def test_what_the_record_owes_an_answer_for_is_taken_up_after_a_restart() -> None:
    taken_up = {state for state, kind in LISTED if kind is Restarted}
    assert taken_up | {State.STAGED} == OPEN


def test_a_restart_leads_to_looking_and_never_to_sending() -> None:
    for state, kind in LISTED:
        if kind is Restarted:
            after = advance(begun(state=state), EVENTS[Restarted])
            assert after.action is Action.LOOK


def test_a_request_that_was_accepted_stays_so_after_a_restart() -> None:
    assert TRANSITIONS[State.CONFIRMING][Restarted] is State.CONFIRMING


def test_an_accepted_request_taken_up_again_forgets_the_error_of_its_last_look() -> None:
    accepted = submitted()
    for kind in (Accepted, PatienceEnded):
        accepted = advance(accepted, EVENTS[kind])
    failed = replace(accepted, error=REFUSAL)
    assert advance(failed, EVENTS[Restarted]).error is None
    assert advance(replace(failed, evidence=None), EVENTS[Restarted]).error is REFUSAL


def test_only_what_waits_in_the_tray_can_be_withdrawn() -> None:
    assert [state for state, kind in LISTED if kind is Withdrawn] == [State.STAGED]


@pytest.mark.parametrize("state", in_order(UNDERWAY))
def test_the_station_leaves_an_underway_state_by_itself(state: State) -> None:
    assert state in ACTIONS
    assert reachable(state) & RESTING


@pytest.mark.parametrize("state", in_order(RESTING))
def test_the_station_does_nothing_in_a_resting_state(state: State) -> None:
    assert begun(state=state).action is None


def test_only_a_check_is_done_in_a_draft() -> None:
    assert {ACTIONS[state] for state in DRAFT if state in ACTIONS} == {Action.CHECK}


def test_what_is_done_is_final() -> None:
    assert {state for state in State if not TRANSITIONS[state]} == FINAL


@pytest.mark.parametrize("state", in_order(NEEDS_ATTENTION))
def test_what_needs_attention_can_be_tried_again(state: State) -> None:
    assert TriedAgain in TRANSITIONS[state]


def test_nothing_is_sent_but_what_was_recorded() -> None:
    assert [line for line in printed() if line.endswith("-> submitting")] == [
        "recording + Recorded -> submitting"
    ]


def test_done_is_entered_by_a_sight_of_it_alone() -> None:
    entering = {kind for state, kind in LISTED if states_of(TRANSITIONS[state][kind]) & DONE}
    assert entering == {SeenActivated, SeenAssigned}


def test_activated_is_entered_by_its_sight_alone() -> None:
    entering = [line for line in printed() if "activated" in line.partition("-> ")[2].split(" | ")]
    assert sorted(entering) == [
        "after_refusal + SeenActivated -> activated",
        "confirming + SeenActivated -> activated",
        "resolving + SeenActivated -> activated",
    ]


def test_what_speaks_against_the_request_is_believed_in_the_end_alone() -> None:
    against = {State.NOT_DONE, State.TAKEN, State.UNSETTLED}
    looking = (state for state, action in ACTIONS.items() if action is Action.LOOK)
    leading = {
        kind
        for state in looking
        for kind, target in TRANSITIONS[state].items()
        if states_of(target) & against
    }
    assert leading == {StaysUnassigned, StaysElsewhere, PatienceEnded}


def test_the_table_can_be_printed_with_one_line_a_passage() -> None:
    lines = list(printed())
    assert len(lines) == len(set(lines)) == len(LISTED)
    assert "empty + TokenPut -> has_token" in lines
    assert "checking + Passed -> awaiting_code | ready" in lines


@pytest.mark.parametrize(("state", "kind"), UNLISTED)
def test_an_unlisted_event_is_illegal_and_changes_nothing(state: State, kind: type[Event]) -> None:
    enrollment, twin = begun(state=state), begun(state=state)
    with pytest.raises(IllegalEvent, match=f"{kind.__name__} in {state.value}"):
        advance(enrollment, EVENTS[kind])
    assert enrollment == twin


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("state", "kind"), LISTED)
def test_a_listed_event_leads_where_the_table_says(
    state: State, kind: type[Event], mode: Mode
) -> None:
    enrollment = advance(begun(mode, state), EVENTS[kind])
    target = TRANSITIONS[state][kind]
    assert enrollment.state is expected(target, enrollment)
    assert begun(mode, state).trail == ()
