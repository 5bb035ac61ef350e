"""A station whose key never leaves a PKCS#11 token (SoftHSM): it enrolls, and survives its faults.

The practice tenant knows the certificate alone and verifies each assertion by it, over HTTPS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization

from app.auth import StoredKey
from app.core.enrollment import State
from app.core.errors import CertificateRefused
from app.core.signin import SignInMethod
from app.core.stationkey import KeyPinRefused, KeyStoreMissing
from app.station.notices import CardState, SessionState
from tests.faults.scene import Scene
from tests.support import softhsm
from tests.support.headless import Manner
from tests.support.simulated import Simulated, start_simulator
from tests.support.softhsm import PIN, WRONG_PIN, SoftToken

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(bool(softhsm.missing()), reason=softhsm.missing()),
]


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("softhsm")
        yield softhsm.a_token(softhsm.prepare(folder, patch))


@pytest.fixture(scope="module")
def running(token: SoftToken) -> Iterator[Simulated]:
    registered = token.make().public_bytes(serialization.Encoding.PEM)
    with start_simulator(people=60, tokens=80, app_certificates=(registered,)) as simulated:
        yield simulated


def unattended(scene: Scene, key: StoredKey) -> Manner:
    """A desk that signs in by itself, with the key in the token."""
    named = replace(key, client_id=scene.tenant.ready.app.client_id)
    auth = {"methods": (SignInMethod.CERTIFICATE,), "certificate": named}
    return replace(scene.manner, auth=auth)


async def test_a_station_assigns_a_token_with_a_key_that_never_leaves_its_store(
    scene: Scene, token: SoftToken, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with scene.desk(manner=unattended(scene, token.key)) as desk:
        await desk.until(lambda: desk.session.state is SessionState.SIGNED_IN)
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED
    assert scene.holds("assigned")
    assert not [secret for secret in (PIN, "eyJ") if secret in caplog.text]
    scene.row("key in a PKCS#11 token", "signs in by it and enrolls", State.ASSIGNED)


async def test_a_token_that_is_pulled_in_mid_shift_is_missed_and_taken_up_when_it_is_back(
    scene: Scene, token: SoftToken
) -> None:
    async with scene.desk(manner=unattended(scene, token.key)) as desk:
        await desk.until(lambda: desk.session.state is SessionState.SIGNED_IN)
        with token.pulled():
            scene.tenant.fault("expire_access_tokens")
            await desk.scan(scene.serial)
            await desk.until(lambda: desk.token_card.state is CardState.FAILED)
            assert isinstance(desk.token_card.error, KeyStoreMissing)
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED
    scene.row("key store pulled in mid-shift", "says so, goes on when it is back", State.ASSIGNED)


async def test_a_wrong_pin_is_told_again_and_again_and_given_once(
    scene: Scene, token: SoftToken
) -> None:
    """The PIN is made right behind the station's back: if it were tried again, it would be in."""
    manner = unattended(scene, token.key_by(pin=lambda: WRONG_PIN))
    async with scene.desk(manner=manner) as desk:
        await desk.until(lambda: isinstance(desk.session.error, KeyPinRefused))
        token.change_pin(PIN, WRONG_PIN)
        try:
            first = desk.session
            await desk.until(lambda: desk.session is not first)
            assert isinstance(desk.session.error, KeyPinRefused)
        finally:
            token.change_pin(WRONG_PIN, PIN)
    assert scene.requests() == []
    scene.row("wrong PIN of the key store", "gives it once, says so", "nothing is sent")


async def test_a_certificate_that_nobody_registered_is_refused_by_name(
    scene: Scene, token: SoftToken
) -> None:
    other = token.make(2)
    key = token.key_by(thumbprint=softhsm.thumbprint(other))
    async with scene.desk(manner=unattended(scene, key)) as desk:
        await desk.until(lambda: isinstance(desk.session.error, CertificateRefused))
    scene.row("certificate not registered", "names it", "signed out")
