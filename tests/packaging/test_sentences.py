"""Every sentence of the window is found in the source, however it comes to `say`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sentences
from sentences import Standing, Untraceable, merged, modules, standing

ROOT = Path(__file__).resolve().parents[2]


def found(source: str) -> list[str]:
    return [said.sentence for module in modules({"a.py": source}) for said in module.said()]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("say('One.')", ["One."]),
        ("say('One ' 'whole.')", ["One whole."]),
        ("T = {1: 'One.', 2: 'Two.'}\ndef f(k): return say(T[k])", ["One.", "Two."]),
        ("T = {'key': ('One.', 'Two.')}\ndef f(): return map(say, T['key'])", ["One.", "Two."]),
        ("T: dict = {1: 'One.'}\ndef f(k): return say(T.get(k, 'Other.'))", ["One.", "Other."]),
        ("T = {1: 'One.'}\ndef f(k): return say(T.get(k) or 'Other.')", ["One.", "Other."]),
        ("def f(yes): return say('Yes.' if yes else 'No.')", ["Yes.", "No."]),
        ("ONE = 'One.'\nT = {1: ONE}\ndef f(k): return say(T[k])", ["One."]),
        ("T = {1: 'One.'}\ndef f(k):\n words = T[k]\n return say(words)", ["One."]),
        ("T = ('One.', 'Two.')\ndef f(): return [say(each) for each in T]", ["One.", "Two."]),
        ("def f(words): return say(words)\nf('One.')\nf(words='Two.')", ["One.", "Two."]),
    ],
)  # fmt: skip
def test_a_sentence_is_found_wherever_it_stands(source: str, said: list[str]) -> None:
    assert found(source) == said


@pytest.mark.parametrize(
    "source",
    [
        "from elsewhere import words\nsay(words)",
        "def f(words): return say(words)",
        "def f(error): return say(error.text)",
        "def f(name): return say(f'{name} waits.')",
        "words = words\nsay(words)",
    ],
)
def test_what_leads_to_no_text_is_told_by_its_place(source: str) -> None:
    with pytest.raises(Untraceable) as told:
        found(source)
    assert told.value.place.startswith("a.py:")


def test_a_table_of_another_file_is_followed() -> None:
    texts = {
        "app/ui/words.py": "from app.ui.tables import T as U\ndef f(k): return say(U[k][0])",
        "app/ui/tables.py": "T = {'key': ('One.',)}",
    }
    assert [said.sentence for module in modules(texts) for said in module.said()] == ["One."]


def test_a_key_of_a_table_is_no_sentence() -> None:
    assert found("T = {'key': 'One.'}\ndef f(): return say(T['key'])") == ["One."]


def test_everything_that_the_window_says_is_found() -> None:
    assert len(sentences.sentences(ROOT)) > 500


def test_what_is_missing_and_what_nobody_says_is_told() -> None:
    held = {"One.": "Eins.", "Old.": "Alt.", "Empty.": ""}
    wanted = frozenset({"One.", "Two.", "Empty."})
    assert standing(wanted, held) == Standing(["Empty.", "Two."], ["Old."])


def test_what_was_filled_in_is_taken_over_and_what_nobody_says_is_dropped() -> None:
    wanted = frozenset({"One.", "Two.", "Three."})
    taken = merged(wanted, {"Two.": "Zwei.", "Old.": "Alt."}, {"One.": "Eins.", "Three.": ""})
    assert list(taken.items()) == [("One.", "Eins."), ("Two.", "Zwei.")]


def test_the_command_lists_what_a_new_language_lacks_as_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert sentences.main(["tlh"]) == 1
    listed = json.loads(capsys.readouterr().out)
    assert set(listed) == sentences.sentences(ROOT)
    assert set(listed.values()) == {""}


def test_the_command_tells_how_every_language_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert sentences.main([]) == 0
    assert "de: 0 missing, 0 left over" in capsys.readouterr().out
