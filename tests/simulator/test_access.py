"""Scopes and roles, operation by operation: the matrix of the contract's section 3."""

import pytest

from app.simulator.stock import DEMO_SERIAL
from tests.support.simulated import (
    AARON,
    DANA,
    INVENTORY,
    MATS,
    NORA,
    POLICY,
    PRIYA,
    Simulated,
    start_simulator,
)

METHODS_WRITE = "UserAuthenticationMethod.ReadWrite.All"
METHODS_READ = "UserAuthenticationMethod.Read.All"
GRANULAR_WRITE = "UserAuthMethod-HardwareOATH.ReadWrite.All"
GRANULAR_READ = "UserAuthMethod-HardwareOATH.Read.All"
INVENTORY_WRITE = "Policy.ReadWrite.AuthenticationMethod"
POLICY_READ = "Policy.Read.All"

TOKENS_PATH = "/beta/users/{person}/authentication/hardwareOathMethods"
ALL_METHODS = "/beta/users/{person}/authentication/methods"

READS = [
    # who, scope, path, expected
    (DANA, METHODS_WRITE, TOKENS_PATH, 200),
    (DANA, METHODS_READ, TOKENS_PATH, 200),
    (DANA, GRANULAR_READ, TOKENS_PATH, 200),
    (DANA, GRANULAR_WRITE, TOKENS_PATH, 200),
    (DANA, GRANULAR_WRITE, ALL_METHODS, 403),
    (DANA, METHODS_READ, ALL_METHODS, 200),
    (DANA, "UserAuthenticationMethod.ReadWrite", TOKENS_PATH, 403),
    (DANA, "User.Read", TOKENS_PATH, 403),
    (AARON, METHODS_READ, TOKENS_PATH, 200),
    (PRIYA, METHODS_READ, TOKENS_PATH, 200),
    (MATS, METHODS_READ, TOKENS_PATH, 200),
    (NORA, METHODS_READ, TOKENS_PATH, 403),
    (DANA, INVENTORY_WRITE, INVENTORY, 200),
    (DANA, POLICY_READ, INVENTORY, 200),
    (DANA, METHODS_WRITE, INVENTORY, 403),
    (MATS, POLICY_READ, INVENTORY, 200),
    (AARON, POLICY_READ, INVENTORY, 403),
    (PRIYA, POLICY_READ, INVENTORY, 403),
    (NORA, POLICY_READ, INVENTORY, 403),
    (DANA, "Policy.Read.AuthenticationMethod", POLICY, 200),
    (MATS, "Policy.Read.AuthenticationMethod", POLICY, 200),
    (MATS, POLICY_READ, POLICY, 200),
    (AARON, "Policy.Read.AuthenticationMethod", POLICY, 403),
    (DANA, "User.Read", POLICY, 403),
    (NORA, "User.ReadBasic.All", "/v1.0/users", 200),
    (NORA, "User.Read", "/v1.0/users", 403),
    (NORA, "User.Read", "/v1.0/users/{person}", 403),
    (NORA, "User.Read", "/v1.0/me", 200),
    (DANA, "User.Read", "/v1.0/auditLogs/directoryAudits", 403),
    (DANA, "AuditLog.Read.All", "/v1.0/auditLogs/directoryAudits", 200),
    (
        DANA,
        "UserAuthMethod-Phone.Read.All",
        "/v1.0/users/{person}/authentication/phoneMethods",
        200,
    ),
]


@pytest.mark.parametrize(("who", "scope", "path", "expected"), READS)
def test_a_read_needs_its_scope_and_its_role(
    tenant: Simulated, who: str, scope: str, path: str, expected: int
) -> None:
    token = tenant.access_token(who, [scope])
    answer = tenant.get(path.format(person=tenant.ready.people[0].id), token=token)
    assert answer.status_code == expected
    if expected == 403:
        on_methods = "/authentication/" in path
        code = "accessDenied" if on_methods else "Authorization_RequestDenied"
        assert answer.json()["error"]["code"] == code


WRITES = [
    (DANA, METHODS_WRITE, 201),
    (DANA, GRANULAR_WRITE, 201),
    (DANA, METHODS_READ, 403),
    (AARON, METHODS_WRITE, 201),
    (PRIYA, METHODS_WRITE, 201),
    (MATS, METHODS_WRITE, 403),
    (NORA, METHODS_WRITE, 403),
]


@pytest.mark.parametrize(("who", "scope", "expected"), WRITES)
def test_assigning_to_others_needs_scope_and_role(
    tenant: Simulated, who: str, scope: str, expected: int
) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    token = tenant.access_token(who, [scope])
    path = tenant.methods_path(tenant.ready.people[0].id)
    answer = tenant.post(path, {"device": {"id": device}}, token=token)
    assert answer.status_code == expected


