from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path

import pytest
import trustme

from app.core.errors import Unreachable
from app.graph.client import Call, GraphClient
from app.graph.transport import TimeLimits, make_http, make_ssl_context
from tests.graph.support import Scripted, StillClock, Tokens, answer, desk, raw


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
    with pytest.raises(OSError, match=r"No such file|PEM|X509|certificate"):
        make_ssl_context(ca_file)


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
