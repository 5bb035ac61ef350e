"""The way to one host of the cloud, looked at step by step: name, connection, TLS, answer.

Each look is a connection of its own, made as the station makes it. What is asked for is public and
read only: the tenant's sign-in document, and /me without a sign-in, which Graph answers with 401.
"""

import json
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from app import __version__
from app.checks.chain import chain_rows, issuer_of
from app.checks.handshake import shake_hands, shown_certificates
from app.checks.proxy import Host, Proxy, open_way, proxy_for
from app.core.checkup import Check, Finding, Rows, Told, Verdict
from app.core.errors import SettingsError
from app.core.ports import Clock
from app.network.exchange import (
    Deadline,
    ExchangeError,
    Https,
    Limits,
    Reply,
    TimedSocket,
    TlsSocket,
)
from app.network.proxies import Proxies
from app.network.tls import Roots, make_ssl_context, system_roots

LIMITS: Final = Limits(silence=10.0, total=25.0, largest=1 << 18)
"""Of one look: less than an examination has, and 256 KiB of the answer; the sign-in document has
about 2 KiB."""

_HEADERS: Final = {"Accept": "application/json", "User-Agent": f"Oathdesk/{__version__}"}

_TITLE = re.compile(r"<title[^>]*>([^<]{0,200})", re.IGNORECASE)
_SERVER_FAULTS: Final = 500

# Verification errors of OpenSSL (x509_vfy.h), Windows (winerror.h: CERT_E_EXPIRED,
# CERT_E_UNTRUSTEDROOT, CERT_E_CHAINING, CERT_E_CN_NO_MATCH) and macOS (SecBase.h:
# errSecCertificateExpired, errSecNotTrusted, errSecHostNameMismatch).
_TIMES: Final = frozenset({9, 10, 0x800B0101, -67818})
_AUTHORITIES: Final = frozenset({2, 18, 19, 20, 21, 0x800B0109, 0x800B010A, -67843})
_NAMES: Final = frozenset({62, 64, 0x800B010F, -67602})


class Trust:
    """Whom the station trusts: the system's authorities and, beside them, those in `ca_file`.

    The contexts are made when they are first needed, once each, since that is slow.
    """

    def __init__(self, ca_file: Path | None = None, roots: Roots | None = None) -> None:
        self.ca_file = ca_file
        self.roots = roots or system_roots()
        self._made: dict[bool, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def context(self) -> ssl.SSLContext:
        """Return a context that verifies. Raises OSError where a file cannot be used."""
        return self._context(in_clear=False)

    def context_in_clear(self) -> ssl.SSLContext:
        """Return the same for handshakes that do not encrypt the certificates: TLS 1.2."""
        return self._context(in_clear=True)

    def _context(self, *, in_clear: bool) -> ssl.SSLContext:
        with self._lock:
            if in_clear not in self._made:
                try:
                    made = make_ssl_context(self.ca_file, self.roots)
                except SettingsError as error:
                    raise OSError(error.problems[0].problem) from None
                if in_clear:
                    made.maximum_version = ssl.TLSVersion.TLSv1_2
                self._made[in_clear] = made
            return self._made[in_clear]


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

    `proxies` may lie on it, and `limits` bound each look; `answer` is what the last look brought.
    """

    url: str
    checks: tuple[Check, Check, Check, Check]
    trust: Trust
    clock: Clock
    proxies: Proxies = field(default_factory=Proxies)
    limits: Limits = LIMITS
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
            connected = TimedSocket.connect(host.name, host.port, self._deadline(), self.limits)
            with closing(connected) as stream:
                rows = (("Address", stream.getpeername()[0]),)
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
            with closing(self._open()) as stream:
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
        try:
            https = Https(self.trust.context(), self.proxies, self.limits)
        except OSError as error:
            return Finding(check, Verdict.FAILURE, Told.ANSWER_FAILED, facts, error_row(error))
        try:
            return self._judged(https.exchange("GET", self.url, _HEADERS))
        except ExchangeError as error:
            return Finding(check, Verdict.FAILURE, Told.ANSWER_FAILED, facts, error_row(error))
        finally:
            https.close()

    def _judged(self, reply: Reply) -> Finding:
        check, facts = self.checks[3], {"host": self.host.name, "status": reply.status}
        document = _object(reply.content)
        self.answer = Answer(reply.status, document, self._offset(reply))
        rows = _answer_rows(reply)
        if reply.status >= _SERVER_FAULTS:
            return Finding(check, Verdict.FAILURE, Told.ANSWERED_FAULT, facts, rows)
        if document is None:
            return Finding(check, Verdict.FAILURE, Told.ANSWERED_PAGE, facts, rows)
        return Finding(check, Verdict.OK, Told.ANSWERED, facts, rows)

    def _offset(self, reply: Reply) -> float | None:
        """The server's clock minus ours: its Date tells whole seconds."""
        try:
            told = parsedate_to_datetime(reply.headers.get("date", ""))
            return (told - self.clock.now()).total_seconds() + 0.5
        except (ValueError, TypeError, OverflowError):  # TypeError: a Date without a time zone
            return None

    def _untrusted(self, error: ssl.SSLCertVerificationError) -> Finding:
        chain: tuple[bytes, ...] = ()
        try:
            with closing(self._open()) as stream:
                chain = shown_certificates(stream, self.host.name, self.trust.context_in_clear())
        except OSError:
            chain = ()  # gone since a moment ago: the error says what it says
        facts = {"host": self.host.name, "issuer": issuer_of(chain) or "-"}
        reason = f"{error.verify_message} ({error.verify_code})"
        rows = (("Verification", reason), *chain_rows(chain))
        return Finding(self.checks[2], Verdict.FAILURE, _distrust(error.verify_code), facts, rows)

    def _open(self) -> TimedSocket | TlsSocket:
        return open_way(self.host, self._proxy(), self.trust.context, self.limits)

    def _deadline(self) -> Deadline:
        return Deadline(self.limits.total)

    def _proxy(self) -> Proxy | None:
        return proxy_for(self.host, self.proxies)


def _object(content: bytes) -> Mapping[str, object] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _answer_rows(reply: Reply) -> Rows:
    title = _TITLE.search(reply.content[:20_000].decode(errors="replace"))
    rows = (
        ("HTTP status", str(reply.status)),
        ("Content-Type", reply.headers.get("content-type", "")),
        ("Page title", " ".join(title[1].split()) if title else ""),
        ("Server date", reply.headers.get("date", "")),
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
    """The system's own words; no header is quoted in the errors that come here."""
    return (("Error", f"{type(error).__name__}: {error}"[:500]),)
