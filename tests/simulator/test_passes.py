"""M7: Temporary Access Passes of the practice tenant: issued, replaced, listed, refused."""

from __future__ import annotations

from typing import Any

import pytest

from app.simulator.model import Person
from tests.support.simulated import DANA, MATS, PRIYA, SAM, STATION_SCOPES, Simulated

POLICY = (
    "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
    "/TemporaryAccessPass"
)
TAP_SCOPES = ("User.Read", "UserAuthMethod-TAP.ReadWrite.All")


def path(person: str, tail: str = "") -> str:
    return f"/v1.0/users/{person}/authentication/temporaryAccessPassMethods{tail}"


def member(tenant: Simulated, *, external: bool = False) -> str:
    """The id of somebody without a role, from this tenant or from another organization."""
    practice = tenant.server.practice
    assert practice is not None
    people: list[Person] = list(practice.tenant.people.all_current())
    ordinary = (p for p in people if p.account_enabled and not p.roles)
    return next(p.id for p in ordinary if ("#EXT#" in p.user_principal_name) is external)


def issued(tenant: Simulated, person: str, **order: Any) -> dict[str, Any]:
    answer = tenant.post(path(person), order)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_m7_a_pass_is_told_once_and_listed_without_its_value(tenant: Simulated) -> None:
    person = member(tenant)
    assert tenant.get(path(person)).json()["value"] == []
    made = issued(tenant, person, lifetimeInMinutes=90, isUsableOnce=True)
    assert len(made["temporaryAccessPass"]) == 8
    assert (made["lifetimeInMinutes"], made["isUsableOnce"], made["isUsable"]) == (90, True, True)
    (listed,) = tenant.get(path(person)).json()["value"]
    assert listed["id"] == made["id"]
    assert listed["temporaryAccessPass"] is None
    methods = tenant.get(f"/beta/users/{person}/authentication/methods").json()["value"]
    assert [m["id"] for m in methods if "temporaryAccessPass" in m["@odata.type"]] == [made["id"]]
    assert made["temporaryAccessPass"] not in str(methods)


def test_m7_one_pass_is_read_without_its_value(tenant: Simulated) -> None:
    person = member(tenant)
    first, second = issued(tenant, person), issued(tenant, person)
    read = tenant.get(path(person, f"/{second['id']}"))
    assert read.status_code == 200
    assert (read.json()["id"], read.json()["temporaryAccessPass"]) == (second["id"], None)
    assert tenant.get(path(person, f"/{first['id']}")).status_code == 404


def test_m7_a_second_pass_ends_the_first(tenant: Simulated) -> None:
    person = member(tenant)
    first, second = issued(tenant, person), issued(tenant, person)
    assert first["temporaryAccessPass"] != second["temporaryAccessPass"]
    assert [p["id"] for p in tenant.get(path(person)).json()["value"]] == [second["id"]]
    assert tenant.call("DELETE", path(person, f"/{second['id']}")).status_code == 204
    assert tenant.get(path(person)).json()["value"] == []


@pytest.mark.parametrize(
    ("policy", "order", "status"),
    [
        ({}, {"lifetimeInMinutes": 59}, 400),
        ({}, {"lifetimeInMinutes": 481}, 400),
        ({"shortest": 10}, {"lifetimeInMinutes": 9}, 400),
        ({"shortest": 10}, {"lifetimeInMinutes": 10}, 201),
        ({"once": True}, {"isUsableOnce": False}, 400),
        ({"once": True}, {"isUsableOnce": True}, 201),
        ({"state": "disabled"}, {}, 400),
        ({}, {"lifetimeInMinutes": "60"}, 400),
        ({}, {"temporaryAccessPass": "chosen"}, 400),
        ({}, {"startDateTime": "soon"}, 400),
    ],
)
def test_m7_the_policy_decides(
    tenant: Simulated, policy: dict[str, Any], order: dict[str, Any], status: int
) -> None:
    tenant.fault("pass_policy", **policy)
    person = member(tenant)
    assert tenant.post(path(person), order).status_code == status
    assert len(tenant.get(path(person)).json()["value"]) == (status == 201)


def test_m7_what_is_left_open_the_policy_decides(tenant: Simulated) -> None:
    tenant.fault("pass_policy", usual=120, once=True, length=12)
    made = issued(tenant, member(tenant))
    assert (made["lifetimeInMinutes"], made["isUsableOnce"]) == (120, True)
    assert len(made["temporaryAccessPass"]) == 12
    told = tenant.get(POLICY, token=tenant.access_token(MATS)).json()
    assert (told["defaultLifetimeInMinutes"], told["maximumLifetimeInMinutes"]) == (120, 480)
    assert (told["isUsableOnce"], told["state"]) == (True, "enabled")


def test_m7_usability_is_told_with_its_reason(tenant: Simulated) -> None:
    person = member(tenant)

    def reason() -> str:
        (listed,) = tenant.get(path(person)).json()["value"]
        assert listed["isUsable"] is (listed["methodUsabilityReason"] == "EnabledByPolicy")
        return str(listed["methodUsabilityReason"])

    issued(tenant, person, startDateTime="2099-01-01T00:00:00Z")
    assert reason() == "NotYetValid"
    issued(tenant, person, startDateTime="2001-01-01T00:00:00Z")
    assert reason() == "Expired"
    issued(tenant, person, isUsableOnce=True)
    tenant.fault("pass_policy", without=person)
    assert reason() == "DisabledByPolicy"
    tenant.fault("pass_policy")
    tenant.fault("use_pass", person=person)
    assert reason() == "OneTimeUsed"


def test_m7_whom_a_pass_is_not_for(tenant: Simulated) -> None:
    people = tenant.server.practice.tenant  # type: ignore[union-attr]
    own = people.person(DANA).id
    assert tenant.post(path(own), {}).status_code == 403
    external = tenant.post(path(member(tenant, external=True)), {})
    assert external.status_code == 400
    assert "external guest" in external.json()["error"]["message"]
    admin = people.person(PRIYA).id
    assert tenant.post(path(admin), {}).status_code == 403


def test_m7_the_narrow_permission_is_enough_and_none_is_not(tenant: Simulated) -> None:
    person = member(tenant)
    narrow = tenant.access_token(DANA, TAP_SCOPES)
    assert tenant.post(path(person), {}, token=narrow).status_code == 201
    reading = tenant.access_token(DANA, ["User.Read", "UserAuthMethod-TAP.Read.All"])
    assert tenant.get(path(person), token=reading).status_code == 200
    assert tenant.post(path(person), {}, token=reading).status_code == 403
    without_role = tenant.access_token(SAM, STATION_SCOPES)
    assert tenant.post(path(person), {}, token=without_role).status_code == 403
