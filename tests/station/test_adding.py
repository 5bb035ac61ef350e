"""A token that the tenant does not know comes into it from the desk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.enrollment import State
from app.core.errors import AnswerLost, Evidence, LedgerUnwritable, Rejected
from app.core.model import Role
from app.core.record import lines
from app.core.seed import SeedToken
from app.station.import_notices import AddNotice, AddState
from app.station.notices import CardState
from tests.fakes.nouns import a_token
from tests.fakes.seeds import a_seed
from tests.fakes.tenant import Lag
from tests.fakes.world import FakeWorld
from tests.station.stage import AWAY, Stage, a_desk

pytestmark = pytest.mark.anyio

SERIAL = "77000001"


def entitled() -> FakeWorld:
    world = FakeWorld()
    scopes = world.directory.who.scopes | {"Policy.ReadWrite.AuthenticationMethod"}
    world.directory.who = replace(world.directory.who, roles=frozenset(Role), scopes=scopes)
    return world


def told(stage: Stage) -> list[AddState]:
    return [notice.state for notice in stage.of(AddNotice)]


async def unknown(stage: Stage) -> None:
    """Scan a token that the tenant does not know."""
    await stage.scan(SERIAL)
    await stage.until(lambda: stage.token_card.state is CardState.UNKNOWN)


async def added(stage: Stage, *states: AddState) -> SeedToken:
    made = a_seed(SERIAL)
    await stage.station.adding.add(made)
    await stage.until(lambda: told(stage)[-1] in states)
    await stage.a_moment()
    return made


async def test_it_is_offered_to_whoever_may_bring_it_in_and_put_on_the_card_once_there() -> None:
    async with a_desk(world=entitled()) as stage:
        await unknown(stage)
        assert told(stage) == [AddState.OFFERED]
        made = await added(stage, AddState.DONE, AddState.NOT_OFFERED)
        await stage.until(lambda: stage.token_card.state is CardState.FOUND)
        assert told(stage) == [
            AddState.OFFERED,
            AddState.SENDING,
            AddState.DONE,
            AddState.NOT_OFFERED,
        ]
        assert stage.world.directory.seeds.keys() == {SERIAL}
        assert made.secret.wiped
        (line,) = lines(stage.world.ledger.entries)
        assert (line.state, line.serial_number) == (State.CREATED, SERIAL)


async def test_nothing_is_offered_to_whoever_may_not() -> None:
    async with a_desk() as stage:
        await unknown(stage)
        assert told(stage) == []


async def test_the_offer_goes_with_the_token() -> None:
    async with a_desk(world=entitled()) as stage:
        await unknown(stage)
        await stage.scan(stage.world.token.serial_number)
        await stage.until(lambda: stage.token_card.state is CardState.FOUND)
        assert told(stage) == [AddState.OFFERED, AddState.NOT_OFFERED]


async def test_a_refusal_is_told_and_the_seed_is_gone() -> None:
    async with a_desk(world=entitled()) as stage:
        await unknown(stage)
        error = Rejected(Evidence("POST", "/", 400))
        stage.world.directory.fail("create", error)
        made = await added(stage, AddState.FAILED)
        assert stage.of(AddNotice)[-1].error is error
        assert made.secret.wiped


async def test_one_that_came_meanwhile_is_told_from_one_that_was_refused() -> None:
    async with a_desk(world=entitled()) as stage:
        await unknown(stage)
        stage.world.tenant.add_token(a_token(SERIAL))
        await added(stage, AddState.THERE)


async def test_a_lost_answer_is_looked_up_and_never_sent_again() -> None:
    async with a_desk(world=entitled()) as stage:
        await unknown(stage)
        stage.world.directory.fail("create", AnswerLost(Evidence("POST", "/")), acts=True)
        await added(stage, AddState.DONE, AddState.NOT_OFFERED)
        assert stage.world.directory.count("create") == 1


async def test_one_that_never_shows_is_told_so() -> None:
    async with a_desk(world=entitled()) as stage:
        await unknown(stage)
        stage.world.tenant.lag = Lag(seconds=1000)
        await added(stage, AddState.UNSEEN)


async def test_without_a_network_nothing_is_sent_and_that_is_told() -> None:
    async with a_desk(world=entitled()) as stage:
        await unknown(stage)
        stage.world.directory.fail("create", AWAY)
        await added(stage, AddState.FAILED)
        assert stage.of(AddNotice)[-1].error is AWAY


@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
async def test_what_cannot_be_recorded_is_not_sent() -> None:
    async with a_desk(world=entitled()) as stage:
        await unknown(stage)
        stage.world.ledger.full = True
        made = await added(stage, AddState.FAILED)
        assert isinstance(stage.of(AddNotice)[-1].error, LedgerUnwritable)
        assert stage.world.directory.count("create") == 0
        assert made.secret.wiped
        assert [line.state for line in stage.today] == [State.UNRECORDED]
        stage.world.ledger.full = False


async def test_t1_a_second_token_does_not_cut_the_first_one_short_and_both_are_listed() -> None:
    async with a_desk(world=entitled()) as stage:
        await unknown(stage)
        held = stage.world.directory.hold("create", acts=True)
        await stage.station.adding.add(a_seed(SERIAL))
        await held.reached.wait()
        await stage.station.adding.add(a_seed("77000002"))
        held.go.set()
        await stage.until(lambda: told(stage).count(AddState.DONE) == 2)
        ended = {line.serial_number: line.state for line in stage.today}
        assert ended == dict.fromkeys((SERIAL, "77000002"), State.CREATED)


async def test_a_station_that_closes_meanwhile_leaves_no_seed_and_settles_it_later() -> None:
    world = entitled()
    made = a_seed(SERIAL)
    async with a_desk(world=world) as stage:
        await unknown(stage)
        held = world.directory.hold("create", acts=True)
        await stage.station.adding.add(made)
        await held.reached.wait()
    assert made.secret.wiped
    async with a_desk(world=world) as stage:
        await stage.until(lambda: lines(world.ledger.entries)[-1].state is State.CREATED)
        assert world.directory.count("create") == 1
