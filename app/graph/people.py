"""People: finding the one who stands at the desk, and who the operator is (Graph v1.0).

A search is one request. `$search` splits a display name into words, in any order and any script, so
that "müller" finds a surname and "obr sio" finds Siobhán O'Brien; it treats every other property as
"begins with", which is right for an employee number, a UPN and a mail address, and finds "macd" in
a surname whose capitals split it in two. What it cannot carry is an ampersand (a known problem of
the service) or a text without a letter or digit, from which no word can be made; such a text goes
into a `$filter` that asks for the same properties by their beginnings.
"""

import unicodedata
from collections.abc import Sequence

from app.core.badge import EMPLOYEE_ID
from app.core.errors import DirectoryError, Evidence, SignInError, SignInExpired
from app.core.model import HeldRole, Person, Protection, ProtectionKind, Role
from app.graph import odata, wire
from app.graph.client import Call, GraphClient
from app.graph.retry import PATIENCE_SECONDS

_FIELDS = (
    "id,displayName,userPrincipalName,mail,employeeId,department,jobTitle,accountEnabled,userType,"
    "preferredLanguage"
)
_GROUP = "microsoft.graph.group"
_EXTENSIONS = "onPremisesExtensionAttributes"
_SEARCHED = ("displayName", "givenName", "surname", "userPrincipalName", "mail", "employeeId")
_LONGEST_TEXT = 120
_LARGEST_PAGE = 100
_LARGEST_PHOTO = 2 * 1024 * 1024
_JPEG_OR_PNG = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")  # ITU T.81, B.1.1; PNG specification, 5.2


async def search(client: GraphClient, text: str, limit: int) -> tuple[Person, ...]:
    """Return at most `limit` (1 to 100) people; none, without asking, for a text that is blank."""
    text = _tidy(text)
    if not text:
        return ()
    limit = max(1, min(limit, _LARGEST_PAGE))
    body, evidence = await client.read(_search_call(text, limit))
    return wire.every(wire.items(body, evidence), evidence, wire.person)[:limit]


def _tidy(text: str) -> str:
    """Cut to length, drop control characters and half surrogate pairs, make white space single."""
    kept = "".join(
        " " if character.isspace() else character
        for character in text[:_LONGEST_TEXT]
        if character.isspace() or unicodedata.category(character) not in {"Cc", "Cs"}
    )
    return " ".join(kept.split())


def _search_call(text: str, limit: int) -> Call:
    query = {"$select": _FIELDS, "$top": str(limit)}
    if "&" in text or not any(character.isalnum() for character in text):
        return Call("/users", query={"$filter": _beginnings(text), **query})
    clauses = " OR ".join(odata.clause(field, text) for field in _SEARCHED)
    advanced = {"$search": clauses, **query, "$orderby": "displayName", "$count": "true"}
    return Call("/users", query=advanced, eventual=True)


def _beginnings(text: str) -> str:
    literal = odata.literal(text)
    return " or ".join(f"startswith({field},{literal})" for field in _SEARCHED)


async def with_employee_id(client: GraphClient, number: str) -> tuple[Person, ...]:
    """Return the people with exactly this employee number, filtered again here as tokens are."""
    query = {"$filter": f"employeeId eq {odata.literal(number)}", "$select": _FIELDS}
    found, evidence = await client.read_all(Call("/users", query=query))
    people = wire.every(found, evidence, wire.person)
    return tuple(one for one in people if one.employee_id.casefold() == number.casefold())


async def with_badge(client: GraphClient, attribute: str, number: str) -> tuple[Person, ...]:
    """Return the people whose `attribute` (one of core.badge.ATTRIBUTES) is exactly `number`.

    Extension attributes sit in an object of their own, are selected whole, and are searched in the
    eventually consistent index (Graph: user, onPremisesExtensionAttributes).
    """
    if attribute == EMPLOYEE_ID:
        return await with_employee_id(client, number)
    query = {
        "$filter": f"{_EXTENSIONS}/{attribute} eq {odata.literal(number)}",
        "$select": f"{_FIELDS},{_EXTENSIONS}",
        "$count": "true",
    }
    found, evidence = await client.read_all(Call("/users", query=query, eventual=True))
    wanted = [one for one in found if _extension(one, attribute) == number.casefold()]
    return wire.every(wanted, evidence, wire.person)


