"""What the station has to know about its tenant before anybody can sign in."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

RESERVED_SCOPES = frozenset({"openid", "profile", "offline_access"})
"""MSAL adds these by itself and refuses them as arguments."""


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """Where and as what to sign in.

    `authority` is https with a tenant as its path, such as
    https://login.microsoftonline.com/<tenant>. `scopes` carry the directory's address
    (https://graph.microsoft.com/User.Read). `ca_file` (PEM) or `ssl_context` stand in for the
    system's certificates; the context wins, and both verify always. `instance_discovery` is off for
    an authority that Microsoft does not know. `proxy` stands in for the system's proxies.

    Raises ValueError for an authority, scopes or a context that cannot be used.
    """

    authority: str
    client_id: str
    scopes: tuple[str, ...]
    ca_file: Path | None = None
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False, compare=False)
    instance_discovery: bool = True
    proxy: str | None = field(default=None, repr=False)  # it may hold a password

    def __post_init__(self) -> None:
        """Refuse at once what would fail later, in a thread."""
        parts = urlsplit(self.authority)
        if parts.scheme != "https" or not parts.hostname or not parts.path.strip("/"):
            raise ValueError(f"not an https authority with a tenant: {self.authority}")
        if not self.scopes or RESERVED_SCOPES & set(self.scopes):
            raise ValueError(f"scopes are missing or reserved: {', '.join(self.scopes)}")
        if self.ssl_context is not None and not _verifies(self.ssl_context):
            raise ValueError("the TLS context does not verify")


def _verifies(context: ssl.SSLContext) -> bool:
    return context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
