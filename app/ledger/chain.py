"""How one entry becomes a row, and how each row vouches for all before it.

The hash of a row is the SHA-256 of the hash before it followed by the row as JSON,
sequence number included. So a row that is changed, removed, put in or moved no longer fits, and
neither does any after it. The hash holds no key: it shows damage and careless tampering, and
somebody who rewrites the whole file can recompute it. Whoever needs more keeps a copy of the head
elsewhere.

An entry that was erased keeps its place and its hash, and all else of it is empty: it goes on
linking its neighbours. That it was erased rightly is for an entry of its own to say (erasure.py).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from app.core.enrollment import State
from app.core.record import Entry, EntryKind

GENESIS = bytes(32)
"""What stands before the first row."""


class Row(NamedTuple):
    """An entry as text, in the order of the table's columns. `facts` is canonical JSON."""

    enrollment_id: str
    kind: str
    state: str
    at: str
    facts: str


BLANK = (b"",) * len(Row._fields)
"""The columns of an erased row. Bytes, which no entry holds: an empty text is something else."""


def canonical(value: Mapping[str, object]) -> str:
    """Return the one JSON text for `value`: sorted keys, no spaces, ASCII alone.

    A server may send half a surrogate pair, which no file could hold as it is.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def stamp(moment: datetime) -> str:
    """Return `moment` as UTC text that sorts as time does. Raises ValueError if naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment in the ledger needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def row_of(entry: Entry) -> Row:
    """Return `entry` as text. Raises ValueError where its moment has no time zone."""
    return Row(
        enrollment_id=entry.enrollment_id,
        kind=entry.kind.value,
        state=entry.state.value,
        at=stamp(entry.at),
        facts=canonical(entry.facts),
    )


def entry_of(row: Row) -> Entry:
    """Return the entry that `row` holds. Raises ValueError where it is not one."""
    facts = json.loads(row.facts)
    if not isinstance(facts, dict):
        raise ValueError("facts are not an object")  # noqa: TRY004 - the text is wrong, not a type
    return Entry(
        enrollment_id=row.enrollment_id,
        kind=EntryKind(row.kind),
        state=State(row.state),
        at=datetime.fromisoformat(row.at),
        facts={str(key): str(value) for key, value in facts.items()},
    )


def link(previous: bytes, sequence: int, row: Row) -> bytes:
    """Return the hash of `row` at `sequence` after `previous`, 32 bytes.

    It covers the stored texts as they are, so that every bit of them counts.
    """
    body = json.dumps([sequence, *row], separators=(",", ":"))
    return hashlib.sha256(previous + body.encode()).digest()


def fits(previous: bytes, sequence: int, columns: Sequence[object], digest: object) -> bool:
    """Tell whether a row is what was written, its columns' types included."""
    texts = [column for column in columns if isinstance(column, str)]
    return len(texts) == len(columns) and link(previous, sequence, Row(*texts)) == digest
