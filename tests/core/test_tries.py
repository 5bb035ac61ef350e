"""A PIN may be tried three times at once, and then after waits that grow to an hour."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.tries import FIRST_WAIT, FREE, LONGEST_WAIT, Tries, Uptime, pause_after

NOW = Uptime(5_000.0, "today")
MACHINES = st.builds(
    Uptime, st.floats(0, 1e9, allow_nan=False), st.sampled_from(["", "a", "b", "today"])
)


def after(failed: int) -> Tries:
    tries = Tries()
    for _ in range(failed):
        tries = tries.one_more(NOW)
    return tries


def later(seconds: float) -> Uptime:
    return Uptime(NOW.seconds + seconds, NOW.boot)


def test_nobody_waits_before_the_first_try() -> None:
    assert Tries().wait(NOW) == timedelta()
    assert Tries().wait(Uptime(0.0, "just now")) == timedelta()


def test_three_tries_are_free_and_the_next_waits() -> None:
    assert after(FREE - 1).wait(NOW) == timedelta()
    assert after(FREE).wait(NOW) == FIRST_WAIT
    assert after(FREE).wait(later(30)) == timedelta()


def test_each_wait_is_twice_the_one_before_up_to_an_hour() -> None:
    waits = [pause_after(failed).total_seconds() for failed in range(FREE, FREE + 12)]
    assert waits[:7] == [30, 60, 120, 240, 480, 960, 1920]
    assert set(waits[7:]) == {LONGEST_WAIT.total_seconds()}


def test_a_day_has_room_for_few_guesses() -> None:
    passed, tries, guesses = 0.0, Tries(), 0
    while passed < 86_400:
        tries = tries.one_more(later(passed))
        guesses += 1
        passed += tries.wait(later(passed)).total_seconds()
    assert guesses < 40


def test_t11_a_start_of_the_machine_begins_the_wait_anew() -> None:
    tries = after(FREE)
    for started in (Uptime(0.0, "tomorrow"), Uptime(0.0, NOW.boot)):  # or one without a name
        assert tries.wait(started) == FIRST_WAIT
        noticed = tries.noticed(started)
        assert noticed.wait(Uptime(10.0, started.boot)) == timedelta(seconds=20)
        assert noticed.wait(later(0) if started.boot == NOW.boot else started) <= FIRST_WAIT
    assert tries.noticed(NOW) == tries


@given(st.integers(FREE, 50), MACHINES, MACHINES, st.floats(0, 1e5, allow_nan=False))
def test_t11_no_wait_ends_before_as_much_time_has_passed(
    failed: int, last: Uptime, start: Uptime, passed: float
) -> None:
    """Of the time since the last try, at least that since this start of the machine has passed."""
    now = Uptime(passed, start.boot)
    wait = Tries(failed, last).wait(now)
    assert wait.total_seconds() >= pause_after(failed).total_seconds() - passed - 1e-3


@given(st.integers(0, 5_000))
def test_no_count_makes_a_wait_longer_than_an_hour(failed: int) -> None:
    assert timedelta() <= pause_after(failed) <= LONGEST_WAIT
