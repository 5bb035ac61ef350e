"""Which proxy lies on the way, why, and whether it lets the station through.

The rules are those of the connections that the station itself makes: what is configured wins over
what the system says, and nothing ever lies between this machine and itself.
"""

import base64
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from app.network.exchange import Deadline, Limits, TimedSocket, TlsSocket
from app.network.proxies import Proxies

_LONGEST_HEAD: Final = 16 * 1024
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_WANTS_PASSWORD, _CONNECTED = 407, range(200, 300)


class ProxyError(OSError):
    """The proxy does not open the way: `status` is what it answered, 0 where nothing readable."""

    def __init__(self, status: int, words: str) -> None:
        """Keep both."""
        super().__init__(words)
        self.status = status

    @property
    def wants_password(self) -> bool:
        """Whether it asks for a name and a password, or does not take those it was given."""
        return self.status == _WANTS_PASSWORD


@dataclass(frozen=True, slots=True)
class Host:
    """A host of the cloud and its port."""

    name: str
    port: int = 443

    @classmethod
    def of(cls, url: str) -> "Host":
        """Return the host in `url`, which is https."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or _DEFAULT_PORTS["https"])

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy by its address, which may hold a password and is not printed.

    `configured` tells that the station's own configuration names it. Raises ValueError for an
    address that is no proxy's.
    """

    address: str = field(repr=False)
    configured: bool

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("a proxy's address begins with http:// or https://")
        _ = parts.port  # raises ValueError where it is no number

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken with the proxy itself."""
        return urlsplit(self.address).scheme == "https"

    @property
    def host(self) -> Host:
        """Where it is."""
        parts = urlsplit(self.address)
        return Host(parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme])

    @property
    def shown(self) -> str:
        """Its address without name and password."""
        return f"{urlsplit(self.address).scheme}://{self.host}"

    @property
    def authorization(self) -> str:
        """The header line that it is given, or nothing (RFC 7617)."""
        parts = urlsplit(self.address)
        if parts.username is None:
            return ""
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        encoded = base64.b64encode(pair.encode()).decode("ascii")
        return f"Proxy-Authorization: Basic {encoded}\r\n"


def proxy_for(host: Host, proxies: Proxies) -> Proxy | None:
    """Return the proxy on the way to `host`, or None. Raises ValueError for one that is none."""
    address = proxies.for_host(host.name)
    return None if address is None else Proxy(address, configured=bool(proxies.configured))


def open_way(
    host: Host, proxy: Proxy | None, context: Callable[[], ssl.SSLContext], limits: Limits
) -> TimedSocket | TlsSocket:
    """Connect to `host`, by way of `proxy` where there is one; `context` is for TLS with it.

    All that is done with the connection has to be over within `limits.total`. Raises OSError
    (ProxyError is one).
    """
    deadline = Deadline(limits.total)
    if proxy is None:
        return TimedSocket.connect(host.name, host.port, deadline, limits)
    near = proxy.host
    stream: TimedSocket | TlsSocket = TimedSocket.connect(near.name, near.port, deadline, limits)
    try:
        if proxy.secure:
            stream = TlsSocket(stream, context(), near.name)
        _tunnel(stream, host, proxy)
    except BaseException:
        stream.close()
        raise
    return stream


def _tunnel(stream: TimedSocket | TlsSocket, host: Host, proxy: Proxy) -> None:
    """Ask for a tunnel to `host` (RFC 9110, section 9.3.6)."""
    head = f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{proxy.authorization}\r\n"
    stream.sendall(head.encode("ascii"))
    answer = bytearray()
    while b"\r\n\r\n" not in answer:
        piece = stream.recv(4096)
        answer += piece
        if not piece or len(answer) > _LONGEST_HEAD:
            raise ProxyError(0, "its answer is not HTTP")
    line = bytes(answer).split(b"\r\n", 1)[0].decode("latin-1")
    status = _status(line)
    if status not in _CONNECTED:
        raise ProxyError(status, line[:200])


def _status(line: str) -> int:
    _, _, rest = line.partition(" ")
    number = rest[:3]
    return int(number) if number.isascii() and number.isdigit() else 0
