"""Sign-ins that fail, and those that stop being good while the desk works."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.core.enrollment import State
from app.core.errors import SignInRefused, SignInUnreachable
from app.station.notices import CardState, SessionState
from tests.faults.scene import Scene
from tests.support.headless import Browser, Headless, person_at_browser
from tests.support.simulated import browser, fill_in, form_in

pytestmark = pytest.mark.anyio

TOKEN_PATH = {"path": "/oauth2/v2.0/token"}


async def works(scene: Scene, desk: Headless) -> State:
    """Sign in and enroll: the proof that what failed before leaves nothing behind."""
    session = await desk.sign_in()
    assert session.state is SessionState.SIGNED_IN
    await scene.fill(desk)
    return (await desk.submit()).state


async def refused(scene: Scene, desk: Headless) -> SignInRefused:
    session = await desk.sign_in()
    assert session.state is SessionState.FAILED
    assert isinstance(session.error, SignInRefused)
    assert scene.writes() == []
    return session.error


class Visitors:
    """What each person who is sent to the browser does, one after the other."""

    def __init__(self, *each: Browser) -> None:
        self._each = list(each)

    def __call__(self, url: str) -> bool:
        return self._each.pop(0)(url)


async def test_a_page_closed_by_the_person_is_a_cancelled_sign_in(scene: Scene) -> None:
    def declines(url: str) -> bool:
        with browser(scene.tenant.ready.ca_file) as client:
            answer = fill_in(client, client.get(url), decision="cancel")
            form = form_in(answer.text)
            client.post(form.action, data=form.fields)
        return True

    visitors = Visitors(declines, person_at_browser(scene.where))
    async with scene.desk(manner=replace(scene.manner, browser=visitors)) as desk:
        session = await desk.sign_in()
        assert session.state is SessionState.SIGNED_OUT
        assert await works(scene, desk) is State.ASSIGNED

    scene.row("the person declines", "signed out, nothing asked", State.ASSIGNED)


async def test_a_window_closed_without_a_word_is_cancelled_at_the_desk(scene: Scene) -> None:
    visitors = Visitors(lambda _url: True, person_at_browser(scene.where))
    async with scene.desk(manner=replace(scene.manner, browser=visitors)) as desk:
        await desk.station.session.begin_in_browser()
        await desk.until(lambda: desk.session.state is SessionState.IN_BROWSER)
        await desk.station.session.cancel()
        assert desk.session.state is SessionState.SIGNED_OUT
        assert await works(scene, desk) is State.ASSIGNED

    scene.row("window closed, no answer", "cancelled at the desk; again", State.ASSIGNED)


async def test_a_wrong_tenant_is_refused_with_its_number(scene: Scene) -> None:
    authority = scene.where.authority.rpartition("/")[0]
    elsewhere = replace(scene.where, authority=f"{authority}/00000000-0000-4000-8000-000000000000")
    async with scene.desk(elsewhere) as desk:
        error = await refused(scene, desk)
        assert "AADSTS90002" in error.evidence.description

    scene.row("wrong tenant", "refused, with the service's words", "signed out")


@pytest.mark.parametrize(
    ("what", "error", "number", "text"),
    [
        ("MFA refused", "access_denied", 500121, "Authentication failed during strong auth."),
        ("conditional access", "interaction_required", 53003, "Access was blocked by policy."),
        ("admin consent missing", "consent_required", 65001, "An administrator has to consent."),
    ],
)
async def test_a_sign_in_that_the_tenant_refuses_says_why_and_the_next_one_works(
    scene: Scene, what: str, error: str, number: int, text: str
) -> None:
    async with scene.desk() as desk:
        scene.tenant.fault("refuse_sign_in", error=error, number=number, text=text)
        evidence = (await refused(scene, desk)).evidence
        assert f"AADSTS{number}" in evidence.description
        assert await works(scene, desk) is State.ASSIGNED

    scene.row(what, "refused, with the service's words", State.ASSIGNED)


async def test_a_renewal_that_was_revoked_asks_for_a_new_sign_in(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("expire_access_tokens")
        scene.tenant.fault("revoke_refresh_tokens")
        enrollment = await desk.submit()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, SignInRefused)
        assert scene.truth["status"] == "available"

        await desk.station.sign_out()
        assert await works(scene, desk) is State.ASSIGNED

    assert scene.holds("assigned")
    scene.row("refresh token revoked", "nothing done; sign in again", State.ASSIGNED)


async def test_an_expired_access_token_is_renewed_unseen(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("expire_access_tokens")
        assert (await desk.submit()).state is State.ASSIGNED

    assert sorted(w["status"] for w in scene.writes()) == [201, 401]
    scene.row("access token expired", "renews it, sends once more", State.ASSIGNED)


async def test_a_revoked_sign_in_between_write_and_reading_leaves_it_open(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("slow_answer", match={"method": "POST"}, seconds=0.2)
        await desk.desk.submit()
        await desk.reach(State.SUBMITTING)
        while scene.truth["status"] == "available":  # noqa: ASYNC110 - the tenant has no bell
            await asyncio.sleep(0.01)
        scene.tenant.fault("expire_access_tokens")
        scene.tenant.fault("revoke_refresh_tokens")
        assert (await desk.rest()).state is State.UNSETTLED

        await desk.station.sign_out()
        await desk.sign_in()
        await desk.settled()
        assert {line.state for line in desk.lines} == {State.ASSIGNED}

    assert scene.holds("assigned")
    assert len(scene.writes()) == 1
    scene.row("sign-in revoked after a write", "says open; settles signed in", State.ASSIGNED)


@pytest.mark.parametrize("skew", [-7200, 7200])
async def test_a_clock_that_is_wrong_by_hours_does_no_harm(scene: Scene, skew: int) -> None:
    scene.tenant.fault("clock_skew", seconds=skew)
    async with scene.desk() as desk:
        assert await works(scene, desk) is State.ASSIGNED

    scene.row(f"clocks {abs(skew) // 3600} h apart ({'+-'[skew < 0]})", "works", State.ASSIGNED)


async def test_a_throttled_write_knows_its_wait_though_the_clocks_differ(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("too_many_requests", match={"method": "POST"}, retry_after=3)
        scene.tenant.fault("clock_skew", seconds=7200)
        assert (await desk.submit()).state is State.ASSIGNED

    scene.row("Retry-After with clocks apart", "waits what was asked", State.ASSIGNED)


@pytest.mark.parametrize("kind", ["reset", "lost_answer", "bad_gateway", "html", "truncated_json"])
async def test_a_token_service_that_fails_is_unreachable_and_the_next_try_works(
    scene: Scene, kind: str
) -> None:
    async with scene.desk() as desk:
        scene.tenant.fault(kind, match=TOKEN_PATH, times=2)
        session = await desk.sign_in()
        assert session.state is SessionState.FAILED
        assert isinstance(session.error, SignInUnreachable)
        scene.tenant.control("DELETE", "/faults")
        assert await works(scene, desk) is State.ASSIGNED

    scene.row(f"token service: {kind}", "unreachable; next time it works", State.ASSIGNED)


async def test_a_directory_that_does_not_know_the_operator_ends_the_sign_in(scene: Scene) -> None:
    async with scene.desk() as desk:
        scene.tenant.fault("service_unavailable", match={"path": "/me"}, times=9)
        session = await desk.sign_in()
        assert session.state is SessionState.FAILED
        scene.tenant.control("DELETE", "/faults")
        assert await works(scene, desk) is State.ASSIGNED

    scene.row("/me fails after the sign-in", "nobody is signed in; again", State.ASSIGNED)


async def test_a_renewal_that_cannot_reach_the_service_fails_the_card_alone(scene: Scene) -> None:
    async with scene.open_desk() as desk:
        scene.tenant.fault("expire_access_tokens")
        scene.tenant.fault("reset", match=TOKEN_PATH, times=9)
        await desk.scan(scene.serial)
        await desk.until(lambda: desk.token_card.state is CardState.FAILED)
        assert isinstance(desk.token_card.error, SignInUnreachable)
        scene.tenant.control("DELETE", "/faults")
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED

    scene.row("renewal cannot reach the service", "the card says so; again", State.ASSIGNED)
