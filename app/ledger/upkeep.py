"""The record in the hands of an administrator, with nobody else at it.

SQLite's own lock is what keeps others away: it is refused while a station has the file open, in
whatever place that file lies, and a station that starts meanwhile waits and is refused in turn.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from app.core.errors import LedgerUnreadable, LedgerUnwritable
from app.core.record import Head, HeadReason
from app.core.retention import Erased, EraseOrder
from app.ledger import erasing
from app.ledger.headlog import HeadNote, SystemLog, system_log
from app.ledger.opening import DamagedError, refuse_newer, usable
from app.ledger.schema import identity_of


class InUseError(Exception):
    """A station, or another program, has the record open."""


@contextmanager
def alone(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the sound record at `path` for this program alone.

    Raises InUseError, and LedgerUnreadable where the file is no record, is damaged or newer, or the
    disk refuses.
    """
    try:
        refuse_newer(path)
        with closing(usable(path, alone=True)) as db:
            yield db
    except DamagedError as error:
        raise LedgerUnreadable(f"{path.name}: {error}") from error
    except (OSError, sqlite3.Error) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise InUseError from error
        raise LedgerUnreadable(f"{path.name}: {error}") from error


def log_head(db: sqlite3.Connection, path: Path, log: SystemLog | None = None) -> None:
    """Write the head of the record at `path` to the system's log, after an erasure."""
    sequence, digest = db.execute("SELECT sequence, hash FROM head").fetchone()
    head = Head(int(sequence), bytes(digest).hex())
    note = HeadNote(identity_of(db), head, str(path.absolute()), HeadReason.ERASED)
    (log or system_log()).write(note)


def forecast(db: sqlite3.Connection, order: EraseOrder) -> Erased:
    """Tell what `order` would erase, without erasing it. Raises sqlite3.Error."""
    return erasing.forecast(db, order)


def erase(db: sqlite3.Connection, order: EraseOrder) -> Erased:
    """Erase what `order` says and give the room back to the disk. Raises LedgerUnwritable."""
    done = Erased()
    try:
        for found in erasing.steps(db, order):
            done = found
        db.execute("VACUUM")
    except sqlite3.Error as error:
        raise LedgerUnwritable(str(error)) from error
    return done
