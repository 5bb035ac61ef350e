"""The policy of a kiosk names what it lets through, and nothing else gets through."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.kiosk import PASSING, SUMMONS, KioskRules, With, passes

RULES = KioskRules()
OPEN = KioskRules(clipboard=True, printing=True, links=True)
CONTROL, ALT, SHIFT, META = With.CONTROL, With.ALT, With.SHIFT, With.META


@pytest.mark.parametrize(
    "chord",
    [
        ("F1", With.NOTHING),
        ("F4", ALT),
        ("F11", With.NOTHING),
        ("Q", CONTROL),
        ("W", CONTROL),
        ("O", CONTROL),
        ("P", CONTROL),
        ("C", CONTROL),
        ("V", CONTROL),
        ("Insert", SHIFT),
        ("Z", CONTROL),
        ("R", CONTROL),
        ("I", CONTROL),
        ("Tab", ALT),
        ("Escape", CONTROL),
        ("Delete", CONTROL | ALT),
        ("F4", CONTROL | ALT),
        ("Menu", With.NOTHING),
        ("Super_L", With.NOTHING),
        ("Print", With.NOTHING),
        ("Back", With.NOTHING),
        ("HomePage", With.NOTHING),
        ("L", META),
        ("", With.NOTHING),
        SUMMONS,
    ],
)
def test_what_leads_away_does_not_pass(chord: tuple[str, With]) -> None:
    assert not passes(RULES, chord, types=False)


@pytest.mark.parametrize("key", ["Return", "Tab", "Escape", "Backspace", "Left", "F2", "F12"])
def test_what_a_desk_needs_passes(key: str) -> None:
    assert passes(RULES, (key, With.NOTHING), types=False)


def test_letters_pass_and_so_does_what_altgr_writes() -> None:
    assert passes(RULES, ("A", With.NOTHING), types=True)
    assert passes(RULES, ("A", SHIFT), types=True)
    assert passes(RULES, ("At", CONTROL | ALT), types=True)
    assert passes(RULES, ("F", CONTROL | ALT), types=True)


def test_a_letter_with_a_command_key_is_a_command_even_where_it_types() -> None:
    assert not passes(RULES, ("Q", CONTROL), types=True)
    assert not passes(RULES, ("A", ALT), types=True)
    assert not passes(RULES, ("A", META), types=True)
    assert not passes(RULES, ("F4", CONTROL | ALT), types=True)


def test_copying_and_printing_pass_only_where_they_are_switched_on() -> None:
    for key in "CVXA":
        assert passes(OPEN, (key, CONTROL), types=False)
        assert not passes(replace(OPEN, clipboard=False), (key, CONTROL), types=False)
    assert passes(OPEN, ("P", CONTROL), types=False)
    assert not passes(replace(OPEN, printing=False), ("P", CONTROL), types=False)


@given(st.text(max_size=12), st.sampled_from(list(With)), st.sampled_from([RULES, OPEN]))
def test_a_key_that_nobody_thought_of_does_not_pass(
    key: str, held: With, rules: KioskRules
) -> None:
    known = key in PASSING or key in set("CVXAP")
    assert known or not passes(rules, (key, held), types=False)
