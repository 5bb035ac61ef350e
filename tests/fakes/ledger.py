"""A ledger in memory, whose disk can be full."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from app.core.enrollment import OPEN
from app.core.errors import LedgerError, LedgerUnwritable
from app.core.history import (
    ExportForm,
    HistoryPage,
    HistoryQuery,
    HistoryScope,
    KnownOperator,
    RecordedEvent,
    operator_of,
    search_words,
    words_of,
)
from app.core.record import Entry, Head, HeadReason, Line, Recordable, lines
from app.core.retention import MAY_GO, Erased, EraseOrder
from app.core.station_event import StationEvent
from tests.fakes.journal import Journal


class FakeLedger:
    """Fulfils core.ports.Ledger; called from any thread, as the real one is.

    While `full`, nothing is taken. `room` is how many more entries are, or None for any number.
    `error` is what an entry that is not taken ends in, `damage` what reading ends in; `orders` are
    those to erase, and `logged` says why heads were logged. `events` are those that are no part of
    an enrollment. `before_page` is called before each page is read, by the thread that reads it.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self.full = False
        self.room: int | None = None
        self.error: LedgerError = LedgerUnwritable("no space left")
        self.damage: LedgerError | None = None
        self.exported: dict[str, tuple[ExportForm, list[Entry]]] = {}
        self.orders: list[EraseOrder] = []
        self.logged: list[HeadReason] = []
        self.before_page: Callable[[], object] = lambda: None
        self.events: list[StationEvent] = []
        self._entries: list[Entry] = []
        self._journal = journal or Journal()
        self._lock = threading.Lock()

    @property
    def entries(self) -> tuple[Entry, ...]:
        with self._lock:
            return tuple(self._entries)

    def append(self, entry: Recordable) -> int:
        with self._lock:
            if isinstance(entry, StationEvent):
                return self._append_event(entry)
            if self.full or self.room == 0:
                raise self.error
            if self.room is not None:
                self.room -= 1
            self._entries.append(entry)
            self._journal.note("ledger", f"{entry.kind.value} {entry.state.value}")
            return len(self._entries)

    def _append_event(self, event: StationEvent) -> int:
        """Take an event, which needs no `room`: that counts what a test submits."""
        if self.full:
            raise self.error
        self.events.append(event)
        return len(self._entries) + len(self.events)

    def since(self, moment: datetime) -> Sequence[Entry]:
        touched = {entry.enrollment_id for entry in self.entries if entry.at >= moment}
        return [entry for entry in self.entries if entry.enrollment_id in touched]

    def unsettled(self) -> Sequence[Entry]:
        if self.damage is not None:
            raise self.damage
        latest = {entry.enrollment_id: entry.state for entry in self.entries}
        return [entry for entry in self.entries if latest[entry.enrollment_id] in OPEN]

    def page(self, query: HistoryQuery, after: int | None, limit: int) -> HistoryPage:
        self.before_page()
        begin = after or 0
        end = begin + limit
        if query.scope is HistoryScope.STATION:
            newest = [RecordedEvent(n, each) for n, each in enumerate(self.events, 1)][::-1]
            following = end if end < len(newest) else None
            return HistoryPage(following=following, events=tuple(newest[begin:end]))
        found = self._found(query)
        return HistoryPage(found[begin:end], end if end < len(found) else None)

    def timeline(self, enrollment_id: str) -> Sequence[Entry]:
        return [entry for entry in self.entries if entry.enrollment_id == enrollment_id]

    def head_of(self, enrollment_id: str) -> Head | None:
        """Return a head whose hash is made of its sequence number alone."""
        found = [
            number
            for number, entry in enumerate(self.entries, start=1)
            if entry.enrollment_id == enrollment_id
        ]
        return Head(found[-1], f"{found[-1]:064x}") if found else None

    def log_head(self, reason: HeadReason) -> None:
        self.logged.append(reason)

    def operators(self) -> Sequence[KnownOperator]:
        named = {operator_of(entry.facts) for entry in self.entries} - {None}
        return sorted((one for one in named if one), key=lambda one: one.name)

    def export(
        self, query: HistoryQuery, form: ExportForm, path: str, tell: Callable[[int], None]
    ) -> int:
        """Keep what would be written, by path, in `exported`; no file is made."""
        wanted = {line.enrollment_id for line in self._found(query)}
        entries = [entry for entry in self.entries if entry.enrollment_id in wanted]
        tell(len(entries))
        self.exported[path] = (form, entries)
        return len(entries)

    def erase(self, order: EraseOrder, tell: Callable[[int], None]) -> Erased:
        """Forget what rests and is older than the order's limit, one enrollment at a time."""
        if self.full:
            raise self.error
        erased = Erased()
        for line in lines(self.entries):
            told = self.timeline(line.enrollment_id)
            if line.state in MAY_GO and max(entry.at for entry in told) < order.before:
                with self._lock:
                    self._entries = [entry for entry in self._entries if entry not in told]
                erased += Erased(1, len(told))
            tell(erased.entries)
        self.orders.append(order)
        return erased

    def _found(self, query: HistoryQuery) -> tuple[Line, ...]:
        began = reversed(lines(self.entries))
        return tuple(line for line in began if self._matches(query, line))

    def _matches(self, query: HistoryQuery, line: Line) -> bool:
        facts = self.timeline(line.enrollment_id)[0].facts
        operator = operator_of(facts)
        return (
            all(word in words_of(facts) for word in search_words(query.text))
            and (not query.states or line.state in query.states)
            and (not query.operator or (operator is not None and operator.key == query.operator))
            and (query.since is None or line.began >= query.since)
            and (query.until is None or line.began < query.until)
        )
