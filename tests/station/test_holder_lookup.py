"""Whose is this, and what does this person have: as the directory and the record tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.enrollment import State
from app.core.errors import Evidence, Forbidden, NotFound, Unreachable
from app.core.lifecycle import Deed
from app.core.model import METHODS_LIMIT, Operation, Token
from app.core.preflight import FindingKind
from app.station.desk.notices import HeldToken
from tests.fakes.nouns import a_phone, a_token, an_authenticator
from tests.fakes.world import RIGHT, FakeWorld
from tests.station.beside import Beside
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

USED = datetime(2026, 11, 20, 8, tzinfo=UTC)


def can(found: HeldToken) -> set[Deed]:
    return {choice.deed for choice in found.choices if choice.why is None}


def why(found: HeldToken, deed: Deed) -> FindingKind | None:
    (finding,) = [choice.why for choice in found.choices if choice.deed is deed]
    return finding.kind if finding else None


async def whose(stage: Stage, serial_number: str = "86590001") -> HeldToken:
    (found,) = await stage.station.lookup.find_holders(serial_number)
    return found


async def test_a_loose_token_tells_its_holder_its_last_use_and_who_handed_it_out() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit()
        world = stage.world
        used = replace(world.tenant.tokens[world.token.device_id], last_used=USED)
        world.tenant.add_token(used, RIGHT)
        found = await whose(stage)
    assert found.holder == world.ada
    assert found.token.last_used == USED
    assert found.handed_out is not None
    assert (found.handed_out.operator_name, found.handed_out.state) == ("Olu", State.ACTIVATED)
    assert can(found) == {Deed.DEACTIVATE, Deed.UNASSIGN, Deed.REPLACE}
    assert why(found, Deed.ACTIVATE) is FindingKind.TOKEN_ACTIVE_HERE
    assert why(found, Deed.HAND_OVER) is FindingKind.TOKEN_ACTIVE_HERE


async def test_a_token_that_is_only_assigned_can_be_activated() -> None:
    async with a_desk() as stage:
        stage.world.directory.give(stage.world.token, stage.world.ada)
        found = await whose(stage)
    assert can(found) >= {Deed.ACTIVATE, Deed.UNASSIGN}
    assert why(found, Deed.DEACTIVATE) is FindingKind.TOKEN_NOT_ACTIVE
    assert found.handed_out is None


async def test_a_token_in_stock_is_nobodys() -> None:
    async with a_desk() as stage:
        found = await whose(stage)
    assert (found.holder, found.choices) == (None, ())


async def test_a_token_that_is_not_in_the_tenant_is_not_found() -> None:
    async with a_desk() as stage:
        assert await stage.station.lookup.find_holders("00000001") == ()


async def test_a_duplicated_token_is_shown_as_often_as_it_is_there() -> None:
    async with a_desk() as stage:
        twin = Token("device-twin", "86590001")
        stage.world.tenant.add_token(twin)
        found = await stage.station.lookup.find_holders("86590001")
    assert [one.count for one in found] == [2, 2]


@pytest.mark.parametrize("kind", [NotFound, Forbidden])
async def test_a_holder_who_cannot_be_read_is_named_by_the_inventory(
    kind: type[NotFound | Forbidden],
) -> None:
    async with a_desk() as stage:
        stage.world.directory.give(stage.world.token, stage.world.ada)
        stage.world.directory.fail("person", kind(Evidence(status=404)))
        found = await whose(stage)
    assert found.holder is None
    assert found.token.holder is not None
    assert found.token.holder.display_name == "Ada"


async def test_a_token_that_was_returned_and_given_again_names_the_last_hand_over() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit()
        desk = Beside(stage)
        await desk.do(Operation.UNASSIGN)
        stage.world.clock.advance(60)
        await stage.desk.start_afresh()
        stage.world.tenant.shows(stage.world.token.device_id, "123456")
        in_stock = await whose(stage)
        await stage.fill(person=stage.world.ben)
        await stage.submit("123456")
        found = await whose(stage)
    named = [one.handed_out.person_name for one in (in_stock, found) if one.handed_out]
    assert named == ["Ada", "Ben"]


async def test_a_hand_over_to_somebody_else_says_nothing_of_this_holder() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit()
        stage.world.directory.give(stage.world.token, stage.world.ben)
        found = await whose(stage)
    assert (found.holder, found.handed_out) == (stage.world.ben, None)


async def test_a_person_is_told_with_their_tokens_and_their_other_methods() -> None:
    async with a_desk() as stage:
        world = stage.world
        world.tenant.add_person(world.ada, a_phone(), an_authenticator())
        world.directory.give(world.token, world.ada, activated=True)
        world.directory.give(world.second, world.ada)
        found = await stage.station.lookup.find_holdings(world.ada)
    assert [one.token.serial_number for one in found.tokens] == ["86590001", "86590002"]
    assert [one.method.id for one in found.tokens if one.method] == [
        "method-86590001",
        "method-86590002",
    ]
    assert found.others == (a_phone(), an_authenticator())
    assert Deed.DEACTIVATE in can(found.tokens[0])
    assert Deed.ACTIVATE in can(found.tokens[1])


async def test_a_method_without_its_device_is_looked_up_in_the_inventory() -> None:
    async with a_desk() as stage:
        world = stage.world
        world.tenant.inlines_device = False
        world.directory.give(world.token, world.ada, activated=True)
        (found,) = (await stage.station.lookup.find_holdings(world.ada)).tokens
    assert found.token.serial_number == "86590001"


async def test_a_method_whose_device_nobody_may_read_is_still_shown() -> None:
    async with a_desk() as stage:
        world = stage.world
        world.tenant.inlines_device = False
        world.directory.give(world.token, world.ada)
        world.directory.fail_always("token", Forbidden(Evidence(status=403)))
        (found,) = (await stage.station.lookup.find_holdings(world.ada)).tokens
    assert (found.token.device_id, found.token.serial_number) == ("device-86590001", "")
    assert Deed.UNASSIGN in can(found)


async def test_at_the_limit_a_token_can_be_taken_back_but_none_handed_over() -> None:
    async with a_desk() as stage:
        world = stage.world
        apps = (an_authenticator(number) for number in range(METHODS_LIMIT))
        world.tenant.add_person(world.ada, *apps)
        world.directory.give(world.token, world.ada)
        found = await whose(stage)
    assert Deed.UNASSIGN in can(found)


async def test_nobody_signed_in_is_offered_nothing() -> None:
    async with a_desk(signed_in=False) as stage:
        stage.world.directory.give(stage.world.token, stage.world.ada)
        assert (await whose(stage)).choices == ()


async def test_a_directory_out_of_reach_is_said_by_its_error() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("find_tokens", Unreachable(Evidence()))
        with pytest.raises(Unreachable):
            await stage.station.lookup.find_holders("86590001")


async def test_another_serial_number_that_holds_this_one_is_not_meant() -> None:
    world = FakeWorld()
    longer = world.tenant.add_token(a_token("865900011"), RIGHT)
    async with a_desk(world=world) as stage:
        await stage.fill(longer)
        await stage.submit()
        world.directory.give(world.token, world.ada)
        found = await whose(stage)
    assert found.handed_out is None


# Twice on one person -----------------------------------------------------------------------------


def _with_twin(world: FakeWorld) -> Token:
    """Ada has the first token twice; return the one of the older store."""
    twin = world.tenant.add_token(replace(world.token, device_id="legacy-1"))
    world.tenant.legacy.add(twin.device_id)
    world.directory.give(twin, world.ada, activated=True)
    world.directory.give(world.token, world.ada, activated=True)
    return twin


async def test_of_a_token_that_stands_twice_the_one_the_inventory_lacks_is_removed() -> None:
    world = FakeWorld()
    twin = _with_twin(world)
    async with a_desk(world=world) as stage:
        (found,) = await stage.station.lookup.find_duplicates(world.ada)
        assert (found.legacy.device_id, found.kept.device_id) == (
            twin.device_id,
            world.token.device_id,
        )
        desk = Beside(stage)
        await desk.begin(Operation.UNASSIGN, found.legacy)
        await desk.show()
        assert (await desk.confirm()).state is State.RETURNED
        assert await stage.station.lookup.find_duplicates(world.ada) == ()
    assert [t.device_id for t in world.tenant.held_by("person-ada")] == [world.token.device_id]
    assert world.directory.writes == ["unassign"]


async def test_somebody_with_different_tokens_has_none_twice() -> None:
    async with a_desk() as stage:
        stage.world.directory.give(stage.world.token, stage.world.ada)
        stage.world.directory.give(stage.world.second, stage.world.ada)
        assert await stage.station.lookup.find_duplicates(stage.world.ada) == ()
        assert stage.world.directory.count("find_tokens") == 0
