"""T4: heads in the system's log, by the journal's own protocol on a real socket, and read back."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from app.cli import ledger as ledger_cli
from app.core.errors import LedgerUnreadable
from app.core.record import Head, HeadReason
from app.core.retention import EraseOrder
from app.ledger import SqliteLedger, examine
from app.ledger.headlog import MESSAGE_ID, HeadNote, Journal, State
from tests.ledger.records import NOON, ended, nothing, raw
from tests.support.journald import BOOT, Journald

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"),
    reason="Linux alone has the systemd journal and its kind of socket",
)

NOTE = HeadNote("ab" * 16, Head(3, "cd" * 32), "/records/ledger.db", HeadReason.HOURLY, "Lobby")


@pytest.fixture
def journald(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journald]:
    with Journald(tmp_path_factory.mktemp("journal")) as journald:
        yield journald


def ledger_at(path: Path, journald: Journald) -> SqliteLedger:
    ledger = SqliteLedger(path, log=journald.system_log, desk="Lobby")
    ledger.open()
    return ledger


def verify(
    path: Path, journald: Journald, capsys: pytest.CaptureFixture[str], *, as_json: bool = False
) -> tuple[int, str]:
    journald.entries()  # all that was sent has been taken
    given = Namespace(
        ledger_command="verify", file=path, expect=[], no_log=False, json=as_json, tenant=""
    )
    code = ledger_cli.run_from(given, {}, log=journald.system_log)
    return code, capsys.readouterr().out


def test_t4_a_head_arrives_by_the_journals_protocol(journald: Journald) -> None:
    assert journald.system_log.write(NOTE)
    (entry,) = journald.entries()
    assert entry["MESSAGE_ID"] == MESSAGE_ID
    assert entry["MESSAGE"] == f"Oathdesk record {'ab' * 16}: entry 3:{'cd' * 32} (hourly)"
    assert (entry["OATHDESK_SEQUENCE"], entry["OATHDESK_HASH"]) == ("3", "cd" * 32)
    assert (entry["SYSLOG_IDENTIFIER"], entry["PRIORITY"]) == ("oathdesk", "6")
    assert (entry["OATHDESK_DESK"], entry["_BOOT_ID"]) == ("Lobby", BOOT)


def test_t4_a_name_with_line_ends_stays_one_field(journald: Journald, tmp_path: Path) -> None:
    odd = HeadNote(
        "ab" * 16, Head(3, "cd" * 32), "/records/a\n_UID=0\nb", HeadReason.HOURLY, "L\nob"
    )
    assert journald.system_log.write(odd)
    (entry,) = journald.entries()
    assert entry["OATHDESK_FILE"] == "/records/a\n_UID=0\nb"
    assert entry["OATHDESK_DESK"] == "L\\nob"
    (read,) = journald.system_log.read()
    assert read.file == "/records/a\n_UID=0\nb"


def test_t4_what_was_logged_is_read_back_with_what_only_the_journal_knows(
    journald: Journald,
) -> None:
    import os  # noqa: PLC0415 - the number of this very user

    journald.system_log.write(NOTE)
    journald.entries()
    (read,) = journald.system_log.read()
    assert (read.record, read.head, read.reason) == (NOTE.record, NOTE.head, "hourly")
    assert (read.uid, read.boot_id) == (str(os.getuid()), BOOT)


def test_t4_a_machine_without_a_journal_goes_on(tmp_path: Path) -> None:
    log = Journal(tmp_path / "none", (str(tmp_path / "journalctl"),))
    assert (log.state, log.write(NOTE), log.read()) == (State.NONE, False, ())
    (tmp_path / "file").touch()
    assert Journal(tmp_path / "file").state is State.NONE


@pytest.mark.expect_log("does not take the record's head")
def test_t4_a_journal_that_has_ended_stops_nothing(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ended_one:
        ended_one.bind(str(tmp_path / "socket"))
    log = Journal(tmp_path / "socket")
    assert not log.write(NOTE)
    with closing(SqliteLedger(tmp_path / "ledger.db", log=log)) as ledger:
        ledger.open()
        ended(ledger, "a")
        ledger.log_head(HeadReason.SIGNED_OUT)
        assert ledger.verify() is None


def test_t4_a_journalctl_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "journalctl").write_text("not a program", encoding="utf-8")
    with pytest.raises(LedgerUnreadable, match="journalctl"):
        Journal(tmp_path / "none", (str(tmp_path / "journalctl"),)).read()


def test_t4_heads_are_logged_at_the_start_hourly_and_after_an_erasure(
    path: Path, journald: Journald
) -> None:
    with closing(ledger_at(path, journald)) as ledger:
        ledger.log_head(HeadReason.HOURLY)  # it has not moved
        ended(ledger, "a")
        ledger.log_head(HeadReason.HOURLY)
        ledger.log_head(HeadReason.HOURLY)
        ledger.log_head(HeadReason.SIGNED_OUT)
        order = EraseOrder(NOON + timedelta(days=1), NOON + timedelta(days=400))
        ledger.erase(order, nothing)
    ledger_at(path, journald).close()
    told = [(each["OATHDESK_REASON"], each["OATHDESK_SEQUENCE"]) for each in journald.entries()]
    assert told == [
        ("begun", "0"),
        ("hourly", "2"),
        ("signed-out", "2"),
        ("erased", "3"),
        ("closed", "3"),
        ("opened", "3"),
        ("closed", "3"),
    ]


def test_t4_verify_follows_all_heads_of_a_sound_record(
    path: Path, journald: Journald, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(ledger_at(path, journald)) as ledger:
        for number in range(3):
            ended(ledger, f"e{number}", number)
            ledger.log_head(HeadReason.HOURLY)
    code, said = verify(path, journald, capsys)
    assert code == 0
    assert "Heads of this record in the system's log that it follows: 5." in said


def cut(db: sqlite3.Connection) -> None:
    (last, digest) = db.execute("SELECT sequence, hash FROM events WHERE sequence = 2").fetchone()
    db.execute("DELETE FROM events WHERE sequence > 2")
    db.execute("DELETE FROM enrollments WHERE began_seq > 2")
    db.execute("UPDATE head SET sequence = ?, hash = ?", (last, digest))


def test_t4_a_cut_tail_is_named_with_the_heads_that_are_logged(
    path: Path, journald: Journald, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(ledger_at(path, journald)) as ledger:
        for number in range(3):
            ended(ledger, f"e{number}", number)
            ledger.log_head(HeadReason.HOURLY)
    with raw(path) as db:
        cut(db)
    code, said = verify(path, journald, capsys)
    assert code == 1
    assert said.count("The system's log holds a head that this record does not follow") == 3
    assert "the record ends at entry 2" in said
    assert "That is a sign and no proof" in said
    assert f"in boot {BOOT}" in said
    code, said = verify(path, journald, capsys, as_json=True)
    told = json.loads(said)
    assert (code, told["whole"], told["log"]["followed"]) == (1, False, 2)
    assert [each["sequence"] for each in told["log"]["unfollowed"]] == [4, 6, 6]
    assert {each["found"] for each in told["log"]["unfollowed"]} == {None}


def test_t4_a_record_of_another_name_in_the_same_place_is_told(
    path: Path, journald: Journald, capsys: pytest.CaptureFixture[str]
) -> None:
    """The record is deleted, and a new one begins in its place; or only its name is changed."""
    with closing(ledger_at(path, journald)) as ledger:
        ended(ledger, "a")
        ledger.log_head(HeadReason.SIGNED_OUT)
        first = examine(path).identity
    with raw(path) as db:
        db.execute("UPDATE identity SET name = ?", ("ee" * 16,))
    assert verify(path, journald, capsys)[0] == 0  # it follows what the other name promised

    for file in path.parent.iterdir():
        file.unlink()
    ledger_at(path, journald).close()
    code, said = verify(path, journald, capsys)
    assert code == 1
    assert f"another record in this place, {first}: the last is entry 2" in said


def test_t4_a_record_that_replaces_a_damaged_one_names_it(
    path: Path, journald: Journald, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(ledger_at(path, journald)) as ledger:
        ended(ledger, "a")
        ledger.log_head(HeadReason.SIGNED_OUT)
        before = examine(path).identity
    with raw(path) as db:
        db.execute("DROP TABLE enrollments")
    with closing(ledger_at(path, journald)) as ledger:
        assert ledger.report is not None
        assert ledger.report.set_aside is not None
    told = [each for each in journald.entries() if each["OATHDESK_REASON"] == "replaced"]
    assert [each["OATHDESK_PREDECESSOR"] for each in told] == [before]
    assert verify(path, journald, capsys)[0] == 0
    assert examine(path).identity != before


def test_t4_a_copy_is_judged_by_the_heads_of_its_record(
    path: Path, tmp_path: Path, journald: Journald, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(ledger_at(path, journald)) as ledger:
        ended(ledger, "a")
        ledger.log_head(HeadReason.HOURLY)
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    assert verify(backup, journald, capsys)[0] == 0
    with closing(ledger_at(path, journald)) as ledger:
        ended(ledger, "b", 5)
        ledger.log_head(HeadReason.HOURLY)
    code, said = verify(backup, journald, capsys)
    assert code == 1
    assert "a record that came back from a backup does not follow later heads either" in said
    assert verify(path, journald, capsys)[0] == 0


def test_t4_two_records_of_one_machine_do_not_disturb_each_other(
    path: Path, tmp_path: Path, journald: Journald, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        closing(ledger_at(path, journald)) as one,
        closing(ledger_at(tmp_path / "other.db", journald)) as other,
    ):
        ended(one, "a")
        ended(other, "b")
        ended(other, "c")
        one.log_head(HeadReason.HOURLY)
        other.log_head(HeadReason.HOURLY)
    assert verify(path, journald, capsys)[0] == 0
    assert verify(tmp_path / "other.db", journald, capsys)[0] == 0


def test_t4_a_head_that_another_user_wrote_is_told_with_that_user(
    path: Path, journald: Journald, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(ledger_at(path, journald)) as ledger:
        ended(ledger, "a")
    journald.forge(
        {
            "MESSAGE_ID": MESSAGE_ID,
            "OATHDESK_RECORD": examine(path).identity,
            "OATHDESK_SEQUENCE": "9",
            "OATHDESK_HASH": "00" * 32,
            "OATHDESK_REASON": "hourly\x1b[2J\u2028",
        },
        uid=4_711,
    )
    code, said = verify(path, journald, capsys)
    assert code == 1
    assert "by user 4711" in said
    assert "\x1b" not in said
    assert "\u2028" not in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"OATHDESK_SEQUENCE": "many"},
        {"OATHDESK_HASH": "00"},
        {"OATHDESK_RECORD": "x"},
        {"OATHDESK_SEQUENCE": None},
        {"__REALTIME_TIMESTAMP": "1" * 40},
        {"OATHDESK_HASH": [1, 2, 999]},
    ],
)
def test_t4_what_is_no_head_in_the_log_is_passed_over(
    journald: Journald, wrong: dict[str, object]
) -> None:
    journald.system_log.write(NOTE)
    (entry,) = journald.entries()
    with journald.file.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**entry, **wrong}) + "\n")
    assert len(journald.system_log.read()) == 1
