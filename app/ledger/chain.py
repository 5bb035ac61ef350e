"""How one entry becomes a row, and how each row vouches for all before it.

The hash of a row is the SHA-256 of the hash before it followed by the row as JSON,
sequence number included (`hashed_bytes`). A row has a format, which says how that JSON is made:

- 1, an entry of an enrollment, or an erasure: [sequence, enrollment_id, kind, state, at, facts]
- 2, an event with another subject: [2, sequence, subject, subject_id, kind, at, facts]

The second member tells them apart: a text in the first, a number in the second. The JSON has no
spaces and is ASCII alone; `facts` is a text that is JSON itself. So a row that is changed, removed,
put in or moved no longer fits, and neither does any after it. The hash holds no key: it shows
damage and careless tampering, and somebody who rewrites the whole file can recompute it. Whoever
needs more keeps a copy of the head elsewhere.

An entry that was erased keeps its place and its hash, and all else of it is empty: it goes on
linking its neighbours. That it was erased rightly is for an entry of its own to say (erasure.py).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from app.core.enrollment import State
from app.core.record import Entry, EntryKind, Recordable
from app.core.station_event import StationEvent, Subject, SubjectKind

GENESIS = bytes(32)
"""What stands before the first row."""


OF_ENROLLMENT, OF_SUBJECT = 1, 2
"""The formats of a row."""


class Row(NamedTuple):
    """An entry as text, named as the table's columns are. `facts` is canonical JSON.

    A row of format 1 has no `subject`: it is the enrollment. One of format 2 has no
    `enrollment_id` and no `state`.
    """

    enrollment_id: str
    kind: str
    state: str
    at: str
    facts: str
    format: int = OF_ENROLLMENT
    subject: str = ""
    subject_id: str = ""


_TEXTS = 5
"""How many texts stand in front of a row's format: the columns that every version has."""


def row_from(columns: Sequence[object]) -> Row:
    """Return a row of its columns as they came out of the file: the first five, or all of them.

    What is no text becomes one, and a format that is no number becomes 0, which is none.
    """
    enrollment_id, kind, state, at, facts, *texts = (str(column) for column in columns)
    row = Row(enrollment_id, kind, state, at, facts)
    if not texts:
        return row
    number = columns[_TEXTS]
    _, subject, subject_id = texts
    return row._replace(
        format=number if isinstance(number, int) else 0, subject=subject, subject_id=subject_id
    )


COLUMNS = ", ".join(Row._fields)
"""The columns of a row, for a statement of SQL."""

_BLANK = ((b"",) * _TEXTS, ("", ""))


def is_blank(columns: Sequence[object]) -> bool:
    """Tell whether the columns of a row are those of an erased one; its format is left to it.

    They are bytes, which no entry holds: an empty text is something else.
    """
    return (tuple(columns[:_TEXTS]), tuple(columns[_TEXTS + 1 :])) == _BLANK


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


def row_of(entry: Recordable) -> Row:
    """Return `entry` as text. Raises ValueError where its moment has no time zone."""
    if isinstance(entry, StationEvent):
        return Row(
            enrollment_id="",
            kind=entry.name,
            state="",
            at=stamp(entry.at),
            facts=canonical(entry.facts),
            format=OF_SUBJECT,
            subject=entry.subject.kind.value,
            subject_id=entry.subject.id,
        )
    return Row(
        enrollment_id=entry.enrollment_id,
        kind=entry.kind.value,
        state=entry.state.value,
        at=stamp(entry.at),
        facts=canonical(entry.facts),
    )


def event_of(row: Row) -> StationEvent:
    """Return the event that `row` of format 2 holds. Raises ValueError where it is not one."""
    return StationEvent(
        subject=Subject(SubjectKind(row.subject), row.subject_id),
        name=row.kind,
        at=datetime.fromisoformat(row.at),
        facts=_facts_of(row),
    )


def entry_of(row: Row) -> Entry:
    """Return the entry that `row` of format 1 holds. Raises ValueError where it is not one."""
    return Entry(
        enrollment_id=row.enrollment_id,
        kind=EntryKind(row.kind),
        state=State(row.state),
        at=datetime.fromisoformat(row.at),
        facts=_facts_of(row),
    )


def _facts_of(row: Row) -> dict[str, str]:
    facts = json.loads(row.facts)
    if not isinstance(facts, dict):
        raise ValueError("facts are not an object")  # noqa: TRY004 - the text is wrong, not a type
    return {str(key): str(value) for key, value in facts.items()}


def hashed_text(sequence: int, row: Row) -> str:
    """Return the text that the hash of `row` at `sequence` is made of, behind the hash before it.

    It covers the stored texts as they are, so that every bit of them counts. Raises ValueError
    where the row's format is not known, or a column holds what its format has no place for.
    """
    members: tuple[object, ...]
    match row:
        case Row(format=1, subject="", subject_id=""):
            members = (sequence, *row[:_TEXTS])
        case Row(enrollment_id="", state="", format=2):
            members = (2, sequence, row.subject, row.subject_id, row.kind, row.at, row.facts)
        case _:
            raise ValueError(f"entry {sequence}: not a row of format 1 or 2")
    return json.dumps(members, separators=(",", ":"))


def hashed_bytes(previous: bytes, sequence: int, row: Row) -> bytes:
    """Return the very bytes whose SHA-256 is the hash of `row`: `previous` and the text.

    Raises as `hashed_text` does.
    """
    return previous + hashed_text(sequence, row).encode("ascii")


def link(previous: bytes, sequence: int, row: Row) -> bytes:
    """Return the hash of `row` at `sequence` after `previous`, 32 bytes.

    Raises as `hashed_text` does.
    """
    return hashlib.sha256(hashed_bytes(previous, sequence, row)).digest()


def fits(previous: bytes, sequence: int, columns: Sequence[object], digest: object) -> bool:
    """Tell whether a row is what was written, its columns' types included."""
    texts = (*columns[:_TEXTS], *columns[_TEXTS + 1 :])
    number = columns[_TEXTS] if len(columns) > _TEXTS else OF_ENROLLMENT
    if type(number) is not int or not all(isinstance(text, str) for text in texts):
        return False
    try:
        return link(previous, sequence, row_from(columns)) == digest
    except ValueError:
        return False
