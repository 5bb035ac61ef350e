"""Graph's JSON in, the core's nouns out. Pure, and tolerant where Graph contradicts itself.

Missing members, nulls, unknown enum members and members of the wrong type become "not known". What
cannot be done without is an id: an object without one raises NotUnderstood, and so does a body that
is no entity or collection at all. The letters C.. name the known contradictions between Graph's
documentation, metadata and service:

    C7   a device may come wrapped in a method, as its `device`
    C8   a single entity may come wrapped in `value`
    C9   `assignedTo` tells who holds a token, and `status` may lag behind it
    C25  only the metadata's names of members are used
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from app.core.access_pass import LONGEST_MINUTES, AccessPass, PassPolicy, PassReason
from app.core.errors import Evidence, NotUnderstood
from app.core.model import (
    HashFunction,
    HeldRole,
    Holder,
    Method,
    MethodKind,
    Migration,
    Operator,
    Person,
    Policy,
    PolicyState,
    Role,
    Token,
    TokenStatus,
)
from app.core.secret import Secret
from app.graph.faults import not_understood

Json = Mapping[str, object]
Noun = TypeVar("Noun")

_MANAGED = frozenset({"compliantDevice", "domainJoinedDevice"})
_EXTERNAL = "#EXT#"  # in the UPN of an account that another organization manages
_EVERYONE = "all_users"  # the id in includeTargets that stands for all (Graph's policy resource)
_SUFFIX = "AuthenticationMethod"
_LONGEST_ID = 256
_LONGEST_PASS = 256  # characters; the policy's longest pass has 48
_INTERVALS = range(1, 3601)
_USUAL_INTERVAL = 30


def entity(body: object, evidence: Evidence) -> Json:
    """Return the single entity of an answer, unwrapped from `value` where it comes so (C8)."""
    item = _object(body, evidence)
    inner = item.get("value")
    return inner if isinstance(inner, dict) else item


def items(body: object, evidence: Evidence) -> Sequence[Json]:
    """Return the items on one page of a collection."""
    found = _object(body, evidence).get("value")
    if not isinstance(found, list):
        raise not_understood(evidence, "a collection without its value")
    return [_object(item, evidence) for item in found]


def next_link(body: object) -> str | None:
    """Return the address of the next page, as it came, or None on the last one."""
    link = body.get("@odata.nextLink") if isinstance(body, dict) else None
    return link if isinstance(link, str) and link else None


def every(
    found: Sequence[Json], evidence: Evidence, one: Callable[[Json, Evidence], Noun]
) -> tuple[Noun, ...]:
    """Return each item of a collection read by `one`."""
    return tuple(one(item, evidence) for item in found)


def token(item: Json, evidence: Evidence) -> Token:
    """Return an inventory token, unwrapped from a method where it comes so (C7)."""
    inner = item.get("device")
    if "serialNumber" not in item and isinstance(inner, dict):
        item = inner
    return _token(item, _id(item, evidence))


def _token(item: Json, device_id: str) -> Token:
    return Token(
        device_id=device_id,
        serial_number=_text(item, "serialNumber"),
        manufacturer=_text(item, "manufacturer"),
        model=_text(item, "model"),
        display_name=_text(item, "displayName"),
        interval=_interval(item.get("timeIntervalInSeconds")),
        hash_function=HashFunction.of(_text(item, "hashFunction") or None),
        status=TokenStatus.of(_text(item, "status")),
        holder=_holder(item.get("assignedTo")),
        last_used=_moment(item.get("lastUsedDateTime")),
    )


def _interval(value: object) -> int:
    """Return the time step in seconds; a documented sample quotes the number (C6)."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 4:  # noqa: PLR2004 - as many digits as an hour in seconds has
        value = int(value)
    usable = isinstance(value, int) and not isinstance(value, bool) and value in _INTERVALS
    return value if usable and isinstance(value, int) else _USUAL_INTERVAL


def _holder(value: object) -> Holder | None:
    """Return who holds a token; an id or a name is enough to know that somebody does (C9)."""
    if not isinstance(value, dict):
        return None
    holder = Holder(_text(value, "id"), _text(value, "displayName"))
    return holder if holder.id or holder.display_name else None


