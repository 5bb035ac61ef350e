"""Erasing, in short transactions one after the other, so that an append never waits for long.

Enrollments that came to rest and events of other subjects are erased alike, the oldest first. Each
transaction writes down what it erases, blanks the rows and takes their enrollments off the list,
all or nothing; a crash between two of them leaves a sound record with less to erase. What is
blanked is overwritten (PRAGMA secure_delete). Two more places remember it and are seen to at the
end: pages of the list, which SQLite has copied rows within (renewing.py), and the log.

A blanked row shrinks within its page. SQLite moves rows between pages only where it inserts in
their midst or deletes, and neither ever happens to `events`, so no page holds a forgotten copy. The
index of ids may hold a forgotten id: it is random and names nobody.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from app.core.retention import MAY_GO, Erased, EraseOrder
from app.ledger import schema
from app.ledger.chain import GENESIS, Row, fits, row_from, stamp
from app.ledger.derived import microseconds, moment_of
from app.ledger.erasure import erasure_row
from app.ledger.renewing import renew
from app.ledger.writing import chain

AT_ONCE = 25
"""Enrollments and other events in one transaction: some milliseconds, about what one flush of a
disk takes."""

_TRIES = 2_000
"""How often the log is emptied in vain because somebody reads on: some seconds. Then the next
erasure sees to it, or the closing of the record."""

_STATES = tuple(sorted(state.value for state in MAY_GO))

# The list only proposes: it lies outside the chain. What the rows themselves say decides.
_PROPOSED = f"""
    SELECT last_at, began_seq FROM enrollments
    WHERE (last_at, began_seq) > (?, ?) AND last_at < ?
    AND +last_state IN ({", ".join("?" * len(_STATES))})
    ORDER BY last_at, began_seq LIMIT ?
"""  # noqa: S608 - constants

_ROWS = f"""
    SELECT e.sequence, {", ".join(f"e.{name}" for name in Row._fields)}, e.hash, before.hash,
        CASE WHEN before.enrollment_id IS NOT x'' THEN before.at END
    FROM enrollments AS n CROSS JOIN events AS e ON e.enrollment_id = n.enrollment_id
    LEFT JOIN events AS before ON before.sequence = e.sequence - 1
    WHERE n.began_seq = ? ORDER BY e.sequence
"""  # noqa: S608 - constants

_PROPOSED_EVENTS = """
    SELECT at, sequence FROM events INDEXED BY station_events_by_at
    WHERE subject <> '' AND (at, sequence) > (?, ?) AND at < ? ORDER BY at, sequence LIMIT ?
"""

_EVENT = f"""
    SELECT e.sequence, {", ".join(f"e.{name}" for name in Row._fields)}, e.hash, before.hash,
        CASE WHEN before.enrollment_id IS NOT x'' THEN before.at END
    FROM events AS e LEFT JOIN events AS before ON before.sequence = e.sequence - 1
    WHERE e.sequence = ?
"""  # noqa: S608 - constants

_BLANK = """
    UPDATE events SET enrollment_id = x'', kind = x'', state = x'', at = x'', facts = x'',
        subject = '', subject_id = ''
    WHERE sequence = ?
