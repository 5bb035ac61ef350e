"""Every finding has words, each place in them is filled, and the report is one text everywhere."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from app.core.checkup import Check, Finding, Told, Verdict
from app.core.errors import LedgerUnreadable
from app.ui.wording.doctor import check_name, counts, overall_words, rows_of, said, verdict_word
from app.ui.wording.doctor_report import as_lines, as_members
from app.ui.wording.doctor_words import FINDINGS
from app.ui.wording.errors import trouble

WELL = Finding(Check.PROXY, Verdict.OK, Told.PROXY_NONE, rows=(("Proxy", "none"),))
BROKEN = Finding(
    Check.GRAPH_NAME,
    Verdict.FAILURE,
    Told.NAME_UNKNOWN,
    {"host": "graph.microsoft.com"},
    (("Error", "gaierror"),),
)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_finding_without_an_error_has_words() -> None:
    assert set(FINDINGS) == set(Told) - {Told.FAULT}


def test_every_check_and_every_verdict_has_a_name() -> None:
    assert all(check_name(check) for check in Check)
    assert check_name(Check.SCOPE, "User.Read") == "Permission User.Read"
    assert len({verdict_word(verdict) for verdict in Verdict}) == len(Verdict)


@pytest.mark.parametrize("told", FINDINGS, ids=str)
def test_sentences_are_whole_and_do_not_shout(told: Told) -> None:
    sentence, advice = FINDINGS[told]
    assert sentence.rstrip().endswith((".", "}."))
    assert not advice or advice.endswith(".")
    assert "!" not in sentence + advice


def test_an_error_speaks_for_itself_and_gives_its_evidence() -> None:
    error = LedgerUnreadable("ledger.db: not a database")
    finding = Finding(Check.RECORD, Verdict.FAILURE, Told.FAULT, error=error)
    assert said(finding) == trouble(error)
    assert ("Problem", str(error)) in rows_of(finding)


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (-600.0, "10 min fast"),
        (45.0, "45 s slow"),
        (119.0, "119 s slow"),
        (130.0, "2 min slow"),
    ],
)
def test_a_clock_is_off_by_seconds_or_minutes_slow_or_fast(offset: float, words: str) -> None:
    finding = Finding(Check.CLOCK, Verdict.WARNING, Told.CLOCK_OFF, {"offset": offset})
    assert said(finding).sentence == f"The clock of this machine is {words}."


def test_what_waits_names_the_line_it_waits_for() -> None:
    facts = {"check": Check.SCOPE, "subject": "User.Read"}
    finding = Finding(Check.POLICY, Verdict.NOT_CHECKED, Told.AFTER, facts)
    assert said(finding).sentence.endswith("failed: Permission User.Read.")


def test_an_inventory_beyond_its_first_page_is_not_counted_to_its_end() -> None:
    def sentence(*, more: bool) -> str:
        facts = {"count": 100, "more": more}
        return said(Finding(Check.INVENTORY, Verdict.OK, Told.INVENTORY_READ, facts)).sentence

    assert sentence(more=True).endswith("page: 100 or more.")
    assert sentence(more=False).endswith("page: 100.")


def test_a_line_that_is_well_is_one_line_and_a_broken_one_has_advice_and_evidence() -> None:
    lines = as_lines((WELL, BROKEN))
    assert lines[0].startswith("+ ok ")
    assert lines[1].startswith("x failure ")
    assert "The name graph.microsoft.com is not known here." in lines[1]
    text = "\n".join(lines)
    assert "Error: gaierror" in text
    assert "Proxy: none" not in text
    assert lines[-2:] == [overall_words((WELL, BROKEN)), counts((WELL, BROKEN))]


def test_the_report_for_programs_has_stable_keys() -> None:
    report = as_members((WELL, BROKEN))
    assert set(report) == {"format", "version", "verdict", "exit_code", "findings"}
    assert (report["format"], report["verdict"], report["exit_code"]) == (1, "failure", 1)
    findings = report["findings"]
    assert isinstance(findings, list)
    assert findings[1] == {
        "check": "graph_name",
        "subject": "",
        "verdict": "failure",
        "told": "name_unknown",
        "sentence": "The name graph.microsoft.com is not known here.",
        "advice": said(BROKEN).advice,
        "evidence": [["Error", "gaierror"]],
    }


def test_an_error_is_told_to_programs_by_its_name() -> None:
    error = LedgerUnreadable("ledger.db")
    finding = Finding(Check.RECORD, Verdict.FAILURE, Told.FAULT, error=error)
    findings = as_members((finding,))["findings"]
    assert isinstance(findings, list)
    assert findings[0]["told"] == "LedgerUnreadable"


def test_the_home_folder_is_not_named_after_its_person(monkeypatch: pytest.MonkeyPatch) -> None:
    home = str(Path("/home/dana.okafor"))
    monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("USERPROFILE", home)
    facts = {"folder": f"{home}/record"}
    rows = (("Folder", f"{home}/record"),)
    finding = Finding(Check.RECORD_FOLDER, Verdict.FAILURE, Told.FOLDER_UNWRITABLE, facts, rows)
    text = f"{as_members((finding,))} {as_lines((finding,))}"
    assert "dana" not in text
    assert "~/record" in text


def test_an_empty_report_is_none_to_stumble_over() -> None:
    assert as_lines(()) == ["", overall_words(()), counts(())]
