"""A token's life on a person: assign, activate, deactivate, unassign, and every refusal."""

from typing import Any

import pytest

from app.simulator import totp
from app.simulator.stock import DEMO_SERIAL
from tests.support.simulated import INVENTORY, Simulated

LEADING_ZEROS = "00417208"


def available(tenant: Simulated, **wanted: Any) -> str:
    """The serial of an available token of the kind asked for."""
    return next(
        token.serial
        for token in tenant.ready.tokens
        if token.status == "available"
        and all(getattr(token, name) == value for name, value in wanted.items())
    )


def code_of(response: Any) -> str:
    return str(response.json()["error"]["code"])


def test_assign_leaves_the_token_assigned_and_not_active(tenant: Simulated) -> None:
    person, device = tenant.ready.people[0], tenant.device(DEMO_SERIAL)
    answer = tenant.post(tenant.methods_path(person.id), {"device": {"id": device["id"]}})
    assert answer.status_code == 201
    assert answer.json()["id"] == device["id"]
    assert "device" not in answer.json()
    state = tenant.token_state(DEMO_SERIAL)
    assert (state["status"], state["holder_upn"]) == ("assigned", person.userPrincipalName)


def test_m11_every_method_tells_when_it_was_created(tenant: Simulated) -> None:
    person, device = tenant.ready.people[0], tenant.device(DEMO_SERIAL)
    made = tenant.post(tenant.methods_path(person.id), {"device": {"id": device["id"]}}).json()
    assert made["createdDateTime"].endswith("Z")
    (listed,) = tenant.get(tenant.methods_path(person.id)).json()["value"]
    assert listed["createdDateTime"] == made["createdDateTime"]

    body = {"verificationCode": tenant.press(DEMO_SERIAL)}
    tenant.post(tenant.methods_path(person.id, f"/{made['id']}/activate"), body)
    (active,) = tenant.get(tenant.methods_path(person.id)).json()["value"]
    assert active["createdDateTime"] == made["createdDateTime"]

    held = [token.serial for token in tenant.ready.tokens if token.status == "assigned"]
    for serial in held[:5]:
        holder = tenant.token_state(serial)["holder_upn"]
        for method in tenant.get(tenant.methods_path(holder)).json()["value"]:
            assert method["createdDateTime"] is not None


def test_activate_with_the_code_on_the_display(tenant: Simulated) -> None:
    person, device = tenant.ready.people[0], tenant.device(DEMO_SERIAL)
    tenant.post(tenant.methods_path(person.id), {"device": {"id": device["id"]}})
    body = {"verificationCode": tenant.press(DEMO_SERIAL), "displayName": "Desk token"}
    path = tenant.methods_path(person.userPrincipalName, f"/{device['id']}/activate")
    assert tenant.post(path, body).status_code == 204
    (method,) = tenant.get(tenant.methods_path(person.id)).json()["value"]
    assert method["device"]["status"] == "activated"
    assert method["device"]["displayName"] == "Desk token"
    assert method["device"]["assignedTo"]["id"] == person.id
    assert method["device"]["secretKey"] is None
    assert method["createdDateTime"] is not None


@pytest.mark.parametrize("by_serial", [False, True])
def test_assign_and_activate_in_one_call(tenant: Simulated, by_serial: bool) -> None:  # noqa: FBT001 - a parameter
    person = tenant.ready.people[1]
    body: dict[str, Any] = {"verificationCode": tenant.press(LEADING_ZEROS)}
    if by_serial:
        body["serialNumber"], tail = LEADING_ZEROS, "/assignAndActivateBySerialNumber"
    else:
        body["device"] = {"id": tenant.device(LEADING_ZEROS)["id"]}
        tail = "/assignAndActivate"
    assert tenant.post(tenant.methods_path(person.id, tail), body).status_code == 204
    assert tenant.token_state(LEADING_ZEROS)["status"] == "activated"


@pytest.mark.parametrize(
    ("interval", "hash_function"),
    [(30, "hmacsha1"), (60, "hmacsha1"), (30, "hmacsha256"), (60, "hmacsha256")],
)
def test_every_kind_of_token_activates(
    tenant: Simulated, interval: int, hash_function: str
) -> None:
    serial = available(tenant, interval=interval, hash=hash_function)
    body = {"serialNumber": serial, "verificationCode": tenant.press(serial)}
    path = tenant.methods_path(tenant.ready.people[0].id, "/assignAndActivateBySerialNumber")
    assert tenant.post(path, body).status_code == 204


