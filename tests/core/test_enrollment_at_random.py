"""Any events in any order: what an enrollment claims was seen, and what it sends was recorded."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.core.enrollment import DRAFT, TRANSITIONS, Enrollment, State, advance
from app.core.errors import IllegalEvent
from app.core.events import (
    Accepted,
    Event,
    Passed,
    PersonPut,
    Recorded,
    SeenActivated,
    SeenAssigned,
    StaysAssigned,
    Submitted,
    TokenPut,
)
from app.core.model import Mode, Operation
from tests.core.happenings import ACTIVATE, AT, CHOICES, DONE, EVENTS, begun

ANY = [*CHOICES, Passed(at=AT, operation=Operation.ACTIVATE, method_id="method")]
SEEN = {SeenActivated.__name__, SeenAssigned.__name__}

events = st.sampled_from(ANY)


def happens(enrollment: Enrollment, event: Event) -> bool:
    """Whether the station lets `event` happen: for an assignment the first sight is the last."""
    if isinstance(event, StaysAssigned) and enrollment.mode is Mode.ASSIGN_ONLY:
        return False
    return type(event) in TRANSITIONS[enrollment.state]


def fitting(enrollment: Enrollment, event: Event) -> Event:
    """The event as it can be: a check passes with a request that the mode admits."""
    if not isinstance(event, Passed):
        return event
    if enrollment.mode is Mode.ASSIGN_ONLY:
        return replace(event, operation=Operation.ASSIGN, method_id="")
    if event.operation is Operation.ASSIGN:
        return replace(event, operation=Operation.ASSIGN_AND_ACTIVATE)
    return event


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
        if happens(enrollment, event):
            enrollment = advance(enrollment, fitting(enrollment, event))
    return enrollment


class AnyLife(RuleBasedStateMachine):
    """Whatever happens, in whatever order: what is claimed was seen, and nothing else moves it."""

    def __init__(self) -> None:
        super().__init__()
        self.enrollment = begun()

    @rule(event=events)
    def anything(self, event: Event) -> None:
        before = self.enrollment
        if happens(before, event):
            self.enrollment = advance(before, fitting(before, event))
            return
        assume(type(event) not in TRANSITIONS[before.state])
        with pytest.raises(IllegalEvent):
            advance(before, event)
        assert self.enrollment is before

    @rule(data=st.data())
    def something_legal(self, data: st.DataObject) -> None:
        legal = [event for event in ANY if happens(self.enrollment, event)]
        if legal:
            event = data.draw(st.sampled_from(legal))
            self.enrollment = advance(self.enrollment, fitting(self.enrollment, event))

    @rule()
    def on_to_an_answer(self) -> None:
        for kind in (TokenPut, PersonPut, Passed, Submitted, Recorded, Accepted):
            if kind in TRANSITIONS[self.enrollment.state]:
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
        if Submitted in TRANSITIONS[self.enrollment.state]:
            sent = advance(self.enrollment, EVENTS[Submitted]).operation
            assert self.enrollment.wants_code is (sent is not Operation.ASSIGN)

    @invariant()
    def only_an_activation_is_sent_for_what_is_half_done(self) -> None:
        if self.enrollment.state is State.HALF_DONE:
            assert self.enrollment.mode is ACTIVATE
            sent = advance(self.enrollment, EVENTS[Submitted])
            assert sent.operation is Operation.ACTIVATE

    @invariant()
    def not_done_was_never_half_done_before_a_look(self) -> None:
        if self.enrollment.state is State.NOT_DONE:
            assert self.enrollment.trail[-1].event in {"NotSent", "StaysUnassigned"}
            if self.enrollment.trail[-1].event == "NotSent":
                assert self.enrollment.operation is not Operation.ACTIVATE

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