"""
_UNLIST = "DELETE FROM enrollments WHERE began_seq = ?"


class _Place(NamedTuple):
    """How far erasing has come: the last moment and number that were proposed, of each kind.

    Of an enrollment its latest moment in microseconds and its first number, of another event its
    moment as text and its number.
    """

    enrollment: tuple[int, int] = (-(2**63), 0)
    event: tuple[str, int] = ("", 0)


class _Proposal(NamedTuple):
    """What is old enough by the list: an enrollment's first number, or another event's number."""

    moment: int
    number: int
    at: str | None = None
    """The moment of an event as the row has it; None of an enrollment."""

    @property
    def is_event(self) -> bool:
        """Tell whether it is no enrollment."""
        return self.at is not None


@dataclass(frozen=True, slots=True)
class _Unit:
    """What the record holds of one enrollment, or one other event; it is erased as a whole.

    `began` is its first number, and `whole` tells that all of it is what was written. `age` is the
    latest moment of its entries and of those that stand in front of them. Where a clock was set
    back, an entry can be dated before the one in front of it. It waits until both are old enough:
    `verify` judges an erasure by the times of what is left (covering.py).
    """

    began: int
    hashes: tuple[tuple[int, bytes], ...]
    may_go: bool
    age: str
    whole: bool
    is_event: bool


def steps(db: sqlite3.Connection, order: EraseOrder) -> Iterator[Erased]:
    """Do what `order` says, one short transaction at each step; tell how far it has come.

    Raises sqlite3.Error; what earlier steps did stays done.
    """
    done, place = Erased(), _Place()
    while found := _proposed(db, order, place):
        done += _erase(db, order, found)
        place = _behind(place, found)
        yield done
    for _ in renew(db):
        yield done
    for _ in range(_TRIES):
        if _empty_log(db):
            return
        yield done


def forecast(db: sqlite3.Connection, order: EraseOrder) -> Erased:
    """Tell what `order` would erase, without erasing it. Raises sqlite3.Error."""
    done, place = Erased(), _Place()
    while found := _proposed(db, order, place):
        done += _judged(_read(db, found), order)[1]
        place = _behind(place, found)
    return done


def _proposed(db: sqlite3.Connection, order: EraseOrder, after: _Place) -> Sequence[_Proposal]:
    """Return at most AT_ONCE enrollments and other events behind `after`, the oldest first."""
    limit = microseconds(order.before)
    enrollments = db.execute(_PROPOSED, (*after.enrollment, limit, *_STATES, AT_ONCE)).fetchall()
    with _damaged_text(db):
        events = db.execute(_PROPOSED_EVENTS, (*after.event, stamp(order.before), AT_ONCE))
        found = [
            *(_Proposal(moment, began) for moment, began in enrollments),
            *(_Proposal(moment_of(at), number, at) for at, number in events),
        ]
    return sorted(found, key=lambda each: each.moment)[:AT_ONCE]


def _behind(place: _Place, found: Sequence[_Proposal]) -> _Place:
    """Return how far erasing has come with `found`."""
    for each in found:
        if each.at is None:
            place = place._replace(enrollment=(each.moment, each.number))
        else:
            place = place._replace(event=(each.at, each.number))
    return place


def _erase(db: sqlite3.Connection, order: EraseOrder, proposed: Sequence[_Proposal]) -> Erased:
    with schema.transaction(db):
        chosen, told = _judged(_read(db, proposed), order)
        rows = sorted(row for each in chosen for row in each.hashes)
        if rows:
            chain(db, erasure_row(order, told.enrollments, rows, told.events))
            db.executemany(_BLANK, [(sequence,) for sequence, _ in rows])
            db.executemany(_UNLIST, [(each.began,) for each in chosen if not each.is_event])
        return told


def _judged(found: Sequence[_Unit], order: EraseOrder) -> tuple[Sequence[_Unit], Erased]:
    """Return what is to be erased of `found`, and what to tell of it."""
    limit = stamp(order.before)
    old = [each for each in found if each.may_go and each.age < limit]
    chosen = [each for each in old if each.whole]
    rows = sum(len(each.hashes) for each in chosen)
    events = sum(each.is_event for each in chosen)
    kept = len(found) - len(chosen)
    return chosen, Erased(len(chosen) - events, rows, kept=kept, events=events)


def _read(db: sqlite3.Connection, proposed: Sequence[_Proposal]) -> Sequence[_Unit]:
    """Read the rows of what is proposed, damaged text included."""
    with _damaged_text(db):
        return [
            _unit(each, db.execute(_EVENT if each.is_event else _ROWS, (each.number,)).fetchall())
            for each in proposed
        ]


@contextmanager
def _damaged_text(db: sqlite3.Connection) -> Iterator[None]:
    """Read text that is not UTF-8 too, with half surrogate pairs for what is not."""
    usual, db.text_factory = db.text_factory, lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        db.text_factory = usual


def _unit(proposed: _Proposal, rows: Sequence[tuple[object, ...]]) -> _Unit:
    hashes, whole, states, moments = [], bool(rows), [""], [""]
    for sequence, *columns, digest, before, before_at in rows:
        assert isinstance(sequence, int)  # the key of its table
        previous = before if isinstance(before, bytes) else GENESIS
        if not (isinstance(digest, bytes) and fits(previous, sequence, columns, digest)):
            whole = False
            continue
        hashes.append((sequence, digest))
        row = row_from(columns)
        states.append(row.state)
        moments += [row.at, str(before_at or "")]
    may_go = proposed.is_event or states[-1] in _STATES
    age = max(moments)
    return _Unit(proposed.number, tuple(hashes), may_go, age, whole, proposed.is_event)


def _empty_log(db: sqlite3.Connection) -> bool:
    """Bring the log into the file and cut it to nothing; False while somebody reads on."""
    (usual,) = db.execute("PRAGMA busy_timeout").fetchone()
    db.execute("PRAGMA busy_timeout = 0")
    try:
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {usual}")
    return not busy
