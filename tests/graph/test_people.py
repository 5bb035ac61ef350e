from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import NotFound, SignInExpired, Unavailable
from app.core.model import Protection, ProtectionKind, Role
from app.graph import people
from tests.graph.support import (
    Desk,
    Reply,
    Request,
    Tokens,
    answer,
    desk,
    fixture,
    page,
    raw,
    recorded,
    refusal,
)

JPEG = b"\xff\xd8\xff\xe0 and so on"
PNG = b"\x89PNG\r\n\x1a\n and so on"
ONE_PIXEL = b"GIF89a\x01\x00\x01\x00\x80\x00\x00"


def at_desk(
    authority: trustme.CA,
    use: Callable[[Desk], Awaitable[None]],
    tokens: Tokens | None = None,
) -> None:
    async def session() -> None:
        async with desk(authority, tokens=tokens) as here:
            await use(here)

    asyncio.run(session())


def query_of(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}


def test_a_search_is_one_request_over_every_name_a_person_has(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("users-search"))
        found = await people.search(here.client, "lind", 25)
        (asked,) = here.server.asked
        query = query_of(asked)
        assert [person.display_name for person in found] == ["Mara Lindqvist", "Per Lindahl"]
        assert query["$search"].split(" OR ") == [
            '"displayName:lind"',
            '"givenName:lind"',
            '"surname:lind"',
            '"userPrincipalName:lind"',
            '"mail:lind"',
            '"employeeId:lind"',
        ]
        like = fixture("users-search")["request"]["url"]
        for option in ("$select", "$orderby", "$count", "$top"):
            assert f"{option}={query[option]}" in like
        assert asked.headers["consistencylevel"] == "eventual"

    at_desk(authority, use)


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "\x00\x1b", "\ud800"])
def test_a_blank_text_is_not_asked_for(authority: trustme.CA, text: str) -> None:
    async def use(here: Desk) -> None:
        assert await people.search(here.client, text, 25) == ()
        assert here.server.asked == []
        assert here.tokens.claims == []

    at_desk(authority, use)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ('say "x"', '"displayName:say \\"x\\""'),
        ("a\\b", '"displayName:a\\\\b"'),
        ("O'Brien", '"displayName:O\'Brien"'),
        ("50% off", '"displayName:50% off"'),
        ("  sio\t obr ", '"displayName:sio obr"'),
        ("שלום עולם", '"displayName:שלום עולם"'),
        ("山田", '"displayName:山田"'),
        ("a\x00b", '"displayName:ab"'),
        ("x" * 300, '"displayName:' + "x" * 120 + '"'),
    ],
)
def test_any_text_arrives_as_it_was_typed(authority: trustme.CA, text: str, clause: str) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(200, {"value": []}))
        await people.search(here.client, text, 25)
        assert query_of(here.server.asked[0])["$search"].split(" OR ")[0] == clause

    at_desk(authority, use)


@pytest.mark.parametrize(
    ("text", "literal"), [("R&D", "'R&D'"), ("'", "''''"), ("%", "'%'"), ('"', "'\"'")]
)
def test_what_a_search_cannot_carry_is_asked_for_by_beginnings(
    authority: trustme.CA, text: str, literal: str
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("users-filter-startswith"))
        found = await people.search(here.client, text, 25)
        (asked,) = here.server.asked
        query = query_of(asked)
        assert query["$filter"].startswith(f"startswith(displayName,{literal}) or ")
        assert query["$filter"].endswith(f"startswith(employeeId,{literal})")
        assert "$search" not in query
        assert "consistencylevel" not in asked.headers
        assert len(found) == 1  # the further page that is offered is not fetched

    at_desk(authority, use)


@given(st.text(max_size=400))
def test_every_text_makes_a_request_that_can_be_sent(text: str) -> None:
    tidy = people._tidy(text)
    assert len(tidy) <= 120
    assert "$select" in people._search_call(tidy, 25).query
    tidy.encode()


def test_no_more_people_are_told_than_were_asked_for(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("users-search"))
        assert len(await people.search(here.client, "lind", 1)) == 1
        assert query_of(here.server.asked[0])["$top"] == "1"

    at_desk(authority, use)


