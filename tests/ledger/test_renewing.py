"""The list is made anew beside the work of the desk, and a crash leaves nothing half made."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.core.history import HistoryQuery
from app.ledger import SqliteLedger
from app.ledger.renewing import renew
from tests.ledger.records import ended, intent_of, nothing, order, raw, state_of


def shape(path: Path) -> tuple[object, ...]:
    """The list as SQLite sees it: columns, and what is indexed."""
    with closing(sqlite3.connect(path)) as db:
        columns = db.execute("PRAGMA table_info(enrollments)").fetchall()
        indices = [row[1:] for row in db.execute("PRAGMA index_list(enrollments)")]
        keys = [db.execute(f'PRAGMA index_info("{row[0]}")').fetchall() for row in indices]
        tables = {
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        }
    return columns, sorted(keys), len(indices), tables


def listed(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT * FROM enrollments ORDER BY began_seq").fetchall()


def test_the_list_made_anew_is_the_old_one_without_what_was_erased(
    ledger: SqliteLedger, path: Path
) -> None:
    before = shape(path)
    for minute in range(6):
        ended(ledger, f"number {minute}", minute)
    for minute in (2, 4):
        kept = [row for row in listed(path) if str(row[1]) >= f"number {minute}"]
        ledger.erase(order(minute), nothing)
        assert listed(path) == kept
        assert shape(path) == before


def test_what_happens_while_the_list_is_made_anew_is_on_it(
    ledger: SqliteLedger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(ledger, "old")
    for number in range(450):
        ledger.append(intent_of(f"number {number}", 100))
    told: list[int] = []

    def tell(_count: int) -> None:
        told.append(len(told))
        ended(ledger, f"meanwhile {len(told)}", 100)
        ledger.append(state_of(f"number {len(told)}", State.ASSIGNED, 101))

    ledger.erase(order(50), tell)

    found = ledger.page(HistoryQuery(states=frozenset({State.ASSIGNED})), None, 1_000).lines
    assert len(found) == 2 * len(told) > 8
    assert {line.enrollment_id for line in found} == {
        f"{what} {number + 1}" for number in told for what in ("meanwhile", "number")
    }


@pytest.mark.parametrize("stop", range(1, 12))
def test_a_list_left_half_made_is_made_anew(ledger: SqliteLedger, path: Path, stop: int) -> None:
    before = shape(path)
    for number in range(250):
        ended(ledger, f"number {number:03}", number)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE renewed SET sequence = -1")
        for _ in zip(range(stop), renew(db), strict=False):
            pass
    kept = listed(path)

    ended(ledger, "later", 999)
    ledger.erase(order(2), nothing)

    assert listed(path)[:-1] == kept[2:]
    assert shape(path) == before


def test_the_list_is_not_derived_anew_because_an_erasure_came_last(
    ledger: SqliteLedger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(ledger, "old")
    ended(ledger, "new", 60)
    ledger.erase(order(30), nothing)
    ledger.close()
    with raw(path) as db:
        db.execute("UPDATE enrollments SET words = 'as it was'")

    ledger.open()

    with raw(path) as db:
        assert db.execute("SELECT words FROM enrollments").fetchall() == [("as it was",)]


def test_the_list_derived_anew_knows_nothing_of_what_was_erased(
    ledger: SqliteLedger, path: Path
) -> None:
    ended(ledger, "old")
    ended(ledger, "new", 60)
    ledger.erase(order(30), nothing)
    ledger.close()
    with raw(path) as db:
        db.execute("DELETE FROM enrollments")

    ledger.open()

    assert [line.enrollment_id for line in ledger.page(HistoryQuery(), None, 9).lines] == ["new"]
