"""What lies on the desk is led to where it can be dealt with, and what is past is left."""

from __future__ import annotations

import asyncio

import pytest

from app.core.enrollment import State
from app.core.errors import Evidence, Forbidden
from app.core.model import METHODS_LIMIT, Mode, Operation, Reason, Source
from app.station.desk.notices import HoldingsNotice, ReplacingNotice, WhoseNotice
from app.station.notices import CardState
from tests.fakes.nouns import an_authenticator
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.station.beside import Beside
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

NO = Forbidden(Evidence("GET", "/"))


def held(*, activated: bool = True) -> FakeWorld:
    world = FakeWorld()
    world.directory.give(world.token, world.ada, activated=activated)
    return world


def asked(stage: Stage) -> str:
    """Whose token is being asked about."""
    told = stage.of(WhoseNotice)
    return told[-1].serial_number if told else ""


def replacing(stage: Stage) -> ReplacingNotice:
    told = stage.of(ReplacingNotice)
    return told[-1] if told else ReplacingNotice()


def at_work(stage: Stage) -> bool:
    return stage.shown.chosen is not None


async def scan(stage: Stage, text: str) -> None:
    await stage.station.input.scanned(text, Source.SCANNER)


async def found(stage: Stage, serial_number: str) -> None:
    """Scan a token, and wait until the directory has told of it."""
    await scan(stage, serial_number)
    await stage.until(
        lambda: (
            stage.token_card.state is CardState.FOUND
            and stage.token_card.serial_number == serial_number
        )
    )


# Whose is this ---------------------------------------------------------------------------------


async def test_a_token_that_somebody_holds_is_asked_about_when_nobody_is_there_for_it() -> None:
    async with a_desk(world=held()) as stage:
        await found(stage, "86590001")
        await stage.until(lambda: asked(stage) == "86590001")


async def test_a_half_done_enrollment_that_is_opened_again_brings_no_loose_token() -> None:
    async with a_desk() as stage:
        stage.world.tenant.leaves_assigned = True
        await stage.fill()
        half = await stage.submit(WRONG)
        assert half.token is not None
        assert half.token.holder is not None
        await stage.desk.start_afresh()
        told = len(stage.of(WhoseNotice))
        await stage.station.resume(half.id)
        await stage.a_moment()
        assert stage.state is State.HALF_DONE
        assert [notice.serial_number for notice in stage.of(WhoseNotice)[told:]] == []


async def test_a_token_in_stock_is_not_asked_about() -> None:
    async with a_desk() as stage:
        await found(stage, "86590001")
        await stage.a_moment()
        assert stage.of(WhoseNotice) == []


@pytest.mark.parametrize("mode", Mode)
async def test_a_token_of_the_person_who_is_there_is_asked_about_where_nothing_is_to_be_given(
    mode: Mode,
) -> None:
    async with a_desk(mode, world=held()) as stage:
        await stage.desk.serve(stage.world.ada)
        await found(stage, "86590001")
        await stage.reach(State.BLOCKED)
        await stage.until(lambda: asked(stage) == "86590001")


async def test_a_token_that_only_wants_its_code_is_handed_over_as_ever() -> None:
    async with a_desk(world=held(activated=False)) as stage:
        await stage.desk.serve(stage.world.ada)
        await found(stage, "86590001")
        await stage.reach(State.AWAITING_CODE)
        assert asked(stage) == ""


async def test_who_comes_for_the_token_of_somebody_else_ends_the_question() -> None:
    async with a_desk(world=held()) as stage:
        await found(stage, "86590001")
        await stage.until(lambda: asked(stage) == "86590001")
        await stage.desk.serve(stage.world.ben)
        await stage.until(lambda: asked(stage) == "")


async def test_another_token_ends_the_question_and_what_somebody_has() -> None:
    async with a_desk(world=held()) as stage:
        await stage.desk.serve(stage.world.ada)
        await stage.station.lookup.holdings(stage.world.ada)
        await stage.desk.serve(stage.world.ben)
        await stage.until(lambda: stage.of(HoldingsNotice)[-1] == HoldingsNotice())


# By serial number ------------------------------------------------------------------------------


async def test_a_token_that_may_not_be_looked_up_is_handed_over_by_its_number() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail_always("find_tokens", NO)
        desk = Beside(stage)
        await scan(stage, "86590001")
        await stage.desk.serve(stage.world.ada)
        await stage.until(lambda: at_work(stage) and desk.state is State.AWAITING_CODE)
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert stage.world.directory.writes == ["assign_and_activate_by_serial"]


