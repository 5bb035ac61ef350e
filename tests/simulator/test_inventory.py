"""The tenant's inventory: list, filter, page, create, bulk, change, delete."""

from typing import Any

import pytest

from app.simulator.stock import DEMO_SERIAL
from tests.support.simulated import INVENTORY, Simulated

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def fresh(**changed: Any) -> dict[str, Any]:
    body = {
        "serialNumber": "EX-100003",
        "manufacturer": "Example Tokens",
        "model": "OTP-6 NFC",
        "secretKey": SECRET,
        "timeIntervalInSeconds": 30,
    }
    return body | changed


def listed(tenant: Simulated, text: str) -> list[dict[str, Any]]:
    answer = tenant.get(INVENTORY, params={"$filter": text, "$top": "999"})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["value"]
    return rows


def test_a_serial_number_finds_its_token(tenant: Simulated) -> None:
    (row,) = listed(tenant, f"serialNumber eq '{DEMO_SERIAL}'")
    assert (row["manufacturer"], row["model"]) == ("Token2", "C301-i")
    assert row["secretKey"] is None
    assert listed(tenant, "serialNumber eq 'EX-999999'") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "'activated'"),
        ("status", "'available'"),
        ("status", "'assigned'"),
        ("status", "'failedActivation'"),
        ("manufacturer", "'FEITIAN'"),
        ("model", "'C202'"),
        ("hashFunction", "'hmacsha256'"),
        ("timeIntervalInSeconds", "60"),
    ],
)
def test_every_documented_filter_works(tenant: Simulated, name: str, value: str) -> None:
    rows = listed(tenant, f"{name} eq {value}")
    assert rows
    assert {str(row[name]) for row in rows} == {value.strip("'")}


def test_the_holder_can_be_filtered_by(tenant: Simulated) -> None:
    held = listed(tenant, "status eq 'activated'")[0]
    (again,) = listed(tenant, f"assignedTo/id eq '{held['assignedTo']['id']}'")
    assert again["id"] == held["id"]


@pytest.mark.parametrize(
    "query",
    [
        "$filter=serialNumber ne '1'",
        "$filter=startswith(serialNumber,'8')",
        "$filter=secretKey eq 'x'",
        '$search="serialNumber:8"',
        "$orderby=serialNumber",
        "$expand=assignTo",
        "$select=seed",
        "$skip=1",
    ],
)
def test_options_the_service_does_not_promise_are_refused(tenant: Simulated, query: str) -> None:
    assert tenant.get(f"{INVENTORY}?{query}").status_code == 400


def test_the_inventory_comes_in_pages(tenant: Simulated) -> None:
    first = tenant.get(INVENTORY).json()
    assert len(first["value"]) == 100
    seen = [row["id"] for row in first["value"]]
    while "@odata.nextLink" in first:
        first = tenant.get(first["@odata.nextLink"]).json()
        seen += [row["id"] for row in first["value"]]
    practice = tenant.server.practice
    assert practice is not None
    assert sorted(seen) == sorted(d.id for d in practice.tenant.inventory_seen())


def test_create_answers_the_token_without_its_secret(tenant: Simulated) -> None:
    answer = tenant.post(INVENTORY, fresh(displayName="Spare 3"))
    assert answer.status_code == 201
    assert answer.json()["secretKey"] is None
    assert SECRET not in answer.text
    assert tenant.get(f"{INVENTORY}/{answer.json()['id']}").json()["displayName"] == "Spare 3"


def test_a_created_token_can_be_activated_with_its_secret(tenant: Simulated) -> None:
    tenant.post(INVENTORY, fresh(hashFunction="hmacsha256", timeIntervalInSeconds=60))
    path = tenant.methods_path(tenant.ready.people[0].id, "/assignAndActivateBySerialNumber")
    body = {"serialNumber": "EX-100003", "verificationCode": tenant.press("EX-100003")}
    assert tenant.post(path, body).status_code == 204


def test_create_with_a_holder_assigns_at_once(tenant: Simulated) -> None:
    person = tenant.ready.people[0]
    answer = tenant.post(INVENTORY, fresh(assignTo={"id": person.id}))
    assert answer.status_code == 201
    assert answer.json()["assignedTo"]["id"] == person.id
    holder = tenant.get(f"{INVENTORY}/{answer.json()['id']}/assignTo").json()
    assert holder["userPrincipalName"] == person.userPrincipalName


