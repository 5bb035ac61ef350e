"""A line of people in numbers: done, open, to be looked at, and how many an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.line import WINDOW, Tally, tally
from app.core.model import Mode
from app.core.record import Line
from app.core.states import DRAFT, NEEDS_ATTENTION, UNDERWAY, State

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
LINE = Line(
    enrollment_id="one",
    began=NOW,
    changed=NOW,
    state=State.ACTIVATED,
    mode=Mode.ASSIGN_AND_ACTIVATE,
    serial_number="86590001",
    device_id="device",
    person_id="person",
    person_name="Ada",
    person_upn="ada@example.com",
    operator_name="Olu",
)
RECORDED = [state for state in State if state not in DRAFT]


def at(state: State) -> Line:
    return replace(LINE, state=state)


def done(minutes: float, took: float = 0.5) -> Line:
    """A hand-over that ended so many minutes ago."""
    ended = NOW - timedelta(minutes=minutes)
    return replace(LINE, began=ended - timedelta(minutes=took), changed=ended)


def test_before_anybody_came_all_is_nothing() -> None:
    assert tally((), NOW) == Tally()


@pytest.mark.parametrize("state", [state for state in State if state in UNDERWAY])
def test_what_was_sent_is_open_and_never_done_before_it_is_read_back(state: State) -> None:
    assert tally([at(state)], NOW) == Tally(open=1)


@pytest.mark.parametrize("state", [state for state in State if state in NEEDS_ATTENTION])
def test_what_needs_attention_is_counted_once_and_not_as_open(state: State) -> None:
    assert tally([at(state)], NOW) == Tally(attention=1)


def test_what_was_taken_back_gets_nobody_through_the_line() -> None:
    gone = [at(State.RETURNED), at(State.DEACTIVATED), at(State.WITHDRAWN)]
    assert tally(gone, NOW) == Tally()


def test_the_rate_is_that_of_the_last_ten_minutes() -> None:
    early = [done(minutes) for minutes in (240, 120, 11)]
    assert tally([*early, done(9), done(5), done(1)], NOW).per_hour == 18


def test_a_line_that_has_just_begun_is_measured_by_its_own_time() -> None:
    assert tally([done(3.5), done(2), done(1)], NOW).per_hour == 45


def test_a_first_person_in_five_seconds_is_no_record() -> None:
    assert tally([done(0, took=5 / 60)], NOW).per_hour == 60


def test_after_ten_minutes_without_anybody_the_rate_is_nothing() -> None:
    assert tally([done(11)], NOW) == Tally(done=1)


def test_a_desk_whose_clock_runs_ahead_of_this_one_has_a_rate_too() -> None:
    assert tally([done(-1)], NOW).per_hour == 60


@given(st.lists(st.tuples(st.sampled_from(RECORDED), st.floats(0, 600))), st.floats(0, 600))
def test_nobody_is_counted_twice_and_time_alone_only_lowers_the_rate(
    line: list[tuple[State, float]], later: float
) -> None:
    lines = [replace(done(minutes), state=state) for state, minutes in line]
    now, then = tally(lines, NOW + WINDOW), tally(lines, NOW + WINDOW + timedelta(minutes=later))
    assert now.done + now.open + now.attention <= len(lines)
    assert 0 <= then.per_hour <= now.per_hour
    assert replace(then, per_hour=now.per_hour) == now
