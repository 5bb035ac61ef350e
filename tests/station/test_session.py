"""Signing in and out, and every way a sign-in can end."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.errors import (
    DirectoryError,
    Evidence,
    Forbidden,
    KeyUnusable,
    NotForgotten,
    SignInCancelled,
    SignInEnded,
    SignInEvidence,
    SignInExpired,
    SignInRefused,
    SignInUnreachable,
    Unavailable,
    Unreachable,
)
from app.core.signin import SignInMethod, StoreState
from app.station.notices import CardState, SessionNotice, SessionState, TroubleNotice
from app.station.session import AGAIN
from tests.fakes.nouns import SCOPE, an_operator
from tests.fakes.sign_in import CLIENT_ID, URL, USER_CODE
from tests.fakes.world import FakeWorld
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

WINDOW = 0x10ADE
ENDED = SignInEnded(SignInEvidence("invalid_grant", "AADSTS50173: revoked."))
EXPIRED = SignInExpired(Evidence("GET", "/users", 401), claims="{}")


def waiting() -> FakeWorld:
    world = FakeWorld()
    world.sign_in.waits = True
    return world


def told(stage: Stage) -> list[SessionState]:
    return [notice.state for notice in stage.of(SessionNotice)]


async def begun(stage: Stage) -> None:
    await stage.station.session.begin_in_browser()
    await stage.until(lambda: stage.world.sign_in.is_open)


async def test_signing_in_by_the_browser_tells_each_step() -> None:
    async with a_desk(signed_in=False) as stage:
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert told(stage) == [
            SessionState.STARTING,
            SessionState.IN_BROWSER,
            SessionState.OPENING,
            SessionState.SIGNED_IN,
        ]
        assert stage.of(SessionNotice)[1].url == URL
        assert stage.session.operator == stage.station.session.operator == an_operator()


async def test_signing_in_by_device_code_tells_what_to_type() -> None:
    async with a_desk(signed_in=False) as stage:
        await stage.station.session.begin_by_device_code()
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        prompt = stage.of(SessionNotice)[1].prompt
        assert prompt is not None
        assert prompt.user_code == USER_CODE


async def test_a_sign_in_can_be_cancelled_at_any_moment() -> None:
    async with a_desk(world=waiting(), signed_in=False) as stage:
        await begun(stage)
        await stage.station.session.cancel()
        await stage.until(lambda: stage.world.sign_in.cancelled == 1)
        assert stage.session.state is SessionState.SIGNED_OUT
        assert stage.station.session.operator is None


async def test_after_a_cancelled_sign_in_another_one_works() -> None:
    async with a_desk(world=waiting(), signed_in=False) as stage:
        await begun(stage)
        await stage.station.session.cancel()
        await begun(stage)
        stage.world.sign_in.complete()
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)


async def test_beginning_again_stops_the_sign_in_before() -> None:
    async with a_desk(world=waiting(), signed_in=False) as stage:
        await begun(stage)
        await stage.station.session.begin_by_device_code()
        await stage.until(lambda: stage.session.state is SessionState.BY_DEVICE)
        await stage.until(lambda: stage.world.sign_in.cancelled == 1)
        assert SessionState.SIGNED_OUT not in told(stage)


async def test_closing_the_sign_in_page_is_no_failure() -> None:
    async with a_desk(signed_in=False) as stage:
        stage.world.sign_in.fail(SignInCancelled())
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_OUT)
        assert SessionState.FAILED not in told(stage)


@pytest.mark.parametrize(
    "error",
    [SignInRefused(SignInEvidence("access_denied")), SignInUnreachable("no route")],
    ids=lambda error: type(error).__name__,
)
async def test_a_sign_in_that_failed_says_why(error: SignInRefused | SignInUnreachable) -> None:
    async with a_desk(signed_in=False) as stage:
        stage.world.sign_in.fail(error)
        await stage.station.session.begin_by_device_code()
        await stage.until(lambda: stage.session.state is SessionState.FAILED)
        assert stage.session.error == error


async def test_somebody_the_directory_does_not_tell_is_not_signed_in() -> None:
    async with a_desk(signed_in=False) as stage:
        error = Forbidden(Evidence(status=403))
        stage.world.directory.fail("operator", error)
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.session.state is SessionState.FAILED)
        assert stage.session.error == error
        assert stage.station.session.operator is None
        assert (stage.world.sign_in.signed_out, stage.world.sign_in.signed_in) == (1, False)


async def test_a_renewed_sign_in_of_somebody_unknown_leaves_nobody_signed_in() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("operator", Forbidden(Evidence(status=403)))
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.session.state is SessionState.FAILED)
        assert stage.station.session.operator is None
        assert not stage.world.sign_in.signed_in


async def test_a_sign_in_that_fails_by_itself_keeps_what_the_next_one_needs() -> None:
    async with a_desk(signed_in=False) as stage:
        stage.world.sign_in.fail(SignInRefused(SignInEvidence("access_denied")))
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.session.state is SessionState.FAILED)
        assert stage.world.sign_in.signed_out == 0


async def test_signing_out_forgets_the_operator_and_closes_the_desk() -> None:
    async with a_desk() as stage:
        await stage.station.sign_out()
        assert stage.session == SessionNotice(SessionState.SIGNED_OUT)
        assert stage.station.session.operator is None
        assert (stage.world.sign_in.signed_out, stage.world.sign_in.signed_in) == (1, False)
        asked = len(stage.world.directory.calls)
        await stage.scan("86590001")
        await stage.a_moment()
        assert len(stage.world.directory.calls) == asked


async def test_signing_out_stops_a_sign_in_in_progress() -> None:
    async with a_desk(world=waiting(), signed_in=False) as stage:
        await begun(stage)
        await stage.station.sign_out()
        await stage.a_moment()
        assert stage.world.sign_in.cancelled == 1
        assert stage.session.state is SessionState.SIGNED_OUT


async def test_cancelling_a_renewed_sign_in_leaves_the_operator_signed_in() -> None:
    async with a_desk() as stage:
        stage.world.sign_in.waits = True
        await begun(stage)
        await stage.station.session.cancel()
        assert stage.session == SessionNotice(SessionState.SIGNED_IN, operator=an_operator())


async def test_closing_the_page_of_a_renewed_sign_in_leaves_the_operator_signed_in() -> None:
    async with a_desk() as stage:
        stage.world.sign_in.waits = True
        await begun(stage)
        stage.world.sign_in.fail(SignInCancelled())
        await stage.until(lambda: not stage.world.sign_in.is_open)
        await stage.a_moment()
        assert stage.session == SessionNotice(SessionState.SIGNED_IN, operator=an_operator())


async def test_a_sign_in_cancelled_while_opening_opens_nothing() -> None:
    async with a_desk(signed_in=False) as stage:
        slow = stage.world.directory.hold("operator")
        await stage.station.session.begin_in_browser()
        await slow.reached.wait()
        slow.go.set()
        await stage.station.session.cancel()
        await stage.a_moment()
        assert stage.station.session.operator is None
        assert stage.session.state is SessionState.SIGNED_OUT
        assert not stage.world.sign_in.signed_in


# -- a station that signs in by itself ------------------------------------------------------------


def unattended() -> FakeWorld:
    world = FakeWorld()
    world.sign_in.methods = (SignInMethod.CERTIFICATE,)
    return world


async def test_a_station_with_a_certificate_signs_in_when_it_starts() -> None:
    async with a_desk(world=unattended(), signed_in=False) as stage:
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        operator = stage.station.session.operator
        assert operator is not None
        assert operator.application
        assert operator.id == CLIENT_ID
        assert CLIENT_ID in operator.display_name
        assert operator.user_principal_name == ""
        assert operator.scopes == {SCOPE}
        assert stage.world.directory.count("operator") == 0  # an application has no /me


async def test_what_it_hands_over_is_recorded_as_the_applications() -> None:
    async with a_desk(world=unattended(), signed_in=False) as stage:
        await stage.until(lambda: stage.station.session.operator is not None)
        await stage.fill()
        await stage.submit()
        facts = stage.world.ledger.entries[0].facts
        assert (facts["operator_id"], facts["operator_kind"]) == (CLIENT_ID, "application")
        assert facts["operator_upn"] == ""


async def test_a_person_is_recorded_without_a_kind() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit()
        assert "operator_kind" not in stage.world.ledger.entries[0].facts


async def test_what_fails_unattended_is_told_and_tried_again_until_it_is_mended() -> None:
    world = unattended()
    error = KeyUnusable("kiosk.pem", "others can get at it", "chmod 600 kiosk.pem")
    world.clock.stop()
    world.sign_in.fail(error)
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.until(lambda: stage.session.state is SessionState.FAILED)
        assert stage.session.error == error
        await stage.until(lambda: world.clock.sleepers == 1)
        world.clock.run()
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert world.clock.slept == [AGAIN]


async def test_an_unattended_sign_in_that_ends_is_renewed_by_the_station_itself() -> None:
    async with a_desk(world=unattended(), signed_in=False) as stage:
        await stage.until(lambda: stage.station.session.operator is not None)
        await stage.fill()
        stage.world.directory.fail("search_people", ENDED)
        await stage.station.people.search("Ada")
        await stage.until(lambda: told(stage).count(SessionState.SIGNED_IN) == 2)
        assert SessionState.ENDED not in told(stage)
        assert (await stage.checked()).state is State.AWAITING_CODE


async def test_signing_an_unattended_station_out_clears_the_desk_and_begins_anew() -> None:
    async with a_desk(world=unattended(), signed_in=False) as stage:
        await stage.until(lambda: stage.station.session.operator is not None)
        await stage.fill()
        await stage.station.sign_out()
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert stage.state is State.EMPTY
        assert stage.world.sign_in.signed_out == 1


async def test_where_people_can_sign_in_too_somebody_takes_the_applications_place() -> None:
    world = unattended()
    world.sign_in.methods = (SignInMethod.CERTIFICATE, SignInMethod.BROWSER)
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.until(lambda: stage.station.session.operator is not None)
        await stage.station.switch_operator(WINDOW)
        assert stage.session.state is SessionState.SIGNED_OUT
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert stage.station.session.operator == an_operator()


# -- a sign-in that the system keeps --------------------------------------------------------------


async def test_a_kept_sign_in_is_taken_up_at_the_start_without_asking_anybody() -> None:
    world = FakeWorld()
    world.sign_in.kept = True
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert told(stage) == [SessionState.OPENING, SessionState.SIGNED_IN]
        assert stage.station.session.operator == an_operator()


async def test_somebody_who_was_faster_than_the_start_is_not_interrupted() -> None:
    world = waiting()
    world.sign_in.kept = True
    async with a_desk(world=world, signed_in=False) as stage:
        await begun(stage)
        await stage.station.session.begin_by_itself()
        await stage.a_moment()
        assert world.sign_in.is_open
        assert stage.session.state is SessionState.IN_BROWSER


async def test_without_one_the_station_waits_for_somebody() -> None:
    async with a_desk(signed_in=False) as stage:
        await stage.a_moment()
        assert told(stage) == []


async def test_one_that_cannot_be_taken_up_for_want_of_a_network_says_so() -> None:
    world = FakeWorld()
    world.sign_in.kept = True
    world.sign_in.fail(SignInUnreachable("no route"))
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.until(lambda: stage.session.state is SessionState.FAILED)
        assert world.sign_in.kept


@pytest.mark.expect_log("still in the system's store")
async def test_a_store_that_does_not_let_go_is_told_and_nobody_is_signed_in() -> None:
    async with a_desk() as stage:
        stage.world.sign_in.stubborn = True
        await stage.station.sign_out()
        assert stage.session.state is SessionState.SIGNED_OUT
        assert [type(notice.error) for notice in stage.of(TroubleNotice)] == [NotForgotten]


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (Unreachable(Evidence("GET", "/me")), True),
        (Unavailable(Evidence("GET", "/me", 503)), True),
        (Forbidden(Evidence("GET", "/me", 403)), False),
        (EXPIRED, False),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_kept_sign_in_outlives_a_directory_that_is_away_but_not_its_no(
    error: DirectoryError,
    kept: bool,  # noqa: FBT001 - a column of the table
) -> None:
    world = FakeWorld()
    world.sign_in.kept = True
    world.directory.fail("operator", error)
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.until(lambda: stage.session.state is SessionState.FAILED)
        assert stage.session.error == error
        assert stage.station.session.operator is None
        assert world.sign_in.kept is kept


async def test_a_station_that_closes_while_it_takes_a_sign_in_up_does_not_lose_it() -> None:
    world = FakeWorld()
    world.sign_in.kept = True
    slow = world.directory.hold("operator")
    async with a_desk(world=world, signed_in=False):
        await slow.reached.wait()
    assert world.sign_in.kept


async def test_signing_in_again_after_a_kept_sign_in_takes_the_first_way_there_is() -> None:
    world = FakeWorld()
    world.sign_in.kept = True
    world.sign_in.methods = (SignInMethod.DEVICE,)
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.until(lambda: stage.station.session.operator is not None)
        await ended(stage, ENDED)
        await stage.station.session.begin_again(WINDOW)
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert SessionState.BY_DEVICE in told(stage)
        assert (await stage.station.session.store()).state is StoreState.KEEPS


async def test_where_there_is_no_way_in_signing_in_again_changes_nothing() -> None:
    async with a_desk() as stage:
        await ended(stage, ENDED)
        stage.world.sign_in.methods = ()
        await stage.station.session.begin_again(WINDOW)
        assert stage.session.state is SessionState.ENDED


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


# -- a sign-in that ends in the middle of a shift -------------------------------------------------


async def ended(stage: Stage, error: SignInEnded | SignInExpired) -> None:
    """Let the next call be the one that meets the end of the sign-in."""
    stage.world.directory.fail("search_people", error)
    await stage.station.people.search("Ada")
    await stage.until(lambda: stage.session.state is SessionState.ENDED)


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
