"""What is examined follows from the configuration, sound or not; nothing is examined before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import compose, doctor
from app.auth import Certificate
from app.core.checkup import Check, Told
from app.core.cloud import Cloud
from app.core.rights import scopes_for
from app.core.signin import SignInMethod
from app.main import practice_config
from app.network.tls import make_ssl_context
from app.settings.places import data_folder
from app.station.examining import examine
from app.station_config import StationConfig, examined_config
from tests.doctor.clinic import HELP, SETUPS
from tests.settings.layers import CLIENT, LEAST, TENANT, Machine
from tests.support.simulated import start_simulator

EVERYTHING = f"""{LEAST}cloud = "us-gov-l4"
[signin]
methods = ["certificate", "device-code"]
cache = "system"
certificate = "station.pem"
[network]
proxy = "http://desk:Correct-Horse-7@proxy.contoso.com:8080"
ca_file = "ca.pem"
[readers]
cards = false
[serial]
enabled = true
ports = ["/dev/ttyACM0"]
[ledger]
folder = "record"
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_what_is_configured_is_what_is_examined(machine: Machine) -> None:
    machine.user(EVERYTHING)
    folder = machine.user_file.parent
    (folder / "station.pem").touch()
    (folder / "ca.pem").touch()
    config = examined_config(machine.sources())
    assert config.authority == f"https://login.microsoftonline.us/{TENANT}"
    assert config.graph_url == "https://graph.microsoft.us"
    assert (config.client_id, config.desk.cloud) == (CLIENT, Cloud.US_GOV_L4)
    assert config.methods == (SignInMethod.CERTIFICATE, SignInMethod.DEVICE)
    assert (config.keep, config.cards) == (True, False)
    assert config.serial is not None
    assert config.serial.ports == ("/dev/ttyACM0",)
    assert config.ca_file == folder / "ca.pem"
    assert config.ledger_file == folder / "record" / TENANT / "ledger.db"
    assert config.key == Certificate(folder / "station.pem")
    assert "Correct-Horse-7" in config.proxies.configured
    assert "Correct-Horse-7" not in repr(config)


def test_without_a_tenant_there_is_no_place_to_sign_in_to(machine: Machine) -> None:
    config = examined_config(machine.sources())
    assert (config.authority, config.graph_url) == ("", "")
    assert config.scopes == scopes_for()
    cloud = compose.cloud_of(config)
    assert not isinstance(cloud, compose.OpenCloud)
    assert {each.check for each in cloud} == set(doctor.OF_ACCOUNT)


@pytest.mark.anyio
async def test_a_proxy_or_authorities_that_cannot_be_used_leave_the_sign_in_unchecked(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.user(LEAST)
    sources = machine.sources()
    monkeypatch.setenv("HTTPS_PROXY", "socks5://localhost:1080")
    causes = [await cause(examined_config(sources))]
    monkeypatch.delenv("HTTPS_PROXY")
    machine.user(f'{LEAST}[network]\nca_file = "{machine.user_file}"\n')
    causes.append(await cause(examined_config(sources)))
    assert causes == [Check.PROXY, Check.AUTHORITIES]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "unusable",
    [
        "[signin]\nmethods = ['certificate']\n",
        "[kiosk]\nenabled = true\n[signin]\nmethods = ['browser']\n",
    ],
    ids=["no certificate", "no way to sign in"],
)
async def test_a_sign_in_that_cannot_be_used_is_left_to_the_check_of_the_configuration(
    machine: Machine, unusable: str
) -> None:
    machine.user(f"{LEAST}{unusable}")
    assert await cause(examined_config(machine.sources())) is Check.CONFIGURATION


def test_the_doctor_and_the_station_keep_the_sign_in_in_the_same_folder(machine: Machine) -> None:
    """On Windows the encrypted sign-in is a file, which the doctor has to find again."""
    machine.user(f'{LEAST}[signin]\ncache = "system"\n[ledger]\nfolder = "record"\n')
    config = examined_config(machine.sources())
    settings = compose._auth_settings(config, make_ssl_context(None))
    assert settings.store_folder == data_folder()


async def cause(config: StationConfig) -> object:
    cloud = compose.cloud_of(config)
    assert not isinstance(cloud, compose.OpenCloud)
    findings = await examine(cloud, lambda _finding: None)
    assert {each.told for each in findings} == {Told.AFTER}
    return findings[0].facts["check"]


def test_every_check_is_examined_once_and_after_what_it_needs(machine: Machine) -> None:
    """The order matters: an examination waits only for what stands before it."""
    machine.user(LEAST)
    config = examined_config(machine.sources())
    with ThreadPoolExecutor(1) as executor:
        without = doctor.examinations(config, executor)
    known: set[str] = set()
    for each in without:
        assert set(each.needs) | set(each.after) <= known
        known.add(each.key)
    assert len(known) == len(without)
    assert {each.check for each in without} == set(Check) - {
        *doctor.OF_ACCOUNT,
        Check.SCOPE,
        Check.ROLE,
    }


def test_the_practice_tenant_is_examined_without_a_configuration(tmp_path: Path) -> None:
    with start_simulator(people=60, tokens=40) as simulated:
        config = practice_config(simulated.ready, tmp_path)
    assert config.origin is None
    with ThreadPoolExecutor(1) as executor:
        checks = {each.check for each in doctor.examinations(config, executor)}
    assert Check.CONFIGURATION not in checks


def test_the_table_of_the_help_has_a_row_for_every_set_up_and_no_other() -> None:
    table = HELP.read_text("utf-8").partition("| What is wrong |")[2].splitlines()[2:]
    names = list(dict.fromkeys(row.split("|")[1].strip() for row in table))
    assert names == [setup.name for setup in SETUPS]
    assert len(table) == sum(max(len(setup.wrong), 1) for setup in SETUPS)
