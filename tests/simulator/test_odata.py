"""The query language, by itself: what parses means what it says, the rest is refused."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.simulator.odata_filter import parse_filter
from app.simulator.odata_search import parse_search, words_of
from app.simulator.refusals import ASSUMED, CONFIRMED, GraphRefusal

NAMES = {"name": frozenset(("eq", "ne", "in", "startswith", "not"))}


@given(st.text())
def test_any_text_can_be_compared_when_its_quotes_are_doubled(text: str) -> None:
    quoted = text.replace("'", "''")
    matches = parse_filter(f"name eq '{quoted}'", NAMES).matches
    assert matches({"name": text})
    assert not matches({"name": text + "x"})


def status_of(parse: Callable[[], object]) -> int:
    """200 when a text is understood, else the status it is refused with."""
    try:
        parse()
    except GraphRefusal as refused:
        return refused.status
    return 200


@given(st.text(max_size=40))
def test_a_filter_is_either_understood_or_refused(text: str) -> None:
    row = {"name": "a"}
    assert status_of(lambda: parse_filter(text, NAMES).matches(row)) in (200, 400)


@given(st.text(max_size=40))
def test_a_search_is_either_understood_or_refused(text: str) -> None:
    assert status_of(lambda: parse_search(text)({"displayName": "a"})) in (200, 400)


def test_and_binds_closer_than_or() -> None:
    matches = parse_filter("name eq 'a' or name eq 'b' and name eq 'c'", NAMES).matches
    assert matches({"name": "a"})
    assert not matches({"name": "b"})


@pytest.mark.parametrize("text", ["when ge 5", "when lt null", "when gt true"])
def test_values_of_other_types_are_neither_before_nor_after(text: str) -> None:
    supported = {"when": frozenset(("ge", "lt", "gt"))}
    assert not parse_filter(text, supported).matches({"when": "2026-11-23T08:00:00Z"})


def test_not_turns_what_follows() -> None:
    matches = parse_filter("not (name in ('a','b'))", NAMES).matches
    assert matches({"name": "c"})
    assert not matches({"name": "b"})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Renate Müller-Lüdenscheidt", ("renate", "müller", "lüdenscheidt")),
        ("OneVideo 42b", ("one", "video", "42", "b")),
        ("लक्ष्मी चतुर्वेदी", ("लक्ष्मी", "चतुर्वेदी")),
        ("Títílayọ̀ Adéyẹmí", ("títílayọ̀", "adéyẹmí")),
        ("山田 太郎", ("山田", "太郎")),
    ],
)
def test_a_name_is_cut_at_spaces_digits_symbols_and_case(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_what_is_known_and_what_is_guessed_are_told_apart() -> None:
    assert not set(CONFIRMED) & set(ASSUMED)
