"""What the station tells of the record, and what it leaves untold because it was overtaken."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from app.core.enrollment import NEEDS_ATTENTION, State
from app.core.errors import ExportFailed, LedgerUnreadable
from app.core.history import ExportForm, HistoryPage, HistoryQuery, KnownOperator
from app.core.record import Entry, EntryKind
from app.station.history import (
    PAGE,
    ExportNotice,
    ExportState,
    HistoryNotice,
    OperatorsNotice,
    TimelineNotice,
    Wanted,
)
from tests.conftest import ExpectLog
from tests.fakes.clock import START
from tests.fakes.ledger import FakeLedger
from tests.fakes.world import FakeWorld
from tests.station.stage import Stage, a_desk
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio


def an_intent(name: str, at: datetime = START, **facts: str) -> Entry:
    told = {
        "mode": "assign_only",
        "operation": "assign",
        "attempt": "1",
        "serial_number": "86590001",
        "device_id": "device-86590001",
        "person_id": "person-ada",
        "person_name": "Ada",
        "person_upn": "ada@example.com",
        "operator_name": "Olu",
        "operator_upn": "olu@example.com",
        "desk": "Desk 1",
    }
    return Entry(name, EntryKind.INTENT, State.RECORDING, at, told | facts)


def an_end(name: str, state: State, at: datetime = START) -> Entry:
    return Entry(name, EntryKind.STATE, state, at, {"event": "StaysUnassigned"})


def put(world: FakeWorld, *entries: Entry) -> None:
    for entry in entries:
        world.ledger.append(entry)


def ended(count: int) -> list[Entry]:
    pairs = ((an_intent(f"e{n}"), an_end(f"e{n}", State.ASSIGNED)) for n in range(count))
    return [entry for pair in pairs for entry in pair]


class DamagedLedger(FakeLedger):
    """Every question about the past ends in an error."""

    def page(self, query: HistoryQuery, after: int | None, limit: int) -> HistoryPage:
        raise LedgerUnreadable("entry 7")

    def timeline(self, enrollment_id: str) -> list[Entry]:
        raise LedgerUnreadable("entry 7")

    def operators(self) -> list[KnownOperator]:
        raise LedgerUnreadable("entry 7")

    def export(self, *_all: object) -> int:
        raise ExportFailed("no space left")


async def listed(stage: Stage, wanted: Wanted) -> HistoryNotice:
    """Look, and wait for the answer."""
    before = len(stage.of(HistoryNotice))
    await stage.station.history.look(wanted)
    await stage.until(lambda: len(stage.of(HistoryNotice)) > before)
    return stage.of(HistoryNotice)[-1]


def export_is(stage: Stage, state: ExportState) -> bool:
    return any(notice.state is state for notice in stage.of(ExportNotice))


def ids(notice: HistoryNotice) -> list[str]:
    return [line.enrollment_id for line in notice.page.lines]


async def test_the_record_is_listed_page_by_page() -> None:
    world = FakeWorld()
    put(world, *ended(PAGE + 20))
    async with a_desk(world=world) as stage:
        first = await listed(stage, Wanted())
        assert (first.before, len(first.page.lines)) == (0, PAGE)
        await stage.station.history.more(Wanted())
        await stage.until(lambda: len(stage.of(HistoryNotice)) == 2)
        second = stage.of(HistoryNotice)[-1]
        assert (second.before, len(second.page.lines)) == (PAGE, 20)
        await stage.station.history.more(Wanted())
        await stage.a_moment()
        assert len(stage.of(HistoryNotice)) == 2


async def test_more_of_what_is_no_longer_wanted_is_not_read() -> None:
    world = FakeWorld()
    put(world, *ended(PAGE + 20))
    async with a_desk(world=world) as stage:
        await listed(stage, Wanted(text="ada"))
        await stage.station.history.more(Wanted(text="ad"))
        await stage.a_moment()
        assert len(stage.of(HistoryNotice)) == 1


async def test_a_question_that_was_overtaken_is_not_answered() -> None:
    world = FakeWorld()
    put(world, *ended(3))
    async with a_desk(world=world) as stage:
        history = stage.station.history
        await asyncio.gather(*(history.look(Wanted(text=text)) for text in ("a", "ad", "ada")))
        await stage.until(lambda: stage.of(HistoryNotice) != [])
        await stage.a_moment()
        assert [notice.wanted.text for notice in stage.of(HistoryNotice)] == ["ada"]


async def test_days_are_those_of_the_desks_own_time_zone() -> None:
    world = FakeWorld()
    midnight = START.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    minute = timedelta(minutes=1)
    for name, at in {
        "today": midnight,
        "yesterday": midnight - minute,
        "six days ago": midnight - timedelta(days=6),
        "before that": midnight - timedelta(days=6) - minute,
    }.items():
        put(world, an_intent(name, at), an_end(name, State.ASSIGNED, at))
    async with a_desk(world=world) as stage:
        assert ids(await listed(stage, Wanted(days=1))) == ["today"]
        assert len(ids(await listed(stage, Wanted(days=7)))) == 3
        day = (midnight - minute).date()
        assert ids(await listed(stage, Wanted(first=day, last=day))) == ["yesterday"]
        assert len(ids(await listed(stage, Wanted(last=day)))) == 3


async def test_state_operator_and_text_reach_the_record() -> None:
    world = FakeWorld()
    put(world, *ended(2), an_intent("x", operator_upn="b@x", person_name="Zoë"))
    put(world, an_end("x", State.NOT_DONE))
    async with a_desk(world=world) as stage:
        for wanted in (
            Wanted(states=NEEDS_ATTENTION),
            Wanted(operator="b@x"),
            Wanted(text="zoe"),
        ):
            assert ids(await listed(stage, wanted)) == ["x"]


async def test_the_whole_story_of_one_enrollment_is_told() -> None:
    world = FakeWorld()
    put(world, *ended(2))
    async with a_desk(world=world) as stage:
        await stage.station.history.show("e1")
        await stage.until(lambda: stage.of(TimelineNotice) != [])
        (notice,) = stage.of(TimelineNotice)
        assert [entry.state for entry in notice.entries] == [State.RECORDING, State.ASSIGNED]


async def test_operators_are_told() -> None:
    world = FakeWorld()
    put(world, *ended(2))
    async with a_desk(world=world) as stage:
        await stage.station.history.list_operators()
        await stage.until(lambda: stage.of(OperatorsNotice) != [])
        known = KnownOperator("olu@example.com", "Olu")
        assert stage.of(OperatorsNotice) == [OperatorsNotice((known,))]


async def test_a_record_that_cannot_be_read_is_told_of(expect_log: ExpectLog) -> None:
    expect_log("WARNING oathdesk.station: the operators could not be read")
    world = FakeWorld()
    world.ledger = DamagedLedger(world.journal)
    async with a_desk(world=world) as stage:
        assert isinstance((await listed(stage, Wanted())).error, LedgerUnreadable)
        await stage.station.history.show("e1")
        await stage.station.history.list_operators()
        await stage.station.history.export(Wanted(), ExportForm.CSV)
        await stage.until(lambda: stage.of(TimelineNotice) != [])
        await stage.until(lambda: len(stage.of(ExportNotice)) == 2)
        assert isinstance(stage.of(TimelineNotice)[0].error, LedgerUnreadable)
        assert stage.of(ExportNotice)[-1].state is ExportState.FAILED
        assert isinstance(stage.of(ExportNotice)[-1].error, ExportFailed)


async def test_an_export_goes_to_a_file_with_the_date_in_its_name() -> None:
    world = FakeWorld()
    put(world, *ended(2))
    async with a_desk(world=world) as stage:
        await stage.station.history.export(Wanted(), ExportForm.JSON_LINES)
        await stage.until(lambda: export_is(stage, ExportState.DONE))
        done = stage.of(ExportNotice)[-1]
        local = START.astimezone()
        assert Path(done.path).name == f"oathdesk-history-{local:%Y-%m-%d-%H%M%S}.jsonl"
        assert done.count == 4
        assert list(world.ledger.exported) == [done.path]


async def test_an_export_can_be_stopped() -> None:
    world = FakeWorld()
    put(world, *ended(2))
    async with a_desk(world=world) as stage:
        await stage.station.history.export(Wanted(), ExportForm.CSV)
        await stage.station.history.stop_export()
        await stage.until(lambda: export_is(stage, ExportState.STOPPED))
        assert world.ledger.exported == {}


async def test_an_enrollment_of_an_earlier_day_comes_back_to_the_desk() -> None:
    world = FakeWorld()
    long_ago = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    put(world, an_intent("old", long_ago), an_end("old", State.NOT_DONE, long_ago))
    async with a_desk(world=world) as stage:
        await stage.station.resume("old")
        await stage.until(lambda: stage.enrollment.token == world.token)
        await stage.until(lambda: stage.enrollment.person == world.ada)


async def test_an_enrollment_nobody_knows_changes_nothing_at_the_desk() -> None:
    async with a_desk() as stage:
        await stage.station.resume("nobody")
        await stage.a_moment()
        assert stage.state is State.EMPTY


async def test_signing_out_stops_what_is_read() -> None:
    world = FakeWorld()
    put(world, *ended(3))
    gate = Event()
    world.ledger.before_page = lambda: gate.wait(HANG_SECONDS)
    async with a_desk(world=world) as stage:
        await stage.station.history.look(Wanted(first=date(2026, 1, 1)))
        await stage.a_moment()
        await stage.station.sign_out()
        gate.set()
        await stage.a_moment()
        assert stage.of(HistoryNotice) == []
