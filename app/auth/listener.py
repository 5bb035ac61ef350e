"""The loopback address that a browser returns to after signing in.

MSAL has such a listener, but one that cannot be cancelled. This one lives as long as its `async
with`, waits for the form that carries the expected state, and lets the browser wait for its page
until it is known how the sign-in ended.
"""

import asyncio
import errno
import hmac
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Self

from app.auth.page import Outcome, Words
from app.auth.request import HEAD_LIMIT, BadRequestError, Request, read_request
from app.core.errors import SignInUnreachable

REQUEST_SECONDS = 10.0
"""How long one connection may take to send its request."""

CONNECTION_LIMIT = 16
"""How many connections are served at a time; a browser needs two."""

FAREWELL_SECONDS = 2.0
"""How long closing waits for the last page to reach the browser."""


PORTS = 20
"""How many ports are tried until one is free on both loopback addresses."""

_NO_IPV6 = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


class Listener:
    """Listens on 127.0.0.1 and [::1], on one of `ports`, or on one that the system chooses.

    The browser is sent to `localhost`, which is either address. Another program that listened on
    the one that is left free would be sent the sign-in code. Where IPv6 is switched off there is
    no second address. Entering raises SignInUnreachable where no port is free on both.
    """

    def __init__(self, words: Words, ports: Sequence[int] = ()) -> None:
        self._words = words
        self._ports = ports
        self._state = ""
        self._port = 0
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._awaited: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._form: asyncio.Future[Mapping[str, str]] = loop.create_future()
        self._outcome: asyncio.Future[Outcome] = loop.create_future()

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent; `localhost` is what is registered for desktop programs."""
        return f"http://localhost:{self._port}"

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        try:
            sockets = loopback_sockets(self._ports)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise SignInUnreachable(f"the browser cannot come back here: {reason}") from None
        self._port = sockets[0].getsockname()[1]
        for each in sockets:
            server = await asyncio.start_server(self._accept, sock=each, limit=HEAD_LIMIT)
            self._servers.append(server)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Show the last page, then hang up."""
        for server in self._servers:
            server.close()
        self.conclude(Outcome.CANCELLED)
        if self._awaited is not None:
            await asyncio.wait({self._awaited}, timeout=FAREWELL_SECONDS)
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def form_with(self, state: str) -> Mapping[str, str]:
        """Wait for the form that carries `state`; all others are refused."""
        self._state = state
        return await self._form

    def conclude(self, outcome: Outcome) -> None:
        """Tell how the sign-in ended, which the browser waits for. Only the first call counts."""
        if not self._outcome.done():
            self._outcome.set_result(outcome)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= CONNECTION_LIMIT:
            writer.close()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(EOFError, TimeoutError, OSError):
                status, page = await self._answer(reader)
                writer.write(_response(status, page))
                async with asyncio.timeout(REQUEST_SECONDS):
                    await writer.drain()
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, str]:
        names = ("localhost", "127.0.0.1", "[::1]")
        hosts = frozenset(f"{name}:{self._port}" for name in names)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                request = await read_request(reader, hosts)
            self._take(request)
        except BadRequestError as error:
            return error.status, self._words.of_nothing()
        return 200, self._words.of(await self._outcome)

    def _take(self, request: Request) -> None:
        """Keep the form if it is the one awaited. Raises BadRequestError for everything else."""
        if request.path != "/":
            raise BadRequestError(404)
        if request.method != "POST":
            raise BadRequestError(405)
        given = request.form.get("state", "").encode()
        if not self._state or not hmac.compare_digest(given, self._state.encode()):
            raise BadRequestError(400)
        if self._form.done() or not {"code", "error"} & set(request.form):
            raise BadRequestError(400)
        self._form.set_result(request.form)
        self._awaited = asyncio.current_task()


def loopback_sockets(ports: Sequence[int] = ()) -> list[socket.socket]:
    """Return sockets on both loopback addresses and one free port, bound and held for us alone.

    The port is the first of `ports` that is free, or one that the system chooses. Raises OSError.
    """
    for port in ports or (0,) * PORTS:
        try:
            sockets = [_bound(socket.AF_INET, "127.0.0.1", port)]
        except OSError as error:
            if ports and error.errno == errno.EADDRINUSE:
                continue
            raise
        try:
            sockets.append(_bound(socket.AF_INET6, "::1", sockets[0].getsockname()[1]))
        except OSError as error:
            if error.errno in _NO_IPV6:
                return sockets
            sockets[0].close()
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return sockets
    raise OSError(errno.EADDRINUSE, "no port is free on both loopback addresses")


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    """Return a listening socket. On Windows another program could share its port otherwise."""
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        if family is socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address, port))
        bound.listen(CONNECTION_LIMIT)
        bound.setblocking(False)  # noqa: FBT003 - the standard library's own form
    except OSError:
        bound.close()
        raise
    return bound


def _response(status: int, page: str) -> bytes:
    body = page.encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
