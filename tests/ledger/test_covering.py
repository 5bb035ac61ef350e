"""What an auditor finds where entries were erased, and where somebody only pretends that."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.ledger import Fault, SqliteLedger, Why, verify
from app.ledger.chain import Row, link
from tests.ledger.records import ALL_OLD, BLANK, INSERT, ended, intent_of, nothing, raw, state_of


@pytest.fixture
def erased(ledger: SqliteLedger, path: Path) -> Path:
    """Rows 1-4 and 7-8 are blank; 5 and 6 are open; 9 is the erasure, 10 came after it."""
    ended(ledger, "a")
    ended(ledger, "b")
    ledger.append(intent_of("open"))
    ledger.append(state_of("open", State.UNSETTLED))
    ended(ledger, "c")
    ledger.erase(ALL_OLD, nothing)
    ledger.append(intent_of("new", 9_999))
    ledger.close()
    assert verify(path) is None
    return path


TAMPERING = {
    "a row blanked that no erasure lists": (f"{BLANK} 6", Fault(6, Why.BLANK)),
    "the last row blanked": (f"{BLANK} 10", Fault(10, Why.BLANK)),
    "the erasure blanked": (f"{BLANK} 9", Fault(1, Why.BLANK)),
    "a row half blanked": (
        "UPDATE events SET facts = x'' WHERE sequence = 6",
        Fault(6, Why.CHANGED),
    ),
    "blank as text": (
        "UPDATE events SET facts = '', kind = '' WHERE sequence = 3",
        Fault(3, Why.CHANGED),
    ),
    "a blank row removed": ("DELETE FROM events WHERE sequence = 2", Fault(2, Why.MISSING)),
    "the hash of a blank row": (
        "UPDATE events SET hash = zeroblob(32) WHERE sequence = 2",
        Fault(1, Why.CHANGED),
    ),
    "a hash that is none": (
        "UPDATE events SET hash = 'text' WHERE sequence = 2",
        Fault(1, Why.CHANGED),
    ),
    "two blank rows in each other's place": (
        """
        UPDATE events SET sequence = -sequence WHERE sequence IN (2, 3);
        UPDATE events SET sequence = 5 + sequence WHERE sequence < 0
        """,
        Fault(1, Why.CHANGED),
    ),
    "the erasure says less": (
        "UPDATE events SET facts = replace(facts, '1-4', '1-3') WHERE sequence = 9",
        Fault(1, Why.BLANK),
    ),
    "the erasure removed": ("DELETE FROM events WHERE sequence = 9", Fault(1, Why.BLANK)),
    "a kept row between blank ones changed": (
        "UPDATE events SET state = 'assigned' WHERE sequence = 6",
        Fault(6, Why.CHANGED),
    ),
    "content put on a blank row": (
        """
        UPDATE events SET enrollment_id = 'a', kind = 'state', state = 'assigned',
            at = '2026-11-23T12:00:00.000000+00:00', facts = '{}' WHERE sequence = 3
        """,
        Fault(3, Why.CHANGED),
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_with_what_is_left_is_named(erased: Path, what: str) -> None:
    script, fault = TAMPERING[what]
    with raw(erased) as db:
        db.executescript(script)

    assert verify(erased) == fault


FORGED = (
    '{"before":"2026-11-23T12:00:00.000000+00:00","digest":"","enrollments":"1",'
    '"entries":"1","ordered_by":"","places":"12-12"}'
)


def forged(path: Path, at: int, facts: str) -> None:
    """Write an erasure at the end, chained as it should be, by somebody who has a tool."""
    with raw(path) as db:
        _, previous = db.execute("SELECT sequence, hash FROM head").fetchone()
        row = Row("", "erased", "", "2026-11-23T12:00:00.000000+00:00", facts)
        digest = link(previous, at, row)
        db.execute(INSERT, (at, *row[:5], digest))
        db.execute("UPDATE head SET sequence = ?, hash = ?", (at, digest))


@pytest.mark.parametrize(
    "facts",
    [
        "{}",
        "[]",
        '{"before": 7}',
        FORGED.replace("12-12", "PLACES"),
    ],
)
@pytest.mark.parametrize(
    "places", ["", "6", "6-", "6-5", "0-6", "6-6,6-7", "6-99999999999999999999"]
)
def test_an_erasure_that_makes_no_sense_covers_nothing(
    erased: Path, facts: str, places: str
) -> None:
    forged(erased, 11, facts.replace("PLACES", places))
    with raw(erased) as db:
        db.execute(f"{BLANK} 6")

    assert verify(erased) == Fault(6, Why.BLANK)


def test_an_erasure_covers_nothing_that_comes_after_it(erased: Path) -> None:
    forged(erased, 11, FORGED)
    with closing(SqliteLedger(erased)) as ledger:
        ledger.append(intent_of("twelve"))
    with raw(erased) as db:
        db.execute(f"{BLANK} 12")

    assert verify(erased) == Fault(12, Why.BLANK)


@pytest.mark.parametrize(
    "statement",
    [
        f"{BLANK} 9",
        BLANK.replace(" WHERE", ", hash=x'' WHERE") + "5",
        "UPDATE events SET facts = x''",
        "UPDATE events SET enrollment_id = '', kind = '', state = '', at = '', facts = ''",
        "DELETE FROM events WHERE sequence = 1",
    ],
)
def test_sql_can_do_nothing_to_a_row_but_blank_it(erased: Path, statement: str) -> None:
    with (
        closing(sqlite3.connect(erased)) as db,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        db.execute(statement)
