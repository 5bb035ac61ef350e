"""`oathdesk inventory export`: the whole inventory, or a reason, and nothing between."""

from __future__ import annotations

import csv
import json
import os
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from app.cli import inventory as inventory_cli
from app.cli.inventory import REFUSED, UNWRITTEN, WHOLE
from app.core import sightings
from app.core.ports import DevicePrompt
from app.core.sightings import Sighting
from app.ledger.shelf import FileShelf
from app.station.inventory import SEEN
from app.station_config import StationConfig
from tests.doctor.clinic import Clinic
from tests.support.simulated import DANA, SAM, Simulated, device_login, start_simulator

PAGES = "hardwareOathDevices$"


@pytest.fixture(scope="module")
def tenant() -> Iterator[Simulated]:
    with start_simulator(people=60, tokens=240) as simulated:
        yield simulated


@pytest.fixture
def config(
    tenant: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StationConfig]:
    """A station that is well, and somebody who types the device code."""
    tenant.reset()
    for name in [each for each in os.environ if each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with ExitStack() as ends:
        clinic = Clinic(tenant, tmp_path, ends, monkeypatch)
        monkeypatch.setattr(inventory_cli, "_prompt", typing(tenant, ends, DANA))
        yield clinic.config
    tenant.reset()


def typing(tenant: Simulated, ends: ExitStack, username: str) -> object:
    operator = tenant.operator(username)

    def prompt(asked: DevicePrompt) -> None:
        about = (asked.url, asked.user_code, operator.username, operator.password)
        kwargs = {"ca_file": tenant.ready.ca_file}
        act = threading.Thread(target=device_login, args=about, kwargs=kwargs)
        act.start()
        ends.callback(act.join)

    return prompt


def given(*words: str) -> Namespace:
    parser = ArgumentParser()
    inventory_cli.add_arguments(parser)
    return parser.parse_args(["export", *words])


def truth(tenant: Simulated) -> list[tuple[str, str]]:
    assert tenant.server.practice is not None
    devices = tenant.server.practice.tenant.devices.all_current()
    return sorted((d.serial_number, d.status) for d in devices if not d.legacy)


def test_it_writes_every_token_to_the_terminal_and_nothing_else(
    tenant: Simulated, config: StationConfig, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert inventory_cli.run_from(given(), config) == WHOLE
    told = capsysbinary.readouterr()
    rows = list(csv.DictReader(StringIO(told.out.decode("utf-8-sig"))))
    assert [(row["serial_number"], row["status"]) for row in rows] == truth(tenant)
    assert b"Tokens read: 100" in told.err


def test_it_writes_json_to_a_file_with_what_this_station_knows(
    tenant: Simulated, config: StationConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tenant.server.practice is not None
    devices = tenant.server.practice.tenant.devices.all_current()
    waits = next(d for d in devices if d.status == "assigned")
    seen = {waits.id: Sighting(waits.holder or "", config.clock.now())}
    FileShelf(config.ledger_file.parent).keep(SEEN, sightings.written(seen))
    file = tmp_path / "out" / "inventory.json"
    assert inventory_cli.run_from(given("--format", "json", "--output", str(file)), config) == WHOLE
    rows = json.loads(file.read_text(encoding="utf-8"))
    assert [(row["serial_number"], row["status"]) for row in rows] == truth(tenant)
    assert [row["device_id"] for row in rows if row["waiting_since"]] == [waits.id]
    told = capsys.readouterr()
    assert (told.out, f"Tokens written to {file}: {len(rows)}" in told.err) == ("", True)


def test_quiet_says_nothing_of_progress(
    config: StationConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "inventory.csv"
    assert inventory_cli.run_from(given("--quiet", "--output", str(file)), config) == WHOLE
    assert "Tokens read" not in capsys.readouterr().err


def test_a_throttled_page_is_waited_for(
    tenant: Simulated, config: StationConfig, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    tenant.fault("bad_gateway", times=3, match={"path": PAGES})
    assert inventory_cli.run_from(given("--format", "json"), config) == WHOLE
    told = capsysbinary.readouterr()
    assert len(json.loads(told.out)) == len(truth(tenant))
    assert b"Trying again." in told.err


def test_somebody_without_the_role_is_told_and_nothing_is_written(
    tenant: Simulated,
    config: StationConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "inventory.csv"
    with ExitStack() as ends:
        monkeypatch.setattr(inventory_cli, "_prompt", typing(tenant, ends, SAM))
        assert inventory_cli.run_from(given("--output", str(file)), config) == REFUSED
    assert "does not permit" in capsys.readouterr().err
    assert not file.exists()


def test_without_a_tenant_it_says_where_to_look(
    config: StationConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inventory_cli.run_from(given(), replace(config, authority="")) == REFUSED
    assert "oathdesk doctor" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told(
    config: StationConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    into = str(tmp_path / "file" / "inventory.csv")
    assert inventory_cli.run_from(given("--output", into), config) == UNWRITTEN
    assert "cannot be written" in capsys.readouterr().err


def test_a_damaged_memory_of_dates_costs_the_dates_alone(
    tenant: Simulated, config: StationConfig, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    config.ledger_file.parent.mkdir(parents=True, exist_ok=True)
    (config.ledger_file.parent / SEEN).write_bytes(b"\xff\xfe")
    assert inventory_cli.run_from(given("--format", "json", "--quiet"), config) == WHOLE
    rows = json.loads(capsysbinary.readouterr().out)
    assert {row["waiting_since"] for row in rows} == {None}
