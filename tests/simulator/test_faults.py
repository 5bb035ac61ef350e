"""Every fault the simulator can inject does what its name says, once, and then is gone."""

import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from app.simulator.faults import KINDS
from app.simulator.stock import DEMO_SERIAL
from tests.support.patience import wait_until
from tests.support.simulated import AARON, DANA, INVENTORY, POLICY, Simulated

DEVICES_PATH = {"path": "hardwareOathDevices"}


def raw_get(tenant: Simulated, path: str) -> httpx.Response:
    """A call whose answer is not held to the contract, because a fault spoils it."""
    headers = {"Authorization": f"Bearer {tenant.access_token()}"}
    return tenant.raw.get(tenant.ready.graph_url + path, headers=headers)


def test_a_reset_cuts_before_the_service_acts(tenant: Simulated) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    tenant.fault("reset", match={"method": "POST"})
    path = tenant.methods_path(tenant.ready.people[0].id)
    with pytest.raises(httpx.RemoteProtocolError):
        tenant.post(path, {"device": {"id": device}})
    assert tenant.token_state(DEMO_SERIAL)["status"] == "available"
    assert tenant.post(path, {"device": {"id": device}}).status_code == 201


def test_a_lost_answer_cuts_after_the_service_acted(tenant: Simulated) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    tenant.fault("lost_answer", match={"method": "POST"})
    with pytest.raises(httpx.RemoteProtocolError):
        tenant.post(tenant.methods_path(tenant.ready.people[0].id), {"device": {"id": device}})
    assert tenant.token_state(DEMO_SERIAL)["status"] == "assigned"


@pytest.mark.parametrize("kind", ["slow", "slow_answer"])
def test_a_slow_answer_outlasts_the_clients_patience(tenant: Simulated, kind: str) -> None:
    token = tenant.access_token()
    tenant.fault(kind, seconds=1.0)
    headers = {"Authorization": f"Bearer {token}"}
    with pytest.raises(httpx.ReadTimeout):
        tenant.graph.get("/v1.0/me", headers=headers, timeout=0.2)


@pytest.mark.parametrize(
    ("kind", "status"),
    [("bad_gateway", 502), ("service_unavailable", 503), ("gateway_timeout", 504)],
)
def test_a_server_error_comes_once(tenant: Simulated, kind: str, status: int) -> None:
    tenant.access_token()
    tenant.fault(kind)
    assert tenant.get("/v1.0/me").status_code == status
    assert tenant.get("/v1.0/me").status_code == 200


def test_too_many_requests_come_with_seconds_a_date_or_nothing(tenant: Simulated) -> None:
    tenant.access_token()
    tenant.fault("too_many_requests", retry_after=7)
    assert tenant.get("/v1.0/me").headers["retry-after"] == "7"
    tenant.fault("too_many_requests", retry_after=60, as_date=True)
    answer = tenant.get("/v1.0/me")
    ahead = parsedate_to_datetime(answer.headers["retry-after"]).timestamp() - time.time()
    assert 50 < ahead < 70
    tenant.fault("too_many_requests")
    answer = tenant.get("/v1.0/me")
    assert answer.status_code == 429
    assert "retry-after" not in answer.headers


def test_a_portal_answers_html(tenant: Simulated) -> None:
    tenant.access_token()
    tenant.fault("html")
    answer = raw_get(tenant, "/v1.0/me")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_json_is_cut_in_half(tenant: Simulated) -> None:
    tenant.access_token()
    tenant.fault("truncated_json")
    with pytest.raises(ValueError, match="line 1"):
        raw_get(tenant, "/v1.0/me").json()


def test_a_status_nobody_knows_appears(tenant: Simulated) -> None:
    tenant.fault("unknown_member", match=DEVICES_PATH, member="quarantined")
    rows = raw_get(tenant, INVENTORY).json()["value"]
    assert {row["status"] for row in rows} == {"quarantined"}


def test_a_field_goes_missing(tenant: Simulated) -> None:
    tenant.fault("missing_field", match=DEVICES_PATH, field="assignedTo")
    rows = raw_get(tenant, INVENTORY).json()["value"]
    assert not [row for row in rows if "assignedTo" in row]


def test_entities_and_items_come_wrapped(tenant: Simulated) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    tenant.fault("wrapped_entity", match=DEVICES_PATH)
    assert raw_get(tenant, f"{INVENTORY}/{device}").json()["value"]["id"] == device
    tenant.fault("wrapped_items", match=DEVICES_PATH)
    row = raw_get(tenant, INVENTORY).json()["value"][0]
    assert row["device"]["serialNumber"] == DEMO_SERIAL


def test_a_fault_waits_for_its_request_and_counts(tenant: Simulated) -> None:
    tenant.access_token()
    tenant.fault("bad_gateway", match={"method": "GET", "path": "/v1.0/me$"}, times=2)
    assert tenant.get("/v1.0/users?$top=1").status_code == 200
    assert [tenant.get("/v1.0/me").status_code for _ in range(3)] == [502, 502, 200]


def test_another_desk_is_faster_between_look_up_and_submit(tenant: Simulated) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    person = tenant.ready.people[0]
    tenant.fault("assign_elsewhere", serial=DEMO_SERIAL, match={"method": "POST"})
    refused = tenant.post(tenant.methods_path(person.id), {"device": {"id": device}})
    assert refused.status_code == 400
    assert tenant.token_state(DEMO_SERIAL)["holder_upn"] == "sam.whitlock@contoso.example"