def test_a_serial_number_exists_once(tenant: Simulated) -> None:
    assert tenant.post(INVENTORY, fresh(serialNumber=DEMO_SERIAL)).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"secretKey": "not base32 at all 189"},
        {"secretKey": "A" * 129},
        {"secretKey": ""},
        {"timeIntervalInSeconds": 45},
        {"timeIntervalInSeconds": "30"},
        {"timeIntervalInSeconds": True},
        {"hashFunction": "hmacmd5"},
        {"serialNumber": 8659610904217},
        {"serialNumber": ""},
        {"surprise": 1},
        {"status": "activated"},
        {"assignTo": {"id": "nobody", "displayName": "x"}},
    ],
)
def test_a_malformed_token_is_refused(tenant: Simulated, changed: dict[str, Any]) -> None:
    assert tenant.post(INVENTORY, fresh(**changed)).status_code == 400


@pytest.mark.parametrize("name", list(fresh()))
def test_every_required_property_is_required(tenant: Simulated, name: str) -> None:
    body = fresh()
    del body[name]
    assert tenant.post(INVENTORY, body).status_code == 400


def test_a_body_that_is_no_json_is_refused(tenant: Simulated) -> None:
    headers = {"Authorization": f"Bearer {tenant.access_token()}"}
    broken = headers | {"Content-Type": "application/json"}
    assert tenant.graph.post(INVENTORY, content=b"{", headers=broken).status_code == 400
    assert tenant.graph.post(INVENTORY, content=b"{}", headers=headers).status_code == 400


def test_many_tokens_come_in_one_delta(tenant: Simulated) -> None:
    person = tenant.ready.people[0].id
    items = [
        {"@contentId": "1", **fresh(serialNumber="EX-1")},
        {"@contentId": "2", **fresh(serialNumber="EX-2", assignTo={"id": person})},
    ]
    body = {"@context": "#$delta", "value": items}
    answer = tenant.call("PATCH", INVENTORY, json=body)
    assert answer.status_code == 201
    assert [row["@contentId"] for row in answer.json()["value"]] == ["1", "2"]
    assert tenant.token_state("EX-2")["holder_id"] == person


@pytest.mark.parametrize(
    "body",
    [
        {"value": []},
        {"@context": "#$delta", "value": []},
        {"@context": "#$delta", "value": [fresh()]},
        {"@context": "#$delta", "value": [{"@contentId": "1", **fresh()}] * 2},
        {"@context": "#$entity", "value": [{"@contentId": "1", **fresh()}]},
    ],
)
def test_a_malformed_delta_is_refused(tenant: Simulated, body: dict[str, Any]) -> None:
    assert tenant.call("PATCH", INVENTORY, json=body).status_code == 400


def test_an_unassigned_token_can_be_changed_and_deleted(tenant: Simulated) -> None:
    path = f"{INVENTORY}/{tenant.device(DEMO_SERIAL)['id']}"
    change = {"displayName": "Drawer B", "timeIntervalInSeconds": 60}
    assert tenant.call("PATCH", path, json=change).status_code == 204
    found = tenant.get(path).json()
    assert (found["displayName"], found["timeIntervalInSeconds"]) == ("Drawer B", 60)
    assert tenant.call("PATCH", path, json={"secretKey": SECRET}).status_code == 400
    assert tenant.call("PATCH", path, json={"serialNumber": "1"}).status_code == 400
    assert tenant.call("DELETE", path).status_code == 204
    assert tenant.get(path).status_code == 404
    assert tenant.call("DELETE", path).status_code == 404


def test_an_assigned_token_can_be_neither_changed_nor_deleted(tenant: Simulated) -> None:
    held = listed(tenant, "status eq 'assigned'")[0]
    path = f"{INVENTORY}/{held['id']}"
    assert tenant.call("PATCH", path, json={"displayName": "x"}).status_code == 400
    assert tenant.call("DELETE", path).status_code == 400


def test_nobody_holds_an_available_token(tenant: Simulated) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    assert tenant.get(f"{INVENTORY}/{device}/assignTo").status_code == 404
