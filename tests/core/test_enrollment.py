"""The table of an enrollment: complete, honest, and closed to whatever it does not list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.enrollment import (
    ACTIONS,
    DRAFT,
    ENDS,
    NEEDS_ATTENTION,
    OF_PASSES,
    OPEN,
    RESTING,
    TRANSITIONS,
    UNDERWAY,
    WAITING,
    WATCHED,
    Action,
    State,
    advance,
    target_of,
)
from app.core.errors import IllegalEvent
from app.core.events import (
    Accepted,
    FoundActivated,
    FoundElsewhere,
    LookFailed,
    NotRecorded,
    Passed,
    PatienceEnded,
    Proved,
    Restarted,
    SeenActivated,
    SeenElsewhere,
    SeenListed,
    SeenUnassigned,
    StaysActivated,
    StaysAssigned,
    StaysElsewhere,
    StaysGone,
    StaysUnassigned,
    Submitted,
    TriedAgain,
    Withdrawn,
)
from app.core.model import CREATES, TAKES_BACK, Mode, Operation
from tests.core.happenings import (
    BY_REQUEST,
    DONE,
    EVENTS,
    FINAL,
    FINDINGS,
    LISTED,
    REFUSAL,
    SIGHTS,
    UNLISTED,
    begun,
    fitting,
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


def test_every_state_has_its_row_and_every_event_its_place() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {kind for _, kind in LISTED} == set(EVENTS)


def test_a_state_is_draft_or_waiting_or_underway_or_resting_and_only_one() -> None:
    kinds = [DRAFT, WAITING, UNDERWAY, WATCHED, RESTING]
    assert set(State) == set().union(*kinds)
    assert len(State) == sum(len(kind) for kind in kinds)
    assert RESTING | WATCHED | {State.BLOCKED, State.DUE} == NEEDS_ATTENTION | FINAL


def test_every_state_can_be_reached_from_an_empty_desk_or_the_tray() -> None:
    whole = set(State) - WAITING - OF_PASSES
    assert reachable(State.EMPTY) == whole
    for waiting in WAITING:
        assert reachable(waiting) == whole - {State.EMPTY} | {waiting, State.EMPTY}


def test_what_the_record_owes_an_answer_for_is_taken_up_after_a_restart() -> None:
    taken_up = {state for state, kind in LISTED if kind is Restarted}
    assert taken_up | WAITING | {State.UNRECORDED} == OPEN


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


def test_only_what_was_not_sent_can_be_withdrawn() -> None:
    withdrawn = {state for state, kind in LISTED if kind is Withdrawn}
    assert withdrawn == WAITING | {State.UNRECORDED}


def test_t1_what_cannot_be_recorded_is_no_draft_and_needs_attention() -> None:
    stopped = advance(begun(state=State.RECORDING), EVENTS[NotRecorded])
    assert stopped.state in RESTING & NEEDS_ATTENTION
    assert stopped.action is None
    assert advance(stopped, EVENTS[TriedAgain]).state is State.CHECKING


@pytest.mark.parametrize("state", in_order(UNDERWAY))
def test_the_station_leaves_an_underway_state_by_itself(state: State) -> None:
    assert state in ACTIONS
    assert reachable(state) & RESTING


@pytest.mark.parametrize("state", in_order(RESTING))
def test_the_station_does_nothing_in_a_resting_state(state: State) -> None:
    assert begun(state=state).action is None


def test_only_a_check_is_done_in_a_draft() -> None:
    assert {ACTIONS[state] for state in DRAFT if state in ACTIONS} == {Action.CHECK}


def test_what_is_done_is_left_by_a_correction_alone() -> None:
    assert {state for state in State if set(TRANSITIONS[state]) <= FINDINGS} == FINAL


@pytest.mark.parametrize("state", in_order(NEEDS_ATTENTION - {State.DUE}))
def test_what_needs_attention_can_be_tried_again(state: State) -> None:
    assert TriedAgain in TRANSITIONS[state]


def test_nothing_is_sent_but_what_was_recorded() -> None:
    assert [line for line in printed() if line.endswith("-> submitting")] == [
        "recording + Recorded -> submitting"
    ]


def test_done_is_entered_by_a_sight_of_it_alone() -> None:
    entering = {kind for state, kind in LISTED if states_of(TRANSITIONS[state][kind]) & DONE}
    assert entering == SIGHTS | FINDINGS - {FoundElsewhere}


@pytest.mark.parametrize("state", in_order(RESTING | WATCHED))
def test_t2_whatever_rests_can_be_corrected_to_what_the_directory_holds(state: State) -> None:
    found = {kind for kind in TRANSITIONS[state] if kind in FINDINGS}
    apart = WATCHED | OF_PASSES | {State.WITHDRAWN, State.CREATED, State.UNRECORDED}
    assert found == (set() if state in apart else FINDINGS)


@pytest.mark.parametrize("made", [each for each in ENDS if each not in CREATES])
def test_t2_a_correction_leads_to_one_state_whatever_was_claimed_before(made: Operation) -> None:
    resting = [state for state in RESTING if FINDINGS & set(TRANSITIONS[state])]
    for kind in FINDINGS:
        assert len({target_of(state, kind, made) for state in resting}) == 1


def test_t2_nothing_is_said_to_be_unchanged_while_a_refusal_is_looked_after() -> None:
    for made in set(ENDS) - CREATES:
        for kind in (SeenUnassigned, SeenElsewhere, SeenActivated, LookFailed):
            assert target_of(State.AFTER_REFUSAL, kind, made) is not State.NOT_DONE


def test_activated_is_entered_by_its_sight_alone() -> None:
    entering = [line for line in printed() if "activated" in line.partition("-> ")[2].split(" | ")]
    assert sorted(entering) == sorted(
        [
            *(
                f"{state.value} + FoundActivated -> activated | not_done"
                for state, kind in LISTED
                if kind is FoundActivated
            ),
            "after_refusal + SeenActivated -> activated | after_refusal",
            "confirming + SeenActivated -> activated | confirming",
            "resolving + SeenActivated -> activated | resolving",
        ]
    )


def test_nothing_gets_ready_to_take_a_token_back_but_by_a_proof() -> None:
    ready = {kind for state, kind in LISTED if State.READY in states_of(TRANSITIONS[state][kind])}
    assert ready == {Passed, Proved}
    assert {target_of(State.CHECKING, Passed, made) for made in TAKES_BACK} == {
        State.AWAITING_TOKEN
    }


def test_a_token_that_stays_with_the_person_was_not_taken_back() -> None:
    for kind in (StaysActivated, StaysAssigned):
        for state in (State.AFTER_REFUSAL, State.RESOLVING):
            assert target_of(state, kind, Operation.UNASSIGN) is State.NOT_DONE
        assert target_of(State.CONFIRMING, kind, Operation.UNASSIGN) is State.UNSETTLED


@pytest.mark.parametrize("made", ENDS)
def test_each_request_can_come_to_its_end_from_every_look(made: Operation) -> None:
    for state in (State.CONFIRMING, State.AFTER_REFUSAL, State.RESOLVING):
        if state is State.AFTER_REFUSAL and made in CREATES:
            continue
        ends = {target_of(state, kind, made) for kind in TRANSITIONS[state]}
        assert ENDS[made] in ends


@pytest.mark.parametrize("made", [each for each in ENDS if each in CREATES])
def test_a_token_that_is_refused_and_yet_listed_was_there_before(made: Operation) -> None:
    assert target_of(State.AFTER_REFUSAL, SeenListed, made) is State.NOT_DONE
    assert target_of(State.AFTER_REFUSAL, StaysGone, made) is State.NOT_DONE


def test_what_speaks_against_the_request_is_believed_in_the_end_alone() -> None:
    against = {State.NOT_DONE, State.TAKEN, State.UNSETTLED}
    stays = {StaysActivated, StaysAssigned, StaysUnassigned, StaysElsewhere, StaysGone}
    before = {SeenListed}  # after a refusal, in an inventory that had it all along
    looking = (state for state, action in ACTIONS.items() if action is Action.LOOK)
    leading = {
        kind
        for state in looking
        for kind, target in TRANSITIONS[state].items()
        if states_of(target) & against
    }
    assert leading == stays | before | {PatienceEnded}


def test_the_table_can_be_printed_with_one_line_a_passage() -> None:
    lines = list(printed())
    assert len(lines) == len(set(lines)) == len(LISTED)
    assert "empty + TokenPut -> has_token" in lines
    assert "checking + Passed -> awaiting_code | awaiting_token | ready" in lines


@pytest.mark.parametrize("state", State)
def test_an_unlisted_event_is_illegal_and_changes_nothing(state: State) -> None:
    for kind in (kind for at, kind in UNLISTED if at is state):
        enrollment, twin = begun(state=state), begun(state=state)
        with pytest.raises(IllegalEvent, match=f"{kind.__name__} in {state.value}"):
            advance(enrollment, EVENTS[kind])
        assert enrollment == twin


@pytest.mark.parametrize("state", State)
def test_an_event_that_a_request_does_not_admit_is_illegal_and_changes_nothing(
    state: State,
) -> None:
    for kind, made in ((kind, made) for at, kind, made in BY_REQUEST if at is state):
        enrollment, twin = begun(state=state, operation=made), begun(state=state, operation=made)
        event = fitting(enrollment, EVENTS[kind])
        if enrollment.admits(kind):
            after = advance(enrollment, event)
            assert kind is Submitted or after.state is target_of(state, kind, after.operation)
            continue
        with pytest.raises(IllegalEvent, match=f"{kind.__name__} in {state.value}"):
            advance(enrollment, event)
        assert enrollment == twin


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("state", State)
def test_a_listed_event_leads_where_the_table_says(state: State, mode: Mode) -> None:
    for kind in (kind for at, kind in LISTED if at is state):
        before = begun(mode, state)
        if before.admits(kind):
            after = advance(before, fitting(before, EVENTS[kind]))
            assert after.state is target_of(state, kind, before.operation), kind
        assert begun(mode, state).trail == ()
