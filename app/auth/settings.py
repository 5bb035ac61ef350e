"""What the station has to know about its tenant before anybody can sign in."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.core.signin import KeyStore, SignInMethod
from app.network.exchange import Limits
from app.network.proxies import Proxies
from app.network.tls import verifies

RESERVED_SCOPES = frozenset({"openid", "profile", "offline_access"})
"""MSAL adds these by itself and refuses them as arguments."""

EVERYBODY = frozenset({"common", "organizations", "consumers"})
"""Paths of an authority that name no tenant."""


def _no_passphrase() -> str:
    """Return the passphrase of a key that has none."""
    return ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The key and certificate of a station that signs in by itself.

    `file` is PEM (key and certificate in one) or PFX. `passphrase` is asked whenever the key is
    read, and what it returns is kept nowhere. `client_id` names the application that the
    certificate is registered with; empty means the one that people sign in to.
    """

    file: Path
    client_id: str = ""
    passphrase: Callable[[], str] = field(default=_no_passphrase, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """The key and certificate of such a station in a store that the key never leaves.

    `thumbprint` (SHA-1 or SHA-256) names the certificate; in a PKCS#11 token that holds only one
    with its key it may be empty. `module` is the file of the PKCS#11 library and `token` the label
    of the token, empty where there is only one; `pin` is asked whenever the key is used, and what
    it returns is kept nowhere. `client_id` is as in Certificate.

    Raises ValueError where something that its store needs is missing.
    """

    store: KeyStore
    thumbprint: str = ""
    module: Path | None = None
    token: str = ""
    client_id: str = ""
    pin: Callable[[], str] = field(default=_no_passphrase, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse at once what would fail later, in a thread."""
        if self.store is KeyStore.PKCS11 and self.module is None:
            raise ValueError("a key behind PKCS#11 needs the file of a module")
        if self.store is not KeyStore.PKCS11 and not self.thumbprint:
            raise ValueError("a key in a store of Windows needs a thumbprint")

    @property
    def place(self) -> str:
        """Where the key lies, as an administrator calls it."""
        if self.store is KeyStore.PKCS11:
            return f"{self.module}, {self.token}" if self.token else str(self.module)
        return r"LocalMachine\My" if self.store is KeyStore.WINDOWS_MACHINE else r"CurrentUser\My"


StationKey = Certificate | StoredKey


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """Where and as what to sign in.

    `authority` is https with a tenant as its path, such as
    https://login.microsoftonline.com/<tenant>; its host is that of the tenant's cloud. `scopes`
    carry the directory's address (https://graph.microsoft.com/User.Read), which is the cloud's too.
    `ssl_context` verifies always. `instance_discovery` is off for an authority that Microsoft does
    not know. `proxies` lie on the way, and `limits` bound each exchange.

    `essential` are those of `scopes` that the sign-in page asks for: Entra gives no partial
    consent, so one permission without consent would refuse the whole sign-in
    (AADSTS65001). The others are asked for after it, without a page; empty means that the page
    asks for all.

    `methods` are those that are offered where they are available. `keep` puts the sign-in into the
    system's encrypted store, which on Windows is a file in `store_folder`; without it, and without
    such a store, it stays in memory.

    Raises ValueError for what cannot be used.
    """

    authority: str
    client_id: str
    scopes: tuple[str, ...]
    ssl_context: ssl.SSLContext = field(repr=False, compare=False)
    instance_discovery: bool = True
    proxies: Proxies = field(default_factory=Proxies)
    limits: Limits = field(default_factory=Limits)
    methods: tuple[SignInMethod, ...] = (SignInMethod.BROWSER, SignInMethod.DEVICE)
    certificate: StationKey | None = None
    keep: bool = False
    store_folder: Path | None = None
    essential: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse at once what would fail later, in a thread."""
        parts = urlsplit(self.authority)
        if parts.scheme != "https" or not parts.hostname or not parts.path.strip("/"):
            raise ValueError(f"not an https authority with a tenant: {self.authority}")
        if not self.scopes or RESERVED_SCOPES & set(self.scopes):
            raise ValueError(f"scopes are missing or reserved: {', '.join(self.scopes)}")
        if not set(self.essential) <= set(self.scopes):
            raise ValueError(f"not among the scopes: {', '.join(self.essential)}")
        if not verifies(self.ssl_context):
            raise ValueError("the TLS context does not verify")
        if self.proxies.configured and not _is_proxy(self.proxies.configured):
            raise ValueError("a proxy's address begins with http:// or https://")
        self._check_methods(parts.path.strip("/"))

    @property
    def on_page(self) -> tuple[str, ...]:
        """The scopes that the sign-in page asks for."""
        return self.essential or self.scopes

    @property
    def everything(self) -> str:
        """The scope by which an application asks for all it was given: `<directory>/.default`."""
        return f"{self.scopes[0].rpartition('/')[0]}/.default"

    def _check_methods(self, tenant: str) -> None:
        if not self.methods:
            raise ValueError("there is no way to sign in")
        if SignInMethod.CERTIFICATE in self.methods:
            if self.certificate is None:
                raise ValueError("signing in by itself needs a certificate")
            if tenant.lower() in EVERYBODY:
                raise ValueError(f"a certificate needs a tenant of its own, not {tenant}")


def _is_proxy(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
