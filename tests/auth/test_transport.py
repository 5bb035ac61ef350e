"""The way to the sign-in service through a company's network: its proxy, its certificates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.auth import AuthSettings, MsalSignIn
from app.core.errors import SignInError, SignInProxyRefused, SignInUnreachable
from app.network.proxies import Proxies
from app.network.tls import make_ssl_context
from tests.auth.desk import tell, unread
from tests.auth.service import Service, serving, tokens
from tests.support.access import WINE_TRUSTS, under_wine
from tests.support.proxy import Tunnel

HOST = "login.desk.test"
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Service]:
    """A service whose name leads nowhere but through the proxy."""
    with serving(tmp_path, HOST) as service:
        service.token.append(tokens(1))
        yield service


@pytest.fixture
def proxy(inside: Service) -> Iterator[Tunnel]:
    with Tunnel(inside.port, "desk", "9c2f") as running:
        yield running


def address(proxy: Tunnel, who: str = "desk:9c2f@") -> str:
    return f"http://{who}127.0.0.1:{proxy.port}"


def signs_in(settings: AuthSettings) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(unread)
        assert (await sign_in.access_token()).value

    tell(settings, story)


def fails(settings: AuthSettings) -> SignInError:
    caught: list[SignInError] = []

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInError) as error:
            await sign_in.by_device_code(unread)
        caught.append(error.value)

    tell(settings, story)
    return caught[0]


def test_a_configured_proxy_carries_the_sign_in(inside: Service, proxy: Tunnel) -> None:
    signs_in(inside.settings(proxies=Proxies(address(proxy))))
    assert set(proxy.opened) == {f"{HOST}:443"}


def test_a_configured_proxy_wins_over_the_systems(
    inside: Service, proxy: Tunnel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    monkeypatch.setenv("NO_PROXY", "*")
    signs_in(inside.settings(proxies=Proxies(address(proxy))))
    assert proxy.opened


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_with_nothing_configured_the_systems_proxy_is_used(
    inside: Service, proxy: Tunnel, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, address(proxy))
    signs_in(inside.settings())
    assert proxy.opened


def test_the_systems_exceptions_from_its_proxy_are_kept(
    inside: Service, proxy: Tunnel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address(proxy))
    monkeypatch.setenv("NO_PROXY", HOST)
    assert isinstance(fails(inside.settings()), SignInUnreachable)
    assert proxy.opened == []


@pytest.mark.parametrize("who", ["", "desk:wrong@"])
@pytest.mark.parametrize("how", ["configured", "system"])
def test_a_proxy_that_asks_for_a_password_is_an_error_of_its_own(
    inside: Service, proxy: Tunnel, monkeypatch: pytest.MonkeyPatch, who: str, how: str
) -> None:
    if how == "system":
        monkeypatch.setenv("HTTPS_PROXY", address(proxy, who))
        error = fails(inside.settings())
    else:
        error = fails(inside.settings(proxies=Proxies(address(proxy, who))))
    assert isinstance(error, SignInProxyRefused)
    assert "407" in error.evidence.description
    assert "wrong" not in str(error)
    assert proxy.refused > 0
    assert proxy.opened == []


def test_a_proxy_that_is_away_is_no_proxy_that_asks(inside: Service) -> None:
    error = fails(inside.settings(proxies=Proxies(NOWHERE)))
    assert type(error) is SignInUnreachable


def test_the_companys_certificates_are_those_configured_through_a_proxy_too(
    inside: Service, proxy: Tunnel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_text("no certificate", encoding="ascii")
    for name in BUNDLES:
        monkeypatch.setenv(name, str(other))
    signs_in(inside.settings(proxies=Proxies(address(proxy))))


@pytest.mark.skipif(under_wine(), reason=WINE_TRUSTS)
def test_the_environment_cannot_add_a_certificate_either(
    inside: Service, proxy: Tunnel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in BUNDLES:
        monkeypatch.setenv(name, str(inside.ca_file))
    error = fails(inside.settings(proxies=Proxies(address(proxy)), ssl_context=make_ssl_context()))
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