def _extension(item: wire.Json, attribute: str) -> str:
    held = item.get(_EXTENSIONS)
    value = held.get(attribute) if isinstance(held, dict) else None
    return value.casefold() if isinstance(value, str) else ""


async def by_id(client: GraphClient, person_id: str) -> Person:
    """Return one person. Raises NotFound."""
    call = Call(f"/users/{odata.segment(person_id)}", query={"$select": _FIELDS})
    body, evidence = await client.read(call)
    return wire.person(wire.entity(body, evidence), evidence)


async def photo(client: GraphClient, person_id: str) -> bytes | None:
    """Return a JPEG or PNG of at most 2 MB, or None: a photo is a help, never a hindrance.

    Some tenants answer with a GIF of one pixel where there is none (Graph's photo page).
    """
    call = Call(
        f"/users/{odata.segment(person_id)}/photo/$value",
        accept="image/*, application/json;q=0.5",
        patience=0,
        largest=_LARGEST_PHOTO,
    )
    try:
        picture = await client.download(call)
    except (DirectoryError, SignInError):
        return None
    return picture if picture.startswith(_JPEG_OR_PNG) else None


async def me(client: GraphClient) -> tuple[wire.Json, Evidence]:
    """Return the operator's own entity, with the evidence of how it was read."""
    query = {"$select": "id,displayName,userPrincipalName"}
    body, evidence = await client.read(Call("/me", query=query))
    return wire.entity(body, evidence), evidence


async def my_roles(client: GraphClient) -> frozenset[Role] | None:
    """Return the operator's roles, or None where they cannot be read in full.

    Not being able to read roles is common and no fault: the real call decides. A sign-in that ran
    out is a fault, and is raised.
    """
    try:
        return wire.roles(await _roles(client, "/me"))
    except SignInExpired:
        raise
    except DirectoryError:
        return None


async def roles_of(client: GraphClient, person_id: str) -> tuple[HeldRole, ...] | None:
    """Return a person's roles, or None where they cannot be read in full; asked for once only.

    Whoever waits for them waits for an extra that a desk goes on without.
    """
    try:
        found = await _roles(client, f"/users/{odata.segment(person_id)}", patience=0)
    except DirectoryError:
        return None
    return wire.held_roles(found)


async def protections_of(client: GraphClient, person_id: str) -> tuple[Protection, ...]:
    """Return what protects a person from administrators; what may not be read is left out.

    Members and owners of groups with isAssignableToRole (Graph v1.0: group; GroupMember.Read.All),
    and isManagementRestricted (Graph v1.0: user, returned on $select alone).
    """
    whose = f"/users/{odata.segment(person_id)}"
    query = {"$select": "id,displayName,isAssignableToRole"}
    filtered = query | {"$filter": "isAssignableToRole eq true", "$count": "true"}
    member = Call(f"{whose}/transitiveMemberOf/{_GROUP}", query=filtered, eventual=True, patience=0)
    owner = Call(f"{whose}/ownedObjects/{_GROUP}", query=query, patience=0)
    groups = [*await _groups(client, member), *await _groups(client, owner)]
    named = dict.fromkeys(groups)
    found = [Protection(ProtectionKind.ROLE_GROUP, name) for name in named]
    if await _is_restricted(client, whose):
        found.append(Protection(ProtectionKind.RESTRICTED_UNIT))
    return tuple(found)


async def _groups(client: GraphClient, call: Call) -> list[str]:
    """Return the names of the role-assignable groups that `call` lists."""
    try:
        found, _ = await client.read_all(call)
    except SignInExpired:
        raise
    except DirectoryError:
        return []
    return [wire.group_name(item) for item in found if item.get("isAssignableToRole") is True]


async def _is_restricted(client: GraphClient, whose: str) -> bool:
    try:
        call = Call(whose, query={"$select": "id,isManagementRestricted"}, patience=0)
        body, evidence = await client.read(call)
    except SignInExpired:
        raise
    except DirectoryError:
        return False
    return wire.entity(body, evidence).get("isManagementRestricted") is True


async def _roles(
    client: GraphClient, whose: str, patience: float = PATIENCE_SECONDS
) -> Sequence[wire.Json]:
    """Return the directory roles as they come, also those held by way of a group."""
    query = {"$count": "true", "$select": "id,displayName,roleTemplateId"}
    path = f"{whose}/transitiveMemberOf/microsoft.graph.directoryRole"
    found, _ = await client.read_all(Call(path, query=query, eventual=True, patience=patience))
    return found
