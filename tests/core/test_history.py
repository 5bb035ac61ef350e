import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.history import KnownOperator, fold, operator_of, search_words, words_of

ALIKE = [
    ("Zoë Ångström", "zoe angstrom"),
    ("NGUYỄN Đặng", "nguyen dang"),
    ("Siobhán O’Brien", "siobhan o'brien"),
    ("Łukasz Øre", "lukasz ore"),
    ("Weiß", "WEISS"),
    ("１２３", "123"),
]


@pytest.mark.parametrize(("written", "typed"), ALIKE)
def test_what_sounds_alike_is_found(written: str, typed: str) -> None:
    assert fold(written) == fold(typed)


def test_other_scripts_stay_what_they_are() -> None:
    assert fold("山田 太郎") == "山田 太郎"


@given(st.text())
def test_any_text_can_be_folded_and_stored(text: str) -> None:
    folded = fold(text)
    assert folded.encode().decode() == folded
    assert "\x00" not in folded


def test_half_a_surrogate_pair_is_dropped() -> None:
    assert fold("a\ud83db") == "ab"


def test_words_are_searched_longest_first_and_bounded() -> None:
    assert search_words("  an ANNA a  an ") == ("anna", "an", "a")
    assert len(search_words(" ".join("abcdefghijklmnop"))) == 8
    assert search_words("   ") == ()


def test_facts_that_name_nobody_have_no_words() -> None:
    assert words_of({"event": "Accepted"}) == ""
    assert operator_of({"event": "Accepted"}) is None


def test_an_operator_without_a_upn_is_known_by_name() -> None:
    assert operator_of({"operator_name": "Olive"}) == KnownOperator("Olive", "Olive")
    told = {"operator_name": "Olive", "operator_upn": "o@x.example"}
    assert operator_of(told) == KnownOperator("o@x.example", "Olive")
