"""Every sentence in the source is whole: its places are filled, its tone is calm."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import app.ui
from app.ui.wording.say import say

SOURCES = sorted(Path(app.ui.__path__[0]).rglob("*.py"))
CODE_NUMBER = re.compile(r"\b[1-5]\d\d\b|\bHTTP\b|\bAADSTS")


@dataclass(frozen=True)
class Said:
    """One call of `say`: where, the sentence, and the names it is given."""

    where: str
    sentence: str
    given: frozenset[str]


def said_in(source: Path) -> Iterator[Said]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                given = frozenset(word.arg for word in node.keywords if word.arg)
                yield Said(f"{source.name}:{node.lineno}", first.value, given)


@cache
def everything() -> list[Said]:
    """Return every call of `say` with a text, read once and only where a test asks for it."""
    return [said for source in SOURCES for said in said_in(source)]


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_there_are_sentences_to_look_at() -> None:
    assert len(everything()) > 100


def test_every_place_of_a_sentence_is_filled_and_nothing_is_given_in_vain() -> None:
    assert [said for said in everything() if places(said.sentence) != said.given] == []


def test_no_sentence_shouts() -> None:
    assert [said for said in everything() if "!" in said.sentence] == []


def test_keys_pressed_together_are_joined_by_a_plus() -> None:
    apart = re.compile(r"\b(Ctrl|Shift|Alt) ([A-Z0-9]|F\d+|Enter)\b")
    assert [said for said in everything() if apart.search(said.sentence)] == []


def test_no_sentence_speaks_in_code_numbers() -> None:
    assert [said for said in everything() if CODE_NUMBER.search(said.sentence)] == []


def test_a_sentence_of_several_ends_with_a_full_stop() -> None:
    several = [said for said in everything() if re.search(r"[.?] [A-Z]", said.sentence)]
    assert several
    assert [said for said in several if said.sentence[-1] not in ".}"] == []


@pytest.mark.own_sentences
def test_what_fills_a_place_is_never_read_as_a_place() -> None:
    assert say("{name} waits.", name="{0} {secret}") == "{0} {secret} waits."


@pytest.mark.own_sentences
@pytest.mark.parametrize("name", ["O'Brien", "100 %", '"', "<b>bold</b>"])
def test_what_fills_a_place_is_kept_as_it_is(name: str) -> None:
    assert say("{name} waits.", name=name) == f"{name} waits."
