"""How values are shown: TOML that reads back, and never more of a secret than its kind."""

import tomllib
from datetime import date, time
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model import Mode
from app.core.text import printable
from app.settings.choices import LookTheme
from app.settings.showing import found, plain, toml

VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda below: st.lists(below, max_size=3),
    max_leaves=6,
)


@given(value=VALUES)
def test_what_is_shown_as_toml_reads_back(value: object) -> None:
    assert tomllib.loads(f"key = {toml(value)}")["key"] == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, '""'),
        (Mode.ASSIGN_ONLY, '"assign-only"'),
        (LookTheme.HIGH_CONTRAST, '"high-contrast"'),
        (PurePosixPath("/srv/out"), '"/srv/out"'),
        (PureWindowsPath(r"C:\out"), r'"C:\\out"'),
        (0.3, "0.3"),
        (5.0, "5"),
        (("a", True), '["a", true]'),
        ("\x7f", '"\\u007f"'),
    ],
)
def test_each_value_is_shown_as_it_is_written(value: object, shown: str) -> None:
    assert toml(value) == shown


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("x", 'the text "x"'),
        (17, "the whole number 17"),
        (1.5, "the number 1.5"),
        (True, "true"),
        ([1], "a list"),
        ({}, "a table"),
        (date(2026, 11, 25), "a date or time"),
        (time(1), "a date or time"),
        (b"x", "binary data"),
        (None, "something else"),
    ],
)
def test_what_was_found_is_said_in_words(value: object, said: str) -> None:
    assert found(value) == said


def test_a_number_too_long_to_print_is_not_printed() -> None:
    assert found(16**5000) == "a very large whole number"


@given(value=st.text(min_size=9) | st.integers(10**9) | st.floats(1e9, 1e12))
def test_of_a_secret_nothing_but_its_kind_is_said(value: object) -> None:
    assert found(value, secret=True) in {"text", "a whole number", "a number"}


@given(text=st.text())
def test_what_is_shown_fits_a_line_and_commands_no_terminal(text: str) -> None:
    assert plain(text).isprintable()
    assert printable(text).isprintable()
    assert len(plain("x" * 10_000)) == 60
