"""What would go wrong, said before anything is sent.

Pure judgement over facts that were already read. A finding BLOCKS where the directory's documented
rules make a refusal certain or where there is no request to send, and is a CAUTION where only the
directory can know (roles through PIM or administrative units, policies that aim at groups). In
between it ASKS: most tenants would refuse, but nothing says that this one does, so the operator may
go on with a reason from a short list, which is recorded.

What blocks, and why ("contract" is the Graph contract):

    TOKEN_HELD              one token, one user (contract, section 2.4)
    TOKEN_DUPLICATED        the serial number does not tell which of the tokens is in the hand
    TOKEN_ACTIVE_HERE, TOKEN_ASSIGNED_HERE, TOKEN_IN_STOCK, TOKEN_OF_ANOTHER, TOKEN_NOT_ACTIVE
                            nothing is left to ask for, or not of this person
    TOKEN_UNDERWAY          this desk is at it: nothing is sent twice
    TOKEN_UNKNOWN           a request needs the id of a token in the inventory (section 4, U1, U7)
    TOKEN_NOT_LISTED        only where it is to be assigned without a code: no request assigns by
                            serial number alone (section 4, U8)
    PERSON_GUEST            no guests in the resource tenant (section 8)
    PERSON_AT_LIMIT         five tokens and authenticator apps (section 8)
    POLICY_OFF, POLICY_EXCLUDES
                            only where policyMigrationState is migrationComplete: before, the
                            legacy policies count as well (section 13)
    SCOPE_MISSING           the permission tables (section 3.1); certain, by the sign-in token
    ADMINISTRATOR_REFUSED, PERSON_IN_ROLE_GROUP
                            who can perform sensitive actions (section 3.2, section 13)
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from app.core.code import Drift, judge_drift
from app.core.model import (
    COUNTS_TOWARDS_LIMIT,
    METHODS_LIMIT,
    TAKES_BACK,
    HeldRole,
    Method,
    Migration,
    Mode,
    Operation,
    Operator,
    Person,
    Policy,
    PolicyState,
    Protection,
    ProtectionKind,
    Token,
    TokenStatus,
    method_of,
    method_with_id,
)
from app.core.rights import (
    Feature,
    Reach,
    Standing,
    Verdict,
    reach,
    reaches_role_group,
    standing,
)


class Severity(enum.Enum):
    """How much a finding matters. What ASKS stands in the way until a reason is given."""

    BLOCKS = "blocks"
    ASKS = "asks"
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
    TOKEN_IN_STOCK = "token_in_stock"
    TOKEN_OF_ANOTHER = "token_of_another"
    TOKEN_NOT_ACTIVE = "token_not_active"
    TOKEN_NOT_LISTED = "token_not_listed"
    PERSON_UNKNOWN = "person_unknown"
    PERSON_DISABLED = "person_disabled"
    PERSON_GUEST = "person_guest"
    PERSON_EXTERNAL = "person_external"
    PERSON_AT_LIMIT = "person_at_limit"
    POLICY_OFF = "policy_off"
    POLICY_EXCLUDES = "policy_excludes"
    POLICY_MAYBE_EXCLUDES = "policy_maybe_excludes"
    SCOPE_MISSING = "scope_missing"
    ROLE_DOUBTFUL = "role_doubtful"
    NOT_CHECKED = "not_checked"
    ADMINISTRATOR_REFUSED = "administrator_refused"
    ADMINISTRATOR_DOUBTFUL = "administrator_doubtful"
    PERSON_IN_ROLE_GROUP = "person_in_role_group"
    PERSON_RESTRICTED = "person_restricted"


class OverrideReason(enum.Enum):
    """Why an operator goes on although something stands in the way; it is recorded."""

    LEGACY_POLICY = "legacy_policy"
    """A legacy policy lets the person use tokens."""
    POLICY_CHANGES = "policy_changes"
    """The policy is being changed; that takes up to an hour to reach everybody."""
    STARTS_LATER = "starts_later"
    """The account is enabled on the person's first day."""
    INSTRUCTED = "instructed"
    """An administrator has said so."""


_OF_POLICY = (
    OverrideReason.LEGACY_POLICY,
    OverrideReason.POLICY_CHANGES,
    OverrideReason.INSTRUCTED,
)