@pytest.mark.parametrize("steps", [-2879, -3, 2, 2879])
def test_a_code_within_the_documented_drift_is_accepted_and_the_drift_kept(
    tenant: Simulated, steps: int
) -> None:
    body = {"serialNumber": DEMO_SERIAL, "verificationCode": tenant.press(DEMO_SERIAL, steps)}
    path = tenant.methods_path(tenant.ready.people[0].id, "/assignAndActivateBySerialNumber")
    assert tenant.post(path, body).status_code == 204
    assert abs(tenant.token_state(DEMO_SERIAL)["drift_steps"] - steps) <= 1


def test_a_code_beyond_the_drift_is_refused(tenant: Simulated) -> None:
    practice = tenant.server.practice
    assert practice is not None
    device, now = practice.tenant.device_by_serial(DEMO_SERIAL), practice.tenant.clock()
    beyond = range(totp.WINDOW_STEPS + 10, totp.WINDOW_STEPS + 100)
    codes = (totp.code_at(device, now, steps) for steps in beyond)
    late = next(code for code in codes if totp.matching_step(device, code, now) is None)
    body = {"serialNumber": DEMO_SERIAL, "verificationCode": late}
    path = tenant.methods_path(tenant.ready.people[0].id, "/assignAndActivateBySerialNumber")
    assert tenant.post(path, body).status_code == 400


def test_a_code_with_leading_zeros_is_text(tenant: Simulated) -> None:
    steps = next(n for n in range(-2000, 2000) if tenant_code(tenant, n).startswith("0"))
    code = tenant_code(tenant, steps)
    person, device = tenant.ready.people[0], tenant.device(DEMO_SERIAL)
    tenant.post(tenant.methods_path(person.id), {"device": {"id": device["id"]}})
    path = tenant.methods_path(person.id, f"/{device['id']}/activate")
    assert tenant.post(path, {"verificationCode": int(code)}).status_code == 400
    assert tenant.post(path, {"verificationCode": code.lstrip("0")}).status_code == 400
    assert tenant.token_state(DEMO_SERIAL)["status"] == "assigned"
    assert tenant.post(path, {"verificationCode": code}).status_code == 204


def tenant_code(tenant: Simulated, steps: int) -> str:
    practice = tenant.server.practice
    assert practice is not None
    device = practice.tenant.device_by_serial(DEMO_SERIAL)
    return totp.code_at(device, practice.tenant.clock(), steps)


def test_a_wrong_code_leaves_failed_activation_and_a_right_one_mends_it(tenant: Simulated) -> None:
    person = tenant.ready.people[0]
    path = tenant.methods_path(person.id, "/assignAndActivateBySerialNumber")
    wrong = {"serialNumber": DEMO_SERIAL, "verificationCode": tenant.wrong_code(DEMO_SERIAL)}
    assert tenant.post(path, wrong).status_code == 400
    assert tenant.token_state(DEMO_SERIAL)["status"] == "failedActivation"
    device = tenant.device(DEMO_SERIAL)
    again = tenant.methods_path(person.id, f"/{device['id']}/activate")
    body = {"verificationCode": tenant.press(DEMO_SERIAL)}
    assert tenant.post(again, body).status_code == 204
    assert tenant.token_state(DEMO_SERIAL)["status"] == "activated"


def test_a_code_is_accepted_once(tenant: Simulated) -> None:
    person, code = tenant.ready.people[0], tenant.press(DEMO_SERIAL)
    path = tenant.methods_path(person.id, "/assignAndActivateBySerialNumber")
    tenant.post(path, {"serialNumber": DEMO_SERIAL, "verificationCode": code})
    method = tenant.methods_path(person.id, f"/{tenant.device(DEMO_SERIAL)['id']}")
    assert tenant.post(f"{method}/deactivate").status_code == 204
    assert tenant.post(f"{method}/activate", {"verificationCode": code}).status_code == 400
    fresh = {"verificationCode": tenant.press(DEMO_SERIAL, 2)}
    assert tenant.post(f"{method}/activate", fresh).status_code == 204


