"""Checking a whole record: its chain, its erasures, its list, and heads that were kept elsewhere.

The chain alone shows what was changed in the midst of the record. Somebody who owns the file can
recompute every hash, cut off the end or leave an enrollment out; only a head that was kept outside
the file shows that. A head is a sequence number with the hash of that entry, which stands for
everything up to it: from a receipt, an export, or the system's log.
"""

import enum
import math
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.core.record import Head
from app.core.retention import MAY_GO
from app.ledger import schema
from app.ledger.chain import GENESIS, OF_SUBJECT, fits, is_blank, row_from
from app.ledger.covering import Cover, Covers, Neighbour, Survivor, left_behind
from app.ledger.derived import first_difference, first_misplaced
from app.ledger.erasure import KIND, NO_ENROLLMENT
from app.ledger.headlog import LoggedHead
from app.ledger.reading import all_rows, reading

_BREATH = 1_000
"""Entries between two looks at the time."""

_HAS_ERASURES = "SELECT 1 FROM events WHERE enrollment_id = ? AND kind = ? LIMIT 1"
_HASH = "SELECT hash FROM events WHERE sequence = ?"
_RESTING = frozenset(state.value for state in MAY_GO)


class Why(enum.Enum):
    """In which way an entry does not fit."""

    CHANGED = "changed"
    """Its content, its place or the hash before it is not what was written."""
    MISSING = "missing"
    """It was removed."""
    BLANK = "blank"
    """Its content is gone, and no later entry says that it was erased."""
    ERASURE = "erasure"
    """An entry says that it was erased, and the times of what stands beside it say otherwise."""
    UNREADABLE = "unreadable"
    """The file is damaged here."""
    LIST = "list"
    """The chain is whole; the list of enrollments that the station searches is not made of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first entry that does not fit, by its sequence number (1, 2, ...).

    `by` is the number of the erasure that accounts for it, where there is one. Of a fault of the
    list, `sequence` is 0 and `enrollment_id` the enrollment that is listed otherwise.
    """

    sequence: int
    why: Why
    by: int = 0
    enrollment_id: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """A head that the record does not follow; `found` is the hash there, None beyond its end."""

    head: Head
    found: str | None


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """A head in the system's log that this record does not follow; `found` as in Missed."""

    logged: LoggedHead
    found: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found at one moment. `head` is the record's last entry.

    `identity` is the record's own random name, "" for a record of an older version. Of the system's
    log: `followed` counts the heads that the record follows, `unfollowed` are the others of this
    record, and `others` has the last head of each other record that lay in the same place and that
    no salvage accounts for.
    """

    head: Head
    identity: str
    fault: Fault | None
    missed: tuple[Missed, ...] = ()
    followed: int = 0
    unfollowed: tuple[Unfollowed, ...] = ()
    others: tuple[LoggedHead, ...] = ()

    @property
    def whole(self) -> bool:
        """Tell whether all fits."""
        return not (self.fault or self.missed or self.unfollowed or self.others)


def verify(path: Path, seconds: float = math.inf) -> Fault | None:
    """Return the first entry that does not fit, or None where all do.

    Raises as `examine` does.
    """
    return examine(path, (), seconds).fault


def examine(
    path: Path,
    expected: Iterable[Head] = (),
    seconds: float = math.inf,
    logged: Sequence[LoggedHead] = (),
) -> Report:
    """Check the record at `path` against itself, the heads that are `expected`, and those `logged`.

    Raises LedgerUnreadable where the file is missing, is no ledger or is of a newer version, and
    TimeoutError where the walk does not come to its end within `seconds`. Where the time is
    limited, the words of the list that are searched for are not compared.
    """
    ends = time.monotonic() + seconds

    def breathe() -> None:
        if time.monotonic() > ends:
            raise TimeoutError

    with reading(path) as db:
        db.text_factory = _lenient  # damaged text need not be text
        db.execute("BEGIN")  # all tables as they were at one moment
        sequence, digest = db.execute("SELECT sequence, hash FROM head").fetchone() or (0, GENESIS)
        head = Head(int(sequence), bytes(digest).hex())
        identity = schema.identity_of(db)
        fault = _Walk(db, breathe).fault(head)
        if fault is None:
            different = first_misplaced(db)
            if different is None and seconds == math.inf:
                different = first_difference(db, breathe)
            fault = None if different is None else Fault(0, Why.LIST, enrollment_id=different)
        missed = tuple(each for each in (_missed(db, head) for head in expected) if each)
        report = Report(head, identity, fault, missed)
        return _with_log(db, report, path, logged) if logged and identity else report


def _missed(db: sqlite3.Connection, head: Head) -> Missed | None:
    """Return `head` where the record does not follow it, else None."""
    try:
        row = db.execute(_HASH, (head.sequence,)).fetchone() if head.sequence else (GENESIS,)
    except (sqlite3.DatabaseError, OverflowError):
        row = None
    found = bytes(row[0]).hex() if row and isinstance(row[0], bytes) else None
    return None if found is not None and head.is_of(found) else Missed(head, found)


def _with_log(
    db: sqlite3.Connection, report: Report, path: Path, logged: Sequence[LoggedHead]
) -> Report:
    """Return `report` with what the heads in the system's log say."""
    own = [each for each in logged if each.record == report.identity]
    judged = [(each, _missed(db, each.head)) for each in own]
    unfollowed = tuple(Unfollowed(each, missed.found) for each, missed in judged if missed)
    # A copy keeps the record's name; another name in the same place is another record.
    place = str(path.absolute())
    last = {each.record: each for each in sorted(logged, key=_moment) if each.file == place}
    known = {report.identity}
    while more := {e.predecessor for e in logged if e.record in known and e.predecessor} - known:
        known |= more
    others = tuple(
        each for name, each in last.items() if name not in known and _missed(db, each.head)
    )
    return replace(
        report, followed=len(own) - len(unfollowed), unfollowed=unfollowed, others=others
    )


