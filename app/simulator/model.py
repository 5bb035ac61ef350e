"""The things a practice tenant holds. Frozen, so that an older snapshot of them stays true."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AUTHENTICATION_ADMINISTRATOR = "Authentication Administrator"
AUTHENTICATION_POLICY_ADMINISTRATOR = "Authentication Policy Administrator"
PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = "Privileged Authentication Administrator"
GLOBAL_ADMINISTRATOR = "Global Administrator"
GLOBAL_READER = "Global Reader"

ROLE_TEMPLATES: Mapping[str, str] = {
    AUTHENTICATION_POLICY_ADMINISTRATOR: "0526716b-113d-4c15-b2c8-68e3c22b9f80",
    AUTHENTICATION_ADMINISTRATOR: "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    GLOBAL_ADMINISTRATOR: "62e90394-69f5-4237-9190-012177145e10",
    GLOBAL_READER: "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "Guest Inviter": "95e79109-95c0-4d8e-aee3-d01accf2d47b",
    "Helpdesk Administrator": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Message Center Reader": "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b",
    "Password Administrator": "966707d0-3269-4727-9be2-8c3a10f19b9d",
    "Privileged Role Administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "Reports Reader": "4a5d8f65-41da-4de4-8968-e035b65339cf",
    "Security Administrator": "194ae4cb-b126-40b2-bd5b-6091b380977d",
    "Usage Summary Reports Reader": "75934031-6c7e-415a-99d7-48dbd49e875e",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "User Experience Success Manager": "27460883-1df1-4691-b032-3b79643e5e63",
}
"""Role template ids (MicrosoftDocs/entra-docs, permissions-reference.md, 2026-01-20).

Other roles get a made-up id.
"""


@dataclass(frozen=True, slots=True)
class OtherMethod:
    """A registered method that is not a hardware token: `kind` is the OData type name."""

    kind: str
    id: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A user of the tenant. `roles` are display names of directory roles held.

    `role_groups` are role-assignable groups they are in, `owned_role_groups` those they own;
    `restricted` tells that they are in a restricted management administrative unit.
    """

    id: str
    display_name: str
    given_name: str | None
    surname: str | None
    user_principal_name: str
    mail: str | None
    employee_id: str | None
    department: str | None
    job_title: str | None
    office_location: str | None
    mobile_phone: str | None
    preferred_language: str | None
    created: str
    account_enabled: bool = True
    user_type: str = "Member"
    roles: tuple[str, ...] = ()
    other_methods: tuple[OtherMethod, ...] = ()
    per_user_mfa: str = "disabled"
    preferred_method: str = "push"
    presents_as: str = "woman"
    has_photo: bool = True
    role_groups: tuple[str, ...] = ()
    owned_role_groups: tuple[str, ...] = ()
    restricted: bool = False

    @property
    def badge_chip(self) -> str:
        """The number of their badge's chip, seven bytes in hexadecimal, filed for every member."""
        return f"04{self.id.replace('-', '')[:12].upper()}"

    @property
    def is_guest(self) -> bool:
        """Guests may not hold hardware tokens in the resource tenant."""
        return self.user_type == "Guest"


@dataclass(frozen=True, slots=True, eq=False)
class AccessPass:
    """A person's Temporary Access Pass. `value` leaves through Graph once, in the answer to POST.

    `begins` and `created` are Unix seconds.
    """

    id: str
    value: str = field(repr=False)
    created: float
    begins: float
    minutes: int
    once: bool
    used: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Device:
    """A token of the inventory. `secret` is Base32 and never leaves through Graph.

    `clock_steps` is how many time steps the physical token's clock runs ahead;
    `known_drift` is the correction the service stored at the last accepted code;
    `legacy` marks a token of the old CSV upload, which the inventory does not list.
    """

    id: str
    serial_number: str
    manufacturer: str
    model: str
    secret: str = field(repr=False)
    interval: int
    hash_function: str = "hmacsha1"
    display_name: str | None = None
    status: str = "available"
    holder: str | None = None
    registered: str | None = None
    last_used: str | None = None
    clock_steps: int = 0
    known_drift: int = 0
    last_step: int | None = None
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who can sign in: practice credentials of a person of the tenant."""

    person_id: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """One include or exclude target of the policy; `all_users` stands for everyone."""

    id: str
    kind: str = "user"


@dataclass(frozen=True, slots=True)
class Policy:
    """The tenant's hardware OATH policy."""

    state: str = "enabled"
    include: tuple[Target, ...] = (Target("all_users", "group"),)
    exclude: tuple[Target, ...] = ()

    def covers(self, person_id: str) -> bool:
        """Whether a person may use hardware tokens under this policy."""
        included = any(t.id in ("all_users", person_id) for t in self.include)
        excluded = any(t.id in ("all_users", person_id) for t in self.exclude)
        return self.state == "enabled" and included and not excluded


@dataclass(frozen=True, slots=True)
class PassPolicy:
    """The tenant's policy for Temporary Access Passes; lifetimes are in minutes.

    The numbers are those of a tenant whose administrator switched the method on and changed
    nothing else (MicrosoftDocs/entra-docs, howto-authentication-temporary-access-pass.md).
    """

    state: str = "enabled"
    shortest: int = 60
    longest: int = 480
    usual: int = 60
    length: int = 8
    once: bool = False
    include: tuple[Target, ...] = (Target("all_users", "group"),)
    exclude: tuple[Target, ...] = ()

    def covers(self, person_id: str) -> bool:
        """Whether a person can sign in with a pass under this policy."""
        return Policy(self.state, self.include, self.exclude).covers(person_id)
