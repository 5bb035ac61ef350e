"""How real tenants differ from each other: the practice tenant behaves as it is set up."""

from __future__ import annotations

from typing import Any

import pytest

from app.simulator.options import TenantState
from app.simulator.stock import DEMO_SERIAL
from tests.support.simulated import (
    AARON,
    DANA,
    MATS,
    POLICY,
    PRIYA,
    Simulated,
    device_login,
    start_simulator,
)

RULES = ["Policy.Read.All"]


def set_up(tenant: Simulated, **state: Any) -> None:
    tenant.control("POST", "/tenant", state)


def by_device(tenant: Simulated) -> tuple[str, dict[str, Any]]:
    """The page that the person ends on, and what polling once more says."""
    app = tenant.public_app()
    flow = app.initiate_device_flow(["User.Read"])
    about = (flow["verification_uri"], flow["user_code"], DANA, tenant.operator(DANA).password)
    page = device_login(*about, ca_file=tenant.ready.ca_file)
    answer = app.acquire_token_by_device_flow(flow, exit_condition=lambda _flow: True)
    return page.text, answer


@pytest.mark.parametrize(
    ("state", "number"),
    [("security-defaults", 530035), ("device-policy", 530033), ("conditional-access", 53003)],
)
def test_m1_a_blocked_device_code_is_refused_on_the_page_and_at_the_endpoint(
    tenant: Simulated, state: str, number: int
) -> None:
    set_up(tenant, device_code=state)
    page, answer = by_device(tenant)
    assert f"AADSTS{number}" in page
    assert answer["error"] == "authorization_declined"
    assert answer["error_codes"] == [number]
    assert "access_token" in tenant.sign_in(DANA, ["User.Read"])  # the browser is not blocked


def test_m1_polling_may_go_on_while_the_page_shows_the_block(tenant: Simulated) -> None:
    set_up(tenant, device_code="security-defaults", device_block_told=False)
    page, answer = by_device(tenant)
    assert "AADSTS530035" in page
    assert answer["error"] == "authorization_pending"


@pytest.mark.parametrize("state", ["allowed", "security-defaults", "conditional-access"])
def test_m1_the_policies_say_what_blocks_device_codes(tenant: Simulated, state: str) -> None:
    set_up(tenant, device_code=state)
    token = tenant.access_token(MATS, RULES)
    defaults = tenant.get("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy", token=token)
    assert defaults.json()["isEnabled"] is (state == "security-defaults")
    rules = tenant.get("/v1.0/identity/conditionalAccess/policies", token=token).json()["value"]
    in_force = [rule["displayName"] for rule in rules if rule["state"] == "enabled"]
    assert len(in_force) == (state == "conditional-access")


def test_m1_who_may_not_read_the_rules_is_refused(tenant: Simulated) -> None:
    path = "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy"
    assert tenant.get(path, token=tenant.access_token(AARON, RULES)).status_code == 403
    assert tenant.get(path, token=tenant.access_token(MATS, ["User.Read"])).status_code == 403


@pytest.mark.parametrize(
    ("migration", "status"),
    [("preMigration", 201), ("migrationInProgress", 201), ("migrationComplete", 400)],
)
@pytest.mark.parametrize("fault", ["policy_off", "policy_out_of_scope"])
def test_m2_before_the_migration_is_complete_the_legacy_policies_count(
    tenant: Simulated, migration: str, status: int, fault: str
) -> None:
    set_up(tenant, migration=migration)
    person = tenant.ready.people[0].id
    tenant.fault(fault, person=person)
    root = tenant.get("/beta/policies/authenticationMethodsPolicy").json()
    assert root["policyMigrationState"] == migration
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    assert tenant.post(tenant.methods_path(person), body).status_code == status


def test_m2_legacy_policies_that_are_off_do_not_help(tenant: Simulated) -> None:
    set_up(tenant, migration="preMigration", legacy_policy=False)
    tenant.fault("policy_off")
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    assert tenant.post(tenant.methods_path(tenant.ready.people[0].id), body).status_code == 400


def test_m3_one_permission_without_consent_refuses_the_whole_sign_in(tenant: Simulated) -> None:
    set_up(tenant, without_consent=["policy.read.all"])
    app = tenant.public_app()
    flow = app.initiate_auth_code_flow(
        ["User.Read", "Policy.Read.All"],
        redirect_uri="http://localhost:51234",
        response_mode="form_post",
    )
    assert "AADSTS65001" in tenant.raw.get(flow["auth_uri"]).text
    assert "access_token" in tenant.sign_in(DANA, ["User.Read"])


def test_m4_the_broad_permission_reads_the_policy(tenant: Simulated) -> None:
    assert tenant.get(POLICY, token=tenant.access_token(MATS, RULES)).status_code == 200
    narrow = tenant.access_token(MATS, ["Policy.Read.AuthenticationMethod"])
    assert tenant.get(POLICY, token=narrow).status_code == 200