def _moment(logged: LoggedHead) -> datetime:
    return logged.at


def _lenient(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


class _Walk:
    """One passage through all entries, from the first to the last."""

    def __init__(self, db: sqlite3.Connection, breathe: Callable[[], None]) -> None:
        self._db = db
        self._breathe = breathe
        self._covers = Covers(db)
        self._judges = db.execute(_HAS_ERASURES, (NO_ENROLLMENT, KIND)).fetchone() is not None
        self._before: Neighbour | None = None
        self._neighbours: dict[Neighbour, Cover] = {}
        self._enrollments: dict[str, list[str | int]] = {}
        self._events: list[Survivor] = []

    def fault(self, head: Head) -> Fault | None:
        """Return the first entry that does not fit. Raises TimeoutError."""
        expected, previous = 1, GENESIS
        try:
            for sequence, columns, digest in all_rows(self._db):
                if expected % _BREATH == 0:
                    self._breathe()
                if sequence != expected:
                    return Fault(expected, Why.MISSING)
                fault = self._fault_of(previous, sequence, columns, digest)
                if fault is not None:
                    return fault
                expected, previous = sequence + 1, digest
        except sqlite3.DatabaseError:
            return Fault(expected, Why.UNREADABLE)
        return _against_head(expected, previous, head) or self._order_fault()

    def _fault_of(
        self, previous: bytes, sequence: int, columns: Sequence[object], digest: object
    ) -> Fault | None:
        if not is_blank(columns):
            if not fits(previous, sequence, columns, digest):
                return Fault(sequence, Why.CHANGED)
            self._note(sequence, columns)
            return None
        before, self._before = self._before, None
        cover = self._covers.of(sequence)
        if cover is None:
            return Fault(sequence, Why.BLANK)
        if not cover.sound:
            return Fault(sequence, Why.CHANGED)
        if not cover.timely or (before is not None and before.at >= cover.limit):
            return Fault(sequence, Why.ERASURE, cover.by)
        if before is not None:
            self._neighbours[before] = cover
        return None

    def _note(self, sequence: int, columns: Sequence[object]) -> None:
        """Remember what erasures are judged by: the times of what is left."""
        before, enrollment_id, state, at = (
            self._before,
            str(columns[0]),
            columns[2],
            str(columns[3]),
        )
        self._before = Neighbour(sequence, at)
        if not self._judges:
            return
        age = max(at, before.at if before else "")
        if enrollment_id == NO_ENROLLMENT:
            if row_from(columns).format == OF_SUBJECT:
                self._events.append(Survivor(age, sequence))
            return
        known = self._enrollments.get(enrollment_id)
        age = max(age, str(known[0])) if known else age
        self._enrollments[enrollment_id] = [age, sequence, str(state)]

    def _order_fault(self) -> Fault | None:
        """Return the first entry that was erased although something older was left."""
        enrollments = (
            Survivor(str(age), int(last))
            for age, last, state in self._enrollments.values()
            if state in _RESTING
        )
        found = left_behind((*enrollments, *self._events), self._neighbours)
        if found is None:
            return None
        by = next(cover.by for near, cover in self._neighbours.items() if near.sequence == found)
        return Fault(found + 1, Why.ERASURE, by)


def _against_head(following: int, last: bytes, head: Head) -> Fault | None:
    """Compare the end of the walk with what the head says was last written."""
    if head.sequence >= following:
        return Fault(following, Why.MISSING)
    if head.sequence < following - 1:
        return Fault(head.sequence + 1, Why.CHANGED)
    return None if head.hash == last.hex() else Fault(head.sequence, Why.CHANGED)
