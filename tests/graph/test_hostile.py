"""T6 and T7 at Graph: an exchange ends at its deadline, and holds no more than its limit."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from app.core.errors import AnswerLost, DirectoryError, NotUnderstood, Unreachable
from app.graph import people
from app.graph.client import Call, GraphClient, Options
from app.graph.transport import TimeLimits, make_http
from app.network.proxies import Proxies
from tests.graph.support import StillClock, Tokens
from tests.support.hostile import (
    DRIPS,
    STACKED,
    Act,
    Hostile,
    Peer,
    answering,
    bomb,
    hostile,
    in_body,
    in_handshake,
    zeros,
)
from tests.support.patience import HANG_SECONDS

T = TypeVar("T")

SHORT = TimeLimits(total=2)
GENEROUS = HANG_SECONDS
"""Seconds that a busy machine may take over an exchange of 2 s; a drip alone goes on for ever."""

WRITE = Call("/x", method="POST", body={})
UNSEEN = b"Content-Length: 900000\r\n\r\n"


def with_client(
    server: Hostile,
    work: Callable[[GraphClient], Awaitable[T]],
    limits: TimeLimits = SHORT,
    proxies: Proxies | None = None,
    url: str = "",
) -> T:
    async def use() -> T:
        async with make_http(server.trust, limits, proxies) as http:
            options = Options(pace=None)
            return await work(GraphClient(url or server.url, Tokens(), http, StillClock(), options))

    return asyncio.run(use())


def fails(server: Hostile, call: Call, limits: TimeLimits = SHORT) -> DirectoryError:
    async def ask(client: GraphClient) -> DirectoryError:
        with pytest.raises(DirectoryError) as caught:
            await (client.write(call) if call.is_write else client.read(call))
        return caught.value

    return with_client(server, ask, limits)


@pytest.mark.parametrize(
    "drip", [each for each in DRIPS if each is not in_handshake], ids=lambda drip: drip.__name__
)
def test_t6_a_write_to_a_peer_that_trickles_ends_at_the_deadline(drip: Act) -> None:
    with hostile(drip) as server:
        began = time.monotonic()
        if drip.__name__ in {"in_body", "in_chunks"}:  # the status says it: the write was accepted
            with_client(server, lambda client: client.write(WRITE))
        else:
            error = fails(server, WRITE)
            assert isinstance(error, AnswerLost)
            assert "within 2 s" in error.evidence.message
        assert time.monotonic() - began < GENEROUS
        assert server.hung_up.acquire(timeout=GENEROUS)


def test_t6_a_read_that_trickles_is_lost_and_a_refusal_stays_one() -> None:
    def refuses(peer: Peer) -> None:
        stream = peer.secured()
        peer.drip(stream, b"HTTP/1.1 403 Forbidden\r\n" + UNSEEN, b" ")

    with hostile(in_body) as server:
        assert isinstance(fails(server, Call("/me")), AnswerLost)
    with hostile(refuses) as server:
        assert fails(server, Call("/me")).evidence.status == 403


def test_t6_a_handshake_that_trickles_was_never_sent() -> None:
    with hostile(in_handshake) as server:
        error = fails(server, WRITE)
        assert server.hung_up.acquire(timeout=GENEROUS)
    assert isinstance(error, Unreachable)


def test_t6_a_proxy_that_trickles_ends_at_the_deadline() -> None:
    def opens_slowly(peer: Peer) -> None:
        peer.drip(peer.raw, b"HTTP/1.1 200 Opened\r\nX-Endless: ", b"x")

    async def ask(client: GraphClient) -> None:
        with pytest.raises(DirectoryError):
            await client.write(WRITE)

    with hostile(opens_slowly) as server:
        proxies = Proxies(f"http://localhost:{server.port}")
        with_client(server, ask, SHORT, proxies, "https://graph.desk.test")
        assert server.hung_up.acquire(timeout=GENEROUS)


@pytest.mark.parametrize("headers", STACKED, ids=" | ".join)
def test_t7_stacked_encodings_are_refused_and_a_write_stays_accepted(
    headers: tuple[str, ...],
) -> None:
    with hostile(answering(bomb(2, 1 << 22), *headers)) as server:
        error = fails(server, Call("/me"), TimeLimits())
        assert isinstance(error, NotUnderstood)
        assert "encod" in error.evidence.message
        with_client(server, lambda client: client.write(WRITE), TimeLimits())


@pytest.mark.parametrize("kind", ["json", "photo", "refusal"])
def test_t7_what_one_encoding_becomes_is_bounded_and_memory_stays_flat(kind: str) -> None:
    status = "400 Bad Request" if kind == "refusal" else "200 OK"

    async def ask(client: GraphClient) -> None:
        if kind == "photo":
            assert await people.photo(client, "somebody") is None
            return
        with pytest.raises(DirectoryError):
            await client.read(Call("/me", largest=1 << 20))

    packed = zeros(1 << 26)
    with hostile(answering(packed, "Content-Encoding: gzip", status=status)) as server:
        tracemalloc.start()
        try:
            with_client(server, ask, TimeLimits())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 16 << 20
