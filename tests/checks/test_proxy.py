"""Which proxy applies and why, and what it says when it is asked for a way through."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from app.checks.proxy import Host, Proxy, ProxyError, open_way, proxy_for
from app.checks.way import Trust
from app.network.exchange import Limits
from app.network.proxies import Proxies
from tests.checks.servers import answering, context_of, listening, saying, written
from tests.support.proxy import Tunnel, free_port

GRAPH = Host("graph.microsoft.com")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_any_setting_there_is_none() -> None:
    assert proxy_for(GRAPH, Proxies()) is None


def test_the_configured_proxy_wins_over_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://other.example.com:3128")
    found = proxy_for(GRAPH, Proxies("http://proxy.contoso.com:8080"))
    assert found is not None
    assert (found.shown, found.configured) == ("http://proxy.contoso.com:8080", True)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_the_systems_proxy_is_used_without_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "proxy.contoso.com:3128")
    found = proxy_for(GRAPH, Proxies())
    assert found is not None
    assert (found.shown, found.configured) == ("http://proxy.contoso.com:3128", False)


def test_an_exception_of_the_system_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.contoso.com:3128")
    monkeypatch.setenv("NO_PROXY", ".microsoft.com")
    assert proxy_for(GRAPH, Proxies()) is None


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_nothing_lies_between_this_machine_and_itself(name: str) -> None:
    assert proxy_for(Host(name), Proxies("http://proxy.contoso.com:8080")) is None


@pytest.mark.parametrize("address", ["socks5://a:1", "http://", "ftp://a", "http://a:port"])
def test_an_address_that_is_no_proxys_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"proxy|[Pp]ort"):
        Proxy(address, configured=True)


def test_name_and_password_are_sent_and_never_shown() -> None:
    proxy = Proxy("http://desk:p%40ss@proxy.contoso.com", configured=True)
    assert proxy.authorization == "Proxy-Authorization: Basic ZGVzazpwQHNz\r\n"
    assert proxy.shown == "http://proxy.contoso.com:80"
    assert "ss" not in f"{proxy!r} {proxy.shown}".replace("class", "")


def through(port: int, *, user: str = "", secure: bool = False, ca: Path | None = None) -> None:
    scheme = "https" if secure else "http"
    proxy = Proxy(f"{scheme}://{user}localhost:{port}", configured=True)
    open_way(GRAPH, proxy, Trust(ca).context, Limits()).close()


def test_a_proxy_with_the_right_password_opens_the_way() -> None:
    with listening(saying(b"")) as target, Tunnel(target, "desk", "right") as tunnel:
        through(tunnel.port, user="desk:right@")
        assert tunnel.opened == ["graph.microsoft.com:443"]


def test_a_wrong_password_is_told_from_another_refusal() -> None:
    with Tunnel(free_port(), "desk", "right") as tunnel:
        with pytest.raises(ProxyError) as caught:
            through(tunnel.port, user="desk:wrong@")
        assert caught.value.wants_password
    with (
        listening(saying(b"HTTP/1.1 403 Forbidden\r\n\r\n")) as port,
        pytest.raises(ProxyError) as refused,
    ):
        through(port)
    assert (refused.value.status, refused.value.wants_password) == (403, False)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"x" * 20_000])
def test_what_is_no_proxy_is_told_by_an_answer_that_is_none(said: bytes) -> None:
    with listening(saying(said)) as port, pytest.raises(ProxyError) as caught:
        through(port)
    assert caught.value.status == 0


def test_a_proxy_may_speak_tls_itself(tmp_path: Path) -> None:
    authority = trustme.CA()
    opens = answering(context_of(authority, "localhost"), b"HTTP/1.1 200 Opened\r\n\r\n")
    with listening(opens) as port:
        through(port, secure=True, ca=written(authority, tmp_path))


def test_a_host_is_read_from_an_address() -> None:
    assert Host.of("https://graph.microsoft.us/v1.0/me") == Host("graph.microsoft.us", 443)
    assert str(Host.of("https://localhost:8443/x")) == "localhost:8443"
