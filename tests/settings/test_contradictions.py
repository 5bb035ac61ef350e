"""Values that are each allowed, but not together."""

import pytest

from app.core.wedge import WedgeSettings
from tests.settings.layers import CLIENT, LEAST, TENANT, Machine

PROFILE = f'[tenants.north]\nid = "{TENANT}"\nclient_id = "{CLIENT}"\n'


def told(machine: Machine) -> list[tuple[str, str]]:
    """Where and about which key the errors are."""
    return [
        (problem.place.rpartition("config.toml")[2] or problem.place, problem.key)
        for problem in machine.load().errors
    ]


def test_a_tenant_needs_both_of_its_ids(machine: Machine) -> None:
    machine.user(f'\n[tenant]\nclient_id = "{CLIENT}"\n')
    assert told(machine) == [(":3", "tenant.id")]
    machine.user(f'[tenant]\nname = "Contoso"\nid = "{TENANT}"\n')
    assert told(machine) == [(":3", "tenant.client_id")]


def test_a_tenant_without_either_is_not_set_up_yet(machine: Machine) -> None:
    machine.administrator('[tenant]\ncloud = "china"\nname = "Contoso"\n')
    assert told(machine) == []
    assert machine.load().configuration.tenants == ()


def test_a_profile_needs_both_of_its_ids(machine: Machine) -> None:
    machine.user('[tenants.north]\nname = "Contoso"\n')
    assert told(machine) == [(":2", "tenants.north.id"), (":2", "tenants.north.client_id")]


def test_the_ids_may_come_from_two_layers(machine: Machine) -> None:
    machine.administrator(f'[tenant]\nid = "{TENANT}"\n')
    machine.environment["OATHDESK_TENANT_CLIENT_ID"] = CLIENT
    assert told(machine) == []
    assert [each.id for each in machine.load().configuration.tenants] == [TENANT]


def test_one_tenant_and_several_are_too_many(machine: Machine) -> None:
    machine.administrator(LEAST)
    machine.user(PROFILE)
    (problem,) = machine.load().errors
    assert problem.place == f"{machine.machine_file}:2, {machine.user_file}:2"
    assert problem.allowed == "[tenant] or [tenants.<name>]"


def test_the_cloud_of_a_tenant_that_is_not_there_is_no_second_tenant(machine: Machine) -> None:
    machine.user(f'[tenant]\ncloud = "china"\n{PROFILE}')
    assert told(machine) == []


def test_an_id_that_is_refused_is_told_once(machine: Machine) -> None:
    machine.user(f'[tenant]\nid = "contoso"\nclient_id = "{CLIENT}"\n')
    assert told(machine) == [(":2", "tenant.id")]


def test_a_certificate_that_is_not_there_is_told_once(machine: Machine) -> None:
    machine.user('[signin]\nmethods = ["certificate"]\ncertificate = "gone.pem"\n')
    assert told(machine) == [(":3", "signin.certificate")]


def test_a_time_that_is_refused_contradicts_nothing(machine: Machine) -> None:
    machine.user("[scanner]\nlongest_gap = 0.3\nsilence = 9\n")
    assert told(machine) == [(":3", "scanner.silence")]


def test_the_times_of_a_scanner_fit_each_other(machine: Machine) -> None:
    machine.user("[scanner]\nlongest_gap = 0.3\naverage_gap = 0.07\n")
    loaded = machine.load()
    (problem,) = loaded.errors
    assert problem.place == f"{machine.user_file}:2"
    assert problem.problem == "0.15 is less than scanner.longest_gap, which is 0.3"
    assert problem.allowed == "seconds from 0.3 to 1"
    assert loaded.configuration.scanner.wedge == WedgeSettings(average_gap=0.07)
    machine.user("[scanner]\nlongest_gap = 0.3\nsilence = 0.3\n")
    assert told(machine) == []


def test_who_signs_in_by_certificate_names_one(machine: Machine) -> None:
    methods = '[signin]\nmethods = ["certificate"]\n'
    machine.user(methods)
    assert told(machine) == [(":2", "signin.methods")]
    (machine.user_file.parent / "station.pem").touch()
    machine.user(f'{methods}certificate = "station.pem"\n')
    assert told(machine) == []


@pytest.mark.parametrize(
    ("store", "needed", "given"),
    [
        ("pkcs11", "signin.key_module", 'key_module = "module.so"'),
        ("windows-machine", "signin.thumbprint", f'thumbprint = "{"A1" * 20}"'),
        ("windows-user", "signin.thumbprint", f'thumbprint = "{"a1 " * 31}a1"'),
    ],
)
def test_who_keeps_the_key_in_a_store_says_how_it_is_found(
    machine: Machine, store: str, needed: str, given: str
) -> None:
    text = f'[signin]\nmethods = ["certificate"]\nkey_store = "{store}"\n'
    machine.user(text)
    (problem,) = machine.load().errors
    assert (problem.key, problem.allowed) == ("signin.methods", needed)
    (machine.user_file.parent / "module.so").touch()
    machine.user(f"{text}{given}\n")
    assert told(machine) == []


def test_a_module_or_a_store_that_is_refused_is_told_once(machine: Machine) -> None:
    text = '[signin]\nmethods = ["certificate"]\n'
    machine.user(f'{text}key_store = "pkcs11"\nkey_module = "gone.so"\n')
    assert told(machine) == [(":4", "signin.key_module")]
    machine.user(f'{text}key_store = "keychain"\n')
    assert told(machine) == [(":3", "signin.key_store")]


@pytest.mark.parametrize("thumbprint", ["A1", "A1" * 21, "G1" * 20, "A1" * 20 + " "])
def test_what_is_no_thumbprint_is_refused(machine: Machine, thumbprint: str) -> None:
    machine.user(f'[signin]\nthumbprint = "{thumbprint}"\n')
    assert told(machine) == [(":2", "signin.thumbprint")]


def test_self_service_keeps_no_sign_in_and_takes_no_certificate(machine: Machine) -> None:
    own = f'{LEAST}[desk]\nlane = "self"\n'
    machine.user(own)
    assert told(machine) == []
    machine.user(f'{own}[signin]\ncache = "system"\n')
    assert [key for _, key in told(machine)] == ["signin.cache"]
    (machine.folder / "station.pem").touch()
    file = machine.folder / "station.pem"
    machine.user(f'{own}[signin]\nmethods = ["certificate"]\ncertificate = "{file.as_posix()}"\n')
    assert [key for _, key in told(machine)] == ["signin.methods"]
