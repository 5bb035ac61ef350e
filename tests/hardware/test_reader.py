"""A real reader with a real card on it: what is read is shown, and nothing is written.

    python3 packaging/bootstrap.py test --reader "ACR122U"
    python3 packaging/bootstrap.py test --reader any

Serial and badge numbers are shown in full, for the person who holds the card to compare.
"""

from __future__ import annotations

import sys
import time

import pytest

from app.clock import SystemClock
from app.core.code import judge_drift
from app.core.reading import (
    CardRead,
    CardReading,
    NeedsHelp,
    ReaderAppeared,
    ReaderEvent,
    ServiceMissing,
    TokenReading,
)
from app.readers import PcscReader
from tests.readers.heard import Heard

FOR_A_CARD = 30.0
"""Seconds to lay the card down in."""


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """The reader that was asked for; without one these tests have nothing to do."""
    asked = request.config.getoption("--reader")
    if not asked:
        pytest.skip("needs a real reader: python3 packaging/bootstrap.py test --reader NAME")
    return str(asked)


def is_meant(name: str, reader: str) -> bool:
    return name == "any" or name.casefold() in reader.casefold()


def say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def shown(event: ReaderEvent) -> str:
    if not isinstance(event, CardRead):
        return repr(event)
    return f"{event.reader}: {described(event.reading)}"


def described(reading: CardReading) -> str:
    if not isinstance(reading, TokenReading):
        return repr(reading)
    words = f"{reading.family.value}, {reading.model or 'model unknown'}, serial {reading.serial}"
    if reading.drift is None:
        return words
    return f"{words}, clock {reading.drift:+.0f} s ({judge_drift(reading.drift, 30).value})"


def test_what_lies_on_the_reader_can_be_read(name: str) -> None:
    heard: Heard[ReaderEvent] = Heard()
    reader = PcscReader(SystemClock())
    reader.start(heard)
    try:
        reading = _first_reading(heard, name)
    finally:
        reader.stop()
    assert not isinstance(reading, NeedsHelp), described(reading)


def _first_reading(heard: Heard[ReaderEvent], name: str) -> CardReading:
    """Show everything that happens until a card on the reader `name` was read."""
    say(f"\nLay the card on the reader, or plug it in, within {FOR_A_CARD:.0f} s.")
    deadline, told = time.monotonic() + FOR_A_CARD, 0
    while time.monotonic() < deadline:
        events = list(heard.events)
        for event in events[told:]:
            say(shown(event))
            assert not isinstance(event, ServiceMissing), shown(event)
            if isinstance(event, CardRead) and is_meant(name, event.reader):
                return event.reading
        told = len(events)
        time.sleep(0.05)
    there = [event.reader for event in heard.events if isinstance(event, ReaderAppeared)]
    return pytest.fail(f"no card was read on {name!r}; the readers are {there}")
