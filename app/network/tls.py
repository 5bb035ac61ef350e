"""TLS contexts: the one place that decides which authorities this program trusts.

They are the system's, and beside them those in the configured file (network.ca_file). Windows and
macOS judge a certificate themselves (truststore), by the authorities that their administrators
installed. On Linux the system's bundle is read from the paths where distributions keep it.
`ssl.create_default_context` is not used: it heeds SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE.
"""

import ssl
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.core.errors import SettingsError, SettingsProblem

BUNDLES: Final = (
    Path("/etc/ssl/certs/ca-certificates.crt"),  # Debian, Ubuntu, Arch, Alpine
    Path("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),  # Fedora, RHEL 7 and later
    Path("/etc/pki/tls/certs/ca-bundle.crt"),  # RHEL 6
    Path("/etc/ssl/ca-bundle.pem"),  # SUSE
    Path("/var/lib/ca-certificates/ca-bundle.pem"),  # SUSE, where the link above is missing
    Path("/etc/ssl/cert.pem"),  # Alpine without ca-certificates
)
"""Where Linux distributions keep the system's authorities (Go: crypto/x509/root_linux.go)."""

_PEM: Final = "a PEM file with at least one certificate"


@dataclass(frozen=True, slots=True)
class Roots:
    """Where the trusted authorities come from.

    `native` means that the operating system judges certificates itself. Otherwise `bundle` is the
    PEM file that is read, and `built_in` tells that it came with the program, since the system has
    none.
    """

    native: bool = False
    bundle: Path | None = None
    built_in: bool = False


def system_roots(platform: str = sys.platform, bundles: Sequence[Path] = BUNDLES) -> Roots:
    """Return where the authorities come from on this machine."""
    if platform in {"win32", "darwin"}:
        return Roots(native=True)
    for bundle in bundles:
        if bundle.is_file():
            return Roots(bundle=bundle)
    import certifi  # noqa: PLC0415 - needed only where a system has no authorities of its own

    return Roots(bundle=Path(certifi.where()), built_in=True)


def make_ssl_context(ca_file: Path | None = None, roots: Roots | None = None) -> ssl.SSLContext:
    """Return a context that trusts what the system trusts and, if given, the PEM file `ca_file`.

    Making one takes some 40 ms: make it once and share it. Raises SettingsError where `ca_file` is
    missing or holds no certificate, and OSError where the system's own bundle cannot be read.
    """
    context = _context_of(roots or system_roots())
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:  # ssl.SSLError is one
            reason = error.strerror or type(error).__name__
            problem = SettingsProblem(str(ca_file), reason, "network.ca_file", _PEM)
            raise SettingsError(problem) from None
    return context


def _context_of(roots: Roots) -> ssl.SSLContext:
    if roots.native:
        import truststore  # noqa: PLC0415 - installed on Windows and macOS alone

        native: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return native
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # requires a certificate for the host's name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=roots.bundle)
    return context


def verifies(context: ssl.SSLContext) -> bool:
    """Tell whether `context` requires a certificate that is trusted and names the host."""
    return context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname


def is_untrusted(error: BaseException | None) -> bool:
    """Tell whether `error`, or what caused it, is a certificate that was not accepted."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
