"""Rights and the clock have their words: what is missing is named, and who grants it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.errors import Evidence, Forbidden, Unreachable
from app.core.model import Role
from app.core.rights import NEEDS, ROLE_NAMES, Feature, Standing, Verdict, standing
from app.core.skew import judge_offset
from app.station.rights import RightsNotice
from app.station.timekeeper import ClockNotice
from app.ui.wording.errors import trouble
from app.ui.wording.rights import cannot, clock_pill, clock_words, refused, rights_changed
from app.ui.wording.roles import ROLES
from tests.fakes.nouns import an_operator
from tests.ui.wording.test_desk import is_calm

NO = Forbidden(Evidence("GET", "/", 403, "accessDenied"))
BARE = replace(an_operator(), scopes=frozenset({"Mail.Read"}))
POWERLESS = replace(
    an_operator(),
    scopes=frozenset(scope for need in NEEDS.values() for scope in need.scopes),
    roles=frozenset(),
)


@pytest.mark.parametrize("feature", Feature, ids=lambda f: f.value)
def test_a_missing_scope_is_named_with_who_grants_it(feature: Feature) -> None:
    lack = standing(feature, BARE)
    said = cannot(lack)
    assert is_calm(said)
    assert lack.lacks in said.advice
    assert "Privileged Role Administrator" in said.advice


@pytest.mark.parametrize("feature", [f for f in Feature if NEEDS[f].roles], ids=lambda f: f.value)
def test_a_missing_role_is_named_with_who_grants_it(feature: Feature) -> None:
    lack = standing(feature, POWERLESS)
    said = cannot(lack)
    assert is_calm(said)
    assert lack.lacks in ROLE_NAMES.values()
    assert lack.lacks in said.advice
    assert "F5" in said.advice


def test_every_role_that_is_asked_for_has_its_name_in_other_languages() -> None:
    assert set(ROLES) == set(ROLE_NAMES.values())


def test_every_feature_has_a_sentence_of_its_own() -> None:
    sentences = {cannot(standing(feature, BARE)).sentence for feature in Feature}
    assert len(sentences) == len(Feature)


@pytest.mark.parametrize("feature", Feature, ids=lambda f: f.value)
def test_what_is_forbidden_for_no_known_reason_tells_what_it_needs(feature: Feature) -> None:
    said = refused(NO, (), feature)
    assert is_calm(said)
    assert any(scope in said.advice for scope in NEEDS[feature].scopes)
    assert all(ROLE_NAMES[role] in said.advice for role in NEEDS[feature].roles)


def test_what_is_forbidden_for_a_known_reason_names_that_one_alone() -> None:
    lack = Standing(Feature.EMPLOYEE_DATA, Verdict.SCOPE_MISSING, "User.Read.All")
    lacks = (Standing(Feature.ASSIGN, Verdict.ROLE_DOUBTFUL, "Another"), lack)
    assert refused(NO, lacks, Feature.EMPLOYEE_DATA) == cannot(lack)
    assert refused(NO, lacks, Feature.FIND_PEOPLE, Feature.EMPLOYEE_DATA) == cannot(lack)


def test_another_fault_than_a_refusal_keeps_its_words() -> None:
    away = Unreachable(Evidence())
    assert refused(away, (), Feature.READ_INVENTORY) == trouble(away)


@pytest.mark.parametrize(
    ("gained", "lost"), [((Role.GLOBAL_READER,), ()), ((), ("A.B",)), (("C",), ("A.B", "D"))]
)
def test_rights_that_came_or_went_are_named(gained: tuple[str, ...], lost: tuple[str, ...]) -> None:
    names = tuple(ROLE_NAMES[g] if isinstance(g, Role) else g for g in gained)
    said = rights_changed(RightsNotice(an_operator(), names, lost))
    assert is_calm(said)
    assert all(name in said.sentence for name in (*names, *lost))


def test_a_sign_in_that_cannot_be_renewed_says_what_to_do() -> None:
    said = rights_changed(RightsNotice(an_operator(), error=NO))
    assert is_calm(said)
    assert "Sign in again" in said.advice


@pytest.mark.parametrize(
    ("offset", "sentence", "pill"),
    [
        (42.4, "This machine's clock is 42 seconds slow.", "Clock 42 s slow"),
        (-42.4, "This machine's clock is 42 seconds fast.", "Clock 42 s fast"),
        (600, "This machine's clock is 10 minutes slow.", "Clock 600 s slow"),
        (-610, "This machine's clock is 10 minutes fast.", "Clock 610 s fast"),
    ],
)
def test_a_clock_that_is_off_says_how_far_and_which_way(
    offset: float, sentence: str, pill: str
) -> None:
    notice = ClockNotice(offset, judge_offset(offset))
    said = clock_words(notice)
    assert said.sentence == sentence
    assert said.advice.endswith(".")
    assert clock_pill(notice) == pill


def test_a_clock_that_is_right_says_nothing() -> None:
    assert clock_words(ClockNotice(1.0, judge_offset(1.0))).sentence == ""
