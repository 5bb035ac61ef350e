"""Which delegated scope and which role each feature needs, and how an operator stands to it.

Nothing is asked for that no feature needs, and what is missing is named before anything is tried.
Where several scopes would do, the first is asked for; where several roles would do, the first is
named, since it is the narrowest.

Sources: the permission reference and the permission tables of the pages named in the Graph
contract, section 3; for roles MicrosoftDocs/entra-docs, permissions-reference.md and
privileged-roles-permissions.md ("Who can perform sensitive actions", which the comparison of
authentication roles applies to a user's authentication methods). A Global Administrator may do
whatever one of the narrower roles may.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.model import HeldRole, Operator, Role


class Feature(enum.Enum):
    """Something the station does with the directory, in the order of a shift."""

    SIGN_IN = "sign_in"
    FIND_PEOPLE = "find_people"
    EMPLOYEE_DATA = "employee_data"
    SEE_TOKENS = "see_tokens"
    SEE_METHODS = "see_methods"
    ASSIGN = "assign"
    READ_INVENTORY = "read_inventory"
    READ_POLICY = "read_policy"
    READ_ROLES = "read_roles"
    READ_GROUPS = "read_groups"
    WRITE_INVENTORY = "write_inventory"
    ISSUE_PASS = "issue_pass"


DEFAULT_FEATURES = frozenset(Feature) - {
    Feature.READ_ROLES,
    Feature.READ_GROUPS,
    Feature.WRITE_INVENTORY,
    Feature.ISSUE_PASS,
}
"""What every desk does. Roles and groups are a wider read than many tenants want to grant, and a
Temporary Access Pass lets a person in without anything else."""

ROLE_NAMES: Mapping[Role, str] = {
    Role.AUTHENTICATION_POLICY_ADMINISTRATOR: "Authentication Policy Administrator",
    Role.AUTHENTICATION_ADMINISTRATOR: "Authentication Administrator",
    Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: "Privileged Authentication Administrator",
    Role.GLOBAL_ADMINISTRATOR: "Global Administrator",
    Role.GLOBAL_READER: "Global Reader",
}
"""Entra's own names, in English."""


@dataclass(frozen=True, slots=True)
class Need:
    """Any one of `scopes`, and any one of `roles` unless none is needed; the first is asked for."""

    scopes: tuple[str, ...]
    roles: tuple[Role, ...] = ()


_READ_METHODS = ("UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All")
_READ_ALL = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
_SERVING = (
    Role.AUTHENTICATION_ADMINISTRATOR,
    Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    Role.GLOBAL_ADMINISTRATOR,
)
_POLICY = (
    Role.AUTHENTICATION_POLICY_ADMINISTRATOR,
    Role.GLOBAL_READER,
    Role.GLOBAL_ADMINISTRATOR,
)

NEEDS: Mapping[Feature, Need] = {
    Feature.SIGN_IN: Need(("User.Read",)),
    Feature.FIND_PEOPLE: Need(("User.ReadBasic.All", *_READ_ALL)),
    Feature.EMPLOYEE_DATA: Need(_READ_ALL),
    Feature.SEE_TOKENS: Need(
        (
            "UserAuthMethod-HardwareOATH.Read.All",
            "UserAuthMethod-HardwareOATH.ReadWrite.All",
            *_READ_METHODS,
        ),
        (*_SERVING, Role.GLOBAL_READER),
    ),
    Feature.SEE_METHODS: Need(_READ_METHODS, (*_SERVING, Role.GLOBAL_READER)),
    Feature.ASSIGN: Need(
        ("UserAuthenticationMethod.ReadWrite.All", "UserAuthMethod-HardwareOATH.ReadWrite.All"),
        _SERVING,
    ),
    Feature.READ_INVENTORY: Need(
        ("Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"), _POLICY
    ),
    Feature.READ_POLICY: Need(
        (
            "Policy.Read.AuthenticationMethod",
            "Policy.Read.All",
            "Policy.ReadWrite.AuthenticationMethod",
        ),
        _POLICY,
    ),
    Feature.READ_ROLES: Need(("RoleManagement.Read.Directory", "Directory.Read.All")),
    Feature.READ_GROUPS: Need(("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")),
    Feature.WRITE_INVENTORY: Need(
        ("Policy.ReadWrite.AuthenticationMethod",),
        (Role.AUTHENTICATION_POLICY_ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR),
    ),
    Feature.ISSUE_PASS: Need(
        ("UserAuthMethod-TAP.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All"), _SERVING
    ),
}


