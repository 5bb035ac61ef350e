"""Lines out of bytes, wherever these are cut and whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.readers.lines import LONGEST, Lines


@given(st.lists(st.sampled_from(("8659", "A-1", "\u00e9")), min_size=1, max_size=6), st.data())
def test_lines_are_the_same_wherever_the_bytes_are_cut(
    words: list[str], data: st.DataObject
) -> None:
    ending = data.draw(st.sampled_from(("\r", "\n", "\r\n")))
    whole = "".join(word + ending for word in words).encode()
    lines, found, rest = Lines(), list[str](), whole
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        found += lines.feed(rest[:size])
        rest = rest[size:]
    assert found + lines.flush() == words


@given(st.lists(st.binary(max_size=3_000), max_size=12))
def test_no_noise_makes_lines_that_grow_without_end(pieces: list[bytes]) -> None:
    lines = Lines()
    for piece in pieces:
        assert all(len(text) <= LONGEST for text in lines.feed(piece))
        assert len(lines._held) <= LONGEST


@pytest.mark.parametrize(("data", "text"), [(b"\xc3\xa9\r", "é"), (b"\xe9\r", "é")])
def test_a_line_is_utf_8_and_else_latin_1(data: bytes, text: str) -> None:
    assert Lines().feed(data) == [text]


def test_a_prefix_is_taken_off_and_an_empty_line_dropped() -> None:
    assert Lines(b"\x03", "\x02SN").feed(b"\x02SN123\x03\x03\x02SN\x03456\x03") == ["123", "456"]
