"""Whatever a text holds, it makes one line and commands no device."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.text import json_line, one_line, printable, shown_line

LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
NAMES = ("Zoë Ångström 王", "محمد", "می\u200cخواهم", "Anna\u00a0Berg", "O\u2019Brien", "👩\u200d🚒")
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(LINE_ENDS + "\t\x1b\u202e\u2066")))


@pytest.mark.parametrize("end", LINE_ENDS)
def test_t11_every_line_end_is_neutralised(end: str) -> None:
    assert one_line(f"Anna{end}Berg") == f"Anna{repr(end)[1:-1]}Berg"
    assert printable(f"Anna{end}Berg") == f"Anna{repr(end)[1:-1]}Berg"
    assert shown_line(f"Anna{end}Berg") == "Anna Berg"


@given(TEXTS)
def test_t11_no_text_makes_a_second_line_or_commands_a_device(text: str) -> None:
    for safe in (one_line(text), printable(text), shown_line(text)):
        assert len(safe.splitlines()) <= 1
        assert not any(unicodedata.category(letter) == "Cc" for letter in safe)
        assert not set(safe) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script_stays_as_it_is(name: str) -> None:
    assert one_line(name) == name
    assert shown_line(name) == name


@given(TEXTS)
def test_what_is_shown_twice_stays_the_same(text: str) -> None:
    assert shown_line(shown_line(text)) == shown_line(text)
    assert one_line(one_line(text)) == one_line(text)


@given(TEXTS)
def test_t11_json_keeps_every_text_on_one_line(text: str) -> None:
    written = json_line(json.dumps(text, ensure_ascii=False))
    assert json.loads(written) == text
    assert len(written.splitlines()) == 1
