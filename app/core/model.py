"""The nouns of the desk: tokens, people, methods, operators, the policy. No secret among them.

Shapes and enum members follow the hardware OATH part of Microsoft Graph (beta). A member the
station does not know becomes OTHER and is never an error, since Graph's enums may grow.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

METHODS_LIMIT = 5
"""Hardware OATH tokens and authenticator apps that one person may hold (Entra, OATH tokens)."""


class TokenStatus(enum.Enum):
    """hardwareOathTokenStatus."""

    AVAILABLE = "available"
    ASSIGNED = "assigned"
    ACTIVATED = "activated"
    FAILED_ACTIVATION = "failedActivation"
    OTHER = "other"

    @classmethod
    def of(cls, text: str | None) -> "TokenStatus":
        """Return the member spelled `text`, or OTHER."""
        return next((member for member in cls if member.value == text), cls.OTHER)


class HashFunction(enum.Enum):
    """hardwareOathTokenHashFunction."""

    SHA1 = "hmacsha1"
    SHA256 = "hmacsha256"
    OTHER = "other"

    @classmethod
    def of(cls, text: str | None) -> "HashFunction":
        """Return the member spelled `text`; absent means SHA-1, Graph's default; else OTHER."""
        if text is None:
            return cls.SHA1
        return next((member for member in cls if member.value == text), cls.OTHER)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a token, as the inventory tells it (`assignedTo`)."""

    id: str
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A hardware OATH token of the tenant's inventory.

    In Graph: hardwareOathTokenAuthenticationMethodDevice.
    `interval` is the time step in seconds, 30 or 60. The secret is write-only in Graph and never
    comes here.
    """

    device_id: str
    serial_number: str
    manufacturer: str = ""
    model: str = ""
    display_name: str = ""
    interval: int = 30
    hash_function: HashFunction = HashFunction.SHA1
    status: TokenStatus = TokenStatus.OTHER
    holder: Holder | None = None
    last_used: datetime | None = None

    def is_same(self, other: "Token") -> bool:
        """Tell whether both are one token; by the serial number where a device id is not known."""
        if self.device_id and other.device_id:
            return self.device_id == other.device_id
        return self.serial_number.casefold() == other.serial_number.casefold()


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the directory.

    `enabled` and `guest` are None where the operator may not read them. `language` is the tag of
    the language they prefer, such as "de-CH", or "" where none is told. `external` tells an account
    that comes from another organization; such a person can be a member and no guest.
    """

    id: str
    display_name: str
    user_principal_name: str = ""
    mail: str = ""
    employee_id: str = ""
    department: str = ""
    job_title: str = ""
    enabled: bool | None = None
    guest: bool | None = None
    language: str = ""
    external: bool = False


class MethodKind(enum.Enum):
    """What kind of authentication method a person has, by the derived type's name in Graph."""

    AUTHENTICATOR = "microsoftAuthenticator"
    PASSWORDLESS_AUTHENTICATOR = "passwordlessMicrosoftAuthenticator"
    EMAIL = "email"
    EXTERNAL = "external"
    PASSKEY = "fido2"
    HARDWARE_TOKEN = "hardwareOath"
    PASSWORD = "password"
    PHONE = "phone"
    PLATFORM_CREDENTIAL = "platformCredential"
    QR_CODE_PIN = "qrCodePin"
    RESOURCE_ACCOUNT_KEY = "resourceAccountKey"
    SOFTWARE_TOKEN = "softwareOath"
    TEMPORARY_PASS = "temporaryAccessPass"
    WINDOWS_HELLO = "windowsHelloForBusiness"
    OTHER = "other"


COUNTS_TOWARDS_LIMIT = frozenset(
    {MethodKind.AUTHENTICATOR, MethodKind.HARDWARE_TOKEN, MethodKind.SOFTWARE_TOKEN}
)


@dataclass(frozen=True, slots=True)
class Method:
    """One authentication method of a person.

    `label` is the directory's own name for it, perhaps empty.
    For a hardware token `token` is the device as seen on the person; the service may leave it out.
    """

    id: str
    kind: MethodKind
    label: str = ""
    created: datetime | None = None
    token: Token | None = None

    def is_device(self, device_id: str) -> bool:
        """Tell whether this is the token `device_id`: by its device where told, else by its own id.

        In every documented sample the method's id equals the device's id.
        """
        known = self.token.device_id if self.token and self.token.device_id else self.id
        return self.kind is MethodKind.HARDWARE_TOKEN and known == device_id


