"""What was typed names a tenant and an application, or it is told what is wrong with it."""

from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.cloud import Cloud
from app.core.tenancy import Flaw, Typed, consent_address, guid

TENANT, CLIENT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30", "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"


@pytest.mark.parametrize(
    "text",
    [
        TENANT,
        TENANT.upper(),
        f"  {TENANT}\n",
        f"{{{TENANT}}}",
        f"urn:uuid:{TENANT}",
        TENANT.replace("-", ""),
    ],
)
def test_an_id_is_known_however_it_was_copied(text: str) -> None:
    typed = Typed(text, CLIENT)
    assert (typed.tenant_id, typed.domain, typed.named) == (TENANT, "", TENANT)
    assert typed.flaws == ()


@pytest.mark.parametrize(
    "text", ["contoso.com", " Contoso.OnMicrosoft.com ", "a.bc", "xn--bcher-kva.example", "3.co"]
)
def test_a_domain_name_names_a_tenant(text: str) -> None:
    typed = Typed(text, CLIENT)
    assert typed.named == typed.domain == text.strip().lower()
    assert typed.tenant_id == ""
    assert typed.flaws == ()


@pytest.mark.parametrize(
    "text",
    [
        "Contoso",
        "olu@contoso.com",
        "https://contoso.com",
        "contoso.com/",
        "contoso..com",
        "-contoso.com",
        "contoso-.com",
        "contoso.c",
        "contoso.com.",
        "10.0.0.1",
        "../common",
        "contoso .com",
        f"{'a' * 64}.com",
        f"{'a.' * 126}com",
        TENANT[:-1],
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_what_is_neither_is_told_before_anybody_is_asked(text: str) -> None:
    typed = Typed(text, CLIENT)
    assert typed.named == ""
    assert typed.flaws == (Flaw.TENANT_UNLIKE,)


@pytest.mark.parametrize(
    ("tenant", "client", "flaws"),
    [
        ("", "", (Flaw.TENANT_MISSING, Flaw.CLIENT_MISSING)),
        (" ", CLIENT, (Flaw.TENANT_MISSING,)),
        (TENANT, "\t", (Flaw.CLIENT_MISSING,)),
        (TENANT, "Oathdesk", (Flaw.CLIENT_UNLIKE,)),
        (TENANT, "contoso.com", (Flaw.CLIENT_UNLIKE,)),
        (TENANT, TENANT.upper(), (Flaw.SAME,)),
        ("Contoso", "Oathdesk", (Flaw.TENANT_UNLIKE, Flaw.CLIENT_UNLIKE)),
    ],
)
def test_what_is_missing_or_unlike_is_told_the_tenants_first(
    tenant: str, client: str, flaws: tuple[Flaw, ...]
) -> None:
    assert Typed(tenant, client).flaws == flaws


@given(st.text(max_size=300))
def test_whatever_is_typed_ends_as_a_plain_name_or_none(text: str) -> None:
    named = Typed(text).named
    assert named == named.strip().lower()
    assert not set(named) - set("abcdefghijklmnopqrstuvwxyz0123456789-.")


@given(st.uuids())
def test_every_id_but_the_empty_one_is_one(value: UUID) -> None:
    assert guid(str(value)) == (str(value) if value.int else "")


@pytest.mark.parametrize("cloud", list(Cloud))
def test_an_administrator_consents_at_the_sign_in_service_of_the_cloud(cloud: Cloud) -> None:
    address = urlsplit(consent_address(cloud, TENANT, CLIENT))
    assert (address.scheme, address.netloc) == ("https", cloud.login_host)
    assert address.path == f"/{TENANT}/adminconsent"
    assert parse_qs(address.query) == {"client_id": [CLIENT]}
