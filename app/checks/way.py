"""The way to one host of the cloud, looked at step by step: name, connection, TLS, answer.

Each look is a connection of its own, made as the station makes it. What is asked for is public and
read only: the tenant's sign-in document, and /me without a sign-in, which Graph answers with 401.
"""

import json
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import httpx

from app import __version__
from app.checks.chain import chain_rows, issuer_of
from app.checks.handshake import shake_hands, shown_certificates
from app.checks.proxy import Host, Proxy, open_way, proxy_for
from app.core.checkup import Check, Finding, Rows, Told, Verdict
from app.core.ports import Clock

ANSWER_SECONDS: Final = 10.0
LARGEST: Final = 1 << 18
"""Bytes of an answer that are looked at; the sign-in document has about 2 KiB."""

_TITLE = re.compile(r"<title[^>]*>([^<]{0,200})", re.IGNORECASE)
_SERVER_FAULTS: Final = 500

# OpenSSL's verification errors (x509_vfy.h).
_TIMES: Final = frozenset({9, 10})
_AUTHORITIES: Final = frozenset({2, 18, 19, 20, 21})
_NAMES: Final = frozenset({62, 64})


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the station trusts: the system's authorities and, beside them, those in `ca_file`."""

    ca_file: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Return a context that verifies. Raises OSError where the file cannot be used."""
        context = ssl.create_default_context()
        if self.ca_file is not None:
            context.load_verify_locations(cafile=self.ca_file)
        return context

    def context_in_clear(self) -> ssl.SSLContext:
        """Return the same for handshakes that do not encrypt the certificates: TLS 1.2."""
        context = self.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: HTTP status, JSON where it is some, and the server's clock.

    `offset` is that clock minus this machine's in seconds, None where the server told no time.
    """

    status: int
    document: Mapping[str, object] | None = field(default=None, repr=False)
    offset: float | None = None


@dataclass(slots=True)
class Way:
    """The way to the host of `url`. `checks` are those for name, connection, TLS and answer.

    `proxy` is the configured one, or empty; `answer` is what the last look at it brought.
    """

    url: str
    checks: tuple[Check, Check, Check, Check]
    trust: Trust
    clock: Clock
    proxy: str = field(default="", repr=False)
    answer: Answer | None = None

    @property
    def host(self) -> Host:
        """The host at its end."""
        return Host.of(self.url)

    def name(self) -> Finding:
        """Ask for the host's addresses."""
        check, host = self.checks[0], self.host
        if self._proxy() is not None:
            return Finding(check, Verdict.NOT_CHECKED, Told.BY_PROXY)
        facts = {"host": host.name}
        try:
            found = socket.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            return Finding(check, Verdict.FAILURE, Told.NAME_UNKNOWN, facts, error_row(error))
        addresses = dict.fromkeys(str(each[4][0]) for each in found)
        rows = tuple(("Address", address) for address in addresses)
        return Finding(check, Verdict.OK, Told.NAME_KNOWN, facts, rows)

    def connection(self) -> Finding:
        """Connect, one address after the other."""
        check, host = self.checks[1], self.host
        if self._proxy() is not None:
            return Finding(check, Verdict.NOT_CHECKED, Told.BY_PROXY)
        facts = {"host": host.name, "port": host.port}
        try:
            with open_way(host, None, self.trust.context) as stream:
                rows = (("Address", str(stream.getpeername()[0])),)
        except OSError as error:
            return Finding(check, Verdict.FAILURE, _no_way(error), facts, error_row(error))
        return Finding(check, Verdict.OK, Told.CONNECTED, facts, rows)

    def tls(self) -> Finding:
        """Shake hands; where the certificate is not trusted, show whose it is."""
        check, facts = self.checks[2], {"host": self.host.name}
        try:
            context = self.trust.context()
        except OSError as error:
            facts, rows = {"file": str(self.trust.ca_file)}, error_row(error)
            return Finding(check, Verdict.FAILURE, Told.AUTHORITIES_UNREADABLE, facts, rows)
        try:
            with self._open() as stream:
                secured = shake_hands(stream, self.host.name, context)
                rows = (("Protocol", secured.version() or ""),)
        except ssl.SSLCertVerificationError as error:
            return self._untrusted(error)
        except OSError as error:
            return Finding(check, Verdict.FAILURE, Told.TLS_FAILED, facts, error_row(error))
        return Finding(check, Verdict.OK, Told.TRUSTED, facts, rows)

    def look(self) -> Finding:
        """Ask for the document, and judge who it is that answers."""
        check, facts = self.checks[3], {"host": self.host.name}
        proxy = self._proxy()
        try:
            with httpx.Client(
                verify=self.trust.context(),
                proxy=_httpx_proxy(proxy, self.trust),
                trust_env=False,
                timeout=httpx.Timeout(ANSWER_SECONDS),
                follow_redirects=False,
            ) as client:
                return self._judged(_bounded(client, self.url))
        except (httpx.HTTPError, OSError) as error:
            return Finding(check, Verdict.FAILURE, Told.ANSWER_FAILED, facts, error_row(error))

    def _judged(self, came: tuple[httpx.Response, bytes]) -> Finding:
        response, content = came
        check, facts = self.checks[3], {"host": self.host.name, "status": response.status_code}
        document = _object(content)
        self.answer = Answer(response.status_code, document, self._offset(response))
        rows = _answer_rows(response, content)
        if response.status_code >= _SERVER_FAULTS:
            return Finding(check, Verdict.FAILURE, Told.ANSWERED_FAULT, facts, rows)
        if document is None:
            return Finding(check, Verdict.FAILURE, Told.ANSWERED_PAGE, facts, rows)
        return Finding(check, Verdict.OK, Told.ANSWERED, facts, rows)

    def _offset(self, response: httpx.Response) -> float | None:
        """The server's clock minus ours: its Date tells whole seconds."""
        try:
            told = parsedate_to_datetime(response.headers.get("date", ""))
            return (told - self.clock.now()).total_seconds() + 0.5
        except (ValueError, TypeError, OverflowError):  # TypeError: a Date without a time zone
            return None

    def _untrusted(self, error: ssl.SSLCertVerificationError) -> Finding:
        chain: tuple[bytes, ...] = ()
        try:
            with self._open() as stream:
                chain = shown_certificates(stream, self.host.name, self.trust.context_in_clear())
        except OSError:
            chain = ()  # gone since a moment ago: the error says what it says
        facts = {"host": self.host.name, "issuer": issuer_of(chain) or "-"}
        reason = f"{error.verify_message} ({error.verify_code})"
        rows = (("Verification", reason), *chain_rows(chain))
        return Finding(self.checks[2], Verdict.FAILURE, _distrust(error.verify_code), facts, rows)

    def _open(self) -> socket.socket:
        return open_way(self.host, self._proxy(), self.trust.context)

    def _proxy(self) -> Proxy | None:
        return proxy_for(self.host, self.proxy)


