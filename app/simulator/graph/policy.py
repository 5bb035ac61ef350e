"""The tenant's hardware OATH policy: read it, switch it, change whom it covers."""

from dataclasses import replace
from typing import Any

from app.simulator import access
from app.simulator.graph.bodies import read
from app.simulator.graph.service import Call, GraphResponse, operation
from app.simulator.model import Policy, Target
from app.simulator.odata import options_of
from app.simulator.refusals import refusal

_PATH = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{configuration}"
_TYPE = "#microsoft.graph.hardwareOathAuthenticationMethodConfiguration"
_KINDS = ("user", "group")


def _check_known(call: Call) -> None:
    if call.parameters["configuration"].lower() != "hardwareoath":
        raise refusal("no_method")


@operation("GET", _PATH)
def get_policy(call: Call) -> GraphResponse:
    """Whether hardware tokens may be used, and by whom."""
    access.require_scope(call.caller, access.READ_POLICY, "directory_denied")
    access.require_role(call.caller, access.INVENTORY_READERS, "directory_denied")
    _check_known(call)
    options_of(call.request.query, frozenset(("$select",)))
    policy: Policy = call.tenant.policies.seen("HardwareOath") or Policy()
    return GraphResponse(200, _entity(call, policy))


def _entity(call: Call, policy: Policy) -> dict[str, Any]:
    return {
        "@odata.context": call.context("authenticationMethodConfigurations/$entity"),
        "@odata.type": _TYPE,
        "id": "HardwareOath",
        "state": policy.state,
        "excludeTargets": [{"id": t.id, "targetType": t.kind} for t in policy.exclude],
        "includeTargets": [
            {"targetType": t.kind, "id": t.id, "isRegistrationRequired": False}
            for t in policy.include
        ],
    }


@operation("PATCH", _PATH)
def update_policy(call: Call) -> GraphResponse:
    """Change the policy; the body must carry its `@odata.type`."""
    access.require_scope(call.caller, access.WRITE_INVENTORY, "directory_denied")
    access.require_role(call.caller, access.INVENTORY_WRITERS, "directory_denied")
    _check_known(call)
    optional = {"state": str, "includeTargets": list, "excludeTargets": list}
    fields = read(call.json_body(), {"@odata.type": str}, optional, ignored=())
    if fields["@odata.type"] != _TYPE or fields.get("state", "enabled") not in (
        "enabled",
        "disabled",
    ):
        raise refusal("bad_body", "The configuration is not valid.")
    policy: Policy = call.tenant.policies.current("HardwareOath") or Policy()
    call.tenant.policies.put("HardwareOath", _changed(policy, fields))
    return GraphResponse(204)


def _changed(policy: Policy, fields: dict[str, Any]) -> Policy:
    names = {"includeTargets": "include", "excludeTargets": "exclude"}
    changes: dict[str, Any] = {
        names[name]: tuple(_target(value) for value in fields[name])
        for name in names
        if fields.get(name) is not None
    }
    if fields.get("state"):
        changes["state"] = fields["state"]
    return replace(policy, **changes)


def _target(value: Any) -> Target:
    if not isinstance(value, dict) or value.get("targetType") not in _KINDS:
        raise refusal("bad_body", "A policy target is not valid.")
    return Target(str(value.get("id")), value["targetType"])
