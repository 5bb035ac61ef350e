"""Chaining one row to the record: event, head and derived table, in one transaction."""

import sqlite3

from app.ledger.chain import COLUMNS, Row, link
from app.ledger.derived import touch

_INSERT = f"""
    INSERT INTO events (sequence, {COLUMNS}, hash) VALUES (?, {"?, " * len(Row._fields)} ?)
"""  # noqa: S608 - constants


def write(db: sqlite3.Connection, row: Row) -> int:
    """Chain `row`, and list it where it is of an enrollment; return its number.

    The caller holds the transaction.
    """
    sequence = chain(db, row)
    if row.enrollment_id:
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