_OWN_METHODS = ("UserAuthenticationMethod.ReadWrite", "UserAuthenticationMethod.ReadWrite.All")
_OWN_TOKENS = (
    *_OWN_METHODS,
    "UserAuthMethod-HardwareOATH.ReadWrite",
    "UserAuthMethod-HardwareOATH.ReadWrite.All",
)

OWN_NEEDS: Mapping[Feature, Need] = {
    Feature.SEE_TOKENS: Need(_OWN_TOKENS),
    Feature.SEE_METHODS: Need(_OWN_METHODS),
    Feature.ASSIGN: Need(_OWN_TOKENS),
}
"""What whoever serves nobody but themselves needs instead: no role, and less of a scope."""


def need_of(feature: Feature, operator: Operator) -> Need:
    """Return what `operator` needs for `feature`."""
    own = OWN_NEEDS.get(feature) if operator.own else None
    return own or NEEDS[feature]


def scopes_for(features: Iterable[Feature] = DEFAULT_FEATURES) -> tuple[str, ...]:
    """Return the scopes to ask for at sign-in, each once, in the order of the features.

    A feature that is served by what another one asks for asks for nothing of its own.
    """
    chosen = frozenset(features)
    wanted = [feature for feature in Feature if feature in chosen]
    asked = {feature: NEEDS[feature].scopes[0] for feature in wanted}
    for feature in wanted:
        others = {scope for other, scope in asked.items() if other is not feature}
        if others & set(NEEDS[feature].scopes):
            del asked[feature]
    return tuple(dict.fromkeys(asked.values()))


def essential_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return those of `scopes` without which no sign-in is possible.

    Entra gives no partial consent (AADSTS65001), so the sign-in page asks for these alone and the
    others are asked for afterwards. None where the one to sign in with is not among them: then the
    page has to ask for all.
    """
    return tuple(scope for scope in scopes if scope in NEEDS[Feature.SIGN_IN].scopes)


def served_by(scope: str, features: Iterable[Feature] = DEFAULT_FEATURES) -> tuple[Feature, ...]:
    """Return which of `features` the scope serves: the reason why it is asked for."""
    wanted = frozenset(features)
    return tuple(f for f in Feature if f in wanted and scope in NEEDS[f].scopes)


def roles_for(features: Iterable[Feature] = DEFAULT_FEATURES) -> tuple[tuple[Role, ...], ...]:
    """Return what an operator needs for `features`: any one role of each group, narrowest first.

    A group that another one is part of asks for nothing of its own. Global Administrator, who may
    do everything, is not named.
    """
    chosen = frozenset(features)
    groups = [NEEDS[feature].roles for feature in Feature if feature in chosen]
    needed = [
        group
        for group in dict.fromkeys(groups)
        if group and not any(set(other) < set(group) for other in groups if other)
    ]
    return tuple(
        tuple(role for role in group if role is not Role.GLOBAL_ADMINISTRATOR) for group in needed
    )


def served_by_roles(
    roles: Iterable[Role], features: Iterable[Feature] = DEFAULT_FEATURES
) -> tuple[Feature, ...]:
    """Return which of `features` each of `roles` serves: the reason why one of them is needed."""
    wanted, any_one = frozenset(features), frozenset(roles)
    return tuple(f for f in Feature if f in wanted and any_one <= frozenset(NEEDS[f].roles))


class Verdict(enum.Enum):
    """How an operator stands to a feature."""

    ALLOWED = "allowed"
    SCOPE_MISSING = "scope_missing"
    """Certain: what was granted is told with the sign-in token."""
    ROLE_DOUBTFUL = "role_doubtful"
    """None of the roles that were read is enough; a role limited to a unit is not among them."""
    UNKNOWN = "unknown"
    """Granted scopes or roles could not be read: only the directory can tell."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an operator stands to `feature`. `lacks` names the scope or the role, where one is."""

    feature: Feature
    verdict: Verdict
    lacks: str = ""

    @property
    def is_lack(self) -> bool:
        """Tell whether something is missing, or seems to be."""
        return self.verdict in {Verdict.SCOPE_MISSING, Verdict.ROLE_DOUBTFUL}


def standing(feature: Feature, operator: Operator) -> Standing:
    """Return how `operator` stands to `feature`, by what was granted and by the roles read."""
    need = need_of(feature, operator)
    if operator.scopes and operator.own and not operator.scopes & set(need.scopes):
        return Standing(feature, Verdict.SCOPE_MISSING, need.scopes[0])
    if operator.scopes and not operator.scopes & set(need.scopes):
        missing = [f for f in DEFAULT_FEATURES if not operator.scopes & set(NEEDS[f].scopes)]
        return Standing(feature, Verdict.SCOPE_MISSING, asked_for(feature, missing))
    if operator.roles is not None and need.roles and not operator.roles & set(need.roles):
        return Standing(feature, Verdict.ROLE_DOUBTFUL, ROLE_NAMES[need.roles[0]])
    unread = not operator.scopes or (bool(need.roles) and operator.roles is None)
    return Standing(feature, Verdict.UNKNOWN if unread else Verdict.ALLOWED)


