"""A person's Temporary Access Pass (Graph v1.0): issued, listed, read and deleted.

Sources: "Create" and "List temporaryAccessPassMethods", "Get" and the resource
temporaryAccessPassAuthenticationMethod of the Graph v1.0 reference.
"""

from datetime import UTC, datetime
from typing import Any

from app.simulator import access
from app.simulator.graph.bodies import read
from app.simulator.graph.service import BOTH, Call, GraphResponse, operation
from app.simulator.graph.users import target_of
from app.simulator.model import AccessPass, Person
from app.simulator.odata import options_of
from app.simulator.refusals import refusal
from app.simulator.tenant import timestamp

PASS_TYPE = "#microsoft.graph.temporaryAccessPassAuthenticationMethod"
_TAIL = "/authentication/temporaryAccessPassMethods"
_OTHERS = f"/users/{{user}}{_TAIL}"
_ANY = (_OTHERS, f"/me{_TAIL}")
_BOUNDS = (10, 43_200)
"""Minutes that a pass can be valid for in any tenant."""


def pass_row(call: Call, person: Person, held: AccessPass, value: str | None) -> dict[str, Any]:
    """The JSON of a pass; `value` is None but in the answer to its creation."""
    why = call.tenant.pass_usability(person, held)
    return {
        "id": held.id,
        "temporaryAccessPass": value,
        "createdDateTime": timestamp(held.created),
        "startDateTime": timestamp(held.begins),
        "lifetimeInMinutes": held.minutes,
        "isUsableOnce": held.once,
        "isUsable": why == "EnabledByPolicy",
        "methodUsabilityReason": why,
    }


def _context(call: Call, person: Person, tail: str = "") -> str:
    return call.context(f"users('{person.id}'){_TAIL}{tail}")


def _reading(call: Call) -> Person:
    person = target_of(call)
    access.require_methods(call.caller, person, access.READ_PASSES, write=False)
    options_of(call.request.query, frozenset())
    return person


@operation("GET", *_ANY, versions=BOTH)
def list_passes(call: Call) -> GraphResponse:
    """The one pass that a person can have, without its value."""
    person = _reading(call)
    held: AccessPass | None = call.tenant.passes.seen(person.id)
    rows = [pass_row(call, person, held, None)] if held else []
    return GraphResponse(200, {"@odata.context": _context(call, person), "value": rows})


@operation("GET", *(f"{path}/{{method}}" for path in _ANY), versions=BOTH)
def get_pass(call: Call) -> GraphResponse:
    """One pass, without its value."""
    person = _reading(call)
    held: AccessPass | None = call.tenant.passes.seen(person.id)
    if held is None or held.id != call.parameters["method"].lower():
        raise refusal("no_method")
    row = pass_row(call, person, held, None)
    return GraphResponse(200, {"@odata.context": _context(call, person, "/$entity")} | row)


@operation("POST", _OTHERS, versions=BOTH)
def issue_pass(call: Call) -> GraphResponse:
    """Issue a pass to somebody else: administrators can't issue one to themselves (how-to)."""
    person = target_of(call, truly=True)
    if call.caller.is_person(person.id):
        raise refusal("methods_denied")
    access.require_methods(call.caller, person, access.ISSUE_PASSES, write=True)
    options_of(call.request.query, frozenset())
    known = {"lifetimeInMinutes": int, "isUsableOnce": bool, "startDateTime": str}
    fields = read(call.json_body(), {}, known)
    minutes = fields.get("lifetimeInMinutes")
    if minutes is not None and not _BOUNDS[0] <= minutes <= _BOUNDS[1]:
        raise refusal("pass_lifetime", *_BOUNDS)
    begins = _seconds(fields.get("startDateTime"))
    once = fields.get("isUsableOnce")
    issued = call.tenant.issue_pass(person, minutes, begins, once=once)
    call.record("Admin registered security info", "UserManagement", person.id)
    row = {"@odata.type": PASS_TYPE} | pass_row(call, person, issued, issued.value)
    return GraphResponse(201, {"@odata.context": _context(call, person, "/$entity")} | row)


@operation("DELETE", *(f"{path}/{{method}}" for path in _ANY), versions=BOTH)
def delete_pass(call: Call) -> GraphResponse:
    """End a pass."""
    person = target_of(call, truly=True)
    own = access.ISSUE_PASSES | {"UserAuthMethod-TAP.ReadWrite"}
    access.require_methods(call.caller, person, own, write=True)
    held: AccessPass | None = call.tenant.passes.current(person.id)
    if held is None or held.id != call.parameters["method"].lower():
        raise refusal("no_method")
    call.tenant.passes.put(person.id, None)
    call.record("Admin deleted security info", "UserManagement", person.id)
    return GraphResponse(204)


def _seconds(moment: str | None) -> float | None:
    if moment is None:
        return None
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        raise refusal("bad_body", "Cannot convert the value of 'startDateTime'.") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
