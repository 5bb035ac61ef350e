"""What was cut short is asked about, never sent again, and ends as the directory says."""

from __future__ import annotations

import asyncio

import pytest

from app.core.enrollment import UNDERWAY, State
from app.core.errors import AnswerLost, DirectoryError, Evidence, LedgerUnreadable, Rejected
from app.core.model import Mode
from app.station.notices import TroubleNotice
from app.station.recovery import AT_ONCE
from tests.fakes.nouns import a_token
from tests.fakes.tenant import Lag
from tests.fakes.world import RIGHT, FakeWorld
from tests.station.stage import AWAY, SHORT, Stage, a_desk

pytestmark = pytest.mark.anyio

BOTH, ASSIGN = Mode.ASSIGN_AND_ACTIVATE, Mode.ASSIGN_ONLY
WRITE = {BOTH: "assign_and_activate", ASSIGN: "assign"}
DONE = {BOTH: State.ACTIVATED, ASSIGN: State.ASSIGNED}
LOST = AnswerLost(Evidence("POST", "/assign"))
REFUSED = Rejected(Evidence(status=400))
HOUR = 3600


async def cut_while_sending(mode: Mode, *, acts: bool) -> FakeWorld:
    """A run that ended while its request was out; the directory had acted if `acts`."""
    async with a_desk(mode) as stage:
        await stage.fill()
        held = stage.world.directory.hold(WRITE[mode], acts=acts)
        await stage.desk.submit(RIGHT)
        await held.reached.wait()
    return stage.world


async def cut_while_looking(
    mode: Mode, error: DirectoryError | None = None, *, acts: bool = False
) -> FakeWorld:
    """A run that ended at its first look, after the request had ended in `error`."""
    async with a_desk(mode) as stage:
        await stage.fill()
        if error is not None:
            stage.world.directory.fail(WRITE[mode], error, acts=acts)
        held = stage.world.directory.hold("hardware_methods")
        await stage.desk.submit(RIGHT)
        await held.reached.wait()
    return stage.world


async def left_unsettled(mode: Mode, *, acts: bool) -> FakeWorld:
    """A run in which the answer was lost and no look succeeded."""
    async with a_desk(mode) as stage:
        await stage.fill()
        stage.world.directory.fail(WRITE[mode], LOST, acts=acts)
        stage.world.directory.fail_always("hardware_methods", AWAY)
        await stage.submit()
    stage.world.directory.recover("hardware_methods")
    return stage.world


def last_state(world: FakeWorld) -> State:
    return world.ledger.entries[-1].state


def looks(world: FakeWorld) -> int:
    return world.directory.count("hardware_methods")


async def settled(stage: Stage) -> State:
    await stage.until(lambda: stage.today[0].rests)
    return stage.today[0].state


# Cut at each point -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
async def test_what_was_sent_and_done_is_found_done(mode: Mode) -> None:
    world = await cut_while_sending(mode, acts=True)
    assert last_state(world) is State.RECORDING
    async with a_desk(mode, world=world) as stage:
        assert await settled(stage) is DONE[mode]
    assert world.directory.writes == [WRITE[mode]]


@pytest.mark.parametrize("mode", Mode)
async def test_what_was_sent_and_not_done_is_found_not_done_and_not_sent_again(mode: Mode) -> None:
    world = await cut_while_sending(mode, acts=False)
    async with a_desk(mode, world=world) as stage:
        assert await settled(stage) is State.NOT_DONE
    assert world.directory.writes == [WRITE[mode]]


@pytest.mark.parametrize("mode", Mode)
async def test_what_was_accepted_stays_so_and_is_confirmed(mode: Mode) -> None:
    world = await cut_while_looking(mode)
    assert last_state(world) is State.CONFIRMING
    async with a_desk(mode, world=world) as stage:
        assert await settled(stage) is DONE[mode]
    assert [entry.state for entry in world.ledger.entries] == [
        State.RECORDING,
        State.CONFIRMING,
        DONE[mode],
    ]


async def test_what_was_accepted_and_is_nowhere_to_be_seen_is_not_called_undone() -> None:
    world = await cut_while_looking(ASSIGN)
    world.tenant.lag = Lag(seconds=HOUR)
    world.tenant.take_back(world.token.device_id, world.clock.now())
    async with a_desk(ASSIGN, world=world) as stage:
        assert await settled(stage) is State.UNSETTLED


