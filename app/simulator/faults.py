"""The faults a server can do to its client, one table of kind -> function.

`INSTEAD` answers in place of the service, `AFTERWARDS` spoils its answer, `CUTS` close the
connection, and `BEHIND_THE_BACK` changes the tenant as if somebody else had.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from app.simulator.graph.service import JSON_TYPE
from app.simulator.model import Device, PassPolicy, Person, Policy, Target
from app.simulator.odata import skip_token
from app.simulator.refusals import refusal
from app.simulator.signin.desk import SignInDesk, SignInRefusal
from app.simulator.tenant import Tenant, timestamp

GRAPH_PATHS = r"^/(beta|v1\.0)/"
Arguments = Mapping[str, Any]


class UnknownFault(ValueError):
    """A fault that does not exist, or lacks something it needs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer on its way out. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class Rule:
    """One armed fault: what it does, to which requests, and how often still."""

    kind: str
    method: str = "*"
    path: re.Pattern[str] = field(default_factory=lambda: re.compile(GRAPH_PATHS))
    times: int = 1
    arguments: Arguments = field(default_factory=dict)
    issued_before: int = 0
    id: str = field(default_factory=lambda: uuid4().hex[:8])

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is one this fault waits for."""
        fits = self.method in ("*", method.upper())
        return self.times > 0 and fits and self.path.search(path) is not None


# -- in place of the service ------------------------------------------------------------------


def _error(name: str, tenant: Tenant, **headers: str) -> Answer:
    refused = refusal(name)
    inner: dict[str, str] = {"date": timestamp(tenant.clock()).rstrip("Z")}
    inner["request-id"] = str(uuid4())
    if refused.status == 429:
        inner |= {"code": "429", "message": "Please retry after", "status": "429"}
    error = {"code": refused.code, "message": refused.message, "innerError": inner}
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps({"error": error}).encode()
    return Answer(refused.status, {"content-type": JSON_TYPE} | shown, body)


def _too_many(rule: Rule, tenant: Tenant, _desk: SignInDesk) -> Answer:
    """429; `retry_after` is seconds, `as_date` sends an HTTP date instead."""
    seconds = rule.arguments.get("retry_after")
    if seconds is None:
        return _error("throttled", tenant)
    date = formatdate(tenant.clock() + float(seconds), usegmt=True)
    shown = date if rule.arguments.get("as_date") else str(seconds)
    return _error("throttled", tenant, retry_after=shown)


def _unavailable(rule: Rule, tenant: Tenant, _desk: SignInDesk) -> Answer:
    seconds = rule.arguments.get("retry_after")
    extra = {} if seconds is None else {"retry_after": str(seconds)}
    return _error("unavailable", tenant, **extra)


def _html(_rule: Rule, _tenant: Tenant, _desk: SignInDesk) -> Answer:
    """What a captive portal answers: 200 and a page."""
    page = b"<!doctype html><html><body><h1>Welcome to the guest network</h1></body></html>"
    return Answer(200, {"content-type": "text/html; charset=utf-8"}, page)


def _challenge(_rule: Rule, tenant: Tenant, desk: SignInDesk) -> Answer:
    """A claims challenge for every access token issued before the fault was armed."""
    wanted = {"access_token": {"nbf": {"essential": True, "value": str(int(tenant.clock()))}}}
    claims = base64.b64encode(json.dumps(wanted).encode()).decode()
    header = desk.challenge_header(f'error="insufficient_claims", claims="{claims}"')
    return _error("challenge", tenant, www_authenticate=header)


Instead = Callable[[Rule, Tenant, SignInDesk], Answer]
INSTEAD: Mapping[str, Instead] = {
    "too_many_requests": _too_many,
    "bad_gateway": lambda _rule, tenant, _desk: _error("gateway", tenant),
    "service_unavailable": _unavailable,
    "gateway_timeout": lambda _rule, tenant, _desk: _error("timeout", tenant),
    "html": _html,
    "claims_challenge": _challenge,
}

# -- after the service acted ------------------------------------------------------------------


def _json_edit(answer: Answer, edit: Callable[[Any], Any]) -> Answer:
    try:
        body = json.loads(answer.body)
    except ValueError:
        return answer
    return replace(answer, body=json.dumps(edit(body), ensure_ascii=False).encode())


def _devices_in(body: Any) -> list[dict[str, Any]]:
    """Every object in a body that has a token's status, however deep."""
    if isinstance(body, list):
        return [found for item in body for found in _devices_in(item)]
    if not isinstance(body, dict):
        return []
    inner = [found for value in body.values() for found in _devices_in(value)]
    return [body, *inner] if "status" in body else inner


