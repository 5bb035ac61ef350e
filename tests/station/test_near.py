"""A serial number that the tenant files otherwise is offered at the token card, never taken."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.errors import Evidence, Unreachable
from app.core.model import Mode, Operation, Source
from app.core.near import MOST
from app.core.reading import Family, TokenReading
from app.station.notices import CardState
from tests.fakes.nouns import a_token
from tests.station.beside import Beside
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio


def look_ups(stage: Stage) -> int:
    return sum(call.name == "find_tokens" for call in stage.world.directory.calls)


async def offered(stage: Stage) -> tuple[str, ...]:
    await stage.until(lambda: bool(stage.shown.token_card.suggestions))
    return stage.shown.token_card.suggestions


@pytest.mark.parametrize(
    ("read", "filed"),
    [
        ("306EUO400960", "306EUO4-00960"),
        ("306EUO4\u201100960", "306EUO400960"),
        ("12345678", "0012345678"),
        ("GAKTO0040D6D", "GAKT00040D6D"),
        ("0109506000134352218659610904217", "8659610904217"),
    ],
)
async def test_case_31_the_near_serial_is_offered_and_taken_by_a_choice_alone(
    read: str, filed: str
) -> None:
    async with a_desk() as stage:
        token = stage.world.tenant.add_token(a_token(filed))
        await stage.scan(read)
        assert await offered(stage) == (filed,)
        await stage.a_moment()
        assert stage.shown.token_card.state is CardState.UNKNOWN
        assert stage.enrollment.token is None
        await stage.desk.choose_near(filed)
        await stage.until(lambda: stage.state is State.HAS_TOKEN)
        assert stage.enrollment.token == token


async def test_case_31_of_several_near_ones_all_are_offered() -> None:
    async with a_desk() as stage:
        for serial in ("306EUO4-00960", "306EUO400960"):
            stage.world.tenant.add_token(a_token(serial))
        await stage.scan("306EU0400960")
        assert set(await offered(stage)) == {"306EUO4-00960", "306EUO400960"}


async def test_case_31_a_token_that_is_tapped_is_offered_its_near_serial_too() -> None:
    async with a_desk() as stage:
        stage.world.tenant.add_token(a_token("0086590077"))
        reading = TokenReading(Family.YUBIKEY, "YubiKey", "86590077")
        await stage.station.input.tapped(reading, "pad", pad=True)
        assert await offered(stage) == ("0086590077",)


async def test_only_what_is_offered_can_be_chosen() -> None:
    async with a_desk() as stage:
        await stage.scan("99999999")
        await stage.until(lambda: stage.shown.token_card.state is CardState.UNKNOWN)
        await stage.desk.choose_near("86590001")
        await stage.a_moment()
        assert stage.shown.token_card.serial_number == "99999999"


async def test_a_serial_that_is_known_costs_one_look_up_and_an_unknown_one_a_few() -> None:
    async with a_desk() as stage:
        await stage.scan("86590001")
        await stage.until(lambda: stage.shown.token_card.state is CardState.FOUND)
        assert look_ups(stage) == 1
        await stage.scan("306EU0400961")
        await stage.until(lambda: stage.shown.token_card.state is CardState.UNKNOWN)
        await stage.a_moment()
        assert look_ups(stage) <= 2 + MOST


async def test_a_near_look_up_that_fails_leaves_the_card_as_it_is() -> None:
    async with a_desk() as stage:
        await stage.scan("306EU0400961")
        await stage.until(lambda: stage.shown.token_card.state is CardState.UNKNOWN)
        stage.world.directory.fail_always("find_tokens", Unreachable(Evidence("GET", "/")))
        await stage.a_moment()
        assert stage.shown.token_card.state is CardState.UNKNOWN


@pytest.mark.parametrize(
    ("read", "filed"),
    [
        ("306EUO400960", "306EUO4-00960"),
        ("12345678", "0012345678"),
        ("0109506000134352218659610904217", "8659610904217"),
    ],
)
async def test_case_31_work_that_was_staged_is_offered_the_near_serial_when_it_is_opened(
    read: str, filed: str
) -> None:
    async with a_desk(Mode.ASSIGN_ONLY) as stage:
        token = stage.world.tenant.add_token(a_token(filed))
        stage.lose_network()
        work = await stage.stage_work(a_token(read), "20417")
        stage.regain_network()
        await stage.until_line(work, State.BLOCKED)
        assert token.holder is None
        await stage.desk.resume(work)
        assert await offered(stage) == (filed,)
        await stage.desk.choose_near(filed)
        ready = await stage.reach(State.READY)
        assert (ready.person, ready.token) == (stage.world.ada, token)


@pytest.mark.parametrize("source", [Source.SCANNER, Source.TYPED])
@pytest.mark.parametrize(
    ("read", "filed"),
    [
        ("306EUO4-00960", "306EUO400960"),
        ("306EUO400960", "306EUO4-00960"),
        ("306EU0400960", "306EUO400960"),
        ("12345678", "0012345678"),
    ],
)
async def test_case_31_another_spelling_of_the_serial_proves_no_token_in_the_hand(
    read: str, filed: str, source: Source
) -> None:
    async with a_desk() as stage:
        token = stage.world.tenant.add_token(a_token(filed))
        stage.world.directory.give(token, stage.world.ada, activated=True)
        stage.world.clock.advance(120)
        desk = Beside(stage)
        await desk.work.begin(Operation.UNASSIGN, token, stage.world.ada)
        await desk.show(read, source)
        assert (desk.state, desk.shown.wrong) == (State.AWAITING_TOKEN, read)
        await desk.show(filed, source)
        assert desk.state is State.READY
