"""T2: a resting state is what the directory holds, at every lag, late writes and all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from app.core.enrollment import RESTING, State
from app.core.errors import AnswerLost, Evidence, Rejected, Unreachable
from app.core.model import Mode, Operation
from app.core.record import EntryKind, Line
from app.station.context import Patience
from tests.fakes.nouns import a_person
from tests.fakes.tenant import Lag
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.station.beside import Beside
from tests.station.driven import pass_time, settle, without_threads
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

BOTH, ASSIGN = Mode.ASSIGN_AND_ACTIVATE, Mode.ASSIGN_ONLY
PATIENCE = Patience()
LAGS = (0, 1, 5, 20, 45, 60)
REFUSED = Rejected(Evidence(status=400))
LOST = AnswerLost(Evidence("POST", "/assign"))


async def after(stage: Stage, seconds: float) -> None:
    """Let so many seconds pass."""
    await pass_time(stage.world.clock, seconds)


async def reaches(stage: Stage, state: State, seconds: float = 120) -> None:
    """Let so many seconds pass at most, until the latest enrollment of the day is in `state`."""
    await settle()
    for _ in range(int(seconds)):
        if latest(stage).state is state:
            return
        await after(stage, 1)
    assert latest(stage).state is state


async def at_rest(stage: Stage) -> State:
    """Let time pass until the latest enrollment of the day rests."""
    await settle()
    for _ in range(200):
        if latest(stage).state in RESTING:
            break
        await after(stage, 1)
    return latest(stage).state


def latest(stage: Stage) -> Line:
    return max(stage.today, key=lambda line: line.began)


@asynccontextmanager
async def driven(mode: Mode = BOTH, world: FakeWorld | None = None) -> AsyncIterator[Stage]:
    """A desk with all patience, whose time is moved by the test alone."""
    world = world or FakeWorld()
    world.clock.stop()
    without_threads()
    async with a_desk(mode, PATIENCE, world) as stage:
        yield stage


# While it is being looked on ---------------------------------------------------------------------


@pytest.mark.parametrize("lag", LAGS)
async def test_t2_a_refused_code_that_left_the_token_assigned_is_half_done_at_every_lag(
    lag: float,
) -> None:
    async with driven() as stage:
        stage.world.tenant.lag = Lag(seconds=lag)
        stage.world.tenant.leaves_assigned = True
        await stage.fill()
        await stage.desk.submit(WRONG)
        assert await at_rest(stage) is State.HALF_DONE


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("activated", [True, False])
async def test_t2_what_another_desk_gives_the_same_person_is_seen_at_every_lag(
    lag: float, *, activated: bool
) -> None:
    async with driven() as stage:
        stage.world.tenant.lag = Lag(seconds=lag)
        await stage.fill()
        stage.world.directory.give(stage.world.token, stage.world.ada, activated=activated)
        stage.world.directory.fail("assign_and_activate", REFUSED)
        await stage.desk.submit(RIGHT)
        assert await at_rest(stage) is (State.ACTIVATED if activated else State.HALF_DONE)


@pytest.mark.parametrize("lag", LAGS)
async def test_t2_what_another_desk_gives_somebody_else_is_taken_at_every_lag(lag: float) -> None:
    async with driven() as stage:
        stage.world.tenant.lag = Lag(seconds=lag)
        await stage.fill()
        stage.world.directory.give(stage.world.token, stage.world.ben)
        await stage.desk.submit(RIGHT)
        assert await at_rest(stage) is State.TAKEN


async def test_t2_the_next_code_goes_out_while_the_refused_one_is_still_looked_after() -> None:
    async with driven() as stage:
        await stage.fill()
        await stage.desk.submit(WRONG)
        refused = await stage.reach(State.AFTER_REFUSAL)
        assert refused.wants_code
        await after(stage, 2)
        await stage.desk.submit(RIGHT)
        await after(stage, 2)
        done = stage.enrollment
        assert (done.state, done.id, done.attempts) == (State.ACTIVATED, refused.id, 2)
        await after(stage, 100)
        assert [entry.state for entry in stage.world.ledger.entries] == [
            State.RECORDING,
            State.AFTER_REFUSAL,
            State.RECORDING,
            State.CONFIRMING,
            State.ACTIVATED,
        ]


async def test_t2_nobody_waits_for_the_looks_after_a_refusal_and_they_are_counted() -> None:
    async with driven() as stage:
        await stage.fill()
        await stage.desk.submit(WRONG)
        await stage.reach(State.AFTER_REFUSAL)
        await stage.fill(stage.world.second, stage.world.ben)
        assert stage.state is State.AWAITING_CODE
        await after(stage, 120)
        looks = [call for call in stage.world.directory.calls if call.name == "hardware_methods"]
        assert len(looks) <= len(PATIENCE.delays)
        assert all(call.long_work for call in looks[1:])
        assert latest(stage).state is State.NOT_DONE


async def test_t2_another_enrollment_of_the_token_is_not_kept_waiting() -> None:
    async with driven() as stage:
        await stage.fill()
        await stage.desk.submit(WRONG)
        await stage.reach(State.AFTER_REFUSAL)
        await stage.desk.start_afresh()
        assert (await stage.fill()).state is State.AWAITING_CODE


async def test_t2_a_refusal_cut_short_is_looked_after_at_the_next_start() -> None:
    world = FakeWorld()
    world.tenant.lag = Lag(seconds=60)
    world.tenant.leaves_assigned = True
    async with driven(world=world) as stage:
        await stage.fill()
        await stage.desk.submit(WRONG)
        await stage.reach(State.AFTER_REFUSAL)
    async with driven(world=world) as stage:
        assert await at_rest(stage) is State.HALF_DONE


async def test_t2_a_draft_that_is_checked_anew_stays_while_the_last_attempt_is_looked_after() -> (
    None
):
    async with driven() as stage:
        await stage.fill()
        await stage.desk.submit(WRONG)
        await stage.reach(State.AFTER_REFUSAL)
        await stage.station.work.try_again()
        await stage.reach(State.AWAITING_CODE)
        await after(stage, 100)
        assert stage.state is State.AWAITING_CODE
        assert latest(stage).state is State.NOT_DONE


# What was believed too early ---------------------------------------------------------------------


async def test_t2_a_success_that_turns_out_undone_is_corrected_when_its_patience_ends() -> None:
    async with driven(ASSIGN) as stage:
        await stage.fill()
        await stage.desk.submit()
        await after(stage, 2)
        assert stage.state is State.ASSIGNED
        done = stage.enrollment
        await after(stage, 20)
        stage.world.tenant.take_back(stage.world.token.device_id, stage.world.clock.now())
        await reaches(stage, State.NOT_DONE)
        assert latest(stage).corrected is State.ASSIGNED
        assert (stage.enrollment.id, stage.enrollment.state) == (done.id, State.NOT_DONE)


async def test_t2_what_this_desk_takes_back_itself_is_no_correction() -> None:
    async with driven(ASSIGN) as stage:
        await stage.fill()
        await stage.desk.submit()
        await after(stage, 2)
        assert stage.state is State.ASSIGNED
        beside = Beside(stage)
        token = stage.world.tenant.tokens[stage.world.token.device_id]
        await beside.begin(Operation.UNASSIGN, token)
        await beside.show()
        await beside.work.submit()
        await after(stage, 2)
        assert beside.state is State.RETURNED
        await after(stage, 200)
        assert {line.state for line in stage.today} == {State.ASSIGNED, State.RETURNED}
        assert corrections(stage) == []


# After the patience ------------------------------------------------------------------------------


def corrections(stage: Stage) -> list[State]:
    entries = stage.world.ledger.entries
    return [entry.state for entry in entries if entry.kind is EntryKind.CORRECTION]


async def lost(stage: Stage) -> None:
    """An assignment whose answer was lost, and of which nothing was seen: NOT_DONE."""
    await stage.fill()
    stage.world.directory.fail("assign", LOST)
    await stage.desk.submit()
    await reaches(stage, State.NOT_DONE)
    await stage.desk.start_afresh()


def land(world: FakeWorld, *, activated: bool = False) -> None:
    """Let the directory act upon the request now."""
    world.directory.give(world.token, world.ada, activated=activated)


async def test_t2_a_late_write_is_found_when_the_token_is_scanned_again() -> None:
    async with driven(ASSIGN) as stage:
        await lost(stage)
        await after(stage, 60)
        land(stage.world)
        await stage.scan(stage.world.token.serial_number)
        await reaches(stage, State.ASSIGNED, 5)
        entry = stage.world.ledger.entries[-1]
        assert entry.kind is EntryKind.CORRECTION
        assert entry.facts["was"] == "not_done"
        assert entry.facts["event"] == "FoundAssigned"
        assert entry.facts["seen_holder"] == stage.world.ada.id
        assert stage.world.directory.writes == ["assign"]


async def test_t2_a_late_write_is_found_when_the_person_is_looked_up_again() -> None:
    async with driven(ASSIGN) as stage:
        await lost(stage)
        land(stage.world)
        await stage.badge(stage.world.ada)
        await reaches(stage, State.ASSIGNED, 5)


async def test_t2_a_late_write_is_found_at_the_start() -> None:
    world = FakeWorld()
    async with driven(ASSIGN, world) as stage:
        await lost(stage)
    land(world)
    world.clock.advance(3600)
    async with driven(ASSIGN, world) as stage:
        await reaches(stage, State.ASSIGNED, 5)
        assert latest(stage).corrected is State.NOT_DONE


async def test_t2_a_late_write_is_found_once_a_day() -> None:
    async with driven(ASSIGN) as stage:
        await lost(stage)
        await after(stage, 180)
        land(stage.world)
        await after(stage, 60)
        assert corrections(stage) == []
        stage.world.clock.advance(86_400 - 400)
        await reaches(stage, State.ASSIGNED)


async def test_t2_a_request_that_hung_for_150_seconds_is_found_without_a_gesture() -> None:
    async with driven(ASSIGN) as stage:
        stage.world.tenant.lag = Lag(seconds=60)
        await lost(stage)
        await after(stage, 60)
        land(stage.world)
        await reaches(stage, State.ASSIGNED)
        assert stage.world.directory.writes == ["assign"]


async def test_t2_a_late_removal_is_found_too() -> None:
    async with driven() as stage:
        beside = Beside(stage)
        land(stage.world, activated=True)
        await beside.begin(Operation.UNASSIGN)
        await beside.show()
        stage.world.directory.fail("unassign", LOST)
        await beside.work.submit()
        await reaches(stage, State.NOT_DONE)
        stage.world.tenant.take_back(stage.world.token.device_id, stage.world.clock.now())
        await stage.scan(stage.world.token.serial_number)
        await reaches(stage, State.RETURNED, 5)


@pytest.mark.expect_log("could not be looked at again")
async def test_t2_a_correction_that_cannot_be_written_is_found_again() -> None:
    async with driven(ASSIGN) as stage:
        await lost(stage)
        land(stage.world)
        stage.world.ledger.full = True
        await stage.scan(stage.world.token.serial_number)
        await after(stage, 5)
        assert latest(stage).state is State.NOT_DONE
        stage.world.ledger.full = False
        await reaches(stage, State.ASSIGNED)


async def test_t2_a_look_that_fails_is_tried_again() -> None:
    async with driven(ASSIGN) as stage:
        await lost(stage)
        land(stage.world)
        stage.world.directory.fail("hardware_methods", Unreachable(Evidence()))
        await stage.badge(stage.world.ada)
        await reaches(stage, State.ASSIGNED)


# What is no correction ---------------------------------------------------------------------------


async def test_t2_what_an_administrator_gives_days_later_is_not_this_request() -> None:
    world = FakeWorld()
    async with driven(ASSIGN, world) as stage:
        await lost(stage)
    world.clock.advance(timedelta(days=3).total_seconds())
    land(world)
    async with driven(ASSIGN, world) as stage:
        await stage.scan(world.token.serial_number)
        await after(stage, 5)
        assert corrections(stage) == []


async def test_t2_what_an_administrator_takes_back_later_undoes_nothing() -> None:
    world = FakeWorld()
    async with driven(ASSIGN, world) as stage:
        await stage.fill()
        await stage.desk.submit()
        await after(stage, 2)
        assert stage.state is State.ASSIGNED
        await after(stage, 100)
        await after(stage, 300)
        world.tenant.take_back(world.token.device_id, world.clock.now())
        await stage.desk.start_afresh()
        await stage.scan(world.token.serial_number)
        await after(stage, 5)
        assert latest(stage).state is State.ASSIGNED
    async with driven(ASSIGN, world) as stage:
        await after(stage, 5)
        assert corrections(stage) == []


async def test_t2_an_older_enrollment_is_left_alone_once_a_newer_one_has_the_token() -> None:
    async with driven(ASSIGN) as stage:
        await lost(stage)
        carl = stage.world.tenant.add_person(a_person("Carl", "20419"))
        await stage.fill(person=carl)
        await stage.desk.submit()
        await after(stage, 2)
        assert stage.state is State.ASSIGNED
        stage.world.tenant.take_back(stage.world.token.device_id, stage.world.clock.now())
        land(stage.world)
        await stage.desk.start_afresh()
        await stage.badge(stage.world.ada)
        await after(stage, 5)
        assert corrections(stage) == []
