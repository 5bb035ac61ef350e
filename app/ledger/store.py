"""The ledger the station writes to: core.ports.Ledger over one SQLite file.

Write-ahead log and full sync: when `append` returns, the entry has been flushed to the disk. One
lock guards one connection; every method blocks, so the station calls them off its loop. A ledger
whose disk was full or away is tried again on the next call, so that work resumes when the cause is
gone.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.core.enrollment import OPEN
from app.core.errors import LedgerUnreadable, LedgerUnwritable
from app.core.history import ExportForm, HistoryPage, HistoryQuery, KnownOperator
from app.core.record import Entry
from app.core.retention import Erased, EraseOrder
from app.ledger import erasing, reading, schema
from app.ledger.chain import Row, row_of
from app.ledger.derived import microseconds
from app.ledger.export import write_file
from app.ledger.history import HistoryReader
from app.ledger.opening import OpenReport, is_damage, open_file
from app.ledger.writing import write

_LEAST_PAUSE = 0.002
"""Seconds between two steps of erasing, enough for whoever waits to append."""

_OPEN_STATES = tuple(sorted(state.value for state in OPEN))

_OF_ENROLLMENTS = """
    SELECT e.sequence, e.enrollment_id, e.kind, e.state, e.at, e.facts FROM enrollments AS n
    CROSS JOIN events AS e ON e.enrollment_id = n.enrollment_id
    WHERE {which} ORDER BY e.sequence
"""
"""CROSS JOIN fixes the order of the loops: few enrollments, then their events
(sqlite.org/optoverview.html)."""

_SINCE = _OF_ENROLLMENTS.format(which="n.last_at >= ?")
_UNSETTLED = _OF_ENROLLMENTS.format(which=f"n.last_state IN ({', '.join('?' * len(_OPEN_STATES))})")
_TIMELINE = _OF_ENROLLMENTS.format(which="n.enrollment_id = ?")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SqliteLedger:
    """The record in the file at `path`. `now` dates only the name of a damaged file."""

    def __init__(self, path: Path, now: Callable[[], datetime] = _utc_now) -> None:
        self.path = path
        self._now = now
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._closed = False
        self._condemned = False
        self._report: OpenReport | None = None
        self._history = HistoryReader(path)

    @property
    def report(self) -> OpenReport | None:
        """What opening found, once it has succeeded."""
        return self._report

    def open(self) -> OpenReport:
        """Open or make the file, and tell what was found.

        Raises LedgerUnreadable for a newer version and LedgerUnwritable where the disk refuses.
        """
        with self._lock:
            self._closed = False
            self._connection()
            assert self._report is not None
            return self._report

    def close(self) -> None:
        """Fold the log into the file and let go of it. A closed ledger is not opened by use."""
        with self._lock:
            self._closed = True
            self._history.close()
            if self._db is not None:
                self._db.close()
                self._db = None

    def append(self, entry: Entry) -> int:
        """Write `entry` durably and return its sequence number (1, 2, ...).

        Raises LedgerUnwritable; then the record is as it was before.
        """
        row = row_of(entry)
        with self._lock, self._writable() as db, schema.transaction(db):
            return write(db, row)

    def erase(self, order: EraseOrder, tell: Callable[[int], None]) -> Erased:
        """Erase what `order` says, in short steps between which appends go on.

        Raises LedgerUnwritable; what was erased by then stays so, and the next time goes on.
        """
        done, steps = Erased(), None
        while True:
            began = time.monotonic()
            with self._lock, self._writable() as db:
                steps = steps or erasing.steps(db, order)
                found = next(steps, None)
            if found is None:
                return done
            done = found
            tell(done.entries)
            time.sleep(max(_LEAST_PAUSE, time.monotonic() - began))

    def since(self, moment: datetime) -> Sequence[Entry]:
        """Return the entries of every enrollment touched at or after `moment`, by sequence."""
        return self._select(_SINCE, (microseconds(moment),))

    def unsettled(self) -> Sequence[Entry]:
        """Return the entries of every enrollment whose latest state does not rest."""
        return self._select(_UNSETTLED, _OPEN_STATES)

    def timeline(self, enrollment_id: str) -> Sequence[Entry]:
        """Return the entries of one enrollment, in sequence order."""
        return self._select(_TIMELINE, (enrollment_id,))

    def page(self, query: HistoryQuery, after: int | None, limit: int) -> HistoryPage:
        """Return at most `limit` enrollments, those that began last first."""
        with self._beside():
            return self._history.page(query, after, limit)

    def operators(self) -> Sequence[KnownOperator]:
        """Return everybody the record names as operator, by name."""
        with self._beside():
            return self._history.operators()

    def export(
        self, query: HistoryQuery, form: ExportForm, path: str, tell: Callable[[int], None]
    ) -> int:
        """Write the entries of what `query` finds to the new file `path`; return how many.

        Raises ExportFailed for the file and LedgerUnreadable for the record.
        """
        with self._beside():
            return write_file(self._history.entries(query), form, Path(path), tell)

    def verify(self) -> reading.Fault | None:
        """Return the first entry that does not fit, or None. Appends go on meanwhile."""
        return reading.verify(self.path)

    def _select(self, query: str, arguments: tuple[str | int, ...]) -> Sequence[Entry]:
        with self._lock, self._readable() as db:
            rows = db.execute(query, arguments).fetchall()
        return tuple(reading.decoded(sequence, Row(*columns)) for sequence, *columns in rows)

    @contextmanager
    def _writable(self) -> Iterator[sqlite3.Connection]:
        db = self._connection()
        try:
            yield db
        except sqlite3.Error as error:
            self._look_at(error)
            raise LedgerUnwritable(f"{self.path.name}: {error}") from error

    @contextmanager
    def _readable(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except sqlite3.Error as error:
            self._look_at(error)
            raise LedgerUnreadable(f"{self.path.name}: {error}") from error

    @contextmanager
    def _beside(self) -> Iterator[None]:
        """Let the history be read without the lock, so that no append waits for it."""
        if self._closed:
            raise LedgerUnreadable(f"{self.path.name}: closed")
        try:
            yield
        except sqlite3.Error as error:
            with self._lock:
                self._look_at(error)
            raise LedgerUnreadable(f"{self.path.name}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        """Return the open file, opening it where that has not succeeded yet. The lock is held."""
        if self._closed:
            raise LedgerUnwritable(f"{self.path.name}: closed")
        if self._db is None:
            self._db, self._report = open_file(self.path, self._now, condemned=self._condemned)
            self._condemned = False
        return self._db

    def _look_at(self, error: sqlite3.Error) -> None:
        """Let go of a file that turned out damaged; the next call sets it aside and goes on."""
        if is_damage(error) and self._db is not None:
            self._history.close()  # lest it go on reading the file that is set aside
            self._db.close()
            self._db, self._condemned = None, True
