"""Pages and searches of the whole record, beside the appends and never in their way.

The reader has a connection of its own: with a write-ahead log a reader waits for nobody and nobody
for it. A page is found by its key (the sequence number an enrollment began with), so the thousandth
page costs what the first one does.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.core.history import (
    HistoryPage,
    HistoryQuery,
    HistoryScope,
    KnownOperator,
    RecordedEvent,
    operator_of,
    search_words,
    words_of,
)
from app.core.record import Entry, lines
from app.core.station_event import StationEvent
from app.ledger.chain import COLUMNS, Row, row_from
from app.ledger.derived import microseconds
from app.ledger.opening import read_only
from app.ledger.reading import Held, decoded, decoded_event

Found = tuple[int, str]
"""An enrollment as the sequence number it began with, and its id."""

_BATCH = 200

# A plus keeps SQLite from an index that would need a sort (sqlite.org/optoverview.html).
_STATES = "+last_state IN ({marks})"

_ENTRIES = """
    SELECT sequence, enrollment_id, kind, state, at, facts, hash FROM events
    WHERE enrollment_id IN ({marks}) ORDER BY sequence
"""

_STATION_EVENTS = f"""
    SELECT sequence, {COLUMNS}, hash FROM events INDEXED BY station_events
    WHERE subject <> '' AND sequence < ? ORDER BY sequence DESC LIMIT {_BATCH}
"""  # noqa: S608 - constants
_BEYOND = 2**63 - 1
"""SQLite's greatest integer, behind every sequence number."""

# Leaps from one operator to the next in the index, however many enrollments lie between.
_OPERATORS = """
    WITH RECURSIVE known (key) AS (
        SELECT min(operator) FROM enrollments
        UNION ALL
        SELECT (SELECT min(operator) FROM enrollments WHERE operator > known.key) FROM known
        WHERE known.key IS NOT NULL
    )
    SELECT key, (SELECT max(began_seq) FROM enrollments WHERE operator = key) FROM known
    WHERE key <> ''
"""


class HistoryReader:
    """Reads the file at `path` once it is there. Its methods raise sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file; the next question opens it again."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def page(self, query: HistoryQuery, after: int | None, limit: int) -> HistoryPage:
        """Return at most `limit` enrollments, those that began last first, or other events."""
        if query.scope is HistoryScope.STATION:
            return self._page_of_events(query, after, limit)
        with self._lock, self._moment():
            found = self._find(query, after, limit + 1)
            entries = self._entries(found[:limit])
        by_id = {line.enrollment_id: line for line in lines(entries)}
        shown = tuple(by_id[name] for _, name in found[:limit] if name in by_id)
        return HistoryPage(shown, found[limit - 1][0] if len(found) > limit else None)

    def operators(self) -> Sequence[KnownOperator]:
        """Return everybody the record names as operator, by name, as last written there."""
        with self._lock, self._moment():
            keys = self._connection().execute(_OPERATORS).fetchall()
            known = [self._known(key, began_seq) for key, began_seq in keys]
        return tuple(sorted(known, key=lambda operator: (operator.name.casefold(), operator.key)))

    def entries(self, query: HistoryQuery) -> Iterator[Sequence[Held]]:
        """Yield the entries of what `query` finds in batches, each enrollment's together."""
        if query.scope is HistoryScope.STATION:
            for batch in self._events(None):
                yield [each for each in batch if _is_found(query, each)]
            return
        after: int | None = None
        while True:
            with self._lock, self._moment():
                found = self._find(query, after, _BATCH)
                entries = self._held(found)
            yield _in_order(found, entries)
            if len(found) < _BATCH:
                return
            after = found[-1][0]

    def _page_of_events(self, query: HistoryQuery, after: int | None, limit: int) -> HistoryPage:
        """Return a page of events. They are few, so they are narrowed down here and not in SQL."""
        found: list[RecordedEvent] = []
        for batch in self._events(after):
            for each in batch:
                if _is_found(query, each):
                    assert isinstance(each.content, StationEvent)
                    found.append(RecordedEvent(each.sequence, each.content))
            if len(found) > limit:
                return HistoryPage(events=tuple(found[:limit]), following=found[limit - 1].sequence)
        return HistoryPage(events=tuple(found))

    def _events(self, after: int | None) -> Iterator[Sequence[Held]]:
        """Yield the events in front of the number `after` in batches, the newest first."""
        last = _BEYOND if after is None else after
        while True:
            with self._lock, self._moment():
                rows = self._connection().execute(_STATION_EVENTS, (last,)).fetchall()
            if not rows:
                return
            yield [
                Held(sequence, decoded_event(sequence, row_from(columns)), digest)
                for sequence, *columns, digest in rows
            ]
            last = rows[-1][0]

    @contextmanager
    def _moment(self) -> Iterator[None]:
        """See the record as it is at one moment, whatever is erased between two questions."""
        db = self._connection()
        db.execute("BEGIN")
        try:
            yield
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")  # nothing was written

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = read_only(self._path, check_same_thread=False)
        return self._db

    def _find(self, query: HistoryQuery, after: int | None, limit: int) -> list[Found]:
        where, arguments = _where(query, after)
        statement = (
            f"SELECT began_seq, enrollment_id FROM enrollments {where} "  # noqa: S608 - constants
            "ORDER BY began_seq DESC LIMIT ?"
        )
        return self._connection().execute(statement, (*arguments, limit)).fetchall()

    def _entries(self, found: Sequence[Found]) -> list[Entry]:
        return [each.content for each in self._held(found) if isinstance(each.content, Entry)]

    def _held(self, found: Sequence[Found]) -> list[Held]:
        statement = _ENTRIES.format(marks=_marks(len(found)))
        rows = self._connection().execute(statement, [name for _, name in found])
        return [
            Held(sequence, decoded(sequence, Row(*columns)), digest)
            for sequence, *columns, digest in rows
        ]

    def _known(self, key: str, began_seq: int) -> KnownOperator:
        """Return the operator with the name in the latest enrollment of theirs."""
        statement = "SELECT enrollment_id FROM enrollments WHERE began_seq = ?"
        (name,) = self._connection().execute(statement, (began_seq,)).fetchone()
        told = [operator_of(entry.facts) for entry in self._entries([(began_seq, name)])]
        return next(
            (known for known in reversed(told) if known is not None and known.key == key),
            KnownOperator(key, key),
        )