def _unknown_member(rule: Rule, answer: Answer) -> Answer:
    def edit(body: Any) -> Any:
        for device in _devices_in(body):
            device["status"] = rule.arguments.get("member", "quarantined")
        return body

    return _json_edit(answer, edit)


def _missing_field(rule: Rule, answer: Answer) -> Answer:
    name = rule.arguments.get("field", "status")

    def edit(body: Any) -> Any:
        if isinstance(body, dict):
            return {key: edit(value) for key, value in body.items() if key != name}
        return [edit(item) for item in body] if isinstance(body, list) else body

    return _json_edit(answer, edit)


def _wrapped_entity(_rule: Rule, answer: Answer) -> Answer:
    """C8: a single entity inside `value`."""
    return _json_edit(answer, lambda body: {"value": body})


def _wrapped_items(_rule: Rule, answer: Answer) -> Answer:
    """C7: inventory items inside a method's `device`."""
    kind = "#microsoft.graph.hardwareOathAuthenticationMethod"

    def edit(body: Any) -> Any:
        items = body.get("value") if isinstance(body, dict) else None
        if not isinstance(items, list):
            return body
        wrapped = [{"@odata.type": kind, "id": item.get("id"), "device": item} for item in items]
        return body | {"value": wrapped}

    return _json_edit(answer, edit)


def _circle(_rule: Rule, answer: Answer) -> Answer:
    """A link to the next page that leads back to the first one."""
    first = quote(skip_token(0), safe="")

    def edit(body: Any) -> Any:
        link = body.get("@odata.nextLink") if isinstance(body, dict) else None
        if link is None:
            return body
        return body | {"@odata.nextLink": re.sub(r"(?<=skiptoken=)[^&]*", first, link)}

    return _json_edit(answer, edit)