def test_deactivate_keeps_it_assigned_and_unassign_frees_it(tenant: Simulated) -> None:
    person = tenant.ready.people[0]
    path = tenant.methods_path(person.id, "/assignAndActivateBySerialNumber")
    code = tenant.press(DEMO_SERIAL)
    tenant.post(path, {"serialNumber": DEMO_SERIAL, "verificationCode": code})
    method = tenant.methods_path(person.id, f"/{tenant.device(DEMO_SERIAL)['id']}")
    assert tenant.post(f"{method}/deactivate").status_code == 204
    assert tenant.token_state(DEMO_SERIAL)["status"] == "assigned"
    assert tenant.post(f"{method}/deactivate").status_code == 400
    assert tenant.call("DELETE", method).status_code == 204
    assert tenant.token_state(DEMO_SERIAL)["status"] == "available"
    assert tenant.call("DELETE", method).status_code == 404
    assert tenant.get(tenant.methods_path(person.id)).json()["value"] == []


def test_one_method_and_its_device_can_be_read(tenant: Simulated) -> None:
    person, device = tenant.ready.people[0], tenant.device(DEMO_SERIAL)
    tenant.post(tenant.methods_path(person.id), {"device": {"id": device["id"]}})
    one = tenant.get(tenant.methods_path(person.id, f"/{device['id']}")).json()
    assert one["device"]["serialNumber"] == DEMO_SERIAL
    inner = tenant.get(tenant.methods_path(person.id, f"/{device['id']}/device")).json()
    assert inner["serialNumber"] == DEMO_SERIAL
    assert tenant.get(tenant.methods_path(person.id, "/nothing")).status_code == 404


def test_a_token_somebody_else_holds_is_refused(tenant: Simulated) -> None:
    first, second = tenant.ready.people[:2]
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    assert tenant.post(tenant.methods_path(first.id), body).status_code == 201
    assert tenant.post(tenant.methods_path(second.id), body).status_code == 400
    assert tenant.post(tenant.methods_path(first.id), body).status_code == 400
    assert tenant.token_state(DEMO_SERIAL)["holder_id"] == first.id


def test_activating_by_serial_a_token_the_person_already_has_works(tenant: Simulated) -> None:
    person = tenant.ready.people[0]
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    tenant.post(tenant.methods_path(person.id), body)
    path = tenant.methods_path(person.id, "/assignAndActivateBySerialNumber")
    both = {"serialNumber": DEMO_SERIAL, "verificationCode": tenant.press(DEMO_SERIAL)}
    assert tenant.post(path, both).status_code == 204
    assert tenant.post(path, both).status_code == 400


def test_five_oath_methods_are_the_limit(tenant: Simulated) -> None:
    person = tenant.ready.people[0]
    serials = [t.serial for t in tenant.ready.tokens if t.status == "available"][:6]
    path = tenant.methods_path(person.id)
    ids = [tenant.device(serial)["id"] for serial in serials]
    statuses = [tenant.post(path, {"device": {"id": one}}).status_code for one in ids]
    assert statuses == [201, 201, 201, 201, 201, 400]


def test_authenticator_apps_count_towards_the_limit(tenant: Simulated) -> None:
    practice = tenant.server.practice
    assert practice is not None
    full = next(
        p
        for p in practice.tenant.people.all_current()
        if sum(m.kind.startswith("microsoftAuth") for m in p.other_methods) == 5
        and p.account_enabled
        and not p.is_guest
        and not p.roles
    )
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    assert tenant.post(tenant.methods_path(full.id), body).status_code == 400


def test_guests_get_no_token(tenant: Simulated) -> None:
    query = {"$filter": "userType eq 'Guest'"}
    person = tenant.get("/v1.0/users", params=query).json()["value"][0]
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    assert tenant.post(tenant.methods_path(person["id"]), body).status_code == 400


def test_m6_a_disabled_account_is_given_a_token_and_cannot_activate_it(tenant: Simulated) -> None:
    query = {"$filter": "accountEnabled eq false"}
    person = tenant.get("/v1.0/users", params=query).json()["value"][0]
    device = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    path, code = tenant.methods_path(person["id"]), tenant.press(DEMO_SERIAL)
    both = tenant.post(f"{path}/assignAndActivate", device | {"verificationCode": code})
    assert both.status_code == 400
    assert tenant.token_state(DEMO_SERIAL)["status"] == "available"
    assert tenant.post(path, device).status_code == 201
    method = device["device"]["id"]
    refused = tenant.post(f"{path}/{method}/activate", {"verificationCode": code})
    assert refused.status_code == 400


