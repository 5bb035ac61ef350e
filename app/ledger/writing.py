"""Chaining one entry to the record: event, head and derived table, in one transaction."""

import sqlite3

from app.ledger.chain import Row, link

_INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)"

# last_at is the latest moment, not the last one: a clock set back must not hide an enrollment.
_TOUCH = """
    INSERT INTO enrollments (enrollment_id, last_seq, last_at, last_state) VALUES (?, ?, ?, ?)
    ON CONFLICT (enrollment_id) DO UPDATE SET
        last_seq = excluded.last_seq,
        last_at = max(last_at, excluded.last_at),
        last_state = excluded.last_state
"""


def write(db: sqlite3.Connection, row: Row) -> int:
    """Chain `row` to the head and return its sequence number. The caller holds the transaction."""
    last, previous = db.execute("SELECT sequence, hash FROM head").fetchone()
    sequence = int(last) + 1
    digest = link(previous, sequence, row)
    db.execute(_INSERT, (sequence, *row, digest))
    db.execute("UPDATE head SET sequence = ?, hash = ?", (sequence, digest))
    db.execute(_TOUCH, (row.enrollment_id, sequence, row.at, row.state))
    return sequence
