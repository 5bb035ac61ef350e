"""What the tenant's administrator is told is whole: for every way to sign in and every feature."""

import pytest

from app.core.cloud import Cloud
from app.core.errors import (
    SettingsProblem,
    SettingsUnwritable,
    SignInEvidence,
    SignInUnreachable,
    TenantUnknown,
)
from app.core.rights import DEFAULT_FEATURES, ROLE_NAMES, Feature, roles_for, scopes_for
from app.core.signin import SignInMethod
from app.core.tenancy import BROKER_REDIRECT, Flaw, FoundTenant, Typed, consent_address
from app.station.first_run import FirstRunSettings
from app.ui.wording import first_run as words
from tests.fakes.tenancy import CLIENT, DOMAIN, TENANT

TYPED = Typed(DOMAIN, CLIENT)


def message(
    *methods: SignInMethod,
    typed: Typed = TYPED,
    found: FoundTenant | None = None,
    features: frozenset[Feature] = DEFAULT_FEATURES,
) -> str:
    methods = methods or (SignInMethod.BROWSER, SignInMethod.DEVICE)
    settings = FirstRunSettings(
        "config.toml", Cloud.GLOBAL, features, scopes_for(features), methods
    )
    return words.message(settings, typed, found)


@pytest.mark.parametrize("features", [DEFAULT_FEATURES, frozenset(Feature), frozenset()])
def test_every_permission_and_every_role_is_named_with_what_it_is_for(
    features: frozenset[Feature],
) -> None:
    lines = message(features=features).splitlines()
    for scope in scopes_for(features):
        (line,) = (line for line in lines if line.strip().startswith(f"{scope}: "))
        assert line.partition(": ")[2].startswith("To ")
    for group in roles_for(features):
        names = " or ".join(ROLE_NAMES[role] for role in group)
        (line,) = (line for line in lines if line.strip().startswith(f"{names}: "))
        assert line.partition(": ")[2].startswith("To ")


def test_a_sign_in_in_the_browser_needs_a_redirect_and_no_secret() -> None:
    text = message(SignInMethod.BROWSER)
    assert '"Mobile and desktop applications": http://localhost\n' in text
    assert "No client secret and no certificate" in text
    assert "public client flows" not in text
    assert "AAD.BrokerPlugin" not in text


def test_each_other_way_to_sign_in_asks_for_what_it_needs_and_no_more() -> None:
    assert "Allow public client flows: yes" in message(SignInMethod.DEVICE)
    assert "localhost" not in message(SignInMethod.DEVICE)
    broker = message(SignInMethod.BROKER)
    assert BROKER_REDIRECT.format(client_id=CLIENT) in broker
    assert "http://localhost" in broker
    assert "<application ID>" in message(SignInMethod.BROKER, typed=Typed())


def test_a_station_by_itself_needs_a_certificate_and_application_permissions() -> None:
    text = message(SignInMethod.CERTIFICATE)
    assert "the certificate of the station" in text
    assert "Application permissions" in text
    assert "Delegated" not in text
    assert "None: the station signs in by itself" in text


def test_the_address_of_the_consent_is_whole_as_soon_as_it_can_be() -> None:
    assert consent_address(Cloud.GLOBAL, DOMAIN, CLIENT) in message()
    found = FoundTenant(TENANT, Cloud.CHINA)
    typed = Typed(DOMAIN, CLIENT, Cloud.CHINA)
    assert consent_address(Cloud.CHINA, TENANT, CLIENT) in message(typed=typed, found=found)


@pytest.mark.parametrize("typed", [Typed(), Typed(DOMAIN), Typed("", CLIENT), Typed("x", "y")])
def test_without_both_ids_they_are_asked_for(typed: Typed) -> None:
    text = message(typed=typed)
    assert "adminconsent" not in text
    assert "send back the tenant ID and the application (client) ID" in text
    assert "send back" not in message()


def test_the_message_is_plain_text_for_a_mail() -> None:
    text = message()
    assert text.endswith("\n")
    assert "<" not in text
    assert "!" not in text
    assert "\t" not in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("flaw", list(Flaw))
def test_each_flaw_has_its_own_words(flaw: Flaw) -> None:
    said = words.flaw_words(flaw)
    assert said.sentence.endswith(".")
    assert said.advice
    others = {words.flaw_words(other).sentence for other in Flaw if other is not flaw}
    assert said.sentence not in others


def test_saving_without_a_check_is_spoken_of_only_where_it_helps() -> None:
    unreachable = SignInUnreachable("no route")
    assert "anyway" in words.failed_words(unreachable, savable=True).advice
    assert "anyway" not in words.failed_words(unreachable, savable=False).advice
    for error in (
        TenantUnknown(SignInEvidence()),
        SettingsUnwritable(SettingsProblem("config.toml", "it cannot be written")),
    ):
        assert "anyway" not in words.failed_words(error, savable=True).advice


def test_every_cloud_can_be_chosen() -> None:
    assert [value for value, _ in words.cloud_choices()] == [cloud.value for cloud in Cloud]
