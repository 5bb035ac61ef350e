"""What a trial keeps, and what its report lets out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import LedgerUnreadable
from app.core.tenant_trial import FACTS, STEPS, Finding, Verdict, steps_for
from app.core.trial_journal import Journal, Redaction, Touched, journal_from, names_of

WORDS = st.text(max_size=12)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
TOKENS = st.builds(
    Touched,
    serial=WORDS,
    own=st.booleans(),
    device_ids=st.lists(WORDS, max_size=2).map(tuple),
    method_id=WORDS,
    there=st.booleans(),
    held=st.booleans(),
    answered=st.booleans(),
    since=MOMENTS,
)
FINDINGS = st.builds(
    Finding,
    fact=st.sampled_from(sorted(FACTS)),
    verdict=st.sampled_from(Verdict),
    observed=WORDS,
    rows=st.lists(st.tuples(WORDS, WORDS), max_size=2).map(tuple),
)
JOURNALS = st.builds(
    Journal,
    run=WORDS,
    began=WORDS,
    person_id=WORDS,
    spare=WORDS,
    uploads=st.integers(0, 99),
    touched=st.lists(TOKENS, max_size=3, unique_by=lambda each: each.serial).map(tuple),
    answered=st.dictionaries(
        st.sampled_from(sorted(STEPS)), st.lists(FINDINGS, max_size=2).map(tuple), max_size=2
    ),
)
TENANT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30"
KNOWN = {
    TENANT: "<tenant>",
    **dict.fromkeys(names_of("Siobhán O’Brien-Müller"), "<person>"),
    "8659610904217": "<token>",
}


@settings(max_examples=60)
@given(JOURNALS)
def test_a_journal_is_read_as_it_was_kept(journal: Journal) -> None:
    assert journal_from(journal.text()) == journal


@settings(max_examples=60)
@given(JOURNALS, st.integers(0, 400), st.sampled_from("{}[],:0x\x00"))
def test_a_journal_that_was_changed_is_read_or_refused_and_nothing_else(
    journal: Journal, at: int, character: str
) -> None:
    text = journal.text()
    try:
        journal_from(text[:at] + character + text[at + 1 :])
    except LedgerUnreadable:
        return


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("User 'siobhán o’brien-müller' has none.", "User '<person>' has none."),
        ("Siobhán has 5 methods.", "<person> has 5 methods."),
        (f"Tenant {TENANT.upper()} is not allowed.", "Tenant <tenant> is not allowed."),
        ("Resource '0f0e0d0c-0b0a-4908-8706-050403020100' is gone.", "Resource '<id>' is gone."),
        ("for: somebody.else@contoso.example, serial", "for: <address>, serial"),
        ("Token 8659610904217 is held.", "Token <token> is held."),
        ("serial number: 00417208", "serial number: <number>"),
        ("The code 041238 was used.", "The code <six digits> was used."),
        ("secretKey JBSWY3DPEHPK3PXPJBSWY3DP is bad", "secretKey <text> is bad"),
        ("secretKey jbswy3dpehpk3pxpjbswy3dp is bad", "secretKey <text> is bad"),
        ("Bearer eyJ0eXAiOiJKV1QiLCJ.eyJhdWQiOiJ.c2ln", "Bearer <sign-in token>"),
        ("hardwareTokenUploadValidationFailure", "hardwareTokenUploadValidationFailure"),
        ("The value of 'timeIntervalInSeconds' must be 30.",) * 2,
    ],
)
def test_names_and_secrets_are_taken_out_of_what_graph_says(said: str, told: str) -> None:
    assert Redaction(KNOWN).of(said) == told


@pytest.mark.parametrize(
    "secret", ["JBSWY3DPEHPK3PXPJBSWY3DP", "041238", "eyJ0eXAiOiJKV1QiLCJ.eyJhdWQiOiJ.c2ln"]
)
def test_whoever_keeps_names_keeps_no_secret(secret: str) -> None:
    redaction = Redaction(KNOWN, keep_names=True)
    assert secret not in redaction.of(f"it was {secret} for Siobhán")
    assert "Siobhán" in redaction.of(f"it was {secret} for Siobhán")


def test_a_request_id_stays_and_its_message_does_not() -> None:
    rows = (("Message", f"no {TENANT}"), ("request-id", TENANT))
    found = Redaction(KNOWN).finding(Finding("wrong.code", Verdict.ANSWER, "refused", rows))
    assert found.rows == (("Message", "no <tenant>"), ("request-id", TENANT))


def test_a_step_brings_along_what_it_rests_on_in_the_order_of_the_table() -> None:
    assert [step.key for step in steps_for(["deactivate"])] == ["assign", "activate", "deactivate"]
    with pytest.raises(KeyError):
        steps_for(["everything"])