REASONS: Mapping[FindingKind, tuple[OverrideReason, ...]] = {
    FindingKind.POLICY_OFF: _OF_POLICY,
    FindingKind.POLICY_EXCLUDES: _OF_POLICY,
    FindingKind.PERSON_DISABLED: (OverrideReason.STARTS_LATER, OverrideReason.INSTRUCTED),
}
"""The reasons that each finding which asks for one takes."""

OF_THE_TENANT = frozenset({FindingKind.POLICY_OFF})
"""Findings about the whole tenant: a reason holds for the shift, and not for one person alone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `about` is what its sentence needs: a holder, a count, a scope, a role.

    `reason` is what the operator gave in order to go on.
    """

    kind: FindingKind
    severity: Severity
    about: str = ""
    reason: OverrideReason | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the judgement rests on. None means: could not be read.

    `underway` tells that this desk is handing over the token in another enrollment right now;
    `held` which directory roles the person has and `protections` what else keeps administrators
    from them, as far as that was read; `drift` is the token's clock minus true time, in
    seconds, where the token has told its time. `wanted` is the request that the operator chose, or
    None where `mode` says what is to be handed over and the right request is found here.
    `method_id` is the method that an answer or a look has told for this token and person, or "".
    `passed` are the reasons that the operator has given so far.
    """

    token: Token
    person: Person
    methods: tuple[Method, ...]
    operator: Operator
    mode: Mode
    policy: Policy | None = None
    serial_count: int = 1
    underway: bool = False
    held: tuple[HeldRole, ...] | None = None
    protections: tuple[Protection, ...] = ()
    drift: float | None = None
    wanted: Operation | None = None
    method_id: str = ""
    passed: Mapping[FindingKind, OverrideReason] = field(default_factory=dict)

    @property
    def takes_back(self) -> bool:
        """Tell whether something is to be taken from the person."""
        return self.wanted in TAKES_BACK


def check(facts: Facts) -> tuple[Finding, ...]:
    """Return every finding, blocking ones first, in the order an operator can mend them."""
    if facts.takes_back:
        findings = (*_token_to_take(facts), *_operator(facts))
    else:
        findings = (
            *_token(facts),
            *_clock(facts),
            *_person(facts),
            *_policy(facts),
            *_operator(facts),
        )
    judged = (_with_reason(finding, facts.passed) for finding in findings)
    return tuple(sorted(judged, key=lambda finding: _ORDER.index(finding.severity)))


def check_recipient(facts: Facts) -> tuple[Finding, ...]:
    """Return what speaks against the person having a token at all: their account, the policy.

    It is for many people at once, whose methods are not read one by one: with `methods` empty the
    limit of five is the directory's to judge. The token of `facts` does not matter.
    """
    findings = (*_person(facts), *_policy(facts))
    judged = (_with_reason(finding, facts.passed) for finding in findings)
    return tuple(sorted(judged, key=lambda finding: _ORDER.index(finding.severity)))


def passes_with(reason: OverrideReason | None) -> dict[FindingKind, OverrideReason]:
    """Return what one reason for many people lets pass: every finding that takes it."""
    if reason is None:
        return {}
    return {kind: reason for kind, taken in REASONS.items() if reason in taken}


_ORDER = (Severity.BLOCKS, Severity.ASKS, Severity.CAUTION)


def _with_reason(finding: Finding, passed: Mapping[FindingKind, OverrideReason]) -> Finding:
    reason = passed.get(finding.kind)
    if finding.severity is not Severity.ASKS or reason not in REASONS[finding.kind]:
        return finding
    return replace(finding, severity=Severity.CAUTION, reason=reason)


def stands_in_the_way(findings: Iterable[Finding]) -> bool:
    """Tell whether one of `findings` blocks, or asks for a reason."""
    return any(finding.severity is not Severity.CAUTION for finding in findings)


def asked_for_reason(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding that a reason is asked for next; None where something blocks anyway."""
    found = tuple(findings)
    if any(finding.severity is Severity.BLOCKS for finding in found):
        return None
    return next((finding for finding in found if finding.severity is Severity.ASKS), None)


