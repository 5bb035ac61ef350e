"""What is asked for is needed, what is missing is named, and what is not known is not claimed."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations, product

import pytest

from app.core.model import HeldRole, Operator, Role
from app.core.rights import (
    BEYOND_REACH,
    DEFAULT_FEATURES,
    NEEDS,
    ROLE_NAMES,
    WITHIN_REACH,
    Feature,
    Reach,
    Standing,
    Verdict,
    essential_scopes,
    lacks,
    reach,
    roles_for,
    scopes_for,
    served_by,
    served_by_roles,
    standing,
)
from tests.fakes.nouns import an_operator

EVERY_SCOPE = frozenset(chain.from_iterable(need.scopes for need in NEEDS.values()))
ALL_MIGHTY = replace(an_operator(), scopes=EVERY_SCOPE, roles=frozenset(Role))
NARROW = "UserAuthMethod-HardwareOATH.ReadWrite.All"


def with_scopes(*scopes: str) -> Operator:
    return replace(ALL_MIGHTY, scopes=frozenset(scopes))


def with_roles(*roles: Role) -> Operator:
    return replace(ALL_MIGHTY, roles=frozenset(roles))


def test_what_a_desk_asks_for_follows_from_what_it_does() -> None:
    assert scopes_for() == (
        "User.Read",
        "User.Read.All",
        "UserAuthenticationMethod.ReadWrite.All",
        "Policy.Read.All",
    )


def test_m3_the_page_asks_for_what_is_needed_to_sign_in_and_m4_one_permission_reads_both() -> None:
    assert essential_scopes(scopes_for()) == ("User.Read",)
    assert essential_scopes(("UserAuthenticationMethod.ReadWrite",)) == ()
    assert set(served_by("Policy.Read.All")) == {Feature.READ_INVENTORY, Feature.READ_POLICY}
    assert scopes_for({Feature.READ_POLICY}) == ("Policy.Read.AuthenticationMethod",)


def test_every_scope_that_is_asked_for_serves_a_feature() -> None:
    assert all(served_by(scope) for scope in scopes_for())
    assert served_by("Mail.Read", Feature) == ()


@pytest.mark.parametrize("count", range(1, len(Feature) + 1))
def test_whatever_is_switched_on_is_served_and_nothing_asked_for_is_idle(count: int) -> None:
    for features in combinations(Feature, count):
        asked = frozenset(scopes_for(features))
        assert lacks(with_scopes(*asked), features) == ()
        for scope in asked:
            without = with_scopes(*asked - {scope}, "Mail.Read")
            assert lacks(without, features), f"{scope} is not needed for {features}"


def test_importing_tokens_asks_for_one_scope_in_place_of_two() -> None:
    asked = scopes_for(DEFAULT_FEATURES | {Feature.WRITE_INVENTORY})
    assert "Policy.ReadWrite.AuthenticationMethod" in asked
    assert not {"Policy.Read.All", "Policy.Read.AuthenticationMethod"} & set(asked)


@pytest.mark.parametrize("feature", Feature, ids=lambda f: f.value)
def test_each_alternative_scope_and_role_is_enough(feature: Feature) -> None:
    need = NEEDS[feature]
    for scope in need.scopes:
        assert standing(feature, with_scopes(scope)).verdict is Verdict.ALLOWED
    for role in need.roles:
        assert standing(feature, with_roles(role)).verdict is Verdict.ALLOWED


@pytest.mark.parametrize("feature", Feature, ids=lambda f: f.value)
def test_without_any_of_its_scopes_a_feature_names_one(feature: Feature) -> None:
    others = EVERY_SCOPE - set(NEEDS[feature].scopes)
    found = standing(feature, with_scopes(*others, "Mail.Read"))
    assert found.verdict is Verdict.SCOPE_MISSING
    assert found.lacks in NEEDS[feature].scopes


@pytest.mark.parametrize("feature", Feature, ids=lambda f: f.value)
def test_without_any_of_its_roles_a_feature_names_one(feature: Feature) -> None:
    need = NEEDS[feature]
    found = standing(feature, with_roles(*frozenset(Role) - set(need.roles)))
    if need.roles:
        named = ROLE_NAMES[need.roles[0]]
        assert found == Standing(feature, Verdict.ROLE_DOUBTFUL, named)
    else:
        assert found.verdict is Verdict.ALLOWED


def test_what_could_not_be_read_is_unknown_and_no_lack() -> None:
    unread = replace(ALL_MIGHTY, roles=None)
    assert standing(Feature.ASSIGN, unread).verdict is Verdict.UNKNOWN
    assert standing(Feature.SIGN_IN, unread).verdict is Verdict.ALLOWED
    assert standing(Feature.SIGN_IN, with_scopes()).verdict is Verdict.UNKNOWN
    assert lacks(replace(unread, scopes=frozenset()), Feature) == ()
    assert lacks(None) == ()


def test_a_missing_scope_is_certain_whatever_the_roles() -> None:
    operator = replace(with_scopes("User.Read"), roles=None)
    assert standing(Feature.ASSIGN, operator).verdict is Verdict.SCOPE_MISSING


def test_what_is_named_is_what_the_station_would_ask_for() -> None:
    bare = with_scopes("User.Read")
    assert {lack.lacks for lack in lacks(bare)} == set(scopes_for()) - {"User.Read"}
    assert [lack.lacks for lack in lacks(with_scopes(NARROW), {Feature.SEE_METHODS})] == [
        "UserAuthenticationMethod.Read.All"
    ]


def test_every_role_has_the_name_that_entra_gives_it() -> None:
    assert set(ROLE_NAMES) == set(Role)


def test_no_role_is_both_within_reach_and_beyond_it() -> None:
    assert not WITHIN_REACH & BEYOND_REACH


@pytest.mark.parametrize(
    ("own", "target", "expected"),
    [
        (Role.AUTHENTICATION_ADMINISTRATOR, BEYOND_REACH, Reach.REFUSED),
        (Role.AUTHENTICATION_ADMINISTRATOR, WITHIN_REACH, Reach.SERVED),
        (Role.AUTHENTICATION_ADMINISTRATOR, {"made-up"}, Reach.DOUBTFUL),
        (Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, BEYOND_REACH, Reach.SERVED),
        (Role.GLOBAL_ADMINISTRATOR, BEYOND_REACH, Reach.SERVED),
        (Role.GLOBAL_READER, BEYOND_REACH, Reach.DOUBTFUL),
    ],
)
def test_who_serves_whom(own: Role, target: frozenset[str], expected: Reach) -> None:
    for template_id in target:
        held = (HeldRole(template_id, "A role"),)
        assert reach(with_roles(own), held)[0] is expected
        with_reader = (HeldRole(min(WITHIN_REACH)), *held)
        assert reach(with_roles(own), with_reader)[0] is expected


def test_nobody_without_roles_is_out_of_reach() -> None:
    assert reach(with_roles(), ()) == (Reach.SERVED, "")
    assert reach(with_roles(), None) == (Reach.SERVED, "")


@pytest.mark.parametrize("count", range(len(Feature) + 1))
def test_whoever_has_one_role_of_each_group_lacks_none(count: int) -> None:
    for features in combinations(Feature, count):
        for choice in product(*roles_for(features)):
            assert lacks(with_roles(*choice), features) == ()


def test_no_group_of_roles_is_asked_for_in_vain() -> None:
    for group in roles_for(Feature):
        assert served_by_roles(group, Feature)
        assert Role.GLOBAL_ADMINISTRATOR not in group


def test_each_group_of_roles_says_what_it_is_for() -> None:
    serving, policy = roles_for()
    assert Feature.ASSIGN in served_by_roles(serving)
    assert served_by_roles(policy) == (Feature.READ_INVENTORY, Feature.READ_POLICY)
    assert served_by_roles(policy, {Feature.ASSIGN}) == ()
