"""No cell that a spreadsheet would run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.spreadsheet import neutral


@given(st.text())
def test_no_cell_begins_as_a_formula(text: str) -> None:
    assert not neutral(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\uff1d1"])
def test_a_formula_gets_an_apostrophe_in_front(text: str) -> None:
    assert neutral(text) == "'" + text


def test_what_is_no_formula_is_left_alone() -> None:
    assert neutral("8659610904217") == "8659610904217"
