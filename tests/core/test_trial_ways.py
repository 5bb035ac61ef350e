"""A known text is found again, whatever a machine made of it, and is never seen where it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.layouts import CapsLock, Layout
from app.core.trial import REFERENCE
from app.core.trial_ways import DIRECT, WAYS, Found, Way, find, secret_around, secret_in, ways_by

SEED = "JBSWY3DPEHPK3PXP"


DISTINCT = tuple({way.typed(REFERENCE): way for way in reversed(WAYS)}.values())
SERIAL_KEYS = "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_ways_that_make_the_same_of_the_reference_make_the_same_of_every_serial() -> None:
    made = {way.typed(REFERENCE): way.typed(SERIAL_KEYS) for way in WAYS}
    assert all(way.typed(SERIAL_KEYS) == made[way.typed(REFERENCE)] for way in WAYS)


def test_of_ways_that_agree_that_of_the_set_layout_is_found() -> None:
    for layout in Layout:
        found = find(Way(layout, CapsLock.OFF).typed(REFERENCE), REFERENCE, ways_by(layout))
        assert found == Found(Way(layout, CapsLock.OFF))


@given(st.text(alphabet=REFERENCE, max_size=40), st.sampled_from(WAYS))
def test_a_way_gone_there_and_back_changes_nothing(sent: str, way: Way) -> None:
    assert way.meant(way.typed(sent)) == sent


@pytest.mark.parametrize("way", DISTINCT, ids=lambda way: f"{way.layout.value}-{way.caps.value}")
def test_the_reference_is_found_with_what_stands_around_it(way: Way) -> None:
    assert find(f"<{way.typed(REFERENCE)}>>", REFERENCE) == Found(way, "<", ">>")


def test_a_scanner_that_does_not_type_is_asked_for_no_layout() -> None:
    french = Way(Layout.AZERTY, CapsLock.OFF).typed(REFERENCE)
    assert find(french, REFERENCE, DIRECT) is None


@pytest.mark.parametrize(
    "text", ["", "8659610904217", "0123456789", "OATH", REFERENCE[::-1], REFERENCE[:12], "x" * 999]
)
def test_another_text_is_not_taken_for_the_reference(text: str) -> None:
    assert find(text, REFERENCE) is None


def test_what_is_lost_and_what_is_too_much_is_counted_inside_alone() -> None:
    found = find(f"~~{REFERENCE[:4]}{REFERENCE[7:12]}??{REFERENCE[12:]}!", REFERENCE)
    assert found == Found(WAYS[0], "~~", "!", lost=3, extra=2)


def test_a_code_is_a_secret_but_a_prefix_of_six_digits_is_none() -> None:
    assert secret_in("041238") is not None
    assert secret_around(Found(WAYS[0], "041238")) is None
    assert secret_around(Found(WAYS[0], "", SEED)) is not None


@pytest.mark.parametrize(
    "serial",
    [
        "8659612345678",
        "GAKT00040D6D",
        "306EUO4-00960",
        "FTK200AB12CD34EF",
        "72102935780528",
        "EMP20417",
    ],
)
def test_what_vendors_print_is_no_secret(serial: str) -> None:
    for way in WAYS:
        assert secret_in(way.typed(serial)) is None
