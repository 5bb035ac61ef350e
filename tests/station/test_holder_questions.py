"""One question at a time: whose a token is, and what somebody has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.errors import Evidence, Forbidden, Unreachable
from app.station.desk.notices import HoldingsNotice, WhoseNotice
from tests.fakes.nouns import a_phone
from tests.fakes.world import FakeWorld
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

NO = Forbidden(Evidence("GET", "/"))
AWAY = Unreachable(Evidence("GET", "/"))


def held() -> FakeWorld:
    world = FakeWorld()
    world.directory.give(world.token, world.ada, activated=True)
    return world


def whose(stage: Stage) -> WhoseNotice:
    return stage.of(WhoseNotice)[-1]


def holdings(stage: Stage) -> HoldingsNotice:
    return stage.of(HoldingsNotice)[-1]


async def answered(stage: Stage, kind: type[WhoseNotice | HoldingsNotice]) -> None:
    await stage.until(lambda: bool(stage.of(kind)) and not stage.of(kind)[-1].busy)


async def test_a_question_is_told_as_asked_and_then_answered() -> None:
    async with a_desk(world=held()) as stage:
        await stage.station.lookup.whose("86590001")
        assert whose(stage) == WhoseNotice("86590001", busy=True)
        await answered(stage, WhoseNotice)
        assert [one.holder for one in whose(stage).found] == [stage.world.ada]


@pytest.mark.parametrize("error", [NO, AWAY])
async def test_an_answer_that_does_not_come_says_why(error: Forbidden | Unreachable) -> None:
    async with a_desk(world=held()) as stage:
        stage.world.directory.fail("find_tokens", error)
        await stage.station.lookup.whose("86590001")
        await answered(stage, WhoseNotice)
        assert whose(stage) == WhoseNotice("86590001", error=error)
        stage.world.directory.fail("methods", error)
        await stage.station.lookup.holdings(stage.world.ada)
        await answered(stage, HoldingsNotice)
        assert holdings(stage).error == error


async def test_a_newer_question_is_the_only_one_that_is_answered() -> None:
    async with a_desk(world=held()) as stage:
        slow = stage.world.directory.hold("find_tokens")
        await stage.station.lookup.whose("86590001")
        await stage.station.lookup.whose("86590002")
        slow.go.set()
        await answered(stage, WhoseNotice)
        assert {notice.serial_number for notice in stage.of(WhoseNotice) if notice.found} == {
            "86590002"
        }


async def test_what_somebody_has_stays_in_sight_while_it_is_asked_again() -> None:
    async with a_desk(world=held()) as stage:
        stage.world.tenant.other_methods[stage.world.ada.id] = (a_phone(),)
        await stage.station.lookup.holdings(stage.world.ada)
        await answered(stage, HoldingsNotice)
        known = holdings(stage).holdings
        assert known is not None
        assert (len(known.tokens), len(known.others)) == (1, 1)
        await stage.station.lookup.holdings(stage.world.ada)
        assert holdings(stage) == HoldingsNotice(stage.world.ada, known, busy=True)


async def test_tokens_keep_their_places_and_what_stands_there_twice_is_found() -> None:
    world = held()
    twin = world.tenant.add_token(replace(world.token, device_id="left-over"))
    world.tenant.legacy.add(twin.device_id)
    world.directory.give(world.second, world.ada)
    world.directory.give(twin, world.ada)
    async with a_desk(world=world) as stage:
        await stage.station.lookup.holdings(world.ada)
        await answered(stage, HoldingsNotice)
        found = holdings(stage)
        assert found.holdings is not None
        serials = [one.token.serial_number for one in found.holdings.tokens]
        assert serials == ["86590001", "86590001", "86590002"]
        assert [twin.legacy.device_id for twin in found.duplicates] == ["left-over"]


async def test_whoever_leaves_is_told_no_answer_any_more() -> None:
    async with a_desk(world=held()) as stage:
        slow = stage.world.directory.hold("methods")
        await stage.station.lookup.holdings(stage.world.ada)
        stage.station.lookup.leave()
        slow.go.set()
        await stage.station.lookup.close()
        assert holdings(stage) == HoldingsNotice()
        assert stage.station.lookup.person is None
