"""Windows' event log: how its entries are laid out in bytes, and (on Windows) its calls."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import eventlog
from app.eventlog import Kind, events, events_of_this_machine, parse
from tests.fakes.eventlog import FakeEvents, record
from tests.support.access import under_wine

TEXT = st.text(st.characters(codec="utf-16-le", exclude_characters="\0"), max_size=30)


def never() -> bool:
    return False


@given(st.lists(st.tuples(st.integers(1, 0xFFFF), st.lists(TEXT, max_size=4)), max_size=4))
def test_entries_are_read_from_the_bytes_that_windows_gives(
    entries: list[tuple[int, list[str]]],
) -> None:
    buffer = b"".join(record(number, texts) for number, texts in entries)
    assert [(each.number, list(each.texts)) for _, each in parse(buffer)] == entries


@given(st.binary(max_size=200), st.integers(0, 200))
def test_bytes_that_are_no_entry_are_passed_over(odd: bytes, cut: int) -> None:
    whole = record(100, ["a", "b"])
    assert len(list(parse(whole + odd))) >= 1
    assert len(list(parse(whole[: min(cut, len(whole) - 1)]))) == 0


def test_entries_of_other_programs_and_of_other_numbers_are_left_out() -> None:
    api = FakeEvents()
    api.records = [
        record(100, ["theirs"], source="MsiInstaller"),
        record(100, ["ours"]),
        record(200, ["an error"]),
    ]
    assert [each.texts for each in events(api, 100, late=never)] == [("ours",)]


def test_a_log_that_takes_too_long_is_left() -> None:
    api = FakeEvents()
    api.write(Kind.INFORMATION, 100, ["ours"])
    with pytest.raises(TimeoutError):
        list(events(api, 100, late=lambda: True))


@pytest.mark.skipif(sys.platform != "win32", reason="needs Windows, which alone has an event log")
def test_windows_takes_an_entry_and_can_be_read() -> None:
    """Wine takes entries and keeps none, so that what was written is read back on Windows alone."""
    api = events_of_this_machine()
    assert api is not None
    api.write(Kind.INFORMATION, 99, ["a test of Oathdesk", "x" * 40_000, "nul\0"])
    kept = [each.texts[0] for each in events(api, 99, late=never)]
    if not under_wine():
        assert "a test of Oathdesk" in kept


def test_other_systems_have_no_event_log() -> None:
    assert (events_of_this_machine() is None) is (sys.platform != "win32")
    assert eventlog.SOURCE == "Oathdesk"
