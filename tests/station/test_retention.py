"""Names leave the record after the time that was configured, and no wrong clock makes them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.core.errors import LedgerUnwritable
from app.core.record import Entry
from app.core.retention import Erased, EraseOrder
from app.core.skew import FEWEST
from app.ledger import SqliteLedger
from app.station.retention import DAY, Retention
from app.station.station import Station
from app.station.today import TodayNotice
from tests.fakes.clock import START, FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.world import FakeWorld
from tests.ledger.records import intent_of, state_of
from tests.station.stage import DESK, Stage, a_desk
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio

MONTH = replace(DESK, retention=timedelta(days=30))


def old(name: str, days: int, state: State = State.ASSIGNED) -> tuple[Entry, Entry]:
    at = START - timedelta(days=days)
    return replace(intent_of(name), at=at), replace(state_of(name, state), at=at)


def a_world() -> FakeWorld:
    world = FakeWorld()
    world.clock.stop()
    for entry in (*old("old", 31), *old("open", 31, State.UNSETTLED), *old("young", 29)):
        world.ledger.append(entry)
    return world


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with a_desk(world=a_world(), settings=MONTH, signed_in=False) as opened:
        yield opened


def answers(station: Station, offset: float = 0.0, count: int = FEWEST) -> None:
    for _ in range(count):
        station.heard(answered=True, latency=12.0, offset=offset)


def names(stage: Stage) -> list[str]:
    return list(dict.fromkeys(entry.enrollment_id for entry in stage.world.ledger.entries))


def ran(stage: Stage, times: int) -> bool:
    return len(stage.world.ledger.orders) == times and DAY in stage.world.clock.slept


async def test_what_rested_longer_than_configured_goes_soon_after_the_start(stage: Stage) -> None:
    answers(stage.station)
    await stage.until(lambda: ran(stage, 1))

    assert names(stage) == ["open", "young"]
    (order,) = stage.world.ledger.orders
    assert (order.before, order.at) == (START - timedelta(days=30), START)
    assert order.ordered_by == "retention: 30 days"


async def test_nothing_goes_before_the_directory_has_told_the_time(stage: Stage) -> None:
    answers(stage.station, count=FEWEST - 1)
    stage.world.clock.advance(3 * DAY)

    assert not stage.station.retention._tasks.is_running("retention")
    assert names(stage) == ["old", "open", "young"]


async def test_a_clock_that_is_years_ahead_makes_nothing_old(stage: Stage) -> None:
    stage.world.clock.advance(3_650 * DAY)
    answers(stage.station, offset=-3_650 * DAY)
    await stage.until(lambda: ran(stage, 1))

    assert names(stage) == ["open", "young"]
    assert stage.world.ledger.orders[0].at == START


async def test_it_is_done_again_each_day(stage: Stage) -> None:
    answers(stage.station)
    await stage.until(lambda: ran(stage, 1))
    stage.world.clock.advance(DAY)
    await stage.until(lambda: ran(stage, 2))
    assert names(stage) == ["open", "young"]  # thirty days are not more than thirty days
    stage.world.clock.advance(DAY)
    await stage.until(lambda: ran(stage, 3))
    assert names(stage) == ["open"]


async def test_todays_list_of_a_station_that_runs_for_weeks_forgets_too(stage: Stage) -> None:
    for entry in old("shown", 0):
        stage.station.today.add(entry)
    stage.world.clock.advance(31 * DAY)
    answers(stage.station)
    await stage.until(lambda: ran(stage, 1))

    await stage.until(lambda: len(stage.of(TodayNotice)[-1].lines) == 1)
    assert stage.today[0].enrollment_id == "open"


async def test_for_ever_erases_nothing() -> None:
    async with a_desk(world=a_world(), signed_in=False) as stage:
        answers(stage.station)
        stage.world.clock.advance(3_650 * DAY)
        assert stage.world.ledger.orders == []
        assert DAY not in stage.world.clock.slept


@pytest.mark.expect_log("could not be erased from the record: no space left")
async def test_a_record_that_cannot_be_written_is_logged_and_tried_again(stage: Stage) -> None:
    stage.world.ledger.full = True
    stage.world.ledger.error = LedgerUnwritable("no space left")
    answers(stage.station)
    await stage.until(lambda: DAY in stage.world.clock.slept)
    assert names(stage) == ["old", "open", "young"]

    stage.world.ledger.full = False
    stage.world.clock.advance(DAY)
    await stage.until(lambda: ran(stage, 1))
    assert names(stage) == ["open", "young"]


class SlowLedger(FakeLedger):
    """Erases nothing before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let, self.ended = threading.Event(), threading.Event(), threading.Event()

    def erase(self, order: EraseOrder, tell: Callable[[int], None]) -> Erased:
        self.begun.set()
        assert self.let.wait(HANG_SECONDS)
        try:
            return super().erase(order, tell)
        finally:
            self.ended.set()


async def test_a_station_that_closes_ends_it_between_two_steps() -> None:
    world = FakeWorld()
    world.ledger = slow = SlowLedger()
    world.clock.stop()
    for entry in (*old("one", 31), *old("two", 31)):
        slow.append(entry)
    async with a_desk(world=world, settings=MONTH, signed_in=False) as stage:
        answers(stage.station)
        await stage.until(slow.begun.is_set)
    slow.let.set()
    await stage.until(slow.ended.is_set)

    assert names(stage) == ["two"]
    answers(stage.station)
    assert not stage.station.retention._tasks.is_running("retention")


async def test_the_record_on_disk_loses_the_names(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    clock, limits = FakeClock(), list[datetime]()
    clock.stop()
    with closing(SqliteLedger(path)) as ledger:
        for entry in (*old("old", 31), *old("young", 29)):
            ledger.append(entry)
        retention = Retention(ledger, clock, timedelta(days=30), limits.append)
        retention.time_told(0.0)
        while not limits:  # noqa: ASYNC110 - the record has no bell, and needs none
            await asyncio.sleep(0.001)
        await retention.close()
        assert [entry.enrollment_id for entry in ledger.since(START - timedelta(days=99))] == [
            "young",
            "young",
        ]
        assert ledger.verify() is None
    assert path.read_bytes().count(b"zoe@desk") == 2  # the young entry, and its words on the list
