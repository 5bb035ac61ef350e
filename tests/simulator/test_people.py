"""Finding people: lists, searches, filters, single profiles and photos."""

import io
from typing import Any

import pytest
from PIL import Image

from tests.support.simulated import DANA, NORA, Simulated

EVENTUAL = {"ConsistencyLevel": "eventual"}
COLUMNS = "id,displayName,userPrincipalName,mail,employeeId,department,accountEnabled,userType"
SIOBHAN = "siobhan.obrien-mueller@contoso.example"


def search(tenant: Simulated, text: str, **more: str) -> list[dict[str, Any]]:
    params = {"$search": text, "$select": COLUMNS, "$top": "999", **more}
    answer = tenant.get("/v1.0/users", params=params, headers=EVENTUAL)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["value"]
    return rows


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ('"displayName:siob"', "Siobhán O’Brien-Müller"),
        ('"displayName:müller-lüd"', "Renate Müller-Lüdenscheidt"),
        ('"displayName:o\'brien"', "Conor O'Brien"),
        ('"displayName:nguyễn khai"', "Nguyễn Thị Minh Khai"),
        ('"displayName:山田"', "山田 太郎"),
        ('"mail:taro.y"', "山田 太郎"),
        ('"employeeId:004117"', "Siobhán O’Brien-Müller"),
        ('"mail:nobody" OR "userPrincipalName:conor.ob"', "Conor O'Brien"),
        ('"displayName:siobhán" AND "mail:siobhan.obrien"', "Siobhán O’Brien-Müller"),
    ],
)
def test_a_search_finds_people_by_the_start_of_a_word(
    tenant: Simulated, typed: str, found: str
) -> None:
    assert found in [row["displayName"] for row in search(tenant, typed)]


def test_a_search_does_not_find_the_middle_of_a_word(tenant: Simulated) -> None:
    assert "Conor O'Brien" not in [r["displayName"] for r in search(tenant, '"displayName:rien"')]


def test_a_search_for_a_name_in_every_script_finds_it(tenant: Simulated) -> None:
    practice = tenant.server.practice
    assert practice is not None
    by_language = {p.preferred_language: p for p in practice.tenant.people.all_current()}
    assert len(by_language) >= 19
    for person in by_language.values():
        first_word = person.display_name.split()[0]
        found = search(tenant, f'"displayName:{first_word}"')
        assert person.id in [row["id"] for row in found], person.display_name


def test_a_search_needs_the_consistency_header(tenant: Simulated) -> None:
    refused = tenant.get("/v1.0/users", params={"$search": '"displayName:ma"'})
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "Request_UnsupportedQuery"


@pytest.mark.parametrize("text", ["ma", '"ma"', '"displayName:"', '"a:b"', '"displayName:x" OR'])
def test_a_malformed_search_is_refused(tenant: Simulated, text: str) -> None:
    params = {"$search": text}
    assert tenant.get("/v1.0/users", params=params, headers=EVENTUAL).status_code == 400


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("employeeId eq '004117'", 1),
        ("startswith(displayName,'Conor O''B')", 1),
        ("startswith(userPrincipalName,'dana.') or employeeId eq '004118'", 2),
        ("id in ('nobody') or (mail eq 'conor.obrien@contoso.example')", 1),
        ("employeeId eq '004117' and accountEnabled eq false", 0),
        ("accountEnabled eq true and userType eq 'Member' and employeeId eq '004120'", 1),
    ],
)
def test_a_filter_selects(tenant: Simulated, text: str, count: int) -> None:
    answer = tenant.get("/v1.0/users", params={"$filter": text, "$select": COLUMNS})
    assert len(answer.json()["value"]) == count


@pytest.mark.parametrize(
    "text",
    [
        "userType ne 'Guest'",
        "not startswith(displayName,'A')",
        "endswith(mail,'contoso.example')",
        "startswith(department,'Sec')",
        "favouriteColour eq 'blue'",
        "displayName eq",
        "displayName eq 'a' or",
        "(displayName eq 'a'",
        "displayName 'a'",
        "startswith(displayName,true)",
        "contains(displayName,'a')",
    ],
)
def test_a_filter_graph_would_not_serve_is_refused(tenant: Simulated, text: str) -> None:
    assert tenant.get("/v1.0/users", params={"$filter": text}).status_code == 400


def test_an_advanced_filter_is_served_with_header_and_count(tenant: Simulated) -> None:
    params = {"$filter": "userType ne 'Guest'", "$count": "true", "$top": "1"}
    answer = tenant.get("/v1.0/users", params=params, headers=EVENTUAL).json()
    assert 600 < answer["@odata.count"] < 700
    assert len(answer["value"]) == 1


