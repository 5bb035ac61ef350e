"""A session that ends in the middle of a shift, and somebody else who takes over."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.errors import (
    SignInEnded,
    SignInExpired,
)
from app.core.signin import SignInMethod
from app.station.notices import CardState, SessionNotice, SessionState
from tests.fakes.nouns import an_operator
from tests.fakes.world import FakeWorld
from tests.station.sessions import ENDED, EXPIRED, WINDOW, ended, told
from tests.station.stage import a_desk

pytestmark = pytest.mark.anyio

# -- a sign-in that ends in the middle of a shift -------------------------------------------------


@pytest.mark.parametrize("error", [ENDED, EXPIRED], ids=lambda error: type(error).__name__)
async def test_the_desk_keeps_what_lies_on_it_and_asks_to_sign_in_again(
    error: SignInEnded | SignInExpired,
) -> None:
    async with a_desk() as stage:
        before = await stage.fill()
        await ended(stage, error)
        assert stage.session.error == error
        assert stage.session.operator == stage.station.session.operator == an_operator()
        assert stage.enrollment == before


async def test_it_is_told_once_however_many_calls_meet_it() -> None:
    async with a_desk() as stage:
        await ended(stage, ENDED)
        stage.world.directory.fail_always("find_tokens", ENDED)
        await stage.scan("86590001")
        await stage.until(lambda: stage.token_card.state is CardState.FAILED)
        assert told(stage).count(SessionState.ENDED) == 1


async def test_the_same_operator_finds_the_draft_checked_afresh() -> None:
    async with a_desk() as stage:
        before = await stage.fill()
        await ended(stage, ENDED)
        asked = stage.world.directory.count("token")
        await stage.station.session.begin_again(WINDOW)
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        after = await stage.checked()
        assert (after.id, after.token, after.person, after.mode) == (
            before.id,
            before.token,
            before.person,
            before.mode,
        )
        assert stage.world.directory.count("token") == asked + 1
        assert not stage.session.cleared
        assert (await stage.submit()).state is State.ACTIVATED


async def test_the_operator_who_comes_back_need_not_choose_an_account() -> None:
    async with a_desk() as stage:
        await ended(stage, ENDED)
        await stage.station.session.begin_again(WINDOW)
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert stage.world.sign_in.hints == ["", an_operator().user_principal_name]


async def test_what_was_changed_meanwhile_is_found_by_the_check() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await ended(stage, ENDED)
        stage.world.directory.give(stage.world.token, stage.world.ben)
        await stage.station.session.begin_again(WINDOW)
        await stage.reach(State.BLOCKED)


async def test_a_card_that_the_end_left_empty_handed_is_looked_up_again() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("find_tokens", ENDED)
        await stage.scan(stage.world.token.serial_number)
        await stage.until(lambda: stage.session.state is SessionState.ENDED)
        await stage.until(lambda: stage.token_card.state is CardState.FAILED)
        await stage.station.session.begin_again(WINDOW)
        await stage.reach(State.HAS_TOKEN)
        assert stage.enrollment.token == stage.world.token


async def test_what_was_not_sent_for_want_of_a_sign_in_waits_for_its_code_again() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.fail("assign_and_activate", ENDED)
        assert (await stage.submit()).state is State.NOT_DONE
        await stage.until(lambda: stage.session.state is SessionState.ENDED)
        await stage.station.session.begin_again(WINDOW)
        await stage.reach(State.AWAITING_CODE)
        assert stage.world.directory.writes == ["assign_and_activate"]


async def test_another_operator_finds_an_empty_desk_and_is_told_so() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await ended(stage, ENDED)
        stage.world.directory.who = an_operator("Nora")
        await stage.station.session.begin_again(WINDOW)
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert stage.session.cleared
        assert stage.state is State.EMPTY
        assert stage.token_card.state is stage.person_card.state is CardState.EMPTY
        await stage.fill()
        await stage.submit()
        assert stage.world.ledger.entries[0].facts["operator_id"] == an_operator("Nora").id


async def test_another_operator_at_an_empty_desk_is_told_nothing() -> None:
    async with a_desk() as stage:
        await ended(stage, ENDED)
        stage.world.directory.who = an_operator("Nora")
        await stage.station.session.begin_again(WINDOW)
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert not stage.session.cleared


async def test_a_cancelled_try_leaves_the_session_ended_and_the_desk_as_it_was() -> None:
    async with a_desk() as stage:
        before = await stage.fill()
        await ended(stage, ENDED)
        stage.world.sign_in.waits = True
        await stage.station.session.begin_again(WINDOW)
        await stage.until(lambda: stage.world.sign_in.is_open)
        await stage.station.session.cancel()
        assert stage.session == SessionNotice(
            SessionState.ENDED, operator=an_operator(), error=ENDED
        )
        assert stage.enrollment == before


async def test_signing_out_of_an_ended_session_leaves_nothing() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await ended(stage, ENDED)
        await stage.station.sign_out()
        assert stage.session == SessionNotice(SessionState.SIGNED_OUT)
        assert stage.state is State.EMPTY


async def test_while_nobody_is_signed_in_an_end_is_no_news() -> None:
    async with a_desk(signed_in=False) as stage:
        stage.station.session.lost(ENDED)
        assert told(stage) == []


# -- somebody else in one step --------------------------------------------------------------------


async def test_switching_forgets_the_one_and_lets_the_other_choose_an_account() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.who = an_operator("Nora")
        await stage.station.switch_operator(WINDOW)
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert stage.station.session.operator == an_operator("Nora")
        assert stage.world.sign_in.signed_out == 1
        assert stage.world.sign_in.hints[-1] == ""
        assert stage.state is State.EMPTY
        assert not stage.session.cleared  # who leaves has said so


async def test_switching_asks_the_way_the_last_one_was_asked() -> None:
    world = FakeWorld()
    world.sign_in.methods = (SignInMethod.BROWSER, SignInMethod.BROKER)
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.station.session.begin_by_broker(WINDOW)
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        await stage.station.switch_operator(WINDOW + 1)
        await stage.until(lambda: stage.world.sign_in.windows == [WINDOW, WINDOW + 1])
