"""One token for another: two enrollments that know each other, and nothing of it is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.core.enrollment import State
from app.core.errors import AnswerLost, Evidence, LedgerUnwritable, NotFound, Rejected, Unreachable
from app.core.model import METHODS_LIMIT, Mode, Operation, Person, Proof, Reason, Token
from app.core.preflight import FindingKind
from app.core.record import EntryKind
from app.station.desk.notices import OffersNotice
from app.station.notices import TroubleNotice
from tests.fakes.nouns import a_token, an_authenticator
from tests.fakes.tenant import Lag
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.station.beside import Beside
from tests.station.stage import a_desk

pytestmark = pytest.mark.anyio

REFUSED = Rejected(Evidence(status=400))
AWAY = Unreachable(Evidence())


def a_world(*, at_limit: bool = False) -> FakeWorld:
    """Ada has the first token, activated; the second one is new."""
    world = FakeWorld()
    apps = (an_authenticator(number) for number in range(METHODS_LIMIT - 1))
    if at_limit:
        world.tenant.add_person(world.ada, *apps)
    world.directory.give(world.token, world.ada, activated=True)
    world.clock.advance(120)
    return world


@asynccontextmanager
async def replacing(
    world: FakeWorld, reason: Reason = Reason.LOST, new: Token | None = None
) -> AsyncIterator[Beside]:
    async with a_desk(world=world) as stage:
        desk = Beside(stage)
        await desk.work.replace(
            world.token, new or world.second, world.ada, reason, Mode.ASSIGN_AND_ACTIVATE
        )
        yield desk


async def offered(desk: Beside, *, ready: bool = True) -> str:
    """Wait for the offer of the second half; return its enrollment's id."""
    await desk.stage.until(lambda: bool(desk.stage.of(OffersNotice)))
    await desk.stage.until(lambda: [offer.is_ready for offer in desk.offers] == [ready])
    return desk.offers[0].second.id


async def nothing_offered(desk: Beside) -> None:
    await desk.stage.until(lambda: desk.offers == ())


def held(world: FakeWorld, person: Person | None = None) -> list[str]:
    return [t.serial_number for t in world.tenant.held_by((person or world.ada).id)]


async def finish_taking(desk: Beside, proof: Proof = Proof.LOST) -> State:
    """Do the half that takes the old token back."""
    await desk.work.take_up(await offered(desk))
    await desk.work.say_missing(proof)
    return (await desk.confirm()).state


@pytest.mark.parametrize("lag", [Lag(), Lag(seconds=5)], ids=str)
async def test_the_new_token_comes_first_and_the_old_one_goes_after(lag: Lag) -> None:
    world = a_world()
    world.tenant.lag = lag
    async with replacing(world) as desk:
        assert (desk.state, desk.enrollment.token) == (State.AWAITING_CODE, world.second)
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert await finish_taking(desk) is State.RETURNED
        await nothing_offered(desk)
        assert held(world) == ["86590002"]
        assert world.directory.writes == ["assign_and_activate", "unassign"]


async def test_at_the_limit_the_old_token_goes_first() -> None:
    world = a_world(at_limit=True)
    async with replacing(world) as desk:
        assert (desk.state, desk.enrollment.token) == (
            State.AWAITING_TOKEN,
            world.tenant.tokens[world.token.device_id],
        )
        await desk.work.say_missing(Proof.LOST)
        assert (await desk.confirm()).state is State.RETURNED
        await desk.work.take_up(await offered(desk))
        assert desk.state is State.AWAITING_CODE
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        await nothing_offered(desk)
        assert held(world) == ["86590002"]
        assert world.directory.writes == ["unassign", "assign_and_activate"]


async def test_the_second_half_is_on_record_before_the_first_is_sent() -> None:
    world = a_world()
    async with replacing(world) as desk:
        await desk.confirm(RIGHT)
        order = world.journal.of("ledger", "directory")
    sent = order.index("directory assign_and_activate")
    assert order[sent - 2 : sent] == ["ledger due due", "ledger intent recording"]


async def test_two_confirmations_of_one_gesture_record_and_send_once() -> None:
    world = a_world()
    async with replacing(world) as desk:
        await asyncio.gather(desk.work.submit(RIGHT), desk.work.submit(RIGHT))
        await desk.stage.until(lambda: desk.state is State.ACTIVATED)
        kinds = [entry.kind for entry in world.ledger.entries]
        assert (kinds.count(EntryKind.DUE), kinds.count(EntryKind.INTENT)) == (1, 1)
        assert world.directory.writes == ["assign_and_activate"]


