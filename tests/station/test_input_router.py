"""One scanner for the desk and for a token to be shown; nothing lands in the wrong place."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.model import Operation, Proof, Source
from app.core.reading import Family, NotAToken, Thing, TokenReading
from app.station.notices import CardState
from tests.fakes.world import FakeWorld
from tests.station.beside import Beside
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

SERIAL = "86590001"
CARD = TokenReading(Family.TOKEN2_OTP, "", SERIAL)


def held() -> FakeWorld:
    world = FakeWorld()
    world.directory.give(world.token, world.ada, activated=True)
    return world


async def scan(stage: Stage, text: str = SERIAL, source: Source = Source.SCANNER) -> None:
    await stage.station.input.scanned(text, source)


async def test_a_scan_goes_to_the_desk_where_no_token_is_to_be_shown() -> None:
    async with a_desk(world=held()) as stage:
        await scan(stage)
        await stage.until(lambda: stage.token_card.state is CardState.FOUND)


async def test_a_scan_is_the_proof_where_one_is_waited_for() -> None:
    async with a_desk(world=held()) as stage:
        desk = Beside(stage)
        await desk.begin(Operation.UNASSIGN)
        await scan(stage)
        assert desk.enrollment.proof is Proof.SCANNED
        assert stage.token_card.state is CardState.EMPTY


async def test_a_tap_is_the_proof_where_one_is_waited_for() -> None:
    async with a_desk(world=held()) as stage:
        desk = Beside(stage)
        await desk.begin(Operation.UNASSIGN)
        await stage.station.input.tapped(CARD, "reader", pad=True)
        assert desk.enrollment.proof is Proof.CARD
        assert stage.token_card.state is CardState.EMPTY


async def test_the_echo_of_a_proof_puts_nothing_on_the_desk() -> None:
    async with a_desk(world=held()) as stage:
        desk = Beside(stage)
        await desk.begin(Operation.UNASSIGN)
        await scan(stage)
        await scan(stage)
        await stage.station.input.tapped(CARD, "reader", pad=True)
        assert stage.token_card.state is CardState.EMPTY
        assert desk.state is State.READY
        stage.world.clock.advance(3)
        await scan(stage)
        await stage.until(lambda: stage.token_card.state is CardState.FOUND)


async def test_what_is_typed_after_a_proof_is_no_echo() -> None:
    async with a_desk(world=held()) as stage:
        await Beside(stage).begin(Operation.UNASSIGN)
        await scan(stage, source=Source.TYPED)
        await scan(stage, source=Source.TYPED)
        await stage.until(lambda: stage.token_card.state is CardState.FOUND)


async def test_a_card_that_is_no_token_proves_nothing_and_stays_off_the_desk() -> None:
    async with a_desk(world=held()) as stage:
        desk = Beside(stage)
        await desk.begin(Operation.UNASSIGN)
        await stage.station.input.tapped(NotAToken(Thing.UNKNOWN), "reader", pad=True)
        assert desk.state is State.AWAITING_TOKEN
        assert stage.token_card.state is CardState.EMPTY


async def test_a_card_that_is_no_token_comes_to_the_desk_else_and_leaves_it_again() -> None:
    async with a_desk() as stage:
        await stage.station.input.tapped(NotAToken(Thing.UNKNOWN), "reader", pad=True)
        states = [stage.token_card.state]
        stage.station.input.lifted("reader")
        assert [*states, stage.token_card.state] == [CardState.UNREAD, CardState.EMPTY]
