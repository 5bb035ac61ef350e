"""A person's authentication methods: their hardware tokens (U1 to U10) and what else they have."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from app.simulator import access
from app.simulator.graph.bodies import read, reference
from app.simulator.graph.devices import device_row
from app.simulator.graph.passes import PASS_TYPE, pass_row
from app.simulator.graph.service import BOTH, Call, GraphResponse, operation
from app.simulator.graph.users import target_of
from app.simulator.model import Device, OtherMethod, Person
from app.simulator.odata import Collection, options_of, page, read_query
from app.simulator.refusals import refusal

_ANY = ("/users/{user}/authentication", "/me/authentication")
_TOKEN_TYPE = "#microsoft.graph.hardwareOathAuthenticationMethod"
_REGISTERED, _UPDATED, _DELETED = (
    f"Admin {done} security info" for done in ("registered", "updated", "deleted")
)

_ASSIGNED = "Assign Hardware Oath Token"
"""Seen in a public capture (contract, section 13)."""

METHODS = Collection(
    entity="hardwareOathAuthenticationMethod",
    options=frozenset(("$top", "$filter", "$select", "$expand")),
    columns=("id", "createdDateTime", "lastUsedDateTime", "device"),
    default_columns=("id", "createdDateTime", "lastUsedDateTime", "device"),
    filters={"id": frozenset(("eq",))},
)


def _paths(tail: str) -> tuple[str, ...]:
    return tuple(f"{root}{tail}" for root in _ANY)


def _reading(call: Call, scopes: access.Scopes = access.READ_OWN_TOKENS) -> Person:
    person = target_of(call)
    access.require_methods(call.caller, person, scopes, write=False)
    return person


def _writing(call: Call, scopes: access.Scopes = access.WRITE_OWN_TOKENS) -> Person:
    person = target_of(call, truly=True)
    access.require_methods(call.caller, person, scopes, write=True)
    if call.caller.is_person(person.id):
        access.require_recent(call.caller)
    options_of(call.request.query, frozenset())
    return person


def _method_row(call: Call, device: Device) -> dict[str, Any]:
    return {
        "@odata.type": _TOKEN_TYPE,
        "id": device.id,
        "createdDateTime": device.registered,
        "lastUsedDateTime": device.last_used,
        "device": dict(device_row(call.tenant, device)),
    }


def _shown(call: Call, person: Person, device: Device) -> dict[str, Any]:
    """A method as this caller may read it.

    With a restricted read an Authentication Administrator sees that somebody has a token, and since
    when, but not which: an assumption about what the documented restriction hides.
    """
    row = _method_row(call, device)
    privileged = call.caller.roles & access.READS_EVERYTHING
    restricted = call.tenant.state.restricted_read and call.caller.person is not None
    if restricted and not privileged and not call.caller.is_person(person.id):
        del row["device"]
    return row


def _context(call: Call, person: Person, tail: str) -> str:
    return call.context(f"users('{person.id}')/authentication/{tail}")


def _done(call: Call, person: Person, activity: str) -> GraphResponse:
    own = call.caller.is_person(person.id)
    shown = activity.replace("Admin", "User") if own else activity
    call.record(shown, "UserManagement", person.id)
    return GraphResponse(204)


@operation("GET", *_paths("/hardwareOathMethods"))
def list_tokens(call: Call) -> GraphResponse:
    """U2: the tokens of a person, the device inlined."""
    person = _reading(call)
    query = read_query(call.request.query, METHODS, eventual=False)
    rows = [_shown(call, person, device) for device in call.tenant.held_seen(person.id)]
    url = f"{call.root}/users/{person.id}/authentication/hardwareOathMethods"
    return GraphResponse(200, page(rows, query, url, _context(call, person, "hardwareOathMethods")))


@operation("POST", *_paths("/hardwareOathMethods"))
def assign(call: Call) -> GraphResponse:
    """U1: assign without activation; the answer does not repeat the device."""
    person = _writing(call)
    device = call.tenant.device(_device_id(read(call.json_body(), {"device": dict})))
    device = call.tenant.assign(person, device)
    _done(call, person, _REGISTERED)
    call.record(_ASSIGNED, "UserManagement", person.id)
    row = _method_row(call, device)
    del row["device"]
    context = _context(call, person, "hardwareOathMethods/$entity")
    return GraphResponse(201, {"@odata.context": context} | row)


def _device_id(fields: Mapping[str, Any]) -> str:
    return reference(fields["device"], "device")


@operation("GET", *_paths("/hardwareOathMethods/{method}"))
def get_token(call: Call) -> GraphResponse:
    """U3: one token of a person."""
    person = _reading(call)
    options_of(call.request.query, frozenset(("$select", "$expand")))
    device = call.tenant.method_seen(person.id, call.parameters["method"])
    context = _context(call, person, "hardwareOathMethods/$entity")
    return GraphResponse(200, {"@odata.context": context} | _shown(call, person, device))


@operation("DELETE", *_paths("/hardwareOathMethods/{method}"))
def unassign(call: Call) -> GraphResponse:
    """U4: take the token from the person; it stays in the inventory."""
    person = _writing(call, access.DELETE_TOKENS)
    call.tenant.unassign(call.tenant.method(person.id, call.parameters["method"]))
    return _done(call, person, _DELETED)


@operation("GET", *_paths("/hardwareOathMethods/{method}/device"))
def get_token_device(call: Call) -> GraphResponse:
    """U10: the inventory item behind a method."""
    person = _reading(call)
    options_of(call.request.query, frozenset(("$select",)))
    device = call.tenant.method_seen(person.id, call.parameters["method"])
    context = _context(call, person, f"hardwareOathMethods('{device.id}')/device/$entity")
    return GraphResponse(200, {"@odata.context": context} | dict(device_row(call.tenant, device)))


@operation("POST", *_paths("/hardwareOathMethods/{method}/activate"))
def activate(call: Call) -> GraphResponse:
    """U5: activate with the code on the display."""
    person = _writing(call)
    fields = read(call.json_body(), {"verificationCode": str}, {"displayName": str})
    device = call.tenant.method(person.id, call.parameters["method"])
    code, name = fields["verificationCode"], fields.get("displayName")
    call.tenant.activate(person, device, code, name)
    return _done(call, person, _UPDATED)


@operation("POST", *_paths("/hardwareOathMethods/{method}/deactivate"))
def deactivate(call: Call) -> GraphResponse:
    """U6: deactivate; takes no body."""
    person = _writing(call)
    if call.request.body.strip() not in (b"", b"{}"):
        raise refusal("bad_body", "This action takes no body.")
    call.tenant.deactivate(call.tenant.method(person.id, call.parameters["method"]))
    return _done(call, person, _UPDATED)


@operation("POST", *_paths("/hardwareOathMethods/assignAndActivate"))
def assign_and_activate(call: Call) -> GraphResponse:
    """U7: assign by device id and activate in one call."""
    person = _writing(call)
    required = {"device": dict, "verificationCode": str}
    fields = read(call.json_body(), required, {"displayName": str})
    return _assign_and_activate(call, person, call.tenant.device(_device_id(fields)), fields)


@operation("POST", *_paths("/hardwareOathMethods/assignAndActivateBySerialNumber"))
def assign_and_activate_by_serial(call: Call) -> GraphResponse:
    """U8: assign by the printed serial number and activate in one call."""
    person = _writing(call)
    required = {"serialNumber": str, "verificationCode": str}
    fields = read(call.json_body(), required, {"displayName": str})
    device = call.tenant.device_by_serial(fields["serialNumber"])
    return _assign_and_activate(call, person, device, fields)


def _assign_and_activate(
    call: Call, person: Person, device: Device, fields: Mapping[str, Any]
) -> GraphResponse:
    code, name = fields["verificationCode"], fields.get("displayName")
    call.tenant.assign_and_activate(person, device, code, name)
    return _done(call, person, _REGISTERED)


@operation("PUT", *_paths("/hardwareOathMethods/{method}/device/assignTo/$ref"))
def put_assign_to(call: Call) -> GraphResponse:
    """U9: documented, contradictory; it can only confirm who already holds the token."""
    person = _writing(call)
    fields = read(call.json_body(), {"@odata.id": str}, {"@odata.type": str}, ignored=())
    call.tenant.method(person.id, call.parameters["method"])
    named = urlsplit(fields["@odata.id"]).path.rpartition("/users/")[2].strip("/")
    if call.tenant.person(named).id != person.id:
        raise refusal("held_by_other")
    return GraphResponse(204)


@operation("GET", *_paths("/methods"), versions=BOTH)
def list_methods(call: Call) -> GraphResponse:
    """Everything a person has registered; v1.0 does not know hardware tokens."""
    person = _reading(call, access.READ_OWN_METHODS)
    options_of(call.request.query, frozenset())
    rows = [_other_row(call, method) for method in person.other_methods]
    held_pass = call.tenant.passes.seen(person.id)
    if held_pass is not None:
        rows.append({"@odata.type": PASS_TYPE} | pass_row(call, person, held_pass, None))
    if call.request.version == "beta":
        for device in call.tenant.held_seen(person.id):
            row = _method_row(call, device)
            del row["device"]
            rows.append(row)
    return GraphResponse(200, {"@odata.context": _context(call, person, "methods"), "value": rows})


def _other_row(call: Call, method: OtherMethod) -> dict[str, Any]:
    row = {"@odata.type": f"#microsoft.graph.{method.kind}", "id": method.id}
    row |= {"createdDateTime": None, "lastUsedDateTime": None} | dict(method.fields)
    number = row.get("phoneNumber")
    if number and "Privileged Authentication Administrator" not in call.caller.roles:
        row["phoneNumber"] = f"{number[:3]}XXXXXXXX{number[-2:]}"
    if call.request.version == "v1.0" and method.kind.startswith("microsoftAuthenticator"):
        row.pop("clientAppName", None)
    return row


@operation("GET", *_paths("/phoneMethods"), versions=BOTH)
def list_phones(call: Call) -> GraphResponse:
    """The phone numbers of a person, masked for an Authentication Administrator."""
    person = _reading(call, access.READ_PHONES)
    phones = [m for m in person.other_methods if m.kind == "phoneAuthenticationMethod"]
    rows = [_other_row(call, method) for method in phones]
    for row in rows:
        del row["@odata.type"]
    body = {"@odata.context": _context(call, person, "phoneMethods"), "value": rows}
    return GraphResponse(200, body)


@operation("GET", *_paths("/requirements"))
def get_requirements(call: Call) -> GraphResponse:
    """The per-user MFA state."""
    person = _reading(call, access.READ_REQUIREMENTS)
    context = _context(call, person, "requirements")
    return GraphResponse(200, {"@odata.context": context, "perUserMfaState": person.per_user_mfa})


@operation("GET", "/users/{user}/authentication/signInPreferences")
def get_sign_in_preferences(call: Call) -> GraphResponse:
    """The second factor a person prefers."""
    person = _reading(call, access.READ_OWN_METHODS)
    body = {
        "@odata.context": _context(call, person, "signInPreferences"),
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "userPreferredMethodForSecondaryAuthentication": person.preferred_method,
    }
    return GraphResponse(200, body)
