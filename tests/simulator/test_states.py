"""How real tenants differ from each other: the practice tenant behaves as it is set up."""

from __future__ import annotations

from typing import Any

import pytest

from app.simulator.options import TenantState
from app.simulator.stock import DEMO_SERIAL
from tests.support.simulated import AARON, DANA, MATS, POLICY, Simulated, device_login

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
