"""M7: the record of a Temporary Access Pass on disk: verified, listed, exported, opened."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.access_pass import AccessPass, PassOrder
from app.core.history import ExportForm, HistoryQuery
from app.core.model import Operation
from app.core.pass_work import PassEvent, PassWork, open_passes, ordered, passage
from app.core.record import Entry
from app.core.retention import EraseOrder
from app.core.states import State
from app.ledger import SqliteLedger, records, verify
from app.ledger.schema import VERSION
from tests.fakes.nouns import a_person, an_operator
from tests.ledger.records import as_version

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
WORK = PassWork("pass-1", a_person("Ada"), PassOrder(60, once=True), AT)
MADE = AccessPass("new", AT, AT, 60, once=True)


def entries(*, whole: bool = True) -> list[Entry]:
    sent = WORK.after(PassEvent.ACCEPTED, seen=MADE, shown=True)
    seen = sent.after(PassEvent.SEEN, seen=MADE)
    found = [ordered(WORK, an_operator(), "Desk 1"), passage(sent, PassEvent.ACCEPTED, AT)]
    return [*found, passage(seen, PassEvent.SEEN, AT)] if whole else found


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    found = SqliteLedger(tmp_path / "ledger.db")
    found.open()
    return found


def test_m7_it_is_listed_searched_and_whole(ledger: SqliteLedger) -> None:
    for entry in entries():
        ledger.append(entry)
    (line,) = ledger.page(HistoryQuery(text="ada"), None, 10).lines
    assert (line.operation, line.state) == (Operation.ISSUE_PASS, State.ISSUED)
    assert ledger.page(HistoryQuery(states=frozenset({State.ISSUED})), None, 10).lines == (line,)
    assert [known.name for known in ledger.operators()] == ["Olu"]
    assert ledger.unsettled() == ()
    assert ledger.check_list()
    ledger.close()
    assert verify(ledger.path) is None


def test_m7_what_is_open_is_found_again(ledger: SqliteLedger) -> None:
    for entry in entries(whole=False):
        ledger.append(entry)
    ledger.close()
    again = SqliteLedger(ledger.path)
    again.open()
    (work,) = open_passes(again.unsettled())
    assert (work.state, work.pass_id, work.facts.shown) == (State.CONFIRMING, "new", True)
    again.close()


def test_m7_exports_name_it(ledger: SqliteLedger, tmp_path: Path) -> None:
    for entry in entries():
        ledger.append(entry)
    for form in ExportForm:
        path = tmp_path / f"out.{form.value}"
        assert ledger.export(HistoryQuery(), form, str(path), lambda _: None) == 3
    ledger.close()
    table = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(table.splitlines()))
    assert [row["kind"] for row in rows] == ["pass"] * 3
    assert (rows[0]["operation"], rows[0]["person_name"]) == ("issue_pass", "Ada")
    assert json.loads(rows[0]["more"])["lifetime_minutes"] == "60"
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[2])["state"] == "issued"


def test_m7_it_is_erased_with_the_rest(ledger: SqliteLedger) -> None:
    for entry in entries():
        ledger.append(entry)
    later = AT + timedelta(days=100)
    ledger.append(replace(ordered(replace(WORK, id="pass-2"), an_operator(), "Desk 1"), at=later))
    done = ledger.erase(EraseOrder(later, later, "test"), lambda _: None)
    ledger.close()
    assert done.entries == 3
    assert verify(ledger.path) is None


def test_m7_a_record_of_the_version_before_keeps_every_hash(ledger: SqliteLedger) -> None:
    for entry in entries():
        ledger.append(entry)
    ledger.close()
    before = [found.hash for found in records(ledger.path)]
    with closing(sqlite3.connect(ledger.path)) as db:
        as_version(db, 8)
    again = SqliteLedger(ledger.path)
    again.open()
    again.close()
    with closing(sqlite3.connect(ledger.path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert [found.hash for found in records(ledger.path)] == before
    assert verify(ledger.path) is None
