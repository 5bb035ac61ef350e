"""A server that misbehaves to order over real TLS, and the clock and sign-in of its client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

from app.core.errors import SignInEvidence, SignInRefused
from app.core.ports import AccessToken
from app.graph.client import Exchange, GraphClient, Options
from app.graph.transport import TimeLimits, make_http

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOON_AS_HTTP = "Mon, 23 Nov 2026 12:00:00 GMT"
FIXTURES = Path(__file__).parent.parent / "contract" / "fixtures"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def body_of(name: str) -> Any:
    return fixture(name)["response"]["body"]


@dataclass
class StillClock:
    """Stands still but for those who sleep: they are at once where they wanted to be."""

    moment: datetime = NOON
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Tokens:
    """A source of sign-in tokens: gives `values` one after the other, the last for ever."""

    values: list[str] = field(default_factory=lambda: ["first-token"])
    claims: list[str | None] = field(default_factory=list)
    refuses_after: int = 1_000
    scopes: frozenset[str] = frozenset({"User.Read"})

    async def access_token(self, claims: str | None = None) -> AccessToken:
        if len(self.claims) >= self.refuses_after:
            raise SignInRefused(SignInEvidence("interaction_required"))
        self.claims.append(claims)
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        return AccessToken(value, self.scopes)


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]

REASONS = {200: "OK", 201: "Created", 204: "No Content"}


def raw(content: bytes) -> Reply:
    """Send exactly these bytes, then hang up."""

    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        writer.close()

    return send


def reset() -> Reply:
    """Hang up without a word."""
    return raw(b"")


def silence() -> Reply:
    """Say nothing at all, until the client has had enough."""

    async def send(writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    return send


def answer(
    status: int = 200,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    *,
    content: bytes | None = None,
    promised: int | None = None,
) -> Reply:
    """Answer with JSON, or with `content`; `promised` lies about its length and hangs up."""
    if content is None:
        content = b"" if body is None else json.dumps(body).encode()
    told = {"Content-Type": "application/json", "Date": NOON_AS_HTTP, "request-id": "req-1"}
    told |= {"Content-Length": str(promised or len(content))} | dict(headers or {})
    if status == 204:
        del told["Content-Length"]
    head = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in told.items()) + "\r\n"
    if promised:
        return raw(head.encode() + content)

    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + content)
        await writer.drain()

    return send


def recorded(name: str) -> Reply:
    """Answer as a fixture of the contract does."""
    response = fixture(name)["response"]
    return answer(response["status"], response.get("body"), response["headers"])


def page(title: str, status: int = 200) -> Reply:
    """Answer with a web page, as portals and proxies do."""
    html = f"<html><head><title>{title}</title></head><body>Sign in</body></html>".encode()
    return answer(status, headers={"Content-Type": "text/html"}, content=html)


def refusal(status: int, code: str = "", message: str = "", **headers: str) -> Reply:
    error = {"error": {"code": code, "message": message}}
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(status, error, told)


@dataclass
class Scripted:
    """Gives its replies in order, one a request, and remembers what it was asked."""

    url: str = ""
    replies: deque[Reply] = field(default_factory=deque)
    asked: list[Request] = field(default_factory=list)
    by_path: dict[str, Reply] = field(default_factory=dict)
    connections: int = 0
    serving: list[asyncio.Task[None]] = field(default_factory=list)

    def will(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    def will_by_path(self, replies: Mapping[str, Reply]) -> None:
        """Give these replies, again and again, to requests for these paths."""
        self.by_path |= replies

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.append(asyncio.create_task(self._serve(reader, writer)))

    async def stop(self) -> None:
        for task in self.serving:
            task.cancel()
        await asyncio.gather(*self.serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                request = await _request(reader)
                self.asked.append(request)
                await self._reply_to(request)(writer)
        except asyncio.CancelledError:  # by way of a proxy, a client's farewell comes late
            writer.transport.abort()
            raise
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    def _reply_to(self, request: Request) -> Reply:
        always = self.by_path.get(request.target.partition("?")[0])
        if always is not None:
            return always
        nothing_left = refusal(418, "script", "nothing left in the script")
        return self.replies.popleft() if self.replies else nothing_left


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    method, target, _ = head[0].split()
    pairs = (line.split(": ", 1) for line in head[1:] if line)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body)


@contextlib.asynccontextmanager
async def scripted(authority: trustme.CA, *names: str) -> AsyncIterator[Scripted]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1", *names).configure_cert(context)
    server = Scripted()
    listening = await asyncio.start_server(server.accept, "127.0.0.1", 0, ssl=context)
    server.url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        await server.stop()


@dataclass
class Desk:
    """Everything a test of the client holds: the server, the client, and what it was given."""

    server: Scripted
    client: GraphClient
    clock: StillClock
    tokens: Tokens
    exchanges: list[Exchange]


@contextlib.asynccontextmanager
async def desk(
    authority: trustme.CA,
    *,
    trusted: bool = True,
    tokens: Tokens | None = None,
    read_seconds: float = 10.0,
) -> AsyncIterator[Desk]:
    """Return a client of a scripted server."""
    context = ssl.create_default_context()
    if trusted:
        authority.configure_trust(context)
    limits = TimeLimits(connect=5.0, read=read_seconds)
    clock, tokens, exchanges = StillClock(), tokens or Tokens(), list[Exchange]()
    options = Options(on_exchange=exchanges.append, chance=lambda: 1.0)
    async with scripted(authority) as server, make_http(context, limits) as http:
        client = GraphClient(server.url, tokens, http, clock, options)
        yield Desk(server, client, clock, tokens, exchanges)
