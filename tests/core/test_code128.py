"""The bars are those of ISO/IEC 15417, by the properties that the standard gives every symbol."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.code128 import _STOP, _SYMBOLS, bars
from app.core.trial import REFERENCE

printable = st.text(alphabet=[chr(code) for code in range(32, 127)], min_size=1, max_size=40)
START_B, START_C, TO_C, TO_B = 104, 105, 99, 100


def read(widths: tuple[int, ...]) -> str:
    """Read the bars as a scanner does: symbol by symbol, with the check proved."""
    cells = ["".join(map(str, widths[at : at + 6])) for at in range(0, len(widths) - 7, 6)]
    assert "".join(map(str, widths[-7:])) == _STOP
    start, *values, check = [_SYMBOLS.index(cell) for cell in cells]
    assert check == (start + sum(at * value for at, value in enumerate(values, 1))) % 103
    told, in_c = "", start == START_C
    for value in values:
        if value == (TO_B if in_c else TO_C):
            in_c = not in_c
        else:
            told += f"{value:02}" if in_c else chr(value + 32)
    return told


def test_every_symbol_has_eleven_modules_an_even_number_of_them_dark_and_is_its_own() -> None:
    assert len(set(_SYMBOLS)) == len(_SYMBOLS) == 106
    for symbol in _SYMBOLS:
        widths = [int(width) for width in symbol]
        assert (len(widths), sum(widths)) == (6, 11)
        assert sum(widths[::2]) % 2 == 0
        assert set(widths) <= {1, 2, 3, 4}


def test_the_start_and_stop_symbols_are_the_ones_of_the_standard() -> None:
    assert (_SYMBOLS[START_B], _SYMBOLS[START_C], _STOP) == ("211214", "211232", "2331112")


def test_digits_take_half_the_room() -> None:
    assert sum(bars("12345678")) == 11 * (1 + 4 + 1) + 13
    assert sum(bars("ABCDEFGH")) == 11 * (1 + 8 + 1) + 13


@given(printable)
def test_what_is_written_is_read(text: str) -> None:
    assert read(bars(text)) == text


def test_the_reference_is_written_in_both_sets() -> None:
    assert read(bars(REFERENCE)) == REFERENCE
    assert sum(bars(REFERENCE)) == 11 * 21 + 13


@pytest.mark.parametrize("text", ["", "é", "a\n", "\x1d"])
def test_what_code_128_cannot_say_here_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        bars(text)
