"""Reading a whole ledger beside the station that writes it: for exports, support and `verify`.

Each call opens the file for reading alone and sees it as it was at that moment, so a long walk
never holds up an append.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import LedgerUnreadable
from app.core.record import Entry
from app.core.station_event import StationEvent
from app.ledger.chain import (
    COLUMNS,
    GENESIS,
    OF_ENROLLMENT,
    OF_SUBJECT,
    Row,
    entry_of,
    event_of,
    hashed_text,
    is_blank,
    row_from,
)
from app.ledger.erasure import Erasure, erasure_of, is_erasure
from app.ledger.opening import read_only, refuse_newer
from app.ledger.schema import version_of

_ALL = f"SELECT sequence, {COLUMNS}, hash FROM events ORDER BY sequence"  # noqa: S608 - constants
_ALL_BEFORE_SUBJECTS = f"""
    SELECT sequence, enrollment_id, kind, state, at, facts, {OF_ENROLLMENT}, '', '', hash
    FROM events ORDER BY sequence
"""  # noqa: S608 - constants
_FIRST_WITH_SUBJECTS = 10
"""The version of the file from which on a row has a format and a subject."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry with its place in the record and the hash that stands for everything up to it."""

    sequence: int
    entry: Entry
    hash: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """What one place of the record holds: an entry or an event, an erasure, or None once erased."""

    sequence: int
    content: Entry | StationEvent | Erasure | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class HashedRow:
    """What the hash of one place is made of: the SHA-256 of `previous` and `text` in ASCII.

    `previous` is the hash before it, 32 bytes. `text` is None where the entry was erased.
    """

    sequence: int
    format: int
    previous: bytes
    text: str | None
    hash: bytes


def all_rows(db: sqlite3.Connection) -> Iterator[tuple[int, Sequence[object], bytes]]:
    """Yield the number, the columns of chain.Row and the hash of every place, in order.

    A record of an older version, which is only read, has them too. Raises sqlite3.Error.
    """
    old = version_of(db) < _FIRST_WITH_SUBJECTS
    for sequence, *columns, digest in db.execute(_ALL_BEFORE_SUBJECTS if old else _ALL):
        yield sequence, columns, digest


def records(path: Path) -> Iterator[Recorded]:
    """Yield every entry of an enrollment, in order.

    Raises LedgerUnreadable, at worst in the middle.
    """
    for each in held(path):
        if isinstance(each.content, Entry):
            yield Recorded(each.sequence, each.content, each.hash)


def held(path: Path) -> Iterator[Held]:
    """Yield what is held at every place. Raises LedgerUnreadable, at worst in the middle."""
    with reading(path) as db:
        for sequence, columns, digest in all_rows(db):
            yield Held(sequence, _content(sequence, columns), digest)


def hashed_rows(path: Path) -> Iterator[HashedRow]:
    """Yield what every hash is made of, in order. Raises LedgerUnreadable, also in the middle."""
    previous = GENESIS
    with reading(path) as db:
        for sequence, columns, digest in all_rows(db):
            row = row_from(columns)
            try:
                text = None if is_blank(columns) else hashed_text(sequence, row)
            except ValueError as error:
                raise LedgerUnreadable(str(error)) from error
            yield HashedRow(sequence, row.format, previous, text, digest)
            previous = digest


def _content(sequence: int, columns: Sequence[object]) -> Entry | StationEvent | Erasure | None:
    if is_blank(columns):
        return None
    row = row_from(columns)
    if row.format == OF_SUBJECT:
        return decoded_event(sequence, row)
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


def decoded_event(sequence: int, row: Row) -> StationEvent:
    """Return the event of `row`. Raises LedgerUnreadable, which names the sequence number."""
    try:
        return event_of(row)
    except (ValueError, TypeError) as error:
        raise LedgerUnreadable(f"entry {sequence}: {error}") from error


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the record at `path` for reading; SQLite's errors leave as LedgerUnreadable."""
    try:
        refuse_newer(path)
        with closing(read_only(path)) as db:
            yield db
    except TimeoutError:  # an OSError, and no fault of the file's
        raise
    except (OSError, sqlite3.Error) as error:
        raise LedgerUnreadable(f"{path.name}: {error}") from error