async def test_once_the_token_may_be_looked_up_the_cards_are_enough() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail_always("find_tokens", NO)
        await scan(stage, "86590001")
        await stage.desk.serve(stage.world.ada)
        await stage.until(lambda: at_work(stage))
        stage.world.directory.recover("find_tokens")
        await stage.desk.look_up_again(checked=True)
        await stage.until(lambda: not at_work(stage) and stage.state is State.AWAITING_CODE)
        assert (await stage.submit(RIGHT)).state is State.ACTIVATED
        assert stage.world.directory.writes == ["assign_and_activate"]


async def test_what_was_left_is_not_begun_again_by_itself() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail_always("find_tokens", NO)
        await scan(stage, "86590001")
        await stage.desk.serve(stage.world.ada)
        await stage.until(lambda: at_work(stage))
        await stage.station.work.cancel()
        stage.desk.tell()
        await stage.a_moment()
        assert not at_work(stage)


# Replacing -------------------------------------------------------------------------------------


async def test_the_next_token_is_the_new_one_while_a_replacement_is_prepared() -> None:
    async with a_desk(world=held()) as stage:
        world, desk = stage.world, Beside(stage)
        await stage.station.desk.prepare_replacement(world.token, world.ada, Reason.DRIFTED)
        assert replacing(stage) == ReplacingNotice(world.token, world.ada, Reason.DRIFTED)
        await scan(stage, "86590002")
        await stage.until(lambda: at_work(stage) and desk.state is State.AWAITING_CODE)
        assert desk.enrollment.token == world.second
        assert desk.enrollment.link is not None
        assert desk.enrollment.link.reason is Reason.DRIFTED
        assert replacing(stage) == ReplacingNotice()


async def test_at_the_limit_the_new_token_on_the_desk_does_not_end_the_old_ones_removal() -> None:
    world = held()
    apps = (an_authenticator(number) for number in range(METHODS_LIMIT - 1))
    world.tenant.add_person(world.ada, *apps)
    async with a_desk(world=world) as stage:
        desk = Beside(stage)
        await stage.station.desk.prepare_replacement(world.token, world.ada, Reason.LOST)
        await scan(stage, "86590002")
        await stage.until(lambda: at_work(stage) and desk.state is State.AWAITING_TOKEN)
        await stage.a_moment()
        assert desk.enrollment.token is not None
        assert desk.enrollment.token.serial_number == "86590001"


async def test_the_old_token_is_not_taken_for_the_new_one() -> None:
    async with a_desk(world=held()) as stage:
        world = stage.world
        await stage.station.desk.prepare_replacement(world.token, world.ada, Reason.LOST)
        await found(stage, "86590001")
        assert replacing(stage).wrong == "86590001"
        await stage.a_moment()
        assert not at_work(stage)


async def test_somebody_else_on_the_desk_ends_the_preparation() -> None:
    async with a_desk(world=held()) as stage:
        world = stage.world
        await stage.station.desk.prepare_replacement(world.token, world.ada, Reason.LOST)
        await stage.desk.serve(world.ben)
        assert replacing(stage) == ReplacingNotice()


async def test_a_replacement_is_prepared_on_a_desk_that_has_just_handed_over() -> None:
    async with a_desk(world=held()) as stage:
        world = stage.world
        await stage.fill(world.second, world.ben)
        await stage.submit()
        await stage.station.desk.prepare_replacement(world.token, world.ada, Reason.LOST)
        assert stage.person_card.person == world.ada
        assert stage.token_card.state is CardState.EMPTY
        assert replacing(stage).old == world.token


# What is past ----------------------------------------------------------------------------------


async def test_another_token_leaves_what_was_not_sent() -> None:
    async with a_desk(world=held()) as stage:
        desk = Beside(stage)
        await desk.begin(Operation.UNASSIGN)
        await desk.show()
        await scan(stage, "86590002")
        await stage.until(lambda: not at_work(stage))
        assert stage.world.directory.writes == []


async def test_another_person_leaves_it_and_the_same_one_does_not() -> None:
    async with a_desk(world=held()) as stage:
        desk = Beside(stage)
        await desk.begin(Operation.UNASSIGN)
        await stage.desk.serve(stage.world.ada)
        await stage.a_moment()
        assert at_work(stage)
        await stage.desk.serve(stage.world.ben)
        await stage.until(lambda: not at_work(stage))


@pytest.mark.parametrize("token_first", [True, False])
async def test_who_comes_after_an_end_begins_with_nothing_of_it(*, token_first: bool) -> None:
    async with a_desk(world=held()) as stage:
        world, desk = stage.world, Beside(stage)
        await found(stage, "86590001")
        await stage.desk.serve(world.ada)
        await stage.until(lambda: stage.person_card.state is CardState.FOUND)
        assert (await desk.do(Operation.UNASSIGN)).state is State.RETURNED
        if token_first:
            await scan(stage, "86590002")
            await stage.until(lambda: stage.person_card.state is CardState.EMPTY)
        else:
            await stage.desk.serve(world.ben)
            await stage.until(lambda: stage.token_card.state is CardState.EMPTY)
        assert not at_work(stage)