def test_people_with_another_employee_number_are_left_out(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        numbers = {"a": "10442", "b": "104", "c": None, "d": "10442x"}
        value = [{"id": key, "employeeId": number} for key, number in numbers.items()]
        here.server.will(answer(200, {"value": value}))
        found = await people.with_employee_id(here.client, "10442")
        assert [person.id for person in found] == ["a"]
        assert query_of(here.server.asked[0])["$filter"] == "employeeId eq '10442'"

    at_desk(authority, use)


def test_a_person_is_read_with_every_property_named(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("user-get"))
        person = await people.by_id(here.client, "m@ra/x")
        assert person.department == "Operations"
        assert urlsplit(here.server.asked[0].target).path == "/v1.0/users/m%40ra%2Fx"
        assert "accountEnabled" in query_of(here.server.asked[0])["$select"]

    at_desk(authority, use)


def test_a_person_who_is_not_there_is_not_found(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("error-404-user"))
        with pytest.raises(NotFound):
            await people.by_id(here.client, "1")

    at_desk(authority, use)


@pytest.mark.parametrize("picture", [JPEG, PNG])
def test_a_photo_is_its_bytes(authority: trustme.CA, picture: bytes) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(200, content=picture, headers={"Content-Type": "image/jpeg"}))
        assert await people.photo(here.client, "1") == picture
        assert here.server.asked[0].target == "/v1.0/users/1/photo/$value"

    at_desk(authority, use)


@pytest.mark.parametrize(
    "reply",
    [
        recorded("user-photo-none"),
        refusal(403, "accessDenied"),
        refusal(429),
        refusal(503),
        page("Hotel Network"),
        answer(200, content=ONE_PIXEL, headers={"Content-Type": "image/gif"}),
        answer(200, content=JPEG + b"x" * (2 * 1024 * 1024)),
        answer(200, content=b""),
        answer(200, content=JPEG, promised=900),
        raw(b""),
    ],
    ids=[
        "none",
        "forbidden",
        "throttled",
        "down",
        "portal",
        "pixel",
        "huge",
        "empty",
        "cut",
        "lost",
    ],
)
def test_any_failure_is_no_photo_and_no_second_try(authority: trustme.CA, reply: Reply) -> None:
    async def use(here: Desk) -> None:
        here.server.will(reply)
        assert await people.photo(here.client, "1") is None
        assert len(here.server.asked) == 1

    at_desk(authority, use)


