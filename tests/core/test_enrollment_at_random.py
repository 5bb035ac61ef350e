"""Any events in any order: what an enrollment claims was seen, and what it sends was recorded."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.core.enrollment import DRAFT, ENDS, Enrollment, State, advance
from app.core.errors import IllegalEvent
from app.core.events import (
    Accepted,
    Event,
    Passed,
    PersonPut,
    Proved,
    Recorded,
    Submitted,
    TokenPut,
)
from app.core.model import NEEDS_CODE, TAKES_BACK, Mode, Operation
from tests.core.happenings import (
    ACTIVATE,
    AT,
    CHOICES,
    DONE,
    EVENTS,
    SIGHTS,
    begun,
    fitting,
)

ANY = [*CHOICES, *(Passed(at=AT, operation=made, method_id="method") for made in ENDS)]
FOUND = {"FoundActivated", "FoundAssigned", "FoundUnassigned", "FoundGone"}
SEEN = {kind.__name__ for kind in SIGHTS} | FOUND
BEGINNINGS = [
    *(begun(mode) for mode in Mode),
    *(begun(operation=made) for made in (Operation.ACTIVATE, *sorted(TAKES_BACK, key=str))),
]

events = st.sampled_from(ANY)
beginnings = st.sampled_from(BEGINNINGS)


@given(enrollment=beginnings, happened=st.lists(events, max_size=60))
def test_whatever_was_sent_was_recorded_just_before(
    enrollment: Enrollment, happened: list[Event]
) -> None:
    trail = _lived(enrollment, happened).trail
    for before, step in pairwise(trail):
        if step.state is State.SUBMITTING:
            assert (before.state, step.event) == (State.RECORDING, "Recorded")


@given(enrollment=beginnings, happened=st.lists(events, max_size=60))
def test_a_submit_is_the_only_way_out_of_a_draft(
    enrollment: Enrollment, happened: list[Event]
) -> None:
    trail = _lived(enrollment, happened).trail
    for before, step in pairwise(trail):
        if before.state in DRAFT and step.state not in DRAFT:
            assert step.event == "Submitted"


@given(
    enrollment=st.sampled_from([one for one in BEGINNINGS if one.takes_back]),
    happened=st.lists(events, max_size=60),
)
def test_nothing_is_taken_back_before_the_token_was_proved(
    enrollment: Enrollment, happened: list[Event]
) -> None:
    trail = _lived(enrollment, happened).trail
    for before, step in pairwise(trail):
        if step.event == "Submitted":
            assert before.state is State.READY
    proofs = {before.state for before, step in pairwise(trail) if step.state is State.READY}
    assert proofs <= {State.AWAITING_TOKEN}


def _lived(enrollment: Enrollment, happened: list[Event]) -> Enrollment:
    for event in happened:
        if enrollment.admits(type(event)):
            enrollment = advance(enrollment, fitting(enrollment, event))
    return enrollment


class AnyLife(RuleBasedStateMachine):
    """Whatever happens, in whatever order: what is claimed was seen, and nothing else moves it."""

    def __init__(self) -> None:
        super().__init__()
        self.enrollment = begun()

    @initialize(enrollment=beginnings)
    def begin(self, enrollment: Enrollment) -> None:
        self.enrollment = enrollment

    @rule(event=events)
    def anything(self, event: Event) -> None:
        before = self.enrollment
        if before.admits(type(event)):
            self.enrollment = advance(before, fitting(before, event))
            return
        with pytest.raises(IllegalEvent):
            advance(before, event)
        assert self.enrollment is before

    @rule(data=st.data())
    def something_legal(self, data: st.DataObject) -> None:
        legal = [event for event in ANY if self.enrollment.admits(type(event))]
        if legal:
            event = data.draw(st.sampled_from(legal))
            self.enrollment = advance(self.enrollment, fitting(self.enrollment, event))

    @rule()
    def on_to_an_answer(self) -> None:
        for kind in (TokenPut, PersonPut, Passed, Proved, Submitted, Recorded, Accepted):
            if self.enrollment.admits(kind):
                event = fitting(self.enrollment, EVENTS[kind])
                self.enrollment = advance(self.enrollment, event)

    @invariant()
    def done_was_seen(self) -> None:
        if self.enrollment.state in DONE:
            assert self.enrollment.trail[-1].event in SEEN

    @invariant()
    def done_has_no_error(self) -> None:
        if self.enrollment.state in DONE:
            assert self.enrollment.error is None

    @invariant()
    def a_submit_that_needs_a_code_wants_one(self) -> None:
        if self.enrollment.admits(Submitted):
            sent = advance(self.enrollment, EVENTS[Submitted]).operation
            assert self.enrollment.wants_code is (sent in NEEDS_CODE)

    @invariant()
    def what_takes_back_gives_nothing(self) -> None:
        if self.enrollment.wanted in TAKES_BACK:
            assert self.enrollment.operation is self.enrollment.wanted
            assert self.enrollment.state not in {State.ASSIGNED, State.ACTIVATED, State.HALF_DONE}

    @invariant()
    def what_is_sent_to_take_back_was_proved(self) -> None:
        if self.enrollment.takes_back and self.enrollment.state not in DRAFT:
            assert self.enrollment.proof is not None

    @invariant()
    def only_an_activation_is_sent_for_what_is_half_done(self) -> None:
        if self.enrollment.state is State.HALF_DONE:
            assert self.enrollment.mode is ACTIVATE
            sent = advance(self.enrollment, EVENTS[Submitted])
            assert sent.operation is Operation.ACTIVATE

    @invariant()
    def not_done_was_never_half_done_before_a_look(self) -> None:
        if self.enrollment.state is State.NOT_DONE:
            unchanged = {"StaysActivated", "StaysAssigned", "FoundActivated", "FoundAssigned"}
            free = {"StaysUnassigned", "FoundUnassigned"}
            expected = unchanged if self.enrollment.takes_back else free
            assert self.enrollment.trail[-1].event in expected | {"NotSent"}
            if self.enrollment.trail[-1].event == "NotSent":
                assert self.enrollment.operation is not Operation.ACTIVATE

    @invariant()
    def activated_was_seen_activated(self) -> None:
        if self.enrollment.state is State.ACTIVATED:
            assert self.enrollment.trail[-1].event in {"SeenActivated", "FoundActivated"}

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
