"""The tenant's inventory of tokens (D1 to D8)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.simulator import access
from app.simulator.graph.bodies import read, reference
from app.simulator.graph.service import Call, GraphResponse, operation
from app.simulator.graph.users import user_row
from app.simulator.model import Device, Person
from app.simulator.odata import Collection, options_of, page, project, read_query
from app.simulator.refusals import refusal
from app.simulator.tenant import Tenant

_BASE = "/directory/authenticationMethodDevices/hardwareOathDevices"
_FRAGMENT = _BASE.lstrip("/")
_COLUMNS = (
    "id",
    "displayName",
    "serialNumber",
    "manufacturer",
    "model",
    "secretKey",
    "timeIntervalInSeconds",
    "status",
    "lastUsedDateTime",
    "hashFunction",
    "assignedTo",
)
_EQUAL = frozenset(("eq",))
_FILTERED = (
    "status",
    "serialNumber",
    "hashFunction",
    "manufacturer",
    "model",
    "timeIntervalInSeconds",
    "assignedTo/id",
    "assignedTo",
)

DEVICES = Collection(
    entity="hardwareOathTokenAuthenticationMethodDevice",
    options=frozenset(("$top", "$filter", "$select", "$count")),
    columns=_COLUMNS,
    default_columns=_COLUMNS,
    filters=dict.fromkeys(_FILTERED, _EQUAL),
)

_BY_SERIAL = re.compile(r"\s*serialNumber eq '((?:[^']|'')*)'\s*")

_REQUIRED: Mapping[str, type] = {
    "serialNumber": str,
    "manufacturer": str,
    "model": str,
    "secretKey": str,
    "timeIntervalInSeconds": int,
}
_OPTIONAL = {"displayName": str, "hashFunction": str, "assignTo": dict}
_CHANGEABLE = {
    "displayName": "display_name",
    "manufacturer": "manufacturer",
    "model": "model",
    "timeIntervalInSeconds": "interval",
    "hashFunction": "hash_function",
}
_UPDATE_TYPES = {"manufacturer": str, "model": str, "timeIntervalInSeconds": int}


def device_row(tenant: Tenant, device: Device) -> Mapping[str, Any]:
    """A token as Graph shows it; the secret is never part of it."""
    return {
        "id": device.id,
        "displayName": device.display_name,
        "serialNumber": device.serial_number,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "secretKey": None,
        "timeIntervalInSeconds": device.interval,
        "status": device.status,
        "lastUsedDateTime": device.last_used,
        "hashFunction": device.hash_function,
        "assignedTo": _identity(tenant, device.holder),
    }


def _identity(tenant: Tenant, person_id: str | None) -> dict[str, Any] | None:
    if person_id is None:
        return None
    person: Person | None = tenant.people.current(person_id)
    return {"id": person_id, "displayName": person.display_name if person else None}


def _filter_row(tenant: Tenant, device: Device) -> Mapping[str, Any]:
    """The row with what `assignedTo` filters compare: the holder's id."""
    row = dict(device_row(tenant, device))
    return row | {"assignedTo/id": device.holder, "@row": row}


class _Rows(Sequence[Mapping[str, Any]]):
    """The rows of many tokens, each made when it is looked at: a page shows a hundred of them."""

    def __init__(self, tenant: Tenant, devices: Sequence[Device]) -> None:
        self._tenant = tenant
        self._devices = devices

    def __len__(self) -> int:
        return len(self._devices)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice):
            return _Rows(self._tenant, self._devices[which])
        return _filter_row(self._tenant, self._devices[which])


def _asked_for(call: Call) -> list[Device]:
    """The tokens that may be meant: where a serial number is asked for, those that have it."""
    serials = [
        _BY_SERIAL.fullmatch(value) for name, value in call.request.query if name == "$filter"
    ]
    if len(serials) == 1 and serials[0] is not None:
        return call.tenant.called_seen(serials[0][1].replace("''", "'"))
    return call.tenant.inventory_seen()


@operation("GET", _BASE)
def list_devices(call: Call) -> GraphResponse:
    """D1: the inventory, paged."""
    access.require_inventory(call.caller, write=False)
    query = read_query(call.request.query, DEVICES, eventual=True)
    rows = _Rows(call.tenant, _asked_for(call))
    body = page(rows, query, f"{call.root}{_BASE}", call.context(_FRAGMENT))
    body["value"] = [project(row["@row"], query) for row in body["value"]]
    return GraphResponse(200, body)


@operation("POST", _BASE)
def create_device(call: Call) -> GraphResponse:
    """D3 and, with `assignTo`, D4: add one token."""
    device = _create(call, call.json_body())
    call.record("Create Hardware Oath Token", "ApplicationManagement", device.id)
    return GraphResponse(201, _entity(call, device))


def _create(call: Call, body: Mapping[str, Any]) -> Device:
    access.require_inventory(call.caller, write=True)
    fields = read(body, _REQUIRED, _OPTIONAL)
    _check_values(fields)
    return call.tenant.create(fields, _holder(call, fields))


