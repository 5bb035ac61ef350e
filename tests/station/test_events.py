"""What a station records besides enrollments: sign-in, lock, sign-out, imports and exports."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.errors import LedgerUnwritable
from app.core.history import ExportForm, HistoryScope
from app.core.inventory_export import InventoryForm
from app.core.lane import LaneRules
from app.core.record import HAPPENED_AT
from app.core.signin import SignInMethod
from app.core.station_event import Cause, EventName, StationEvent, SubjectKind
from app.station.context import DeskSettings
from app.station.history import ExportNotice, ExportState, HistoryNotice, Wanted
from app.station.import_notices import ImportNotice, ImportState
from app.station.inventory_notices import InventoryExportNotice, SyncNotice, SyncState
from app.station.notices import (
    SessionState,
    TroubleNotice,
)
from tests.fakes.nouns import an_operator
from tests.fakes.seeds import a_seed
from tests.fakes.world import FakeWorld
from tests.station.sessions import WINDOW, told, unattended
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

STAYS = DeskSettings(name="Desk 1")
LEAVES = DeskSettings(name="Desk 1", lock_after=60, sign_out_after=300)


def names(stage: Stage) -> list[tuple[str, str]]:
    """Every event that was recorded, with its cause."""
    return [(each.name, each.facts.get("cause", "")) for each in stage.world.ledger.events]


def last(stage: Stage) -> StationEvent:
    return stage.world.ledger.events[-1]


async def signed_in_again(stage: Stage) -> None:
    before = told(stage).count(SessionState.SIGNED_IN)
    await stage.station.session.begin_again(WINDOW)
    await stage.until(lambda: told(stage).count(SessionState.SIGNED_IN) > before)


async def test_a_session_is_recorded_from_its_sign_in_to_its_end() -> None:
    world = FakeWorld()
    async with a_desk(world=world, settings=STAYS) as stage:
        await stage.until(lambda: bool(world.ledger.events))
        first = last(stage)
        assert first.name == EventName.SIGNED_IN
        assert first.subject.kind is SubjectKind.SESSION
        assert first.subject.id
        assert first.facts["operator_name"] == world.directory.who.display_name
        assert first.facts["desk"] == "Desk 1"
        assert first.facts["method"] in {each.value for each in SignInMethod}
        await stage.station.lock.at_once()
        await stage.until(lambda: last(stage).name == EventName.LOCKED)
        await signed_in_again(stage)
        await stage.until(lambda: last(stage).name == EventName.UNLOCKED)
        await stage.station.sign_out()
        await stage.until(lambda: last(stage).name == EventName.SIGNED_OUT)
    assert names(stage) == [
        ("signed_in", ""),
        ("locked", "asked"),
        ("unlocked", ""),
        ("signed_out", "asked"),
    ]
    assert {each.subject for each in world.ledger.events} == {first.subject}


async def test_a_desk_that_is_left_says_so() -> None:
    world = FakeWorld()
    world.clock.stop()
    async with a_desk(world=world, settings=LEAVES) as stage:
        await stage.a_moment()
        for _ in range(305):
            world.clock.advance(1)
            await stage.a_moment()
        await stage.until(lambda: last(stage).name == EventName.SIGNED_OUT)
    assert names(stage) == [("signed_in", ""), ("locked", "idle"), ("signed_out", "idle")]


async def test_another_operator_ends_the_session_of_the_one_before() -> None:
    world = FakeWorld()
    async with a_desk(world=world, settings=STAYS) as stage:
        await stage.station.lock.at_once()
        world.directory.who = an_operator("Nora")
        await signed_in_again(stage)
        await stage.until(lambda: last(stage).name == EventName.SIGNED_IN)
    assert names(stage)[1:4] == [("locked", "asked"), ("signed_out", "replaced"), ("signed_in", "")]
    first, second = world.ledger.events[0], world.ledger.events[3]
    assert first.subject != second.subject
    assert second.facts["operator_name"] == "Nora"


async def test_the_end_of_the_program_ends_the_session() -> None:
    async with a_desk() as stage:
        await stage.until(lambda: bool(stage.world.ledger.events))
    assert names(stage) == [("signed_in", ""), ("signed_out", "closed")]


async def test_the_session_of_a_station_that_signs_in_by_itself_is_recorded() -> None:
    world = unattended()
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.until(lambda: bool(world.ledger.events))
    assert last(stage).name == EventName.SIGNED_OUT
    assert world.ledger.events[0].facts["method"] == "certificate"


@pytest.mark.expect_log("the event signed_in could not be recorded; it is written as soon")
async def test_a_record_that_cannot_be_written_stops_no_sign_in_and_says_it_later() -> None:
    world = FakeWorld()
    world.ledger.full = True
    async with a_desk(world=world) as stage:
        assert stage.session.state is SessionState.SIGNED_IN
        await stage.until(lambda: bool(stage.of(TroubleNotice)))
        assert isinstance(stage.of(TroubleNotice)[0].error, LedgerUnwritable)
        began = world.clock.now()
        world.ledger.full = False
        await stage.until(lambda: bool(world.ledger.events))
        assert last(stage).name == EventName.SIGNED_IN
        assert last(stage).facts[HAPPENED_AT] <= began.isoformat()
        assert len(stage.of(TroubleNotice)) == 1
        assert (await stage.fill()).state is State.AWAITING_CODE


@pytest.mark.expect_log("the event signed_(in|out) could not be recorded")
async def test_at_a_kiosk_a_record_that_cannot_be_written_is_for_the_log_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = FakeWorld()
    world.ledger.full = True
    async with a_desk(world=world, settings=DeskSettings(wipe_after=60)) as stage:
        await stage.until(lambda: "the event signed_in could not be recorded" in caplog.text)
        assert stage.of(TroubleNotice) == []


async def test_a_person_who_serves_themselves_is_recorded_as_such() -> None:
    world = FakeWorld()
    settings = DeskSettings(lane=LaneRules())
    async with a_desk(world=world, settings=settings) as stage:
        await stage.until(lambda: bool(world.ledger.events))
        assert world.ledger.events[0].facts["operator_kind"] == "self_service"
        assert stage.station.lane is not None
        await stage.station.lane.leave()
        await stage.until(lambda: len(world.ledger.events) > 1)
    assert names(stage) == [("signed_in", ""), ("signed_out", "asked")]


# Files --------------------------------------------------------------------------------------


async def test_the_import_of_a_file_is_recorded_without_its_path_and_seeds() -> None:
    async with a_desk() as stage:
        stage.world.seeds.put("/there/seeds.csv", a_seed("0000770001"), a_seed("0000770002"))
        await stage.station.importing.open("/there/seeds.csv", "seeds.csv")
        await stage.until(lambda: stage.of(ImportNotice)[-1].state is ImportState.READY)
        await stage.station.importing.begin()
        await stage.until(lambda: last(stage).name == EventName.FILE_IMPORTED)
        event = last(stage)
        assert event.subject.kind is SubjectKind.JOB
        assert event.facts["file"] == "seeds.csv"
        assert event.facts["sha256"] == stage.world.seeds.given_out[0].sha256 != ""
        counts = {name: event.facts[name] for name in ("rows", "faults", "uploads")}
        assert counts == {"rows": "2", "faults": "0", "uploads": "2"}
        assert event.facts["operator_name"] == stage.world.directory.who.display_name
        assert "/there" not in repr(event)
        assert "0000770001" not in repr(event)


async def test_exports_are_recorded_by_name_and_count() -> None:
    async with a_desk() as stage:
        await stage.station.history.export(Wanted(), ExportForm.CSV)
        await stage.until(lambda: last(stage).name == EventName.HISTORY_EXPORTED)
        done = stage.of(ExportNotice)[-1]
        assert done.state is ExportState.DONE
        assert last(stage).facts["entries"] == str(done.count)
        assert last(stage).facts["file"] == done.path.rsplit("/", 1)[1]
        assert last(stage).subject == stage.world.ledger.events[0].subject
        await stage.station.inventory.refresh()
        await stage.until(lambda: SyncState.READY in {each.state for each in stage.of(SyncNotice)})
        await stage.station.inventory.export([0], InventoryForm.CSV)
        await stage.until(lambda: last(stage).name == EventName.INVENTORY_EXPORTED)
        assert last(stage).facts["rows"] == "1"
        assert (
            last(stage).facts["file"] == stage.of(InventoryExportNotice)[-1].path.rsplit("/", 1)[1]
        )


async def test_the_history_lists_what_happened_at_the_station() -> None:
    async with a_desk() as stage:
        await stage.station.lock.at_once()
        await stage.until(lambda: len(stage.world.ledger.events) == 2)
        wanted = Wanted(scope=HistoryScope.STATION)
        await stage.station.history.look(wanted)
        await stage.until(lambda: bool(stage.of(HistoryNotice)))
        page = stage.of(HistoryNotice)[-1].page
        assert page.lines == ()
        assert [each.event.name for each in page.events] == ["locked", "signed_in"]
        assert stage.today == ()


def test_causes_and_names_are_words_that_never_change() -> None:
    """They stand in records, and other programs read them."""
    assert [each.value for each in EventName] == [
        "signed_in",
        "signed_out",
        "locked",
        "unlocked",
        "file_imported",
        "history_exported",
        "inventory_exported",
    ]
    assert [each.value for each in Cause] == ["asked", "idle", "replaced", "closed"]
