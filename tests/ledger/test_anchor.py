"""T4: what somebody who owns the file can do to it, and which of it `verify` finds with what."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from app.cli import main
from app.core.enrollment import State
from app.core.history import HistoryQuery
from app.core.record import Head
from app.core.retention import EraseOrder
from app.ledger import Fault, SqliteLedger, Why, examine, verify
from app.ledger.chain import GENESIS, Row, link, row_from
from app.ledger.erasure import erasure_row
from tests.ledger.records import (
    BLANK,
    INSERT,
    NOON,
    as_version,
    ended,
    intent_of,
    nothing,
    raw,
    state_of,
)

Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def record(ledger: SqliteLedger, path: Path) -> Path:
    """Five enrollments at rest, one after the other, then an open one, then one at rest.

    Each has two entries.
    """
    for number in range(5):
        ended(ledger, f"e{number}", 10 * number)
    ledger.append(intent_of("open", 60))
    ledger.append(state_of("open", State.CONFIRMING, 61))
    ended(ledger, "last", 65)
    ledger.close()
    return path


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*words: object) -> tuple[int, str]:
        code = main(["ledger", *(str(word) for word in words)])
        return code, capsys.readouterr().out

    return asked


def head_of(path: Path) -> Head:
    return examine(path).head


def chain_again(db: sqlite3.Connection, rows: list[tuple[int, *tuple[str, ...]]]) -> None:
    """Write `rows` anew, numbered from 1 and chained as they should be, with list and head."""
    db.execute("DELETE FROM events")
    previous = GENESIS
    for sequence, (_, *columns) in enumerate(rows, start=1):
        row = row_from(columns[:5])
        previous = link(previous, sequence, row)
        db.execute(INSERT, (sequence, *row[:5], previous))
    db.execute("UPDATE head SET sequence = ?, hash = ?", (len(rows), previous))


def without_last_two(db: sqlite3.Connection) -> None:
    """Cut the tail and set the head."""
    (last, digest) = db.execute("SELECT sequence, hash FROM events WHERE sequence = 12").fetchone()
    db.execute("DELETE FROM events WHERE sequence > 12")
    db.execute("DELETE FROM enrollments WHERE enrollment_id = 'last'")
    db.execute("UPDATE head SET sequence = ?, hash = ?", (last, digest))


def without_one(db: sqlite3.Connection) -> None:
    """Leave one enrollment out and chain the rest again."""
    rows = db.execute(
        "SELECT sequence, enrollment_id, kind, state, at, facts FROM events "
        "WHERE enrollment_id <> 'e2' ORDER BY sequence"
    ).fetchall()
    chain_again(db, rows)


@pytest.mark.parametrize("damage", [without_last_two, without_one])
def test_t4_what_is_chained_anew_is_found_with_a_head_that_was_kept(
    record: Path, ask: Ask, damage: Callable[[sqlite3.Connection], None]
) -> None:
    kept = head_of(record)
    with raw(record) as db:
        damage(db)
    with closing(SqliteLedger(record)) as ledger:
        ledger.open()
        ledger.check_list()  # makes the list anew, as the next start does

    assert ask("verify", "--no-log", record)[0] == 0  # as nothing in the file tells it

    code, said = ask("verify", "--no-log", "--expect", kept, record)
    assert code == 1
    assert f"Entry {kept.sequence} is not" in said


def test_t4_a_record_that_went_on_follows_each_head_that_was_kept(record: Path, ask: Ask) -> None:
    first = head_of(record)
    with closing(SqliteLedger(record)) as ledger:
        ledger.open()
        ended(ledger, "later", 70)
    second = head_of(record)

    code, _ = ask("verify", "--no-log", "--expect", first, "--expect", second, record)
    assert code == 0
    short = f"{first.sequence}:{first.hash[:32].upper()}"
    assert ask("verify", "--no-log", "--expect", short, record)[0] == 0


def test_t4_an_erasure_keeps_every_head(record: Path, ask: Ask) -> None:
    kept = head_of(record)
    with closing(SqliteLedger(record)) as ledger:
        ledger.open()
        order = EraseOrder(NOON + timedelta(minutes=25), NOON + timedelta(days=400))
        assert ledger.erase(order, nothing).enrollments == 3

    assert ask("verify", "--no-log", "--expect", kept, record)[0] == 0


def test_t4_a_wrong_head_is_told_with_both_hashes(record: Path, ask: Ask) -> None:
    code, said = ask("verify", "--no-log", "--expect", f"3:{'ab' * 32}", record)
    assert code == 1
    assert "Entry 3 is not the one that was expected" in said
    assert "ab" * 32 in said
    assert ask("verify", "--no-log", "--expect", f"999:{'ab' * 32}", record)[0] == 1


@pytest.mark.parametrize("text", ["", "7", "7:", ":" + "a" * 64, "7:abc", "x:" + "a" * 64])
def test_t4_what_is_no_head_is_refused(record: Path, text: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["ledger", "verify", "--expect", text, str(record)])


def test_t4_programs_are_told_the_same_as_json(record: Path, ask: Ask) -> None:
    head = head_of(record)
    code, said = ask("verify", "--json", "--no-log", "--expect", head, record)
    told = json.loads(said)
    assert (code, told["exit_code"], told["whole"], told["fault"]) == (0, 0, True, None)
    assert (told["entries"], told["hash"], told["missed"]) == (head.sequence, head.hash, [])

    code, said = ask("verify", "--json", "--no-log", "--expect", f"2:{'00' * 32}", record)
    told = json.loads(said)
    assert (code, told["exit_code"], told["whole"]) == (1, 1, False)
    assert [each["sequence"] for each in told["missed"]] == [2]


def test_t4_show_and_export_tell_heads_that_verify_takes(record: Path, ask: Ask) -> None:
    _, said = ask("show", "--last", 1, record)
    digest = said.split("hash: ")[1].split()[0]
    assert Head(14, digest) == head_of(record)
    _, lines = ask("export", "--format", "jsonl", record)
    heads = [Head(each["sequence"], each["hash"]) for each in map(json.loads, lines.splitlines())]
    assert len(heads) == 14
    assert not examine(record, heads).missed


# Erasures that were made up ---------------------------------------------------------------------


def forge(path: Path, places: list[int], order: EraseOrder) -> None:
    """Blank `places` and chain an erasure that lists them, as somebody with a tool would."""
    with raw(path) as db:
        hashes = [
            db.execute("SELECT sequence, hash FROM events WHERE sequence = ?", (each,)).fetchone()
            for each in places
        ]
        last, previous = db.execute("SELECT sequence, hash FROM head").fetchone()
        row = erasure_row(order, 1, hashes)
        digest = link(previous, last + 1, row)
        db.execute(INSERT, (last + 1, *row[:5], digest))
        db.execute("UPDATE head SET sequence = ?, hash = ?", (last + 1, digest))
        for each in places:
            db.execute(f"{BLANK} {each}")
            db.execute("DELETE FROM enrollments WHERE began_seq = ?", (each,))


MADE_UP = {
    "limit before the neighbours": EraseOrder(NOON - timedelta(days=365), NOON),
    "limit after everything": EraseOrder(NOON + timedelta(hours=2), NOON + timedelta(hours=3)),
    "limit later than the erasure": EraseOrder(NOON + timedelta(hours=2), NOON),
    "dated long ago": EraseOrder(NOON - timedelta(days=900), NOON - timedelta(days=800)),
    "dated ahead": EraseOrder(NOON + timedelta(days=900), NOON + timedelta(days=901)),
}


@pytest.mark.parametrize("places", [[13, 14], [9, 10], [5, 6]])
@pytest.mark.parametrize("order", MADE_UP.values(), ids=MADE_UP)
def test_t4_an_erasure_that_hides_what_is_new_is_named(
    record: Path, ask: Ask, order: EraseOrder, places: list[int]
) -> None:
    forge(record, places, order)

    assert verify(record) == Fault(places[0], Why.ERASURE, by=15)
    code, said = ask("verify", "--no-log", record)
    assert code == 1
    assert said.startswith(f"Entry {places[0]} is empty, and entry 15 says that it was erased")


def test_t4_an_erasure_that_counts_wrongly_is_named(record: Path) -> None:
    forge(record, [1, 2], EraseOrder(NOON + timedelta(minutes=5), NOON + timedelta(days=400)))
    assert verify(record) is None  # the oldest, as the station itself erases them
    with raw(record) as db:
        (facts,) = db.execute("SELECT facts FROM events WHERE sequence = 15").fetchone()
        wrong = Row("", "erased", "", _at(db, 15), facts.replace('"entries":"2"', '"entries":"4"'))
        previous = db.execute("SELECT hash FROM events WHERE sequence = 14").fetchone()[0]
        digest = link(previous, 15, wrong)
        db.execute("UPDATE events SET facts = ?, hash = ? WHERE sequence = 15", (wrong[4], digest))
        db.execute("UPDATE head SET hash = ?", (digest,))
    assert verify(record) == Fault(1, Why.CHANGED)


def _at(db: sqlite3.Connection, sequence: int) -> str:
    (at,) = db.execute("SELECT at FROM events WHERE sequence = ?", (sequence,)).fetchone()
    return str(at)


def test_t4_a_clock_that_was_wrong_makes_no_erasure_of_the_station_suspect(
    ledger: SqliteLedger, path: Path
) -> None:
    ended(ledger, "before", 0)
    ended(ledger, "behind", -9_000)  # the clock of the machine had lost its battery
    ended(ledger, "ahead", 500_000)
    ended(ledger, "after", 10)
    ended(ledger, "last", 20)
    for minutes in (-5_000, 1, 15, 30, 600_000):
        order = EraseOrder(NOON + timedelta(minutes=minutes), NOON + timedelta(days=9_999))
        ledger.erase(order, nothing)
        assert ledger.verify() is None
    assert ledger.page(HistoryQuery(), None, 10).lines == ()


# The list of enrollments --------------------------------------------------------------------------


LISTED = {
    "removed": "DELETE FROM enrollments WHERE enrollment_id = 'open'",
    "all removed": "DELETE FROM enrollments",
    "state": "UPDATE enrollments SET last_state = 'withdrawn' WHERE enrollment_id = 'open'",
    "words": "UPDATE enrollments SET words = 'somebody else' WHERE enrollment_id = 'e1'",
    "operator": "UPDATE enrollments SET operator = '' WHERE enrollment_id = 'e1'",
    "moment": "UPDATE enrollments SET began_at = 0 WHERE enrollment_id = 'e1'",
    "latest moment": "UPDATE enrollments SET last_at = 1 WHERE enrollment_id = 'e1'",
    "last entry": "UPDATE enrollments SET last_seq = 2 WHERE enrollment_id = 'e1'",
    "added": "INSERT INTO enrollments SELECT 99, 'x', 5, 0, 'assigned', 0, '', '' FROM head",
}


@pytest.mark.parametrize("how", LISTED)
def test_t4_a_list_that_was_edited_is_named_by_verify(record: Path, ask: Ask, how: str) -> None:
    with raw(record) as db:
        db.execute(LISTED[how])

    fault = verify(record)
    assert fault is not None
    assert fault.why is Why.LIST
    code, said = ask("verify", "--no-log", record)
    assert code == 1
    assert "The entries are whole. The list of enrollments" in said


@pytest.mark.parametrize("how", ["removed", "all removed", "state"])
def test_t4_recovery_finds_an_open_enrollment_that_the_list_hides(record: Path, how: str) -> None:
    with raw(record) as db:
        db.execute(LISTED[how])
    with closing(SqliteLedger(record)) as ledger:
        ledger.open()
        assert [entry.enrollment_id for entry in ledger.unsettled()] == ["open", "open"]


@pytest.mark.expect_log("the list of enrollments is not what")
@pytest.mark.parametrize("how", [each for each in LISTED if each != "all removed"])
def test_t4_a_list_that_was_edited_is_made_anew_at_the_start(record: Path, how: str) -> None:
    with raw(record) as db:
        db.execute(LISTED[how])
    with closing(SqliteLedger(record)) as ledger:
        ledger.open()
        assert not ledger.check_list()
        assert ledger.check_list()
        assert verify(record) is None
        assert [entry.enrollment_id for entry in ledger.unsettled()] == ["open", "open"]
        assert len(ledger.page(HistoryQuery(), None, 10).lines) == 7


def test_t4_a_sound_list_stays_and_recovery_reads_it_from_then_on(record: Path) -> None:
    with closing(SqliteLedger(record)) as ledger:
        ledger.open()
        before = ledger.unsettled()
        assert ledger.check_list()
        assert ledger.unsettled() == before


def test_t4_checking_the_list_ends_when_the_ledger_closes(record: Path) -> None:
    ledger = SqliteLedger(record)
    ledger.open()
    ledger.close()
    assert ledger.check_list()  # ended, and nothing was found


# Records of the version before --------------------------------------------------------------------


def test_t4_a_record_of_the_version_before_keeps_every_hash_and_goes_on(
    record: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.db"
    shutil.copy(record, old)
    with raw(old) as db:
        db.execute("DROP TABLE identity")
        as_version(db, 5)
        hashes = db.execute("SELECT hash FROM events ORDER BY sequence").fetchall()
    report = examine(old)
    assert (report.whole, report.identity) == (True, "")

    with closing(SqliteLedger(old)) as ledger:
        assert ledger.open().set_aside is None
        ended(ledger, "new", 80)
        assert ledger.verify() is None
    with raw(old) as db:
        assert db.execute("SELECT hash FROM events ORDER BY sequence LIMIT 14").fetchall() == hashes
    assert len(examine(old).identity) == 32


def test_t4_two_records_have_two_names_and_a_copy_keeps_its_own(
    record: Path, tmp_path: Path
) -> None:
    shutil.copy(record, tmp_path / "copy.db")
    with closing(SqliteLedger(tmp_path / "other.db")) as other:
        other.open()
    names = {examine(each).identity for each in (record, tmp_path / "other.db")}
    assert len(names) == 2
    assert examine(tmp_path / "copy.db").identity == examine(record).identity
