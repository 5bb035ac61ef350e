"""A PIN is kept as a hash that fits it alone, and no line but a sound one is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.pin import SALT_BYTES, PinHash, too_simple

SALT = bytes(range(SALT_BYTES))
HASH = PinHash.of("271828", SALT)


def test_a_hash_fits_its_pin_and_no_other() -> None:
    assert HASH.fits("271828")
    assert not HASH.fits("271829")
    assert not HASH.fits("")


def test_the_line_of_a_hash_is_read_as_the_same_hash() -> None:
    assert PinHash.read(HASH.written()) == HASH


def test_two_salts_make_two_hashes_of_one_pin() -> None:
    assert PinHash.of("271828", SALT[::-1]).digest != HASH.digest


def test_neither_pin_nor_hash_shows_in_a_repr() -> None:
    assert "salt" not in repr(HASH)
    assert "digest" not in repr(HASH)


@pytest.mark.parametrize(
    "line",
    [
        "271828",
        HASH.written()[:-1],
        HASH.written() + "A",
        HASH.written().replace("scrypt", "plain"),
        HASH.written().replace(":15:", ":30:"),
        HASH.written().replace(":8:", ":800:"),
        HASH.written() + "\n",
    ],
)
def test_what_is_no_line_of_a_hash_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no hash of a PIN"):
        PinHash.read(line)


@given(st.text(max_size=80))
def test_any_text_is_a_hash_or_refused(text: str) -> None:
    try:
        found = PinHash.read(text)
    except ValueError:
        return
    assert found.written() == text


@pytest.mark.parametrize("pin", ["271828", "0042170042", "910364"])
def test_a_pin_that_nobody_tries_first_is_good_enough(pin: str) -> None:
    assert not too_simple(pin)


@pytest.mark.parametrize(
    "pin",
    ["", "27182", "2718281828459", "111111", "123456", "987654", "890123", "27182x", "٠٤١٢٣٨"],
)
def test_a_pin_that_is_tried_first_or_is_none_is_too_simple(pin: str) -> None:
    assert too_simple(pin)
