"""What a damaged file still tells about enrollments that never came to rest.

The rows are walked from both ends until SQLite gives up, because the latest ones, which matter
most, lie behind the damage as often as before it. What is read may be older than the truth; that is
harmless, since an open enrollment is settled by asking the directory.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from app.core.enrollment import OPEN
from app.core.record import Entry
from app.ledger.address import read_only_uri
from app.ledger.chain import Row, entry_of, row_from
from app.ledger.schema import identity_of

_COLUMNS = "sequence, enrollment_id, kind, state, at, facts"
_OPEN = frozenset(state.value for state in OPEN)


def unsettled_in(path: Path) -> tuple[Entry, ...]:
    """Return the entries, in order, of enrollments whose latest readable state does not rest."""
    rows: dict[int, Row] = {}
    for direction in ("ASC", "DESC"):
        with suppress(sqlite3.Error), closing(_lenient(path)) as db:
            _read(db, direction, rows)
    return _open_ones(rows)


def identity_in(path: Path) -> str:
    """Return the record's own random name, or "" where it cannot be read."""
    with suppress(sqlite3.Error), closing(_lenient(path)) as db:
        return identity_of(db)
    return ""


def _lenient(path: Path) -> sqlite3.Connection:
    """Open for reading, even where the file is shorter than its header says."""
    db = sqlite3.connect(read_only_uri(path.absolute()), uri=True, isolation_level=None)
    db.text_factory = lambda raw: raw.decode("utf-8", "replace")
    # SQLite then skips its check of the file's length; nothing is written through this connection.
    db.execute("PRAGMA writable_schema = ON")
    return db


def _read(db: sqlite3.Connection, direction: str, rows: dict[int, Row]) -> None:
    """Add rows until one cannot be read or the other direction's are reached."""
    query = f"SELECT {_COLUMNS} FROM events ORDER BY sequence {direction}"  # noqa: S608 - constants
    for sequence, *columns in db.execute(query):
        if sequence in rows:
            return
        rows[int(sequence)] = row_from(columns)


def _open_ones(rows: dict[int, Row]) -> tuple[Entry, ...]:
    latest = {rows[sequence].enrollment_id: rows[sequence].state for sequence in sorted(rows)}
    entries: list[Entry] = []
    for sequence in sorted(rows):
        if latest[rows[sequence].enrollment_id] in _OPEN:
            with suppress(ValueError):
                entries.append(entry_of(rows[sequence]))
    return tuple(entries)
