import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.core.errors import LedgerUnreadable, LedgerUnwritable
from app.ledger import OpenReport, SqliteLedger, schema
from app.ledger.replacing import successor
from tests.ledger.records import NOON, intent_of, raw, state_of

NEWER = schema.VERSION + 1


def later() -> datetime:
    return datetime(2026, 11, 23, 13, 14, 15, tzinfo=UTC)


@pytest.fixture
def written(ledger: SqliteLedger, path: Path) -> Path:
    """A closed ledger of several pages; the last enrollment never came to rest."""
    for index in range(120):
        ledger.append(intent_of(f"enrollment-{index}"))
        ledger.append(state_of(f"enrollment-{index}", State.ASSIGNED))
    ledger.append(intent_of("still-open"))
    ledger.close()
    return path


def _truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _text(path: Path) -> None:
    path.write_text("a text file took its place\n" * 40)


def _header(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[3] ^= 0x20
    path.write_bytes(content)


def _root_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:160] = b"\xff" * 60
    path.write_bytes(content)


def _no_table(path: Path) -> None:
    with raw(path) as db:
        db.execute("DROP TABLE head")


def _another_program(path: Path) -> None:
    path.unlink()
    with raw(path) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")


def _log_alone(path: Path) -> None:
    path.unlink()
    path.with_name(path.name + "-wal").write_bytes(b"frames" * 100)


DAMAGE = [_truncated, _text, _header, _root_page, _no_table, _another_program, _log_alone]


def test_a_new_ledger_says_so(path: Path) -> None:
    ledger = SqliteLedger(path)
    assert ledger.open() == OpenReport(created=True)
    ledger.close()
    assert ledger.open() == OpenReport(created=False)
    ledger.close()


@pytest.mark.parametrize("harm", DAMAGE)
def test_a_damaged_file_is_set_aside_whole_and_a_new_one_begun(
    written: Path, harm: Callable[[Path], None]
) -> None:
    harm(written)
    damaged = written.read_bytes() if written.exists() else None
    ledger = SqliteLedger(written, later)

    report = ledger.open()

    assert report.created
    assert report.set_aside == written.with_name("ledger.sqlite.damaged-20261123T131415Z")
    if damaged is not None:
        assert report.set_aside.read_bytes() == damaged
    assert ledger.append(intent_of("new")) == len(report.carried_over) + 1
    assert ledger.verify() is None
    ledger.close()


def test_an_intent_behind_the_damage_is_carried_over(written: Path) -> None:
    _no_table(written)
    content = bytearray(written.read_bytes())
    page = content.index(b"enrollment-60intentrecording") // 4096 * 4096
    content[page : page + 4096] = b"\xff" * 4096
    written.write_bytes(content)
    ledger = SqliteLedger(written, later)

    assert ledger.open().carried_over[-1] == intent_of("still-open")
    assert ledger.unsettled()[-1] == intent_of("still-open")
    ledger.close()


def test_a_truncated_file_still_tells_what_lies_before_the_cut(written: Path) -> None:
    with raw(written) as db:
        db.execute("UPDATE events SET state = 'submitting' WHERE sequence = 2")
    _truncated(written)
    ledger = SqliteLedger(written, later)

    carried = ledger.open().carried_over

    assert [entry.enrollment_id for entry in carried[:2]] == ["enrollment-0", "enrollment-0"]
    ledger.close()


def test_a_missing_head_leaves_the_open_intent_to_be_carried_over(written: Path) -> None:
    _no_table(written)
    ledger = SqliteLedger(written, later)

    report = ledger.open()

    assert report.carried_over == (intent_of("still-open"),)
    assert ledger.unsettled() == (intent_of("still-open"),)
    ledger.close()


def test_a_second_damage_in_the_same_second_gets_a_name_of_its_own(written: Path) -> None:
    for number in (1, 2):
        _text(written)
        ledger = SqliteLedger(written, later)
        report = ledger.open()
        ledger.close()
        assert report.set_aside is not None
        assert report.set_aside.name.endswith("Z" if number == 1 else "Z-2")


def test_a_crash_between_the_two_renames_loses_nothing(written: Path) -> None:
    written.rename(successor(written))
    written.with_name(written.name + "-wal").write_bytes(b"a log of the damaged file")

    ledger = SqliteLedger(written, later)

    assert ledger.open().set_aside is None
    assert [entry.enrollment_id for entry in ledger.unsettled()] == ["still-open"]
    ledger.close()


def test_a_successor_left_beside_a_sound_file_is_dropped(written: Path) -> None:
    successor(written).write_bytes(b"half made")

    ledger = SqliteLedger(written, later)

    assert ledger.open() == OpenReport()
    assert not successor(written).exists()
    ledger.close()


def test_a_newer_version_is_refused_and_untouched(written: Path) -> None:
    with raw(written) as db:
        db.execute(f"PRAGMA user_version = {NEWER}")
    before = written.read_bytes()

    with pytest.raises(LedgerUnreadable, match=f"version {NEWER}"):
        SqliteLedger(written).open()

    assert written.read_bytes() == before
    assert [file.name for file in written.parent.iterdir()] == [written.name]


def test_a_newer_version_still_in_the_log_is_refused_and_untouched(written: Path) -> None:
    log = written.with_name(written.name + "-wal")
    with raw(written) as db:
        db.execute(f"PRAGMA user_version = {NEWER}")
        db.commit()
        copies = written.read_bytes(), log.read_bytes()
    written.write_bytes(copies[0])
    log.write_bytes(copies[1])

    with pytest.raises(LedgerUnreadable, match=f"version {NEWER}"):
        SqliteLedger(written).open()

    assert (written.read_bytes(), log.read_bytes()) == copies


def test_the_derived_table_is_built_anew_when_it_lags(written: Path) -> None:
    with raw(written) as db:
        db.execute("DELETE FROM enrollments")

    ledger = SqliteLedger(written)
    ledger.open()

    assert ledger.unsettled() == (intent_of("still-open"),)
    assert len(ledger.since(NOON)) == 241
    ledger.close()


def test_damage_that_shows_only_in_use_is_set_aside_and_the_read_goes_on(written: Path) -> None:
    content = bytearray(written.read_bytes())
    with closing(sqlite3.connect(written)) as db:
        sql = "SELECT rootpage FROM sqlite_master WHERE name = 'events_by_enrollment'"
        (page,) = db.execute(sql).fetchone()
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    written.write_bytes(content)
    ledger = SqliteLedger(written, later)
    ledger.open()

    assert ledger.since(NOON) == (intent_of("still-open"),)
    assert ledger.unsettled() == (intent_of("still-open"),)
    assert ledger.report is not None
    assert ledger.report.set_aside is not None
    ledger.close()


def test_an_empty_file_left_by_a_crash_becomes_a_ledger(path: Path) -> None:
    path.parent.mkdir()
    path.touch()

    ledger = SqliteLedger(path)

    assert ledger.open() == OpenReport(created=True)
    ledger.close()


def test_a_folder_that_cannot_be_made_stops_work_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LedgerUnwritable):
        SqliteLedger(tmp_path / "file" / "ledger.sqlite").open()


def test_a_ledger_whose_folder_was_away_is_tried_again(tmp_path: Path) -> None:
    obstacle = tmp_path / "record"
    obstacle.touch()
    ledger = SqliteLedger(obstacle / "ledger.sqlite")
    with pytest.raises(LedgerUnwritable):
        ledger.append(intent_of("a"))
    obstacle.unlink()

    assert ledger.append(intent_of("a")) == 1
    assert ledger.report == OpenReport(created=True)
    ledger.close()