def test_a_sign_in_that_ran_out_is_no_photo(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        assert await people.photo(here.client, "1") is None

    at_desk(authority, use, Tokens(refuses_after=0))


def test_roles_are_asked_for_as_the_cast_demands(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("me-directoryroles"))
        roles = await people.my_roles(here.client)
        assert roles is not None
        assert Role.AUTHENTICATION_ADMINISTRATOR in roles
        (asked,) = here.server.asked
        assert asked.target.startswith(
            "/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole?$count=true&"
        )
        assert asked.headers["consistencylevel"] == "eventual"

    at_desk(authority, use)


@pytest.mark.parametrize(
    "reply",
    [recorded("me-directoryroles-limited"), recorded("error-403-directory"), page("Portal")],
    ids=["limited", "forbidden", "portal"],
)
def test_roles_that_cannot_be_read_are_unknown(authority: trustme.CA, reply: Reply) -> None:
    async def use(here: Desk) -> None:
        here.server.will(reply)
        assert await people.my_roles(here.client) is None

    at_desk(authority, use)


def test_a_sign_in_that_ran_out_is_not_mistaken_for_missing_roles(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("error-401-token-missing"))
        with pytest.raises(SignInExpired):
            await people.my_roles(here.client)

    at_desk(authority, use)


def test_a_search_that_fails_says_how(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(refusal(500, "UnknownError", "try again"))
        with pytest.raises(Unavailable) as caught:
            await people.search(here.client, "mara", 25)
        assert caught.value.evidence.path == "/v1.0/users"
        assert "mara" not in str(caught.value)

    at_desk(authority, use)


def test_the_roles_of_somebody_else_keep_the_names_that_the_directory_gives_them(
    authority: trustme.CA,
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("me-directoryroles"))
        held = await people.roles_of(here.client, "p 1")
        assert held is not None
        assert Role.AUTHENTICATION_ADMINISTRATOR.value in {role.template_id for role in held}
        assert "Authentication Administrator" in {role.name for role in held}
        (asked,) = here.server.asked
        assert asked.target.startswith(
            "/v1.0/users/p%201/transitiveMemberOf/microsoft.graph.directoryRole?$count=true&"
        )
        assert asked.headers["consistencylevel"] == "eventual"

    at_desk(authority, use)


@pytest.mark.parametrize(
    "reply",
    [
        recorded("me-directoryroles-limited"),
        recorded("error-403-directory"),
        recorded("error-401-token-missing"),
        refusal(503, "serviceNotAvailable", "try again"),
        page("Portal"),
    ],
    ids=["limited", "forbidden", "expired", "unavailable", "portal"],
)
def test_roles_of_somebody_else_are_an_extra_and_asked_for_once(
    authority: trustme.CA, reply: Reply
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(reply)
        assert await people.roles_of(here.client, "p1") is None
        assert len(here.server.asked) == 1

    at_desk(authority, use)


# What protects a person -------------------------------------------------------------------------


def groups(*named: tuple[str, bool | None]) -> Reply:
    """A page of groups, each with whether roles can be assigned to it; None is not told."""
    rows = [
        {"id": f"g{at}", "displayName": name, "isAssignableToRole": assignable}
        for at, (name, assignable) in enumerate(named)
    ]
    return answer(200, {"value": rows})


def restricted(value: bool | None) -> Reply:  # noqa: FBT001 - it is what Graph tells
    return answer(200, {"id": "p1", "isManagementRestricted": value})


NO_GROUPS, FREE = groups(), restricted(None)
FORBIDDEN = recorded("error-403-directory")
TIER0 = Protection(ProtectionKind.ROLE_GROUP, "Tier 0")
BREAK_GLASS = Protection(ProtectionKind.ROLE_GROUP, "Break glass")
IN_UNIT = Protection(ProtectionKind.RESTRICTED_UNIT)


@pytest.mark.parametrize(
    ("member", "owner", "unit", "found"),
    [
        (NO_GROUPS, NO_GROUPS, FREE, ()),
        (groups(("Tier 0", True), ("All", False)), NO_GROUPS, FREE, (TIER0,)),
        (NO_GROUPS, groups(("Break glass", True)), FREE, (BREAK_GLASS,)),
        (groups(("Tier 0", True)), groups(("Tier 0", True)), FREE, (TIER0,)),
        (NO_GROUPS, NO_GROUPS, restricted(value=True), (IN_UNIT,)),
        (NO_GROUPS, NO_GROUPS, restricted(value=False), ()),
        (groups(("Tier 0", True)), NO_GROUPS, restricted(value=True), (TIER0, IN_UNIT)),
        (groups(("Tier 0", None)), NO_GROUPS, FREE, ()),
        (FORBIDDEN, groups(("Break glass", True)), restricted(value=True), (BREAK_GLASS, IN_UNIT)),
        (groups(("Tier 0", True)), FORBIDDEN, FORBIDDEN, (TIER0,)),
        (FORBIDDEN, FORBIDDEN, FORBIDDEN, ()),
        (page("Portal"), refusal(503, "serviceNotAvailable"), FREE, ()),
    ],
)
def test_what_protects_a_person_is_read_as_far_as_it_may_be_read(
    authority: trustme.CA, member: Reply, owner: Reply, unit: Reply, found: tuple[Protection, ...]
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(member, owner, unit)
        assert await people.protections_of(here.client, "p 1") == found
        assert len(here.server.asked) == 3

    at_desk(authority, use)


def test_the_groups_of_a_person_are_asked_for_as_graph_wants_it(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(NO_GROUPS, NO_GROUPS, FREE)
        await people.protections_of(here.client, "p 1")
        member, owner, unit = here.server.asked
        assert member.target.startswith(
            "/v1.0/users/p%201/transitiveMemberOf/microsoft.graph.group?"
        )
        assert "$filter=isAssignableToRole%20eq%20true" in member.target
        assert "$count=true" in member.target
        assert member.headers["consistencylevel"] == "eventual"
        assert owner.target.startswith("/v1.0/users/p%201/ownedObjects/microsoft.graph.group?")
        assert unit.target == "/v1.0/users/p%201?$select=id,isManagementRestricted"

    at_desk(authority, use)


def test_a_sign_in_that_ran_out_is_not_mistaken_for_no_protection(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("error-401-token-missing"))
        with pytest.raises(SignInExpired):
            await people.protections_of(here.client, "p1")

    at_desk(authority, use)
