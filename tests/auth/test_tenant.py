"""The sign-in service is asked for a tenant: over HTTPS, by way of a proxy, and when it fails."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.auth.tenant import ANSWER_LIMIT, TenantLookup
from app.core.cloud import Cloud
from app.core.errors import (
    SignInError,
    SignInProxyRefused,
    SignInRefused,
    SignInUnreachable,
    SignInUntrusted,
    TenantUnknown,
)
from app.core.tenancy import FoundTenant
from app.graph.transport import make_http
from app.network.proxies import Proxies
from tests.auth.service import Reply, Service, serving
from tests.support.proxy import Front, Tunnel, free_port
from tests.support.simulated import Simulated, start_simulator

HOST = Cloud.GLOBAL.login_host
TENANT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30"
OTHER = "0b6ad4b2-5d3e-4f17-9a86-c1e7d2f83a55"


def document(**more: object) -> Reply:
    """What Entra answers for a tenant of the global cloud."""
    plain = {
        "issuer": f"https://{HOST}/{TENANT}/v2.0",
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }
    return Reply({name: value for name, value in (plain | more).items() if value is not None})


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with serving(tmp_path, *(cloud.login_host for cloud in Cloud)) as service:
        service.discovery = document()
        yield service


@pytest.fixture
def proxy(service: Service) -> Iterator[Tunnel]:
    with Tunnel(service.port, "desk", "9c2f") as running:
        yield running


def look(
    port: int, ca_file: Path | None, named: str, cloud: Cloud = Cloud.GLOBAL, who: str = "9c2f"
) -> FoundTenant:
    """Ask for a tenant by way of the proxy at `port`, which makes every name lead here."""

    async def asked() -> FoundTenant:
        address = f"http://desk:{who}@127.0.0.1:{port}"
        context = ssl.create_default_context(cafile=ca_file)
        async with make_http(context, proxies=Proxies(address)) as http:
            return await TenantLookup(http).find(named, cloud)

    return asyncio.run(asked())


def fails(port: int, ca_file: Path | None, named: str = TENANT, **how: Any) -> SignInError:
    with pytest.raises(SignInError) as caught:
        look(port, ca_file, named, **how)
    return caught.value


@pytest.mark.parametrize("named", [TENANT, "contoso.com"])
def test_a_tenant_is_found_by_its_id_and_by_a_domain_name(
    named: str, service: Service, proxy: Tunnel
) -> None:
    found = look(proxy.port, service.ca_file, named)
    assert found == FoundTenant(TENANT, Cloud.GLOBAL, "EU")
    assert proxy.opened == [f"{HOST}:443"]


@pytest.mark.parametrize("cloud", list(Cloud))
def test_each_cloud_is_asked_at_its_own_sign_in_service(
    cloud: Cloud, service: Service, proxy: Tunnel
) -> None:
    look(proxy.port, service.ca_file, TENANT, cloud)
    assert proxy.opened == [f"{cloud.login_host}:443"]


@pytest.mark.parametrize(
    ("told", "cloud"),
    [
        ({"msgraph_host": "graph.microsoft.us"}, Cloud.US_GOV_L4),
        ({"tenant_region_sub_scope": "DODCON"}, Cloud.GLOBAL),
        ({"tenant_region_sub_scope": "GCC"}, Cloud.GLOBAL),
        (
            {"tenant_region_sub_scope": "DOD", "msgraph_host": "graph.microsoft.us"},
            Cloud.US_GOV_L5,
        ),
        (
            {"msgraph_host": None, "cloud_instance_name": "partner.microsoftonline.cn"},
            Cloud.CHINA,
        ),
        ({"msgraph_host": "graph.new.example", "cloud_instance_name": "new"}, Cloud.GLOBAL),
        ({"msgraph_host": 7, "cloud_instance_name": None}, Cloud.GLOBAL),
    ],
)
def test_the_cloud_is_the_one_that_the_service_tells_of(
    told: dict[str, object], cloud: Cloud, service: Service, proxy: Tunnel
) -> None:
    service.discovery = document(**told)
    assert look(proxy.port, service.ca_file, TENANT).cloud is cloud


def test_a_service_that_tells_no_cloud_is_that_of_the_cloud_that_was_asked(
    service: Service, proxy: Tunnel
) -> None:
    service.discovery = document(msgraph_host=None, cloud_instance_name=None)
    assert look(proxy.port, service.ca_file, TENANT, Cloud.CHINA).cloud is Cloud.CHINA


def test_an_unknown_tenant_is_told_with_the_services_own_words(
    service: Service, proxy: Tunnel
) -> None:
    words = f"AADSTS90002: Tenant '{TENANT}' not found."
    body = {"error": "invalid_tenant", "error_description": words, "correlation_id": "c-1"}
    service.discovery = Reply(body, 400)
    error = fails(proxy.port, service.ca_file)
    assert type(error) is TenantUnknown
    assert error.evidence.rows() == (
        ("Error", "invalid_tenant"),
        ("Description", words),
        ("correlation-id", "c-1"),
    )


def test_another_refusal_is_no_unknown_tenant(service: Service, proxy: Tunnel) -> None:
    service.discovery = Reply({"error": "invalid_request"}, 400)
    assert type(fails(proxy.port, service.ca_file)) is SignInRefused


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply("<html>Sign in to the guest network</html>"), "HTTP 200 without a JSON object"),
        (Reply("[]"), "without a JSON object"),
        (Reply("[" * 100_000), "without a JSON object"),
        (Reply("", 302, {"Location": "https://portal.example"}), "HTTP 302"),
        (Reply({"error": "busy"}, 503), "HTTP 503"),
        (Reply({}), "another issuer"),
        (Reply({"issuer": ["x"]}), "another issuer"),
        (document(issuer=f"https://{HOST}/{OTHER}/v2.0"), "another issuer"),
        (document(issuer=f"https://{HOST}/common/v2.0"), "another issuer"),
        (Reply("x" * (ANSWER_LIMIT + 1)), "bytes"),
    ],
)
def test_what_no_sign_in_service_answers_is_not_taken_for_one(
    reply: Reply, told: str, service: Service, proxy: Tunnel
) -> None:
    service.discovery = reply
    error = fails(proxy.port, service.ca_file)
    assert type(error) is SignInUnreachable
    assert told in error.evidence.description


def test_a_certificate_that_is_not_trusted_is_told_as_that(service: Service, proxy: Tunnel) -> None:
    error = fails(proxy.port, None)
    assert type(error) is SignInUntrusted
    assert "CERTIFICATE_VERIFY_FAILED" in error.evidence.description


@pytest.mark.parametrize("who", ["", "wrong"])
def test_a_proxy_that_wants_a_password_is_told_as_that_and_the_password_is_not(
    who: str, service: Service, proxy: Tunnel
) -> None:
    error = fails(proxy.port, service.ca_file, who=who)
    assert type(error) is SignInProxyRefused
    assert "407" in error.evidence.description
    assert "wrong" not in str(error)


def test_a_proxy_that_is_away_is_told_with_the_networks_own_words(service: Service) -> None:
    error = fails(free_port(), service.ca_file)
    assert type(error) is SignInUnreachable
    assert "ConnectError" in error.evidence.description


@contextmanager
def as_entra(simulated: Simulated, folder: Path) -> Iterator[tuple[Tunnel, Path]]:
    """The practice tenant's sign-in service under the name of Entra's."""
    target = simulated.ready.authority.rsplit("/", 1)[0]
    with Front(target, simulated.ready.ca_file, HOST) as front:
        ca_file = folder / "front.pem"
        front.authority.cert_pem.write_to_path(str(ca_file))
        with Tunnel(front.port, "desk", "9c2f") as tunnel:
            yield tunnel, ca_file


@pytest.fixture(scope="module")
def simulated() -> Iterator[Simulated]:
    with start_simulator(people=3, tokens=3) as running:
        yield running


def test_the_practice_tenant_is_found_like_any_other(simulated: Simulated, tmp_path: Path) -> None:
    with as_entra(simulated, tmp_path) as (proxy, ca_file):
        tenant_id = simulated.ready.tenant_id
        for named in (tenant_id, "contoso.example"):
            assert look(proxy.port, ca_file, named) == FoundTenant(tenant_id, Cloud.GLOBAL, "EU")
        assert type(fails(proxy.port, ca_file, OTHER)) is TenantUnknown
