"""Handing over by the serial number alone, for whoever may not read the tenant's inventory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from app.core.enrollment import State
from app.core.errors import AnswerLost, DirectoryError, Evidence, Forbidden, Rejected, Unreachable
from app.core.model import Operation, Token
from app.core.preflight import FindingKind
from app.station.context import DeskSettings
from app.station.notices import TroubleNotice
from tests.fakes.nouns import SCOPE, an_operator
from tests.fakes.tenant import Lag
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.station.beside import Beside
from tests.station.stage import DESK, a_desk

pytestmark = pytest.mark.anyio

CALL = "assign_and_activate_by_serial"
NO = Forbidden(Evidence(status=403))
LOST = AnswerLost(Evidence("POST", "/x"))
NAMED = replace(DESK, method_name="{model} ...{last}")
READS_STOCK = frozenset({SCOPE, "Policy.Read.All"})


@asynccontextmanager
async def a_narrow_desk(world: FakeWorld | None = None) -> AsyncIterator[Beside]:
    """A desk whose operator has the scope to serve people, and no other."""
    world = world or FakeWorld()
    world.directory.fail_always("token", NO)
    world.directory.fail_always("find_tokens", NO)
    async with a_desk(world=world) as stage:
        yield Beside(stage)


async def ready(desk: Beside, serial_number: str = "86590001") -> State:
    await desk.work.hand_over(serial_number, desk.stage.world.ada)
    return desk.state


@pytest.mark.parametrize("lag", [Lag(), Lag(looks=2), Lag(seconds=5)], ids=str)
async def test_a_token_is_assigned_and_activated_by_the_number_printed_on_it(lag: Lag) -> None:
    async with a_narrow_desk() as desk:
        world = desk.stage.world
        world.tenant.lag = lag
        assert await ready(desk) is State.AWAITING_CODE
        ended = await desk.confirm(RIGHT)
        assert (ended.state, ended.operation) == (
            State.ACTIVATED,
            Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL,
        )
        assert ended.token is not None
        assert ended.token.device_id == world.token.device_id
        assert world.directory.writes == [CALL]
        assert world.directory.count("token", "find_tokens") == 0
        assert FindingKind.TOKEN_NOT_LISTED in [found.kind for found in ended.findings]


async def test_the_directorys_refusal_to_list_tokens_is_enough() -> None:
    world = FakeWorld()
    world.directory.who = replace(an_operator(), scopes=READS_STOCK)
    async with a_narrow_desk(world) as desk:
        assert await ready(desk) is State.AWAITING_CODE
        assert world.directory.count("find_tokens") == 1
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert world.directory.writes == [CALL]


async def test_whoever_can_read_the_inventory_hands_over_by_the_device() -> None:
    world = FakeWorld()
    world.directory.who = replace(an_operator(), scopes=READS_STOCK)
    async with a_desk(world=world) as stage:
        desk = Beside(stage)
        assert await ready(desk) is State.AWAITING_CODE
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert world.directory.writes == ["assign_and_activate"]


async def test_a_number_that_is_known_to_be_unknown_or_double_is_stopped() -> None:
    world = FakeWorld()
    world.directory.who = replace(an_operator(), scopes=READS_STOCK)
    world.tenant.add_token(Token("device-twin", "86590001"))
    async with a_desk(world=world) as stage:
        desk = Beside(stage)
        found = []
        for serial_number in ("86590001", "00000009"):
            assert await ready(desk, serial_number) is State.BLOCKED
            found.append(desk.enrollment.findings[0].kind)
        assert found == [FindingKind.TOKEN_DUPLICATED, FindingKind.TOKEN_UNKNOWN]


async def test_an_inventory_out_of_reach_is_said_and_begins_nothing() -> None:
    world = FakeWorld()
    world.directory.who = replace(an_operator(), scopes=READS_STOCK)
    async with a_desk(world=world) as stage:
        world.directory.fail("find_tokens", Unreachable(Evidence()))
        await stage.station.work.hand_over("86590001", world.ada)
        assert len(stage.of(TroubleNotice)) == 1
        assert stage.station.work.chosen is None


@pytest.mark.parametrize("lag", [Lag(), Lag(seconds=5)], ids=str)
async def test_a_lost_answer_to_what_was_done_is_found_by_the_serial_number(lag: Lag) -> None:
    async with a_narrow_desk() as desk:
        desk.stage.world.tenant.lag = lag
        desk.stage.world.directory.fail(CALL, LOST, acts=True)
        await ready(desk)
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert desk.stage.world.directory.writes == [CALL]


@pytest.mark.parametrize("error", [LOST, Rejected(Evidence(status=400))], ids=str)
async def test_what_was_not_done_is_sent_again_by_the_serial_number_with_a_new_code(
    error: DirectoryError,
) -> None:
    async with a_narrow_desk() as desk:
        desk.stage.world.directory.fail(CALL, error)
        await ready(desk)
        assert (await desk.confirm(WRONG)).state is State.NOT_DONE
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert desk.stage.world.directory.writes == [CALL, CALL]


async def test_a_wrong_code_that_left_it_assigned_is_followed_by_an_activation_alone() -> None:
    async with a_narrow_desk() as desk:
        desk.stage.world.tenant.leaves_assigned = True
        await ready(desk)
        assert (await desk.confirm(WRONG)).state is State.HALF_DONE
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert desk.stage.world.directory.writes == [CALL, "activate"]


async def test_a_token_of_somebody_else_is_refused_and_nothing_is_claimed_of_them() -> None:
    async with a_narrow_desk() as desk:
        world = desk.stage.world
        world.directory.give(world.token, world.ben)
        await ready(desk)
        ended = await desk.confirm(RIGHT)
        assert (ended.state, type(ended.error)) == (State.NOT_DONE, Rejected)


async def test_what_was_accepted_and_is_never_seen_stays_open() -> None:
    async with a_narrow_desk() as desk:
        desk.stage.world.tenant.lag = Lag(looks=1000)
        await ready(desk)
        assert (await desk.confirm(RIGHT)).state is State.UNSETTLED


@pytest.mark.parametrize("acted", [True, False])
async def test_what_was_open_when_the_station_stopped_is_settled(*, acted: bool) -> None:
    world = FakeWorld()
    async with a_narrow_desk(world) as desk:
        hold = world.directory.hold(CALL, acts=acted)
        await ready(desk)
        await desk.work.submit(RIGHT)
        await hold.reached.wait()
    async with a_narrow_desk(world) as later:
        ended = State.ACTIVATED if acted else State.NOT_DONE
        await later.stage.until(lambda: later.stage.today[0].state is ended)
        assert world.directory.writes == [CALL]


async def test_a_token_that_is_theirs_already_is_known_by_its_number() -> None:
    async with a_narrow_desk() as desk:
        world = desk.stage.world
        world.directory.give(world.token, world.ada)
        assert await ready(desk) is State.AWAITING_CODE
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert world.directory.writes == ["activate"]


async def test_a_token_that_is_on_its_way_at_the_desk_is_the_same_by_its_number() -> None:
    world = FakeWorld()
    async with a_desk(world=world) as stage:
        await stage.fill()
        hold = world.directory.hold("assign_and_activate")
        await stage.desk.submit(RIGHT)
        desk = Beside(stage)
        assert await ready(desk) is State.BLOCKED
        assert desk.enrollment.findings[0].kind is FindingKind.TOKEN_UNDERWAY
        hold.go.set()
        await stage.rest()


async def test_nobody_signed_in_hands_nothing_over() -> None:
    async with a_desk(signed_in=False) as stage:
        await stage.station.work.hand_over("86590001", stage.world.ada)
        assert stage.station.work.chosen is None


async def test_m10_by_serial_the_name_has_the_last_digits_alone() -> None:
    world = FakeWorld()
    world.directory.fail_always("token", NO)
    world.directory.fail_always("find_tokens", NO)
    async with a_desk(world=world, settings=NAMED) as stage:
        desk = Beside(stage)
        assert await ready(desk) is State.AWAITING_CODE
        await desk.confirm(RIGHT)
        assert world.directory.writes == [CALL]
        assert world.tenant.tokens[world.token.device_id].display_name == "...0001"


async def test_m10_a_token_is_named_when_it_is_handed_over() -> None:
    async with a_desk(settings=NAMED) as stage:
        await stage.fill()
        await stage.submit(WRONG)
        await stage.submit(RIGHT)
        world = stage.world
        assert world.directory.writes == ["assign_and_activate"] * 2
        assert world.tenant.tokens[world.token.device_id].display_name == "T1 ...0001"


@pytest.mark.parametrize(("settings", "name"), [(NAMED, "T1 ...0001"), (DESK, "Spare 7")])
async def test_m10_a_token_is_named_when_it_is_activated_later(
    settings: DeskSettings, name: str
) -> None:
    async with a_desk(settings=settings) as stage:
        world = stage.world
        now, device = world.clock.now(), world.token.device_id
        world.tenant.give(device, world.ada, now, activated=False, name="Spare 7")
        await Beside(stage).do(Operation.ACTIVATE)
        assert world.directory.writes == ["activate"]
        assert world.tenant.tokens[world.token.device_id].display_name == name
