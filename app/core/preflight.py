"""What would go wrong, said before anything is sent.

Pure judgement over facts that were already read. A finding BLOCKS where the directory's documented
rules make a refusal certain, and is a CAUTION where only the directory can know (roles through PIM
or administrative units, policies that aim at groups).
"""

import enum
from dataclasses import dataclass

from app.core.code import Drift, judge_drift
from app.core.model import (
    COUNTS_TOWARDS_LIMIT,
    MAY_ASSIGN,
    METHODS_LIMIT,
    Method,
    Mode,
    Operation,
    Operator,
    Person,
    Policy,
    PolicyState,
    Token,
    TokenStatus,
)


class Severity(enum.Enum):
    """How much a finding matters."""

    BLOCKS = "blocks"
    CAUTION = "caution"


class FindingKind(enum.Enum):
    """What was found."""

    TOKEN_HELD = "token_held"
    TOKEN_DUPLICATED = "token_duplicated"
    TOKEN_ACTIVE_HERE = "token_active_here"
    TOKEN_ASSIGNED_HERE = "token_assigned_here"
    TOKEN_ACTIVATES_ONLY = "token_activates_only"
    TOKEN_UNDERWAY = "token_underway"
    TOKEN_UNKNOWN = "token_unknown"
    TOKEN_STATE_UNKNOWN = "token_state_unknown"
    TOKEN_DRIFTS = "token_drifts"
    TOKEN_CLOCK_LOST = "token_clock_lost"
    PERSON_UNKNOWN = "person_unknown"
    PERSON_DISABLED = "person_disabled"
    PERSON_GUEST = "person_guest"
    PERSON_AT_LIMIT = "person_at_limit"
    POLICY_OFF = "policy_off"
    POLICY_EXCLUDES = "policy_excludes"
    POLICY_MAYBE_EXCLUDES = "policy_maybe_excludes"
    SCOPE_MISSING = "scope_missing"
    ROLE_DOUBTFUL = "role_doubtful"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `about` is the name or number its sentence needs: a holder, a count, a scope."""

    kind: FindingKind
    severity: Severity
    about: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the judgement rests on. None means: could not be read.

    `underway` tells that this desk is handing over the token in another enrollment right now;
    `drift` is the token's clock minus true time, in seconds, where the token has told its time.
    """

    token: Token
    person: Person
    methods: tuple[Method, ...]
    operator: Operator
    mode: Mode
    policy: Policy | None = None
    serial_count: int = 1
    underway: bool = False
    drift: float | None = None


WRITE_SCOPES = frozenset(
    {"UserAuthenticationMethod.ReadWrite.All", "UserAuthMethod-HardwareOATH.ReadWrite.All"}
)
"""Either lets an operator change another person's hardware tokens (Graph permissions reference)."""


def check(facts: Facts) -> tuple[Finding, ...]:
    """Return every finding, blocking ones first, in the order an operator can mend them."""
    findings = (
        *_token(facts),
        *_clock(facts),
        *_person(facts),
        *_policy(facts),
        *_operator(facts),
    )
    return tuple(sorted(findings, key=lambda finding: finding.severity is not Severity.BLOCKS))


def stands_in_the_way(findings: tuple[Finding, ...]) -> bool:
    """Tell whether one of `findings` blocks."""
    return any(finding.severity is Severity.BLOCKS for finding in findings)


def operation_for(facts: Facts) -> tuple[Operation, str]:
    """Return the request to send and, for an activation, the id of the method to activate."""
    if facts.mode is Mode.ASSIGN_ONLY:
        return Operation.ASSIGN, ""
    method = _own_method(facts)
    if method is not None:
        return Operation.ACTIVATE, method.id
    if _is_theirs(facts):
        return Operation.ACTIVATE, facts.token.device_id
    return Operation.ASSIGN_AND_ACTIVATE, ""


def methods_counted(methods: tuple[Method, ...]) -> int:
    """Return how many of `methods` count towards the limit of five."""
    return sum(method.kind in COUNTS_TOWARDS_LIMIT for method in methods)


def _own_method(facts: Facts) -> Method | None:
    return next((m for m in facts.methods if m.is_device(facts.token.device_id)), None)