def test_the_token_is_deleted_meanwhile(tenant: Simulated) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    tenant.fault("delete_token", serial=DEMO_SERIAL)
    assert tenant.get(f"{INVENTORY}/{device}").status_code == 404


@pytest.mark.parametrize(("kind", "expected"), [("disable_person", 201), ("delete_person", 404)])
def test_the_person_is_gone_meanwhile(tenant: Simulated, kind: str, expected: int) -> None:
    device, person = tenant.device(DEMO_SERIAL)["id"], tenant.ready.people[0]
    tenant.fault(kind, person=person.userPrincipalName)
    answer = tenant.post(tenant.methods_path(person.id), {"device": {"id": device}})
    assert answer.status_code == expected


def test_the_policy_is_switched_off_meanwhile(tenant: Simulated) -> None:
    tenant.fault("policy_off")
    assert tenant.get(POLICY).json()["state"] == "disabled"
    tenant.fault("policy_out_of_scope", person=tenant.ready.people[0].id)
    excluded = tenant.get(POLICY).json()["excludeTargets"]
    assert [target["id"] for target in excluded] == [tenant.ready.people[0].id]


def test_consent_is_withdrawn_meanwhile(tenant: Simulated) -> None:
    tenant.device(DEMO_SERIAL)
    tenant.fault("withdraw_consent", scope="Policy.ReadWrite.AuthenticationMethod")
    assert tenant.get(INVENTORY).status_code == 403


def test_a_role_expires_meanwhile(tenant: Simulated) -> None:
    path = tenant.methods_path(tenant.ready.people[0].id)
    token = tenant.access_token(AARON, ["UserAuthenticationMethod.ReadWrite.All"])
    assert tenant.get(path, token=token).status_code == 200
    tenant.fault("remove_role", person=AARON, role="Authentication Administrator")
    assert tenant.get(path, token=token).status_code == 403


def test_the_servers_clock_is_wrong(tenant: Simulated) -> None:
    tenant.access_token()
    tenant.fault("clock_skew", seconds=-86_400)
    date = parsedate_to_datetime(tenant.get("/v1.0/me").headers["date"]).timestamp()
    assert 86_000 < time.time() - date < 86_800


def test_the_token_endpoint_can_fail_too(tenant: Simulated) -> None:
    app = tenant.public_app()
    tenant.sign_in(DANA, ["User.Read"], app)
    tenant.fault("service_unavailable", match={"path": "/oauth2/v2.0/token$"})
    answer = tenant.raw.post(f"{tenant.ready.authority}/oauth2/v2.0/token", data={})
    assert answer.status_code == 503


def test_faults_are_cleared(tenant: Simulated) -> None:
    tenant.access_token()
    tenant.fault("bad_gateway", times=100)
    tenant.control("DELETE", "/faults")
    assert tenant.get("/v1.0/me").status_code == 200
    assert tenant.control("GET", "/faults")["armed"] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"kind": "meteor"}, {"kind": "delete_token"}, {"kind": "reset", "match": {"path": "("}}],
)
def test_a_fault_that_makes_no_sense_is_refused(tenant: Simulated, body: dict[str, Any]) -> None:
    answer = tenant.raw.post(f"{tenant.ready.control_url}/faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["problem"]


def test_the_control_door_names_every_kind(tenant: Simulated) -> None:
    assert set(tenant.control("GET", "/faults")["kinds"]) == KINDS


def test_the_control_door_needs_its_key(tenant: Simulated) -> None:
    answer = tenant.raw.get(f"{tenant.ready.graph_url}/control/guess/requests")
    assert answer.status_code >= 400


def test_requests_are_logged_without_secrets(tenant: Simulated) -> None:
    headers = {"client-request-id": "b1e6c2d0-57aa-4c1f-8a13-0f4e9d7c3a22"}
    answer = tenant.get("/v1.0/me?$select=id", headers=headers)
    assert answer.headers["client-request-id"] == headers["client-request-id"]
    (entry,) = [e for e in tenant.control("GET", "/requests")["requests"] if e["client_request_id"]
                == headers["client-request-id"]]  # fmt: skip
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/v1.0/me", 200)
    assert tenant.access_token() not in str(tenant.control("GET", "/requests"))


def test_a_person_and_their_tokens_can_be_asked_for(tenant: Simulated) -> None:
    person, device = tenant.ready.people[0], tenant.device(DEMO_SERIAL)["id"]
    tenant.post(tenant.methods_path(person.id), {"device": {"id": device}})
    state = tenant.control("GET", f"/state/person/{person.id}")
    assert [token["serial"] for token in state["tokens"]] == [DEMO_SERIAL]


def test_a_slow_service_acts_although_the_client_left(tenant: Simulated) -> None:
    device = tenant.device(DEMO_SERIAL)["id"]
    token = tenant.access_token()
    tenant.fault("slow", seconds=0.5, match={"method": "POST"})
    with pytest.raises(httpx.ReadTimeout):
        tenant.graph.post(
            tenant.methods_path(tenant.ready.people[0].id),
            json={"device": {"id": device}},
            headers={"Authorization": f"Bearer {token}"},
            timeout=0.1,
        )
    wait_until(lambda: tenant.token_state(DEMO_SERIAL)["status"] == "assigned")
