"""A kiosk that nobody signs in to, its key in a PKCS#11 token: the real window, start to finish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.compose import build_station
from app.core.enrollment import State
from app.core.signin import KeyStore, SignInMethod
from app.main import practice_config
from app.settings.configuration import defaults
from app.simulator.dock import SimulatedPractice
from app.station.context import Notify
from app.station.station import Station
from app.station_config import StationConfig, station_key
from tests.auth.keys import private
from tests.journeys.travel import SOON, Journey
from tests.support import softhsm
from tests.support.simulated import Simulated, start_simulator
from tests.support.softhsm import LABEL, PIN, WRONG_PIN
from tests.ui.stage import Stage, a_window_on

pytestmark = pytest.mark.skipif(bool(softhsm.missing()), reason=softhsm.missing())


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulated]:
    """A tenant that knows the certificate of the kiosk, whose key is in SoftHSM."""
    token = softhsm.a_token(softhsm.prepare(tmp_path, monkeypatch))
    registered = token.make().public_bytes(serialization.Encoding.PEM)
    with start_simulator(people=60, tokens=80, app_certificates=(registered,)) as tenant:
        yield tenant


def at_the_kiosk(tenant: Simulated, folder: Path, pin: str = PIN) -> StationConfig:
    """What a station at a kiosk works with, as the configuration would have it."""
    config = practice_config(tenant.ready, folder)
    key = replace(
        defaults().signin,
        methods=(SignInMethod.CERTIFICATE,),
        key_store=KeyStore.PKCS11,
        key_module=softhsm.module(),
        key_token=LABEL,
        key_pin_file=private(folder / "kiosk.pin", f"{pin}\n".encode()),
    )
    return replace(
        config,
        client_id=tenant.ready.app.client_id,
        methods=key.methods,
        key=station_key(key),
        desk=replace(config.desk, patience=SOON),
    )


def opened(qtbot: QtBot, tenant: Simulated, config: StationConfig) -> AbstractContextManager[Stage]:
    async def built(notify: Notify) -> Station:
        return await build_station(
            config, notify, SimulatedPractice(tenant.ready), lambda _url: True
        )

    return a_window_on(qtbot, built)


def test_a_kiosk_hands_a_token_over_with_a_key_that_never_leaves_its_store(
    qtbot: QtBot, kiosk: Simulated, tmp_path: Path
) -> None:
    with opened(qtbot, kiosk, at_the_kiosk(kiosk, tmp_path)) as stage:
        stage.until(stage.desk.isVisible)
        journey = Journey(stage, kiosk, tmp_path)
        journey.scan_both(mode_key=Qt.Key.Key_F4)
        journey.submit()
        stage.reach(State.ASSIGNED)
        assert journey.truth() == ("assigned", journey.person.userPrincipalName)
        assert kiosk.ready.app.client_id.encode() in journey.recorded()
        assert PIN.encode() not in journey.recorded()


def test_a_kiosk_with_a_wrong_pin_says_what_is_wrong_and_what_to_do(
    qtbot: QtBot, kiosk: Simulated, tmp_path: Path
) -> None:
    with opened(qtbot, kiosk, at_the_kiosk(kiosk, tmp_path, WRONG_PIN)) as stage:
        signin = stage.window.signin
        stage.until(lambda: "does not accept the PIN" in shown(signin.findChildren(QLabel)))
        assert "Correct the PIN file" in shown(signin.findChildren(QLabel))


def shown(labels: list[QLabel]) -> str:
    return " ".join(label.text() for label in labels if label.isVisible())
