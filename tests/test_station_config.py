"""What was configured reaches the part that it is about."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from app.auth import Certificate, StoredKey
from app.compose import OpenCloud, build_station, cloud_of
from app.core.badge import BadgeRules, ChipNumber
from app.core.errors import SettingsError, SignInError
from app.core.lane import LaneRules
from app.core.layouts import Layout
from app.core.ports import Directory
from app.core.receipt import Paper, Signature
from app.core.rights import Feature
from app.core.signin import KeyStore, SignInMethod
from app.network.proxies import Proxies
from app.readers import SerialScannerSettings
from app.settings.loading import Sources, load
from app.settings.schema import Configuration
from app.station.notices import Sound
from app.station_config import (
    as_kiosk,
    config_of,
    examined_config,
    records,
    rights,
    station_key,
    tenant_of,
)
from tests.auth.keys import private

TENANT, CLIENT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30", "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"
OTHER = "11111111-2222-3333-4444-555555555555"
ONE = f'[tenant]\nid = "{TENANT}"\nclient_id = "{CLIENT}"\n'


def configuration_of(folder: Path, text: str) -> Configuration:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load(Sources(folder / "no-machine.toml", file)).sound()


def test_what_is_not_said_is_as_a_desk_needs_it(tmp_path: Path) -> None:
    configuration = configuration_of(tmp_path, ONE)
    config = config_of(configuration, configuration.tenants[0])
    assert config.cards
    assert config.serial == SerialScannerSettings()
    assert config.desk.sounds == frozenset(Sound)
    assert (config.desk.lock_after, config.desk.sign_out_after) == (600, 3600)
    assert config.desk.badges == BadgeRules()
    assert config.methods == (SignInMethod.BROWSER, SignInMethod.DEVICE)
    assert (config.proxies, config.keep) == (Proxies(of_system=False), False)
    assert config.key is None
    assert "Policy.Read.All" in config.scopes


def test_readers_scanners_badges_and_sounds_are_as_configured(tmp_path: Path) -> None:
    text = (
        f"{ONE}[scanner]\nprefix = '~S'\nlayout = 'azerty'\n"
        "[readers]\ncards = false\n"
        "[serial]\nports = ['COM7']\nbaud = 115200\nending = 'tab'\nprefix = '~'\nsilence = 0\n"
        "[badge]\nattribute = 'extensionAttribute3'\nchip = 'decimal-reversed'\n"
        "[sound]\naccepted = false\n"
    )
    configuration = configuration_of(tmp_path, text)
    config = config_of(configuration, configuration.tenants[0])
    assert not config.cards
    assert config.serial == SerialScannerSettings(
        ports=("COM7",), baud=115_200, ending=b"\t", prefix="~", silence=0
    )
    assert (config.desk.rules.prefix, config.desk.rules.layout) == ("~S", Layout.AZERTY)
    assert config.desk.badges == BadgeRules("extensionAttribute3", ChipNumber.DECIMAL_REVERSED)
    assert config.desk.sounds == {Sound.ATTENTION}


@pytest.mark.parametrize(("days", "kept"), [(0, None), (730, timedelta(days=730))])
def test_names_are_kept_for_as_many_days_as_configured(
    tmp_path: Path, days: int, kept: timedelta | None
) -> None:
    configuration = configuration_of(tmp_path, f"{ONE}[ledger]\nretention_days = {days}\n")
    assert config_of(configuration, configuration.tenants[0]).desk.retention == kept


def test_serial_ports_are_left_alone_where_that_is_configured(tmp_path: Path) -> None:
    configuration = configuration_of(tmp_path, f"{ONE}[serial]\nenabled = false\n")
    assert config_of(configuration, configuration.tenants[0]).serial is None


def test_the_way_to_sign_in_is_as_configured(tmp_path: Path) -> None:
    for name in ("station.pem", "station.passphrase"):
        (tmp_path / name).touch()
    text = (
        f"{ONE}[signin]\nmethods = ['certificate']\ncertificate = 'station.pem'\n"
        "passphrase_file = 'station.passphrase'\ncache = 'system'\n"
        "[network]\nproxy = 'http://me:hunter2@proxy.example:8080'\n"
    )
    configuration = configuration_of(tmp_path, text)
    config = config_of(configuration, configuration.tenants[0])
    assert config.methods == (SignInMethod.CERTIFICATE,)
    key = config.key
    assert key == Certificate(tmp_path / "station.pem")
    private(tmp_path / "station.passphrase", b"opens it\n")
    assert isinstance(key, Certificate)
    assert key.passphrase() == "opens it"
    assert config.keep
    assert config.proxies.configured == "http://me:hunter2@proxy.example:8080"
    assert "hunter2" not in repr(config)


def test_a_key_in_a_store_is_found_as_configured(tmp_path: Path) -> None:
    for name in ("module.so", "station.pin"):
        private(tmp_path / name, b"1234\n")
    text = (
        f"{ONE}[signin]\nmethods = ['certificate']\nkey_store = 'pkcs11'\n"
        "key_module = 'module.so'\nkey_token = 'Kiosk'\nkey_pin_file = 'station.pin'\n"
    )
    signin = configuration_of(tmp_path, text).signin
    key = station_key(signin)
    assert key == StoredKey(KeyStore.PKCS11, "", tmp_path / "module.so", "Kiosk")
    assert isinstance(key, StoredKey)
    assert key.pin() == "1234"
    assert "1234" not in repr(key)


@pytest.mark.parametrize("store", ["windows-machine", "windows-user"])
def test_a_key_in_the_store_of_windows_goes_by_its_thumbprint(tmp_path: Path, store: str) -> None:
    thumbprint = "84:E0:5C:1D:98:BC:E3:A5:42:1D:22:5B:14:0B:36:E8:6A:3D:55:34"
    text = f"{ONE}[signin]\nkey_store = '{store}'\nthumbprint = '{thumbprint}'\n"
    signin = configuration_of(tmp_path, text).signin
    assert station_key(signin) == StoredKey(KeyStore(store), thumbprint)


@pytest.mark.parametrize("store", ["pkcs11", "windows-machine", "windows-user"])
def test_a_store_that_nothing_is_said_of_is_no_key(tmp_path: Path, store: str) -> None:
    configuration = configuration_of(tmp_path, f"{ONE}[signin]\nkey_store = '{store}'\n")
    assert station_key(configuration.signin) is None


@pytest.mark.parametrize(
    ("features", "asked", "spared"),
    [
        ("['assign']", "UserAuthenticationMethod.ReadWrite.All", "Policy.Read.All"),
        ("['assign', 'inventory']", "Policy.Read.All", "Policy.Read.AuthenticationMethod"),
        ("['assign', 'policy']", "Policy.Read.AuthenticationMethod", "Policy.Read.All"),
        ("['assign', 'roles']", "RoleManagement.Read.Directory", "Policy.Read.All"),
    ],
)
def test_only_the_permissions_of_what_is_switched_on_are_asked_for(
    features: str, asked: str, spared: str, tmp_path: Path
) -> None:
    configuration = configuration_of(tmp_path, f"{ONE}[permissions]\nfeatures = {features}\n")
    scopes = config_of(configuration, configuration.tenants[0]).scopes
    assert asked in scopes
    assert spared not in scopes
    assert rights(configuration)


def test_m7_passes_are_issued_only_where_they_are_switched_on(tmp_path: Path) -> None:
    off = configuration_of(tmp_path, ONE)
    assert not config_of(off, off.tenants[0]).desk.passes
    on = configuration_of(tmp_path, f"{ONE}[permissions]\nfeatures = ['assign', 'access-pass']\n")
    config = config_of(on, on.tenants[0])
    assert config.desk.passes
    assert Feature.ISSUE_PASS in rights(on)
    assert "UserAuthMethod-TAP.ReadWrite.All" not in config.scopes  # what assigns covers it


def test_a_tenant_may_name_the_permissions_itself(tmp_path: Path) -> None:
    text = f"{ONE}[permissions]\nscopes = ['User.Read', 'UserAuthMethod-HardwareOATH.Read.All']\n"
    configuration = configuration_of(tmp_path, text)
    scopes = config_of(configuration, configuration.tenants[0]).scopes
    assert scopes == ("User.Read", "UserAuthMethod-HardwareOATH.Read.All")


def test_each_tenant_has_a_record_of_its_own(tmp_path: Path) -> None:
    text = (
        f'[ledger]\nfolder = "record"\n'
        f'[tenants.north]\nid = "{TENANT}"\nclient_id = "{CLIENT}"\n'
        f'[tenants.south]\nid = "{OTHER}"\nclient_id = "{CLIENT}"\n'
    )
    folder = tmp_path / "record"
    assert records(configuration_of(tmp_path, text)) == {
        "north": folder / TENANT / "ledger.db",
        "south": folder / OTHER / "ledger.db",
    }


SEVERAL = (
    f'[tenants.north]\nid = "{TENANT}"\nclient_id = "{CLIENT}"\n'
    f'[tenants.south]\nid = "{OTHER}"\nclient_id = "{CLIENT}"\n'
)


def test_of_several_tenants_one_is_named(tmp_path: Path) -> None:
    assert tenant_of(configuration_of(tmp_path, SEVERAL), "south").id == OTHER


def test_a_tenant_that_nobody_configured_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        tenant_of(configuration_of(tmp_path, SEVERAL), "west")
    (found,) = caught.value.problems
    assert found.problem == "there is no tenant west"
    assert found.allowed == "--tenant with one of north, south"


def test_the_window_names_one_tenant_as_configured_and_one_of_several_as_in_the_choice(
    tmp_path: Path,
) -> None:
    one = configuration_of(tmp_path, ONE)
    assert config_of(one, one.tenants[0]).desk.tenant == ""
    several = configuration_of(tmp_path, SEVERAL + 'label = "Contoso, South"\n')
    north, south = several.tenants
    assert config_of(several, north).desk.tenant == "north"
    assert config_of(several, south).desk.tenant == "Contoso, South"


@pytest.mark.parametrize("word", [True, False])
def test_the_operators_word_for_a_token_that_is_lost_counts_where_it_is_to(
    tmp_path: Path, *, word: bool
) -> None:
    configuration = configuration_of(tmp_path, f"{ONE}[desk]\nwithout_token = {word}\n".lower())
    assert config_of(configuration, configuration.tenants[0]).desk.without_token is word


def test_a_kiosk_opens_no_browser_keeps_no_sign_in_and_wipes(tmp_path: Path) -> None:
    text = f"{ONE}[kiosk]\nenabled = true\nwipe_after = 30\n[signin]\ncache = 'system'\n"
    configuration = configuration_of(tmp_path, text)
    config = config_of(configuration, configuration.tenants[0])
    assert config.methods == (SignInMethod.DEVICE,)
    assert not config.keep
    assert config.desk.wipe_after == 30


def test_a_kiosk_that_may_open_links_offers_the_browser(tmp_path: Path) -> None:
    configuration = configuration_of(tmp_path, f"{ONE}[kiosk]\nenabled = true\nlinks = true\n")
    config = config_of(configuration, configuration.tenants[0])
    assert SignInMethod.BROWSER in config.methods


def test_what_is_run_as_a_kiosk_is_one_whatever_it_was_configured_to_be(tmp_path: Path) -> None:
    plain = configuration_of(tmp_path, f"{ONE}[signin]\ncache = 'system'\n")
    assert config_of(plain, plain.tenants[0]).keep
    kiosk = as_kiosk(plain)
    config = config_of(kiosk, kiosk.tenants[0])
    assert not config.keep
    assert config.desk.wipe_after == 60
    assert config.methods == (SignInMethod.DEVICE,)


@pytest.mark.parametrize("word", [True, False])
def test_line_mode_is_begun_with_where_it_is_wanted(tmp_path: Path, *, word: bool) -> None:
    configuration = configuration_of(tmp_path, f"{ONE}[desk]\nline_mode = {word}\n".lower())
    assert config_of(configuration, configuration.tenants[0]).desk.line is word


def test_self_service_asks_for_one_permission_and_keeps_nobody(tmp_path: Path) -> None:
    text = f"{ONE}[desk]\nlane = 'self'\n[lane]\nidle = 45\ngoodbye = 10\n[lock]\nafter = 5\n"
    configuration = configuration_of(tmp_path, text)
    config = config_of(configuration, configuration.tenants[0])
    assert config.scopes == ("UserAuthenticationMethod.ReadWrite",)
    assert config.desk.lane == LaneRules(45.0, 10.0)
    assert not config.keep
    assert (config.desk.lock_after, config.desk.sign_out_after) == (0, 0)


def test_self_service_asks_for_what_is_named_instead(tmp_path: Path) -> None:
    named = "UserAuthMethod-HardwareOATH.ReadWrite"
    text = f"{ONE}[desk]\nlane = 'self'\n[permissions]\nscopes = ['{named}']\n"
    configuration = configuration_of(tmp_path, text)
    assert config_of(configuration, configuration.tenants[0]).scopes == (named,)


def test_receipts_are_as_configured(tmp_path: Path) -> None:
    configuration = configuration_of(tmp_path, f"{ONE}name = 'Contoso'\n")
    rules = config_of(configuration, configuration.tenants[0]).desk.receipts
    assert rules is not None
    assert (rules.header, rules.language, rules.printing) == ("Contoso", "en", True)
    text = (
        f"{ONE}[receipt]\nheader = 'Contoso Ltd'\nlanguage = 'de'\nsignature = 'screen'\n"
        "paper = 'letter'\nprinting = false\ntext = ['en: Mine.', 'de: Meins.']\n"
    )
    configuration = configuration_of(tmp_path, text)
    rules = config_of(configuration, configuration.tenants[0]).desk.receipts
    assert rules is not None
    assert (rules.header, rules.language, rules.printing) == ("Contoso Ltd", "de", False)
    assert (rules.signature, rules.paper) == (Signature.SCREEN, Paper.LETTER)
    assert rules.text == ("en: Mine.", "de: Meins.")
    configuration = configuration_of(tmp_path, f"{ONE}[receipt]\noffered = false\n")
    assert config_of(configuration, configuration.tenants[0]).desk.receipts is None


def test_m8_the_desks_that_share_the_limit_are_as_configured(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"{ONE}[network]\ndesks = 3\n", encoding="utf-8")
    sources = Sources(tmp_path / "no-machine.toml", file)
    configuration = load(sources).sound()
    assert config_of(configuration, configuration.tenants[0]).desks == 3
    assert examined_config(sources).desks == 3


@pytest.mark.parametrize("desks", ["0", "11", "-2", "2.5", "true", "'2'"])
def test_m8_a_number_of_desks_that_cannot_be_is_refused(tmp_path: Path, desks: str) -> None:
    with pytest.raises(SettingsError) as caught:
        configuration_of(tmp_path, f"{ONE}[network]\ndesks = {desks}\n")
    (problem,) = caught.value.problems
    assert (problem.key, problem.allowed) == ("network.desks", "a whole number from 1 to 10")


async def waits(directory: Directory) -> bool:
    """Tell whether a second call waits for its turn; nobody is signed in, so nothing is sent."""
    with pytest.raises(SignInError):
        await directory.hardware_methods("p1")
    try:
        async with asyncio.timeout(0.2):
            await directory.hardware_methods("p1")
    except TimeoutError:
        return True
    except SignInError:
        return False
    raise AssertionError("a call went out without a sign-in")


@pytest.mark.parametrize(("desks", "waiting"), [(1, False), (5, True)])
def test_m8_the_station_and_the_doctor_keep_to_their_share(
    tmp_path: Path, desks: int, *, waiting: bool
) -> None:
    text = f"{ONE}[network]\ndesks = {desks}\n[ledger]\nfolder = 'record'\n"
    configuration = configuration_of(tmp_path, text)
    config = config_of(configuration, configuration.tenants[0])
    config = examined_config(Sources(tmp_path / "no-machine.toml", tmp_path / "config.toml"))

    async def both() -> list[bool]:
        station = await build_station(config, lambda _notice: None, None, lambda _url: True)
        cloud = cloud_of(config)
        assert isinstance(cloud, OpenCloud)
        try:
            return [await waits(station._ports.directory), await waits(cloud.directory)]
        finally:
            await cloud.close()
            await station.close()

    assert asyncio.run(both()) == [waiting, waiting]


def test_m10_the_template_of_a_methods_name_reaches_the_desk(tmp_path: Path) -> None:
    configuration = configuration_of(tmp_path, f"{ONE}[desk]\nmethod_name = '{{model}} {{last}}'\n")
    assert config_of(configuration, configuration.tenants[0]).desk.method_name == "{model} {last}"
    configuration = configuration_of(tmp_path, ONE)
    assert not config_of(configuration, configuration.tenants[0]).desk.method_name


@pytest.mark.parametrize(
    "template", ["{serial}", "{model", "model", "{last} \u2026", "{last:4}", "x" * 41]
)
def test_m10_a_template_that_cannot_be_used_is_named(tmp_path: Path, template: str) -> None:
    with pytest.raises(SettingsError) as caught:
        configuration_of(tmp_path, f"{ONE}[desk]\nmethod_name = '{template}'\n")
    (problem,) = caught.value.problems
    assert problem.key == "desk.method_name"
    assert "{maker}, {model}, {last}" in problem.allowed
