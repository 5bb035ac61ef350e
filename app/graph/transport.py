"""The connection to Graph: proxies, time limits, and how connections are kept.

Certificates are always verified; nothing here or above can turn that off. The TLS context and the
proxies are handed in (app.network), and the environment is not asked. Each exchange has one
deadline, and its body is decoded in pieces whose size does not depend on the server.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from app.core.errors import SettingsError, SettingsProblem
from app.network.content import ACCEPTED, ContentError, Decoder, encoding_of
from app.network.proxies import Proxies


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long each part of an exchange may take, in seconds.

    `pool` is the wait for a free connection. `read` is the longest silence between two pieces of an
    answer, and `total` bounds the exchange from connecting to the last byte. Graph itself gives up
    on authentication methods after 60 s; an operator with a line of people in front of them gives
    up sooner.
    """

    connect: float = 5.0
    read: float = 30.0
    write: float = 30.0
    pool: float = 30.0
    total: float = 45.0


_CONNECTIONS = 10
_PROXY_SCHEMES = frozenset({"http", "https"})
_KEEP_SECONDS = 90.0  # longer than the pause between two people at the desk


def make_http(
    ssl_context: ssl.SSLContext,
    limits: TimeLimits | None = None,
    proxies: Proxies | None = None,
) -> httpx.AsyncClient:
    """Return the one client that all calls share; the caller closes it.

    Without `proxies` the system's are used. TCP_NODELAY needs no setting: asyncio sets it on every
    socket. Redirects are never followed, since a sign-in token must not travel to another host.

    Raises SettingsError for a proxy that is none, which names it without its password.
    """
    _quieten()
    limits = limits or TimeLimits()
    # Half of the whole at most: httpcore closes a connection whose own limit ends while it is being
    # made, and loses one that is cancelled then.
    connect = min(limits.connect, limits.total / 2)
    return httpx.AsyncClient(
        transport=_Transport(ssl_context, limits, proxies or Proxies()),
        timeout=httpx.Timeout(
            connect=connect, read=limits.read, write=limits.write, pool=limits.pool
        ),
        headers={"Accept-Encoding": ACCEPTED},
        follow_redirects=False,
        trust_env=False,
    )


class _Transport(httpx.AsyncBaseTransport):
    """Sends each request by the proxy on the way to its host, within one deadline."""

    def __init__(self, context: ssl.SSLContext, limits: TimeLimits, proxies: Proxies) -> None:
        self._context = context
        self._total = limits.total
        self._proxies = proxies
        self._by_proxy: dict[str | None, httpx.AsyncHTTPTransport] = {}
        self._backend = _Backend()
        self._proxy_of: dict[str, str | None] = {}
        _check(proxies)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; its answer keeps to the deadline while it is read, too."""
        deadline = _Deadline(self._total, request)
        transport = self._transport_to(request.url.host)
        async with deadline.held():
            response = await transport.handle_async_request(request)
        values = response.headers.get_list("content-encoding")
        response.headers.pop("content-encoding", None)  # decoded here, and not once more by httpx
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Body(response.stream, values, deadline)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in self._by_proxy.values():
            await transport.aclose()
        await self._backend.aclose()

    def _transport_to(self, host: str) -> httpx.AsyncHTTPTransport:
        if host not in self._proxy_of:  # asked once: Windows may look names up for its exceptions
            self._proxy_of[host] = self._proxies.for_host(host)
        address = self._proxy_of[host]
        if address not in self._by_proxy:
            self._by_proxy[address] = httpx.AsyncHTTPTransport(
                verify=self._context,
                proxy=None if address is None else _proxy(address, self._context),
                trust_env=False,
                limits=httpx.Limits(
                    max_connections=_CONNECTIONS,
                    max_keepalive_connections=_CONNECTIONS,
                    keepalive_expiry=_KEEP_SECONDS,
                ),
            )
            # httpx has no parameter for it; a test sees to it that the name still exists.
            self._by_proxy[address]._pool._network_backend = self._backend  # noqa: SLF001 - see above
        return self._by_proxy[address]


class _Backend(httpcore.AnyIOBackend):
    """Makes connections and closes them all in the end.

    httpcore forgets a connection whose request is cancelled during the TLS handshake, and leaves it
    open; at the end of the program that is an unclosed transport.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made: list[httpcore.AsyncNetworkStream] = []

    async def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        stream = await super().connect_tcp(*arguments, **options)
        self._made = [each for each in self._made if _is_open(each)] + [stream]
        return stream

    async def aclose(self) -> None:
        """Close what is still open."""
        made, self._made = self._made, []
        for stream in made:
            if _is_open(stream):
                await stream.aclose()


def _is_open(stream: httpcore.AsyncNetworkStream) -> bool:
    sock = stream.get_extra_info("socket")
    return sock is not None and sock.fileno() >= 0


class _Deadline:
    """The end of one exchange, `seconds` from now, whatever of it is still missing."""

    def __init__(self, seconds: float, request: httpx.Request) -> None:
        self._seconds = seconds
        self._request = request
        self._ends = asyncio.get_running_loop().time() + seconds

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Cut short what is done meanwhile. Raises httpx.ReadTimeout."""
        scope = asyncio.timeout_at(self._ends)
        try:
            async with scope:
                yield
        except TimeoutError:
            if not scope.expired():
                raise
            words = f"no whole answer within {self._seconds:g} s"
            raise httpx.ReadTimeout(words, request=self._request) from None


class _Body(httpx.AsyncByteStream):
    """A body, decoded. Raises httpx.DecodingError for one that is encoded in any other way."""

    def __init__(self, raw: httpx.AsyncByteStream, values: list[str], deadline: _Deadline) -> None:
        self._raw = raw
        self._values = values
        self._deadline = deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            decoder = Decoder(encoding_of(self._values))
            received = aiter(self._raw)
            while not decoder.is_over:
                async with self._deadline.held():
                    part = await anext(received, None)
                if part is None:
                    break
                for piece in decoder.pieces(part):
                    yield piece
            decoder.finish()
        except ContentError as error:
            raise httpx.DecodingError(str(error)) from None

    async def aclose(self) -> None:
        """Close the body, and with it what is not read of the answer."""
        await self._raw.aclose()


def _check(proxies: Proxies) -> None:
    """Look at each proxy before it is needed. Raises SettingsError."""
    if proxies.configured:
        _proxy(proxies.configured, None)
    for kind, address in proxies.named_by_system().items():
        if address.lower().startswith("socks"):
            raise _no_proxy(f"{kind}_proxy", "a SOCKS proxy is not supported")


def _proxy(address: str, ssl_context: ssl.SSLContext | None) -> httpx.Proxy:
    try:
        proxy = httpx.Proxy(address)
    except (ValueError, httpx.InvalidURL):
        raise _no_proxy("proxy", "not an address of a proxy") from None
    if proxy.url.scheme not in _PROXY_SCHEMES or not proxy.url.host:
        raise _no_proxy("proxy", "a proxy's address begins with http:// or https://")
    if proxy.url.scheme == "https" and ssl_context is not None:
        return httpx.Proxy(address, ssl_context=ssl_context)
    return proxy


def _no_proxy(place: str, problem: str) -> SettingsError:
    return SettingsError(SettingsProblem(place, problem, "network.proxy"))


def _quieten() -> None:
    """Stop httpx from logging whole addresses: a query holds the name that was searched for."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
