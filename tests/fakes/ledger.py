"""A ledger in memory, whose disk can be full."""

import threading
from collections.abc import Sequence
from datetime import datetime

from app.core.enrollment import RESTING
from app.core.errors import LedgerUnwritable
from app.core.record import Entry
from tests.fakes.journal import Journal


class FakeLedger:
    """Fulfils core.ports.Ledger; called from any thread, as the real one is.

    While `full`, nothing is taken. `room` is how many more entries are, or None for any number.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self.full = False
        self.room: int | None = None
        self._entries: list[Entry] = []
        self._journal = journal or Journal()
        self._lock = threading.Lock()

    @property
    def entries(self) -> tuple[Entry, ...]:
        with self._lock:
            return tuple(self._entries)

    def append(self, entry: Entry) -> int:
        with self._lock:
            if self.full or self.room == 0:
                raise LedgerUnwritable("no space left")
            if self.room is not None:
                self.room -= 1
            self._entries.append(entry)
            self._journal.note("ledger", f"{entry.kind.value} {entry.state.value}")
            return len(self._entries)

    def since(self, moment: datetime) -> Sequence[Entry]:
        touched = {entry.enrollment_id for entry in self.entries if entry.at >= moment}
        return [entry for entry in self.entries if entry.enrollment_id in touched]

    def unsettled(self) -> Sequence[Entry]:
        latest = {entry.enrollment_id: entry.state for entry in self.entries}
        return [entry for entry in self.entries if latest[entry.enrollment_id] not in RESTING]
