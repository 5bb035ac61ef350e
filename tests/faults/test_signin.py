"""Sign-ins that fail, and those that stop being good while the desk works."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.auth import Certificate
from app.core.enrollment import State
from app.core.errors import (
    AccountRefused,
    ClockWrong,
    ConsentDeclined,
    ConsentMissing,
    KeyUnusable,
    PolicyRefused,
    RegistrationWrong,
    SecondFactorMissing,
    SignInEnded,
    SignInRefused,
    SignInUnreachable,
    WrongTenant,
)
from app.core.signin import SignInMethod, StoreState
from app.station.notices import CardState, SessionState
from tests.faults.scene import Scene
from tests.support import secret_service
from tests.support.headless import Browser, Headless, Manner, person_at_browser
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


async def test_m3_permissions_declined_on_the_page_are_told(
    scene: Scene,
) -> None:
    def declines(url: str) -> bool:
        with browser(scene.tenant.ready.ca_file) as client:
            answer = fill_in(client, client.get(url), decision="cancel")
            form = form_in(answer.text)
            client.post(form.action, data=form.fields)
        return True

    visitors = Visitors(declines, person_at_browser(scene.where))
    async with scene.desk(manner=replace(scene.manner, browser=visitors)) as desk:
        session = await desk.sign_in()
        assert session.state is SessionState.FAILED
        assert isinstance(session.error, ConsentDeclined)
        assert await works(scene, desk) is State.ASSIGNED

    scene.row("the person declines", "says so; again", State.ASSIGNED)


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
        assert isinstance(error, RegistrationWrong)
        assert "AADSTS90002" in error.evidence.description

    scene.row("a tenant that is none", "refused, with the service's words", "signed out")


@pytest.mark.parametrize(
    ("what", "error", "number", "kind"),
    [
        ("wrong tenant", "access_denied", 50020, WrongTenant),
        ("MFA refused", "access_denied", 500121, SecondFactorMissing),
        ("MFA not set up", "interaction_required", 50079, SecondFactorMissing),
        ("conditional access", "interaction_required", 53003, PolicyRefused),
        ("admin consent missing", "consent_required", 65001, ConsentMissing),
        ("not given the application", "access_denied", 50105, AccountRefused),
    ],
)
async def test_a_sign_in_that_the_tenant_refuses_says_why_and_the_next_one_works(
    scene: Scene, what: str, error: str, number: int, kind: type[SignInRefused]
) -> None:
    async with scene.desk() as desk:
        text = "In the tenant's own words."
        scene.tenant.fault("refuse_sign_in", error=error, number=number, text=text)
        told = await refused(scene, desk)
        assert type(told) is kind
        assert f"AADSTS{number}: {text}" in told.evidence.description
        assert await works(scene, desk) is State.ASSIGNED

    scene.row(what, "refused, with the service's words", State.ASSIGNED)


async def test_a_renewal_that_was_revoked_asks_for_a_new_sign_in(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("expire_access_tokens")
        scene.tenant.fault("revoke_refresh_tokens")
        enrollment = await desk.submit()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, SignInEnded)
        assert desk.session.state is SessionState.ENDED
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


@pytest.mark.parametrize("skew", [-7200, -600, 600, 7200])
async def test_a_clock_that_is_wrong_does_a_person_no_harm(scene: Scene, skew: int) -> None:
    scene.tenant.fault("clock_skew", seconds=skew)
    async with scene.desk() as desk:
        assert await works(scene, desk) is State.ASSIGNED

    scene.row(f"clocks {abs(skew) // 60} min apart ({'+-'[skew < 0]})", "works", State.ASSIGNED)


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


async def test_a_claims_challenge_that_a_person_has_to_meet_keeps_the_draft(scene: Scene) -> None:
    async with scene.filled() as desk:
        before = desk.enrollment
        scene.tenant.fault("revoke_refresh_tokens")
        scene.tenant.fault("claims_challenge", times=99)
        await desk.station.people.search("Ad")
        await desk.until(lambda: desk.session.state is SessionState.ENDED)
        assert desk.enrollment == before
        await desk.station.session.begin_again(0)
        await desk.until(lambda: desk.session.state is SessionState.SIGNED_IN)
        assert not desk.session.cleared
        await desk.until(lambda: desk.state in {State.READY, State.AWAITING_CODE})
        assert desk.enrollment.id == before.id
        assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    scene.row("claims challenge, desk full", "asks again, keeps the draft", State.ASSIGNED)


@pytest.mark.skipif(bool(secret_service.missing()), reason=secret_service.missing())
async def test_a_sign_in_that_the_system_keeps_opens_the_next_desk_until_somebody_signs_out(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "keyring"
    folder.mkdir()
    visits: list[str] = []

    def visited(url: str) -> bool:
        visits.append(url)
        return person_at_browser(scene.where)(url)

    manner = replace(scene.manner, auth={"keep": True}, browser=visited)
    with secret_service.a_secret_service(folder, monkeypatch) as keyring:
        async with scene.open_desk(manner=manner):
            assert len(keyring.secrets()) == 1
        async with scene.desk(manner=manner) as desk:
            await desk.until(lambda: desk.session.state is SessionState.SIGNED_IN)
            assert len(visits) == 1
            await scene.fill(desk)
            assert (await desk.submit()).state is State.ASSIGNED
            await desk.station.sign_out()
            assert keyring.secrets() == []
        async with scene.desk(manner=manner) as desk:
            assert (await desk.station.session.store()).state is StoreState.KEEPS
            await asyncio.sleep(0.1)
            assert desk.session.state is SessionState.SIGNED_OUT

    scene.row("restart, sign-in kept", "goes on unasked; forgets for good", State.ASSIGNED)


# -- nobody at the station ------------------------------------------------------------------------


def unattended(scene: Scene, folder: Path) -> Manner:
    """A desk that signs in by the practice application's certificate."""
    app, key_file = scene.tenant.ready.app, folder / "kiosk.pem"
    key_file.write_bytes(Path(app.certificate_file).read_bytes())
    key_file.chmod(0o600)
    auth = {
        "methods": (SignInMethod.CERTIFICATE,),
        "certificate": Certificate(key_file, app.client_id),
    }
    return replace(scene.manner, auth=auth)


