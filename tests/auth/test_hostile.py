"""T6 and T7 at the sign-in service: each exchange ends at its deadline and is bounded."""

from __future__ import annotations

import asyncio
import time

import pytest

from app.auth import AuthSettings, MsalSignIn
from app.auth.tenant import TenantLookup
from app.core.cloud import Cloud
from app.core.errors import SignInUnreachable
from app.graph.transport import TimeLimits, make_http
from app.network.exchange import Limits
from app.network.proxies import Proxies
from tests.auth.desk import tell, unheard, unread
from tests.auth.service import SCOPE
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
    in_headers,
    zeros,
)
from tests.support.patience import HANG_SECONDS

SHORT = Limits(total=0.8)
GENEROUS = HANG_SECONDS
"""Seconds that a busy machine may take over an exchange of 0.8 s; a drip alone goes on for ever."""


def settings_of(server: Hostile, limits: Limits = SHORT) -> AuthSettings:
    return AuthSettings(
        f"{server.url}/practice",
        "client",
        (SCOPE,),
        ssl_context=server.trust,
        instance_discovery=False,
        limits=limits,
    )


def unreachable(settings: AuthSettings, *, in_browser: bool = False) -> str:
    why: list[str] = []

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable) as caught:
            await (sign_in.in_browser(unheard) if in_browser else sign_in.by_device_code(unread))
        why.append(str(caught.value))

    tell(settings, story)
    return why[0]


@pytest.mark.parametrize("drip", DRIPS, ids=lambda drip: drip.__name__)
def test_t6_a_sign_in_with_a_service_that_trickles_ends_at_the_deadline(drip: Act) -> None:
    with hostile(drip) as server:
        began = time.monotonic()
        assert unreachable(settings_of(server))
        assert time.monotonic() - began < GENEROUS
        assert server.hung_up.acquire(timeout=GENEROUS)


def test_t6_a_browser_is_not_opened_while_the_service_trickles() -> None:
    with hostile(in_headers) as server:
        assert "within" in unreachable(settings_of(server), in_browser=True)


@pytest.mark.parametrize("headers", [STACKED[0], STACKED[3], STACKED[7]], ids=" | ".join)
def test_t7_a_sign_in_answer_that_is_encoded_twice_is_refused(headers: tuple[str, ...]) -> None:
    with hostile(answering(bomb(2, 1 << 22), *headers)) as server:
        assert "encoded" in unreachable(settings_of(server, Limits()))


def test_t7_a_sign_in_answer_is_bounded_after_decoding() -> None:
    with hostile(answering(zeros(1 << 24), "Content-Encoding: gzip")) as server:
        assert "more than 1048576 bytes" in unreachable(settings_of(server, Limits()))


# Before anybody can sign in ---------------------------------------------------------------------


def looked_up(act: Act) -> str:
    """Look a tenant up at a service that a proxy leads to; return why it is not found."""

    def opens(peer: Peer) -> None:
        peer.raw.recv(65536)
        peer.raw.sendall(b"HTTP/1.1 200 Opened\r\n\r\n")
        act(peer)

    async def ask(server: Hostile) -> str:
        proxies = Proxies(f"http://localhost:{server.port}")
        async with make_http(server.trust, TimeLimits(total=2), proxies) as http:
            with pytest.raises(SignInUnreachable) as caught:
                await TenantLookup(http).find("contoso.com", Cloud.GLOBAL)
            return str(caught.value)

    with hostile(opens, "localhost", Cloud.GLOBAL.login_host) as server:
        return asyncio.run(ask(server))


@pytest.mark.parametrize("drip", [in_headers, in_body], ids=lambda drip: drip.__name__)
def test_t6_the_first_run_does_not_wait_for_a_service_that_trickles(drip: Act) -> None:
    assert "within 2 s" in looked_up(drip)


def test_t7_the_first_run_takes_no_answer_that_is_encoded_twice_or_too_long() -> None:
    assert "encoded" in looked_up(answering(bomb(2, 1 << 22), *STACKED[0]))
    assert "more than" in looked_up(answering(zeros(1 << 24), "Content-Encoding: gzip"))
