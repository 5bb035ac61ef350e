from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path

import pytest
import trustme

from app.core.errors import ProxyRefused, SettingsError, Unreachable
from app.graph.client import Call, GraphClient
from app.graph.transport import TimeLimits, make_http
from app.network.proxies import Proxies
from app.network.tls import make_ssl_context
from tests.graph.support import Scripted, StillClock, Tokens, answer, desk, raw, scripted
from tests.support.proxy import Tunnel

HOST = "graph.desk.test"


def test_a_context_always_verifies_and_trusts_the_given_authority(
    authority: trustme.CA, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    with_it, without_it = make_ssl_context(ca_file), make_ssl_context()
    assert with_it.verify_mode is ssl.VerifyMode.CERT_REQUIRED
    assert with_it.check_hostname
    assert len(with_it.get_ca_certs()) == len(without_it.get_ca_certs()) + 1


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_missing_or_broken_authority_file_is_an_error(
    tmp_path: Path, content: bytes | None
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"No such file|PEM|X509|certificate") as caught:
        make_ssl_context(ca_file)
    assert caught.value.problems[0].key == "network.ca_file"


def test_time_limits_reach_the_client() -> None:
    timeout = make_http(make_ssl_context(), TimeLimits(connect=1, read=2, write=3, pool=4)).timeout
    assert (timeout.connect, timeout.read, timeout.write, timeout.pool) == (1, 2, 3, 4)


def test_httpx_does_not_log_addresses_of_its_own() -> None:
    make_http(make_ssl_context())
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert not logging.getLogger("httpcore.http11").isEnabledFor(logging.DEBUG)


def test_a_proxy_never_lies_between_this_machine_and_itself(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            here.server.will(answer(200, {"id": "1"}))
            assert (await here.client.read(Call("/me")))[0] == {"id": "1"}

    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    asyncio.run(use())


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def ask_through(authority: trustme.CA, proxy: Tunnel, configured: str | None) -> object:
    """Ask a directory that only the proxy leads to; return the answer, or the error."""
    context = ssl.create_default_context()
    authority.configure_trust(context)

    async def use() -> object:
        async with (
            scripted(authority, HOST) as server,
            make_http(context, proxies=Proxies(configured or "")) as http,
        ):
            proxy.lead_to(int(server.url.rpartition(":")[2]))
            server.will(answer(200, {"id": "1"}))
            client = GraphClient(f"https://{HOST}", Tokens(), http, StillClock())
            try:
                return (await client.read(Call("/me")))[0]
            except Unreachable as error:
                return error

    return asyncio.run(use())


@pytest.mark.parametrize("how", ["configured", "system", "configured and another system's"])
def test_a_proxy_carries_the_directory_and_the_configured_one_wins(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, no_proxies: None, how: str
) -> None:
    with Tunnel(0, "desk", "9c2f") as proxy:
        address = f"http://desk:9c2f@127.0.0.1:{proxy.port}"
        if "system" in how:
            monkeypatch.setenv("HTTPS_PROXY", address if how == "system" else "http://127.0.0.1:9")
            monkeypatch.setenv("NO_PROXY", "" if how == "system" else "*")
        found = ask_through(authority, proxy, address if "configured" in how else None)
        assert found == {"id": "1"}
        assert set(proxy.opened) == {f"{HOST}:443"}


@pytest.mark.parametrize("how", ["configured", "system"])
@pytest.mark.parametrize("who", ["", "desk:wrong@"])
def test_a_proxy_that_asks_for_a_password_is_an_error_of_its_own(
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    no_proxies: None,
    how: str,
    who: str,
) -> None:
    with Tunnel(0, "desk", "9c2f") as proxy:
        address = f"http://{who}127.0.0.1:{proxy.port}"
        if how == "system":
            monkeypatch.setenv("HTTPS_PROXY", address)
        error = ask_through(authority, proxy, address if how == "configured" else None)
        assert isinstance(error, ProxyRefused)
        assert "407" in error.evidence.message
        assert "wrong" not in str(error.evidence.rows())
        assert proxy.refused == 1
        assert proxy.opened == []


@pytest.mark.parametrize("address", ["proxy:8080", "socks5://me:hunter2@proxy", "http://", "x"])
def test_what_is_no_proxy_is_refused_and_its_password_not_named(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        make_http(make_ssl_context(), proxies=Proxies(address))
    assert caught.value.problems[0].key == "network.proxy"
    assert "hunter2" not in str(caught.value)


def test_a_socks_proxy_of_the_system_is_named_and_not_used(
    monkeypatch: pytest.MonkeyPatch, no_proxies: None
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://me:hunter2@proxy:1080")
    with pytest.raises(SettingsError, match="SOCKS") as caught:
        make_http(make_ssl_context())
    assert "hunter2" not in str(caught.value)


def test_a_proxy_that_asks_for_a_password_leaves_the_directory_unreachable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def use() -> None:
        proxy = Scripted()
        proxy.will(raw(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"))
        listening = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        async with make_http(make_ssl_context()) as http:
            client = GraphClient("https://graph.invalid", Tokens(), http, StillClock())
            with pytest.raises(Unreachable) as caught:
                await client.write(Call("/x", method="POST", body={}))
        listening.close()
        await proxy.stop()
        assert "407" in caught.value.evidence.message
        assert proxy.asked[0].target == "graph.invalid:443"
        assert "authorization" not in proxy.asked[0].headers

    asyncio.run(use())
