"""A PIN may be tried three times at once, and then after waits that grow to an hour."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.tries import FIRST_WAIT, FREE, LONGEST_WAIT, Tries, pause_after

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def after(failed: int) -> Tries:
    tries = Tries()
    for _ in range(failed):
        tries = tries.one_more(NOW)
    return tries


def test_nobody_waits_before_the_first_try() -> None:
    assert Tries().wait(NOW) == timedelta()


def test_three_tries_are_free_and_the_next_waits() -> None:
    assert after(FREE - 1).wait(NOW) == timedelta()
    assert after(FREE).wait(NOW) == FIRST_WAIT
    assert after(FREE).wait(NOW + FIRST_WAIT) == timedelta()


def test_each_wait_is_twice_the_one_before_up_to_an_hour() -> None:
    waits = [pause_after(failed).total_seconds() for failed in range(FREE, FREE + 12)]
    assert waits[:7] == [30, 60, 120, 240, 480, 960, 1920]
    assert set(waits[7:]) == {LONGEST_WAIT.total_seconds()}


def test_a_day_has_room_for_few_guesses() -> None:
    now, tries, guesses = NOW, Tries(), 0
    while now < NOW + timedelta(days=1):
        tries = tries.one_more(now)
        guesses += 1
        now += tries.wait(now)
    assert guesses < 40


def test_a_clock_that_was_set_back_begins_the_wait_anew() -> None:
    tries = after(FREE)
    earlier = NOW - timedelta(days=400)
    assert tries.noticed(earlier).wait(earlier) == FIRST_WAIT
    assert tries.noticed(NOW) == tries


@given(st.integers(0, 5_000))
def test_no_count_makes_a_wait_longer_than_an_hour(failed: int) -> None:
    assert timedelta() <= pause_after(failed) <= LONGEST_WAIT
