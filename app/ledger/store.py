"""The ledger the station writes to: core.ports.Ledger over one SQLite file.

Write-ahead log and full sync: when `append` returns, the entry has been flushed to the disk. One
lock guards one connection; every method blocks, so the station calls them off its loop. A ledger
whose disk was full or away is tried again on the next call, so that work resumes when the cause is
gone.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.enrollment import OPEN
from app.core.errors import LedgerError, LedgerGone, LedgerUnreadable, LedgerUnwritable
from app.core.history import ExportForm, HistoryPage, HistoryQuery, KnownOperator
from app.core.record import Entry, Head, HeadReason, Recordable
from app.core.retention import Erased, EraseOrder
from app.ledger import erasing, reading, schema, verifying
from app.ledger.chain import Row, row_of
from app.ledger.derived import first_difference, first_misplaced, microseconds
from app.ledger.export import write_file
from app.ledger.headlog import HeadNote, SystemLog
from app.ledger.history import HistoryReader
from app.ledger.opening import OpenReport, is_damage, open_file, read_only
from app.ledger.replacing import companion
from app.ledger.writing import write

_LOG = logging.getLogger("oathdesk.ledger")

_LIST_DIFFERS = (
    "the list of enrollments is not what the record's entries say: it was changed from outside, or "
    "made by another version; it is made anew"
)

WORDS_UP_TO = 50_000
"""Entries of a record whose words to search for are compared at the start: two seconds of work."""

_STEPS = 20_000
"""Steps of SQLite's machine between two looks at whether the check of the list is to end."""

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


_UNSETTLED_ENTRIES = f"""
    SELECT e.sequence, e.enrollment_id, e.kind, e.state, e.at, e.facts FROM (
        SELECT enrollment_id, max(sequence) AS last FROM events INDEXED BY events_by_enrollment
        WHERE enrollment_id NOT IN ('', x'') GROUP BY enrollment_id
    ) AS n
    CROSS JOIN events AS latest ON latest.sequence = n.last
    CROSS JOIN events AS e ON e.enrollment_id = n.enrollment_id
    WHERE latest.state IN ({", ".join("?" * len(_OPEN_STATES))}) ORDER BY e.sequence
"""  # noqa: S608 - constants
"""The same as _UNSETTLED, without the derived table."""

_HEAD_OF = """
    SELECT sequence, hash FROM events WHERE enrollment_id = ? ORDER BY sequence DESC LIMIT 1
"""

_FileId = tuple[int, int] | None
"""Device and number of a file (on Windows the volume and the file's index); None where it is gone.

Source: os.stat_result.st_dev and st_ino.
"""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _files_of(path: Path) -> tuple[_FileId, ...]:
    """Return which files stand in the places of the record and of its log at this moment."""
    return tuple(_file_id(companion(path, suffix)) for suffix in ("", "-wal"))


def _file_id(path: Path) -> _FileId:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _reason(report: OpenReport) -> HeadReason:
    if report.set_aside is not None:
        return HeadReason.REPLACED
    return HeadReason.BEGUN if report.created else HeadReason.OPENED