def person(item: Json, evidence: Evidence) -> Person:
    """Return a user."""
    enabled, kind = item.get("accountEnabled"), _text(item, "userType").casefold()
    return Person(
        id=_id(item, evidence),
        display_name=_text(item, "displayName"),
        user_principal_name=_text(item, "userPrincipalName"),
        mail=_text(item, "mail"),
        employee_id=_text(item, "employeeId"),
        department=_text(item, "department"),
        job_title=_text(item, "jobTitle"),
        enabled=enabled if isinstance(enabled, bool) else None,
        guest={"guest": True, "member": False}.get(kind),
        language=_text(item, "preferredLanguage"),
        external=_EXTERNAL in _text(item, "userPrincipalName").upper(),
    )


def method(item: Json, evidence: Evidence) -> Method:
    """Return an authentication method of any kind."""
    return _method(item, evidence, _kind(_text(item, "@odata.type")))


def hardware_method(item: Json, evidence: Evidence) -> Method:
    """Return a hardware token of a person; that it is one is known from where it was read."""
    return _method(item, evidence, MethodKind.HARDWARE_TOKEN)


def new_method(body: object, evidence: Evidence) -> Method | None:
    """Return the hardware token that the answer to an assignment names.

    It comes bare, wrapped in `value` (C8), or as the one item of a collection. None where it names
    none, or several: the write was accepted, and reading back tells the rest.
    """
    inner = body.get("value") if isinstance(body, dict) else None
    if isinstance(inner, list):
        body = inner[0] if len(inner) == 1 else None
    try:
        return hardware_method(entity(body, evidence), evidence)
    except NotUnderstood:
        return None


def _method(item: Json, evidence: Evidence, kind: MethodKind) -> Method:
    device = item.get("device")
    hardware = kind is MethodKind.HARDWARE_TOKEN and isinstance(device, dict)
    seen = _token(device, _text(device, "id")) if hardware and isinstance(device, dict) else None
    return Method(
        id=_id(item, evidence),
        kind=kind,
        label=_label(item, seen),
        created=_moment(item.get("createdDateTime")),
        token=seen,
    )


def _kind(odata_type: str) -> MethodKind:
    name = odata_type.rpartition(".")[2].removesuffix(_SUFFIX)
    return next((kind for kind in MethodKind if kind.value == name), MethodKind.OTHER)


def _label(item: Json, seen: Token | None) -> str:
    names = (_text(item, name) for name in ("displayName", "phoneNumber", "emailAddress", "model"))
    own = next((name for name in names if name), "")
    return own or (seen.display_name or seen.serial_number if seen else "")


def policy(item: Json, root: Json | None = None) -> Policy:
    """Return the hardware OATH policy. A target that is not a user counts as a group, a doubt.

    `root` is the authenticationMethodsPolicy that it belongs to, where that could be read.
    """
    included, excluded = _targets(item.get("includeTargets")), _targets(item.get("excludeTargets"))
    users, groups = _split(included)
    without_users, without_groups = _split(excluded)
    return Policy(
        state=PolicyState.of(_text(item, "state")),
        everyone=_EVERYONE in groups | users,
        included_users=users - {_EVERYONE},
        included_groups=groups - {_EVERYONE},
        excluded_users=without_users,
        excluded_groups=without_groups,
        migration=Migration.of(_text(root or {}, "policyMigrationState")),
    )


def _targets(value: object) -> list[Json]:
    return (
        [target for target in value if isinstance(target, dict)] if isinstance(value, list) else []
    )


def _split(targets: list[Json]) -> tuple[frozenset[str], frozenset[str]]:
    named = [(_text(target, "targetType"), _text(target, "id")) for target in targets]
    users = frozenset(name for kind, name in named if name and kind == "user")
    return users, frozenset(name for kind, name in named if name and kind != "user")


def access_pass(item: Json, evidence: Evidence) -> AccessPass:
    """Return a Temporary Access Pass without its value."""
    return AccessPass(
        id=_id(item, evidence),
        created=_moment(item.get("createdDateTime")),
        begins=_moment(item.get("startDateTime")),
        minutes=_minutes(item.get("lifetimeInMinutes")),
        once=_flag(item.get("isUsableOnce")),
        usable=_flag(item.get("isUsable")),
        reason=PassReason.of(_text(item, "methodUsabilityReason")),
    )