def test_what_is_not_named_stays_and_nonsense_is_refused(tenant: Simulated) -> None:
    set_up(tenant, migration="preMigration")
    set_up(tenant, device_code="security-defaults")
    assert tenant.control("GET", "/tenant")["migration"] == "preMigration"
    url = tenant.ready.control_url + "/tenant"
    for nonsense in ({"device_code": "perhaps"}, {"weather": True}, {"without_consent": 5}):
        assert tenant.raw.post(url, json=nonsense).status_code == 400
    tenant.reset()
    assert tenant.control("GET", "/tenant") == TenantState().plain()


def protected(tenant: Simulated, fault: str, **arguments: Any) -> str:
    person = tenant.ready.people[0].id
    tenant.fault(fault, person=person, **arguments)
    return person


@pytest.mark.parametrize("owns", [False, True])
def test_m5_members_and_owners_of_role_assignable_groups_need_a_privileged_role(
    tenant: Simulated, *, owns: bool
) -> None:
    person = protected(tenant, "join_role_group", group="Tier 0", owns=owns)
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    write = ["UserAuthenticationMethod.ReadWrite.All"]
    refused = tenant.post(tenant.methods_path(person), body, token=tenant.access_token(DANA, write))
    assert refused.status_code == 403
    priya = tenant.access_token(PRIYA, write)
    assert tenant.post(tenant.methods_path(person), body, token=priya).status_code == 201


def test_m5_people_in_a_restricted_unit_are_beyond_privileged_roles_too(tenant: Simulated) -> None:
    person = protected(tenant, "restrict_person")
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    for who in (DANA, PRIYA):
        token = tenant.access_token(who, ["UserAuthenticationMethod.ReadWrite.All"])
        refused = tenant.post(tenant.methods_path(person), body, token=token)
        assert refused.status_code == 403
    path = f"/v1.0/users/{person}"
    read = tenant.get(path, params={"$select": "id,isManagementRestricted"})
    assert read.json()["isManagementRestricted"] is True


def test_m5_groups_are_listed_and_named_for_who_may_read_them(tenant: Simulated) -> None:
    person = protected(tenant, "join_role_group", group="Tier 0")
    path = f"/v1.0/users/{person}/transitiveMemberOf/microsoft.graph.group"
    query = {"$filter": "isAssignableToRole eq true", "$count": "true"}
    advanced = {"ConsistencyLevel": "eventual"}
    full = tenant.access_token(DANA, ["User.Read.All", "GroupMember.Read.All"])
    (row,) = tenant.get(path, params=query, headers=advanced, token=full).json()["value"]
    assert (row["displayName"], row["isAssignableToRole"]) == ("Tier 0", True)
    bare = tenant.access_token(DANA, ["User.Read.All"])
    found = tenant.get(path, params={"$count": "true"}, headers=advanced, token=bare).json()
    assert [row["displayName"] for row in found["value"]] == [None, None]
    assert tenant.get(path, params=query).status_code == 400  # without the header


def test_m5_a_tenant_of_some_size_has_such_people_and_offers_none_of_them(
    tenant: Simulated,
) -> None:
    practice = tenant.server.practice
    assert practice is not None
    found = [
        person
        for person in practice.tenant.people.all_current()
        if person.role_groups or person.owned_role_groups or person.restricted
    ]
    assert len(found) == 3
    assert not {person.id for person in found} & {one.id for one in tenant.ready.people}


def test_m9_a_restricted_read_shows_that_there_is_a_token_and_not_which(tenant: Simulated) -> None:
    person, write = tenant.ready.people[0].id, ["UserAuthenticationMethod.ReadWrite.All"]
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    assert tenant.post(tenant.methods_path(person), body).status_code == 201
    set_up(tenant, restricted_read=True)
    for who, shown in ((AARON, False), (PRIYA, True)):
        token = tenant.access_token(who, write)
        (row,) = tenant.get(tenant.methods_path(person), token=token).json()["value"]
        assert bool(row.get("device")) is shown
        assert row["id"] == body["device"]["id"]


def test_m12_a_policy_no_longer_targets_single_users(tenant: Simulated) -> None:
    kind = "#microsoft.graph.hardwareOathAuthenticationMethodConfiguration"
    target = {"targetType": "user", "id": tenant.ready.people[0].id}
    body = {"@odata.type": kind, "includeTargets": [target]}
    assert tenant.call("PATCH", POLICY, json=body).status_code == 400


def test_m12_the_audit_log_has_the_new_activity(tenant: Simulated) -> None:
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    assert tenant.post(tenant.methods_path(tenant.ready.people[0].id), body).status_code == 201
    token = tenant.access_token(DANA, ["AuditLog.Read.All"])
    rows = tenant.get("/v1.0/auditLogs/directoryAudits", token=token).json()["value"]
    assert rows[0]["activityDisplayName"] == "Assign Hardware Oath Token"


def test_m12_a_permission_that_only_deletes_takes_a_token_back(tenant: Simulated) -> None:
    with start_simulator(
        people=50, tokens=10, app_permissions=("UserAuthMethod-HardwareOATH.Delete.All",)
    ) as small:
        person, token = small.ready.people[0].id, small.app_token()
        device = small.device(DEMO_SERIAL)["id"]
        assert small.post(small.methods_path(person), {"device": {"id": device}}).status_code == 201
        path = small.methods_path(person, f"/{device}")
        assert small.call("DELETE", path, token=token).status_code == 204
        assert small.get(small.methods_path(person), token=token).status_code == 403
