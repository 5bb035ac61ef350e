"""The composition root: what it puts together, and what a person sees where it cannot."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.errors import LedgerError, SettingsError
from app.core.model import Mode
from app.main import Place, build, place_of
from app.settings.configuration import Configuration, load
from app.station.notices import Notice, ReadyNotice
from app.station.setup import DeskSettings, Notify
from app.station.station import Station
from app.ui.wording.errors import trouble
from tests.journeys.program import environment
from tests.ui.stage import Stage, a_window_on

TENANT, CLIENT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30", "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"


def a_place(ledger_file: Path) -> Place:
    return Place(
        graph_url="https://graph.example.com",
        authority=f"https://login.example.com/{TENANT}",
        client_id=CLIENT,
        ledger_file=ledger_file,
        desk=DeskSettings(desk="Lobby"),
    )


async def opened(place: Place) -> list[Notice]:
    """Build a station at `place`, start and close it; what it told."""
    told: list[Notice] = []
    station = await build(place, told.append, None, lambda _url: True)
    await station.start()
    await station.close()
    return told


def test_a_station_is_put_together_without_asking_anybody(tmp_path: Path) -> None:
    told = asyncio.run(opened(a_place(tmp_path / "ledger.db")))
    assert any(isinstance(notice, ReadyNotice) and notice.desk == "Lobby" for notice in told)
    assert (tmp_path / "ledger.db").exists()


def test_the_folder_of_the_record_is_made_where_it_is_missing(tmp_path: Path) -> None:
    asyncio.run(opened(a_place(tmp_path / "not" / "yet" / "ledger.db")))
    assert (tmp_path / "not" / "yet" / "ledger.db").exists()


def test_a_record_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(LedgerError):
        asyncio.run(opened(a_place(tmp_path / "ledger.db")))


def test_the_configuration_decides_where_the_station_works() -> None:
    place = place_of(Configuration(TENANT, CLIENT, "Contoso", "Lobby", Mode.ASSIGN_ONLY))
    assert place.authority.endswith(TENANT)
    assert place.client_id == CLIENT
    assert (place.desk.desk, place.desk.tenant, place.desk.mode) == (
        "Lobby",
        "Contoso",
        Mode.ASSIGN_ONLY,
    )
    assert place.ca_file is None
    assert place.instance_discovery


def shown(stage: Stage) -> str:
    labels = stage.window.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


def test_without_a_configuration_the_window_says_so_and_names_the_file(
    qtbot: QtBot, tmp_path: Path
) -> None:
    missing = tmp_path / "config.toml"

    async def built(notify: Notify) -> Station:
        return await build(place_of(load(missing)), notify, None, lambda _url: True)

    with a_window_on(qtbot, built) as stage:
        sentence = trouble(SettingsError("", "")).sentence
        stage.until(lambda: sentence in shown(stage))
        assert str(missing) in stage.window.signin._evidence.as_text()


def test_the_program_without_a_configuration_stays_open_and_says_so(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "app", "--config", str(tmp_path / "none.toml")]
    with subprocess.Popen(
        program,
        env=environment(tmp_path, QT_QPA_PLATFORM="offscreen"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)
        process.terminate()
        said, _ = process.communicate(timeout=10)
    assert "Traceback" not in said
