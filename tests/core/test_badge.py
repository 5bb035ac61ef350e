"""Which number of a tapped badge the directory is asked for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.badge import ATTRIBUTES, BadgeRules, ChipNumber, badge_number
from app.core.reading import BadgeKind, BadgeReading

CHIP = BadgeReading(BadgeKind.UID, "04A1B2C3D4E5F6")
PIV = BadgeReading(BadgeKind.CHUID, "70001234000002110000")


@pytest.mark.parametrize(
    ("spelling", "number"),
    [
        (ChipNumber.IGNORED, None),
        (ChipNumber.HEX, "04A1B2C3D4E5F6"),
        (ChipNumber.HEX_REVERSED, "F6E5D4C3B2A104"),
        (ChipNumber.DECIMAL, "1303689068602870"),
        (ChipNumber.DECIMAL_REVERSED, "69495546249912580"),
    ],
)
def test_the_number_of_a_chip_is_spelt_as_the_site_files_it(
    spelling: ChipNumber, number: str | None
) -> None:
    assert badge_number(CHIP, BadgeRules(chip=spelling)) == number


def test_a_piv_number_is_the_persons_own_whatever_is_said_of_chips() -> None:
    assert badge_number(PIV, BadgeRules()) == PIV.number


def test_a_pattern_picks_the_part_that_is_filed() -> None:
    rules = BadgeRules(pattern=re.compile(r"7000(?P<number>[0-9]{4}).*"))
    assert badge_number(PIV, rules) == "1234"
    assert badge_number(PIV, BadgeRules(pattern=re.compile(r"7000.*"))) == PIV.number


def test_a_badge_of_another_site_means_nobody() -> None:
    assert badge_number(PIV, BadgeRules(pattern=re.compile(r"8[0-9]+"))) is None


def test_only_what_the_directory_can_search_holds_badge_numbers() -> None:
    assert ATTRIBUTES[0] == "employeeId"
    assert ATTRIBUTES[15] == "extensionAttribute15"
    with pytest.raises(ValueError, match="extensionAttribute16"):
        BadgeRules(attribute="extensionAttribute16")


@given(st.binary(min_size=4, max_size=10))
def test_the_four_spellings_of_a_chip_tell_the_same_bytes(number: bytes) -> None:
    reading = BadgeReading(BadgeKind.UID, number.hex().upper())
    found = {chip: badge_number(reading, BadgeRules(chip=chip)) or "" for chip in ChipNumber}
    assert bytes.fromhex(found[ChipNumber.HEX]) == number
    assert bytes.fromhex(found[ChipNumber.HEX_REVERSED])[::-1] == number
    assert int(found[ChipNumber.DECIMAL]) == int.from_bytes(number, "big")
    assert int(found[ChipNumber.DECIMAL_REVERSED]) == int.from_bytes(number, "little")
