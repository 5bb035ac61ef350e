"""What is examined follows from the configuration, sound or not; nothing is examined before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import doctor
from app.auth import Certificate
from app.core.checkup import Check, Told
from app.core.cloud import Cloud
from app.core.rights import scopes_for
from app.core.signin import SignInMethod
from app.place import place_of_practice, site_of
from app.station.examining import examine
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
    site = site_of(machine.sources())
    assert site.authority == f"https://login.microsoftonline.us/{TENANT}"
    assert site.graph_url == "https://graph.microsoft.us"
    assert (site.client_id, site.cloud) == (CLIENT, Cloud.US_GOV_L4)
    assert site.methods == (SignInMethod.CERTIFICATE, SignInMethod.DEVICE)
    assert (site.keep, site.cards) == (True, False)
    assert site.ports is not None
    assert site.ports.ports == ("/dev/ttyACM0",)
    assert site.ca_file == folder / "ca.pem"
    assert site.record == folder / "record" / TENANT / "ledger.db"
    assert site.certificate == Certificate(folder / "station.pem")
    assert "Correct-Horse-7" in site.proxies.configured
    assert "Correct-Horse-7" not in repr(site)


def test_without_a_tenant_there_is_no_place_to_sign_in_to(machine: Machine) -> None:
    site = site_of(machine.sources())
    assert (site.authority, site.graph_url) == ("", "")
    assert site.scopes == scopes_for()
    cloud = doctor.cloud_of(site)
    assert not isinstance(cloud, doctor.OpenCloud)
    assert {each.check for each in cloud} == set(doctor.OF_ACCOUNT)


@pytest.mark.anyio
async def test_a_proxy_or_authorities_that_cannot_be_used_leave_the_sign_in_unchecked(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.user(LEAST)
    sources = machine.sources()
    monkeypatch.setenv("HTTPS_PROXY", "socks5://localhost:1080")
    causes = [await cause(site_of(sources))]
    monkeypatch.delenv("HTTPS_PROXY")
    machine.user(f'{LEAST}[network]\nca_file = "{machine.user_file}"\n')
    causes.append(await cause(site_of(sources)))
    assert causes == [Check.PROXY, Check.AUTHORITIES]


async def cause(site: doctor.Site) -> object:
    cloud = doctor.cloud_of(site)
    assert not isinstance(cloud, doctor.OpenCloud)
    findings = await examine(cloud, lambda _finding: None)
    assert {each.told for each in findings} == {Told.AFTER}
    return findings[0].facts["check"]


def test_every_check_is_examined_once_and_after_what_it_needs(machine: Machine) -> None:
    """The order matters: an examination waits only for what stands before it."""
    machine.user(LEAST)
    site = site_of(machine.sources())
    with ThreadPoolExecutor(1) as executor:
        without = doctor.examinations(site, executor)
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
        place = place_of_practice(simulated.ready, tmp_path)
    assert place.site is not None
    assert place.site.settings is None
    with ThreadPoolExecutor(1) as executor:
        checks = {each.check for each in doctor.examinations(place.site, executor)}
    assert Check.CONFIGURATION not in checks


def test_the_table_of_the_help_has_a_row_for_every_set_up_and_no_other() -> None:
    table = HELP.read_text("utf-8").partition("| What is wrong |")[2].splitlines()[2:]
    names = list(dict.fromkeys(row.split("|")[1].strip() for row in table))
    assert names == [setup.name for setup in SETUPS]
    assert len(table) == sum(max(len(setup.wrong), 1) for setup in SETUPS)