@pytest.mark.parametrize("fault", ["policy_off", "policy_out_of_scope"])
def test_the_policy_decides(tenant: Simulated, fault: str) -> None:
    body = {"device": {"id": tenant.device(DEMO_SERIAL)["id"]}}
    tenant.fault(fault)
    assert tenant.post(tenant.methods_path(tenant.ready.people[0].id), body).status_code == 400
    assert tenant.token_state(DEMO_SERIAL)["status"] == "available"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "x"},
        {"device": {"id": ""}},
        {"device": "x"},
        {"device": {"id": "x", "serialNumber": "1"}},
        {"device": {"id": "x"}, "surprise": 1},
        [],
        None,
    ],
)
def test_a_malformed_body_is_refused(tenant: Simulated, body: Any) -> None:
    path = tenant.methods_path(tenant.ready.people[0].id)
    assert tenant.post(path, body).status_code == 400


def test_unknown_tokens_and_serials_are_not_found(tenant: Simulated) -> None:
    path = tenant.methods_path(tenant.ready.people[0].id)
    assert tenant.post(path, {"device": {"id": "nothing"}}).status_code == 404
    body = {"serialNumber": "nothing", "verificationCode": "123456"}
    assert tenant.post(f"{path}/assignAndActivateBySerialNumber", body).status_code == 404
    assert tenant.post(f"{path}/nothing/activate", {"verificationCode": "1"}).status_code == 404


def test_the_reference_form_only_confirms_the_holder(tenant: Simulated) -> None:
    first, second = tenant.ready.people[:2]
    device = tenant.device(DEMO_SERIAL)["id"]
    tenant.post(tenant.methods_path(first.id), {"device": {"id": device}})
    path = tenant.methods_path(first.id, f"/{device}/device/assignTo/$ref")
    for person, status in ((first, 204), (second, 400)):
        body = {"@odata.id": f"https://graph.microsoft.com/beta/users/{person.id}"}
        assert tenant.call("PUT", path, json=body).status_code == status


def test_a_person_serves_themselves_under_me(tenant: Simulated) -> None:
    scopes = ["UserAuthenticationMethod.ReadWrite"]
    token = tenant.access_token("sam.whitlock@contoso.example", scopes)
    path = "/beta/me/authentication/hardwareOathMethods"
    body = {"serialNumber": DEMO_SERIAL, "verificationCode": tenant.press(DEMO_SERIAL)}
    done = tenant.post(f"{path}/assignAndActivateBySerialNumber", body, token=token)
    assert done.status_code == 204
    (mine,) = tenant.get(path, token=token).json()["value"]
    assert mine["device"]["serialNumber"] == DEMO_SERIAL
    assert tenant.call("DELETE", f"{path}/{mine['id']}", token=token).status_code == 204


def test_legacy_tokens_are_on_people_but_not_in_the_inventory(tenant: Simulated) -> None:
    practice = tenant.server.practice
    assert practice is not None
    legacy = next(d for d in practice.tenant.devices.all_current() if d.legacy)
    methods = tenant.methods_path(str(legacy.holder))
    assert legacy.id in [row["id"] for row in tenant.get(methods).json()["value"]]
    assert tenant.get(f"{INVENTORY}/{legacy.id}").status_code == 404
    assert tenant.call("DELETE", f"{methods}/{legacy.id}").status_code == 204
    assert tenant.call("DELETE", f"{INVENTORY}/{legacy.id}").status_code == 204


def test_all_methods_of_a_person_are_told_with_masked_numbers(tenant: Simulated) -> None:
    practice = tenant.server.practice
    assert practice is not None
    kinds: set[str] = set()
    for person in list(practice.tenant.people.all_current())[11:80]:
        rows = tenant.get(f"/beta/users/{person.id}/authentication/methods").json()["value"]
        kinds |= {row["@odata.type"].rpartition(".")[2] for row in rows}
        older = tenant.get(f"/v1.0/users/{person.id}/authentication/methods").json()["value"]
        assert not [row for row in older if "hardwareOath" in row["@odata.type"]]
        phones = tenant.get(f"/v1.0/users/{person.id}/authentication/phoneMethods").json()["value"]
        assert all("XXXXXXXX" in phone["phoneNumber"] for phone in phones)
    assert len(kinds) == 5, kinds


def test_preferences_and_requirements_are_told(tenant: Simulated) -> None:
    person = tenant.ready.people[0].id
    base = f"/beta/users/{person}/authentication"
    assert tenant.get(f"{base}/signInPreferences").status_code == 200
    assert tenant.get(f"{base}/requirements").status_code == 403
    token = tenant.access_token(scopes=["Policy.Read.All"])
    found = tenant.get(f"{base}/requirements", token=token).json()
    assert found["perUserMfaState"] in ("disabled", "enabled", "enforced")