def _truncated(_rule: Rule, answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


Afterwards = Callable[[Rule, Answer], Answer]
AFTERWARDS: Mapping[str, Afterwards] = {
    "truncated_json": _truncated,
    "unknown_member": _unknown_member,
    "missing_field": _missing_field,
    "wrapped_entity": _wrapped_entity,
    "wrapped_items": _wrapped_items,
    "circle": _circle,
}

CUTS = frozenset(("reset", "lost_answer"))
"""`reset` cuts before the service acts, `lost_answer` after it did."""

DELAYS = frozenset(("slow", "slow_answer"))
"""`slow` waits before the service acts, `slow_answer` after it did; `seconds` says how long."""

# -- behind the client's back -----------------------------------------------------------------


def _person(tenant: Tenant, arguments: Arguments) -> Person:
    return tenant.person(str(arguments["person"]))


def _token(tenant: Tenant, arguments: Arguments) -> Device:
    return tenant.device_by_serial(str(arguments["serial"]))


def _disable_person(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    person = _person(tenant, arguments)
    tenant.people.put(person.id, replace(person, account_enabled=False))


def _delete_person(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    tenant.people.put(_person(tenant, arguments).id, None)


def _delete_token(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    tenant.devices.put(_token(tenant, arguments).id, None)


def _assign_elsewhere(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    """Another desk gives the token to `person`, or to somebody who happens to stand there."""
    device = _token(tenant, arguments)
    if "person" in arguments:
        holder = _person(tenant, arguments)
    else:
        holder = next(p for p in tenant.people.all_current() if p.display_name == "Sam Whitlock")
    tenant.store(replace(device, holder=holder.id, status="assigned", registered=tenant.now()))


def _set_policy(tenant: Tenant, policy: Policy) -> None:
    tenant.policies.put("HardwareOath", policy)


def _policy_off(tenant: Tenant, _desk: SignInDesk, _arguments: Arguments) -> None:
    _set_policy(tenant, Policy(state="disabled"))


def _policy_out_of_scope(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    """Exclude `person`, or let the policy cover one unrelated group only."""
    if "person" in arguments:
        _set_policy(tenant, Policy(exclude=(Target(_person(tenant, arguments).id),)))
    else:
        _set_policy(tenant, Policy(include=(Target(str(uuid4()), "group"),)))


def _pass_policy(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    """Change the policy for passes: `state`, minutes as in PassPolicy, `once`, `without` a person.

    What is not named is as in a new tenant.
    """
    fields = {name: arguments[name] for name in _PASS_FIELDS if name in arguments}
    if "without" in arguments:
        fields["exclude"] = (Target(_person(tenant, {"person": arguments["without"]}).id),)
    tenant.pass_policies.put("TemporaryAccessPass", PassPolicy(**fields))


_PASS_FIELDS = ("state", "shortest", "longest", "usual", "length", "once")


def _use_pass(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    """Let `person` sign in with their pass, as far as its list tells of it."""
    person = _person(tenant, arguments)
    held = tenant.passes.current(person.id)
    if held is None:
        raise UnknownFault("this person has no pass")
    tenant.passes.put(person.id, replace(held, used=True))


def _issue_pass_elsewhere(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    """Another administrator issues a pass to `person`."""
    tenant.issue_pass(_person(tenant, arguments))


def _withdraw_consent(_tenant: Tenant, desk: SignInDesk, arguments: Arguments) -> None:
    desk.consented.discard(str(arguments["scope"]))
    desk.app_permissions.discard(str(arguments["scope"]))


def _grant_consent(_tenant: Tenant, desk: SignInDesk, arguments: Arguments) -> None:
    desk.consented.add(str(arguments["scope"]))


def _give_role(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    """Activate a role for somebody, as privileged identity management does."""
    person, role = _person(tenant, arguments), str(arguments["role"])
    kept = tuple(held for held in person.roles if held != role)
    tenant.people.put(person.id, replace(person, roles=(*kept, role)))


def _remove_role(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    person = _person(tenant, arguments)
    role = arguments.get("role")
    kept = tuple(held for held in person.roles if role is not None and held != role)
    tenant.people.put(person.id, replace(person, roles=kept))


def _join_role_group(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    """Put `person` into the role-assignable `group`, or make them its owner with `owns`."""
    person, name = _person(tenant, arguments), str(arguments.get("group", "Tier 0 operators"))
    if arguments.get("owns"):
        changed = replace(person, owned_role_groups=(*person.owned_role_groups, name))
    else:
        changed = replace(person, role_groups=(*person.role_groups, name))
    tenant.people.put(person.id, changed)


def _restrict_person(tenant: Tenant, _desk: SignInDesk, arguments: Arguments) -> None:
    """Put `person` into a restricted management administrative unit."""
    person = _person(tenant, arguments)
    tenant.people.put(person.id, replace(person, restricted=True))


def _revoke_refresh_tokens(_tenant: Tenant, desk: SignInDesk, _arguments: Arguments) -> None:
    desk.refresh_tokens.clear()


def _expire_access_tokens(_tenant: Tenant, desk: SignInDesk, _arguments: Arguments) -> None:
    desk.expired_up_to = desk.issuer.sequence


def _age_sign_ins(_tenant: Tenant, desk: SignInDesk, _arguments: Arguments) -> None:
    desk.age()


def _refuse_sign_in(_tenant: Tenant, desk: SignInDesk, arguments: Arguments) -> None:
    """The next sign-in fails although the password is right: MFA, conditional access."""
    error = str(arguments.get("error", "access_denied"))
    number = int(arguments.get("number", 500121))
    text = str(arguments.get("text", "Authentication failed during strong authentication."))
    desk.next_refusals.append(SignInRefusal(error, number, text))


BehindTheBack = Callable[[Tenant, SignInDesk, Arguments], None]
BEHIND_THE_BACK: Mapping[str, BehindTheBack] = {
    "disable_person": _disable_person,
    "delete_person": _delete_person,
    "delete_token": _delete_token,
    "assign_elsewhere": _assign_elsewhere,
    "policy_off": _policy_off,
    "policy_out_of_scope": _policy_out_of_scope,
    "pass_policy": _pass_policy,
    "use_pass": _use_pass,
    "issue_pass_elsewhere": _issue_pass_elsewhere,
    "withdraw_consent": _withdraw_consent,
    "grant_consent": _grant_consent,
    "give_role": _give_role,
    "remove_role": _remove_role,
    "join_role_group": _join_role_group,
    "restrict_person": _restrict_person,
    "revoke_refresh_tokens": _revoke_refresh_tokens,
    "expire_access_tokens": _expire_access_tokens,
    "age_sign_ins": _age_sign_ins,
    "refuse_sign_in": _refuse_sign_in,
}

KINDS = frozenset({*INSTEAD, *AFTERWARDS, *CUTS, *DELAYS, *BEHIND_THE_BACK, "clock_skew"})


class Faults:
    """The armed faults, and the skew of the server's clock in seconds."""

    def __init__(self, tenant: Tenant, desk: SignInDesk) -> None:
        self._tenant = tenant
        self._desk = desk
        self.rules: list[Rule] = []
        self.clock_skew = 0.0

    def clear(self) -> None:
        """Disarm everything; what was done behind the client's back stays done."""
        self.rules.clear()
        self.clock_skew = self._desk.skew = 0.0

    def inject(self, kind: str, match: Mapping[str, str], times: int, arguments: Arguments) -> None:
        """Arm a fault. Acts behind the back happen at once unless they wait for a `match`.

        Raises UnknownFault.
        """
        if kind not in KINDS:
            raise UnknownFault(f"no fault is called {kind!r}")
        if kind == "clock_skew":
            self.clock_skew = self._desk.skew = float(arguments.get("seconds", 3600))
        elif kind in BEHIND_THE_BACK and not match:
            self._act(kind, arguments)
        else:
            self.rules.append(self._rule(kind, match, times, arguments))

    def _rule(self, kind: str, match: Mapping[str, str], times: int, arguments: Arguments) -> Rule:
        try:
            path = re.compile(match.get("path", GRAPH_PATHS))
        except re.error as problem:
            raise UnknownFault(f"the path is no regular expression: {problem}") from problem
        method = match.get("method", "*").upper()
        return Rule(kind, method, path, times, arguments, self._desk.issuer.sequence)

    def _act(self, kind: str, arguments: Arguments) -> None:
        try:
            BEHIND_THE_BACK[kind](self._tenant, self._desk, arguments)
        except KeyError as missing:
            raise UnknownFault(f"{kind} needs {missing}") from missing

    def due(self, method: str, path: str, authorization: str) -> list[Rule]:
        """The faults for a request, each counted as used. Acts behind the back are done here."""
        found = []
        for rule in [rule for rule in self.rules if rule.matches(method, path)]:
            if rule.kind == "claims_challenge":
                if self._desk.sequence_of(authorization) <= rule.issued_before:
                    found.append(rule)
                continue
            rule.times -= 1
            if rule.kind in BEHIND_THE_BACK:
                self._act(rule.kind, rule.arguments)
            else:
                found.append(rule)
        self.rules = [rule for rule in self.rules if rule.times > 0]
        return found

    def instead(self, rule: Rule) -> Answer:
        """The answer given in place of the service's."""
        return INSTEAD[rule.kind](rule, self._tenant, self._desk)
