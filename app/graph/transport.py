"""The connection to Graph: which certificates are trusted, and how connections are kept.

Certificates are always verified; nothing here or above can turn that off. A tenant of one's own
(the practice tenant, a proxy that opens TLS) is trusted by adding its authority's certificate.
"""

import logging
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import getproxies

import httpx

from app.core.errors import SettingsError, SettingsProblem


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long each part of an exchange may take, in seconds.

    `pool` is the wait for a free connection. Graph itself gives up on authentication methods after
    60 s; an operator with a line of people in front of them gives up sooner.
    """

    connect: float = 5.0
    read: float = 30.0
    write: float = 30.0
    pool: float = 30.0


_CONNECTIONS = 10
_PROXY_SCHEMES = frozenset({"http", "https"})
_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")
_KEEP_SECONDS = 90.0  # longer than the pause between two people at the desk


_PEM: Final = "a PEM file with at least one certificate"


def make_ssl_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Return a context that trusts what the system trusts and, if given, the PEM file `ca_file`.

    Making one takes some 40 ms: make it once and share it. Raises SettingsError where the file is
    missing or holds no certificate.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:  # ssl.SSLError is one
            reason = error.strerror or type(error).__name__
            problem = SettingsProblem(str(ca_file), reason, "network.ca_file", _PEM)
            raise SettingsError(problem) from None
    return context


def make_http(
    ssl_context: ssl.SSLContext, limits: TimeLimits | None = None, proxy: str | None = None
) -> httpx.AsyncClient:
    """Return the one client that all calls share; the caller closes it.

    `proxy` (http:// or https://, perhaps with name and password) wins over whatever the environment
    says; without it the system's proxies are used, and its exceptions from them. Neither ever lies
    between this machine and itself, which is where the practice tenant lives. The context wins over
    SSL_CERT_FILE and the like in either case. TCP_NODELAY needs no setting: asyncio sets it on
    every socket. Redirects are never followed, since a sign-in token must not travel to another
    host.

    Raises SettingsError for a proxy that is none, which names it without its password.
    """
    _quieten()
    limits = limits or TimeLimits()
    return httpx.AsyncClient(
        verify=ssl_context,
        proxy=_proxy(proxy, ssl_context),
        timeout=httpx.Timeout(
            connect=limits.connect, read=limits.read, write=limits.write, pool=limits.pool
        ),
        limits=httpx.Limits(
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=_KEEP_SECONDS,
        ),
        follow_redirects=False,
        mounts=dict.fromkeys(_LOOPBACK),
    )


def _proxy(address: str | None, ssl_context: ssl.SSLContext) -> httpx.Proxy | None:
    if address is None:
        _refuse_socks()
        return None
    try:
        proxy = httpx.Proxy(address)
    except (ValueError, httpx.InvalidURL):
        raise _no_proxy("proxy", "not an address of a proxy") from None
    if proxy.url.scheme not in _PROXY_SCHEMES or not proxy.url.host:
        raise _no_proxy("proxy", "a proxy's address begins with http:// or https://")
    if proxy.url.scheme == "https":
        return httpx.Proxy(address, ssl_context=ssl_context)
    return proxy


def _no_proxy(place: str, problem: str) -> SettingsError:
    return SettingsError(SettingsProblem(place, problem, "network.proxy"))


def _refuse_socks() -> None:
    """Name a proxy of the system that the station cannot use: httpx would end the start with it."""
    for kind, address in getproxies().items():
        if kind in {"http", "https", "all"} and address.lower().startswith("socks"):
            raise _no_proxy(f"{kind}_proxy", "a SOCKS proxy is not supported")


def _quieten() -> None:
    """Stop httpx from logging whole addresses: a query holds the name that was searched for."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
