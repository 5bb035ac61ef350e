"""A steady offset out of unsteady answers."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.skew import FEWEST, KEPT, ClockState, Samples, judge_offset


def heard(*offsets: float) -> Samples:
    return reduce(lambda samples, offset: samples.and_then(offset), offsets, Samples())


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, ClockState.FINE),
        (30, ClockState.FINE),
        (31, ClockState.OFF),
        (-31, ClockState.OFF),
        (300, ClockState.OFF),
        (301, ClockState.WRONG),
        (-86_400, ClockState.WRONG),
    ],
)
def test_what_an_offset_means(seconds: float, expected: ClockState) -> None:
    assert judge_offset(seconds) is expected


def test_nothing_is_claimed_from_an_answer_or_two() -> None:
    assert [heard(*[600.0] * count).offset for count in range(FEWEST)] == [None] * FEWEST
    assert heard(*[600.0] * FEWEST).offset == 600


def test_one_answer_that_is_far_out_changes_nothing() -> None:
    assert heard(0.2, -0.3, 0.1, 7200.0, 0.0).offset == pytest.approx(0.1)
    assert heard(7200.0, 0.1, 0.2).offset == pytest.approx(0.2)


def test_a_clock_that_was_set_is_believed_after_two_answers() -> None:
    assert heard(*[600.0] * KEPT, 0.3, -0.2).offset == pytest.approx(-0.2)


def test_two_strange_answers_that_disagree_are_no_clock() -> None:
    assert heard(*[0.0] * KEPT, 500.0, 90.0).offset == 0


@given(st.floats(-1e6, 1e6), st.lists(st.floats(-1, 1), min_size=FEWEST, max_size=40))
def test_answers_good_to_a_second_give_an_offset_good_to_a_second(
    true: float, errors: list[float]
) -> None:
    offset = heard(*(true + error for error in errors)).offset
    assert offset is not None
    assert abs(offset - true) <= 1.001