def _httpx_proxy(proxy: Proxy | None, trust: Trust) -> httpx.Proxy | None:
    if proxy is None:
        return None
    context = trust.context() if proxy.secure else None
    return httpx.Proxy(proxy.address, ssl_context=context)


def _bounded(client: httpx.Client, url: str) -> tuple[httpx.Response, bytes]:
    headers = {"Accept": "application/json", "User-Agent": f"Oathdesk/{__version__}"}
    content = bytearray()
    with client.stream("GET", url, headers=headers) as response:
        for piece in response.iter_bytes():
            content += piece
            if len(content) > LARGEST:
                break
        return response, bytes(content[:LARGEST])


def _object(content: bytes) -> Mapping[str, object] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _answer_rows(response: httpx.Response, content: bytes) -> Rows:
    title = _TITLE.search(content[:20_000].decode(errors="replace"))
    rows = (
        ("HTTP status", str(response.status_code)),
        ("Content-Type", response.headers.get("content-type", "")),
        ("Page title", " ".join(title[1].split()) if title else ""),
        ("Server date", response.headers.get("date", "")),
    )
    return tuple((label, value) for label, value in rows if value)


def _distrust(code: int) -> Told:
    if code in _AUTHORITIES:
        return Told.UNKNOWN_AUTHORITY
    if code in _TIMES:
        return Told.CERTIFICATE_TIME
    return Told.CERTIFICATE_NAME if code in _NAMES else Told.CERTIFICATE_REFUSED


def _no_way(error: OSError) -> Told:
    if isinstance(error, ConnectionRefusedError):
        return Told.CONNECTION_REFUSED
    if isinstance(error, TimeoutError):
        return Told.CONNECTION_SILENT
    return Told.CONNECTION_FAILED


def error_row(error: Exception) -> Rows:
    """The system's own words; httpx quotes no header in the errors that come here."""
    return (("Error", f"{type(error).__name__}: {error}"[:500]),)
