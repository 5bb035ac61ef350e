"""Signing in and out, and every way a sign-in can end."""

from __future__ import annotations

import pytest

from app.core.errors import (
    Evidence,
    Forbidden,
    SignInCancelled,
    SignInEvidence,
    SignInRefused,
    SignInUnreachable,
)
from app.station.notices import SessionNotice, SessionState
from tests.fakes.nouns import an_operator
from tests.fakes.sign_in import URL, USER_CODE
from tests.station.sessions import begun, told, waiting
from tests.station.stage import a_desk

pytestmark = pytest.mark.anyio


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
