"""T6 and T7: a blocking exchange ends at its deadline, and never holds more than its limit."""

from __future__ import annotations

import socket
import ssl
import time
import tracemalloc

import pytest
import trustme

from app.network.exchange import ExchangeError, Https, Limits
from app.network.proxies import Proxies
from tests.support.hostile import (
    DRIPS,
    STACKED,
    Act,
    Hostile,
    Peer,
    answering,
    bomb,
    hostile,
    zeros,
)
from tests.support.patience import HANG_SECONDS

SHORT = Limits(connect=5, silence=5, total=0.6)
GENEROUS = HANG_SECONDS
"""Seconds that a busy machine may take over an exchange of 0.6 s; a drip alone goes on for ever."""


def asked(server: Hostile, limits: Limits, proxies: Proxies | None = None) -> str:
    """Ask, expecting no answer; return why there is none."""
    https = Https(server.trust, proxies or Proxies(), limits)
    try:
        with pytest.raises(ExchangeError) as caught:
            https.exchange("POST", f"{server.url}/token", {}, b"grant_type=x")
    finally:
        https.close()
    return str(caught.value)


@pytest.mark.parametrize("drip", DRIPS, ids=lambda drip: drip.__name__)
def test_t6_a_peer_that_trickles_is_left_at_the_deadline(drip: Act) -> None:
    with hostile(drip) as server:
        began = time.monotonic()
        why = asked(server, SHORT)
        assert time.monotonic() - began < GENEROUS
        assert server.hung_up.acquire(timeout=GENEROUS)
    assert why


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_t6_a_proxy_that_trickles_is_left_at_the_deadline(scheme: str) -> None:
    def opens_slowly(peer: Peer) -> None:
        stream = peer.secured() if scheme == "https" else peer.raw
        peer.drip(stream, b"HTTP/1.1 200 Opened\r\nX-Endless: ", b"x")

    with hostile(opens_slowly) as server:
        proxies = Proxies(f"{scheme}://localhost:{server.port}")
        https = Https(server.trust, proxies, SHORT)
        with pytest.raises(ExchangeError):
            https.exchange("GET", "https://login.desk.test/", {})
        https.close()
        assert server.hung_up.acquire(timeout=GENEROUS)


def test_t6_a_handshake_inside_a_proxys_tls_keeps_to_the_deadline() -> None:
    """A TLS connection in another one: the outer records arrive, the inner hello never ends."""

    def opens(peer: Peer) -> None:
        stream = peer.secured()
        stream.sendall(b"HTTP/1.1 200 Opened\r\n\r\n")
        peer.drip(stream, b"\x16\x03\x03\x40\x00", b"\x02")

    with hostile(opens) as server:
        proxies = Proxies(f"https://localhost:{server.port}")
        https = Https(server.trust, proxies, SHORT)
        with pytest.raises(ExchangeError):
            https.exchange("GET", "https://login.desk.test/", {})
        https.close()
        assert server.hung_up.acquire(timeout=GENEROUS)


@pytest.mark.parametrize("headers", STACKED, ids=" | ".join)
def test_t7_stacked_encodings_are_refused(headers: tuple[str, ...]) -> None:
    with hostile(answering(bomb(2, 1 << 22), *headers)) as server:
        assert "encod" in asked(server, Limits())


def test_t7_one_encoding_is_decoded_up_to_the_limit_and_memory_stays_flat() -> None:
    limits = Limits(largest=1 << 20)
    with hostile(answering(zeros(1 << 26), "Content-Encoding: gzip")) as server:
        https = Https(server.trust, Proxies(), limits)
        tracemalloc.start()
        try:
            reply = https.exchange("GET", server.url, {})
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            https.close()
    assert (len(reply.content), reply.is_cut) == (1 << 20, True)
    assert peak < 8 << 20


def test_an_answer_comes_back_whole_with_its_headers() -> None:
    with hostile(answering(b'{"a": 1}', "X-Kind: test", status="400 Bad Request")) as server:
        https = Https(server.trust, Proxies(), Limits())
        reply = https.exchange("GET", f"{server.url}/x", {"Accept": "application/json"})
        https.close()
    assert (reply.status, reply.content, reply.headers["x-kind"]) == (400, b'{"a": 1}', "test")


def test_a_connection_is_used_again_and_one_that_was_closed_is_not() -> None:
    connections: list[int] = []

    def twice(peer: Peer) -> None:
        connections.append(1)
        stream = peer.secured()
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        if stream.recv(65536):
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with hostile(twice) as server:
        https = Https(server.trust, Proxies(), Limits())
        for _ in range(2):
            assert https.exchange("GET", server.url, {}).status == 200
        assert len(connections) == 1
        assert server.hung_up.acquire(timeout=GENEROUS)
        assert https.exchange("GET", server.url, {}).status == 200
        https.close()
    assert len(connections) == 2


def test_a_certificate_that_is_not_trusted_is_told_from_other_failures() -> None:
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trustme.CA().configure_trust(stranger)
    with hostile(answering(b"{}")) as server:
        https = Https(stranger, Proxies(), Limits())
        with pytest.raises(ExchangeError, match="CERTIFICATE_VERIFY_FAILED") as caught:
            https.exchange("GET", server.url, {})
        https.close()
    assert caught.value.untrusted


def test_only_https_is_asked() -> None:
    https = Https(ssl.create_default_context(), Proxies(), Limits())
    for url in ("http://localhost/", "file:///etc/passwd", "ftp://localhost/", "localhost"):
        with pytest.raises(ExchangeError, match="not https"):
            https.exchange("GET", url, {})


def test_every_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """`localhost` is [::1] as well here, and nobody listens there."""
    found = socket.getaddrinfo("localhost", 1, type=socket.SOCK_STREAM)
    if not any(each[0] is socket.AF_INET6 for each in found):
        pytest.skip("Wine, or this machine, has no [::1] for localhost")
    with hostile(answering(b"{}")) as server:
        https = Https(server.trust, Proxies(), Limits())
        assert https.exchange("GET", server.url, {}).status == 200
        https.close()
