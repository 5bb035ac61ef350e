"""Making the list of enrollments anew after an erasure, so that no page of it remembers a name.

An enrollment's row grows as it goes on, and SQLite makes room by moving rows to other pages. What
they leave behind lies in the unused part of a page, where no overwriting reaches it. So the rows
that stay are copied into a new table, and the pages of the old one are given up, which overwrites
them whole.

It goes in short transactions. A copy that a crash has left half made is given up at the next
erasure, which begins anew; `renewed` tells that it has to.
"""

import sqlite3
from collections.abc import Iterator

from app.ledger import schema
from app.ledger.erasure import KIND, NO_ENROLLMENT

_AT_ONCE = 200
"""Rows in one transaction: some milliseconds."""

_NEW, _OLD = "enrollments_new", "enrollments_old"
_SETS = ("enrollments", "listed")
"""How the names of the indices begin, by turns: the new ones are made while the old ones are
there, and an index cannot be renamed."""

_INDEXED = {"at": "last_at", "state": "last_state", "seq": "last_seq", "operator": "operator"}

_TABLE = f"""
    CREATE TABLE {_NEW} (
        began_seq INTEGER PRIMARY KEY,
        enrollment_id TEXT NOT NULL UNIQUE,
        last_seq INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        last_state TEXT NOT NULL,
        began_at INTEGER NOT NULL,
        operator TEXT NOT NULL,
        words TEXT NOT NULL
    )
"""
_COPY = f"""
    INSERT INTO {_NEW} SELECT * FROM enrollments
    WHERE began_seq BETWEEN ? AND ? ORDER BY began_seq LIMIT {_AT_ONCE}
"""  # noqa: S608 - constants
_TOUCHED = f"INSERT OR REPLACE INTO {_NEW} SELECT * FROM enrollments WHERE last_seq > ?"  # noqa: S608 - constants
_INDICES = """
    SELECT printf('"%w"', name) FROM sqlite_master
    WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL
"""
_LAST_ERASURE = """
    SELECT coalesce(max(sequence), 0) FROM events WHERE enrollment_id = ? AND kind = ?
"""


def renew(db: sqlite3.Connection) -> Iterator[None]:
    """Make the list anew where something was erased since, one short transaction at each step.

    Raises sqlite3.Error.
    """
    (erased,) = db.execute(_LAST_ERASURE, (NO_ENROLLMENT, KIND)).fetchone()
    (renewed,) = db.execute("SELECT coalesce(max(sequence), 0) FROM renewed").fetchone()
    if erased == renewed:
        return
    for left_over in (_NEW, _OLD):
        yield from _give_up(db, left_over)
    yield from _copy(db)
    yield from _give_up(db, _OLD)
    db.execute("INSERT OR REPLACE INTO renewed VALUES (1, ?)", (erased,))


def _copy(db: sqlite3.Connection) -> Iterator[None]:
    """Fill a new table and put it in the old one's place, with what happened meanwhile."""
    with schema.transaction(db):
        (begun,) = db.execute("SELECT sequence FROM head").fetchone()
        _make(db)
    yield
    following = 0
    while db.execute(_COPY, (following, begun)).rowcount > 0:
        (copied,) = db.execute(f"SELECT max(began_seq) FROM {_NEW}").fetchone()  # noqa: S608 - the same
        following = copied + 1
        yield
    with schema.transaction(db):
        db.execute(_TOUCHED, (begun,))
        db.execute(f"ALTER TABLE enrollments RENAME TO {_OLD}")
        db.execute(f"ALTER TABLE {_NEW} RENAME TO enrollments")
    yield


def _make(db: sqlite3.Connection) -> None:
    taken = " ".join(_indices(db, "enrollments"))
    name = next((each for each in _SETS if f'"{each}_' not in taken), _SETS[0])
    db.execute(_TABLE)
    for what, column in _INDEXED.items():
        db.execute(f"CREATE INDEX {name}_by_{what} ON {_NEW} ({column})")


def _give_up(db: sqlite3.Connection, table: str) -> Iterator[None]:
    """Overwrite and drop `table`, if it is there, a part at a time."""
    if table not in schema.tables_of(db):
        return
    for index in _indices(db, table):
        db.execute(f"DROP INDEX {index}")
        yield
    part = f"SELECT began_seq FROM {table} ORDER BY began_seq LIMIT {_AT_ONCE}"  # noqa: S608 - constants
    while db.execute(f"DELETE FROM {table} WHERE began_seq IN ({part})").rowcount > 0:  # noqa: S608 - the same
        yield
    db.execute(f"DROP TABLE {table}")
    yield


def _indices(db: sqlite3.Connection, table: str) -> list[str]:
    """Return the names, as SQL writes them, of the indices that were made on `table`."""
    return [name for (name,) in db.execute(_INDICES, (table,))]
