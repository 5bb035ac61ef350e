"""Each finding, where it stands in the way, and which request would be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.core.model import (
    TAKES_BACK,
    HeldRole,
    Holder,
    Method,
    MethodKind,
    Migration,
    Mode,
    Operation,
    Person,
    Policy,
    PolicyState,
    Protection,
    ProtectionKind,
    Role,
    Token,
    TokenStatus,
)
from app.core.preflight import (
    REASONS,
    Facts,
    FindingKind,
    OverrideReason,
    Severity,
    asked_for_reason,
    check,
    methods_counted,
    operation_for,
    stands_in_the_way,
)
from app.core.rights import scopes_for
from tests.fakes.nouns import (
    EVERYONE,
    SCOPE,
    a_person,
    a_phone,
    a_token,
    an_authenticator,
    an_operator,
    hardware_method,
    holder_of,
)

GLOBAL_ADMINISTRATOR = HeldRole(Role.GLOBAL_ADMINISTRATOR.value, "Global Administrator")
EXCHANGE = HeldRole("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator")
READER = HeldRole("4A5D8F65-41DA-4DE4-8968-E035B65339CF", "Reports Reader")
ADA, TOKEN, OPERATOR = a_person("Ada"), a_token(), an_operator()
BLOCKS, ASKS, CAUTION = Severity.BLOCKS, Severity.ASKS, Severity.CAUTION
GOOD = Facts(TOKEN, ADA, (), OPERATOR, Mode.ASSIGN_AND_ACTIVATE, EVERYONE)
Change = Callable[[Facts], Facts]


def with_token(**changes: Any) -> Change:
    return lambda facts: replace(facts, token=_changed_token(facts.token, changes))


def with_person(**changes: Any) -> Change:
    return lambda facts: replace(facts, person=_changed_person(facts.person, changes))


def with_policy(policy: Policy | None) -> Change:
    return lambda facts: replace(facts, policy=policy)


def with_methods(*methods: Method) -> Change:
    return lambda facts: replace(facts, methods=methods)


def with_count(count: int) -> Change:
    return lambda facts: replace(facts, serial_count=count)


def under_way(facts: Facts) -> Facts:
    return replace(facts, underway=True)


def with_scopes(*scopes: str) -> Change:
    granted = frozenset(scopes)
    return lambda facts: replace(facts, operator=replace(facts.operator, scopes=granted))


def with_roles(roles: frozenset[Role] | None) -> Change:
    return lambda facts: replace(facts, operator=replace(facts.operator, roles=roles))


def with_mode(mode: Mode) -> Change:
    return lambda facts: replace(facts, mode=mode)


def holding(*roles: HeldRole) -> Change:
    return lambda facts: replace(facts, held=roles)


def wanting(operation: Operation) -> Change:
    return lambda facts: replace(facts, wanted=operation)


def all_of(*changes: Change) -> Change:
    def changed(facts: Facts) -> Facts:
        for change in changes:
            facts = change(facts)
        return facts

    return changed


def held(status: TokenStatus = TokenStatus.ASSIGNED, by: Person = ADA) -> Change:
    return with_token(holder=holder_of(by), status=status)


def _changed_token(token: Token, changes: dict[str, Any]) -> Token:
    return replace(token, **changes)


def _changed_person(person: Person, changes: dict[str, Any]) -> Person:
    return replace(person, **changes)


def found(change: Change) -> list[tuple[FindingKind, Severity, str]]:
    return [(each.kind, each.severity, each.about) for each in check(change(GOOD))]


def policy(state: PolicyState = PolicyState.ENABLED, **targets: Any) -> Policy:
    return replace(Policy(state, migration=Migration.COMPLETE), **targets)


ADA_ONLY, A_GROUP = frozenset({ADA.id}), frozenset({"group"})
ASSIGN = with_mode(Mode.ASSIGN_ONLY)
FIVE = with_methods(*(an_authenticator(number) for number in range(5)))

CASES: dict[str, tuple[Change, FindingKind, Severity, str]] = {
    "a token that somebody holds": (
        held(by=a_person("Ben")),
        FindingKind.TOKEN_HELD,
        BLOCKS,
        "Ben",
    ),
    "a token said to be assigned, to nobody named": (
        with_token(status=TokenStatus.ASSIGNED),
        FindingKind.TOKEN_HELD,
        BLOCKS,
        "",
    ),
    "a holder outweighs the status": (
        with_token(holder=Holder("other", "Cem"), status=TokenStatus.AVAILABLE),
        FindingKind.TOKEN_HELD,
        BLOCKS,
        "Cem",
    ),
    "a serial number that two tokens share": (
        with_count(2),
        FindingKind.TOKEN_DUPLICATED,
        BLOCKS,
        "2",
    ),
    "a token that is active on this person": (
        held(TokenStatus.ACTIVATED),
        FindingKind.TOKEN_ACTIVE_HERE,
        BLOCKS,
        "",
    ),
    "a token that only the person's methods show as active": (
        with_methods(hardware_method(replace(TOKEN, status=TokenStatus.ACTIVATED))),
        FindingKind.TOKEN_ACTIVE_HERE,
        BLOCKS,
        "",
    ),
    "assigning what is assigned here": (
        all_of(held(), ASSIGN),
        FindingKind.TOKEN_ASSIGNED_HERE,
        BLOCKS,
        "",
    ),
    "activating what is assigned here": (
        held(),
        FindingKind.TOKEN_ACTIVATES_ONLY,
        CAUTION,
        "",
    ),
    "activating what failed before": (
        held(TokenStatus.FAILED_ACTIVATION),
        FindingKind.TOKEN_ACTIVATES_ONLY,
        CAUTION,
        "",
    ),
    "a token that is on its way in another enrollment": (
        under_way,
        FindingKind.TOKEN_UNDERWAY,
        BLOCKS,
        "",
    ),
    "a token on its way to this person, whoever holds it": (
        all_of(held(), under_way),
        FindingKind.TOKEN_UNDERWAY,
        BLOCKS,
        "",
    ),
    "a status nobody knows": (
        with_token(status=TokenStatus.OTHER),
        FindingKind.TOKEN_STATE_UNKNOWN,
        CAUTION,
        "",
    ),
    "a disabled account": (
        with_person(enabled=False),
        FindingKind.PERSON_DISABLED,
        ASKS,
        "",
    ),
    "an account of another organization": (
        with_person(external=True),
        FindingKind.PERSON_EXTERNAL,
        CAUTION,
        "",
    ),
    "a policy that is off while legacy policies count": (
        with_policy(policy(PolicyState.DISABLED, migration=Migration.PRE)),
        FindingKind.POLICY_OFF,
        ASKS,
        "",
    ),
    "a policy that is off where nobody knows what counts": (
        with_policy(policy(PolicyState.DISABLED, migration=Migration.OTHER)),
        FindingKind.POLICY_OFF,
        ASKS,
        "",
    ),
    "a policy that excludes the person while legacy policies count": (
        with_policy(
            policy(everyone=True, excluded_users=ADA_ONLY, migration=Migration.IN_PROGRESS)
        ),
        FindingKind.POLICY_EXCLUDES,
        ASKS,
        "",
    ),
    "a policy that includes others while legacy policies count": (
        with_policy(policy(included_users=frozenset({"other"}), migration=Migration.PRE)),
        FindingKind.POLICY_EXCLUDES,
        ASKS,
        "",
    ),
    "a guest": (with_person(guest=True), FindingKind.PERSON_GUEST, BLOCKS, ""),
    "a person with five": (FIVE, FindingKind.PERSON_AT_LIMIT, BLOCKS, "5"),
    "a policy that is off": (
        with_policy(policy(PolicyState.DISABLED)),
        FindingKind.POLICY_OFF,
        BLOCKS,
        "",
    ),
    "a policy that excludes the person": (
        with_policy(policy(everyone=True, excluded_users=ADA_ONLY)),
        FindingKind.POLICY_EXCLUDES,
        BLOCKS,
        "",
    ),
    "a policy that includes others": (
        with_policy(policy(included_users=frozenset({"other"}))),
        FindingKind.POLICY_EXCLUDES,
        BLOCKS,
        "",
    ),
    "a policy that includes a group": (
        with_policy(policy(included_groups=A_GROUP)),
        FindingKind.POLICY_MAYBE_EXCLUDES,
        CAUTION,
        "",
    ),
    "a policy that excludes a group": (
        with_policy(policy(everyone=True, excluded_groups=A_GROUP)),
        FindingKind.POLICY_MAYBE_EXCLUDES,
        CAUTION,
        "",
    ),
    "a sign-in that may not write": (
        with_scopes("User.Read"),
        FindingKind.SCOPE_MISSING,
        BLOCKS,
        "UserAuthenticationMethod.ReadWrite.All",
    ),
    "an operator without a role": (
        with_roles(frozenset()),
        FindingKind.ROLE_DOUBTFUL,
        CAUTION,
        "Authentication Administrator",
    ),
    "an operator with a role that only imports": (
        with_roles(frozenset({Role.AUTHENTICATION_POLICY_ADMINISTRATOR})),
        FindingKind.ROLE_DOUBTFUL,
        CAUTION,
        "Authentication Administrator",
    ),
    "the narrow scope, which leaves the other methods out": (
        with_scopes("UserAuthMethod-HardwareOATH.ReadWrite.All"),
        FindingKind.NOT_CHECKED,
        CAUTION,
        "UserAuthenticationMethod.Read.All",
    ),
    "a policy that this sign-in may not read": (
        with_policy(None),
        FindingKind.NOT_CHECKED,
        CAUTION,
        "Policy.Read.All",
    ),
    "a policy that none of these roles reads": (
        all_of(with_policy(None), with_scopes(*scopes_for())),
        FindingKind.NOT_CHECKED,
        CAUTION,
        "Authentication Policy Administrator",
    ),
    "an account that this sign-in may not look into": (
        with_person(enabled=None, guest=None),
        FindingKind.NOT_CHECKED,
        CAUTION,
        "User.Read.All",
    ),
    "a person who may manage everything": (
        holding(GLOBAL_ADMINISTRATOR),
        FindingKind.ADMINISTRATOR_REFUSED,
        BLOCKS,
        "Global Administrator",
    ),
    "the role furthest out of reach is named": (
        holding(READER, EXCHANGE, GLOBAL_ADMINISTRATOR),
        FindingKind.ADMINISTRATOR_REFUSED,
        BLOCKS,
        "Global Administrator",
    ),
    "a person with a role that the table does not name": (
        holding(EXCHANGE),
        FindingKind.ADMINISTRATOR_DOUBTFUL,
        CAUTION,
        "Exchange Administrator",
    ),
}

CASES |= {
    "no token of this number": (with_count(0), FindingKind.TOKEN_UNKNOWN, BLOCKS, "86590001"),
    "a token that cannot be looked up": (
        with_token(device_id="", status=TokenStatus.OTHER),
        FindingKind.TOKEN_NOT_LISTED,
        CAUTION,
        "",
    ),
    "a token that cannot be looked up, without a code": (
        all_of(ASSIGN, with_token(device_id="", status=TokenStatus.OTHER)),
        FindingKind.TOKEN_NOT_LISTED,
        BLOCKS,
        "",
    ),
}
_TAKING_BACK = [each for each in Operation if each in TAKES_BACK]
for _wanted in (Operation.ACTIVATE, *_TAKING_BACK):
    _it = wanting(_wanted)
    CASES |= {
        f"{_wanted.value}, of what is in stock": (_it, FindingKind.TOKEN_IN_STOCK, BLOCKS, ""),
        f"{_wanted.value}, of another's": (
            all_of(held(by=a_person("Ben", "20418")), _it),
            FindingKind.TOKEN_OF_ANOTHER,
            BLOCKS,
            "Ben",
        ),
        f"{_wanted.value}, while it is on its way": (
            all_of(held(), _it, under_way),
            FindingKind.TOKEN_UNDERWAY,
            BLOCKS,
            "",
        ),
    }
for _wanted in _TAKING_BACK:
    _it = all_of(held(TokenStatus.ACTIVATED), wanting(_wanted))
    CASES |= {
        f"{_wanted.value}, of an administrator": (
            all_of(_it, holding(GLOBAL_ADMINISTRATOR)),
            FindingKind.ADMINISTRATOR_REFUSED,
            BLOCKS,
            "Global Administrator",
        ),
        f"{_wanted.value}, without the scope": (
            all_of(_it, with_scopes("User.Read")),
            FindingKind.SCOPE_MISSING,
            BLOCKS,
            SCOPE,
        ),
    }
CASES["deactivate, of what is not activated"] = (
    all_of(held(), wanting(Operation.DEACTIVATE)),
    FindingKind.TOKEN_NOT_ACTIVE,
    BLOCKS,
    "",
)

FINE: dict[str, Change] = {
    "taking back from somebody disabled, at the limit, whom no policy includes": all_of(
        held(),
        wanting(Operation.UNASSIGN),
        with_person(enabled=False, guest=True),
        FIVE,
        with_policy(policy(PolicyState.DISABLED)),
        with_count(2),
    ),
    "deactivating what is activated": all_of(
        held(TokenStatus.ACTIVATED), wanting(Operation.DEACTIVATE)
    ),
    "an available token for a member": lambda facts: facts,
    "a token that failed for nobody": with_token(status=TokenStatus.FAILED_ACTIVATION),
    "an account that tells nothing, to one who may look": all_of(
        with_person(enabled=None, guest=None), with_scopes(*scopes_for())
    ),
    "another token that this person has": with_methods(hardware_method(a_token("86590002"))),
    "four and a phone": with_methods(*map(an_authenticator, range(4)), a_phone()),
    "a policy that cannot be read, to one who may": all_of(
        with_policy(None), with_scopes(), with_roles(None)
    ),
    "a policy in a state nobody knows": with_policy(policy(PolicyState.OTHER)),
    "a policy for this person": with_policy(policy(included_users=ADA_ONLY)),
    "roles that cannot be read": with_roles(None),
    "scopes that are not told": with_scopes(),
    "a person with a role within reach": holding(READER),
    "a person whose roles cannot be read": lambda facts: replace(facts, held=None),
    "an administrator, to one whose own roles cannot be read": all_of(
        with_roles(None), holding(GLOBAL_ADMINISTRATOR)
    ),
    "an administrator, to one who serves anybody": all_of(
        with_roles(frozenset({Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR})),
        holding(GLOBAL_ADMINISTRATOR),
    ),
    "oneself, whatever one's roles": all_of(
        with_person(id=OPERATOR.id), holding(GLOBAL_ADMINISTRATOR)
    ),
    "a global administrator": with_roles(frozenset({Role.GLOBAL_ADMINISTRATOR})),
}


@pytest.mark.parametrize("case", CASES)
def test_it_finds(case: str) -> None:
    change, kind, severity, about = CASES[case]
    assert found(change) == [(kind, severity, about)]


@pytest.mark.parametrize("case", CASES)
def test_what_blocks_stands_in_the_way_and_a_caution_does_not(case: str) -> None:
    change, _, severity, _ = CASES[case]
    assert stands_in_the_way(check(change(GOOD))) is (severity is not CAUTION)


@pytest.mark.parametrize("case", FINE)
def test_it_finds_nothing_in(case: str) -> None:
    assert found(FINE[case]) == []


def test_an_activation_takes_no_further_place_among_the_five() -> None:
    assert [kind for kind, _, _ in found(all_of(held(), FIVE))] == [
        FindingKind.TOKEN_ACTIVATES_ONLY
    ]


def test_what_blocks_comes_first_and_token_before_person_before_policy() -> None:
    change = all_of(
        with_token(status=TokenStatus.OTHER),
        with_person(guest=True, enabled=False),
        with_policy(policy(PolicyState.DISABLED)),
        with_roles(frozenset()),
    )
    assert [kind for kind, _, _ in found(change)] == [
        FindingKind.PERSON_GUEST,
        FindingKind.POLICY_OFF,
        FindingKind.PERSON_DISABLED,
        FindingKind.TOKEN_STATE_UNKNOWN,
        FindingKind.ROLE_DOUBTFUL,
    ]


def test_cautions_alone_let_a_submit_through() -> None:
    assert not stands_in_the_way(check(all_of(held(), with_roles(frozenset()))(GOOD)))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (ASSIGN, (Operation.ASSIGN, "")),
        (with_mode(Mode.ASSIGN_AND_ACTIVATE), (Operation.ASSIGN_AND_ACTIVATE, "")),
        (held(), (Operation.ACTIVATE, TOKEN.device_id)),
        (with_methods(hardware_method(TOKEN)), (Operation.ACTIVATE, "method-86590001")),
        (with_token(device_id=""), (Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL, "")),
        (
            all_of(with_token(device_id=""), with_methods(hardware_method(TOKEN))),
            (Operation.ACTIVATE, "method-86590001"),
        ),
        (all_of(held(), wanting(Operation.UNASSIGN)), (Operation.UNASSIGN, TOKEN.device_id)),
        (
            all_of(
                ASSIGN,
                with_methods(hardware_method(TOKEN)),
                wanting(Operation.DEACTIVATE),
            ),
            (Operation.DEACTIVATE, "method-86590001"),
        ),
    ],
    ids=[
        "assign",
        "assign and activate",
        "held as the inventory says",
        "held as methods say",
        "not listed",
        "not listed, and theirs",
        "taken back as the inventory says",
        "taken back as methods say",
    ],
)
def test_the_request_follows_from_mode_and_holder(
    change: Change, expected: tuple[Operation, str]
) -> None:
    assert operation_for(change(GOOD)) == expected


def test_hardware_software_and_app_count_towards_the_limit() -> None:
    kinds = (MethodKind.HARDWARE_TOKEN, MethodKind.SOFTWARE_TOKEN, MethodKind.AUTHENTICATOR)
    counted = [Method(kind.value, kind) for kind in kinds]
    assert methods_counted((*counted, a_phone(), Method("key", MethodKind.PASSKEY))) == 3


LEGACY = with_policy(policy(PolicyState.DISABLED, migration=Migration.PRE))


def passing(**reasons: OverrideReason) -> Change:
    passed = {FindingKind(name): reason for name, reason in reasons.items()}
    return lambda facts: replace(facts, passed=passed)


def test_m2_what_asks_stands_in_the_way_until_a_reason_that_fits_is_given() -> None:
    assert stands_in_the_way(check(LEGACY(GOOD)))
    right = passing(policy_off=OverrideReason.LEGACY_POLICY)
    (passed,) = check(all_of(LEGACY, right)(GOOD))
    assert (passed.severity, passed.reason) == (CAUTION, OverrideReason.LEGACY_POLICY)
    assert not stands_in_the_way((passed,))
    wrong = passing(policy_off=OverrideReason.STARTS_LATER)
    assert stands_in_the_way(check(all_of(LEGACY, wrong)(GOOD)))


def test_m2_no_reason_passes_what_blocks() -> None:
    change = all_of(
        with_policy(policy(PolicyState.DISABLED)), passing(policy_off=OverrideReason.INSTRUCTED)
    )
    (finding,) = check(change(GOOD))
    assert (finding.severity, finding.reason) == (BLOCKS, None)


def test_m2_one_reason_is_asked_for_after_the_other_and_none_where_something_blocks() -> None:
    both = all_of(LEGACY, with_person(enabled=False))
    first = asked_for_reason(check(both(GOOD)))
    assert first is not None
    assert first.kind is FindingKind.PERSON_DISABLED
    second = asked_for_reason(
        check(all_of(both, passing(person_disabled=OverrideReason.STARTS_LATER))(GOOD))
    )
    assert second is not None
    assert second.kind is FindingKind.POLICY_OFF
    blocked = all_of(both, with_person(guest=True))
    assert asked_for_reason(check(blocked(GOOD))) is None


def test_m2_every_finding_that_asks_takes_a_reason_from_a_short_list() -> None:
    assert all(1 < len(reasons) <= 4 for reasons in REASONS.values())
    assert set(OverrideReason) == {reason for reasons in REASONS.values() for reason in reasons}


def test_m6_a_disabled_person_is_given_a_token_with_a_reason_in_both_modes() -> None:
    for mode in Mode:
        change = all_of(
            with_mode(mode),
            with_person(enabled=False),
            passing(person_disabled=OverrideReason.STARTS_LATER),
        )
        assert not stands_in_the_way(check(change(GOOD)))


ROLE_GROUP = Protection(ProtectionKind.ROLE_GROUP, "Tier 0")
RESTRICTED = Protection(ProtectionKind.RESTRICTED_UNIT)


def guarded_by(*protections: Protection) -> Change:
    return lambda facts: replace(facts, protections=protections)


@pytest.mark.parametrize(
    ("roles", "severity"),
    [
        ({Role.AUTHENTICATION_ADMINISTRATOR}, BLOCKS),
        ({Role.AUTHENTICATION_POLICY_ADMINISTRATOR}, CAUTION),
        ({Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR}, None),
        ({Role.GLOBAL_ADMINISTRATOR}, None),
        (None, None),
    ],
)
def test_m5_a_member_of_a_role_assignable_group_is_named_before_anything_is_sent(
    roles: set[Role] | None, severity: Severity | None
) -> None:
    held = frozenset(roles) if roles is not None else None
    findings = check(all_of(with_roles(held), guarded_by(ROLE_GROUP))(GOOD))
    told = [(f.severity, f.about) for f in findings if f.kind is FindingKind.PERSON_IN_ROLE_GROUP]
    assert told == ([(severity, "Tier 0")] if severity else [])


def test_m11_what_is_ones_own_needs_no_role_and_no_permission_for_others() -> None:
    oneself = replace(ADA, id=OPERATOR.id)
    narrow = replace(
        OPERATOR,
        roles=frozenset(),
        scopes=(OPERATOR.scopes - {SCOPE}) | {"UserAuthenticationMethod.ReadWrite"},
    )
    others = {finding.kind for finding in check(replace(GOOD, operator=narrow))}
    assert FindingKind.SCOPE_MISSING in others
    own = {finding.kind for finding in check(replace(GOOD, operator=narrow, person=oneself))}
    assert not own & {FindingKind.SCOPE_MISSING, FindingKind.ROLE_DOUBTFUL}


def test_m5_a_restricted_unit_is_a_caution_for_every_role_and_nothing_for_oneself() -> None:
    chief = with_roles(frozenset({Role.GLOBAL_ADMINISTRATOR}))
    kinds = {f.kind for f in check(all_of(chief, guarded_by(RESTRICTED))(GOOD))}
    assert FindingKind.PERSON_RESTRICTED in kinds
    oneself = replace(GOOD, operator=replace(OPERATOR, id=ADA.id), protections=(RESTRICTED,))
    assert FindingKind.PERSON_RESTRICTED not in {f.kind for f in check(oneself)}
