"""The tables, and the steps from each version of them to the next.

`events` is the record: its triggers refuse every change but erasing, and every number that does not
lie ahead.
`head` names the last event and its hash, so that a missing tail is noticed too. `enrollments` is
derived: it makes today's list quick among a million events, can be built anew from `events` at any
time, and is not part of the chain.

A released migration is never edited; a new one is added below it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from app.ledger.derived import derive

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE events (
            sequence INTEGER PRIMARY KEY,
            enrollment_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            at TEXT NOT NULL,
            facts TEXT NOT NULL,
            hash BLOB NOT NULL
        )
        """,
        "CREATE INDEX events_by_enrollment ON events (enrollment_id, sequence)",
        """
        CREATE TRIGGER events_keep_content BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
        """,
        """
        CREATE TRIGGER events_keep_rows BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
        """,
        # Without it INSERT OR REPLACE would remove a row and fire no DELETE trigger.
        """
        CREATE TRIGGER events_keep_order BEFORE INSERT ON events
        WHEN NEW.sequence <= (SELECT coalesce(max(sequence), 0) FROM events)
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
        """,
        """
        CREATE TABLE head (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            sequence INTEGER NOT NULL,
            hash BLOB NOT NULL
        )
        """,
        "INSERT INTO head VALUES (1, 0, zeroblob(32))",
        """
        CREATE TABLE enrollments (
            enrollment_id TEXT PRIMARY KEY,
            last_seq INTEGER NOT NULL,
            last_at TEXT NOT NULL,
            last_state TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE INDEX enrollments_by_at ON enrollments (last_at)",
        "CREATE INDEX enrollments_by_state ON enrollments (last_state)",
        "CREATE INDEX enrollments_by_seq ON enrollments (last_seq)",
    ),
    # What lists and searches need. The new table is empty, so opening derives it.
    (
        "DROP TABLE enrollments",
        """
        CREATE TABLE enrollments (
            began_seq INTEGER PRIMARY KEY,
            enrollment_id TEXT NOT NULL UNIQUE,
            last_seq INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            last_state TEXT NOT NULL,
            began_at INTEGER NOT NULL,
            operator TEXT NOT NULL,
            words TEXT NOT NULL
        )
        """,
        "CREATE INDEX enrollments_by_at ON enrollments (last_at)",
        "CREATE INDEX enrollments_by_state ON enrollments (last_state)",
        "CREATE INDEX enrollments_by_seq ON enrollments (last_seq)",
        "CREATE INDEX enrollments_by_operator ON enrollments (operator)",
    ),
    # No table changes. Entries may now tell of tokens that are taken back or replaced, and of what
    # is due: a program that does not know such states must not take the file for a damaged one.
    (),
    # A row may be blanked, and nothing but blanked; that it was erased, an entry of the chain says.
    # `renewed` holds the last erasure after which `enrollments` was made anew (renewing.py).
    (
        "DROP TRIGGER IF EXISTS events_keep_content",
        """
        CREATE TRIGGER events_keep_content BEFORE UPDATE ON events
        WHEN NOT (
            NEW.sequence IS OLD.sequence AND NEW.hash IS OLD.hash
            AND OLD.enrollment_id IS NOT '' AND NEW.enrollment_id IS x''
            AND NEW.kind IS x'' AND NEW.state IS x'' AND NEW.at IS x'' AND NEW.facts IS x''
        )
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
        """,
        """
        CREATE TABLE IF NOT EXISTS renewed (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            sequence INTEGER NOT NULL
        )
        """,
        "INSERT OR IGNORE INTO renewed VALUES (1, 0)",
    ),
    # No table changes. Entries may now tell of tokens that are deleted, and of the job that a row
    # belongs to, which an older program would take for damage.
    (),
    # No table changes. Entries may now correct a state of rest, which an older program would take
    # for damage.
    (),
    # A random name for this very record, under which the system's log keeps its heads (headlog.py).
    # It lies outside the chain, so that no hash changes.
    (
        """
        CREATE TABLE IF NOT EXISTS identity (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            name TEXT NOT NULL
        )
        """,
        "INSERT OR IGNORE INTO identity VALUES (1, lower(hex(randomblob(16))))",
    ),
    # No table changes. Entries may now tell of a submit whose intent could not be written at its
    # time (kind "attempt", state "unrecorded"), which an older program would take for damage.
    (),
    # No table changes. Entries may now tell of Temporary Access Passes (kind "pass", state
    # "issued"), which an older program would take for damage.
    (),
    # An entry may have another subject than an enrollment, in a row of format 2 (chain.py). Rows
    # that were written before are of format 1, and their hashes stay as they are. Such events are
    # not on the list of enrollments; they have indices of their own, which hold nobody's name.
    (
        "ALTER TABLE events ADD COLUMN format INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE events ADD COLUMN subject TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE events ADD COLUMN subject_id TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX station_events ON events (sequence) WHERE subject <> ''",
        "CREATE INDEX station_events_by_at ON events (at, sequence) WHERE subject <> ''",
        "DROP TRIGGER IF EXISTS events_keep_content",
        """
        CREATE TRIGGER events_keep_content BEFORE UPDATE ON events
        WHEN NOT (
            NEW.sequence IS OLD.sequence AND NEW.hash IS OLD.hash AND NEW.format IS OLD.format
            AND (OLD.enrollment_id IS NOT '' OR OLD.subject IS NOT '')
            AND NEW.enrollment_id IS x'' AND NEW.kind IS x'' AND NEW.state IS x''
            AND NEW.at IS x'' AND NEW.facts IS x'' AND NEW.subject IS '' AND NEW.subject_id IS ''
        )
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
        """,
    ),
)

VERSION = len(MIGRATIONS)
"""The version this program writes; it stands in the file as PRAGMA user_version."""

TABLES = frozenset({"events", "head", "enrollments", "renewed", "identity"})


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock; commit at the end, or leave everything as it was."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # SQLite has ended the transaction by itself after some errors (a full disk is one).
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def version_of(db: sqlite3.Connection) -> int:
    """Return the schema version of the file."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def tables_of(db: sqlite3.Connection) -> frozenset[str]:
    """Return the names of the file's tables."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return frozenset(name for (name,) in rows)


def identity_of(db: sqlite3.Connection) -> str:
    """Return the record's own random name, or "" where its version is older than that name."""
    if "identity" not in tables_of(db):
        return ""
    found = db.execute("SELECT name FROM identity").fetchone()
    return str(found[0]) if found else ""


def migrate(db: sqlite3.Connection) -> None:
    """Bring the file to VERSION, one transaction per step."""
    for number in range(version_of(db), VERSION):
        with transaction(db):
            for statement in MIGRATIONS[number]:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number + 1}")


def rebuild(db: sqlite3.Connection) -> None:
    """Derive `enrollments` from `events` anew."""
    with transaction(db):
        derive(db)
