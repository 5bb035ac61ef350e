"""Many serial numbers are looked for the way that costs fewer requests."""

from __future__ import annotations

import pytest

from app.station.read_back import FEW, InventoryLookup
from tests.fakes.nouns import a_token
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.anyio


def a_stock(count: int) -> FakeWorld:
    world = FakeWorld()
    world.directory.page_size = 10
    for number in range(count):
        world.tenant.add_token(a_token(f"GAKT{number:04d}"))
    return world


async def test_a_few_are_asked_for_one_by_one() -> None:
    world = a_stock(100)
    found = await InventoryLookup(world.directory).look(["GAKT0007", "GAKT9999"])
    assert set(found) == {"gakt0007"}
    assert world.directory.count("inventory_page") == 0


async def test_many_are_looked_for_in_the_list_and_no_further_than_the_last_of_them() -> None:
    world = a_stock(100)
    told: list[int] = []
    wanted = [f"GAKT{number:04d}" for number in range(20)]
    found = await InventoryLookup(world.directory).look(wanted, told.append)
    assert len(found) == 20
    assert world.directory.count("inventory_page") == len(told) == 3  # the first page begins with 2
    assert world.directory.count("find_tokens") == 0


async def test_once_the_list_is_known_what_costs_less_is_chosen() -> None:
    world = a_stock(100)
    stock = InventoryLookup(world.directory)
    await stock.look([f"none{number:04d}" for number in range(50)])
    assert stock.cost(50) == 11
    assert stock.cost(9) == 9
    await stock.look([f"none{number:04d}" for number in range(FEW + 3)])
    assert world.directory.count("inventory_page") == 11
    assert world.directory.count("find_tokens") == FEW + 3


async def test_nothing_is_asked_for_nothing() -> None:
    world = a_stock(5)
    assert await InventoryLookup(world.directory).look([]) == {}
    assert world.directory.calls == []
