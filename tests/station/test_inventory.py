"""The inventory is read whole through every fault, kept true by what the desk does, forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    NotUnderstood,
    SignInExpired,
    Throttled,
    Unavailable,
)
from app.core.inventory import Inventory
from app.core.model import InventoryPage, Mode, Operation, Token, TokenStatus
from app.core.rights import Feature, Verdict
from app.station.inventory import FRESH, SEEN
from app.station.inventory_notices import ForgottenNotice, SyncNotice, SyncState
from app.station.inventory_reading import PAUSES, Read, read_inventory
from tests.fakes.directory import FakeDirectory, evidence_of
from tests.fakes.nouns import a_token
from tests.fakes.world import FakeWorld
from tests.station.beside import Beside
from tests.station.stage import AWAY, Stage, a_desk
from tests.station.test_bulk import a_manager

pytestmark = pytest.mark.anyio


def a_world(count: int = 12, page_size: int = 5) -> FakeWorld:
    world = FakeWorld()
    world.directory.who = a_manager()
    world.directory.page_size = page_size
    for token in (world.token, world.second):
        world.tenant.remove_token(token.device_id)
    for number in range(count):
        world.tenant.add_token(a_token(f"7700{number:04}"))
    return world


def last(stage: Stage) -> SyncNotice:
    return [SyncNotice(SyncState.LOADING), *stage.of(SyncNotice)][-1]


async def read(stage: Stage) -> Inventory:
    """Look, and wait until it is read anew."""
    before = stage.station.inventory.whole
    await stage.station.inventory.refresh()
    await stage.until(
        lambda: (
            bool(stage.of(SyncNotice))
            and last(stage).state is SyncState.READY
            and last(stage).whole is not before
        )
    )
    whole = last(stage).whole
    assert whole is not None
    return whole


async def test_pages_are_told_as_they_come_and_then_the_whole() -> None:
    async with a_desk(world=a_world()) as stage:
        whole = await read(stage)
        told = stage.of(SyncNotice)
        assert [n.state for n in told] == [SyncState.LOADING] * 4 + [SyncState.READY]
        assert [n.count for n in told] == [0, 5, 10, 12, 12]
        assert told[0].afresh
        assert [len(n.batch) for n in told if n.batch is not None] == [5, 5, 2]
        assert whole.is_arranged()
        assert sum(one.free for one in told[-1].stock) == 12


async def test_again_it_is_read_in_the_background() -> None:
    world = a_world()
    async with a_desk(world=world) as stage:
        await read(stage)
        world.tenant.add_token(a_token("9"))
        stage.notices.clear()
        whole = await read(stage)
        assert len(whole) == 13
        states = {n.state for n in stage.of(SyncNotice)}
        assert states == {SyncState.REFRESHING, SyncState.READY}
        assert not any(n.batch or n.afresh for n in stage.of(SyncNotice))


async def test_a_look_reads_what_is_old_and_only_then() -> None:
    world = a_world()
    async with a_desk(world=world) as stage:
        await stage.station.inventory.look()
        await stage.until(lambda: last(stage).state is SyncState.READY)
        asked = world.directory.count("inventory_page")
        await stage.station.inventory.look()
        await stage.station.inventory.keep_fresh()
        await stage.a_moment()
        assert world.directory.count("inventory_page") == asked
        world.clock.advance(FRESH.total_seconds())
        await stage.station.inventory.keep_fresh()
        await stage.until(lambda: world.directory.count("inventory_page") == 2 * asked)


async def test_nobody_signed_in_reads_nothing() -> None:
    world = a_world()
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.station.inventory.look()
        await stage.a_moment()
        assert world.directory.count("inventory_page") == 0


# Faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        Throttled(evidence_of("x", 429), retry_after=90),
        Throttled(evidence_of("x", 429)),
        Unavailable(evidence_of("x", 503)),
        AWAY,
        AnswerLost(Evidence()),
        NotUnderstood(Evidence()),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_page_that_fails_is_asked_for_again(error: DirectoryError) -> None:
    world = a_world()
    async with a_desk(world=world) as stage:
        world.directory.fail("inventory_page", error)
        world.directory.fail("inventory_page", error)
        assert len(await read(stage)) == 12
        waits = [n for n in stage.of(SyncNotice) if n.state is SyncState.WAITING]
        assert [n.error for n in waits] == [error, error]
        asked = error.retry_after if isinstance(error, Throttled) else None
        assert {asked or PAUSES[0], asked or PAUSES[1]} <= set(world.clock.slept)


async def test_patience_ends() -> None:
    world = a_world()
    world.directory.fail_always("inventory_page", Unavailable(evidence_of("x", 503)))
    async with a_desk(world=world) as stage:
        await stage.station.inventory.refresh()
        await stage.until(lambda: last(stage).state is SyncState.FAILED)
        assert isinstance(last(stage).error, Unavailable)
        assert world.directory.count("inventory_page") == len(PAUSES) + 1


async def test_a_right_that_is_missing_is_told_at_once_with_how_it_stands() -> None:
    world = a_world()
    world.directory.who = replace(a_manager(), scopes=frozenset({"User.Read"}))
    world.directory.fail_always("inventory_page", Forbidden(evidence_of("x", 403)))
    async with a_desk(world=world) as stage:
        await stage.station.inventory.refresh()
        await stage.until(lambda: last(stage).state is SyncState.FAILED)
        assert world.directory.count("inventory_page") == 1
        (lack, *_) = last(stage).standings
        assert (lack.feature, lack.verdict) == (Feature.READ_INVENTORY, Verdict.SCOPE_MISSING)


async def test_a_sign_in_that_ends_in_the_middle_keeps_what_was_read_before() -> None:
    world = a_world()
    async with a_desk(world=world) as stage:
        whole = await read(stage)
        world.directory.fail("inventory_page", SignInExpired(Evidence(status=401)))
        await stage.station.inventory.refresh()
        await stage.until(lambda: last(stage).state is SyncState.FAILED)
        assert stage.station.inventory.whole is whole


async def test_pages_in_a_circle_end_it() -> None:
    world = a_world()

    class Round(FakeDirectory):
        async def inventory_page(
            self, following: str = "", *, long_work: bool = False
        ) -> InventoryPage:
            return InventoryPage((a_token(following or "first"),), "2")

    told: list[Read] = []
    with pytest.raises(NotUnderstood):
        await read_inventory(Round(world.clock), world.clock, told.append)
    assert [each.count for each in told] == [1, 2]


async def test_a_token_that_comes_twice_counts_once_as_it_came_last() -> None:
    pages = {
        "": InventoryPage((a_token("1"), a_token("2")), "2"),
        "2": InventoryPage((replace(a_token("2"), model="later"), a_token("3"))),
    }

    class Shifting(FakeDirectory):
        async def inventory_page(
            self, following: str = "", *, long_work: bool = False
        ) -> InventoryPage:
            return pages[following]

    told: list[Read] = []
    clock = FakeWorld().clock
    found = await read_inventory(Shifting(clock), clock, told.append)
    assert [(token.serial_number, token.model) for token in found] == [
        ("1", "T1"),
        ("2", "later"),
        ("3", "T1"),
    ]
    assert [[token.serial_number for token in each.fresh] for each in told] == [["1", "2"], ["3"]]


# What the desk does ---------------------------------------------------------------------------


async def test_what_is_handed_over_stands_in_the_list_at_once() -> None:
    world = a_world(1)
    token = world.tenant.tokens["device-77000000"]
    async with a_desk(Mode.ASSIGN_ONLY, world=world) as stage:
        whole = await read(stage)
        await stage.fill(token)
        await stage.submit()
        assert whole.status(0) is TokenStatus.ASSIGNED
        assert whole.holders[0] == "Ada"
        assert whole.waits_since(0) is not None


async def test_what_changes_while_it_is_read_is_not_lost() -> None:
    world = a_world(6)
    token = world.tenant.tokens["device-77000000"]
    async with a_desk(Mode.ASSIGN_ONLY, world=world) as stage:
        await read(stage)
        await stage.fill(token)
        gate = world.directory.hold("inventory_page", acts=True)
        before = stage.station.inventory.whole
        await stage.station.inventory.refresh()
        await gate.reached.wait()
        await stage.submit()
        gate.go.set()
        await stage.until(lambda: stage.station.inventory.whole is not before)
        whole = stage.station.inventory.whole
        assert whole is not None
        assert whole.holders[0] == "Ada"


# Since when a token waits ------------------------------------------------------------------------


async def test_a_token_handed_over_here_waits_since_then() -> None:
    world = a_world(2)
    token = world.tenant.tokens["device-77000001"]
    async with a_desk(Mode.ASSIGN_ONLY, world=world) as stage:
        handed_out = world.clock.now()
        await stage.fill(token)
        await stage.submit()
        world.clock.advance(timedelta(days=9).total_seconds())
        whole = await read(stage)
        since = whole.waits_since(1)
        assert since is not None
        assert timedelta() <= since - handed_out < timedelta(minutes=1)


async def test_another_desks_token_waits_since_it_was_first_seen_even_after_a_restart() -> None:
    world = a_world(1)
    token: Token = world.tenant.tokens["device-77000000"]
    world.directory.give(token, world.ada)
    async with a_desk(world=world) as stage:
        first = (await read(stage)).waits_since(0)
    world.clock.advance(timedelta(days=20).total_seconds())
    async with a_desk(world=world) as stage:
        assert (await read(stage)).waits_since(0) == first
    assert json.loads(world.shelf.files[SEEN])["waiting"]
    assert "Ada" not in world.shelf.files[SEEN]


@pytest.mark.expect_log("since when tokens wait is not known: no space left")
async def test_a_shelf_that_is_full_costs_the_dates_and_nothing_else() -> None:
    world = a_world(1)
    world.directory.give(world.tenant.tokens["device-77000000"], world.ada)
    world.shelf.full = True
    async with a_desk(world=world) as stage:
        whole = await read(stage)
        assert whole.waits_since(0) is None


async def test_signing_out_forgets_it() -> None:
    async with a_desk(world=a_world()) as stage:
        await read(stage)
        await stage.station.sign_out()
        assert stage.station.inventory.whole is None
        assert stage.of(ForgottenNotice)


async def test_a_token_taken_back_beside_the_desk_is_free_in_the_list() -> None:
    world = a_world(1)
    token = world.tenant.tokens["device-77000000"]
    world.directory.give(token, world.ada, activated=True)
    async with a_desk(world=world) as stage:
        whole = await read(stage)
        beside = Beside(stage)
        await beside.begin(Operation.UNASSIGN, world.tenant.tokens[token.device_id], world.ada)
        await beside.show(token.serial_number)
        await beside.confirm()
        assert not whole.is_held(0)
