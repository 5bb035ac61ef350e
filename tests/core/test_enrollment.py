"""The table of an enrollment: complete, honest, and closed to whatever it does not list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.core.enrollment import (
    ACTIONS,
    DRAFT,
    NEEDS_ATTENTION,
    RESTING,
    TRANSITIONS,
    UNDERWAY,
    Action,
    ByMode,
    Enrollment,
    State,
    Target,
    advance,
)
from app.core.errors import Evidence, IllegalEvent, LedgerUnwritable, Rejected
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
from app.core.model import Mode, Operation
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
        StaysElsewhere(at=AT),
        PatienceEnded(at=AT),
        TriedAgain(at=AT),
    )
}
CHOICES = [ModeChosen(at=AT, mode=ACTIVATE), *EVENTS.values()]
SEEN = {SeenActivated.__name__, SeenAssigned.__name__}
DONE = {State.ASSIGNED, State.ACTIVATED}
LISTED = [(state, kind) for state, row in TRANSITIONS.items() for kind in row]
UNLISTED = [(state, kind) for state in State for kind in EVENTS if kind not in TRANSITIONS[state]]

events = st.sampled_from(CHOICES)


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
    return {target.activate, target.assign} if isinstance(target, ByMode) else {target}


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


# The table ---------------------------------------------------------------------------------------


def test_every_state_has_its_row_and_every_event_its_place() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {kind for _, kind in LISTED} == set(EVENTS)


def test_a_state_is_either_draft_or_underway_or_resting() -> None:
    assert set(State) == DRAFT | UNDERWAY | RESTING
    assert not DRAFT & UNDERWAY
    assert not RESTING & (DRAFT | UNDERWAY)
    assert RESTING == NEEDS_ATTENTION | DONE


def test_every_state_can_be_reached_from_the_beginning() -> None:
    assert reachable(State.EMPTY) == set(State)


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
    assert all(not TRANSITIONS[state] for state in DONE)


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


def test_the_table_can_be_printed_with_one_line_a_passage() -> None:
    lines = list(printed())
    assert len(lines) == len(set(lines)) == len(LISTED)
    assert "empty + TokenPut -> has_token" in lines
    assert "checking + Passed -> awaiting_code | ready" in lines


# Passages ----------------------------------------------------------------------------------------


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
    expected = target.under(enrollment.mode) if isinstance(target, ByMode) else target
    assert enrollment.state is expected
    assert begun(mode, state).trail == ()


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
    assert advance(enrollment, EVENTS[Passed]).state is state


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
@pytest.mark.parametrize("answer", [Accepted, Lost])
def test_a_stale_read_decides_nothing(answer: type[Event], kind: type[Event]) -> None:
    looking = advance(submitted(), EVENTS[answer])
    assert advance(looking, EVENTS[kind]).state is looking.state


def test_each_submit_is_counted_and_forgets_the_last_error() -> None:
    refused = advance(advance(submitted(), EVENTS[Refused]), EVENTS[SeenUnassigned])
    again = advance(refused, EVENTS[Submitted])
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


# Any sequence ------------------------------------------------------------------------------------


@given(mode=st.sampled_from(Mode), happened=st.lists(events, max_size=60))
def test_whatever_was_sent_was_recorded_just_before(mode: Mode, happened: list[Event]) -> None:
    trail = _lived(mode, happened).trail
    for before, step in pairwise(trail):
        if step.state is State.SUBMITTING:
            assert (before.state, step.event) == (State.RECORDING, "Recorded")


@given(mode=st.sampled_from(Mode), happened=st.lists(events, max_size=60))
def test_a_submit_is_the_only_way_out_of_a_draft(mode: Mode, happened: list[Event]) -> None:
    trail = _lived(mode, happened).trail
    for before, step in pairwise(trail):
        if before.state in DRAFT and step.state not in DRAFT:
            assert step.event == "Submitted"


def _lived(mode: Mode, happened: list[Event]) -> Enrollment:
    enrollment = begun(mode)
    for event in happened:
        if type(event) in TRANSITIONS[enrollment.state]:
            enrollment = advance(enrollment, event)
    return enrollment


class AnyLife(RuleBasedStateMachine):
    """Whatever happens, in whatever order: what is claimed was seen, and nothing else moves it."""

    def __init__(self) -> None:
        super().__init__()
        self.enrollment = begun()

    @rule(event=events)
    def anything(self, event: Event) -> None:
        before = self.enrollment
        if type(event) in TRANSITIONS[before.state]:
            self.enrollment = advance(before, event)
            return
        with pytest.raises(IllegalEvent):
            advance(before, event)
        assert self.enrollment is before

    @rule(data=st.data())
    def something_legal(self, data: st.DataObject) -> None:
        legal = [event for event in CHOICES if type(event) in TRANSITIONS[self.enrollment.state]]
        if legal:
            self.enrollment = advance(self.enrollment, data.draw(st.sampled_from(legal)))

    @rule()
    def on_to_an_answer(self) -> None:
        for kind in (TokenPut, PersonPut, Passed, Submitted, Recorded, Accepted):
            if kind in TRANSITIONS[self.enrollment.state]:
                self.enrollment = advance(self.enrollment, EVENTS[kind])

    @invariant()
    def done_was_seen(self) -> None:
        if self.enrollment.state in DONE:
            assert self.enrollment.trail[-1].event in SEEN

    @invariant()
    def activated_was_seen_activated(self) -> None:
        if self.enrollment.state is State.ACTIVATED:
            assert self.enrollment.trail[-1].event == SeenActivated.__name__

    @invariant()
    def the_trail_ends_where_it_stands(self) -> None:
        if self.enrollment.trail:
            assert self.enrollment.trail[-1].state is self.enrollment.state

    @invariant()
    def what_was_submitted_has_both_cards(self) -> None:
        if self.enrollment.state not in DRAFT:
            assert self.enrollment.token is not None
            assert self.enrollment.person is not None

    @invariant()
    def every_submit_was_counted(self) -> None:
        submits = [step for step in self.enrollment.trail if step.event == "Submitted"]
        assert self.enrollment.attempts == len(submits)


test_any_life = AnyLife.TestCase
