"""T1: what was submitted is listed until it is settled, also where the record cannot be written.

Where it says "real", the record is a file, and another program holds its write lock as a backup or
a virus scanner may. Elsewhere the disk of the record is full.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.core.lane import LaneStep
from app.core.model import Mode, Operation
from app.core.record import SELF_SERVICE, Entry, EntryKind
from app.ledger import SqliteLedger, verify
from app.ledger.reading import records
from app.station.notices import DeskNotice, TroubleNotice
from app.station.today import TodayNotice
from tests.fakes.world import RIGHT, FakeWorld
from tests.station.stage import DESK, Stage, a_desk
from tests.station.test_lane import a_lane

pytestmark = pytest.mark.anyio

ASSIGN = Mode.ASSIGN_ONLY
LOCKED = 60.0
"""Seconds of real time in which SQLite gives a locked file up, twice, on a busy machine."""
KIOSK = replace(DESK, wipe_after=30.0)
not_recorded = pytest.mark.expect_log("it is written as soon as the record can be written")
lost_at_the_end = pytest.mark.expect_log("closes without having recorded it")


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the write lock of the file at `path`, as another program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def a_world(path: Path) -> FakeWorld:
    world = FakeWorld()
    world.ledger = SqliteLedger(path)  # type: ignore[assignment] # the real thing in its place
    return world


async def listed(stage: Stage, enrollment_id: str, state: State) -> None:
    """Wait until the enrollment is listed in `state`."""
    wanted = (enrollment_id, state)
    await stage.until(lambda: wanted in {(line.enrollment_id, line.state) for line in stage.today})


async def submitted(stage: Stage) -> str:
    """Submit what a full disk does not let be recorded, and go on to the next token at once.

    From then on time stands still, so that it is not tried again by itself.
    """
    await stage.fill()
    stage.world.ledger.full = True
    stage.world.clock.stop()
    sent = stage.enrollment.id
    await stage.desk.submit(RIGHT)
    await stage.scan(stage.world.second.serial_number)
    await listed(stage, sent, State.UNRECORDED)
    await stage.a_moment()
    assert stage.enrollment.id != sent
    assert stage.world.directory.writes == []
    return sent


async def recorded(stage: Stage, count: int = 1) -> tuple[Entry, ...]:
    stage.world.ledger.full = False
    stage.world.clock.run()
    await stage.until(lambda: len(stage.world.ledger.entries) >= count)
    return stage.world.ledger.entries


# In front no more -------------------------------------------------------------------------------


@not_recorded
async def test_t1_real_a_submit_is_listed_and_recorded_though_the_next_token_has_come(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.db"
    async with a_desk(ASSIGN, world=a_world(path)) as stage:
        await stage.fill()
        sent = stage.enrollment.id
        with held(path):
            await stage.desk.submit()
            await stage.scan(stage.world.second.serial_number)
            await stage.until(lambda: bool(stage.today), LOCKED)
            assert stage.world.directory.writes == []
            assert stage.line(sent).needs_attention
            assert stage.enrollment.id != sent
            await stage.desk.start_afresh()
            assert stage.line(sent).needs_attention
        await stage.until(lambda: not stage.station.recorder.held, LOCKED)
        assert stage.line(sent).needs_attention
    (only,) = records(path)
    assert (only.entry.kind, only.entry.state) == (EntryKind.ATTEMPT, State.UNRECORDED)
    assert only.entry.facts["serial_number"] == stage.world.token.serial_number
    assert only.entry.facts["happened_at"] < only.entry.at.isoformat()
    assert verify(path) is None


@not_recorded
async def test_t1_what_was_not_recorded_is_still_listed_after_a_restart() -> None:
    async with a_desk(ASSIGN) as stage:
        sent = await submitted(stage)
        await recorded(stage)
    stage.world.clock.advance(3 * 86_400)
    async with a_desk(ASSIGN, world=stage.world) as later:
        assert later.line(sent).state is State.UNRECORDED


@not_recorded
@pytest.mark.parametrize("writable", [True, False])
async def test_t1_opening_it_brings_token_and_person_back_and_goes_on_as_the_same(
    *, writable: bool
) -> None:
    async with a_desk() as stage:
        sent = await submitted(stage)
        if writable:
            await recorded(stage)
        await stage.station.resume(sent)
        await stage.reach(State.AWAITING_CODE)
        assert stage.token_card.serial_number == stage.world.token.serial_number
        assert stage.person_card.person == stage.world.ada
        assert stage.line(sent).state is State.UNRECORDED
        stage.world.ledger.full = False
        stage.world.clock.run()
        done = await stage.submit(RIGHT)
        assert (done.id, done.state, done.attempts) == (sent, State.ACTIVATED, 2)
        assert [line.state for line in stage.today] == [State.ACTIVATED]
        kinds = [entry.kind for entry in stage.world.ledger.entries]
        assert kinds[:2] == [EntryKind.ATTEMPT, EntryKind.INTENT]


@not_recorded
async def test_t1_a_second_token_scanned_over_what_was_brought_back_leaves_the_first_listed() -> (
    None
):
    async with a_desk(ASSIGN) as stage:
        sent = await submitted(stage)
        await recorded(stage)
        await stage.station.resume(sent)
        await stage.reach(State.READY)
        await stage.fill(stage.world.second, stage.world.ben)
        await stage.submit()
        assert {line.state for line in stage.today} == {State.UNRECORDED, State.ASSIGNED}
        assert stage.line(sent).serial_number == stage.world.token.serial_number


@not_recorded
@pytest.mark.parametrize("writable", [True, False])
async def test_t1_it_can_be_dismissed_knowingly_and_the_record_says_so(*, writable: bool) -> None:
    async with a_desk(ASSIGN) as stage:
        sent = await submitted(stage)
        if writable:
            await recorded(stage)
        await stage.station.dismiss(sent)
        assert stage.line(sent).state is State.WITHDRAWN
        entries = await recorded(stage, 2)
        assert [entry.state for entry in entries] == [State.UNRECORDED, State.WITHDRAWN]


@not_recorded
async def test_t1_dismissing_asks_the_directory_about_an_earlier_attempt_that_was_sent() -> None:
    async with a_desk() as stage:
        stage.world.tenant.leaves_assigned = True
        await stage.fill()
        sent = (await stage.submit("999999")).id
        assert stage.state is State.HALF_DONE
        stage.world.ledger.full = True
        await stage.desk.submit(RIGHT)
        await listed(stage, sent, State.UNRECORDED)
        await stage.a_moment()
        stage.world.ledger.full = False
        await stage.station.dismiss(sent)
        await listed(stage, sent, State.HALF_DONE)
        assert stage.world.directory.writes == ["assign_and_activate"]


async def test_t1_what_was_recorded_cannot_be_dismissed() -> None:
    async with a_desk() as stage:
        await stage.fill()
        sent = (await stage.submit("999999")).id
        await stage.station.dismiss(sent)
        assert stage.line(sent).state is State.NOT_DONE


@pytest.mark.expect_log("could not be recorded; it is written as soon as")
async def test_t1_an_outcome_that_cannot_be_recorded_is_listed_and_recorded_later() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        stage.world.ledger.room = 1
        sent = stage.enrollment.id
        await stage.desk.submit()
        await stage.desk.start_afresh()
        await listed(stage, sent, State.ASSIGNED)
        assert len(stage.world.ledger.entries) == 1
        stage.world.ledger.room = None
        await stage.until(lambda: stage.world.ledger.entries[-1].state is State.ASSIGNED)
        assert "happened_at" in stage.world.ledger.entries[-1].facts


# The others beside the desk ---------------------------------------------------------------------


@not_recorded
async def test_t1_an_activation_later_that_cannot_be_recorded_is_listed_though_it_was_left() -> (
    None
):
    world = FakeWorld()
    world.directory.give(world.token, world.ada)
    async with a_desk(world=world) as stage:
        life = stage.station.work
        await life.begin(Operation.ACTIVATE, world.tenant.tokens["device-86590001"], world.ada)
        world.ledger.full = True
        world.clock.stop()
        await life.submit(RIGHT)
        await life.cancel()
        await stage.until(lambda: bool(stage.of(TodayNotice)[-1].lines))
        await stage.a_moment()
        (line,) = stage.today
        assert (line.state, line.operation) == (State.UNRECORDED, Operation.ACTIVATE)
        world.ledger.full = False
        world.clock.run()
        await stage.station.resume(line.enrollment_id)
        await stage.checked()
        assert (await stage.submit(RIGHT)).state is State.ACTIVATED
        assert [line.state for line in stage.today] == [State.ACTIVATED]


# Where it ends ----------------------------------------------------------------------------------


@not_recorded
async def test_t1_a_sign_out_leaves_it_listed_and_the_next_operator_can_try_again() -> None:
    async with a_desk(ASSIGN) as stage:
        sent = await submitted(stage)
        await stage.station.sign_out()
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.station.session.operator is not None)
        assert stage.line(sent).state is State.UNRECORDED
        stage.world.ledger.full = False
        stage.world.clock.run()
        await stage.station.resume(sent)
        await stage.reach(State.READY)
        assert (await stage.submit()).state is State.ASSIGNED
        assert [line.state for line in stage.today] == [State.ASSIGNED]


@not_recorded
async def test_t1_real_a_sign_out_while_the_record_is_held_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    async with a_desk(ASSIGN, world=a_world(path)) as stage:
        await stage.fill()
        sent = stage.enrollment.id
        with held(path):
            await stage.desk.submit()
            await stage.a_moment()
            await stage.station.sign_out()
            await listed(stage, sent, State.UNRECORDED)
    assert [each.entry.kind for each in records(path)] == [EntryKind.ATTEMPT]
    assert stage.world.directory.writes == []


@not_recorded
async def test_t1_a_sign_out_in_the_same_moment_as_the_submit_lists_it() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        sent = stage.enrollment.id
        await stage.desk.submit()
        await stage.desk.close()
        assert stage.line(sent).state is State.UNRECORDED
        await recorded(stage)


@not_recorded
async def test_t1_closing_tries_once_more() -> None:
    async with a_desk(ASSIGN) as stage:
        await submitted(stage)
        stage.world.ledger.full = False
    assert [entry.kind for entry in stage.world.ledger.entries] == [EntryKind.ATTEMPT]


@not_recorded
@lost_at_the_end
async def test_t1_closing_says_in_the_log_what_could_not_be_recorded() -> None:
    async with a_desk(ASSIGN) as stage:
        await submitted(stage)
    assert stage.world.ledger.entries == ()


# At a kiosk -------------------------------------------------------------------------------------


@not_recorded
async def test_t1_at_a_kiosk_the_next_visitor_sees_nothing_of_it_and_the_record_has_it() -> None:
    async with a_desk(ASSIGN, settings=KIOSK) as stage:
        await stage.fill()
        stage.world.ledger.full = True
        sent = stage.enrollment.id
        await stage.desk.submit()
        await stage.station.desk.start_afresh()
        shown = len(stage.notices)
        await stage.until(lambda: bool(stage.station.recorder.held))
        await stage.fill(stage.world.second, stage.world.ben)
        later = stage.notices[shown:]
        assert not [n for n in later if isinstance(n, TodayNotice | TroubleNotice)]
        desks = [n for n in later if isinstance(n, DeskNotice)]
        assert sent not in {notice.enrollment.id for notice in desks}
        assert stage.world.ada not in {notice.person_card.person for notice in desks}
        (entry,) = await recorded(stage)
        assert (entry.enrollment_id, entry.state) == (sent, State.UNRECORDED)


@not_recorded
async def test_t1_at_a_kiosk_work_for_the_tray_is_not_put_back_onto_the_next_visitors_desk() -> (
    None
):
    async with a_desk(ASSIGN, settings=KIOSK) as stage:
        stage.lose_network()
        stage.world.ledger.full = True
        await stage.scan("86590001")
        await stage.desk.refer("20417")
        await asyncio.gather(stage.desk.submit(), stage.scan("86590002"))
        assert stage.token_card.serial_number == "86590002"
        assert stage.of(TroubleNotice) == []
        stage.world.clock.run()
        (entry,) = await recorded(stage)
        assert (entry.kind, entry.facts["person"]) == (EntryKind.ATTEMPT, "20417")


@not_recorded
async def test_t1_in_self_service_it_goes_to_the_record_and_is_told_to_nobody_else() -> None:
    async with a_lane() as lane:
        stage, ledger = lane.stage, lane.world.ledger
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        ledger.full = True
        await lane.it.submit(RIGHT)
        await lane.reach(LaneStep.END)
        assert lane.stands_at(State.UNRECORDED)
        await lane.it.leave()
        assert lane.is_wiped()
        assert stage.of(TodayNotice) == []
        assert stage.of(TroubleNotice) == []
        ledger.full = False
        await stage.until_later(lambda: bool(ledger.entries))
        (entry,) = ledger.entries
        assert (entry.kind, entry.facts["operator_kind"]) == (EntryKind.ATTEMPT, SELF_SERVICE)


@not_recorded
async def test_t1_in_self_service_the_same_person_can_try_again() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        lane.world.ledger.full = True
        await lane.it.submit(RIGHT)
        await lane.reach(LaneStep.END)
        lane.world.ledger.full = False
        await lane.it.try_again()
        await lane.reach(LaneStep.CODE)
        await lane.it.submit(RIGHT)
        await lane.settle(State.ACTIVATED)
