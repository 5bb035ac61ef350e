"""Who may do what: scopes and directory roles per operation (contract, section 3).

A delegated call needs a consented scope *and*, for acting on others, a directory role. An
app-only call needs the application permission alone (an inference of the contract).
"""

import base64
import json
from dataclasses import dataclass

from app.simulator.model import (
    AUTHENTICATION_ADMINISTRATOR,
    AUTHENTICATION_POLICY_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    GLOBAL_READER,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    Person,
)
from app.simulator.refusals import GraphRefusal, refusal

Scopes = frozenset[str]

FRESH_SECONDS = 600.0
"""How old a proof may be for changing one's own methods (contract, section 3.2)."""

FRESH_PROOF = "urn:practice:recent-multifactor"
"""What a sign-in is asked for where it is older."""


def _with_all(*names: str) -> Scopes:
    return frozenset(names) | {f"{name}.All" for name in names}


WRITE_OWN_TOKENS = _with_all(
    "UserAuthenticationMethod.ReadWrite", "UserAuthMethod-HardwareOATH.ReadWrite"
)
DELETE_TOKENS = WRITE_OWN_TOKENS | {
    "UserAuthMethod-HardwareOATH.Delete.All",
    "UserAuthenticationMethod.Delete.All",
}
"""The two that only delete are application permissions (contract, section 13)."""
READ_OWN_TOKENS = WRITE_OWN_TOKENS | _with_all(
    "UserAuthenticationMethod.Read", "UserAuthMethod-HardwareOATH.Read"
)
READ_OWN_METHODS = _with_all("UserAuthenticationMethod.Read", "UserAuthenticationMethod.ReadWrite")
READ_PHONES = READ_OWN_METHODS | {"UserAuthMethod-Phone.Read.All"}
ISSUE_PASSES = frozenset(
    ("UserAuthMethod-TAP.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All")
)
READ_PASSES = READ_OWN_METHODS | _with_all(
    "UserAuthMethod-TAP.Read", "UserAuthMethod-TAP.ReadWrite"
)
"""Permission tables of "Create" and "List temporaryAccessPassMethods" (Graph v1.0 reference)."""
READ_REQUIREMENTS = frozenset(("Policy.Read.All",))
READ_INVENTORY = frozenset(("Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"))
WRITE_INVENTORY = frozenset(("Policy.ReadWrite.AuthenticationMethod",))
ASSIGN_AT_CREATION = frozenset(("UserAuthenticationMethod.ReadWrite.All",))
READ_POLICY = READ_INVENTORY | {"Policy.Read.AuthenticationMethod"}
"""Policy.Read.All is enough (contract, section 13)."""
READ_SIGN_IN_RULES = frozenset(("Policy.Read.All",))
READ_PEOPLE_FULLY = frozenset(("User.Read.All", "User.ReadWrite.All", "Directory.Read.All"))
READ_PEOPLE = READ_PEOPLE_FULLY | {"User.ReadBasic.All"}
READ_SELF = READ_PEOPLE | {"User.Read", "User.ReadWrite"}
READ_PHOTO = READ_SELF | {"ProfilePhoto.Read.All"}
READ_ROLE_NAMES = frozenset(("Directory.Read.All", "RoleManagement.Read.Directory"))
READ_GROUP_NAMES = frozenset(("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"))
READ_AUDIT = frozenset(("AuditLog.Read.All",))

