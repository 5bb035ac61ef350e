"""Blocking HTTPS exchanges for a worker thread, each with one deadline from first byte to last.

The time limits of sockets hold for a single piece, so a peer that sends one byte at a time gets
around them. Here each wait on a socket is cut to what is left of the whole exchange: connecting,
the proxy's answer, the TLS handshake, the request, headers and body. Bodies are bounded after
decoding. Only the system's look-up of a name cannot be cut short; the resolver has its own limit.
"""

import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Self, TypeVar
from urllib.parse import unquote, urlsplit

import httpcore

from app.network.content import ACCEPTED, ContentError, Decoder, encoding_of
from app.network.proxies import Proxies
from app.network.tls import is_untrusted

_RECORD: Final = 65536
_KEPT_SECONDS: Final = 20.0
_CONNECTIONS: Final = 4

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for connecting to one address, between two pieces, and for the whole exchange.

    `largest` bounds a body in bytes, after decoding.
    """

    connect: float = 5.0
    silence: float = 20.0
    total: float = 45.0
    largest: int = 1 << 20


class ExchangeError(Exception):
    """No usable answer came. The text is the innermost reason.

    `at_proxy` tells that it failed at a proxy, before the host was reached, and `untrusted` that a
    certificate was not accepted.
    """

    def __init__(self, reason: str, *, at_proxy: bool = False, untrusted: bool = False) -> None:
        super().__init__(reason)
        self.at_proxy = at_proxy
        self.untrusted = untrusted


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer. Header names are in lower case; of several with one name the last counts.

    `is_cut` tells that the body was longer than the limit, and `content` is its beginning.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    is_cut: bool = False


class Deadline:
    """A moment at which everything has to be over, `seconds` from now (monotonic time)."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Return the seconds that are left, at most `most`. Raises TimeoutError where none are."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no whole answer within {self._seconds:g} s")
        return left if most is None else min(left, most)


class TimedSocket:
    """A connected socket whose every wait ends at `deadline`, and after `silence` seconds."""

    def __init__(self, sock: socket.socket, deadline: Deadline, silence: float) -> None:
        self._sock = sock
        self._deadline = deadline
        self._silence = silence

    @classmethod
    def connect(cls, host: str, port: int, deadline: Deadline, limits: Limits) -> Self:
        """Connect to `host`, one address after the other. Raises OSError."""
        failure: OSError | None = None
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(deadline.left(limits.connect))
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                failure = error
                sock.close()
            else:
                return cls(sock, deadline, limits.silence)
        raise failure or OSError(f"{host} has no address")

    def recv(self, most: int) -> bytes:
        """Return the next bytes, or none at the end. Raises OSError (TimeoutError is one)."""
        with self._waiting():
            return self._sock.recv(most)

    def sendall(self, content: bytes) -> None:
        """Send all of `content`. Raises OSError (TimeoutError is one)."""
        with self._waiting():
            self._sock.sendall(content)

    def getpeername(self) -> tuple[str, int]:
        """Return address and port of the other side."""
        name = self._sock.getpeername()
        return str(name[0]), int(name[1])

    def has_ended(self) -> bool:
        """Tell whether an idle connection was closed, or got bytes without a request."""
        self._sock.settimeout(0)
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def renew(self, deadline: Deadline) -> None:
        """Let another deadline hold from now on."""
        self._deadline = deadline

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Limit one wait on the socket, and say which limit it was that ended it."""
        self._sock.settimeout(self._deadline.left(self._silence))
        try:
            yield
        except TimeoutError:
            self._deadline.left()
            raise TimeoutError(f"nothing came for {self._silence:g} s") from None


class TlsSocket:
    """TLS over `inner`, a TimedSocket or another TlsSocket. The handshake is made at once.

    Raises OSError (ssl.SSLError is one).
    """

    def __init__(
        self, inner: "TimedSocket | TlsSocket", context: ssl.SSLContext, host: str
    ) -> None:
        self._inner = inner
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._until_done(self._tls.do_handshake)

    def recv(self, most: int) -> bytes:
        """Return the next bytes, or none at the end. Raises OSError."""
        try:
            return self._until_done(partial(self._tls.read, most))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def sendall(self, content: bytes) -> None:
        """Send all of `content`. Raises OSError."""
        rest = memoryview(content)
        while rest:
            sent = self._until_done(partial(self._tls.write, rest))
            rest = rest[sent:]

    def close(self) -> None:
        """Close the socket below."""
        self._inner.close()

    def _until_done(self, act: Callable[[], T]) -> T:
        while True:
            try:
                result = act()
            except ssl.SSLWantReadError:
                self._flush()
                received = self._inner.recv(_RECORD)
                if received:
                    self._incoming.write(received)
                else:
                    self._incoming.write_eof()
            except ssl.SSLError:
                with suppress(OSError):
                    self._flush()  # the alert that says why
                raise
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._inner.sendall(self._outgoing.read())


class Https:
    """Exchanges over `context`, which verifies, by way of `proxies`. For any number of threads."""

    def __init__(
        self, context: ssl.SSLContext, proxies: Proxies, limits: Limits | None = None
    ) -> None:
        self._context = context
        self._proxies = proxies
        self._limits = limits or Limits()
        self._backend = _Backend(self._limits)
        self._pools: dict[str | None, httpcore.ConnectionPool] = {}
        self._lock = threading.Lock()
        # A sign-in that was given up is left to the garbage collector.
        weakref.finalize(self, _close, self._pools)

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
    ) -> Reply:
        """Send one request and return the whole answer; redirects are not followed.

        `url` begins with https://. Raises ExchangeError.
        """
        if not url.lower().startswith("https://"):
            raise ExchangeError("not https")
        sent = list({"Accept-Encoding": ACCEPTED, **headers}.items())
        deadline = Deadline(self._limits.total)
        proxy = self._proxies.for_host(urlsplit(url).hostname or "")
        with self._backend.within(deadline), _translated("by a proxy: " if proxy else ""):
            pool = self._pool(proxy)
            try:
                with pool.stream(method, url, headers=sent, content=content) as response:
                    return self._read(response)
            finally:
                if (
                    self._backend.is_closed
                ):  # while this exchange went on: its connection is not kept
                    pool.close()

    def close(self) -> None:
        """Close the connections; those of exchanges that still go on close with these."""
        with self._lock:
            self._backend.is_closed = True
            _close(self._pools)

    def _read(self, response: httpcore.Response) -> Reply:
        pairs = [
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in response.headers
        ]
        encodings = [value for name, value in pairs if name == "content-encoding"]
        status, headers = response.status, dict(pairs)
        decoder = Decoder(encoding_of(encodings))
        content, largest = bytearray(), self._limits.largest
        for received in response.iter_stream():
            for piece in decoder.pieces(received):
                content += piece
                if len(content) > largest:
                    return Reply(status, headers, bytes(content[:largest]), is_cut=True)
            if decoder.is_over:
                break
        decoder.finish()
        return Reply(status, headers, bytes(content))

    def _pool(self, proxy: str | None) -> httpcore.ConnectionPool:
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = self._made_pool(proxy)
            return self._pools[proxy]

    def _made_pool(self, proxy: str | None) -> httpcore.ConnectionPool:
        parts = urlsplit(proxy or "")
        name, secure = parts.username, parts.scheme == "https"
        make: Callable[..., httpcore.ConnectionPool] = httpcore.ConnectionPool
        if proxy is not None:
            make = partial(
                httpcore.HTTPProxy,
                f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
                proxy_auth=None if name is None else (unquote(name), unquote(parts.password or "")),
                proxy_ssl_context=self._context if secure else None,
            )
        return make(
            ssl_context=self._context,
            max_connections=_CONNECTIONS,
            keepalive_expiry=_KEPT_SECONDS,
            retries=1,
            network_backend=self._backend,
        )


def _close(pools: dict[str | None, httpcore.ConnectionPool]) -> None:
    """Close every pool, and empty `pools`."""
    while pools:
        pools.popitem()[1].close()


class _Backend(httpcore.NetworkBackend):
    """Makes connections that keep to the deadline of the exchange which the thread is in."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._of_thread = threading.local()
        self.is_closed = False

    @contextmanager
    def within(self, deadline: Deadline) -> Iterator[None]:
        """Let `deadline` hold for all that this thread does meanwhile."""
        self._of_thread.deadline, self._of_thread.made = deadline, []
        try:
            yield
        finally:
            if self.is_closed:  # meanwhile: a pool that is closed does not know of new connections
                for sock in self._of_thread.made:
                    sock.close()
            del self._of_thread.deadline, self._of_thread.made

    @property
    def deadline(self) -> Deadline:
        """The deadline of the exchange which this thread is in."""
        deadline: Deadline = self._of_thread.deadline
        return deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the limits of the exchange count
        local_address: str | None = None,  # noqa: ARG002 - never given
        socket_options: object = None,  # noqa: ARG002 - never given
    ) -> httpcore.NetworkStream:
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            sock = TimedSocket.connect(host, port, self.deadline, self._limits)
        self._of_thread.made.append(sock)
        return _Stream(self, sock, sock)


