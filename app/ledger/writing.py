"""Chaining one row to the record: event, head and derived table, in one transaction."""

import sqlite3

from app.ledger.chain import Row, link
from app.ledger.derived import touch

_INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)"


def write(db: sqlite3.Connection, row: Row) -> int:
    """Chain the entry `row` and list it; return its number. The caller holds the transaction."""
    sequence = chain(db, row)
    touch(db, sequence, row)
    return sequence


def chain(db: sqlite3.Connection, row: Row) -> int:
    """Chain `row` to the head and return its sequence number. The caller holds the transaction."""
    last, previous = db.execute("SELECT sequence, hash FROM head").fetchone()
    sequence = int(last) + 1
    digest = link(previous, sequence, row)
    db.execute(_INSERT, (sequence, *row, digest))
    db.execute("UPDATE head SET sequence = ?, hash = ?", (sequence, digest))
    return sequence