async def test_both_halves_tell_of_each_other_and_why() -> None:
    world = a_world()
    async with replacing(world, Reason.BROKEN) as desk:
        await desk.confirm(RIGHT)
        await finish_taking(desk, Proof.BROKEN)
        lines = {line.operation: line for line in desk.stage.today}
    first, second = lines[Operation.ASSIGN_AND_ACTIVATE], lines[Operation.UNASSIGN]
    assert first.link is not None
    assert second.link is not None
    assert first.link.partner == second.enrollment_id
    assert second.link.partner == first.enrollment_id
    assert (first.link.reason, first.link.second) == (Reason.BROKEN, False)
    assert (second.link.reason, second.link.second) == (Reason.BROKEN, True)
    assert (second.proof, second.state) == (Proof.BROKEN, State.RETURNED)


@pytest.mark.expect_log("due could not be recorded")
@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
async def test_nothing_is_sent_whose_second_half_cannot_be_recorded() -> None:
    world = a_world()
    async with replacing(world) as desk:
        world.ledger.full = True
        stopped = await desk.confirm(RIGHT)
        assert (stopped.state, type(stopped.error)) == (State.UNRECORDED, LedgerUnwritable)
        assert world.directory.writes == []
        assert {line.state for line in desk.stage.today} == {State.DUE, State.UNRECORDED}
        world.ledger.full = False
        await desk.stage.until(lambda: not desk.stage.station.recorder.held)


@pytest.mark.expect_log("due could not be recorded")
@pytest.mark.expect_log("it is written as soon as the record can be written")
async def test_t1_a_replacement_that_was_left_while_the_record_was_held_is_whole_again() -> None:
    world = a_world()
    async with replacing(world) as desk:
        world.ledger.full = True
        await desk.work.submit(RIGHT)
        await desk.work.cancel()  # as another token on the desk does
        await desk.stage.until(lambda: len(desk.stage.today) == 2)
        first = next(line for line in desk.stage.today if line.state is State.UNRECORDED)
        world.ledger.full = False
        await desk.stage.until(lambda: not desk.stage.station.recorder.held)
        await offered(desk, ready=False)
        await desk.stage.station.resume(first.enrollment_id)
        await desk.stage.until(lambda: desk.state is State.AWAITING_CODE)
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert await finish_taking(desk) is State.RETURNED
        assert held(world) == ["86590002"]


async def test_a_second_half_that_cannot_be_done_stops_the_first() -> None:
    world = a_world()
    world.tenant.take_back(world.token.device_id, world.clock.now())
    async with replacing(world) as desk:
        assert desk.state is State.BLOCKED
        assert [f.kind for f in desk.enrollment.findings] == [FindingKind.TOKEN_IN_STOCK]


async def test_at_the_limit_nothing_is_removed_for_a_token_that_is_somebody_elses() -> None:
    world = a_world(at_limit=True)
    world.directory.give(world.second, world.ben)
    async with replacing(world, new=world.tenant.tokens["device-86590002"]) as desk:
        assert desk.state is State.BLOCKED
        assert FindingKind.TOKEN_HELD in [f.kind for f in desk.enrollment.findings]


async def test_whatever_the_person_has_has_to_be_known_first() -> None:
    world = a_world()
    world.directory.fail("methods", AWAY)
    async with replacing(world) as desk:
        assert [notice.error for notice in desk.stage.of(TroubleNotice)] == [AWAY]
        assert desk.work.chosen is None


# What ends badly ---------------------------------------------------------------------------------


async def test_a_first_half_that_was_not_done_is_done_again_and_the_second_follows() -> None:
    world = a_world()
    async with replacing(world) as desk:
        assert (await desk.confirm(WRONG)).state is State.NOT_DONE
        second = await offered(desk, ready=False)
        await desk.work.take_up(second)
        assert desk.state is State.NOT_DONE
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert await finish_taking(desk) is State.RETURNED
        assert [entry.kind for entry in world.ledger.entries].count(EntryKind.DUE) == 1


async def test_a_replacement_that_is_given_up_is_not_offered_again() -> None:
    world = a_world()
    async with replacing(world) as desk:
        await desk.confirm(WRONG)
        second = await offered(desk, ready=False)
        await desk.work.cancel()
        await desk.work.withdraw(second)
        await nothing_offered(desk)
        assert desk.stage.line(second).state is State.WITHDRAWN


