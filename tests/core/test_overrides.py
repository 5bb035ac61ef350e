"""A reason that was given to go on is a fact of the intent; records without one are as before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.core.enrollment import Enrollment, State
from app.core.model import Mode
from app.core.preflight import Finding, FindingKind, OverrideReason, Severity
from app.core.record import intent, lines
from app.ui.wording.desk import overridden
from tests.fakes.nouns import a_person, a_token, an_operator

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
PLAIN = Enrollment("e-1", Mode.ASSIGN_ONLY, State.RECORDING, a_token(), a_person("Ada"))
PASSED = Finding(FindingKind.POLICY_OFF, Severity.CAUTION, reason=OverrideReason.LEGACY_POLICY)


def test_m2_a_reason_is_a_fact_of_the_intent_and_shown_in_the_list() -> None:
    entry = intent(replace(PLAIN, findings=(PASSED,)), an_operator(), "Lobby", AT)
    assert entry.facts["override.policy_off"] == "legacy_policy"
    (line,) = lines([entry])
    assert line.overrides == (("policy_off", "legacy_policy"),)


def test_m2_without_a_reason_the_facts_are_what_they_were() -> None:
    caution = Finding(FindingKind.ROLE_DOUBTFUL, Severity.CAUTION)
    entry = intent(replace(PLAIN, findings=(caution,)), an_operator(), "Lobby", AT)
    assert entry == intent(PLAIN, an_operator(), "Lobby", AT)
    assert not [name for name in entry.facts if name.startswith("override")]
    assert lines([entry])[0].overrides == ()


def test_m2_what_a_newer_version_wrote_is_shown_in_its_own_words() -> None:
    assert overridden("policy_off", "legacy_policy") == (
        "A legacy policy permits tokens (The tenant's policy for hardware tokens is off)"
    )
    assert overridden("weather", "rain") == "rain (weather)"
