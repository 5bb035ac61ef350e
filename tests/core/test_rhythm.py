"""Settings are proposed only where the recogniser itself then takes the keys for a scan."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.rhythm import proposed, recognised
from app.core.wedge import Key, WedgeSettings

NOW = WedgeSettings()
gaps = st.lists(st.floats(0, 0.6), max_size=20)


def keys(gaps: list[float]) -> list[Key]:
    at, pressed = 100.0, [Key("8", 100.0)]
    for gap in gaps:
        at += gap
        pressed.append(Key("8", at))
    return pressed


def test_a_scan_is_recognised_and_typing_is_not() -> None:
    assert recognised(keys([0.002] * 12), NOW)
    assert not recognised(keys([0.2] * 12), NOW)
    assert not recognised(keys([]), NOW)
    assert not recognised([], NOW)


def test_a_key_that_types_nothing_is_no_part_of_the_rhythm() -> None:
    pressed = keys([0.002] * 12)
    assert recognised([*pressed[:3], Key("\x1d", pressed[3].at), *pressed[3:]], NOW)


@given(gaps)
def test_what_is_proposed_is_recognised(gaps: list[float]) -> None:
    wanted = proposed(keys(gaps), NOW)
    if wanted is not None:
        assert recognised(keys(gaps), wanted)
        assert wanted.first_gap == NOW.first_gap
        assert wanted.minimum_length == NOW.minimum_length
        assert wanted.average_gap >= NOW.average_gap
        assert wanted.longest_gap >= NOW.longest_gap


@given(st.lists(st.floats(0, 0.04), min_size=5, max_size=20))
def test_what_is_recognised_already_moves_no_average(gaps: list[float]) -> None:
    wanted = proposed(keys(gaps), NOW)
    assert wanted is not None
    assert wanted.average_gap == NOW.average_gap


def test_one_late_key_moves_the_longest_gap_alone() -> None:
    wanted = proposed(keys([0.01] * 8 + [0.2]), NOW)
    assert wanted == WedgeSettings(longest_gap=0.24, silence=0.27)


def test_an_early_stall_moves_the_average_too() -> None:
    wanted = proposed(keys([0.03, 0.03, 0.11, 0.11, 0.03, 0.03]), NOW)
    assert wanted is not None
    assert wanted.average_gap > NOW.average_gap


def test_a_slow_first_key_is_mended_by_no_setting() -> None:
    assert proposed(keys([0.06] * 12), NOW) is None
