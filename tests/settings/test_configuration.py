"""The configuration as the program sees it."""

from dataclasses import FrozenInstanceError, fields

import pytest

from app.core.badge import BadgeRules
from app.core.cloud import Cloud
from app.core.kiosk import KioskRules
from app.core.layouts import Layout
from app.core.model import Mode
from app.core.scan import ScanRules
from app.core.signin import KeyStore, SignInMethod
from app.core.wedge import WedgeSettings
from app.settings.choices import Feature, LineEnding, LookLanguage, LookTheme, SignInCache
from app.settings.configuration import built, defaults
from app.settings.schema import KEYS, PROFILE_KEYS, SECTION_TYPES, TenantProfile
from tests.settings.layers import CLIENT, TENANT


def test_every_key_has_a_field_and_every_field_a_key() -> None:
    found = {f"{name}.{each.name}" for name, kind in SECTION_TYPES.items() for each in fields(kind)}
    assert found == {key.path for key in KEYS if key.section != "tenant"}


def test_every_key_of_a_profile_has_a_field() -> None:
    assert {each.name for each in fields(TenantProfile)} == {
        "key",
        *(key.name for key in PROFILE_KEYS),
    }


def test_a_station_that_nobody_configured_works_as_it_did() -> None:
    found = defaults()
    assert found.tenants == ()
    assert found.signin.methods == (SignInMethod.BROWSER, SignInMethod.DEVICE)
    assert found.signin.cache is SignInCache.MEMORY
    assert found.signin.certificate is None
    assert (found.signin.key_store, found.signin.thumbprint) == (KeyStore.FILE, "")
    assert found.permissions.features == (Feature.ASSIGN, Feature.INVENTORY, Feature.POLICY)
    assert found.permissions.scopes == ()
    assert (found.network.proxy, found.network.ca_file) == ("", None)
    assert (found.desk.name, found.desk.mode) == ("Front desk", Mode.ASSIGN_AND_ACTIVATE)
    assert found.scanner.wedge == WedgeSettings()
    assert found.scanner.layout is Layout.SAME
    assert found.readers.cards
    assert found.serial.enabled
    assert found.serial.ending is LineEnding.ANY
    assert ScanRules(badge_pattern=found.badge.pattern) == ScanRules()
    assert found.badge.rules == BadgeRules()
    assert (found.sound.accepted, found.sound.attention) == (True, True)
    assert (found.look.theme, found.look.motion) == (LookTheme.SYSTEM, True)
    assert found.look.language is LookLanguage.SYSTEM
    assert (found.lock.after, found.lock.sign_out_after) == (10, 60)
    assert not found.kiosk.enabled
    assert found.kiosk.rules == KioskRules()
    assert (found.ledger.folder, found.ledger.retention_days) == (None, 0)


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        defaults().desk.name = "Lobby"  # type: ignore[misc] # - which is the point


def test_a_tenant_signs_in_where_its_cloud_does() -> None:
    tenant = TenantProfile("north", TENANT, CLIENT, cloud=Cloud.US_GOV_L5)
    assert tenant.authority == f"https://login.microsoftonline.us/{TENANT}"


@pytest.mark.parametrize(
    ("tenant", "title"),
    [
        (TenantProfile("north", TENANT, CLIENT, "Contoso", label="North"), "North"),
        (TenantProfile("north", TENANT, CLIENT, "Contoso"), "Contoso"),
        (TenantProfile("north", TENANT, CLIENT), "north"),
        (TenantProfile("", TENANT, CLIENT), TENANT),
    ],
)
def test_a_tenant_is_called_by_the_best_name_it_has(tenant: TenantProfile, title: str) -> None:
    assert tenant.title == title


def test_the_password_of_a_proxy_shows_in_no_repr() -> None:
    values = {key.path: key.fallback for key in KEYS}
    found = built({**values, "network.proxy": "http://me:hush@proxy"})
    assert found.network.proxy.endswith("hush@proxy")
    assert "hush" not in repr(found)
