"""What a kiosk overrules in a configuration, and what it is told to lack."""

import pytest

from app.core.checkup import Told, Verdict
from app.core.errors import SettingsProblem
from app.core.kiosk import KioskRules, ScreenKeys
from app.core.pin import PinHash
from app.core.signin import SignInMethod
from app.settings.choices import SignInCache
from app.settings.health import look_at_configuration
from app.settings.schema import KEYS
from app.station_config import confined_to, methods_of
from tests.settings.layers import LEAST, Machine

LINE = PinHash.of("271828", b"0123456789abcdef").written()
LOCKED = f'locked = ["*"]\n{LEAST}'
KIOSK = f'[kiosk]\nenabled = true\npin = "{LINE}"\n'
DEVICE = '[signin]\nmethods = ["device-code"]\n'


def warned(machine: Machine) -> list[str]:
    return [problem.key for problem in machine.load().warnings]


def the_hint(machine: Machine, key: str) -> SettingsProblem:
    return next(each for each in machine.load().warnings if each.key == key)


def test_a_kiosk_that_lacks_nothing_is_told_nothing(machine: Machine) -> None:
    machine.administrator(LOCKED + KIOSK + DEVICE)
    loaded = machine.load()
    assert loaded.problems == ()
    assert loaded.configuration.kiosk.rules == KioskRules(PinHash.read(LINE))


def test_every_rule_is_configured(machine: Machine) -> None:
    rest = 'wipe_after = 20\nkeyboard = "never"\nclipboard = true\nprinting = true\nlinks = true\n'
    machine.administrator(LOCKED + KIOSK + rest)
    rules = machine.load().configuration.kiosk.rules
    pin = PinHash.read(LINE)
    assert rules == KioskRules(pin, 20, ScreenKeys.NEVER, clipboard=True, printing=True, links=True)


def test_a_sign_in_that_would_be_kept_is_overruled_and_the_doctor_says_so(
    machine: Machine,
) -> None:
    machine.administrator(f'{LOCKED}{KIOSK}{DEVICE}cache = "system"\n')
    loaded = machine.load()
    assert loaded.errors == ()
    assert loaded.configuration.signin.cache is SignInCache.MEMORY
    assert the_hint(machine, "signin.cache").place.endswith("config.toml:10")
    finding = look_at_configuration(loaded, machine.sources())
    assert (finding.verdict, finding.told) == (Verdict.WARNING, Told.HINTS)
    assert "overruled" in dict(finding.rows)["Hint"]


def test_a_desk_keeps_its_sign_in_as_before(machine: Machine) -> None:
    machine.administrator(f'{LEAST}[signin]\ncache = "system"\n')
    loaded = machine.load()
    assert loaded.configuration.signin.cache is SignInCache.SYSTEM
    assert loaded.problems == ()


def test_a_confined_browser_needs_no_links_and_its_hosts_are_names(machine: Machine) -> None:
    signin = '[signin]\nmethods = ["confined-browser"]\n'
    hosts = 'browser_hosts = ["adfs.contoso.example", "idp.contoso.example:8443"]\n'
    machine.administrator(f"{LOCKED}{KIOSK}{signin}{hosts}")
    loaded = machine.load()
    assert loaded.problems == ()
    assert methods_of(loaded.configuration) == (SignInMethod.CONFINED,)
    assert confined_to(loaded.configuration).hosts[-2:] == (
        "adfs.contoso.example",
        "idp.contoso.example:8443",
    )


@pytest.mark.parametrize(
    "host",
    ["*", "*.contoso.example", "https://adfs.contoso.example", "adfs", ".contoso.example", "a b.c",
     "adfs.contoso.example/adfs", "adfs.contoso.example:0", "name@contoso.example", "10.0.0.1:",
     "xn--.", "contoso.example,evil.example", "contoso..example"],
)  # fmt: skip
def test_what_would_open_more_than_a_host_is_refused(machine: Machine, host: str) -> None:
    machine.administrator(f'{LOCKED}[signin]\nbrowser_hosts = ["{host}"]\n')
    (error,) = machine.load().errors
    assert error.key == "signin.browser_hosts"


def test_a_browser_that_somebody_asked_for_needs_links(machine: Machine) -> None:
    methods = '[signin]\nmethods = ["browser", "device-code"]\n'
    machine.administrator(LOCKED + KIOSK + methods)
    assert warned(machine) == ["signin.methods"]
    machine.administrator(f"{LOCKED}{KIOSK}links = true\n{methods}")
    assert warned(machine) == []


def test_the_ways_nobody_chose_are_no_mistake(machine: Machine) -> None:
    machine.administrator(LOCKED + KIOSK)
    assert machine.load().problems == ()


def test_a_kiosk_that_nobody_could_sign_in_to_is_an_error(machine: Machine) -> None:
    machine.administrator(f'{LOCKED}{KIOSK}[signin]\nmethods = ["browser"]\n')
    (error,) = machine.load().errors
    assert error.key == "signin.methods"
    assert "kiosk.links" in error.allowed


def test_a_kiosk_without_a_pin_is_told(machine: Machine) -> None:
    machine.administrator(f"{LOCKED}[kiosk]\nenabled = true\n")
    assert warned(machine) == ["kiosk.pin"]


def test_a_kiosk_that_its_user_could_switch_off_is_told(machine: Machine) -> None:
    machine.administrator(LEAST + KIOSK)
    assert warned(machine) == ["kiosk.enabled"]
    machine.administrator(f'locked = ["kiosk.*"]\n{LEAST}{KIOSK}')
    assert warned(machine) == []


def test_where_it_is_locked_the_user_lets_nobody_out(machine: Machine) -> None:
    machine.administrator(LOCKED + KIOSK)
    other = PinHash.of("314159", b"0123456789abcdef").written()
    machine.user(f'[kiosk]\nenabled = false\npin = "{other}"\n')
    kiosk = machine.load().configuration.kiosk
    assert kiosk.enabled
    assert kiosk.pin == PinHash.read(LINE)


@pytest.mark.parametrize("pin", ["271828", LINE[:-3], "scrypt:", LINE.replace(":15:", ":31:")])
def test_a_pin_as_it_is_is_refused_and_never_quoted(machine: Machine, pin: str) -> None:
    machine.administrator(f'{LOCKED}[kiosk]\npin = "{pin}"\n')
    (error,) = machine.load().errors
    assert error.key == "kiosk.pin"
    assert pin not in str(error)
    assert "oathdesk kiosk pin" in error.allowed


def test_no_hash_is_shown(machine: Machine) -> None:
    machine.administrator(LOCKED + KIOSK)
    shown = {each.path: each.shown for each in machine.load().settled}
    assert shown["kiosk.pin"] == "(not shown)"
    assert "digest" not in repr(machine.load().configuration)


def test_every_row_is_a_key(machine: Machine) -> None:
    paths = {each.path for each in machine.load().settled}
    assert {key.path for key in [key for key in KEYS if key.section == "kiosk"]} <= paths
