from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    NotFound,
    NotUnderstood,
    Rejected,
    SignInExpired,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.graph.retry import Attempt, RetryPolicy

POLICY = RetryPolicy(tries=3, first_wait=0.5)


def unavailable(status: int, retry_after: float | None = None) -> Unavailable:
    return Unavailable(Evidence(status=status), retry_after)


def throttled(retry_after: float | None = None) -> Throttled:
    return Throttled(Evidence(status=429), retry_after)


PASSING = [unavailable(502), unavailable(503), unavailable(504), throttled()]
PASSING_OF_READS: list[DirectoryError] = [*PASSING, Unreachable(Evidence()), AnswerLost(Evidence())]
FINAL: list[DirectoryError] = [
    kind(Evidence()) for kind in (Forbidden, NotFound, NotUnderstood, Rejected, SignInExpired)
] + [unavailable(500)]


@pytest.mark.parametrize("error", PASSING_OF_READS, ids=lambda e: f"{type(e).__name__}")
def test_a_read_is_repeated_after_a_passing_fault(error: DirectoryError) -> None:
    assert POLICY.decide(error, Attempt(1), 1.0) == 0.5


@pytest.mark.parametrize("error", FINAL, ids=lambda e: type(e).__name__)
def test_nothing_is_repeated_after_a_decision(error: DirectoryError) -> None:
    assert POLICY.decide(error, Attempt(1), 1.0) is None
    assert POLICY.decide(error, Attempt(1, is_write=True), 1.0) is None


@pytest.mark.parametrize("error", [throttled(), unavailable(503)], ids=["429", "503"])
def test_a_write_is_repeated_where_it_was_not_looked_at(error: DirectoryError) -> None:
    assert POLICY.decide(error, Attempt(1, is_write=True), 1.0) == 0.5


@pytest.mark.parametrize(
    "error",
    [unavailable(500), unavailable(502), unavailable(504), AnswerLost(Evidence())],
    ids=["500", "502", "504", "lost"],
)
def test_a_write_that_may_have_been_acted_upon_is_never_repeated(error: DirectoryError) -> None:
    assert POLICY.decide(error, Attempt(1, is_write=True), 1.0) is None


def test_the_third_try_is_the_last() -> None:
    assert POLICY.decide(throttled(1), Attempt(2, waited=1), 1.0) == 1
    assert POLICY.decide(throttled(1), Attempt(3, waited=2), 1.0) is None


def test_waits_double() -> None:
    assert [POLICY.decide(throttled(), Attempt(number), 1.0) for number in (1, 2)] == [0.5, 1.0]


def test_a_wait_beyond_all_patience_is_told_and_not_sat_out() -> None:
    assert POLICY.decide(throttled(10), Attempt(1), 1.0) == 10
    assert POLICY.decide(throttled(11), Attempt(1), 1.0) is None
    assert POLICY.decide(throttled(6), Attempt(1, patience=5), 1.0) is None


def test_a_read_that_took_all_patience_is_not_asked_again() -> None:
    assert POLICY.decide(AnswerLost(Evidence()), Attempt(1, elapsed=30), 1.0) is None


@given(
    number=st.integers(1, 5),
    asked=st.none() | st.floats(0, 1e6),
    waited=st.floats(0, 20),
    chance=st.floats(0, 1),
    is_write=st.booleans(),
)
def test_no_wait_is_shorter_than_asked_or_longer_than_patience(
    number: int, asked: float | None, waited: float, chance: float, *, is_write: bool
) -> None:
    wait = POLICY.decide(throttled(asked), Attempt(number, is_write, waited), chance)
    if wait is not None:
        assert wait > 0
        assert wait >= (asked or 0)
        assert waited + wait <= 10
