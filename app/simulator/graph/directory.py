"""Directory roles, one's own and other people's, and the audit log."""

from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from app.simulator import access
from app.simulator.graph.service import BOTH, Call, GraphResponse, operation
from app.simulator.graph.users import target_of
from app.simulator.model import ROLE_TEMPLATES, Person
from app.simulator.odata import Collection, options_of, page, read_query
from app.simulator.refusals import refusal
from app.simulator.tenant import AuditEntry

_ROLE_COLUMNS = ("id", "displayName", "description", "roleTemplateId", "deletedDateTime")
_AUDIT_COLUMNS = (
    "id",
    "category",
    "correlationId",
    "result",
    "resultReason",
    "activityDisplayName",
    "activityDateTime",
    "loggedByService",
    "operationType",
    "initiatedBy",
    "targetResources",
    "additionalDetails",
)

ROLES = Collection(
    entity="directoryRole",
    options=frozenset(("$count", "$top", "$select")),
    columns=_ROLE_COLUMNS,
    default_columns=_ROLE_COLUMNS,
    filters={},
    advanced_rules=True,
)
AUDITS = Collection(
    entity="directoryAudit",
    options=frozenset(("$top", "$filter", "$orderby", "$select", "$skip")),
    columns=_AUDIT_COLUMNS,
    default_columns=_AUDIT_COLUMNS,
    filters={
        "activityDateTime": frozenset(("eq", "ge", "gt", "le", "lt")),
        "activityDisplayName": frozenset(("eq", "startswith")),
        "loggedByService": frozenset(("eq",)),
        "category": frozenset(("eq",)),
    },
    sortable=frozenset(("activityDateTime",)),
)


def template_id(role: str) -> str:
    """The role template id: the real one where it is known, else one made from the name."""
    return ROLE_TEMPLATES.get(role) or str(uuid5(NAMESPACE_DNS, f"{role}.contoso.example"))


_CASTS = ("microsoft.graph.directoryRole", "graph.directoryRole")


def _role_paths(whose: str) -> tuple[str, ...]:
    return tuple(f"{whose}/transitiveMemberOf/{cast}" for cast in _CASTS)


@operation("GET", *_role_paths("/me"), versions=BOTH)
def list_own_roles(call: Call) -> GraphResponse:
    """The roles of the signed-in person; without Directory.Read.All only their ids."""
    person = access.person_of(call.caller)
    access.require_scope(call.caller, access.READ_SELF, "directory_denied")
    return _roles(call, person, "/me")


@operation("GET", *_role_paths("/users/{user}"), versions=BOTH)
def list_roles(call: Call) -> GraphResponse:
    """The roles of anybody; without Directory.Read.All only their ids."""
    access.require_scope(call.caller, access.READ_PEOPLE, "directory_denied")
    person = target_of(call)
    return _roles(call, person, f"/users/{person.id}")


def _roles(call: Call, person: Person, whose: str) -> GraphResponse:
    if not call.request.eventual:
        raise refusal("unsupported_query")
    query = read_query(call.request.query, ROLES, eventual=True)
    named = bool(call.caller.scopes & access.READ_ROLE_NAMES)
    rows = [_role_row(call, role, named=named) for role in person.roles]
    url = f"{call.root}{whose}/transitiveMemberOf/{_CASTS[0]}"
    return GraphResponse(200, page(rows, query, url, call.context("directoryRoles")))


def _role_row(call: Call, role: str, *, named: bool) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.directoryRole",
        "id": str(uuid5(NAMESPACE_DNS, f"{role}.{call.tenant.id}")),
        "displayName": role if named else None,
        "description": None,
        "roleTemplateId": template_id(role) if named else None,
        "deletedDateTime": None,
    }


GROUPS = Collection(
    entity="group",
    options=frozenset(("$count", "$top", "$select", "$filter")),
    columns=("id", "displayName", "isAssignableToRole"),
    default_columns=("id", "displayName", "isAssignableToRole"),
    filters={"isAssignableToRole": frozenset(("eq", "ne", "not"))},
    advanced_rules=True,
)
_GROUP_CASTS = ("microsoft.graph.group", "graph.group")


@operation(
    "GET",
    *(f"/users/{{user}}/transitiveMemberOf/{cast}" for cast in _GROUP_CASTS),
    versions=BOTH,
)
def list_groups(call: Call) -> GraphResponse:
    """The groups of anybody: an ordinary one, and role-assignable ones."""
    if not call.request.eventual:
        raise refusal("unsupported_query")
    person = _whose_groups(call)
    return _groups(call, person, person.role_groups, "transitiveMemberOf", everyone=True)


@operation("GET", *(f"/users/{{user}}/ownedObjects/{cast}" for cast in _GROUP_CASTS), versions=BOTH)
def list_owned_groups(call: Call) -> GraphResponse:
    """The groups that somebody owns."""
    person = _whose_groups(call)
    return _groups(call, person, person.owned_role_groups, "ownedObjects", everyone=False)


def _whose_groups(call: Call) -> Person:
    access.require_scope(call.caller, access.READ_PEOPLE_FULLY, "directory_denied")
    return target_of(call)


def _groups(
    call: Call, person: Person, assignable: tuple[str, ...], tail: str, *, everyone: bool
) -> GraphResponse:
    named = bool(call.caller.scopes & access.READ_GROUP_NAMES)
    found = [(name, True) for name in assignable] + ([("Everyone", False)] if everyone else [])
    rows = [
        {
            "@odata.type": "#microsoft.graph.group",
            "id": str(uuid5(NAMESPACE_DNS, f"{name}.group.{call.tenant.id}")),
            "displayName": name if named else None,
            "isAssignableToRole": is_assignable if named else None,
        }
        for name, is_assignable in found
    ]
    query = read_query(call.request.query, GROUPS, eventual=call.request.eventual)
    url = f"{call.root}/users/{person.id}/{tail}/{_GROUP_CASTS[0]}"
    return GraphResponse(200, page(rows, query, url, call.context("groups")))


@operation("GET", "/auditLogs/directoryAudits", versions=BOTH)
def list_audits(call: Call) -> GraphResponse:
    """What was done to tokens, newest first."""
    access.require_scope(call.caller, access.READ_AUDIT, "directory_denied")
    kept = [(name, value) for name, value in call.request.query if name != "$skip"]
    skip = options_of(call.request.query, AUDITS.options | {"$skiptoken"}).get("$skip", "0")
    if not skip.isdigit():
        raise refusal("bad_query", "Invalid value for $skip.")
    query = read_query(kept, AUDITS, eventual=True)
    rows = [_audit_row(entry) for entry in reversed(call.tenant.audit)][int(skip) :]
    url = f"{call.root}/auditLogs/directoryAudits"
    return GraphResponse(200, page(rows, query, url, call.context("auditLogs/directoryAudits")))


def _audit_row(entry: AuditEntry) -> dict[str, Any]:
    actor = {"id": entry.actor, "displayName": None, "userPrincipalName": entry.actor_upn}
    target: dict[str, Any] = {
        "id": entry.target,
        "displayName": None,
        "type": "Other",
        "modifiedProperties": [],
    }
    return {
        "id": entry.id,
        "category": entry.category,
        "correlationId": entry.correlation,
        "result": "success",
        "resultReason": "",
        "activityDisplayName": entry.activity,
        "activityDateTime": entry.when,
        "loggedByService": "Authentication Methods",
        "operationType": entry.activity.split(" ")[0],
        "initiatedBy": {"app": None, "user": actor | {"ipAddress": "127.0.0.1"}},
        "targetResources": [target] if entry.target else [],
        "additionalDetails": [],
    }
