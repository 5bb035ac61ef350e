"""The record is verified without being changed, and for no longer than it may take."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.core.checkup import Told, Verdict
from app.core.errors import LedgerUnreadable
from app.ledger import SqliteLedger, verify, verifying
from app.ledger.headlog import Journal
from app.ledger.health import look_at_record
from tests.ledger.records import intent_of, raw
from tests.support.journald import Journald

NO_LOG = Journal(Path("none"), ("none",))


def filled(ledger: SqliteLedger, path: Path) -> bytes:
    for number in range(5):
        ledger.append(intent_of(f"enrollment-{number}"))
    ledger.close()
    return path.read_bytes()


def test_a_record_that_was_never_begun_is_well_and_is_not_made(path: Path) -> None:
    finding = look_at_record(path)
    assert (finding.verdict, finding.told) == (Verdict.OK, Told.RECORD_NONE)
    assert not path.exists()


def test_a_whole_record_is_well_and_stays_as_it_was(ledger: SqliteLedger, path: Path) -> None:
    before = filled(ledger, path)
    finding = look_at_record(path, log=NO_LOG)
    assert (finding.verdict, finding.told) == (Verdict.OK, Told.RECORD_ALONE)
    assert path.read_bytes() == before


def test_a_record_in_use_can_be_looked_at(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(intent_of("enrollment-1"))
    assert look_at_record(path, log=NO_LOG).told is Told.RECORD_ALONE
    assert ledger.append(intent_of("enrollment-2")) == 2


def test_the_first_entry_that_was_changed_is_named(ledger: SqliteLedger, path: Path) -> None:
    filled(ledger, path)
    with raw(path) as db:
        db.execute("UPDATE events SET state = 'activated' WHERE sequence = 3")
    finding = look_at_record(path)
    assert (finding.verdict, finding.told) == (Verdict.FAILURE, Told.RECORD_CHANGED)
    assert finding.facts["entry"] == 3
    assert ("Problem", "changed") in finding.rows


def test_a_file_that_is_no_record_is_told_with_its_error(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    finding = look_at_record(path)
    assert finding.verdict is Verdict.FAILURE
    assert isinstance(finding.error, LedgerUnreadable)


def test_a_record_too_long_for_the_time_is_a_warning(
    ledger: SqliteLedger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(ledger, path)
    monkeypatch.setattr(verifying, "_BREATH", 1)
    finding = look_at_record(path, seconds=0.0)
    assert (finding.verdict, finding.told) == (Verdict.WARNING, Told.RECORD_LONG)
    with pytest.raises(TimeoutError):
        verify(path, 0.0)


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="Linux alone has the systemd journal"
)
def test_t4_heads_in_the_journal_are_read_and_followed(path: Path, tmp_path: Path) -> None:
    with Journald(tmp_path) as journald:
        log = journald.system_log
        ledger = SqliteLedger(path, log=log)
        ledger.open()
        filled(ledger, path)
        journald.entries()
        finding = look_at_record(path, log=log)
        assert (finding.verdict, finding.told) == (Verdict.OK, Told.RECORD_WHOLE)
        with raw(path) as db:
            db.execute("DELETE FROM events WHERE sequence > 3")
            db.execute("DELETE FROM enrollments WHERE began_seq > 3")
            db.execute(
                "UPDATE head SET sequence = 3, hash = (SELECT hash FROM events WHERE sequence = 3)"
            )
        finding = look_at_record(path, log=log)
        assert (finding.verdict, finding.told) == (Verdict.FAILURE, Told.RECORD_UNFOLLOWED)


def test_t4_a_list_that_was_edited_is_told(ledger: SqliteLedger, path: Path) -> None:
    filled(ledger, path)
    with raw(path) as db:
        db.execute("UPDATE enrollments SET last_state = 'withdrawn' WHERE began_seq = 2")
    finding = look_at_record(path, log=NO_LOG)
    assert (finding.verdict, finding.told) == (Verdict.FAILURE, Told.RECORD_LISTED_OTHERWISE)
