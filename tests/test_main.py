"""The composition root: what it puts together, and what a person sees where it cannot."""

import asyncio
import subprocess
import sys
import time
import webbrowser
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.compose import browser_of, build_station, configured, guard_of, log_heads_behind
from app.core.errors import LedgerError, NotConfigured, SettingsError
from app.core.model import Mode
from app.ledger import SqliteLedger
from app.main import PRACTICE_PIN, practice_rules
from app.settings.configuration import defaults
from app.settings.loading import Sources, load
from app.settings.places import data_folder
from app.settings.schema import Configuration, TenantProfile
from app.station.context import DeskSettings, Notify
from app.station.gate import Answer
from app.station.notices import Notice, ReadyNotice
from app.station.station import Station
from app.station_config import StationConfig, as_kiosk, config_of, ledger_file
from app.ui.wording.errors import trouble
from tests.conftest import ExpectLog
from tests.journeys.program import environment
from tests.ledger.records import intent_of
from tests.support.journald import Journald
from tests.support.patience import HANG_SECONDS
from tests.ui.stage import Stage, a_window_on

TENANT, CLIENT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30", "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"


def a_config(ledger_file: Path) -> StationConfig:
    return StationConfig(
        graph_url="https://graph.example.com",
        authority=f"https://login.example.com/{TENANT}",
        client_id=CLIENT,
        ledger_file=ledger_file,
        log_folder=ledger_file.parent / "logs",
        desk=DeskSettings(name="Lobby"),
    )


async def opened(config: StationConfig) -> list[Notice]:
    """Build a station of `config`, start and close it; what it told."""
    told: list[Notice] = []
    station = await build_station(config, told.append, None, lambda _url: True)
    await station.start()
    await station.close()
    return told


def test_a_station_is_put_together_without_asking_anybody(tmp_path: Path) -> None:
    told = asyncio.run(opened(a_config(tmp_path / "ledger.db")))
    assert any(isinstance(notice, ReadyNotice) and notice.desk == "Lobby" for notice in told)
    assert (tmp_path / "ledger.db").exists()


def test_the_folder_of_the_record_is_made_where_it_is_missing(tmp_path: Path) -> None:
    asyncio.run(opened(a_config(tmp_path / "not" / "yet" / "ledger.db")))
    assert (tmp_path / "not" / "yet" / "ledger.db").exists()


def test_a_record_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(LedgerError):
        asyncio.run(opened(a_config(tmp_path / "ledger.db")))


CONFIG = f"""
[tenant]
id = "{TENANT}"
client_id = "{CLIENT}"
name = "Contoso"
cloud = "us-gov-l4"
[desk]
name = "Lobby"
mode = "assign-only"
exports = "out"
[badge]
pattern = ""
[ledger]
folder = "record"
"""


def sources_in(folder: Path, text: str | None) -> Sources:
    """Sources of a user's file that holds `text`, or that is not there."""
    file = folder / "config.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    return Sources(folder / "no-machine.toml", file)


def configured_by(sources: Sources) -> Configuration:
    return configured(load(sources), sources)


def test_the_configuration_decides_where_the_station_works(tmp_path: Path) -> None:
    configuration = configured_by(sources_in(tmp_path, CONFIG))
    config = config_of(configuration, configuration.tenants[0])
    assert config.authority == f"https://login.microsoftonline.us/{TENANT}"
    assert config.graph_url == "https://graph.microsoft.us"
    assert config.client_id == CLIENT
    assert config.ledger_file == tmp_path / "record" / TENANT / "ledger.db"
    assert (config.desk.name, config.desk.tenant, config.desk.mode) == (
        "Lobby",
        "Contoso",
        Mode.ASSIGN_ONLY,
    )
    assert config.desk.exports == str(tmp_path / "out")
    assert config.desk.rules.badge_pattern is None
    assert config.ca_file is None
    assert config.instance_discovery


def test_without_a_folder_the_record_is_where_the_platform_keeps_data() -> None:
    tenant = TenantProfile("", TENANT, CLIENT)
    assert ledger_file(defaults(), tenant) == data_folder() / TENANT / "ledger.db"


def test_a_configuration_without_a_tenant_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured) as caught:
        configured_by(sources_in(tmp_path, "[desk]\nname = 'Lobby'\n"))
    assert caught.value.problems[0].place == str(tmp_path / "config.toml")


def test_what_is_only_warned_of_is_logged_and_does_not_stop_the_start(
    tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("configuration: environment: OATHDESK_DESK_NAM: it names no key")
    sources = sources_in(tmp_path, CONFIG)
    sources = replace(sources, environment={"OATHDESK_DESK_NAM": "Hall"})
    assert configured_by(sources).desk.name == "Lobby"


def shown(stage: Stage) -> str:
    labels = stage.window.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        (None, NotConfigured(), ["config.toml", "tenant.id"]),
        (
            "[desk]\nmode = 'give'\nnmae = 'x'\n",
            SettingsError(),
            ["config.toml:2", "assign-only", "config.toml:3", "desk.name"],
        ),
    ],
)
def test_a_configuration_that_cannot_be_used_is_told_in_the_window(
    text: str | None, error: SettingsError, told: list[str], qtbot: QtBot, tmp_path: Path
) -> None:
    sources = sources_in(tmp_path, text)

    async def built(notify: Notify) -> Station:
        configuration = configured_by(sources)
        config = config_of(configuration, configuration.tenants[0])
        return await build_station(config, notify, None, lambda _url: True)

    with a_window_on(qtbot, built) as stage:
        stage.until(lambda: trouble(error).sentence in shown(stage))
        evidence = stage.window.signin._evidence.as_text()
        assert [words for words in told if words not in evidence] == []


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
        said, _ = process.communicate(timeout=HANG_SECONDS)
    assert "Traceback" not in said


def test_the_tries_of_a_kiosk_lie_beside_the_record(tmp_path: Path) -> None:
    guard = guard_of(practice_rules(), tmp_path / "record")
    guard.gate.try_pin("314159")
    assert (tmp_path / "record" / "kiosk.json").exists()
    assert guard.gate.try_pin(PRACTICE_PIN).answer is Answer.OPEN


def test_a_kiosk_without_links_opens_no_browser(tmp_path: Path) -> None:
    desk = configured_by(sources_in(tmp_path, CONFIG))
    assert browser_of(desk) is webbrowser.open
    assert not browser_of(as_kiosk(desk))("https://www.example.com/")


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="Linux alone has the systemd journal"
)
@pytest.mark.anyio
async def test_t4_the_head_is_logged_again_and_again_until_the_station_ends(tmp_path: Path) -> None:
    with (
        Journald(tmp_path) as journald,
        closing(SqliteLedger(tmp_path / "ledger.db", log=journald.system_log)) as ledger,
    ):
        ledger.open()
        ends = AsyncExitStack()
        log_heads_behind(ledger, ends, every=0.01)
        for number in (1, 2):
            ledger.append(intent_of(f"e{number}"))
            while not any(_is_hourly(each, number) for each in journald.entries()):
                await asyncio.to_thread(time.sleep, 0.01)
        await ends.aclose()


def _is_hourly(entry: dict[str, str], sequence: int) -> bool:
    told = entry["OATHDESK_REASON"], entry["OATHDESK_SEQUENCE"]
    return told == ("hourly", str(sequence))
