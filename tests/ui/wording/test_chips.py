"""The words for chip cards cover every card there is, and say clocks as people do."""

from __future__ import annotations

import pytest

from app.core.reading import CardReading, Family, Help, NeedsHelp, NotAToken, Thing, TokenReading
from app.ui.wording.chips import clock_meaning, clock_words, offset, own_model, puzzle

PUZZLES = [*(NotAToken(thing) for thing in Thing), *(NeedsHelp(why, "0x80100066") for why in Help)]


@pytest.mark.parametrize("reading", PUZZLES, ids=repr)
def test_every_card_without_serial_number_has_a_sentence_and_an_advice(
    reading: NotAToken | NeedsHelp,
) -> None:
    said = puzzle(reading)
    assert said.sentence.endswith(".")
    assert said.advice.endswith(".")
    assert "0x" not in said.sentence + said.advice


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "±0 s"),
        (-0.4, "±0 s"),
        (2.4, "+2 s"),
        (-2.0, "−2 s"),
        (119.0, "+119 s"),
        (-180.0, "−3 min"),
        (7_200.0, "+2 h"),
        (-172_799.0, "−48 h"),
        (172_800.0, "+2 days"),
        (31_536_000.0, "+365 days"),
    ],
)
def test_how_far_a_clock_is_off_is_said_in_the_unit_that_tells_most(
    seconds: float, words: str
) -> None:
    assert offset(seconds) == words
    assert clock_words(seconds) == f"Clock {words}"


def test_the_same_seconds_mean_more_to_a_token_with_a_short_step() -> None:
    assert clock_meaning(90.0, 60) == "The clock of the token is right."
    assert "sign-in may fail" in clock_meaning(90.0, 30)
    assert "Take another token" in clock_meaning(90_000.0, 30)


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (TokenReading(Family.TOKEN2_OTP, "C301-i", "8659610904217"), "Token2 C301-i"),
        (TokenReading(Family.TOKEN2_OTP, "Token2 C301-i", "8659610904217"), "Token2 C301-i"),
        (TokenReading(Family.YUBIKEY, "YubiKey 5 NFC", "12345678"), "YubiKey 5 NFC"),
        (TokenReading(Family.TOKEN2_FIDO, "", "72102935780528"), "Token2 security key"),
        (NotAToken(Thing.UNKNOWN), ""),
        (None, ""),
    ],
)
def test_a_token_is_called_by_maker_and_model(reading: CardReading | None, words: str) -> None:
    assert own_model(reading) == words