def method_of(methods: Iterable[Method], token: Token) -> Method | None:
    """Return the one of a person's `methods` that is `token`, or None.

    Without a device id it is told by its serial number, in whatever case its letters are.
    """
    if token.device_id:
        return next((method for method in methods if method.is_device(token.device_id)), None)
    found = (method for method in methods if method.token is not None)
    return next((method for method in found if method.token and method.token.is_same(token)), None)


def method_with_id(methods: Iterable[Method], method_id: str, token: Token) -> Method | None:
    """Return the one of a person's `methods` that a write's answer named, or None.

    One whose device is shown, and is another than `token`, is not it.
    """
    if not method_id:
        return None
    found = next((each for each in methods if each.id == method_id), None)
    if found is None or found.kind is not MethodKind.HARDWARE_TOKEN:
        return None
    seen = found.token
    hidden = seen is None or not (seen.device_id or seen.serial_number)
    return found if hidden or (seen is not None and seen.is_same(token)) else None


class PolicyState(enum.Enum):
    """Whether the tenant's policy lets hardware tokens be used at all."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    OTHER = "other"

    @classmethod
    def of(cls, text: str | None) -> "PolicyState":
        """Return the member spelled `text`, or OTHER."""
        return next((member for member in cls if member.value == text), cls.OTHER)


class Migration(enum.Enum):
    """policyMigrationState of the tenant's authentication methods policy.

    Before COMPLETE the legacy policies (multifactor authentication, self-service password reset)
    count as well: a person who is enabled in any of them can register and use a method (Graph
    contract, section 13).
    """

    PRE = "preMigration"
    IN_PROGRESS = "migrationInProgress"
    COMPLETE = "migrationComplete"
    OTHER = "other"

    @classmethod
    def of(cls, text: str | None) -> "Migration":
        """Return the member spelled `text`, or OTHER, which also stands for one not read."""
        return next((member for member in cls if member.value == text), cls.OTHER)


@dataclass(frozen=True, slots=True)
class Policy:
    """The tenant's hardware OATH policy: object ids of users and groups, in and out.

    `migration` tells whether it alone decides.
    """

    state: PolicyState
    everyone: bool = False
    included_users: frozenset[str] = frozenset()
    included_groups: frozenset[str] = frozenset()
    excluded_users: frozenset[str] = frozenset()
    excluded_groups: frozenset[str] = frozenset()
    migration: Migration = Migration.OTHER


@dataclass(frozen=True, slots=True)
class SignInRules:
    """What the tenant's policies mean for the device code flow; None where it may not be read.

    `security_defaults` tells whether they are on: they block the flow. `blocking` are the display
    names of Conditional Access policies in force that block it, or ask for a managed device, which
    a device code cannot show (Graph contract, section 13).
    """

    security_defaults: bool | None = None
    blocking: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class InventoryGlance:
    """The first page of the tenant's hardware tokens: how many are on it, and whether more are."""

    count: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class InventoryPage:
    """One page of the tenant's hardware tokens, as the directory cut it.

    `following` is what to ask for the next page with, "" on the last one.
    """

    tokens: tuple[Token, ...] = ()
    following: str = ""


class Role(enum.Enum):
    """The directory roles that matter here, by role template id.

    The ids are those of the table "All roles" in MicrosoftDocs/entra-docs, permissions-reference.md
    (revision of 2026-01-20).
    """

    AUTHENTICATION_POLICY_ADMINISTRATOR = "0526716b-113d-4c15-b2c8-68e3c22b9f80"
    AUTHENTICATION_ADMINISTRATOR = "c4e39bd9-1100-46d3-8c65-fb160da0071f"
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"
    GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
    GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A directory role that somebody holds, of any kind: by template id, with Entra's own name."""

    template_id: str
    name: str = ""


class ProtectionKind(enum.Enum):
    """What keeps an Authentication Administrator from a person who holds no role at all.

    Graph contract, section 13: members and owners of role-assignable groups, and people in
    restricted management administrative units.
    """

    ROLE_GROUP = "role_group"
    """A member or owner of a group with isAssignableToRole: for a privileged role to serve."""
    RESTRICTED_UNIT = "restricted_unit"
    """Only roles assigned for that administrative unit reach this person."""