def operation_for(facts: Facts) -> tuple[Operation, str]:
    """Return the request to send and, for what the person has, how their side names the token.

    The id of the method is looked up by its device; where the list leaves the device out it is the
    device's own id.
    """
    method = _own_method(facts)
    if facts.wanted is not None and facts.takes_back:
        return facts.wanted, method.id if method else facts.token.device_id
    if facts.mode is Mode.ASSIGN_ONLY:
        return Operation.ASSIGN, ""
    if method is not None:
        return Operation.ACTIVATE, method.id
    if _is_theirs(facts):
        return Operation.ACTIVATE, facts.token.device_id
    if not facts.token.device_id:
        return Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL, ""
    return Operation.ASSIGN_AND_ACTIVATE, ""


def methods_counted(methods: tuple[Method, ...]) -> int:
    """Return how many of `methods` count towards the limit of five."""
    return sum(method.kind in COUNTS_TOWARDS_LIMIT for method in methods)


def _own_method(facts: Facts) -> Method | None:
    found = method_of(facts.methods, facts.token)
    return found or method_with_id(facts.methods, facts.method_id, facts.token)


def _is_theirs(facts: Facts) -> bool:
    holder = facts.token.holder
    return _own_method(facts) is not None or (holder is not None and holder.id == facts.person.id)


def _blocks(kind: FindingKind, about: str = "") -> Finding:
    return Finding(kind, Severity.BLOCKS, about)


def _asks(kind: FindingKind, about: str = "") -> Finding:
    return Finding(kind, Severity.ASKS, about)


def _caution(kind: FindingKind, about: str = "") -> Finding:
    return Finding(kind, Severity.CAUTION, about)


def _token(facts: Facts) -> list[Finding]:
    if facts.serial_count != 1:
        return [_miscounted(facts)]
    if facts.underway:
        return [_blocks(FindingKind.TOKEN_UNDERWAY)]
    if _is_theirs(facts):
        return [_token_of_this_person(facts)]
    if facts.wanted is Operation.ACTIVATE:
        return [_not_theirs(facts.token)]
    if not facts.token.device_id:
        return _unlisted(facts.mode)
    return _token_of_nobody_or_another(facts.token)


def _miscounted(facts: Facts) -> Finding:
    if facts.serial_count:
        return _blocks(FindingKind.TOKEN_DUPLICATED, str(facts.serial_count))
    return _blocks(FindingKind.TOKEN_UNKNOWN, facts.token.serial_number)


def _unlisted(mode: Mode) -> list[Finding]:
    """Judge a token that only its serial number tells, since the inventory may not be read.

    There is a request for it that assigns and activates, and none that only assigns.
    """
    judge = _blocks if mode is Mode.ASSIGN_ONLY else _caution
    return [judge(FindingKind.TOKEN_NOT_LISTED)]


def _token_to_take(facts: Facts) -> list[Finding]:
    """Judge a token that is to be taken back; whether its serial number is unique has no say."""
    if facts.underway:
        return [_blocks(FindingKind.TOKEN_UNDERWAY)]
    if not _is_theirs(facts):
        return [_not_theirs(facts.token)]
    if facts.wanted is Operation.DEACTIVATE and not _is_active(facts):
        return [_blocks(FindingKind.TOKEN_NOT_ACTIVE)]
    return []


def _not_theirs(token: Token) -> Finding:
    if token.holder is not None:
        return _blocks(FindingKind.TOKEN_OF_ANOTHER, token.holder.display_name)
    return _blocks(FindingKind.TOKEN_IN_STOCK)


def _is_active(facts: Facts) -> bool:
    method = _own_method(facts)
    seen = method.token if method else None
    return TokenStatus.ACTIVATED in {facts.token.status, seen.status if seen else None}