class _Stream(httpcore.NetworkStream):
    """One connection as httpcore uses it: `top` is what is spoken to, `sock` lies at the bottom."""

    def __init__(self, backend: _Backend, sock: TimedSocket, top: TimedSocket | TlsSocket) -> None:
        self._backend = backend
        self._sock = sock
        self._top = top

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the limits of the exchange count
        self._sock.renew(self._backend.deadline)
        with _named(httpcore.ReadTimeout, httpcore.ReadError):
            return self._top.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the limits of the exchange count
        self._sock.renew(self._backend.deadline)
        with _named(httpcore.WriteTimeout, httpcore.WriteError):
            self._top.sendall(buffer)

    def close(self) -> None:
        self._top.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the limits of the exchange count
    ) -> httpcore.NetworkStream:
        try:
            with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
                secured = TlsSocket(self._top, ssl_context, server_hostname or "")
        except (httpcore.NetworkError, httpcore.TimeoutException):
            self.close()
            raise
        return _Stream(self._backend, self._sock, secured)

    def get_extra_info(self, info: str) -> object:
        return self._sock.has_ended() if info == "is_readable" else None


@contextmanager
def _named(
    timeout: type[httpcore.TimeoutException], failure: type[httpcore.NetworkError]
) -> Iterator[None]:
    """Raise the system's errors under the names that httpcore gives them."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(str(error)) from error
    except OSError as error:
        raise failure(str(error)) from error


@contextmanager
def _translated(way: str) -> Iterator[None]:
    """Raise what httpcore raises as an ExchangeError; `way` stands before its words."""
    try:
        yield
    except httpcore.ProxyError as error:
        raise ExchangeError(str(error), at_proxy=True) from error
    except ContentError as error:
        raise ExchangeError(str(error)) from error
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.TimeoutException,
        httpcore.UnsupportedProtocol,
        OSError,
        ValueError,  # an address that cannot be written down
    ) as error:
        reason = f"{way}{str(error) or type(error).__name__}"
        raise ExchangeError(reason, untrusted=is_untrusted(error)) from error