@dataclass(frozen=True, slots=True)
class Protection:
    """One thing that protects a person. `name` is the group's, "" if there is no name."""

    kind: ProtectionKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who is signed in, as Graph's /me tells.

    `roles` is None where they could not be read in full. `application` tells a station that signed
    in by itself: `id` is then the client id of its application, and nobody stands behind it. `own`
    tells somebody at a self-service lane, who serves nobody but themselves.
    """

    id: str
    display_name: str
    user_principal_name: str
    roles: frozenset[Role] | None = None
    scopes: frozenset[str] = frozenset()
    application: bool = False
    own: bool = False

    @classmethod
    def of_application(cls, client_id: str, scopes: frozenset[str]) -> "Operator":
        """Return the operator of an unattended station, named for what it is and no person."""
        return cls(client_id, f"Application {client_id}", "", scopes=scopes, application=True)


class Mode(enum.Enum):
    """What the operator hands over: a working token, or one that the person activates later."""

    ASSIGN_AND_ACTIVATE = "assign_and_activate"
    ASSIGN_ONLY = "assign_only"


class Operation(enum.Enum):
    """The one request a submit sends, or, for ISSUE_PASS, the one that issues a pass."""

    ASSIGN = "assign"
    ASSIGN_AND_ACTIVATE = "assign_and_activate"
    ASSIGN_AND_ACTIVATE_BY_SERIAL = "assign_and_activate_by_serial"
    """For a token whose device id is not known, since the inventory may not be read."""
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    """The token stays with its holder, who cannot sign in with it."""
    UNASSIGN = "unassign"
    """The token goes back to stock."""
    DELETE = "delete"
    """The token, which nobody has, leaves the inventory for good."""
    CREATE = "create"
    """The token, with its seed, comes into the inventory."""
    CREATE_AND_ASSIGN = "create_and_assign"
    """It comes into the inventory as somebody's."""
    ISSUE_PASS = "issue_pass"
    """A person gets a Temporary Access Pass. No token and no enrollment belong to it."""


TAKES_BACK = frozenset({Operation.DEACTIVATE, Operation.UNASSIGN})
"""Requests that take something from a person; the token has to be in the hand for them."""

CREATES = frozenset({Operation.CREATE, Operation.CREATE_AND_ASSIGN})
"""Requests that bring a token with its seed: nobody but who has the seed can ask again."""

WITHOUT_PERSON = frozenset({Operation.DELETE, Operation.CREATE})
"""Requests about a token that nobody has."""

HANDS_OVER = frozenset(
    {
        Operation.ASSIGN,
        Operation.ASSIGN_AND_ACTIVATE,
        Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL,
    }
)
"""Requests that make a token somebody's: each makes a new method on the person's side."""

NEEDS_CODE = frozenset(
    {Operation.ASSIGN_AND_ACTIVATE, Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL, Operation.ACTIVATE}
)


class Proof(enum.Enum):
    """How it was shown that the right token is in the hand, or why it cannot be."""

    SCANNED = "scanned"
    CARD = "card"
    """The token told its serial number itself, over a card reader."""
    TYPED = "typed"
    LOST = "lost"
    """Not shown: nobody has the token."""
    BROKEN = "broken"
    """Not shown: the token cannot be read any more."""
    LISTED = "listed"
    """Not shown: chosen among many in the list of the inventory, and agreed to there."""


WITHOUT_TOKEN = frozenset({Proof.LOST, Proof.BROKEN})
"""Where nothing shows that the right token is meant but the operator's word."""


class Reason(enum.Enum):
    """Why a token is replaced."""

    LOST = "lost"
    BROKEN = "broken"
    DRIFTED = "drifted"
    """Its clock is off by more than the directory accepts."""


@dataclass(frozen=True, slots=True)
class Link:
    """One half of a replacement: `partner` is the id of the other half's enrollment."""

    partner: str
    reason: Reason
    second: bool = False


class Source(enum.Enum):
    """How a serial number or a badge came to the station."""

    SCANNER = "scanner"
    """By a scanner that types."""
    PORT = "port"
    """By a scanner in serial-port mode."""
    CARD = "card"
    """By the token itself, over a card reader."""
    TYPED = "typed"
    PRACTICE = "practice"
