"""Everything a reader, a card or a scanner can be has its words, with what to do about it."""

import re

import pytest

from app.core.reading import (
    BadgeKind,
    BadgeReading,
    CardReading,
    Family,
    Help,
    Missing,
    NeedsHelp,
    NotAToken,
    PortTrouble,
    Thing,
    TokenReading,
)
from app.station.readers import ReaderLine, ScannerLine
from app.ui.widgets.tone import Tone
from app.ui.wording.readers import (
    LINUX,
    MACOS,
    WINDOWS,
    Told,
    card_told,
    drift_words,
    keyboard_told,
    missing_told,
    no_reader_told,
    no_scanner_told,
    product,
    reader_told,
    scanner_name,
    scanner_told,
)

PLATFORMS = (LINUX, MACOS, WINDOWS, "freebsd14")
CARDS: list[CardReading] = [
    *(NotAToken(what) for what in Thing),
    *(NeedsHelp(why) for why in Help),
    BadgeReading(BadgeKind.CHUID, "A1B2"),
]


def is_calm(told: Told) -> bool:
    words = [told.sentence, *([told.advice] if told.advice else [])]
    whole = all(each.endswith(".") and each[0].isupper() for each in words)
    return bool(told.chip) and whole and not re.search(r"[!{}]", " ".join(words))


@pytest.mark.parametrize("card", CARDS, ids=repr)
def test_every_card_is_told_and_what_is_no_token_has_an_advice(card: CardReading) -> None:
    told = card_told(card)
    assert is_calm(told)
    assert bool(told.advice) == isinstance(card, NotAToken | NeedsHelp)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("missing", Missing)
def test_what_is_missing_is_told_with_how_to_get_it(missing: Missing, platform: str) -> None:
    told = missing_told(missing, platform)
    assert is_calm(told)
    assert told.advice
    assert ("Debian" in told.advice) == (platform not in (MACOS, WINDOWS))


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("trouble", PortTrouble)
def test_every_trouble_of_a_port_is_told_with_what_to_do(
    trouble: PortTrouble, platform: str
) -> None:
    told = scanner_told(ScannerLine("COM7", trouble=trouble), platform)
    assert is_calm(told)
    assert told.advice
    assert told.tone is Tone.CAUTION


@pytest.mark.parametrize(
    "told",
    [
        reader_told(ReaderLine("pad", pad=True)),
        reader_told(ReaderLine("slot")),
        reader_told(ReaderLine("slot", busy=True)),
        no_reader_told(looked_for=True),
        no_reader_told(looked_for=False),
        no_scanner_told(looked_for=True),
        no_scanner_told(looked_for=False),
        keyboard_told(heard=True),
        keyboard_told(heard=False),
        scanner_told(ScannerLine("COM7"), LINUX),
    ],
)
def test_every_other_line_is_a_whole_sentence(told: Told) -> None:
    assert is_calm(told)


@pytest.mark.parametrize(
    ("drift", "tone", "chip"),
    [
        (None, Tone.GOOD, "Token"),
        (-30.0, Tone.GOOD, "Token"),
        (600.0, Tone.CAUTION, "Clock off"),
        (864_000.0, Tone.BAD, "Clock lost"),
    ],
)
def test_a_tokens_clock_is_judged(drift: float | None, tone: Tone, chip: str) -> None:
    told = card_told(TokenReading(Family.TOKEN2_OTP, "C301-i", "8659610904217", drift=drift))
    assert (told.tone, told.chip) == (tone, chip)
    assert ("clock" in told.sentence) == (drift is not None)
    assert is_calm(told)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2.1, "+2 s"), (-119.6, "-120 s"), (600, "+10 min"), (-7300, "-2 h"), (864_000, "+10 days")],
)
def test_a_drift_is_told_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert drift_words(seconds) == words


@pytest.mark.parametrize(
    ("token", "name"),
    [
        (TokenReading(Family.TOKEN2_OTP, "C301-i", "1"), "Token2 C301-i"),
        (TokenReading(Family.TOKEN2_FIDO, "Token2 PIN+", "1"), "Token2 PIN+"),
        (TokenReading(Family.TOKEN2_FIDO, "", "1"), "Token2 security key"),
        (TokenReading(Family.YUBIKEY, "YubiKey 5 NFC", "1"), "YubiKey 5 NFC"),
    ],
)
def test_a_token_is_called_by_maker_and_model(token: TokenReading, name: str) -> None:
    assert product(token) == name


def test_of_a_badge_the_last_four_characters_are_told() -> None:
    told = card_told(BadgeReading(BadgeKind.UID, "04A1B2C3D4E5F6"))
    assert "E5F6" in told.sentence
    assert "D4E5F6" not in told.sentence


def test_a_scanner_is_called_by_its_name_its_port_or_its_kind() -> None:
    assert scanner_name(ScannerLine("COM7", "Honeywell")) == "Honeywell"
    assert scanner_name(ScannerLine("COM7")) == "COM7"
    assert scanner_name(ScannerLine("")) == "Scanners on a serial port"
