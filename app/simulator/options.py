"""What can be chosen about a practice tenant, in one frozen value that tests and the CLI share."""

from dataclasses import dataclass

DEFAULT_SEED = 2026

LOOPBACK = "127.0.0.1"
"""The only address the simulator ever listens on."""

CONSENTED_SCOPES = (
    "User.Read",
    "User.ReadBasic.All",
    "User.Read.All",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
    "AuditLog.Read.All",
    "Policy.Read.All",
    "Policy.Read.AuthenticationMethod",
    "Policy.ReadWrite.AuthenticationMethod",
    "UserAuthenticationMethod.Read",
    "UserAuthenticationMethod.ReadWrite",
    "UserAuthenticationMethod.Read.All",
    "UserAuthenticationMethod.ReadWrite.All",
    "UserAuthMethod-HardwareOATH.Read",
    "UserAuthMethod-HardwareOATH.ReadWrite",
    "UserAuthMethod-HardwareOATH.Read.All",
    "UserAuthMethod-HardwareOATH.ReadWrite.All",
    "UserAuthMethod-Phone.Read.All",
)
"""Delegated scopes an administrator has consented to in the practice app registration."""

APP_PERMISSIONS = (
    "User.Read.All",
    "AuditLog.Read.All",
    "Policy.Read.All",
    "Policy.ReadWrite.AuthenticationMethod",
    "UserAuthenticationMethod.ReadWrite.All",
)
"""Application permissions granted to the practice app for client credentials."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most `count` metered calls in any `seconds`; the rest is answered 429."""

    count: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> "Throttle":
        """Read `N/SECONDS`, for example `5/10`; raises ValueError when it is not that."""
        count, slash, seconds = text.partition("/")
        throttle = cls(int(count), float(seconds)) if slash else None
        if throttle is None or throttle.count < 1 or throttle.seconds <= 0:
            raise ValueError(f"expected N/SECONDS with both above zero, not {text!r}")
        return throttle


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """Size, pace and strictness of a practice tenant.

    `port` 0 lets the system choose; `lag` is in seconds; `access_token_seconds` and
    `device_poll_seconds` are what the sign-in service tells its clients (MSAL never stops polling
    when told 0). Without `hardware_oath` it is a cloud that has no hardware tokens. What
    `app_certificates` holds as PEM is registered with the practice app besides its own certificate.
    """

    port: int = 0
    people: int = 5000
    tokens: int = 2000
    seed: int = DEFAULT_SEED
    lag: float = 0.0
    throttle: Throttle | None = None
    access_token_seconds: int = 4200
    device_poll_seconds: int = 1
    consented_scopes: tuple[str, ...] = CONSENTED_SCOPES
    app_permissions: tuple[str, ...] = APP_PERMISSIONS
    hardware_oath: bool = True
    app_certificates: tuple[bytes, ...] = ()
