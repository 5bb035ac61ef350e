"""A translation is whole, and says with each sentence what the English one says."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import sentences
from app.settings.choices import LookLanguage
from app.ui.language import ENGLISH, OF_THE_SYSTEM

ROOT = Path(__file__).resolve().parents[3]
FILES = sentences.languages(ROOT)
EVERY = [(name, *pair) for name, file in FILES.items() for pair in sentences.read(file).items()]
ENDING = re.compile(r"[.:]$")
MNEMONIC = re.compile(r"&\w")
IN_WORDS = re.compile(r"\{moment:[^}]*\}")
"""A day and a time: each language writes them its own way."""

Place = tuple[str, str | None, str | None]


def places(sentence: str) -> list[Place]:
    """The name, format and conversion of each place, in any order."""
    written = IN_WORDS.sub("{moment}", sentence)
    parsed = Formatter().parse(written)
    return sorted((name, spec, how) for _, name, spec, how in parsed if name is not None)


def pairs_where_not(same: object) -> list[tuple[str, str, str]]:
    assert callable(same)
    return [(name, one, other) for name, one, other in EVERY if not same(one, other)]


def test_german_is_there() -> None:
    assert "de" in FILES


def test_what_can_be_configured_is_what_there_are_words_for() -> None:
    assert {each.value for each in LookLanguage} == {OF_THE_SYSTEM, ENGLISH, *FILES}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_missing_and_nothing_is_left_over(name: str) -> None:
    found = sentences.standing(sentences.sentences(ROOT), sentences.read(FILES[name]))
    assert found == sentences.Standing([], [])


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_sorted_as_the_script_writes_it(name: str) -> None:
    held = sentences.read(FILES[name])
    assert FILES[name].read_text("utf-8") == sentences.as_json(dict(sorted(held.items())))


def test_the_same_places_are_filled_in_the_same_way() -> None:
    assert pairs_where_not(lambda one, other: places(one) == places(other)) == []


def test_a_whole_sentence_stays_one_and_a_label_stays_a_label() -> None:
    same = pairs_where_not(
        lambda one, other: bool(ENDING.search(one)) == bool(ENDING.search(other))
    )
    assert same == []


def test_what_has_a_mnemonic_keeps_one() -> None:
    assert (
        pairs_where_not(
            lambda one, other: len(MNEMONIC.findall(one)) == len(MNEMONIC.findall(other))
        )
        == []
    )


def test_no_translation_shouts_or_has_blanks_at_its_ends() -> None:
    assert [pair for pair in EVERY if "!" in pair[2] or pair[2] != pair[2].strip()] == []


@pytest.mark.parametrize("key", ["F1", "F4", "F5", "F8", "F11", "F12"])
def test_a_key_that_a_sentence_names_is_named_in_every_language(key: str) -> None:
    named = re.compile(rf"\b{key}\b")
    assert (
        pairs_where_not(lambda one, other: bool(named.search(one)) == bool(named.search(other)))
        == []
    )


def test_german_addresses_nobody_as_du() -> None:
    familiar = re.compile(r"\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[mnrs]?)\b")
    assert [pair for pair in EVERY if pair[0] == "de" and familiar.search(pair[2])] == []
