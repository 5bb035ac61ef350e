"""The loopback address that a browser returns to after signing in.

MSAL has such a listener, but one that cannot be cancelled. This one lives as long as its `async
with`, waits for the form that carries the expected state, and lets the browser wait for its page
until it is known how the sign-in ended.
"""

import asyncio
import hmac
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Self

from app.auth.page import Outcome, Words
from app.auth.request import HEAD_LIMIT, BadRequestError, Request, read_request

REQUEST_SECONDS = 10.0
"""How long one connection may take to send its request."""

CONNECTION_LIMIT = 16
"""How many connections are served at a time; a browser needs two."""

FAREWELL_SECONDS = 2.0
"""How long closing waits for the last page to reach the browser."""


class Listener:
    """Listens on 127.0.0.1, on a port that the system chooses."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._state = ""
        self._port = 0
        self._server: asyncio.Server | None = None
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
        self._server = await asyncio.start_server(
            self._accept, host="127.0.0.1", port=0, limit=HEAD_LIMIT
        )
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Show the last page, then hang up."""
        assert self._server is not None
        self._server.close()
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
        hosts = frozenset({f"localhost:{self._port}", f"127.0.0.1:{self._port}"})
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
