"""Opening the file: making it, refusing a newer one, and setting a damaged one aside.

A file is called damaged where SQLite cannot read it or where its tables are gone. A record that was
merely tampered with stays in use, so that `verify` can go on naming it. Before a damaged file is
left behind, what it still tells about enrollments that never came to rest is carried over: an
intent must not vanish with a disk block.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.core.errors import LedgerUnreadable, LedgerUnwritable
from app.core.record import Entry
from app.files import make_private, private_folder, sync_folder
from app.ledger import schema
from app.ledger.address import read_only_uri
from app.ledger.chain import row_of
from app.ledger.replacing import companion, finish_replacement, replace_damaged, successor
from app.ledger.salvage import identity_in, unsettled_in
from app.ledger.writing import write

BUSY_SECONDS = 5.0
"""How long a write waits for another process, such as an export."""

_MAGIC = b"SQLite format 3\x00"  # sqlite.org/fileformat2.html, section 1.2
_VERSION_AT = slice(60, 64)  # the same page: the user version, big-endian
_UNSEEN = "SELECT 1 FROM events WHERE sequence > ? AND enrollment_id NOT IN ('', x'') LIMIT 1"
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What happened on opening.

    `created` tells that the ledger began anew. `set_aside` is where a damaged file now lies, and
    `carried_over` holds what could be read there of enrollments that had not come to rest, in
    order.
    """

    created: bool = False
    set_aside: Path | None = None
    carried_over: tuple[Entry, ...] = ()
    predecessor: str = ""
    """The random name of the record that was set aside, "" where it cannot be read any more."""


class DamagedError(Exception):
    """The file is not a ledger, or no longer one."""


def open_file(
    path: Path, now: Callable[[], datetime], *, condemned: bool = False
) -> tuple[sqlite3.Connection, OpenReport]:
    """Open or make the ledger at `path`. One that is `condemned` has shown damage in use.

    Raises LedgerUnreadable for a newer version, which is left untouched, and LedgerUnwritable where
    the disk does not let the file be used.
    """
    try:
        return _open(path, now, condemned=condemned)
    except (OSError, sqlite3.Error) as error:
        raise LedgerUnwritable(f"{path.name}: {error}") from error


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether `error` speaks of the file's content, not of the disk or of a lock."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in _DAMAGED  # the low byte is the primary code: sqlite.org/rescode.html


def read_only(path: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    """Open the file for reading alone; it is neither made nor changed. Raises sqlite3.Error."""
    db = sqlite3.connect(
        read_only_uri(path.absolute()),
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        check_same_thread=check_same_thread,
    )
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def refuse_newer(path: Path) -> None:
    """Raise LedgerUnreadable where a newer program wrote the file. Nothing is touched."""
    version = max(_version_in_header(path), _version_in_log(path))
    if version > schema.VERSION:
        raise LedgerUnreadable(f"{path.name}: version {version}, known up to {schema.VERSION}")


def _open(
    path: Path, now: Callable[[], datetime], *, condemned: bool
) -> tuple[sqlite3.Connection, OpenReport]:
    private_folder(path.parent)
    finish_replacement(path)
    refuse_newer(path)
    created = not path.exists() or path.stat().st_size == 0
    if not condemned:
        with suppress(DamagedError):
            return usable(path), OpenReport(created=created)
    carried, predecessor = unsettled_in(path), identity_in(path)
    _make_successor(successor(path), carried)
    aside = replace_damaged(path, now())
    return usable(path), OpenReport(
        created=True, set_aside=aside, carried_over=carried, predecessor=predecessor
    )


def _make_successor(path: Path, carried: tuple[Entry, ...]) -> None:
    """Make a ledger at `path` that begins with the entries of `carried`."""
    with closing(usable(path)) as db, schema.transaction(db):
        for entry in carried:
            write(db, row_of(entry))


def usable(path: Path, *, alone: bool = False) -> sqlite3.Connection:
    """Return a connection to a sound ledger of the present version, for nobody else if `alone`.

    Raises DamagedError, OSError and sqlite3.Error.
    """
    _refuse_orphaned_log(path)
    _make_private(path)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
    try:
        if alone:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
        _prepare(db)
    except sqlite3.Error as error:
        db.close()
        if is_damage(error):
            raise DamagedError(str(error)) from error
        raise
    except BaseException:
        db.close()
        raise
    sync_folder(path.parent)
    return db


def _prepare(db: sqlite3.Connection) -> None:
    if schema.version_of(db) == 0 and schema.tables_of(db):
        raise DamagedError("the file holds something else")
    for pragma in (
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "journal_mode = WAL",
        "synchronous = FULL",
        "fullfsync = ON",  # macOS alone: its fsync leaves the data in the drive's cache
        "checkpoint_fullfsync = ON",
        "secure_delete = ON",  # what is erased is overwritten with zeros
    ):
        db.execute(f"PRAGMA {pragma}")
    schema.migrate(db)
    _check(db)


def _check(db: sqlite3.Connection) -> None:
    """Look at both ends of the tables: quick, however long they are."""
    if schema.TABLES - schema.tables_of(db):
        raise DamagedError("a table is missing")
    if db.execute("SELECT 1 FROM head").fetchone() is None:
        raise DamagedError("the head is missing")
    db.execute("SELECT * FROM renewed").fetchone()
    db.execute("SELECT * FROM events ORDER BY sequence LIMIT 1").fetchone()
    (last,) = db.execute("SELECT coalesce(max(sequence), 0) FROM events").fetchone()
    (seen,) = db.execute("SELECT coalesce(max(last_seq), 0) FROM enrollments").fetchone()
    if seen > last or db.execute(_UNSEEN, (seen,)).fetchone():
        schema.rebuild(db)


def _refuse_orphaned_log(path: Path) -> None:
    """Raise DamagedError where the file is empty beside a log, which SQLite would delete."""
    log = companion(path, "-wal")
    empty = not path.exists() or path.stat().st_size == 0
    if empty and log.exists() and log.stat().st_size > 0:
        raise DamagedError("a log without its file")


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, for its owner alone; its companions inherit the mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    make_private(path)


def _version_in_header(path: Path) -> int:
    """Read the version as a plain file: SQLite would fold the log into a file it has opened."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(_MAGIC):
        return 0
    return int.from_bytes(header[_VERSION_AT], "big")


def _version_in_log(path: Path) -> int:
    """Ask SQLite, for reading alone, where a log may hold a later header."""
    if not path.exists() or not companion(path, "-wal").exists():
        return 0
    try:
        with closing(read_only(path)) as db:
            return schema.version_of(db)
    except sqlite3.Error:
        return 0  # damaged, which opening will find
