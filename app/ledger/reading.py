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
from app.ledger.chain import BLANK, Row, entry_of
from app.ledger.erasure import Erasure, erasure_of, is_erasure
from app.ledger.opening import read_only, refuse_newer

ALL = """
    SELECT sequence, enrollment_id, kind, state, at, facts, hash FROM events ORDER BY sequence
"""


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
    with reading(path) as db:
        for sequence, *columns, digest in db.execute(ALL):
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