def asked_for(feature: Feature, features: Iterable[Feature] = DEFAULT_FEATURES) -> str:
    """Return the scope to name for `feature`: what is asked for where `features` are wanted."""
    asked, scopes = scopes_for(features), NEEDS[feature].scopes
    return next((scope for scope in scopes if scope in asked), scopes[0])


def lacks(
    operator: Operator | None, features: Iterable[Feature] = DEFAULT_FEATURES
) -> tuple[Standing, ...]:
    """Return what `operator` lacks for `features`, in their order; nothing for nobody."""
    if operator is None:
        return ()
    wanted = frozenset(OWN_NEEDS) if operator.own else frozenset(features)
    found = (standing(feature, operator) for feature in Feature if feature in wanted)
    return tuple(one for one in found if one.is_lack)


# Serving an administrator -----------------------------------------------------------------------

SERVES_ANYONE = frozenset({Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR})

WITHIN_REACH = frozenset(
    {
        "c4e39bd9-1100-46d3-8c65-fb160da0071f",  # Authentication Administrator
        "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",  # Directory Readers
        "95e79109-95c0-4d8e-aee3-d01accf2d47b",  # Guest Inviter
        "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b",  # Message Center Reader
        "966707d0-3269-4727-9be2-8c3a10f19b9d",  # Password Administrator
        "4a5d8f65-41da-4de4-8968-e035b65339cf",  # Reports Reader
        "75934031-6c7e-415a-99d7-48dbd49e875e",  # Usage Summary Reports Reader
        "27460883-1df1-4691-b032-3b79643e5e63",  # User Experience Success Manager
    }
)
"""Who holds no other role than these is served by an Authentication Administrator too."""

BEYOND_REACH = frozenset(
    {
        "62e90394-69f5-4237-9190-012177145e10",  # Global Administrator
        "fdd7a751-b60b-444a-984c-02652fe8fa1c",  # Groups Administrator
        "729827e3-9c14-49f7-bb1b-9608f156bbb8",  # Helpdesk Administrator
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",  # Privileged Authentication Administrator
        "e8611ab8-c189-46e8-94e1-60213ab1f814",  # Privileged Role Administrator
        "fe930be7-5e62-47db-91af-98c3a49a38b1",  # User Administrator
    }
)
"""The roles that the table names as out of an Authentication Administrator's reach.

Its last row puts "all other built-in and custom roles" there as well; those are not named one by
one and there are always new ones, so that for them a doubt is told and the directory decides.
"""


class Reach(enum.Enum):
    """Whether an operator's roles reach a person who holds roles."""

    SERVED = "served"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


def reach(operator: Operator, held: tuple[HeldRole, ...] | None) -> tuple[Reach, str]:
    """Return whether `operator` may serve who holds these roles, and the role in the way.

    Unknown roles, on either side, claim nothing. Only for an Authentication Administrator a refusal
    is certain: whoever has none of the serving roles in sight may have one limited to a unit.
    """
    if held is None or operator.roles is None or operator.roles & SERVES_ANYONE:
        return Reach.SERVED, ""
    beyond = [role for role in held if role.template_id.lower() not in WITHIN_REACH]
    if not beyond:
        return Reach.SERVED, ""
    worst = min(beyond, key=lambda role: role.template_id.lower() not in BEYOND_REACH)
    certain = worst.template_id.lower() in BEYOND_REACH
    knows = Role.AUTHENTICATION_ADMINISTRATOR in operator.roles
    return Reach.REFUSED if certain and knows else Reach.DOUBTFUL, worst.name


def reaches_role_group(operator: Operator) -> Reach:
    """Return whether `operator` may serve a member or owner of a role-assignable group.

    A Privileged Authentication Administrator may; of an Authentication Administrator the opposite
    is documented (Graph contract, section 13). Roles that are not in sight claim nothing.
    """
    if operator.roles is None or operator.application or operator.roles & SERVES_ANYONE:
        return Reach.SERVED
    knows = Role.AUTHENTICATION_ADMINISTRATOR in operator.roles
    return Reach.REFUSED if knows else Reach.DOUBTFUL