def _is_theirs(facts: Facts) -> bool:
    holder = facts.token.holder
    return _own_method(facts) is not None or (holder is not None and holder.id == facts.person.id)


def _blocks(kind: FindingKind, about: str = "") -> Finding:
    return Finding(kind, Severity.BLOCKS, about)


def _caution(kind: FindingKind, about: str = "") -> Finding:
    return Finding(kind, Severity.CAUTION, about)


def _token(facts: Facts) -> list[Finding]:
    if facts.serial_count > 1:
        return [_blocks(FindingKind.TOKEN_DUPLICATED, str(facts.serial_count))]
    if facts.underway:
        return [_blocks(FindingKind.TOKEN_UNDERWAY)]
    if _is_theirs(facts):
        return [_token_of_this_person(facts)]
    return _token_of_nobody_or_another(facts.token)


def _token_of_this_person(facts: Facts) -> Finding:
    method = _own_method(facts)
    seen = method.token if method else None
    if TokenStatus.ACTIVATED in {facts.token.status, seen.status if seen else None}:
        return _blocks(FindingKind.TOKEN_ACTIVE_HERE)
    if facts.mode is Mode.ASSIGN_ONLY:
        return _blocks(FindingKind.TOKEN_ASSIGNED_HERE)
    return _caution(FindingKind.TOKEN_ACTIVATES_ONLY)


def _token_of_nobody_or_another(token: Token) -> list[Finding]:
    held = token.status in {TokenStatus.ASSIGNED, TokenStatus.ACTIVATED}
    if token.holder is not None or held:
        return [_blocks(FindingKind.TOKEN_HELD, token.holder.display_name if token.holder else "")]
    if token.status is TokenStatus.OTHER:
        return [_caution(FindingKind.TOKEN_STATE_UNKNOWN)]
    return []


def _clock(facts: Facts) -> list[Finding]:
    """Judge the token's clock; a caution, since this machine's own clock may be the wrong one."""
    if facts.drift is None:
        return []
    match judge_drift(facts.drift, facts.token.interval):
        case Drift.FINE:
            return []
        case Drift.SIGN_IN_MAY_FAIL:
            return [_caution(FindingKind.TOKEN_DRIFTS)]
        case Drift.REPLACE:
            return [_caution(FindingKind.TOKEN_CLOCK_LOST)]


def _person(facts: Facts) -> list[Finding]:
    person, findings = facts.person, []
    if person.enabled is False:
        findings.append(_blocks(FindingKind.PERSON_DISABLED))
    if person.guest:
        findings.append(_blocks(FindingKind.PERSON_GUEST))
    if not _is_theirs(facts):
        findings += _limit(facts.methods)
    return findings


def _limit(methods: tuple[Method, ...]) -> list[Finding]:
    return (
        [_blocks(FindingKind.PERSON_AT_LIMIT, str(METHODS_LIMIT))]
        if methods_counted(methods) >= METHODS_LIMIT
        else []
    )


def _policy(facts: Facts) -> list[Finding]:
    policy, person_id = facts.policy, facts.person.id
    if policy is None or policy.state is PolicyState.OTHER:
        return []
    if policy.state is PolicyState.DISABLED:
        return [_blocks(FindingKind.POLICY_OFF)]
    if person_id in policy.excluded_users:
        return [_blocks(FindingKind.POLICY_EXCLUDES)]
    return _policy_targets(policy, person_id)


def _policy_targets(policy: Policy, person_id: str) -> list[Finding]:
    """Judge inclusion.

    Group membership is not read, so a policy that aims at groups leaves a doubt.
    """
    included = policy.everyone or person_id in policy.included_users
    if not included and not policy.included_groups:
        return [_blocks(FindingKind.POLICY_EXCLUDES)]
    if not included or policy.excluded_groups:
        return [_caution(FindingKind.POLICY_MAYBE_EXCLUDES)]
    return []


def _operator(facts: Facts) -> list[Finding]:
    operator, findings = facts.operator, []
    if operator.scopes and not operator.scopes & WRITE_SCOPES:
        findings.append(_blocks(FindingKind.SCOPE_MISSING, min(WRITE_SCOPES, key=len)))
    if operator.roles is not None and not operator.roles & MAY_ASSIGN:
        findings.append(_caution(FindingKind.ROLE_DOUBTFUL))
    return findings
