"""No cell that a spreadsheet would run, whatever character it separates cells by."""

from __future__ import annotations

import csv
import re
from io import StringIO
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.spreadsheet import SEPARATORS, CsvWriter, neutral, original

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\u2212\ufe66"
LINE_ENDS = "\n\r\x0b\x0c\x1c\x85\u2028\u2029"
ALPHABET = st.one_of(
    st.sampled_from(SEPARATORS + SIGNS + LINE_ENDS + " \"'\u00a0\u3000\u200e\ufeff0aZ\\"),
    st.characters(),
)
CELLS = st.text(ALPHABET, max_size=12)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=4)
SAFE = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
CLEAN = st.text(st.one_of(st.sampled_from(",;|:=+-@ \"'\uff1d"), SAFE), max_size=12).filter(
    lambda text: not re.search("[\u202a-\u202e\u2066-\u2069]", text)
)


def written(rows: list[list[str]]) -> str:
    file = StringIO(newline="")
    writer = CsvWriter(file)
    for row in rows:
        writer.write(row)
    return file.getvalue()


def is_formula(cell: str) -> bool:
    """Tell whether a spreadsheet may run `cell`, which it may trim and take quotes from."""
    return cell.lstrip(' \t\r\n"\u00a0\u3000\u200e\ufeff').startswith(tuple(SIGNS))


def cells_of(text: str, separators: str, *, quotes: bool) -> list[str]:
    """Return the cells of `text` as a program reads them that separates by any of `separators`."""
    one = separators[0]
    if not quotes:
        return re.split(f"[{re.escape(separators)}\r\n]", text)
    quoting = text.translate({ord(each): one for each in separators})
    return [
        cell for row in csv.reader(StringIO(quoting, newline=""), delimiter=one) for cell in row
    ]


@given(ROWS)
def test_t8_no_cell_is_a_formula_under_any_separator(rows: list[list[str]]) -> None:
    text = written(rows)
    for separators in (*SEPARATORS, SEPARATORS):
        for quotes in (True, False):
            found = [cell for cell in cells_of(text, separators, quotes=quotes) if is_formula(cell)]
            assert not found, (separators, quotes)


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("line_end", ["", *LINE_ENDS])
def test_t8_a_formula_in_the_midst_of_a_name_is_text(separator: str, line_end: str) -> None:
    for sign, quotes in product(SIGNS, (True, False)):
        text = written([["id", f"Ada{line_end}{separator}{sign}1+1", "x"]])
        assert not any(map(is_formula, cells_of(text, separator, quotes=quotes))), sign


@given(st.lists(st.lists(CLEAN, min_size=1, max_size=4), min_size=1, max_size=4))
def test_t8_what_is_exported_can_be_read_back(rows: list[list[str]]) -> None:
    read = csv.reader(StringIO(written(rows), newline=""))
    assert [[original(cell) for cell in row] for row in read] == rows


@given(ROWS)
def test_t8_a_row_is_one_line_for_every_program(rows: list[list[str]]) -> None:
    assert len(written(rows).splitlines()) == len(rows)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\uff1d1", '"=1', "'=1"])
def test_a_formula_gets_an_apostrophe_in_front(text: str) -> None:
    assert neutral(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["8659610904217", "Zoë Ångström 王", "2026-11-23T12:00:00+00:00", "O'Brien", "'", "a=b"]
)
def test_what_is_no_formula_is_left_alone(text: str) -> None:
    assert neutral(text) == text
    assert original(text) == text