@pytest.mark.parametrize(("acts", "end"), [(True, State.ASSIGNED), (False, State.NOT_DONE)])
async def test_what_was_refused_is_looked_after_to_its_end(*, acts: bool, end: State) -> None:
    world = await cut_while_looking(ASSIGN, REFUSED, acts=acts)
    assert last_state(world) is State.AFTER_REFUSAL
    async with a_desk(ASSIGN, world=world) as stage:
        assert await settled(stage) is end
    assert world.directory.writes == ["assign"]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("acts", [True, False])
async def test_a_lost_answer_is_resolved_after_the_restart(mode: Mode, *, acts: bool) -> None:
    world = await cut_while_looking(mode, LOST, acts=acts)
    assert last_state(world) is State.RESOLVING
    async with a_desk(mode, world=world) as stage:
        assert await settled(stage) is (DONE[mode] if acts else State.NOT_DONE)
    assert world.directory.writes == [WRITE[mode]]


@pytest.mark.parametrize("acts", [True, False])
async def test_what_stayed_open_is_asked_about_again(*, acts: bool) -> None:
    world = await left_unsettled(ASSIGN, acts=acts)
    assert last_state(world) is State.UNSETTLED
    async with a_desk(ASSIGN, world=world) as stage:
        await stage.until(lambda: stage.today[0].state is not State.UNSETTLED)
        assert await settled(stage) is (State.ASSIGNED if acts else State.NOT_DONE)
    assert world.directory.writes == ["assign"]


async def test_a_half_done_activation_is_found_half_done() -> None:
    world = await cut_while_sending(BOTH, acts=False)
    world.directory.give(world.token, world.ada)
    async with a_desk(world=world) as stage:
        assert await settled(stage) is State.HALF_DONE
        await stage.desk.resume(stage.today[0].enrollment_id)
        world.clock.advance(30)
        assert (await stage.submit()).state is State.ACTIVATED
    assert world.directory.writes == ["assign_and_activate", "activate"]


async def test_what_another_desk_took_meanwhile_is_found_taken() -> None:
    world = await cut_while_sending(ASSIGN, acts=False)
    world.directory.give(world.token, world.ben)
    async with a_desk(ASSIGN, world=world) as stage:
        assert await settled(stage) is State.TAKEN


async def test_a_station_cut_again_and_again_still_finds_the_truth() -> None:
    world = await cut_while_sending(ASSIGN, acts=True)
    for _ in range(3):
        held = world.directory.hold("hardware_methods")
        async with a_desk(ASSIGN, world=world):
            await held.reached.wait()
    async with a_desk(ASSIGN, world=world) as stage:
        assert await settled(stage) is State.ASSIGNED
    assert world.directory.writes == ["assign"]


async def test_what_rests_is_left_in_peace() -> None:
    async with a_desk(ASSIGN) as before:
        await before.fill()
        await before.submit()
    asked = looks(before.world)
    async with a_desk(ASSIGN, world=before.world) as stage:
        await stage.a_moment()
    assert looks(before.world) == asked


# How long, and how many --------------------------------------------------------------------------


async def test_what_is_old_is_looked_at_twice_and_what_is_fresh_with_all_patience() -> None:
    old = await cut_while_sending(ASSIGN, acts=False)
    fresh = await cut_while_sending(ASSIGN, acts=False)
    old.clock.advance(HOUR)
    for world in (old, fresh):
        async with a_desk(ASSIGN, world=world) as stage:
            assert await settled(stage) is State.NOT_DONE
    assert (looks(old), looks(fresh)) == (2, len(SHORT.delays))


async def test_a_clock_that_was_set_back_costs_patience_and_nothing_else() -> None:
    world = await cut_while_sending(ASSIGN, acts=False)
    world.clock.set_back(HOUR)
    async with a_desk(ASSIGN, world=world) as stage:
        assert await settled(stage) is State.NOT_DONE


async def many_cut(count: int) -> FakeWorld:
    async with a_desk(ASSIGN) as stage:
        for number in range(count):
            token = stage.world.tenant.add_token(a_token(f"8659100{number}"))
            await stage.fill(token, stage.world.tenant.add_person(stage.world.ada))
            held = stage.world.directory.hold("assign", acts=True)
            await stage.desk.submit()
            await held.reached.wait()
            await stage.desk.start_afresh()
    return stage.world


