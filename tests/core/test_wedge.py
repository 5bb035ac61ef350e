"""A scan is a scan whichever field has the focus, and typing is never disturbed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.wedge import (
    MAXIMUM_TEXT,
    Duplicate,
    Key,
    Outcome,
    Overlong,
    Scan,
    Verdict,
    Wedge,
    WedgeSettings,
)

SERIAL = "8659612345678"


@dataclass
class Desk:
    """A window with one focused field: it ticks the machine in time, as the real one does."""

    wedge: Wedge = field(default_factory=Wedge)
    now: float = 1000.0
    field_text: str = ""
    terminators_passed: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    retracted: str = ""
    delays: list[float] = field(default_factory=list)
    ticking: bool = True

    def press(self, text: str, gap: float, *, terminator: bool = False) -> Verdict:
        self.wait(gap)
        verdict = self.wedge.feed(Key(text, self.now, terminator))
        self.take(verdict)
        if terminator and not verdict.swallow:
            self.terminators_passed += 1
        return verdict

    def type(self, text: str, gap: float) -> None:
        for character in text:
            self.press(character, gap)

    def scan(self, text: str, gap: float = 0.002, *, enter: bool = True) -> None:
        self.type(text, gap)
        if enter:
            self.press("\r", gap, terminator=True)

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        due = self.wedge.deadline
        while self.ticking and due is not None and due <= until:
            self.now = max(self.now, due)
            self.take(self.wedge.tick(self.now))
            due = self.wedge.deadline
        self.now = until

    def take(self, verdict: Verdict) -> None:
        for key in verdict.replay:
            self.field_text += key.text
            self.retracted = self.retracted.replace(key.text, "", 1)
            self.delays.append(self.now - key.at)
        if verdict.retract:
            taken_back = "".join(key.text for key in verdict.retract)
            assert self.field_text.endswith(taken_back)
            self.field_text = self.field_text.removesuffix(taken_back)
            self.retracted += taken_back
        if verdict.outcome is not None:
            self.outcomes.append(verdict.outcome)


@pytest.mark.parametrize("gap", [0.00025, 0.0027, 0.012, 0.040])
def test_scanners_of_every_speed_are_recognised(gap: float) -> None:
    desk = Desk()
    desk.scan(SERIAL, gap)
    assert desk.outcomes == [Scan(SERIAL)]
    assert desk.field_text == ""
    assert desk.terminators_passed == 0


def test_a_scan_without_a_terminator_is_complete_once_no_rest_can_come() -> None:
    desk = Desk()
    desk.scan(SERIAL, enter=False)
    desk.wait(1.0)
    assert desk.outcomes == []
    desk.wait(0.101)
    assert desk.outcomes == [Scan(SERIAL)]


def test_a_scanner_that_always_sends_its_end_is_asked_again_where_it_did_not() -> None:
    desk = Desk(Wedge(WedgeSettings(needs_ending=True)))
    desk.scan(SERIAL[:7], enter=False)
    desk.wait(5.0)
    desk.scan(SERIAL)
    assert desk.outcomes == [Scan(SERIAL[:7], torn=True), Scan(SERIAL)]


def test_a_lone_key_is_delivered_within_45_ms() -> None:
    desk = Desk()
    desk.press("m", 1.0)
    desk.wait(0.045)
    assert desk.field_text == "m"


@pytest.mark.parametrize("gap", [0.060, 0.080, 0.150, 0.400])
def test_a_typist_is_never_taken_for_a_scanner_nor_held_up(gap: float) -> None:
    desk = Desk()
    desk.type("müller-lüdenscheidt", gap)
    desk.press("\r", gap, terminator=True)
    assert desk.field_text == "müller-lüdenscheidt"
    assert desk.terminators_passed == 1
    assert desk.outcomes == []
    assert max(desk.delays) < 0.046


def test_six_digits_typed_in_a_hurry_reach_the_code_field() -> None:
    desk = Desk()
    desk.type("041238", 0.070)
    desk.press("\r", 0.03, terminator=True)
    assert desk.field_text == "041238"
    assert desk.terminators_passed == 1


def test_six_digits_from_a_scanner_do_not() -> None:
    desk = Desk()
    desk.scan("041238", 0.015)
    assert desk.outcomes == [Scan("041238")]
    assert desk.field_text == ""


def test_letters_rolled_over_by_a_fast_hand_are_typing() -> None:
    desk = Desk()
    desk.press("t", 1.0)
    desk.press("h", 0.02)
    desk.press("e", 0.04)
    desk.type("n", 0.09)
    desk.wait(1.0)
    assert desk.field_text == "then"
    assert max(desk.delays) < 0.2


def test_enter_after_typing_comes_after_what_was_typed() -> None:
    desk = Desk()
    desk.press("8", 1.0)
    verdict = desk.press("\r", 0.01, terminator=True)
    assert [key.text for key in verdict.replay] == ["8"]
    assert not verdict.swallow


def test_a_stall_in_the_middle_of_a_scan_is_forgiven() -> None:
    desk = Desk()
    desk.type(SERIAL[:3], 0.002)
    desk.press(SERIAL[3], 0.110)
    desk.type(SERIAL[4:9], 0.002)
    desk.press(SERIAL[9], 0.115)
    desk.scan(SERIAL[10:])
    assert desk.outcomes == [Scan(SERIAL)]
    assert desk.field_text == ""


def test_a_scan_whose_first_keys_were_taken_for_typing_is_torn() -> None:
    desk = Desk()
    desk.press(SERIAL[0], 1.0)
    desk.press(SERIAL[1], 0.100)
    desk.scan(SERIAL[2:])
    assert desk.field_text == ""
    assert desk.outcomes == [Scan(SERIAL[1:], torn=True)]


def test_what_hands_typed_before_a_torn_scan_stays() -> None:
    desk = Desk()
    desk.type("20417", 0.08)
    desk.wait(0.3)
    desk.scan(SERIAL)
    assert desk.field_text == "20417"
    assert desk.outcomes == [Scan(SERIAL, torn=True)]


@pytest.mark.parametrize("between", ["\r", ""])
def test_a_scan_after_typing_that_an_enter_or_another_key_ended_is_whole(between: str) -> None:
    desk = Desk()
    desk.type("2041", 0.08)
    desk.press(between, 0.1, terminator=between == "\r")
    desk.scan(SERIAL)
    assert desk.field_text == "2041"
    assert desk.outcomes == [Scan(SERIAL)]


def test_a_scan_some_time_after_typing_is_whole() -> None:
    desk = Desk()
    desk.type("mull", 0.08)
    desk.wait(0.3)
    desk.scan(SERIAL)
    assert desk.field_text == "mull"
    assert desk.outcomes == [Scan(SERIAL)]


def test_enter_long_after_a_scan_is_the_fields_own() -> None:
    desk = Desk()
    desk.scan(SERIAL)
    desk.press("\r", 0.2, terminator=True)
    assert desk.terminators_passed == 1


def test_a_line_feed_that_stalls_presses_nothing_once_the_scanner_is_known_to_send_two() -> None:
    desk = Desk()
    for gap in (0.01, 0.6):
        desk.scan(SERIAL)
        desk.press("\n", gap, terminator=True)
        desk.wait(0.4)
    assert desk.terminators_passed == 0
    assert desk.outcomes == [Scan(SERIAL)] * 2


def test_the_same_read_twice_by_a_scanner_without_terminator_is_one_scan() -> None:
    desk = Desk()
    desk.scan(SERIAL, enter=False)
    desk.wait(0.4)
    desk.scan(SERIAL, enter=False)
    desk.wait(2.0)
    assert desk.outcomes == [Scan(SERIAL)]


def test_two_scans_of_a_scanner_without_terminator_in_a_second_are_not_made_one() -> None:
    desk = Desk()
    desk.scan(SERIAL, enter=False)
    desk.wait(0.5)
    desk.scan("8659610904218", enter=False)
    desk.wait(2.0)
    assert [outcome.torn for outcome in desk.outcomes if isinstance(outcome, Scan)] == [True]


def test_line_feed_after_carriage_return_presses_no_button() -> None:
    desk = Desk()
    desk.scan(SERIAL)
    desk.press("\n", 0.01, terminator=True)
    assert desk.terminators_passed == 0
    desk.press("\r", 0.5, terminator=True)
    assert desk.terminators_passed == 1


def test_a_double_read_is_told_as_such() -> None:
    desk = Desk()
    desk.scan(SERIAL)
    desk.wait(0.2)
    desk.scan(SERIAL)
    assert desk.outcomes == [Scan(SERIAL), Duplicate(len(SERIAL))]


def test_the_same_token_scanned_again_later_is_a_scan() -> None:
    desk = Desk()
    desk.scan(SERIAL)
    desk.wait(0.4)
    desk.scan(SERIAL)
    assert desk.outcomes == [Scan(SERIAL), Scan(SERIAL)]


def test_a_torn_scan_repeated_at_once_is_no_double_read() -> None:
    desk = Desk()
    desk.press("x", 1.0)
    desk.press(SERIAL[0], 0.100)
    desk.scan(SERIAL[1:])
    desk.wait(0.2)
    desk.scan(SERIAL)
    assert desk.outcomes == [Scan(SERIAL, torn=True), Scan(SERIAL)]


def test_two_different_scans_in_300_ms_are_both_told() -> None:
    desk = Desk()
    desk.scan(SERIAL)
    desk.wait(0.2)
    desk.scan("EMP10042")
    assert desk.outcomes == [Scan(SERIAL), Scan("EMP10042")]


def test_a_scanner_that_sends_forever_fills_neither_field_nor_memory() -> None:
    desk = Desk()
    desk.scan("9" * (MAXIMUM_TEXT + 1), 0.001)
    desk.wait(1.0)
    assert desk.outcomes == [Overlong(MAXIMUM_TEXT + 1)]
    assert desk.field_text == ""
    desk.scan(SERIAL)
    assert desk.outcomes[1:] == [Scan(SERIAL)]


def test_the_longest_text_that_is_kept_is_kept_whole() -> None:
    desk = Desk()
    desk.scan("9" * MAXIMUM_TEXT, 0.001)
    assert desk.outcomes == [Scan("9" * MAXIMUM_TEXT)]


def test_a_key_that_types_nothing_lets_typing_go_first() -> None:
    desk = Desk()
    desk.press("a", 1.0)
    verdict = desk.press("", 0.01)
    assert [key.text for key in verdict.replay] == ["a"]
    assert not verdict.swallow


def test_a_control_character_within_a_scan_stays_in_it() -> None:
    desk = Desk()
    desk.type("86596123", 0.002)
    assert desk.press("\x1d", 0.002).swallow
    desk.scan("45678")
    assert desk.outcomes == [Scan("86596123\x1d45678")]


def test_a_change_of_focus_settles_what_is_held() -> None:
    typed, scanned = Desk(), Desk()
    typed.type("ab", 0.01)
    typed.take(typed.wedge.flush(typed.now))
    scanned.scan(SERIAL, enter=False)
    scanned.take(scanned.wedge.flush(scanned.now))
    assert typed.field_text == "ab"
    assert scanned.outcomes == [Scan(SERIAL, torn=True)]
    assert scanned.wedge.flush(scanned.now) == Verdict()


def test_the_callers_payload_comes_back_with_the_key() -> None:
    event = object()
    wedge = Wedge()
    wedge.feed(Key("a", 1.0, payload=event))
    assert wedge.flush(1.0).replay[0].payload is event


def test_a_clock_set_back_holds_no_key_for_ever() -> None:
    wedge = Wedge()
    wedge.feed(Key("a", 4_294_967.0))
    verdict = wedge.feed(Key("b", 0.1))
    assert [key.text for key in verdict.replay] == ["a"]
    assert [key.text for key in wedge.tick(0.146).replay] == ["b"]
    wedge.feed(Key("c", 4_294_967.0))
    assert [key.text for key in wedge.tick(0.2).replay] == ["c"]


def test_time_stamps_slightly_out_of_order_are_one_scan() -> None:
    wedge = Wedge()
    for index, character in enumerate(SERIAL):
        wedge.feed(Key(character, 10.0 + (index ^ 1) * 0.002))
    assert wedge.feed(Key("\r", 10.03, terminator=True)).outcome == Scan(SERIAL)


def test_nothing_held_shows_in_a_repr() -> None:
    wedge = Wedge()
    key = Key("S", 1.0)
    wedge.feed(key)
    assert "S'" not in repr(key) + repr(wedge) + repr(wedge.flush(1.0))
    assert SERIAL not in repr(Scan(SERIAL))


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_gap": 0.0},
        {"average_gap": 0.5},
        {"longest_gap": 0.01},
        {"silence": 0.1},
        {"minimum_length": 2},
        {"duplicate_window": -1.0},
        {"silence": float("nan")},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        WedgeSettings(**wrong)  # type: ignore[arg-type]  # an int field among floats


gaps = st.one_of(
    st.floats(0, 0.05), st.floats(0.04, 0.2), st.sampled_from([0.045, 0.05, 0.12, 0.15, 1.0])
)
presses = st.lists(
    st.tuples(st.sampled_from(["character"] * 8 + ["enter", "other", "flush"]), gaps),
    max_size=60,
)


def play(desk: Desk, moves: list[tuple[str, float]]) -> str:
    """Press the keys; each character is different, so that nothing is a double read."""
    fed = ""
    fresh = map(chr, itertools.count(0x4E00))
    for move, gap in moves:
        if move == "character":
            fed += next(fresh)
            desk.press(fed[-1], gap)
        elif move == "flush":
            desk.wait(gap)
            desk.take(desk.wedge.flush(desk.now))
        else:
            desk.press("\r" if move == "enter" else "", gap, terminator=move == "enter")
    desk.take(desk.wedge.flush(desk.now))
    return fed


@given(presses, st.booleans())
def test_every_key_is_typed_or_part_of_one_scan_and_both_are_in_order(
    moves: list[tuple[str, float]],
    ticking: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    desk = Desk(ticking=ticking)
    fed = play(desk, moves)
    parts = [desk.field_text, desk.retracted, *(scan.text for scan in _told(desk))]
    assert sorted(fed) == sorted("".join(parts))
    assert all(sorted(part) == list(part) for part in parts)
    assert desk.wedge.deadline is None


@given(presses)
def test_a_window_too_busy_to_tick_finds_the_same_scans(moves: list[tuple[str, float]]) -> None:
    punctual, late = Desk(), Desk(ticking=False)
    play(punctual, moves)
    play(late, moves)
    assert punctual.field_text == late.field_text
    assert punctual.outcomes == late.outcomes


@given(st.lists(st.floats(0.0502, 2.0), max_size=80), st.booleans())
def test_typing_at_a_humans_pace_never_yields_a_scan(
    pace: list[float],
    ticking: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    desk = Desk(ticking=ticking)
    for gap in pace:
        desk.press("x", gap)
    desk.take(desk.wedge.flush(desk.now))
    assert desk.outcomes == []
    assert desk.field_text == "x" * len(pace)


@given(presses, st.lists(st.floats(0, 0.0449), min_size=6, max_size=40), st.booleans())
def test_a_burst_is_exactly_one_scan_whatever_came_before(
    before: list[tuple[str, float]],
    burst: list[float],
    enter: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    desk = Desk()
    play(desk, before)
    desk.wait(1.2)
    typed = desk.field_text
    desk.outcomes.clear()
    for gap in burst:
        desk.press("7", gap)
    if enter:
        desk.press("\r", 0.01, terminator=True)
    desk.wait(1.2)
    assert desk.outcomes == [Scan("7" * len(burst))]
    assert desk.field_text == typed


# The operator with a line in front of them -------------------------------------------------------


def _typed_and_entered(desk: Desk, text: str, pace: float, enter_after: float) -> None:
    """Type `text` by hand, and press Enter `enter_after` seconds behind its last key."""
    desk.type(text, pace)
    desk.press("\r", enter_after, terminator=True)


@pytest.mark.parametrize("enter_after", [0.010, 0.030, 0.060, 0.120, 0.400])
@pytest.mark.parametrize("pause", [0.010, 0.060, 0.130, 0.300, 0.900])
@pytest.mark.parametrize("typed", ["mull", "Mull", "MULL", "041238", "20417", "M", "8"])
def test_a_scan_right_after_what_enter_ended_is_whole(
    typed: str, pause: float, enter_after: float
) -> None:
    desk = Desk()
    _typed_and_entered(desk, typed, 0.080, enter_after)
    desk.wait(pause)
    desk.scan(SERIAL)
    assert desk.outcomes == [Scan(SERIAL)]
    assert desk.field_text == typed
    assert desk.terminators_passed == 1


@pytest.mark.parametrize("pause", [0.010, 0.060, 0.130, 0.300])
@pytest.mark.parametrize("typed", ["mull", "Mull", "MULL", "041238"])
def test_what_is_typed_right_after_a_scan_with_its_ending_loses_nothing(
    typed: str, pause: float
) -> None:
    desk = Desk()
    desk.scan(SERIAL)
    desk.wait(pause)
    _typed_and_entered(desk, typed, 0.080, 0.030)
    assert desk.outcomes == [Scan(SERIAL)]
    assert desk.field_text == typed
    assert desk.terminators_passed == 1


def test_a_scanner_that_sends_two_endings_does_not_take_enter_from_what_is_typed() -> None:
    desk = Desk()
    desk.scan(SERIAL)
    desk.press("\n", 0.010, terminator=True)
    desk.wait(2.0)
    desk.scan("EMP10042")  # another scanner, which sends one
    _typed_and_entered(desk, "mull", 0.080, 0.100)
    assert desk.field_text == "mull"
    assert desk.terminators_passed == 1


@pytest.mark.parametrize("pause", [0.001, 0.050, 0.199])
@pytest.mark.parametrize("second", ["8659610904218", "EMP10042", "7421"])
def test_two_scans_with_their_endings_back_to_back_are_two(second: str, pause: float) -> None:
    desk = Desk()
    desk.scan(SERIAL)
    desk.wait(pause)
    desk.scan(second)
    assert desk.outcomes == [Scan(SERIAL), Scan(second)]
    assert desk.field_text == ""
    assert desk.terminators_passed == 0


@pytest.mark.parametrize("pace", [0.065, 0.110, 0.200])
def test_a_whole_line_of_people_goes_through_without_a_scan_asked_for_again(pace: float) -> None:
    desk = Desk()
    tokens = [f"86596109042{n:02}" for n in range(8)]
    for token in tokens:
        desk.scan(token)
        _typed_and_entered(desk, "Mull", pace, 0.030)
        _typed_and_entered(desk, "041238", pace, 0.030)
        desk.wait(0.050)
    assert desk.outcomes == [Scan(token) for token in tokens]
    assert desk.field_text == "Mull041238" * len(tokens)
    assert desk.terminators_passed == 2 * len(tokens)


@pytest.mark.parametrize("typed", ["MULL", "Mu", "20417", "mull2"])
def test_what_hands_typed_without_enter_stays_where_a_scan_follows_at_once(typed: str) -> None:
    desk = Desk()
    desk.type(typed, 0.080)
    desk.wait(0.200)
    desk.scan(SERIAL)
    assert desk.field_text == typed
    assert desk.outcomes == [Scan(SERIAL, torn=True)]


@pytest.mark.parametrize("typed", ["M", "m", "8", "MUL"])
def test_what_a_torn_scan_took_out_of_a_field_comes_back_where_it_was_typed(typed: str) -> None:
    desk = Desk()
    desk.type(typed, 0.002)
    desk.wait(0.300)
    desk.scan(SERIAL)
    assert desk.field_text == ""
    assert desk.outcomes == [Scan(SERIAL, torn=True)]
    desk.wait(0.700)
    desk.scan(SERIAL)
    assert desk.outcomes[1:] == [Scan(SERIAL)]
    assert desk.field_text == typed


def test_what_a_torn_scan_took_out_of_a_field_is_gone_where_it_was_the_scans_own() -> None:
    desk = Desk()
    desk.scan(SERIAL[:3], enter=False)
    desk.wait(0.300)
    desk.scan(SERIAL[3:])
    desk.wait(0.700)
    desk.scan(SERIAL)
    assert desk.outcomes == [Scan(SERIAL[3:], torn=True), Scan(SERIAL)]
    assert desk.field_text == ""


def test_what_was_typed_again_meanwhile_does_not_come_back_as_well() -> None:
    desk = Desk()
    desk.press("M", 1.0)
    desk.wait(0.300)
    desk.scan(SERIAL)
    _typed_and_entered(desk, "Mull", 0.080, 0.100)
    desk.scan(SERIAL)
    assert desk.outcomes == [Scan(SERIAL, torn=True), Scan(SERIAL)]
    assert desk.field_text == "Mull"


@pytest.mark.parametrize("late", [0.050, 0.100, 0.400, 0.900])
def test_the_ending_of_a_scan_that_stalls_twice_presses_nothing(late: float) -> None:
    desk = Desk()
    desk.scan(SERIAL[:10], enter=False)
    desk.wait(0.400)
    desk.type(SERIAL[10:], 0.002)
    desk.press("\r", late, terminator=True)
    desk.wait(2.0)
    assert all(scan.torn for scan in _told(desk))
    assert desk.field_text == ""
    assert desk.terminators_passed == 0


@pytest.mark.parametrize("pause", [0.200, 0.500, 1.000])
@pytest.mark.parametrize("typed", ["mull", "Mull", "lis"])
@pytest.mark.parametrize("pace", [0.070, 0.150, 0.300])
def test_a_name_typed_right_after_a_scan_without_ending_loses_nothing(
    pace: float, typed: str, pause: float
) -> None:
    desk = Desk()
    desk.scan(SERIAL, enter=False)
    desk.wait(pause - pace)
    _typed_and_entered(desk, typed, pace, 0.100)
    desk.wait(2.0)
    assert desk.field_text == typed
    assert desk.terminators_passed == 1
    assert desk.outcomes == [Scan(SERIAL)]


@pytest.mark.parametrize("enter_after", [0.030, 0.100])
@pytest.mark.parametrize("typed", ["li", "LI", "MULL", "20417", "m"])
def test_what_may_be_the_rest_of_a_scan_without_ending_stays_and_the_scan_is_asked_for_again(
    typed: str, enter_after: float
) -> None:
    desk = Desk()
    desk.scan(SERIAL, enter=False)
    desk.wait(0.400)
    _typed_and_entered(desk, typed, 0.080, enter_after)
    desk.wait(2.0)
    assert desk.field_text == typed
    assert desk.terminators_passed == 1
    assert [scan.torn for scan in _told(desk)] == [True]


# Case 07: a scan that stalls ---------------------------------------------------------------------

_ANY_OTHER = "EMP10042"
_CLOSED_LEAST = WedgeSettings().minimum_length
_HANDS = 0.020
"""Seconds a key; slower than this a few keys alone may be typed by hand."""


def _told(desk: Desk) -> list[Scan]:
    return [outcome for outcome in desk.outcomes if isinstance(outcome, Scan)]


@dataclass(frozen=True)
class Stalled:
    """A scan of `length` keys, `gap` seconds apart, that stalls before key `at`."""

    length: int
    at: int
    stall: float
    gap: float = 0.002
    enter: bool = True
    ticking: bool = True


@given(
    st.builds(
        Stalled,
        st.integers(4, 40),
        st.integers(0, 40),
        st.floats(0.0, 1.0),
        st.floats(0.00025, 0.040),
        st.booleans(),
        st.booleans(),
    )
)
@example(Stalled(13, 6, 0.25))
@example(Stalled(13, 12, 0.3))
@example(Stalled(13, 13, 0.9))
@example(Stalled(13, 1, 0.2))
@example(Stalled(6, 3, 1.0, 0.040))
def test_case_07_no_part_of_a_stalled_scan_is_ever_told(case: Stalled) -> None:
    serial = "".join(str((7 * n + n // 10) % 10) for n in range(case.length))
    at = min(case.at, case.length if case.enter else case.length - 1)
    desk = Desk(ticking=case.ticking)
    desk.wait(5.0)
    for index, character in enumerate(serial):
        desk.press(character, case.stall if index == at else case.gap)
    if case.enter:
        desk.press("\r", case.stall if at == case.length else case.gap, terminator=True)
    desk.wait(5.0)
    desk.take(desk.wedge.tick(desk.now))
    told = _told(desk)
    assert all(scan.torn or scan.text == serial for scan in told)
    long = case.gap <= _HANDS and case.length >= 3 * _CLOSED_LEAST
    if case.length >= _CLOSED_LEAST and (case.enter or long):
        assert told
        assert desk.field_text == ""
        assert desk.terminators_passed == 0
    desk.scan(_ANY_OTHER)
    assert desk.outcomes[-1] == Scan(_ANY_OTHER)


@given(
    st.from_regex(r"[0-9]{4,12}[a-z]{0,12}|[a-z]{4,20}[0-9]{0,8}|[A-Z0-9]{4,20}", fullmatch=True),
    st.integers(0, 24),
    st.floats(0.0, 1.0),
    st.floats(0.00025, 0.040),
    st.booleans(),
)
def test_case_07_no_part_of_a_stalled_scan_with_letters_is_ever_told(
    code: str,
    at: int,
    stall: float,
    gap: float,
    enter: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    desk = Desk()
    for index, character in enumerate(code):
        desk.press(character, stall if index == at else gap)
    if enter:
        desk.press("\r", stall if at >= len(code) else gap, terminator=True)
    desk.wait(5.0)
    assert all(scan.torn or scan.text == code for scan in _told(desk))


@given(
    st.text("0123456789ABCDEF-", min_size=6, max_size=10),
    st.lists(st.one_of(st.none(), st.none(), st.floats(0.05, 1.0)), min_size=11, max_size=11),
    st.floats(0.00025, 0.040),
    st.booleans(),
)
def test_case_07_no_part_of_a_short_scan_in_many_pieces_is_ever_told(
    code: str,
    stalls: list[float | None],
    gap: float,
    enter: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    desk = Desk()
    for character, stall in zip(code, stalls, strict=False):
        desk.press(character, stall or gap)
    if enter:
        desk.press("\r", stalls[-1] or gap, terminator=True)
    desk.wait(5.0)
    assert all(scan.torn or scan.text == code for scan in _told(desk))


@given(
    st.lists(st.one_of(st.floats(0.001, 0.120), st.floats(0.001, 2.0)), min_size=6, max_size=6),
    st.booleans(),
    st.booleans(),
)
@example([0.001, 0.001, 0.2, 0.001, 0.001, 0.001], False, False)  # noqa: FBT003 - an example
@example([0.3, 0.3, 0.001, 0.001, 0.001, 0.001], True, False)  # noqa: FBT003 - an example
@example([0.001] * 6, False, True)  # noqa: FBT003 - an example
def test_s14_six_digits_in_any_rhythm_are_typed_or_can_be_read_whole(
    gaps: list[float],
    enter: bool,  # noqa: FBT001 - drawn by hypothesis
    needs_ending: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    desk = Desk(Wedge(WedgeSettings(needs_ending=needs_ending)))
    for digit, gap in zip("012345", [1.0, *gaps], strict=False):
        desk.press(digit, gap)
    if enter:
        desk.press("\r", gaps[-1], terminator=True)
    desk.wait(5.0)
    told = [scan.whole for scan in _told(desk)]
    assert told == ["012345"] or (told == [] and desk.field_text == "012345")


@pytest.mark.parametrize("missing", [1, 2, 3, 5])
def test_case_07_no_end_of_a_secret_goes_to_a_field(missing: int) -> None:
    secret = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP"
    desk = Desk()
    desk.scan(secret[:-missing], enter=False)
    desk.wait(0.4)
    desk.scan(secret[-missing:], enter=False)
    desk.wait(5.0)
    assert desk.field_text + desk.retracted == ""
    assert [scan.torn for scan in _told(desk)] == [True]


def test_four_letters_and_enter_of_a_fast_hand_are_typing() -> None:
    desk = Desk()
    desk.type("mull", 0.040)
    desk.press("\r", 0.040, terminator=True)
    assert desk.outcomes == []
    assert desk.field_text == "mull"
    assert desk.terminators_passed == 1


@given(
    st.integers(6, 40),
    st.integers(1, 39),
    st.floats(0.0, 1.0),
    st.floats(0.00025, 0.040),
    st.floats(0.2, 1.5),
)
def test_case_07_of_two_scans_in_a_row_only_whole_ones_are_told(
    length: int, at: int, stall: float, gap: float, between: float
) -> None:
    first, second = "1" * length, "2" * length
    desk = Desk()
    desk.scan(first, gap)
    desk.wait(between)
    for index, character in enumerate(second):
        desk.press(character, stall if index == at else gap)
    desk.press("\r", gap, terminator=True)
    desk.wait(5.0)
    assert desk.outcomes[0] == Scan(first)
    assert all(scan.torn or scan.text in (first, second) for scan in _told(desk))
    assert desk.field_text == ""
    assert desk.terminators_passed == 0


@given(
    st.text("0123456789", min_size=8, max_size=40),
    st.lists(st.floats(0.0, 1.0), min_size=40, max_size=40),
)
def test_case_07_a_scan_that_stalls_at_every_key_is_typing_or_asked_for_again(
    serial: str, stalls: list[float]
) -> None:
    desk = Desk()
    for character, stall in zip(serial, stalls, strict=False):
        desk.press(character, stall)
    desk.press("\r", 0.002, terminator=True)
    desk.wait(5.0)
    assert all(scan.torn or scan.text == serial for scan in _told(desk))
