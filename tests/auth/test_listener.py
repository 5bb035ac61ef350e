import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from urllib.parse import urlencode, urlsplit

import pytest

from app.auth import listener as listening
from app.auth.listener import CONNECTION_LIMIT, Listener, loopback_sockets
from app.auth.page import Outcome, Words
from tests.support.patience import HANG_SECONDS


def run(story: Callable[[Listener], Awaitable[None]]) -> None:
    async def telling() -> None:
        async with asyncio.timeout(HANG_SECONDS), Listener(Words()) as listener:
            await story(listener)

    asyncio.run(telling())


async def connect(listener: Listener) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = urlsplit(listener.redirect_uri).port
    assert port is not None
    return await asyncio.open_connection("127.0.0.1", port)


async def send(listener: Listener, sent: bytes) -> str:
    reader, writer = await connect(listener)
    writer.write(sent)
    answer = (await reader.read()).decode()
    writer.close()
    return answer


async def get(listener: Listener, path: str) -> str:
    host = urlsplit(listener.redirect_uri).netloc
    return await send(listener, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())


async def post(listener: Listener, form: Mapping[str, str]) -> str:
    host, body = urlsplit(listener.redirect_uri).netloc, urlencode(form)
    head = (
        f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    return await send(listener, (head + body).encode())


def test_the_browser_waits_for_its_page_until_the_end_is_known() -> None:
    async def story(listener: Listener) -> None:
        browser = asyncio.create_task(post(listener, {"state": "s", "code": "c"}))
        form = await listener.form_with("s")
        assert form == {"state": "s", "code": "c"}
        assert not browser.done()
        listener.conclude(Outcome.SIGNED_IN)
        answer = await browser
        assert answer.startswith("HTTP/1.1 200 OK")
        assert "You are signed in" in answer
        assert "no-store" in answer

    run(story)


def test_a_sign_in_that_ends_without_a_word_shows_a_cancelled_page() -> None:
    pages: list[asyncio.Task[str]] = []

    async def story(listener: Listener) -> None:
        pages.append(asyncio.create_task(post(listener, {"state": "s", "error": "access_denied"})))
        await listener.form_with("s")

    async def telling() -> None:
        async with Listener(Words()) as listener:
            await story(listener)
        assert "cancelled" in await pages[0]

    asyncio.run(telling())


def test_only_the_awaited_state_is_taken() -> None:
    async def story(listener: Listener) -> None:
        waiting = asyncio.create_task(listener.form_with("right"))
        for form in (
            {"state": "wrong", "code": "c"},
            {"code": "c"},
            {"state": "right"},
            {"state": "réglé", "code": "c"},
        ):
            assert "400 Bad Request" in await post(listener, form)
            assert not waiting.done()
        browser = asyncio.create_task(post(listener, {"state": "right", "code": "c"}))
        assert (await waiting)["code"] == "c"
        listener.conclude(Outcome.FAILED)
        assert "did not succeed" in await browser

    run(story)


def test_before_a_state_is_awaited_nothing_is_taken() -> None:
    async def story(listener: Listener) -> None:
        assert "400" in await post(listener, {"state": "", "code": "c"})

    run(story)


def test_a_second_form_with_the_same_state_is_refused() -> None:
    async def story(listener: Listener) -> None:
        first = asyncio.create_task(post(listener, {"state": "s", "code": "1"}))
        await listener.form_with("s")
        assert "400" in await post(listener, {"state": "s", "code": "2"})
        listener.conclude(Outcome.SIGNED_IN)
        assert "200" in await first

    run(story)


def test_other_paths_and_methods_get_a_page_that_gives_nothing_away() -> None:
    async def story(listener: Listener) -> None:
        assert "404 Not Found" in await get(listener, "/favicon.ico")
        assert "405 Method Not Allowed" in await get(listener, "/?code=c&state=s")

    run(story)


def test_a_scanners_garbage_does_not_end_the_wait() -> None:
    async def story(listener: Listener) -> None:
        waiting = asyncio.create_task(listener.form_with("s"))
        assert "400" in await send(listener, b"\x16\x03\x01\x00\xa5\r\n\r\n")
        assert "431" in await send(listener, b"A" * 40_000)
        reader, writer = await connect(listener)
        writer.close()
        assert await reader.read() == b""
        assert not waiting.done()
        waiting.cancel()

    run(story)


def test_silent_connections_use_up_neither_the_listener_nor_its_end() -> None:
    async def story(listener: Listener) -> None:
        held = [await connect(listener) for _ in range(CONNECTION_LIMIT)]
        reader, writer = await connect(listener)
        assert await reader.read() == b""
        await hang_up(writer)
        for _, silent in held:
            await hang_up(silent)
        await eventually_answers(listener)

    run(story)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


async def eventually_answers(listener: Listener) -> None:
    """Ask until one connection is free: the other side notices a hang-up a moment later."""
    answer = ""
    while "404" not in answer:
        answer = await get(listener, "/x")


# T11: both loopback addresses -------------------------------------------------------------------


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


with_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="needs the loopback address [::1]")


@with_ipv6
@pytest.mark.parametrize("address", ["::1", "::"])
def test_t11_no_other_program_can_listen_on_the_redirects_port(address: str) -> None:
    async def story(listener: Listener) -> None:
        port = urlsplit(listener.redirect_uri).port
        with socket.socket(socket.AF_INET6) as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match=r"in use|10013|10048"):  # Windows: WSAEACCES too
                other.bind((address, port))

    run(story)


@with_ipv6
def test_t11_a_browser_that_comes_back_by_either_address_is_served() -> None:
    async def story(listener: Listener) -> None:
        port = urlsplit(listener.redirect_uri).port
        for address, name in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("::1", "localhost")):
            reader, writer = await asyncio.open_connection(address, port)
            writer.write(f"GET /x HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode())
            assert "404" in (await reader.read()).decode()
            writer.close()

    run(story)


@with_ipv6
def test_t11_a_port_that_another_program_holds_on_ipv6_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system hands out the very ports that another program already holds on [::1]."""
    with ExitStack() as held:
        taken = [held.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6))]
        ports = [each.getsockname()[1] for each in taken]
        true = listening._bound

        def bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
            wanted = ports.pop() if ports and family is socket.AF_INET else port
            return true(family, address, wanted)

        monkeypatch.setattr(listening, "_bound", bound)
        sockets = loopback_sockets()
        found = {each.getsockname()[1] for each in sockets}
        assert len(sockets) == 2
        assert len(found) == 1
        assert found.isdisjoint({each.getsockname()[1] for each in taken})
        for each in sockets:
            each.close()


@pytest.mark.parametrize("why", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
def test_t11_where_ipv6_is_off_the_other_address_alone_is_held(
    monkeypatch: pytest.MonkeyPatch, why: int
) -> None:
    true = listening._bound

    def bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
        if family is socket.AF_INET6:
            raise OSError(why, "no IPv6 here")
        return true(family, address, port)

    monkeypatch.setattr(listening, "_bound", bound)

    async def story(listener: Listener) -> None:
        assert "404" in await get(listener, "/x")

    run(story)


def test_t11_a_request_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "REQUEST_SECONDS", 0.3)

    async def story(listener: Listener) -> None:
        reader, writer = await connect(listener)
        writer.write(b"POST / HTTP/1.1\r\nX: ")
        ended = asyncio.create_task(reader.read())
        while not ended.done():
            writer.write(b"x")
            await asyncio.sleep(0.02)
        with suppress(ConnectionResetError):  # a letter was still on its way
            assert await ended == b""
        writer.close()

    run(story)
