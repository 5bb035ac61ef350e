"""Today's list: what needs attention first, then the newest, and only what is on disk."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest

from app.core.enrollment import OPEN, State
from app.core.record import Entry, EntryKind
from app.station.notices import Notice
from app.station.today import Today, TodayNotice
from tests.fakes.clock import START, FakeClock
from tests.fakes.ledger import FakeLedger

pytestmark = pytest.mark.anyio

FACTS = {
    "mode": "assign_only",
    "attempt": "1",
    "serial_number": "86590001",
    "device_id": "device",
    "person_id": "person",
    "person_name": "Ada",
    "person_upn": "ada@example.com",
    "operator_name": "Olu",
}


def begun(name: str, minute: int) -> Entry:
    at = START + timedelta(minutes=minute)
    return Entry(name, EntryKind.INTENT, State.RECORDING, at, FACTS)


def passed(name: str, minute: int, state: State) -> Entry:
    return Entry(name, EntryKind.STATE, state, START + timedelta(minutes=minute))


def listed(notices: list[Notice]) -> list[str]:
    last = notices[-1]
    assert isinstance(last, TodayNotice)
    return [line.enrollment_id for line in last.lines]


async def loaded(*entries: Entry) -> tuple[Today, list[Notice]]:
    notices: list[Notice] = []
    ledger = FakeLedger()
    for entry in entries:
        ledger.append(entry)
    today = Today(FakeClock(), notices.append)
    await today.load(ledger)
    return today, notices


async def test_what_needs_attention_comes_first_then_the_newest() -> None:
    _, notices = await loaded(
        begun("old trouble", 1),
        passed("old trouble", 1, State.HALF_DONE),
        begun("done", 2),
        passed("done", 2, State.ASSIGNED),
        begun("running", 3),
        begun("new trouble", 4),
        passed("new trouble", 4, State.NOT_DONE),
        begun("newest", 5),
    )
    assert listed(notices) == ["new trouble", "old trouble", "newest", "running", "done"]


async def test_what_is_settled_sinks_to_its_place() -> None:
    today, notices = await loaded(begun("a", 1), passed("a", 1, State.UNSETTLED), begun("b", 2))
    today.add(passed("a", 3, State.ACTIVATED))
    assert listed(notices) == ["b", "a"]


async def test_yesterdays_enrollments_are_not_todays() -> None:
    done = passed("yesterday", -60 * 47, State.ASSIGNED)
    _, notices = await loaded(begun("yesterday", -60 * 48), done, begun("today", 1))
    assert listed(notices) == ["today"]


@pytest.mark.parametrize("state", [each for each in State if each in OPEN])
async def test_what_is_open_from_an_earlier_day_is_listed_until_it_is_settled(state: State) -> None:
    before = (begun("earlier", -60 * 48), passed("earlier", -60 * 47, state))
    today, notices = await loaded(*before, begun("today", 1), passed("today", 2, State.ASSIGNED))
    assert set(listed(notices)) == {"earlier", "today"}
    today.add(passed("earlier", 3, State.ASSIGNED))
    last = notices[-1]
    assert isinstance(last, TodayNotice)
    assert {line.state for line in last.lines} == {State.ASSIGNED}


async def test_what_was_touched_today_and_is_open_is_listed_once() -> None:
    _, notices = await loaded(begun("a", -60 * 48), passed("a", 1, State.UNSETTLED))
    assert listed(notices) == ["a"]


async def test_one_line_can_be_asked_for() -> None:
    today, _ = await loaded(begun("a", 1))
    line = today.line("a")
    assert line is not None
    assert line.serial_number == "86590001"
    assert today.line("b") is None


async def test_an_empty_day_is_told_too() -> None:
    _, notices = await loaded()
    assert notices == [TodayNotice(())]


async def test_the_list_is_told_on_the_stations_own_thread() -> None:
    threads: list[threading.Thread] = []
    today = Today(FakeClock(), lambda _: threads.append(threading.current_thread()))
    await today.load(FakeLedger())
    await asyncio.sleep(0)
    assert threads == [threading.current_thread()]