def new_pass(body: object, evidence: Evidence) -> tuple[AccessPass | None, Secret | None]:
    """Return the pass that the answer to its creation names, and its value, as far as it tells."""
    try:
        item = entity(body, evidence)
        made = access_pass(item, evidence)
    except NotUnderstood:
        return None, None
    value = item.get("temporaryAccessPass")
    usable = isinstance(value, str) and value.isprintable() and 0 < len(value) <= _LONGEST_PASS
    return made, Secret(value.encode()) if usable and isinstance(value, str) else None


def pass_policy(item: Json) -> PassPolicy:
    """Return the policy for Temporary Access Passes."""
    return PassPolicy(
        state=PolicyState.of(_text(item, "state")),
        shortest=_minutes(item.get("minimumLifetimeInMinutes")),
        longest=_minutes(item.get("maximumLifetimeInMinutes")),
        usual=_minutes(item.get("defaultLifetimeInMinutes")),
        once=_flag(item.get("isUsableOnce")),
    )


def _minutes(value: object) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and isinstance(value, int) and 0 < value <= LONGEST_MINUTES else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def policy_name(item: Json) -> str:
    """Return the display name of a Conditional Access policy, else its id."""
    return _text(item, "displayName") or _text(item, "id")


def blocks_device_code(item: Json) -> bool:
    """Tell whether a Conditional Access policy in force keeps the device code flow out.

    It does where it blocks that flow by name, and where it asks every application for a managed
    device: the device that signs in is not the one that typed the code (AADSTS530033).
    """
    if _text(item, "state") != "enabled":
        return False
    conditions, grant = _part(item, "conditions"), _part(item, "grantControls")
    controls = _texts(grant.get("builtInControls"))
    flows = _text(_part(conditions, "authenticationFlows"), "transferMethods")
    if "block" in controls:
        return "deviceCodeFlow" in {flow.strip() for flow in flows.split(",")}
    every = "All" in _texts(_part(conditions, "applications").get("includeApplications"))
    managed = controls & _MANAGED
    alone = controls <= _MANAGED or _text(grant, "operator").upper() == "AND"
    return every and bool(managed) and alone


def _part(item: Json, name: str) -> Json:
    inner = item.get(name)
    return inner if isinstance(inner, dict) else {}


def _texts(value: object) -> frozenset[str]:
    found = value if isinstance(value, list) else []
    return frozenset(each for each in found if isinstance(each, str))


def group_name(item: Json) -> str:
    """Return the display name of a group, else its id."""
    return _text(item, "displayName") or _text(item, "id")


def roles(found: Sequence[Json]) -> frozenset[Role] | None:
    """Return the roles that matter, or None where any came without its name.

    With too little permission members of a directory come as bare ids (Graph's page on limited
    information), and then nobody can say what is missing.
    """
    names = [_text(item, "roleTemplateId") for item in found]
    if not all(names):
        return None
    return frozenset(role for role in Role if role.value in {name.lower() for name in names})


def held_roles(found: Sequence[Json]) -> tuple[HeldRole, ...] | None:
    """Return a person's roles, or None where any came without its name, as for `roles`."""
    held = [HeldRole(_text(item, "roleTemplateId"), _text(item, "displayName")) for item in found]
    return tuple(held) if all(role.template_id for role in held) else None


def operator(
    item: Json, evidence: Evidence, held: frozenset[Role] | None, scopes: frozenset[str]
) -> Operator:
    """Return who is signed in, from /me, with `held` roles and the sign-in token's `scopes`."""
    return Operator(
        id=_id(item, evidence),
        display_name=_text(item, "displayName"),
        user_principal_name=_text(item, "userPrincipalName"),
        roles=held,
        scopes=frozenset(scope.rpartition("/")[2] for scope in scopes),
    )


def _object(value: object, evidence: Evidence) -> Json:
    if not isinstance(value, dict):
        raise not_understood(evidence, "no JSON object where one belongs")
    return value


def _id(item: Json, evidence: Evidence) -> str:
    """Return the id, which becomes a segment of a path: neither empty nor endless nor a dot."""
    found = item.get("id")
    if not isinstance(found, str) or found != _text(item, "id") or found.strip(".") == "":
        raise not_understood(evidence, "an object without its id")
    if len(found) > _LONGEST_ID:
        raise NotUnderstood(evidence)
    return found


def _text(item: Json, name: str) -> str:
    """Return a member if it is text, else nothing; half a surrogate pair could not be written."""
    value = item.get(name)
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def _moment(value: object) -> datetime | None:
    """Return a DateTimeOffset, aware, in UTC. The year 1 is how some services write "never"."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year > 1 else None