def _token_of_this_person(facts: Facts) -> Finding:
    if _is_active(facts):
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
        # New hires are often disabled until their first day, and get their token before. No source
        # says that Graph refuses them.
        findings.append(_asks(FindingKind.PERSON_DISABLED))
    if person.guest:
        findings.append(_blocks(FindingKind.PERSON_GUEST))
    elif person.external:
        findings.append(_caution(FindingKind.PERSON_EXTERNAL))
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
    """Judge the policy. It blocks only where it alone decides.

    Before the migration is complete somebody who is enabled in a legacy policy can use a token too.
    """
    policy, person_id = facts.policy, facts.person.id
    if policy is None or policy.state is PolicyState.OTHER:
        return []
    judge = _blocks if policy.migration is Migration.COMPLETE else _asks
    if policy.state is PolicyState.DISABLED:
        return [judge(FindingKind.POLICY_OFF)]
    if person_id in policy.excluded_users:
        return [judge(FindingKind.POLICY_EXCLUDES)]
    included = policy.everyone or person_id in policy.included_users
    if not included and not policy.included_groups:
        return [judge(FindingKind.POLICY_EXCLUDES)]
    return _policy_groups(policy, included=included)


def _policy_groups(policy: Policy, *, included: bool) -> list[Finding]:
    """Judge a policy that aims at groups: who is in them is not read, so that a doubt is left."""
    if not included or policy.excluded_groups:
        return [_caution(FindingKind.POLICY_MAYBE_EXCLUDES)]
    return []


def _operator(facts: Facts) -> list[Finding]:
    serving = standing(Feature.ASSIGN, _acting(facts))
    findings = []
    if serving.verdict is Verdict.SCOPE_MISSING:
        findings.append(_blocks(FindingKind.SCOPE_MISSING, serving.lacks))
    if serving.verdict is Verdict.ROLE_DOUBTFUL:
        findings.append(_caution(FindingKind.ROLE_DOUBTFUL, serving.lacks))
    return [*findings, *_administrator(facts), *_protected(facts), *_not_checked(facts)]


def _acting(facts: Facts) -> Operator:
    """Return the operator as they stand to this person: what is one's own needs no role."""
    operator = facts.operator
    return replace(operator, own=True) if facts.person.id == operator.id else operator


def _administrator(facts: Facts) -> list[Finding]:
    """Judge whether the operator's roles reach this person; what is one's own needs no role."""
    if facts.person.id == facts.operator.id:
        return []
    reached, role = reach(facts.operator, facts.held)
    if reached is Reach.REFUSED:
        return [_blocks(FindingKind.ADMINISTRATOR_REFUSED, role)]
    return [_caution(FindingKind.ADMINISTRATOR_DOUBTFUL, role)] if reached is Reach.DOUBTFUL else []


def _protected(facts: Facts) -> list[Finding]:
    """Judge what keeps administrators from a person without a role.

    A role for the administrative unit is not seen here, so that a restricted unit is a caution.
    """
    if facts.person.id == facts.operator.id:
        return []
    found = []
    group = next((p for p in facts.protections if p.kind is ProtectionKind.ROLE_GROUP), None)
    reached = reaches_role_group(facts.operator)
    if group is not None and reached is not Reach.SERVED:
        judge = _blocks if reached is Reach.REFUSED else _caution
        found.append(judge(FindingKind.PERSON_IN_ROLE_GROUP, group.name))
    if any(p.kind is ProtectionKind.RESTRICTED_UNIT for p in facts.protections):
        found.append(_caution(FindingKind.PERSON_RESTRICTED))
    return found


def _not_checked(facts: Facts) -> list[Finding]:
    """Name what the operator would need for the facts that are missing here, each once.

    Whoever serves themselves can do nothing about it, and the directory knows it all.
    """
    if facts.operator.own:
        return []
    missing = {
        Feature.EMPLOYEE_DATA: facts.person.enabled is None and not facts.takes_back,
        Feature.SEE_METHODS: True,
        Feature.READ_POLICY: facts.policy is None and not facts.takes_back,
    }
    acting = {Feature.SEE_METHODS: _acting(facts)}
    standings = (
        standing(feature, acting.get(feature, facts.operator))
        for feature, is_so in missing.items()
        if is_so
    )
    names = dict.fromkeys(one.lacks for one in standings if one.is_lack and not _said(one, facts))
    return [_caution(FindingKind.NOT_CHECKED, name) for name in names]


def _said(lack: Standing, facts: Facts) -> bool:
    """Tell whether the same is said of serving people already."""
    return lack.lacks == standing(Feature.ASSIGN, _acting(facts)).lacks
