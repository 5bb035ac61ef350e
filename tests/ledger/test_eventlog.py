"""Heads in Windows' event log: written by the record, read back by verify, on a log in memory."""

from __future__ import annotations

import sqlite3
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import pytest

from app.cli import ledger as ledger_cli
from app.core.checkup import Told
from app.core.errors import LedgerUnreadable
from app.core.record import Head, HeadReason
from app.eventlog import HEAD, Kind
from app.ledger import SqliteLedger
from app.ledger.headlog import EventLog, HeadNote, State
from app.ledger.health import look_at_record
from tests.fakes.eventlog import FakeEvents, record
from tests.ledger.records import ended, raw

NOTE = HeadNote("ab" * 16, Head(3, "cd" * 32), r"C:\records\ledger.db", HeadReason.HOURLY, "Lobby")


def kept(path: Path, api: FakeEvents) -> None:
    """Keep a record of three enrollments whose heads are in the log."""
    with closing(SqliteLedger(path, log=EventLog(api), desk="Lobby")) as ledger:
        ledger.open()
        for number in range(3):
            ended(ledger, f"e{number}", number)
            ledger.log_head(HeadReason.HOURLY)


def verify(path: Path, api: FakeEvents, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    given = Namespace(
        ledger_command="verify", file=path, expect=[], no_log=False, json=False, tenant=""
    )
    return ledger_cli.run_from(given, {}, log=EventLog(api)), capsys.readouterr().out


def test_a_head_is_an_entry_that_reads_as_a_sentence_and_is_read_back() -> None:
    api = FakeEvents()
    log = EventLog(api)
    assert log.state is State.EVENT_LOG
    assert log.write(NOTE)
    assert api.kinds == [Kind.INFORMATION]
    (read,) = log.read()
    assert (read.record, read.head, read.file, read.reason) == (
        NOTE.record,
        NOTE.head,
        NOTE.file,
        "hourly",
    )
    assert (read.uid, read.boot_id) == ("", "")


def test_verify_follows_the_heads_of_a_sound_record(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api = FakeEvents()
    kept(path, api)
    code, said = verify(path, api, capsys)
    assert code == 0
    assert "that it follows: 5" in said


def test_verify_names_the_heads_that_a_cut_record_does_not_follow(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api = FakeEvents()
    kept(path, api)
    with raw(path) as db:
        db.execute("DELETE FROM events WHERE sequence > 4")
    code, said = verify(path, api, capsys)
    assert code == 1
    assert "6:" in said
    finding = look_at_record(path, log=EventLog(api))
    assert finding.told is not Told.RECORD_WHOLE


def test_entries_that_say_something_else_are_passed_over() -> None:
    api = FakeEvents()
    api.records = [
        record(HEAD, []),
        record(HEAD, ["a sentence", "OATHDESK_RECORD", "=", "OATHDESK_SEQUENCE=x"]),
        record(HEAD, ["s", f"OATHDESK_RECORD={'ab' * 16}", "OATHDESK_SEQUENCE=1"]),
    ]
    assert EventLog(api).read() == ()


@pytest.mark.expect_log("does not take the record's head")
def test_a_log_that_refuses_stops_nothing_and_is_told_once(path: Path) -> None:
    api = FakeEvents()
    api.broken = True
    log = EventLog(api)
    assert (log.write(NOTE), log.write(NOTE)) == (False, False)
    with pytest.raises(LedgerUnreadable, match="event log"):
        log.read()
    with closing(SqliteLedger(path, log=log)) as ledger:
        ledger.open()
        ended(ledger, "a")
        assert ledger.verify() is None
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM events").fetchone()[0] > 0