def _check_values(fields: Mapping[str, Any]) -> None:
    if fields.get("timeIntervalInSeconds", 30) not in (30, 60):
        raise refusal("bad_body", "timeIntervalInSeconds must be 30 or 60.")
    if (fields.get("hashFunction") or "hmacsha1") not in ("hmacsha1", "hmacsha256"):
        raise refusal("bad_body", "The value of 'hashFunction' is not a member of its type.")
    for name in ("serialNumber", "manufacturer", "model"):
        if fields.get(name) == "":
            raise refusal("bad_body", f"The property '{name}' must not be empty.")


def _holder(call: Call, fields: Mapping[str, Any]) -> Person | None:
    if not fields.get("assignTo"):
        return None
    person = call.tenant.person(reference(fields["assignTo"], "assignTo"))
    access.require_methods(call.caller, person, access.ASSIGN_AT_CREATION, write=True)
    return person


def _entity(call: Call, device: Device) -> dict[str, Any]:
    context = call.context(f"{_FRAGMENT}/$entity")
    return {"@odata.context": context} | dict(device_row(call.tenant, device))


@operation("PATCH", _BASE)
def create_devices(call: Call) -> GraphResponse:
    """D6: many tokens in one delta body. One refused item refuses the whole (assumed)."""
    access.require_inventory(call.caller, write=True)
    body = call.json_body()
    fields = read(body, {"value": list}, {"@context": str, "@odata.context": str}, ignored=())
    if "#$delta" not in (fields.get("@context"), fields.get("@odata.context")):
        raise refusal("bad_body", "A delta payload with the context '#$delta' is needed.")
    items = _bulk_items(fields["value"])
    created = [(content_id, _create(call, item)) for content_id, item in items]
    call.record("Bulk upload Hardware Oath Token", "ApplicationManagement", None)
    rows = [dict(device_row(call.tenant, d)) | {"@contentId": key} for key, d in created]
    return GraphResponse(
        201, {"@odata.context": call.context(f"{_FRAGMENT}/$delta"), "value": rows}
    )


def _bulk_items(values: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    found: dict[str, dict[str, Any]] = {}
    serials: set[Any] = set()
    for value in values:
        if not isinstance(value, dict) or not isinstance(value.get("@contentId"), str):
            raise refusal("bad_body", "Every item needs a string '@contentId'.")
        item = dict(value)
        key = item.pop("@contentId")
        if key in found or item.get("serialNumber") in serials:
            raise refusal("bad_body", "The items of a bulk upload must be unique.")
        found[key] = item
        serials.add(item.get("serialNumber"))
    if not found:
        raise refusal("bad_body", "The bulk upload holds no items.")
    return list(found.items())


@operation("GET", f"{_BASE}/{{device}}")
def get_device(call: Call) -> GraphResponse:
    """D2: one token."""
    access.require_inventory(call.caller, write=False)
    options_of(call.request.query, frozenset(("$select",)))
    return GraphResponse(200, _entity(call, call.tenant.device_seen(call.parameters["device"])))


@operation("PATCH", f"{_BASE}/{{device}}")
def update_device(call: Call) -> GraphResponse:
    """D5: change an unassigned token; serial number and secret never change."""
    access.require_inventory(call.caller, write=True)
    optional = {"displayName": str, "hashFunction": str}
    body = call.json_body()
    wanted = {name: kind for name, kind in _UPDATE_TYPES.items() if name in body}
    fields = read(body, wanted, optional)
    _check_values(fields)
    device = call.tenant.device(call.parameters["device"])
    if fields.get("hashFunction", "") is None:
        fields["hashFunction"] = "hmacsha1"
    call.tenant.update(device, {_CHANGEABLE[name]: value for name, value in fields.items()})
    call.record("Update Hardware Oath Token", "ApplicationManagement", device.id)
    return GraphResponse(204)


@operation("DELETE", f"{_BASE}/{{device}}")
def delete_device(call: Call) -> GraphResponse:
    """D7: remove an unassigned token, a legacy one included."""
    access.require_inventory(call.caller, write=True)
    device = call.tenant.device(call.parameters["device"])
    call.tenant.delete(device)
    call.record("Delete Hardware Oath Token", "ApplicationManagement", device.id)
    return GraphResponse(204)


@operation("GET", f"{_BASE}/{{device}}/assignTo")
def get_device_holder(call: Call) -> GraphResponse:
    """D8: the person a token is assigned to."""
    access.require_inventory(call.caller, write=False)
    options_of(call.request.query, frozenset(("$select",)))
    device = call.tenant.device_seen(call.parameters["device"])
    if device.holder is None:
        raise refusal("no_device")
    person = call.tenant.person_seen(device.holder)
    return GraphResponse(200, {"@odata.context": call.context("users/$entity"), **user_row(person)})
