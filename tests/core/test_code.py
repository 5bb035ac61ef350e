"""Codes stay text, stay hidden, and go out once and in time."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.code import (
    CodeFault,
    CodeGuard,
    CodeVerdict,
    Drift,
    InvalidCode,
    StepClock,
    VerificationCode,
    judge_drift,
    parse_code,
)

KEY = bytes(range(32))
DAY = 86_400.0

codes = st.from_regex(r"[0-9]{6}", fullmatch=True)
moments = st.floats(min_value=0, max_value=4e9)


def test_leading_zeros_survive() -> None:
    assert parse_code("000417").reveal() == "000417"


@pytest.mark.parametrize("typed", ["041 238", " 041238\n", "041\u00a0238", "0 4 1 2 3 8"])
def test_white_space_anywhere_is_fine(typed: str) -> None:
    assert parse_code(typed).reveal() == "041238"


@pytest.mark.parametrize("typed", ["\uff10\uff14\uff11\uff12\uff13\uff18", "٠٤١٢٣٨", "०४१२३८"])
def test_the_digits_of_any_script_become_ascii(typed: str) -> None:
    assert parse_code(typed).reveal() == "041238"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", CodeFault.EMPTY),
        ("   ", CodeFault.EMPTY),
        ("12345", CodeFault.LENGTH),
        ("1234567", CodeFault.LENGTH),
        ("1" * 10_000, CodeFault.LENGTH),
        ("12345a", CodeFault.NOT_DIGITS),
        ("-12345", CodeFault.NOT_DIGITS),
        ("12.345", CodeFault.NOT_DIGITS),
        ("12345²", CodeFault.NOT_DIGITS),
    ],
)
def test_what_is_no_code_is_refused_with_its_fault(typed: str, fault: CodeFault) -> None:
    with pytest.raises(InvalidCode) as caught:
        parse_code(typed)
    assert caught.value.fault is fault


@pytest.mark.parametrize("text", ["", "12345", "041 238", "٠٤١٢٣٨", "abcdef"])
def test_a_code_cannot_be_made_of_anything_but_six_ascii_digits(text: str) -> None:
    with pytest.raises(InvalidCode):
        VerificationCode(text)


@given(codes)
def test_a_code_never_shows_itself(digits: str) -> None:
    code = VerificationCode(digits)
    shown = f"{code} {code!r} {[code]}"
    assert digits not in shown


@given(st.text(max_size=80))
def test_any_text_is_a_code_or_an_invalid_code_that_does_not_quote_it(text: str) -> None:
    try:
        digits = parse_code(text).reveal()
    except InvalidCode as error:
        fault, length, said = error.fault.value, error.length, str(error)
        assert said == f"not a verification code: {fault}, {length} characters"
    else:
        assert len(digits) == 6
        assert digits.isascii()


def test_equal_digits_are_equal_codes() -> None:
    assert parse_code("041238") == parse_code("041 238")


@pytest.mark.parametrize(("now", "step"), [(0, 0), (29.999, 0), (30, 1), (1111111109, 37037036)])
def test_steps_are_those_of_the_time_based_standard(now: float, step: int) -> None:
    assert StepClock(30).step(now) == step


@given(moments, st.sampled_from([30, 60]))
def test_what_is_left_of_a_step_is_never_nothing_and_never_more_than_all(
    now: float, interval: int
) -> None:
    clock = StepClock(interval)
    assert 0 < clock.seconds_left(now) <= interval
    assert 0 < clock.fraction_left(now) <= 1


@pytest.mark.parametrize("interval", [0, -30, 3601])
def test_an_impossible_step_is_refused(interval: int) -> None:
    with pytest.raises(ValueError, match="time step"):
        StepClock(interval)


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (0.0, CodeVerdict.GO),
        (25.0, CodeVerdict.GO),
        (25.1, CodeVerdict.WAIT_FOR_NEXT),
        (29.9, CodeVerdict.WAIT_FOR_NEXT),
        (30.0, CodeVerdict.GO),
    ],
)
def test_a_code_about_to_die_waits_for_the_next(now: float, verdict: CodeVerdict) -> None:
    guard = CodeGuard(StepClock(30), KEY)
    assert guard.judge(parse_code("041238"), now) is verdict


@given(codes, moments, moments)
def test_a_code_once_sent_is_never_sent_again(digits: str, first: float, later: float) -> None:
    guard = CodeGuard(StepClock(30), KEY).after_sending(VerificationCode(digits))
    assert guard.judge(VerificationCode(digits), first) is CodeVerdict.ALREADY_SENT
    assert guard.judge(VerificationCode(digits), later) is CodeVerdict.ALREADY_SENT


def test_sending_one_code_leaves_the_others_and_the_old_guard_alone() -> None:
    guard = CodeGuard(StepClock(30), KEY)
    after = guard.after_sending(parse_code("041238"))
    assert after.judge(parse_code("041239"), 0) is CodeVerdict.GO
    assert guard.judge(parse_code("041238"), 0) is CodeVerdict.GO


def test_the_guard_keeps_neither_codes_nor_a_visible_key() -> None:
    guard = CodeGuard(StepClock(30), KEY).after_sending(parse_code("041238"))
    assert "041238" not in repr(guard)
    assert repr(KEY) not in repr(guard)
    assert all(b"041238" not in digest for digest in guard.digests)


def test_the_guard_remembers_a_bounded_number_of_codes() -> None:
    guard = CodeGuard(StepClock(30), KEY)
    for number in range(100):
        guard = guard.after_sending(parse_code(f"{number:06}"))
    assert len(guard.digests) == 16
    assert guard.judge(parse_code("000099"), 0) is CodeVerdict.ALREADY_SENT


def test_a_guard_without_a_proper_key_or_reserve_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        CodeGuard(StepClock(30), b"short")
    with pytest.raises(ValueError, match="reserve"):
        CodeGuard(StepClock(30), KEY, reserve=30)


@pytest.mark.parametrize(
    ("seconds", "interval", "drift"),
    [
        (0, 30, Drift.FINE),
        (-60, 30, Drift.FINE),
        (61, 30, Drift.SIGN_IN_MAY_FAIL),
        (120, 60, Drift.FINE),
        (-121, 60, Drift.SIGN_IN_MAY_FAIL),
        (DAY, 30, Drift.SIGN_IN_MAY_FAIL),
        (-DAY - 1, 30, Drift.REPLACE),
        (2 * DAY, 60, Drift.SIGN_IN_MAY_FAIL),
        (2 * DAY + 1, 60, Drift.REPLACE),
        (math.inf, 30, Drift.REPLACE),
    ],
)
def test_drift_is_judged_by_what_sign_in_and_activation_tolerate(
    seconds: float, interval: int, drift: Drift
) -> None:
    assert judge_drift(seconds, interval) is drift


def test_a_drift_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="number"):
        judge_drift(math.nan, 30)
