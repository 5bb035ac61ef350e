"""What can be chosen about a practice tenant, in one frozen value that tests and the CLI share."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

DEFAULT_SEED = 2026

LOOPBACK = "127.0.0.1"
"""The only address the simulator ever listens on."""

CONSENTED_SCOPES = (
    "User.Read",
    "User.ReadBasic.All",
    "User.Read.All",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
    "GroupMember.Read.All",
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
    "UserAuthMethod-TAP.Read.All",
    "UserAuthMethod-TAP.ReadWrite.All",
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


class DeviceCode(enum.Enum):
    """Whether the tenant lets the device code flow in, or what blocks it (contract, section 13)."""

    ALLOWED = "allowed"
    SECURITY_DEFAULTS = "security-defaults"
    """AADSTS530035; security defaults are on."""
    DEVICE_POLICY = "device-policy"
    """AADSTS530033; Conditional Access asks for a managed device."""
    CONDITIONAL_ACCESS = "conditional-access"
    """AADSTS53003; Conditional Access blocks the flow."""


class Migration(enum.Enum):
    """policyMigrationState of the authentication methods policy.

    Before `migrationComplete` the legacy policies (multifactor authentication, self-service
    password reset) count as well: who is enabled in any of them can register and use a method.
    """

    PRE = "preMigration"
    IN_PROGRESS = "migrationInProgress"
    COMPLETE = "migrationComplete"


@dataclass(frozen=True, slots=True)
class TenantState:
    """How the tenant is set up, as far as a station notices; the control address changes it.

    device_code         what becomes of a sign-in by device code
    device_block_told   a blocked one is refused at the token endpoint too; otherwise the page on
                        the other device shows it and polling goes on as if nothing had happened
    public_client_flows the app registration allows public client flows (else AADSTS7000218)
    migration           whether the legacy policies count
    legacy_policy       the legacy policies let everybody use hardware tokens
    without_consent     permissions without consent
    restricted_read     an Authentication Administrator reads a person's hardware tokens without
                        their device (an assumption: contract, section 13, does not know what the
                        documented restriction hides)
    """

    device_code: DeviceCode = DeviceCode.ALLOWED
    device_block_told: bool = True
    public_client_flows: bool = True
    migration: Migration = Migration.COMPLETE
    legacy_policy: bool = True
    without_consent: frozenset[str] = frozenset()
    restricted_read: bool = False

    def changed(self, plain: Mapping[str, Any]) -> "TenantState":
        """Return the state with the members of a JSON object. Raises ValueError and TypeError."""
        kinds: dict[str, Any] = {
            "device_code": DeviceCode,
            "migration": Migration,
            "without_consent": frozenset,
        }
        return replace(self, **{name: kinds.get(name, bool)(v) for name, v in plain.items()})

    def plain(self) -> dict[str, Any]:
        """Return the state as a JSON object."""
        return {
            "device_code": self.device_code.value,
            "device_block_told": self.device_block_told,
            "public_client_flows": self.public_client_flows,
            "migration": self.migration.value,
            "legacy_policy": self.legacy_policy,
            "without_consent": sorted(self.without_consent),
            "restricted_read": self.restricted_read,
        }


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """Size, pace and strictness of a practice tenant.

    `port` 0 lets the system choose; `lag` is in seconds; `access_token_seconds` and
    `device_poll_seconds` are what the sign-in service tells its clients (MSAL never stops polling
    when told 0). Without `hardware_oath` it is a cloud that has no hardware tokens. What
    `app_certificates` holds as PEM is registered with the practice app besides its own certificate.
    `state` is how the tenant is set up at first.
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
    state: TenantState = TenantState()