def test_an_administrator_is_served_by_a_privileged_one_only(tenant: Simulated) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    for who, expected in ((AARON, 403), (DANA, 403), (PRIYA, 201)):
        token = tenant.access_token(who, [METHODS_WRITE])
        body = {"device": {"id": device}}
        answer = tenant.post(tenant.methods_path(MATS), body, token=token)
        assert answer.status_code == expected, who


@pytest.mark.parametrize(("who", "expected"), [(DANA, 201), (AARON, 403), (MATS, 403)])
def test_adding_tokens_needs_the_policy_role(tenant: Simulated, who: str, expected: int) -> None:
    body = {"serialNumber": "EX-1", "manufacturer": "Example", "model": "M"}
    body |= {"secretKey": "JBSWY3DPEHPK3PXP"}
    token = tenant.access_token(who, [INVENTORY_WRITE])
    answer = tenant.post(INVENTORY, body | {"timeIntervalInSeconds": 30}, token=token)
    assert answer.status_code == expected


def test_adding_and_assigning_at_once_needs_both_scopes(tenant: Simulated) -> None:
    body = {"serialNumber": "EX-1", "manufacturer": "Example", "model": "M"}
    body |= {"secretKey": "JBSWY3DPEHPK3PXP"}
    complete = body | {"timeIntervalInSeconds": 30, "assignTo": {"id": tenant.ready.people[0].id}}
    alone = tenant.access_token(DANA, [INVENTORY_WRITE])
    assert tenant.post(INVENTORY, complete, token=alone).status_code == 403
    both = tenant.access_token(DANA, [INVENTORY_WRITE, METHODS_WRITE])
    assert tenant.post(INVENTORY, complete, token=both).status_code == 201


def test_an_app_needs_permissions_and_no_role(tenant: Simulated) -> None:
    token = tenant.app_token()
    device = tenant.device(DEMO_SERIAL)["id"]
    assert tenant.get(INVENTORY, token=token).status_code == 200
    path = tenant.methods_path(tenant.ready.people[0].id)
    assert tenant.post(path, {"device": {"id": device}}, token=token).status_code == 201


def test_own_roles_are_named_only_with_directory_read(tenant: Simulated) -> None:
    path = "/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole?$count=true"
    eventual = {"ConsistencyLevel": "eventual"}
    blind = tenant.get(path, token=tenant.access_token(DANA, ["User.Read"]), headers=eventual)
    assert blind.json()["@odata.count"] == 2
    assert {row["displayName"] for row in blind.json()["value"]} == {None}
    token = tenant.access_token(DANA, ["User.Read", "Directory.Read.All"])
    named = tenant.get(path, token=token, headers=eventual).json()["value"]
    assert {row["roleTemplateId"] for row in named} == {
        "0526716b-113d-4c15-b2c8-68e3c22b9f80",
        "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    }
    assert tenant.get(path, token=token).status_code == 400


def test_the_policy_is_switched_by_its_administrator(tenant: Simulated) -> None:
    kind = "#microsoft.graph.hardwareOathAuthenticationMethodConfiguration"
    body = {"@odata.type": kind, "state": "disabled"}
    token = tenant.access_token(AARON, [INVENTORY_WRITE])
    assert tenant.call("PATCH", POLICY, json=body, token=token).status_code == 403
    assert tenant.call("PATCH", POLICY, json={"state": "disabled"}).status_code == 400
    assert tenant.call("PATCH", POLICY, json=body).status_code == 204
    assert tenant.get(POLICY).json()["state"] == "disabled"
    targets = [{"targetType": "group", "id": "all_users"}]
    scoped = {"@odata.type": kind, "state": "enabled", "includeTargets": targets}
    assert tenant.call("PATCH", POLICY, json=scoped).status_code == 204
    assert tenant.get(POLICY).json()["includeTargets"][0]["id"] == "all_users"
    assert tenant.get(POLICY.replace("hardwareOath", "fido2")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", INVENTORY.replace("beta", "v1.0"), 405),
        ("GET", "/v1.0/users/x/authentication/hardwareOathMethods", 405),
        ("POST", "/v1.0/users", 405),
        ("GET", "/v2.0/users", 400),
        ("GET", "/beta/nonsense", 400),
        ("DELETE", "/v1.0/me", 405),
    ],
)
def test_wrong_versions_paths_and_methods_are_refused(
    tenant: Simulated, method: str, path: str, expected: int
) -> None:
    assert tenant.call(method, path).status_code == expected


