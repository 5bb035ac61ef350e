"""Reading a whole ledger beside the station that writes it: for `verify`, exports and support.

Each call opens the file for reading alone and sees it as it was at that moment, so a long walk
never holds up an append.
"""

import enum
import math
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import LedgerUnreadable
from app.core.record import Entry
from app.ledger.chain import BLANK, GENESIS, Row, entry_of, fits
from app.ledger.covering import Covers
from app.ledger.erasure import Erasure, erasure_of, is_erasure
from app.ledger.opening import read_only, refuse_newer

_ALL = """
    SELECT sequence, enrollment_id, kind, state, at, facts, hash FROM events ORDER BY sequence
"""
_BREATH = 1_000
"""Entries between two looks at the time."""


class Why(enum.Enum):
    """In which way an entry does not fit."""

    CHANGED = "changed"
    """Its content, its place or the hash before it is not what was written."""
    MISSING = "missing"
    """It was removed."""
    BLANK = "blank"
    """Its content is gone, and no later entry says that it was erased."""
    UNREADABLE = "unreadable"
    """The file is damaged here."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first entry that does not fit, by its sequence number (1, 2, ...)."""

    sequence: int
    why: Why


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry with its place in the record and the hash that stands for everything up to it."""

    sequence: int
    entry: Entry
    hash: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """What one place of the record holds: an entry, an erasure, or None where it was erased."""

    sequence: int
    content: Entry | Erasure | None
    hash: bytes


def records(path: Path) -> Iterator[Recorded]:
    """Yield every entry in sequence order. Raises LedgerUnreadable, at worst in the middle."""
    for each in held(path):
        if isinstance(each.content, Entry):
            yield Recorded(each.sequence, each.content, each.hash)


def held(path: Path) -> Iterator[Held]:
    """Yield what is held at every place. Raises LedgerUnreadable, at worst in the middle."""
    with _reading(path) as db:
        for sequence, *columns, digest in db.execute(_ALL):
            yield Held(sequence, _content(sequence, columns), digest)


def _content(sequence: int, columns: Sequence[object]) -> Entry | Erasure | None:
    if tuple(columns) == BLANK:
        return None
    row = Row(*map(str, columns))
    if not is_erasure(row):
        return decoded(sequence, row)
    try:
        return erasure_of(row)
    except ValueError as error:
        raise LedgerUnreadable(f"entry {sequence}: {error}") from error


def decoded(sequence: int, row: Row) -> Entry:
    """Return the entry of `row`. Raises LedgerUnreadable, which names the sequence number."""
    try:
        return entry_of(row)
    except (ValueError, TypeError) as error:
        raise LedgerUnreadable(f"entry {sequence}: {error}") from error


def verify(path: Path, seconds: float = math.inf) -> Fault | None:
    """Return the first entry that was changed, removed or moved, or None where all fit.

    Raises LedgerUnreadable where the file is missing, is no ledger or is of a newer version, and
    TimeoutError where the walk does not come to its end within `seconds`.
    """
    ends = time.monotonic() + seconds
    with _reading(path) as db:
        db.text_factory = _lenient  # damaged text need not be text
        db.execute("BEGIN")  # head, erasures and rows as they were at one moment
        head = db.execute("SELECT sequence, hash FROM head").fetchone()
        return _walk(db, head, ends)


def _walk(db: sqlite3.Connection, head: tuple[int, bytes], ends: float) -> Fault | None:
    expected, previous, covers = 1, GENESIS, Covers(db)
    try:
        for sequence, *columns, digest in db.execute(_ALL):
            if expected % _BREATH == 0 and time.monotonic() > ends:
                raise TimeoutError
            if sequence != expected:
                return Fault(expected, Why.MISSING)
            why = _wrong(covers, previous, sequence, columns, digest)
            if why is not None:
                return Fault(sequence, why)
            expected, previous = sequence + 1, digest
    except sqlite3.DatabaseError:
        return Fault(expected, Why.UNREADABLE)
    return _against_head(expected, previous, head)


def _lenient(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _wrong(
    covers: Covers, previous: bytes, sequence: int, columns: Sequence[object], digest: object
) -> Why | None:
    """Return what is wrong with a row, or None where it is what was written, or rightly erased."""
    if tuple(columns) != BLANK:
        return None if fits(previous, sequence, columns, digest) else Why.CHANGED
    cover = covers.of(sequence)
    if cover is None:
        return Why.BLANK
    return None if cover.sound else Why.CHANGED


def _against_head(following: int, last: bytes, head: tuple[int, bytes]) -> Fault | None:
    """Compare the end of the walk with what the head says was last written."""
    sequence, digest = head
    if sequence >= following:
        return Fault(following, Why.MISSING)
    if sequence < following - 1:
        return Fault(sequence + 1, Why.CHANGED)
    return None if digest == last else Fault(sequence, Why.CHANGED)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open for reading; SQLite's errors leave as LedgerUnreadable."""
    try:
        refuse_newer(path)
        with closing(read_only(path)) as db:
            yield db
    except TimeoutError:  # an OSError, and no fault of the file's
        raise
    except (OSError, sqlite3.Error) as error:
        raise LedgerUnreadable(f"{path.name}: {error}") from error