async def test_what_is_being_done_is_not_taken_back() -> None:
    world = a_world()
    async with replacing(world) as desk:
        await desk.confirm(RIGHT)
        second = await offered(desk)
        await desk.work.take_up(second)
        await desk.work.withdraw(second)
        assert desk.stage.line(second).state is State.DUE


async def test_a_second_half_that_is_left_is_offered_again() -> None:
    world = a_world()
    async with replacing(world) as desk:
        await desk.confirm(RIGHT)
        await desk.work.take_up(await offered(desk))
        await desk.work.cancel()
        assert desk.stage.line(await offered(desk)).needs_attention
        assert await finish_taking(desk) is State.RETURNED


async def test_a_second_half_that_was_refused_is_open_in_the_record_and_done_from_there() -> None:
    world = a_world()
    async with replacing(world) as desk:
        await desk.confirm(RIGHT)
        second = await offered(desk)
        world.directory.fail("unassign", REFUSED)
        assert await finish_taking(desk) is State.NOT_DONE
        assert desk.stage.line(second).needs_attention
    async with a_desk(world=world) as stage:
        later = Beside(stage)
        await later.work.resume(second)
        await later.work.say_missing(Proof.LOST)
        ended = await later.confirm()
        assert (ended.state, ended.link is not None) == (State.RETURNED, True)


# A stop between the halves ------------------------------------------------------------------------


@pytest.mark.parametrize("at_limit", [False, True])
async def test_the_second_half_is_offered_after_a_restart_and_not_done_by_itself(
    *, at_limit: bool
) -> None:
    world = a_world(at_limit=at_limit)
    async with replacing(world) as desk:
        if at_limit:
            await desk.work.say_missing(Proof.LOST)
        await desk.confirm("" if at_limit else RIGHT)
    done = list(world.directory.writes)
    async with a_desk(world=world) as stage:
        later = Beside(stage)
        await offered(later)
        await stage.a_moment()
        assert world.directory.writes == done
        if at_limit:
            await later.work.take_up(later.offers[0].second.id)
            world.tenant.shows(world.second.device_id, "123456")
            assert (await later.confirm("123456")).state is State.ACTIVATED
        else:
            assert await finish_taking(later) is State.RETURNED
        assert held(world) == ["86590002"]


@pytest.mark.parametrize("acted", [True, False])
async def test_a_stop_while_the_first_half_was_on_its_way_settles_it_and_offers_the_second(
    *, acted: bool
) -> None:
    world = a_world()
    async with replacing(world) as desk:
        hold = world.directory.hold("assign_and_activate", acts=acted)
        await desk.work.submit(RIGHT)
        await hold.reached.wait()
    async with a_desk(world=world) as stage:
        later = Beside(stage)
        ended = State.ACTIVATED if acted else State.NOT_DONE
        await stage.until(
            lambda: [one.first and one.first.state for one in later.offers] == [ended]
        )
        assert later.offers[0].is_ready is acted


@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
@pytest.mark.expect_log("closes without having recorded it")
@pytest.mark.expect_log("the event signed_out could not be recorded")
async def test_a_stop_before_the_first_half_was_recorded_leaves_what_can_be_given_up() -> None:
    world = a_world()
    async with replacing(world) as desk:
        world.ledger.room = 1
        assert (await desk.confirm(RIGHT)).state is State.UNRECORDED
    world.ledger.room = None
    async with a_desk(world=world) as stage:
        later = Beside(stage)
        second = await offered(later, ready=False)
        assert later.offers[0].first is None
        await later.work.withdraw(second)
        await nothing_offered(later)
        assert world.directory.writes == []


async def test_a_lost_answer_in_the_second_half_is_settled_like_any_other() -> None:
    world = a_world()
    world.tenant.lag = Lag(seconds=5)
    async with replacing(world) as desk:
        await desk.confirm(RIGHT)
        world.directory.fail("unassign", AnswerLost(Evidence()), acts=True)
        assert await finish_taking(desk) is State.RETURNED


async def test_a_new_token_that_is_unknown_to_the_tenant_leaves_the_old_one_alone() -> None:
    world = a_world(at_limit=True)
    async with replacing(world, new=a_token("00000009")) as desk:
        assert (desk.state, type(desk.enrollment.error)) == (State.UNCHECKED, NotFound)