def test_an_order_with_a_filter_is_an_advanced_query(tenant: Simulated) -> None:
    params = {"$filter": "startswith(displayName,'M')", "$orderby": "displayName desc"}
    assert tenant.get("/v1.0/users", params=params).status_code == 400
    counted = params | {"$count": "true"}
    rows = tenant.get("/v1.0/users", params=counted, headers=EVENTUAL).json()["value"]
    names = [row["displayName"].casefold() for row in rows]
    assert names == sorted(names, reverse=True)
    assert len(names) > 3


def test_pages_follow_each_other_without_gap_or_repeat(tenant: Simulated) -> None:
    seen: list[str] = []
    url = "/v1.0/users?$top=300&$select=id"
    while url:
        body = tenant.get(url).json()
        seen += [row["id"] for row in body["value"]]
        url = body.get("@odata.nextLink", "")
        assert url == "" or url.startswith(tenant.ready.graph_url)
    assert len(seen) == len(set(seen)) == 700


def test_a_page_holds_a_hundred_people_unless_asked_otherwise(tenant: Simulated) -> None:
    assert len(tenant.get("/v1.0/users").json()["value"]) == 100


@pytest.mark.parametrize(
    "query",
    [
        "$top=1000",
        "$top=0",
        "$top=x",
        "$top=1&$top=2",
        "$skip=5",
        "$expand=manager",
        "$select=shoeSize",
        "$count=maybe",
        "$skiptoken=garbage",
        "$orderby=department",
    ],
)
def test_an_option_graph_would_not_serve_is_refused(tenant: Simulated, query: str) -> None:
    assert tenant.get(f"/v1.0/users?{query}").status_code == 400


def test_defaults_leave_out_what_was_not_selected(tenant: Simulated) -> None:
    person = tenant.get(f"/v1.0/users/{SIOBHAN}").json()
    assert person["displayName"] == "Siobhán O’Brien-Müller"
    assert "employeeId" not in person
    chosen = tenant.get(f"/v1.0/users/{person['id']}?$select={COLUMNS}").json()
    assert chosen["employeeId"] == "004117"


def test_an_unknown_person_is_told_in_graphs_words(tenant: Simulated) -> None:
    refused = tenant.get("/v1.0/users/nobody%40contoso.example")
    assert refused.status_code == 404
    error = refused.json()["error"]
    assert error["code"] == "Request_ResourceNotFound"
    assert "'nobody@contoso.example'" in error["message"]


def test_a_guests_address_with_a_hash_can_be_asked_for(tenant: Simulated) -> None:
    params = {"$filter": "userType eq 'Guest'", "$top": "1", "$select": "userPrincipalName"}
    upn = tenant.get("/v1.0/users", params=params).json()["value"][0]["userPrincipalName"]
    assert "#EXT#" in upn
    encoded = upn.replace("#", "%23").replace("@", "%40")
    assert tenant.get(f"/v1.0/users/{encoded}").json()["userPrincipalName"] == upn


def test_me_is_who_signed_in(tenant: Simulated) -> None:
    token = tenant.access_token(NORA, ["User.Read"])
    assert tenant.get("/v1.0/me", token=token).json()["userPrincipalName"] == NORA
    assert tenant.get("/v1.0/me").json()["userPrincipalName"] == DANA


def test_me_means_nothing_to_an_app(tenant: Simulated) -> None:
    assert tenant.get("/v1.0/me", token=tenant.app_token()).status_code == 400


def test_basic_profiles_hide_the_rest(tenant: Simulated) -> None:
    token = tenant.access_token(DANA, ["User.ReadBasic.All"])
    person = tenant.get(f"/v1.0/users/{SIOBHAN}?$select={COLUMNS}", token=token).json()
    assert person["displayName"] == "Siobhán O’Brien-Müller"
    assert person["employeeId"] is None
    params = {"$filter": "employeeId eq '004117'"}
    assert tenant.get("/v1.0/users", params=params, token=token).status_code == 403


def test_a_photo_is_a_jpeg_and_the_same_each_time(tenant: Simulated) -> None:
    path = f"/v1.0/users/{SIOBHAN}/photo/$value"
    first, second = tenant.get(path), tenant.get(path)
    assert first.headers["content-type"] == "image/jpeg"
    assert first.content == second.content
    assert Image.open(io.BytesIO(first.content)).size == (240, 240)
    about = tenant.get(f"/v1.0/users/{SIOBHAN}/photo").json()
    assert (about["width"], about["height"]) == (240, 240)


def test_about_one_in_seven_has_no_photo(tenant: Simulated) -> None:
    practice = tenant.server.practice
    assert practice is not None
    people = list(practice.tenant.people.all_current())
    without = [person for person in people if not person.has_photo]
    assert 0.08 < len(without) / len(people) < 0.22
    refused = tenant.get(f"/v1.0/users/{without[0].id}/photo/$value")
    assert refused.status_code == 404
    assert refused.json()["error"]["code"] == "ImageNotFound"