def _where(query: HistoryQuery, after: int | None) -> tuple[str, list[object]]:
    """Return the conditions of `query` as SQL and its arguments, what costs least first."""
    clauses: list[tuple[str, Sequence[object]]] = []
    if after is not None:
        clauses.append(("began_seq < ?", [after]))
    if query.operator:
        clauses.append(("operator = ?", [query.operator]))
    if query.since is not None:
        clauses.append(("began_at >= ?", [microseconds(query.since)]))
    if query.until is not None:
        clauses.append(("began_at < ?", [microseconds(query.until)]))
    if query.states:
        states = sorted(state.value for state in query.states)
        clauses.append((_STATES.format(marks=_marks(len(states))), states))
    clauses += [_contains(word) for word in search_words(query.text)]
    conditions = " AND ".join(clause for clause, _ in clauses)
    arguments = [argument for _, some in clauses for argument in some]
    return f"WHERE {conditions}" if conditions else "", arguments


def _contains(word: str) -> tuple[str, Sequence[object]]:
    """Return the condition that `word` is among the words; GLOB is quicker, but for ASCII alone."""
    if not word.isascii():
        return "instr(words, ?) > 0", [word]
    literal = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in word)
    return "words GLOB ?", [f"*{literal}*"]


def _is_found(query: HistoryQuery, each: Held) -> bool:
    """Tell whether an event is what `query` asks for."""
    event = each.content
    if not isinstance(event, StationEvent):
        return False
    words, operator = words_of(event.facts), operator_of(event.facts)
    return (
        all(word in words for word in search_words(query.text))
        and (not query.operator or (operator is not None and operator.key == query.operator))
        and (query.since is None or event.at >= query.since)
        and (query.until is None or event.at < query.until)
    )


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _in_order(found: Sequence[Found], entries: Sequence[Held]) -> Sequence[Held]:
    """Return `entries` enrollment by enrollment, in the order of `found`."""
    place = {name: number for number, (_, name) in enumerate(found)}
    return sorted(entries, key=lambda each: place[_enrollment_of(each)])


def _enrollment_of(each: Held) -> str:
    return each.content.enrollment_id if isinstance(each.content, Entry) else ""