async def test_several_are_settled_side_by_side_and_none_is_sent_again() -> None:
    world = await many_cut(4)
    holds = [world.directory.hold("hardware_methods") for _ in range(4)]
    async with a_desk(ASSIGN, world=world) as stage:
        for hold in holds[:AT_ONCE]:
            await hold.reached.wait()
        await stage.a_moment()
        assert not holds[AT_ONCE].reached.is_set()
        for hold in holds:
            hold.go.set()
        await stage.until(lambda: all(line.state is State.ASSIGNED for line in stage.today))
    assert world.directory.count("assign") == 4


async def test_what_still_waits_to_be_asked_about_cannot_be_sent_anew() -> None:
    world = await many_cut(4)
    holds = [world.directory.hold("hardware_methods") for _ in range(4)]
    async with a_desk(ASSIGN, world=world) as stage:
        await holds[0].reached.wait()
        for line in stage.today:
            known = stage.desk.submissions.known(line.enrollment_id)
            assert known is not None
            assert known.state in UNDERWAY
            await stage.desk.resume(line.enrollment_id)
            await stage.desk.submit()
            await stage.desk.start_afresh()
        for hold in holds:
            hold.go.set()
        await stage.until(lambda: all(line.state is State.ASSIGNED for line in stage.today))
    assert world.directory.count("assign") == 4


# In one session ----------------------------------------------------------------------------------


async def test_one_that_is_on_its_way_is_left_alone() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        held = stage.world.directory.hold("hardware_methods")
        await stage.desk.submit()
        await held.reached.wait()
        await stage.station.recovery.settle()
        assert (stage.state, looks(stage.world)) == (State.CONFIRMING, 1)
        held.go.set()
        await stage.reach(State.ASSIGNED)
        assert looks(stage.world) == 1


@pytest.mark.expect_log("could not be recorded")
async def test_one_that_came_to_rest_is_left_alone_though_the_record_lags() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.world.ledger.room = 1
        await stage.fill()
        done = await stage.submit()
        await stage.station.recovery.settle()
        assert (stage.enrollment, looks(stage.world)) == (done, 1)


async def test_what_stayed_open_is_settled_on_the_desk_when_the_network_is_back() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        stage.world.directory.fail("assign", LOST, acts=True)
        stage.world.directory.fail_always("hardware_methods", AWAY)
        unsettled = await stage.submit()
        assert unsettled.state is State.UNSETTLED
        stage.lose_network()
        stage.regain_network()
        done = await stage.reach(State.ASSIGNED)
        assert (done.id, done.person) == (unsettled.id, stage.world.ada)
        assert stage.world.directory.writes == ["assign"]


async def test_what_was_cut_off_while_being_settled_is_taken_up_by_the_next() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        stage.world.directory.fail("assign", LOST, acts=True)
        stage.world.directory.fail_always("hardware_methods", AWAY)
        await stage.submit()
        stage.world.directory.recover("hardware_methods")
        held = stage.world.directory.hold("hardware_methods")
        settling = asyncio.create_task(stage.station.recovery.settle())
        await held.reached.wait()
        settling.cancel()
        await asyncio.wait([settling])
        assert stage.states()[-1] is State.RESOLVING
        await stage.station.recovery.settle()
        assert stage.states()[-1] is State.ASSIGNED


async def test_a_network_that_comes_and_goes_cuts_nothing_short() -> None:
    world = await cut_while_sending(ASSIGN, acts=True)
    held = world.directory.hold("hardware_methods")
    async with a_desk(ASSIGN, world=world) as stage:
        await held.reached.wait()
        for answered in (False, True, False, True):
            stage.station.heard(answered=answered, latency=None)
            await stage.a_moment()
        held.go.set()
        assert await settled(stage) is State.ASSIGNED
        await stage.a_moment()
    assert (world.directory.writes, looks(world)) == (["assign"], 1)


@pytest.mark.expect_log("the record is in the way")
async def test_a_record_that_cannot_be_read_is_told() -> None:
    async with a_desk() as stage:
        await stage.a_moment()
        stage.world.ledger.damage = LedgerUnreadable("damaged")
        stage.lose_network()
        stage.regain_network()
        await stage.until(lambda: bool(stage.of(TroubleNotice)))
        assert stage.of(TroubleNotice)[0].error is stage.world.ledger.damage