async def test_an_unattended_station_enrolls_and_its_record_names_the_application(
    scene: Scene, tmp_path: Path
) -> None:
    async with scene.desk(manner=unattended(scene, tmp_path)) as desk:
        await desk.until(lambda: desk.session.state is SessionState.SIGNED_IN)
        operator = desk.session.operator
        assert operator is not None
        assert operator.application
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    recorded = scene.ledger.read_bytes() + b"".join(
        path.read_bytes() for path in scene.ledger.parent.glob("ledger.db-*")
    )
    assert b'"operator_kind": "application"' in recorded.replace(b'":"', b'": "')
    scene.row("nobody at the station", "the application acts, and is named", State.ASSIGNED)


async def test_a_certificate_withdrawn_in_the_middle_is_told_and_tried_again(
    scene: Scene, tmp_path: Path
) -> None:
    async with scene.desk(manner=unattended(scene, tmp_path)) as desk:
        await desk.until(lambda: desk.session.state is SessionState.SIGNED_IN)
        scene.tenant.fault("expire_access_tokens")
        scene.tenant.fault("clock_skew", seconds=7200)  # no assertion is good any more
        await desk.scan(scene.serial)
        await desk.until(lambda: isinstance(desk.session.error, ClockWrong))
        scene.tenant.control("DELETE", "/faults")
        await desk.until(lambda: desk.session.state is SessionState.SIGNED_IN)
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED

    scene.row("clock wrong, unattended", "says so, tries again by itself", State.ASSIGNED)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions: a Linux or Mac")
async def test_a_key_that_others_can_read_keeps_the_station_out_until_it_is_mended(
    scene: Scene, tmp_path: Path
) -> None:
    manner = unattended(scene, tmp_path)
    key_file = tmp_path / "kiosk.pem"
    key_file.chmod(0o644)
    async with scene.desk(manner=manner) as desk:
        await desk.until(lambda: isinstance(desk.session.error, KeyUnusable))
        key_file.chmod(0o600)
        await desk.until(lambda: desk.session.state is SessionState.SIGNED_IN)
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED

    scene.row("key file open to others", "refuses it, names the command", State.ASSIGNED)