def _lenient(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


class SqliteLedger:
    """The record in the file at `path`. `now` dates only the name of a damaged file."""

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime] = _utc_now,
        log: SystemLog | None = None,
        desk: str = "",
    ) -> None:
        """Open nothing yet. Heads go to the system's `log`, in the name of `desk`."""
        self.path = path
        self._log = log
        self._desk = desk
        self._logged: Head | None = None
        self._list_is_checked = False
        self._files: tuple[_FileId, ...] = ()
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
                with suppress(sqlite3.Error):
                    self._log_head(self._db, HeadReason.CLOSED)
                self._db.close()
                self._db = None

    def append(self, entry: Recordable) -> int:
        """Write `entry` durably and return its sequence number (1, 2, ...).

        Raises LedgerUnwritable; then the record is as it was before. Raises LedgerGone where the
        file does not stand in its place any more, before and after the writing: what is written to
        a file without a name is lost.
        """
        row = row_of(entry)
        with self._lock, self._writable() as db:
            self._refuse_if_gone()
            with schema.transaction(db):
                sequence = write(db, row)
            self._refuse_if_gone()
            return sequence

    def head_of(self, enrollment_id: str) -> Head | None:
        """Return the last entry of one enrollment as a head; None where it is not known."""
        with self._lock, self._readable() as db:
            row = db.execute(_HEAD_OF, (enrollment_id,)).fetchone()
        return Head(int(row[0]), bytes(row[1]).hex()) if row else None

    def log_head(self, reason: HeadReason) -> None:
        """Write the record's head to the system's log; hourly only where it has moved on."""
        try:
            with self._lock:
                self._log_head(self._connection(), reason)
        except (LedgerError, sqlite3.Error) as error:
            _LOG.warning("the record's head was not written to the system's log: %s", error)

    def check_list(self, stopped: Callable[[], bool] = bool) -> bool:
        """Compare the list of enrollments with the entries; make it anew where it differs.

        Tells whether it was as it should be: which enrollments there are, in which state and when.
        The words to search for are compared in records of up to WORDS_UP_TO entries; in longer ones
        `verify` does that. It takes seconds for long records, beside the work, through a connection
        of its own. Until it has ended, open enrollments are read from the entries themselves. Ends
        early once `stopped`.
        """

        def is_to_end() -> bool:
            return self._closed or stopped()

        try:
            with closing(read_only(self.path)) as db:
                db.text_factory = _lenient
                db.set_progress_handler(is_to_end, _STEPS)
                db.execute("BEGIN")
                different = first_misplaced(db)
                (last,) = db.execute("SELECT sequence FROM head").fetchone()
                if different is None and last <= WORDS_UP_TO:
                    different = first_difference(db, lambda: time.sleep(_LEAST_PAUSE))
            if different is not None:
                _LOG.error(_LIST_DIFFERS)
                with self._lock, self._writable() as writer:
                    schema.rebuild(writer)
        except (LedgerError, sqlite3.Error, OSError) as error:
            if is_to_end():
                return True
            _LOG.warning("the list of enrollments could not be checked: %s", error)
            return False
        self._list_is_checked = True
        return different is None

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
                if done.entries:
                    self.log_head(HeadReason.ERASED)
                return done
            done = found
            tell(done.entries)
            time.sleep(max(_LEAST_PAUSE, time.monotonic() - began))

    def since(self, moment: datetime) -> Sequence[Entry]:
        """Return the entries of every enrollment touched at or after `moment`, by sequence."""
        return self._select(_SINCE, (microseconds(moment),))

    def unsettled(self) -> Sequence[Entry]:
        """Return the entries of every enrollment whose latest state does not rest.

        They are read from the entries alone until the list has been compared with those: an
        enrollment that somebody took off the list must be settled all the same.
        """
        query = _UNSETTLED if self._list_is_checked else _UNSETTLED_ENTRIES
        return self._select(query, _OPEN_STATES)

    def timeline(self, enrollment_id: str) -> Sequence[Entry]:
        """Return the entries of one enrollment, in sequence order."""
        return self._select(_TIMELINE, (enrollment_id,))

    def page(self, query: HistoryQuery, after: int | None, limit: int) -> HistoryPage:
        """Return at most `limit` enrollments, those that began last first, or other events."""
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

    def verify(self) -> verifying.Fault | None:
        """Return the first entry that does not fit, or None. Appends go on meanwhile."""
        return verifying.verify(self.path)

    def _select(self, query: str, arguments: tuple[str | int, ...]) -> Sequence[Entry]:
        """Return the entries that `query` finds.

        Where the read finds the file damaged, it is taken once more from the successor: a start
        reads before it writes, and must not end at damage that the next call would leave behind.
        """
        with self._lock:
            try:
                rows = self._rows(query, arguments)
            except LedgerUnreadable:
                if not self._condemned:
                    raise
                rows = self._rows(query, arguments)
        return tuple(reading.decoded(sequence, Row(*columns)) for sequence, *columns in rows)

    def _rows(self, query: str, arguments: tuple[str | int, ...]) -> Sequence[Any]:
        with self._readable() as db:
            return db.execute(query, arguments).fetchall()

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
            self._list_is_checked = False
            self._files = _files_of(self.path)
            self._log_head(self._db, _reason(self._report), self._report.predecessor)
        return self._db

    def _log_head(self, db: sqlite3.Connection, reason: HeadReason, predecessor: str = "") -> None:
        """Log the present head. The lock is held."""
        if self._log is None:
            return
        sequence, digest = db.execute("SELECT sequence, hash FROM head").fetchone()
        head = Head(int(sequence), bytes(digest).hex())
        if reason is HeadReason.HOURLY and head == self._logged:
            return
        file = str(self.path.absolute())
        identity = schema.identity_of(db)
        if self._log.write(HeadNote(identity, head, file, reason, self._desk, predecessor)):
            self._logged = head

    def _refuse_if_gone(self) -> None:
        """Raise LedgerGone where another file, or none, stands in the place of the open one."""
        if _files_of(self.path) != self._files:
            raise LedgerGone(f"{self.path}: removed, renamed or replaced while it was open")

    def _look_at(self, error: sqlite3.Error) -> None:
        """Let go of a file that turned out damaged; the next call sets it aside and goes on."""
        if is_damage(error) and self._db is not None:
            self._history.close()  # lest it go on reading the file that is set aside
            self._db.close()
            self._db, self._condemned = None, True
