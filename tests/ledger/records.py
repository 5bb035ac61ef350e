"""Entries for the tests of the ledger, and raw access to the file for those that do damage."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.enrollment import State
from app.core.model import Mode, Operation
from app.core.record import Entry, EntryKind
from app.core.retention import EraseOrder
from app.ledger import SqliteLedger

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

LATER = NOON + timedelta(days=400)
ALL_OLD = EraseOrder(before=NOON + timedelta(days=1), at=LATER)
BLANK = (
    "UPDATE events SET enrollment_id=x'', kind=x'', state=x'', at=x'', facts=x'' WHERE sequence="
)
INSERT = """
    INSERT INTO events (sequence, enrollment_id, kind, state, at, facts, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""

INTENT_FACTS = {
    "mode": Mode.ASSIGN_ONLY.value,
    "operation": Operation.ASSIGN.value,
    "attempt": "1",
    "serial_number": "0000123456",
    "device_id": "device-1",
    "person_id": "person-1",
    "person_upn": "zoe@desk.example",
    "operator_name": "Olive Operator",
    "person_name": "Zoë Ångström 王",
}


def intent_of(enrollment_id: str, minutes: int = 0) -> Entry:
    at = NOON + timedelta(minutes=minutes)
    return Entry(enrollment_id, EntryKind.INTENT, State.RECORDING, at, INTENT_FACTS)


def state_of(enrollment_id: str, state: State, minutes: int = 0) -> Entry:
    at = NOON + timedelta(minutes=minutes)
    return Entry(enrollment_id, EntryKind.STATE, state, at, {"event": "SeenAssigned"})


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file past the ledger, its triggers gone, as somebody with a tool would."""
    with closing(sqlite3.connect(path)) as db:
        for name in ("events_keep_content", "events_keep_rows", "events_keep_order"):
            db.execute(f"DROP TRIGGER IF EXISTS {name}")
        yield db
        db.commit()


def as_version(db: sqlite3.Connection, number: int) -> None:
    """Make of a record without events one of an earlier version, before entries had a subject."""
    db.execute("DROP TRIGGER IF EXISTS events_keep_content")  # it names the columns
    for index in ("station_events", "station_events_by_at"):
        db.execute(f"DROP INDEX {index}")
    for column in ("format", "subject", "subject_id"):
        db.execute(f"ALTER TABLE events DROP COLUMN {column}")
    db.execute(f"PRAGMA user_version = {number}")


def nothing(_count: int) -> None:
    """Hear nothing."""


def order(minutes: int) -> EraseOrder:
    return EraseOrder(before=NOON + timedelta(minutes=minutes), at=LATER)


def ended(ledger: SqliteLedger, name: str, minutes: int = 0, state: State = State.ASSIGNED) -> None:
    ledger.append(intent_of(name, minutes))
    ledger.append(state_of(name, state, minutes))
