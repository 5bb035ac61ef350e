"""The course of an enrollment as steps: true to its state, whatever the course was."""

import re

import pytest
from hypothesis import given

from app.core.enrollment import DRAFT, Enrollment, State
from app.core.model import Mode
from app.ui.models.steps import steps
from app.ui.widgets.timeline import Step, StepState
from tests.ui.models.courses import begun, lived, reachable

COURSES = reachable()
OPEN = {StepState.CURRENT, StepState.WAITING}


def states(enrollment: Enrollment) -> list[StepState]:
    return [step.state for step in steps(enrollment)]


def last(enrollment: Enrollment) -> Step:
    return steps(enrollment)[-1]


@pytest.mark.parametrize("enrollment", COURSES, ids=lambda e: f"{e.state.value}-{e.mode.value}")
def test_every_state_has_its_steps_in_words(enrollment: Enrollment) -> None:
    for step in steps(enrollment):
        assert step.title
        assert step.word
        assert not re.search(r"[{}!]", step.title + step.detail + step.word)


@given(enrollment=lived())
def test_there_is_a_step_for_the_code_exactly_where_one_is_needed(enrollment: Enrollment) -> None:
    assert len(steps(enrollment)) == (4 if enrollment.mode is Mode.ASSIGN_AND_ACTIVATE else 3)


@given(enrollment=lived())
def test_at_most_one_step_is_the_present_one(enrollment: Enrollment) -> None:
    assert states(enrollment).count(StepState.CURRENT) <= 1


@given(enrollment=lived())
def test_nothing_is_confirmed_but_what_the_directory_agreed_to(enrollment: Enrollment) -> None:
    confirmed = last(enrollment).state is StepState.DONE
    assert confirmed == (enrollment.state in {State.ASSIGNED, State.ACTIVATED})


@given(enrollment=lived())
def test_all_steps_are_done_when_it_is_done(enrollment: Enrollment) -> None:
    if enrollment.state in {State.ASSIGNED, State.ACTIVATED}:
        assert set(states(enrollment)) == {StepState.DONE}


@given(enrollment=lived())
def test_a_draft_was_not_submitted(enrollment: Enrollment) -> None:
    submit = steps(enrollment)[-2]
    if enrollment.state in DRAFT:
        assert submit.state is StepState.WAITING
        assert last(enrollment).state is StepState.WAITING


@given(enrollment=lived())
def test_no_step_is_done_while_one_before_it_is_open(enrollment: Enrollment) -> None:
    seen_open = False
    for state in states(enrollment):
        assert not (seen_open and state is StepState.DONE)
        seen_open = seen_open or state in OPEN


@given(enrollment=lived())
def test_what_needs_attention_is_marked_in_the_steps(enrollment: Enrollment) -> None:
    if enrollment.state in {State.NOT_DONE, State.HALF_DONE, State.TAKEN, State.UNSETTLED}:
        assert {StepState.FAILED, StepState.ATTENTION} & set(states(enrollment))


def test_an_empty_desk_begins_with_the_cards() -> None:
    assert states(begun())[0] is StepState.CURRENT