async def test_what_came_back_may_go_to_the_next_person() -> None:
    async with a_desk(world=held()) as stage:
        world, desk = stage.world, Beside(stage)
        assert (await desk.do(Operation.UNASSIGN)).state is State.RETURNED
        world.clock.advance(60)
        await found(stage, "86590001")
        await stage.desk.serve(world.ben)
        await stage.reach(State.AWAITING_CODE)
        await stage.a_moment()
        assert stage.enrollment.person == world.ben
        assert not at_work(stage)


async def test_what_somebody_has_is_asked_again_when_something_was_done_with_it() -> None:
    async with a_desk(world=held()) as stage:
        world, desk = stage.world, Beside(stage)
        await stage.desk.serve(world.ada)
        await stage.station.lookup.holdings(world.ada)
        await desk.do(Operation.UNASSIGN)
        await stage.station.work.cancel()
        await stage.until(lambda: _count(stage) == 0)


def _count(stage: Stage) -> int:
    """How many tokens the person who is looked at has, by the last answer."""
    shown = stage.of(HoldingsNotice)[-1]
    return len(shown.holdings.tokens) if shown.holdings and not shown.busy else -1


async def test_starting_afresh_leaves_nothing() -> None:
    async with a_desk(world=held()) as stage:
        world, desk = stage.world, Beside(stage)
        await found(stage, "86590001")
        await desk.begin(Operation.UNASSIGN)
        await stage.station.desk.start_afresh()
        assert not at_work(stage)
        assert asked(stage) == ""
        assert stage.token_card.state is CardState.EMPTY
        assert world.directory.writes == []


async def test_signing_out_leaves_nothing_of_a_replacement_that_was_prepared() -> None:
    async with a_desk(world=held()) as stage:
        world = stage.world
        await stage.station.desk.prepare_replacement(world.token, world.ada, Reason.LOST)
        await stage.station.sign_out()
        assert replacing(stage) == ReplacingNotice()


async def test_the_same_token_on_the_desk_once_it_was_taken_back_begins_a_hand_over() -> None:
    async with a_desk(world=held()) as stage:
        world, desk = stage.world, Beside(stage)
        assert (await desk.do(Operation.UNASSIGN)).state is State.RETURNED
        world.clock.advance(60)
        await found(stage, "86590001")
        assert not at_work(stage)
        await stage.desk.serve(world.ada)
        await stage.reach(State.AWAITING_CODE)


async def test_what_was_chosen_is_checked_when_there_is_a_connection_again() -> None:
    async with a_desk(world=held()) as stage:
        desk = Beside(stage)
        stage.lose_network()
        assert (await desk.begin(Operation.UNASSIGN)).state is State.UNCHECKED
        stage.regain_network()
        await stage.until(lambda: desk.state is State.AWAITING_TOKEN)


async def test_a_draft_that_was_set_aside_while_it_was_checked_is_checked_when_it_is_back() -> None:
    async with a_desk(world=held()) as stage:
        world, desk = stage.world, Beside(stage)
        slow = world.directory.hold("policy")
        await stage.scan("86590002")
        await stage.desk.serve(world.ada)
        await stage.reach(State.CHECKING)
        begun = asyncio.ensure_future(desk.work.begin(Operation.UNASSIGN, world.token, world.ada))
        slow.go.set()
        await begun
        assert desk.state is State.AWAITING_TOKEN
        await desk.work.cancel()
        await stage.reach(State.AWAITING_CODE)
        assert stage.enrollment.token == world.second


async def test_the_cards_show_what_a_chosen_operation_has_seen_of_them() -> None:
    async with a_desk(world=held()) as stage:
        world, desk = stage.world, Beside(stage)
        await found(stage, "86590001")
        await stage.desk.serve(world.ada)
        await stage.until(lambda: stage.shown.of_cards.state is State.BLOCKED)
        assert stage.shown.of_cards.methods
        world.clock.advance(60)
        assert (await desk.do(Operation.UNASSIGN)).state is State.RETURNED
        cards = stage.shown.of_cards
        assert cards.token is not None
        assert cards.token.holder is None
        assert cards.methods == ()


async def test_the_cards_of_another_token_and_person_stay_as_they_are() -> None:
    async with a_desk(world=held()) as stage:
        world, desk = stage.world, Beside(stage)
        await stage.fill(world.second, world.ben)
        before = stage.shown.of_cards
        await desk.begin(Operation.UNASSIGN)
        assert stage.shown.of_cards == before
        await desk.work.cancel()
        assert stage.enrollment == before
