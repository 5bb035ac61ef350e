"""The tenant's policies: hardware OATH, Temporary Access Pass, and those for signing in."""

from dataclasses import replace
from typing import Any

from app.simulator import access
from app.simulator.graph.bodies import read
from app.simulator.graph.service import BOTH, Call, GraphResponse, operation
from app.simulator.model import PassPolicy, Policy, Target
from app.simulator.odata import options_of
from app.simulator.options import DeviceCode
from app.simulator.refusals import refusal

_ROOT = "/policies/authenticationMethodsPolicy"
_PATH = _ROOT + "/authenticationMethodConfigurations/{configuration}"
_TYPE = "#microsoft.graph.hardwareOathAuthenticationMethodConfiguration"
_KINDS = ("group",)
"""What can be targeted: single users no longer can (contract, section 13)."""


def _check_known(call: Call) -> None:
    if call.parameters["configuration"].lower() != "hardwareoath":
        raise refusal("no_method")


# Before the template below, which matches its path as well.
@operation("GET", f"{_ROOT}/authenticationMethodConfigurations/TemporaryAccessPass", versions=BOTH)
def get_pass_policy(call: Call) -> GraphResponse:
    """How long a Temporary Access Pass may be valid, how often it may be used, and by whom."""
    access.require_scope(call.caller, access.READ_POLICY, "directory_denied")
    access.require_role(call.caller, access.INVENTORY_READERS, "directory_denied")
    options_of(call.request.query, frozenset(("$select",)))
    policy: PassPolicy = call.tenant.pass_policies.seen("TemporaryAccessPass") or PassPolicy()
    body = {
        "@odata.context": call.context("authenticationMethodConfigurations/$entity"),
        "@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
        "id": "TemporaryAccessPass",
        "state": policy.state,
        "defaultLifetimeInMinutes": policy.usual,
        "defaultLength": policy.length,
        "minimumLifetimeInMinutes": policy.shortest,
        "maximumLifetimeInMinutes": policy.longest,
        "isUsableOnce": policy.once,
    }
    return GraphResponse(200, body | _targets(policy))


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
        **_targets(policy),
    }


def _targets(policy: Policy | PassPolicy) -> dict[str, Any]:
    return {
        "excludeTargets": [{"id": t.id, "targetType": t.kind} for t in policy.exclude],
        "includeTargets": [
            {"targetType": t.kind, "id": t.id, "isRegistrationRequired": False}
            for t in policy.include
        ],
    }


@operation("GET", _ROOT, versions=BOTH)
def get_methods_policy(call: Call) -> GraphResponse:
    """The authentication methods policy itself, above all whether the legacy policies count."""
    access.require_scope(call.caller, access.READ_POLICY, "directory_denied")
    access.require_role(call.caller, access.INVENTORY_READERS, "directory_denied")
    options_of(call.request.query, frozenset(("$select",)))
    body = {
        "@odata.context": call.context("authenticationMethodsPolicy"),
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "policyVersion": "1.5",
        "policyMigrationState": call.tenant.state.migration.value,
    }
    return GraphResponse(200, body)


@operation("GET", "/policies/identitySecurityDefaultsEnforcementPolicy", versions=BOTH)
def get_security_defaults(call: Call) -> GraphResponse:
    """Whether security defaults are on, which block the device code flow."""
    access.require_scope(call.caller, access.READ_SIGN_IN_RULES, "directory_denied")
    access.require_role(call.caller, access.SIGN_IN_RULES_READERS, "directory_denied")
    options_of(call.request.query, frozenset(("$select",)))
    body = {
        "@odata.context": call.context("identitySecurityDefaultsEnforcementPolicy/$entity"),
        "id": "00000000-0000-0000-0000-000000000005",
        "displayName": "Security Defaults",
        "isEnabled": call.tenant.state.device_code is DeviceCode.SECURITY_DEFAULTS,
    }
    return GraphResponse(200, body)


@operation("GET", "/identity/conditionalAccess/policies", versions=BOTH)
def list_conditional_access(call: Call) -> GraphResponse:
    """Conditional Access policies: one that is off and says nothing, and those of the state."""
    access.require_scope(call.caller, access.READ_SIGN_IN_RULES, "directory_denied")
    access.require_role(call.caller, access.SIGN_IN_RULES_READERS, "directory_denied")
    options_of(call.request.query, frozenset(("$select",)))
    rows = [_rule(1, "Require multifactor authentication for everyone", "disabled", "", "mfa")]
    state = call.tenant.state.device_code
    if state is DeviceCode.CONDITIONAL_ACCESS:
        name = "Microsoft-managed: Block device code flow"
        rows.append(_rule(2, name, "enabled", "deviceCodeFlow", "block"))
    elif state is DeviceCode.DEVICE_POLICY:
        rows.append(_rule(3, "Require a compliant device", "enabled", "", "compliantDevice"))
    context = call.context("identity/conditionalAccess/policies")
    return GraphResponse(200, {"@odata.context": context, "value": rows})


def _rule(number: int, name: str, state: str, transfer: str, control: str) -> dict[str, Any]:
    return {
        "id": f"00000000-0000-4000-8000-00000000000{number}",
        "displayName": name,
        "state": state,
        "conditions": {
            "applications": {"includeApplications": ["All"], "excludeApplications": []},
            "authenticationFlows": {"transferMethods": transfer} if transfer else None,
        },
        "grantControls": {"operator": "OR", "builtInControls": [control]},
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
