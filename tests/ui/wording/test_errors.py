"""Every kind of error has a sentence of its own, and its raw facts stay at hand."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.auth.answers import by_device_code, refusal
from app.core.errors import (
    BrowserNotConfined,
    DirectoryError,
    Evidence,
    IllegalEvent,
    KeyUnusable,
    LedgerError,
    NotConfigured,
    OathdeskError,
    Rejected,
    SeedReadingStopped,
    SettingsError,
    SettingsProblem,
    SignInCancelled,
    SignInEvidence,
    SignInRefused,
    SignInUnreachable,
    Throttled,
)
from app.core.signin import Unconfined
from app.ui.wording.errors import evidence_rows, refused_code, trouble

ASKED = Evidence(
    "POST", "/users/1/assign", 400, "badRequest", "<b>No</b> {x}", "r-1", "c-1", "Mon", None
)
UNNAMED = trouble(OathdeskError()).sentence


def leaves(kind: type[OathdeskError] = OathdeskError) -> Iterator[type[OathdeskError]]:
    """The types at the ends of the tree: what is raised."""
    below = [each for each in kind.__subclasses__() if each.__module__.startswith("app.core.")]
    for each in below:
        yield from leaves(each)
    if not below:
        yield kind


def one(kind: type[OathdeskError]) -> OathdeskError:
    """An error of `kind`, with evidence where it carries any."""
    if issubclass(kind, DirectoryError):
        return kind(ASKED)
    if issubclass(kind, SignInRefused):
        return kind(SignInEvidence("invalid_grant", "", "i-1"))
    if issubclass(kind, SettingsError):
        return kind(SettingsProblem("config.toml:2", "found the whole number 7", "tenant.id"))
    if issubclass(kind, KeyUnusable):
        return kind("station.pem", "others can read it", "chmod 600 station.pem")
    if issubclass(kind, BrowserNotConfined):
        return kind(Unconfined.NO_POLICY, "/etc/chromium/policies/managed", "empty")
    return kind("why")


KINDS = sorted(leaves(), key=lambda kind: kind.__name__)
UNSPOKEN = {IllegalEvent, SignInCancelled, SeedReadingStopped}
SPOKEN = [kind for kind in KINDS if kind not in UNSPOKEN]
"""What the operator stopped is no news to them; an illegal event is a fault of ours."""


@pytest.mark.parametrize("kind", SPOKEN, ids=lambda k: k.__name__)
def test_every_error_has_a_sentence_of_its_own_and_an_advice(kind: type[OathdeskError]) -> None:
    said = trouble(one(kind))
    assert said.sentence != UNNAMED
    for words in (said.sentence, said.advice):
        assert words.endswith(".")
        assert not re.search(r"[!{}]|\b[1-5]\d\d\b|AADSTS", words)


def test_no_two_errors_share_a_sentence() -> None:
    assert len({trouble(one(kind)).sentence for kind in SPOKEN}) == len(SPOKEN)


def test_an_error_without_a_name_still_says_something() -> None:
    assert UNNAMED.endswith(".")
    assert trouble(IllegalEvent("why")).sentence == UNNAMED


@pytest.mark.parametrize("kind", SPOKEN, ids=lambda k: k.__name__)
def test_every_error_shows_its_raw_facts(kind: type[OathdeskError]) -> None:
    rows = evidence_rows(one(kind))
    assert rows
    assert all(label and value for label, value in rows)


def test_the_servers_own_words_are_never_changed() -> None:
    rows = dict(evidence_rows(Rejected(ASKED)))
    assert rows["Message"] == "<b>No</b> {x}"
    assert rows["request-id"] == "r-1"
    assert rows["client-request-id"] == "c-1"


def test_the_time_is_told_in_utc() -> None:
    at = datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC)
    assert "09:00:10.000+00:00" in dict(evidence_rows(Rejected(Evidence(at=at))))["Time (UTC)"]


def test_no_error_has_no_rows() -> None:
    assert evidence_rows(None) == ()
    assert evidence_rows(SignInCancelled()) == ()


def test_a_ledger_and_a_sign_in_service_say_what_the_system_said() -> None:
    assert evidence_rows(LedgerError("disk full"))[0][1] == "disk full"
    assert evidence_rows(SignInUnreachable("no route"))[0][1] == "no route"


def test_every_problem_of_a_configuration_is_shown_with_what_is_allowed() -> None:
    error = SettingsError(
        SettingsProblem("config.toml:2", 'found the text "<b>"', "desk.mode", "one of {these}"),
        SettingsProblem("config.toml:7", "it is locked", "desk.name", warning=True),
    )
    assert evidence_rows(error) == (
        ("Place", "config.toml:2"),
        ("Key", "desk.mode"),
        ("Problem", 'found the text "<b>"'),
        ("Allowed", "one of {these}"),
        ("Place", "config.toml:7"),
        ("Key", "desk.name"),
        ("Hint", "it is locked"),
    )


def test_a_wrong_configuration_and_none_are_two_things() -> None:
    assert trouble(SettingsError()).sentence != trouble(NotConfigured()).sentence


def test_a_refused_code_asks_for_the_next_one() -> None:
    assert "next code" in refused_code(Rejected(ASKED)).advice
    assert refused_code(Throttled(ASKED)) == trouble(Throttled(ASKED))
    assert refused_code(None).sentence.endswith(".")


IN_CONTRACT = (530035, 530033, 53003, 530036, 530032, 530034, 530084, 65001, 65004, 7000218)
"""Every number of Entra's that the Graph contract and its findings know."""


def refused(number: int, words: str = "") -> SignInRefused:
    return refusal(SignInEvidence("access_denied", words or f"AADSTS{number}: Blocked."))


@pytest.mark.parametrize("number", IN_CONTRACT)
def test_m1_every_number_of_the_contract_has_a_sentence_and_a_way_out(number: int) -> None:
    said, plain = trouble(refused(number)), trouble(SignInRefused(SignInEvidence()))
    assert said.sentence != plain.sentence
    assert said.advice != plain.advice
    assert str(number) not in said.sentence + said.advice


def test_m1_no_two_numbers_of_the_contract_share_a_sentence() -> None:
    assert len({trouble(refused(number)).sentence for number in IN_CONTRACT}) == len(IN_CONTRACT)


def test_m1_a_device_code_that_conditional_access_blocks_has_another_way_out() -> None:
    by_code = by_device_code(refused(53003))
    assert "browser" in trouble(by_code).advice
    assert trouble(by_code).sentence != trouble(refused(53003)).sentence


@pytest.mark.parametrize("number", [1234, 50196, 999999, 12345678])
def test_m1_an_unknown_number_is_shown_with_the_services_words(number: int) -> None:
    words = (
        f"AADSTS{number}: <b>Nothing</b> the\x1b[31m program\u202e knows {{x}}.\r\n"
        "Trace ID: 255d1aef\r\nCorrelation ID: fb3d2015\r\nTimestamp: 2026-11-30 02:02:12Z"
    )
    said = trouble(refused(number, words))
    assert f"AADSTS{number}" in said.sentence
    assert "<b>Nothing</b> the [31m program knows {x}." in said.advice
    assert "Trace ID" not in said.advice
    assert said.advice.isprintable()


def test_m1_words_without_a_number_are_shown_and_endless_ones_are_cut() -> None:
    said = trouble(refusal(SignInEvidence("temporarily_unavailable", "y" * 5000)))
    assert "yyy" in said.advice
    assert len(said.advice) < 400