SERVES_ANYONE = frozenset((PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR))
TOKEN_WRITERS = SERVES_ANYONE | {AUTHENTICATION_ADMINISTRATOR}
READS_EVERYTHING = SERVES_ANYONE | {GLOBAL_READER}
"""Whose read of a person's methods is not restricted (contract, section 3.2)."""
TOKEN_READERS = TOKEN_WRITERS | {GLOBAL_READER}
INVENTORY_WRITERS = frozenset((AUTHENTICATION_POLICY_ADMINISTRATOR, GLOBAL_ADMINISTRATOR))
INVENTORY_READERS = INVENTORY_WRITERS | {GLOBAL_READER}
SIGN_IN_RULES_READERS = frozenset((GLOBAL_READER, GLOBAL_ADMINISTRATOR))
"""Who reads security defaults and Conditional Access, of the roles that this tenant has."""
WITHIN_REACH = frozenset(
    (
        AUTHENTICATION_ADMINISTRATOR,
        "Directory Readers",
        "Guest Inviter",
        "Message Center Reader",
        "Password Administrator",
        "Reports Reader",
        "Usage Summary Reports Reader",
        "User Experience Success Manager",
    )
)
"""Roles whose holders an Authentication Administrator serves too.

Source: MicrosoftDocs/entra-docs, privileged-roles-permissions.md, "Who can perform sensitive
actions".
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request: a person (delegated) or the app itself, and what was granted.

    `stale` tells that the person proved who they are longer ago than FRESH_SECONDS.
    """

    scopes: Scopes
    person: Person | None = None
    app_id: str = ""
    stale: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """Directory roles of the person; none for an app."""
        return frozenset(self.person.roles if self.person else ())

    def is_person(self, person_id: str) -> bool:
        """Whether the caller is this very person."""
        return self.person is not None and self.person.id == person_id


def require_recent(caller: Caller) -> None:
    """Ask whoever changes their own methods for a recent proof.

    That it is asked for after ten minutes is documented (contract, section 3.2); that it comes as
    a claims challenge with this content is an assumption.
    """
    if caller.stale:
        wanted = {"access_token": {"acrs": {"essential": True, "value": FRESH_PROOF}}}
        claims = base64.b64encode(json.dumps(wanted).encode()).decode()
        refused = refusal("challenge")
        said = f'Bearer realm="", error="insufficient_claims", claims="{claims}"'
        refused.headers["WWW-Authenticate"] = said
        raise refused


def require_scope(caller: Caller, scopes: Scopes, denial: str) -> None:
    """Refuse with `denial` unless one of `scopes` was granted."""
    if not caller.scopes & scopes:
        raise refusal(denial)


def require_role(caller: Caller, roles: frozenset[str], denial: str) -> None:
    """Refuse a person without one of `roles`; an app needs none."""
    if caller.person is not None and not caller.roles & roles:
        raise refusal(denial)


def require_inventory(caller: Caller, *, write: bool) -> None:
    """The rows of the contract for the tenant's inventory."""
    require_scope(caller, WRITE_INVENTORY if write else READ_INVENTORY, "directory_denied")
    require_role(caller, INVENTORY_WRITERS if write else INVENTORY_READERS, "directory_denied")


def require_methods(caller: Caller, target: Person, own: Scopes, *, write: bool) -> None:
    """The rows for a person's methods; `own` are the scopes that suffice for oneself."""
    if caller.is_person(target.id):
        require_scope(caller, own, "methods_denied")
        return
    others = frozenset(name for name in own if name.endswith(".All"))
    require_scope(caller, others, "methods_denied")
    require_role(caller, TOKEN_WRITERS if write else TOKEN_READERS, "methods_denied")
    if write and not _may_serve(caller, target):
        raise refusal("methods_denied")


def _may_serve(caller: Caller, target: Person) -> bool:
    """An Authentication Administrator serves people with no role, or only with limited ones.

    Members and owners of role-assignable groups are beyond them, and people in a restricted
    management unit beyond everybody whose role is not assigned for that unit (contract, section
    13); no practice operator has such a role.
    """
    if target.restricted:
        return False
    if caller.person is None or caller.roles & SERVES_ANYONE:
        return True
    if target.role_groups or target.owned_role_groups:
        return False
    return frozenset(target.roles) <= WITHIN_REACH


def person_of(caller: Caller) -> Person:
    """The signed-in person; refuses an app, for whom `/me` means nothing."""
    if caller.person is None:
        raise refusal("me_without_user")
    return caller.person


def without_basic_only(caller: Caller) -> GraphRefusal | None:
    """A refusal when the caller may read no more than basic profiles."""
    return None if caller.scopes & READ_PEOPLE_FULLY else refusal("directory_denied")
