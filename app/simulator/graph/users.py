"""People: lists, searches, single profiles, photos."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from app.simulator import access
from app.simulator.access import Caller
from app.simulator.graph.service import BOTH, Call, GraphResponse, operation
from app.simulator.model import Person
from app.simulator.odata import Collection, options_of, page, read_query, select_columns
from app.simulator.portraits import SIDE, portrait
from app.simulator.refusals import refusal

_DEFAULTS = (
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)
_BASIC = frozenset(("id", "displayName", "givenName", "surname", "mail", "userPrincipalName"))
_COLUMNS = (
    *_DEFAULTS,
    "accountEnabled",
    "companyName",
    "createdDateTime",
    "department",
    "employeeId",
    "employeeType",
    "isManagementRestricted",
    "mailNickname",
    "onPremisesExtensionAttributes",
    "onPremisesSamAccountName",
    "onPremisesSyncEnabled",
    "otherMails",
    "securityIdentifier",
    "userType",
)
_BADGE = "extensionAttribute1"
_BADGE_PATH = f"onPremisesExtensionAttributes/{_BADGE}"

_EXACT = frozenset(("eq", "ne", "in", "not"))
_PREFIX = _EXACT | {"startswith"}
_STARTSWITH = (
    "displayName",
    "givenName",
    "surname",
    "employeeId",
    "jobTitle",
    "mailNickname",
    "mobilePhone",
    "onPremisesSamAccountName",
    "companyName",
)

USERS = Collection(
    entity="user",
    options=frozenset(("$top", "$search", "$filter", "$count", "$orderby", "$select")),
    columns=_COLUMNS,
    default_columns=_DEFAULTS,
    filters=dict.fromkeys(_STARTSWITH, _PREFIX)
    | {name: _PREFIX | {"endswith"} for name in ("mail", "userPrincipalName")}
    | dict.fromkeys(("id", "department", "accountEnabled", "userType"), _EXACT)
    | {_BADGE_PATH: _EXACT},
    sortable=frozenset(("displayName", "userPrincipalName")),
    advanced_rules=True,
)


@lru_cache(maxsize=200_000)
def user_row(person: Person) -> Mapping[str, Any]:
    """A person as a Graph user, every column of the subset, and what can be filtered below one."""
    alias = person.user_principal_name.partition("@")[0]
    badge = None if person.is_guest else person.badge_chip
    return {
        "id": person.id,
        "displayName": person.display_name,
        "givenName": person.given_name,
        "surname": person.surname,
        "userPrincipalName": person.user_principal_name,
        "mail": person.mail,
        "employeeId": person.employee_id,
        "employeeType": None if person.is_guest else "Employee",
        "department": person.department,
        "jobTitle": person.job_title,
        "officeLocation": person.office_location,
        "mobilePhone": person.mobile_phone,
        "businessPhones": [],
        "preferredLanguage": person.preferred_language,
        "accountEnabled": person.account_enabled,
        "userType": person.user_type,
        "companyName": "Contoso",
        "isManagementRestricted": person.restricted or None,
        "createdDateTime": person.created,
        "mailNickname": alias[:64],
        "onPremisesExtensionAttributes": {_BADGE: badge},
        _BADGE_PATH: badge,
        "onPremisesSamAccountName": None,
        "onPremisesSyncEnabled": None,
        "otherMails": [],
        "securityIdentifier": f"S-1-12-1-{int(person.id[:8], 16)}",
    }


def _readable(row: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
    """With no more than User.ReadBasic.All, everything else arrives as null."""
    if caller.scopes & access.READ_PEOPLE_FULLY:
        return row
    own = caller.person is not None and row["id"] == caller.person.id
    return row if own else {k: v if k in _BASIC else _empty(v) for k, v in row.items()}


def _empty(value: Any) -> Any:
    return [] if isinstance(value, list) else None


@operation("GET", "/users", versions=BOTH)
def list_users(call: Call) -> GraphResponse:
    """`GET /users` with search, filter, order, count and paging; guests may not."""
    access.require_scope(call.caller, access.READ_PEOPLE, "directory_denied")
    if call.caller.person is not None and call.caller.person.is_guest:
        raise refusal("directory_denied")
    query = read_query(call.request.query, USERS, eventual=call.request.eventual)
    if query.filter is not None and not query.filter.properties <= _BASIC:
        access.require_scope(call.caller, access.READ_PEOPLE_FULLY, "directory_denied")
    rows = [_readable(user_row(p), call.caller) for p in call.tenant.people.all_seen()]
    columns = f"users({','.join(query.columns)})" if query.explicit_columns else "users"
    return GraphResponse(200, page(rows, query, f"{call.root}/users", call.context(columns)))


@operation("GET", "/users/{user}", versions=BOTH)
def get_user(call: Call) -> GraphResponse:
    """`GET /users/{id or UPN}`."""
    own = call.caller.person is not None and call.tenant.person_key(call.parameters["user"]) == (
        call.caller.person.id
    )
    wanted = access.READ_SELF if own else access.READ_PEOPLE
    access.require_scope(call.caller, wanted, "directory_denied")
    return _profile(call, call.tenant.person_seen(call.parameters["user"]))


@operation("GET", "/me", versions=BOTH)
def get_me(call: Call) -> GraphResponse:
    """`GET /me`: who the signed-in operator is."""
    person = access.person_of(call.caller)
    access.require_scope(call.caller, access.READ_SELF, "directory_denied")
    return _profile(call, call.tenant.person_seen(person.id))


def _profile(call: Call, person: Person) -> GraphResponse:
    options = options_of(call.request.query, frozenset(("$select",)))
    columns = select_columns(options.get("$select"), USERS)
    row = _readable(user_row(person), call.caller)
    fragment = f"users({','.join(columns)})/$entity" if "$select" in options else "users/$entity"
    body = {"@odata.context": call.context(fragment)} | {name: row[name] for name in columns}
    return GraphResponse(200, body)


def target_of(call: Call, *, truly: bool = False) -> Person:
    """The person a path speaks of: `/users/{user}/...` or, without one, `/me/...`."""
    if "user" not in call.parameters:
        return access.person_of(call.caller)
    find = call.tenant.person if truly else call.tenant.person_seen
    return find(call.parameters["user"])


def _photo_of(call: Call) -> Person:
    access.require_scope(call.caller, access.READ_PHOTO, "directory_denied")
    person = target_of(call)
    if not person.has_photo:
        raise refusal("no_photo")
    return person


@operation("GET", "/users/{user}/photo", "/me/photo", versions=BOTH)
def get_photo(call: Call) -> GraphResponse:
    """What is known of a photo, without its bytes."""
    person = _photo_of(call)
    context = call.context(f"users('{person.id}')/photo/$entity")
    body = {"@odata.context": context, "@odata.mediaContentType": "image/jpeg"}
    return GraphResponse(200, body | {"id": f"{SIDE}x{SIDE}", "height": SIDE, "width": SIDE})


@operation("GET", "/users/{user}/photo/$value", "/me/photo/$value", versions=BOTH)
def get_photo_content(call: Call) -> GraphResponse:
    """The JPEG itself."""
    person = _photo_of(call)
    return GraphResponse(200, portrait(person.id, person.presents_as), {}, "image/jpeg")


@operation("GET", "/users/{user}/photos/{size}/$value", "/me/photos/{size}/$value", versions=BOTH)
def get_sized_photo(call: Call) -> GraphResponse:
    """The JPEG in one of the sizes Graph keeps."""
    person = _photo_of(call)
    width = call.parameters["size"].partition("x")[0]
    if width not in ("48", "64", "96", "120", "240", "360", "432", "504", "648"):
        raise refusal("no_photo")
    jpeg = portrait(person.id, person.presents_as, int(width))
    return GraphResponse(200, jpeg, {}, "image/jpeg")