def test_the_audit_log_tells_who_did_what(tenant: Simulated) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    tenant.post(tenant.methods_path(tenant.ready.people[0].id), {"device": {"id": device}})
    token = tenant.access_token(DANA, ["AuditLog.Read.All"])
    text = "activityDateTime ge 2020-01-01T00:00:00Z"
    text += " and loggedByService eq 'Authentication Methods'"
    path = "/v1.0/auditLogs/directoryAudits"
    entries = tenant.get(path, params={"$filter": text}, token=token).json()["value"]
    assert [entry["activityDisplayName"] for entry in entries] == [
        "Assign Hardware Oath Token",
        "Admin registered security info",
    ]
    for entry in entries:
        assert entry["initiatedBy"]["user"]["userPrincipalName"] == DANA


@pytest.mark.parametrize(
    ("role", "by_authentication_administrator"),
    [
        ("Reports Reader", 201),
        ("Directory Readers", 201),
        ("Helpdesk Administrator", 403),
        ("Global Administrator", 403),
        ("Some custom role", 403),
    ],
)
def test_who_holds_a_role_is_served_as_the_table_of_sensitive_actions_says(
    tenant: Simulated, role: str, by_authentication_administrator: int
) -> None:
    person = tenant.ready.people[0].id
    tenant.fault("give_role", person=person, role=role)
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    path = tenant.methods_path(person)
    plain = tenant.access_token(AARON, [METHODS_WRITE])
    assert tenant.post(path, body, token=plain).status_code == by_authentication_administrator
    if by_authentication_administrator == 403:
        privileged = tenant.access_token(PRIYA, [METHODS_WRITE])
        assert tenant.post(path, body, token=privileged).status_code == 201


def test_a_global_administrator_serves_anybody_and_reads_the_inventory(tenant: Simulated) -> None:
    tenant.fault("give_role", person=NORA, role="Global Administrator")
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    token = tenant.access_token(NORA, [METHODS_WRITE, POLICY_READ])
    assert tenant.get(INVENTORY, token=token).status_code == 200
    assert tenant.post(tenant.methods_path(MATS), body, token=token).status_code == 201


def test_the_roles_of_others_are_named_only_with_a_scope_for_roles(tenant: Simulated) -> None:
    path = f"/v1.0/users/{MATS}/transitiveMemberOf/microsoft.graph.directoryRole?$count=true"
    eventual = {"ConsistencyLevel": "eventual"}
    blind = tenant.get(path, token=tenant.access_token(DANA, ["User.Read.All"]), headers=eventual)
    assert [row["roleTemplateId"] for row in blind.json()["value"]] == [None]
    token = tenant.access_token(DANA, ["User.Read.All", "RoleManagement.Read.Directory"])
    (row,) = tenant.get(path, token=token, headers=eventual).json()["value"]
    assert row["displayName"] == "Global Reader"
    assert row["roleTemplateId"] == "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
    nobody = tenant.get(path.replace(MATS, "nobody"), token=token, headers=eventual)
    assert nobody.status_code == 404
    bare = tenant.access_token(DANA, ["User.Read"])
    assert tenant.get(path, token=bare, headers=eventual).status_code == 403


def test_a_cloud_without_hardware_tokens_lacks_their_paths_and_nothing_else() -> None:
    with start_simulator(people=20, tokens=5, hardware_oath=False) as elsewhere:
        person = elsewhere.ready.people[0].id
        for path in (INVENTORY, TOKENS_PATH.format(person=person)):
            answer = elsewhere.get(path)
            assert answer.status_code == 400
            assert "Resource not found for the segment" in answer.json()["error"]["message"]
        assert elsewhere.get(ALL_METHODS.format(person=person)).status_code == 200
        assert elsewhere.get(POLICY).status_code == 200


OWN = "/beta/me/authentication/hardwareOathMethods/assignAndActivateBySerialNumber"
OWN_SCOPE = "UserAuthenticationMethod.ReadWrite"


def test_changing_ones_own_methods_takes_a_recent_proof_and_others_do_not_need_it() -> None:
    with start_simulator(people=20, tokens=40) as practice:
        serial = next(t.serial for t in practice.ready.tokens if t.status == "available")
        own, serving = (
            practice.access_token(who, [scope])
            for who, scope in ((NORA, OWN_SCOPE), (DANA, METHODS_WRITE))
        )
        practice.fault("age_sign_ins")
        body = {"serialNumber": serial, "verificationCode": practice.press(serial)}
        refused = practice.graph.post(OWN, json=body, headers=bearer(own))
        assert refused.status_code == 401
        assert "insufficient_claims" in refused.headers["www-authenticate"]
        assert practice.token_state(serial)["status"] == "available"
        reads = practice.graph.get(OWN.rpartition("/")[0], headers=bearer(own))
        assert reads.status_code == 200
        person = practice.ready.people[0].userPrincipalName
        theirs = OWN.replace("/me/", f"/users/{person}/")
        served = practice.graph.post(theirs, json=body, headers=bearer(serving))
        assert served.status_code == 204


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
