"""The derived table `enrollments`: one row per enrollment, so that lists need not read every event.

It holds nothing that `events` does not, lies outside the hash chain and can be built anew at any
time. Rows are few and lean (moments are integers), because a search for text reads all of them.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from app.core.history import operator_of, words_of
from app.ledger.chain import Row, row_from

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Touched = tuple[int, str, int, int, str, int, str, str]

# last_at is the latest moment, not the last one: a clock set back must not hide an enrollment.
_TOUCH = """
    INSERT INTO enrollments
        (began_seq, enrollment_id, last_seq, last_at, last_state, began_at, operator, words)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (enrollment_id) DO UPDATE SET
        last_seq = excluded.last_seq,
        last_at = max(last_at, excluded.last_at),
        last_state = excluded.last_state,
        operator = coalesce(nullif(excluded.operator, ''), operator),
        words = coalesce(nullif(excluded.words, ''), words)
"""

# Neither erasures nor what they left: they tell of no enrollment.
_EVENTS = """
    SELECT sequence, enrollment_id, kind, state, at, facts FROM events
    WHERE enrollment_id NOT IN ('', x'') ORDER BY sequence
"""


_BY_ENROLLMENT = """
    SELECT sequence, enrollment_id, kind, state, at, facts
    FROM events INDEXED BY events_by_enrollment
    WHERE enrollment_id NOT IN ('', x'') ORDER BY enrollment_id, sequence
"""
_LISTED = """
    SELECT began_seq, enrollment_id, last_seq, last_at, last_state, began_at, operator, words
    FROM enrollments ORDER BY enrollment_id
"""


def _microseconds_of(column: str) -> str:
    """Return the SQL that makes of a moment as text what `moment_of` makes of it."""
    whole = f"CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER) * 1000000"
    return f"coalesce({whole} + CAST(substr({column}, 21, 6) AS INTEGER), 0)"


_MISPLACED = f"""
    SELECT fresh.enrollment_id FROM (
        SELECT enrollment_id, min(sequence) AS first, max(sequence) AS last, max(at) AS latest
        FROM events INDEXED BY events_by_enrollment
        WHERE enrollment_id NOT IN ('', x'') GROUP BY enrollment_id
    ) AS fresh
    CROSS JOIN events AS began ON began.sequence = fresh.first
    CROSS JOIN events AS ended ON ended.sequence = fresh.last
    LEFT JOIN enrollments AS listed ON listed.enrollment_id = fresh.enrollment_id
    WHERE listed.began_seq IS NOT fresh.first OR listed.last_seq IS NOT fresh.last
        OR listed.last_state IS NOT ended.state
        OR listed.began_at IS NOT {_microseconds_of("began.at")}
        OR listed.last_at IS NOT {_microseconds_of("fresh.latest")}
    LIMIT 1
"""  # noqa: S608 - constants
_OVER = """
    SELECT enrollment_id FROM enrollments WHERE NOT EXISTS
        (SELECT 1 FROM events WHERE events.enrollment_id = enrollments.enrollment_id)
    LIMIT 1
"""
_BREATH = 100
"""Enrollments between two breaths: some milliseconds."""


def microseconds(moment: datetime) -> int:
    """Return `moment` as microseconds since 1970 in UTC. Raises ValueError if naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment in the ledger needs a time zone")
    return (moment - _EPOCH) // _MICROSECOND


def touch(db: sqlite3.Connection, sequence: int, row: Row) -> None:
    """Bring the enrollment of `row` up to date. The caller holds the transaction."""
    db.execute(_TOUCH, _touched(sequence, row))


def derive(db: sqlite3.Connection) -> None:
    """Build the table anew from `events`, damaged rows included. The caller holds the transaction.

    A record that was tampered with stays in use, so nothing that an event holds may stop this.
    """
    db.execute("DELETE FROM enrollments")
    usual, db.text_factory = db.text_factory, lambda raw: raw.decode("utf-8", "replace")
    try:
        db.executemany(_TOUCH, _all_touched(db))
    finally:
        db.text_factory = usual


def first_misplaced(db: sqlite3.Connection) -> str | None:
    """Return the id of the first enrollment that is hidden, made up or in another state, or None.

    It compares all but the words to search for and the operator, in SQLite alone: Python is free
    for other threads meanwhile. The caller sees both tables as they were at one moment.
    """
    found = db.execute(_MISPLACED).fetchone() or db.execute(_OVER).fetchone()
    return None if found is None else str(found[0])


def first_difference(db: sqlite3.Connection, breathe: Callable[[], None]) -> str | None:
    """Return the id of the first enrollment that is not listed as `events` tells, or None.

    Reads along the index of ids, so that it needs no memory for long records. `breathe` is called
    again and again, and may raise. The caller sees both tables as they were at one moment.
    """
    listed = iter(db.execute(_LISTED))
    for count, fresh in enumerate(_fresh(db)):
        if count % _BREATH == 0:
            breathe()
        if next(listed, None) != fresh:
            return fresh[1]
    over = next(listed, None)
    return None if over is None else str(over[1])


def _fresh(db: sqlite3.Connection) -> Iterator[Touched]:
    """Give each enrollment as it should be listed, by id: what `_TOUCH` makes of its events."""
    for _, rows in groupby(db.execute(_BY_ENROLLMENT), key=itemgetter(1)):
        touched = [_touched(sequence, row_from(columns)) for sequence, *columns in rows]
        first, last = touched[0], touched[-1]
        operators = [each[6] for each in touched if each[6]]
        words = [each[7] for each in touched if each[7]]
        yield (
            first[0],
            first[1],
            last[0],
            max(each[3] for each in touched),
            last[4],
            first[3],
            operators[-1] if operators else "",
            words[-1] if words else "",
        )


def _all_touched(db: sqlite3.Connection) -> Iterator[Touched]:
    for sequence, *columns in db.execute(_EVENTS):
        yield _touched(sequence, row_from(columns))


def _touched(sequence: int, row: Row) -> Touched:
    at = moment_of(row.at)
    operator, words = _named(row.facts)
    return sequence, row.enrollment_id, sequence, at, row.state, at, operator, words


def moment_of(at: str) -> int:
    """Return the moment that a row tells as text, in microseconds; 0 where it tells none."""
    try:
        return microseconds(datetime.fromisoformat(at))
    except ValueError:
        return 0


def _named(facts: str) -> tuple[str, str]:
    """Return the operator's key and the words to be found by; both empty where nobody is named."""
    if '"person_name"' not in facts:  # most entries say only which state was reached
        return "", ""
    try:
        found = json.loads(facts)
    except ValueError:
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    texts = {str(key): str(value) for key, value in found.items()}
    operator = operator_of(texts)
    return operator.key if operator else "", words_of(texts)
