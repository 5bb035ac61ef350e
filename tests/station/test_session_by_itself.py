"""A session that needs nobody: an unattended station, and a sign-in that the system keeps."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.errors import (
    DirectoryError,
    Evidence,
    Forbidden,
    KeyUnusable,
    NotForgotten,
    SignInUnreachable,
    Unavailable,
    Unreachable,
)
from app.core.signin import SignInMethod, StoreState
from app.station.notices import SessionState, TroubleNotice
from app.station.session import AGAIN
from tests.fakes.nouns import SCOPE, an_operator
from tests.fakes.sign_in import CLIENT_ID
from tests.fakes.world import FakeWorld
from tests.station.sessions import ENDED, EXPIRED, WINDOW, begun, ended, told, unattended, waiting
from tests.station.stage import a_desk

pytestmark = pytest.mark.anyio

# -- a station that signs in by itself ------------------------------------------------------------


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
