"""Erasing, in short transactions one after the other, so that an append never waits for long.

Each transaction writes down what it erases, blanks the rows and takes their enrollments off the
list, all or nothing; a crash between two of them leaves a sound record with less to erase. What is
blanked is overwritten (PRAGMA secure_delete). Two more places remember it and are seen to at the
end: pages of the list, which SQLite has copied rows within (renewing.py), and the log.

A blanked row shrinks within its page. SQLite moves rows between pages only where it inserts in
their midst or deletes, and neither ever happens to `events`, so no page holds a forgotten copy. The
index of ids may hold a forgotten id: it is random and names nobody.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.retention import MAY_GO, Erased, EraseOrder
from app.ledger import schema
from app.ledger.chain import GENESIS, Row, fits, stamp
from app.ledger.derived import microseconds
from app.ledger.erasure import erasure_row
from app.ledger.renewing import renew
from app.ledger.writing import chain

AT_ONCE = 25
"""Enrollments in one transaction: some milliseconds, about what one flush of a disk takes."""

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

_ROWS = """
    SELECT e.sequence, e.enrollment_id, e.kind, e.state, e.at, e.facts, e.hash, before.hash,
        CASE WHEN before.enrollment_id IS NOT x'' THEN before.at END
    FROM enrollments AS n CROSS JOIN events AS e ON e.enrollment_id = n.enrollment_id
    LEFT JOIN events AS before ON before.sequence = e.sequence - 1
    WHERE n.began_seq = ? ORDER BY e.sequence
"""

_BLANK = """
    UPDATE events SET enrollment_id = x'', kind = x'', state = x'', at = x'', facts = x''
    WHERE sequence = ?
"""
_UNLIST = "DELETE FROM enrollments WHERE began_seq = ?"

Place = tuple[int, int]
"""How far erasing has come on the list: the latest moment and the first number of an enrollment."""

_BEGINNING: Place = (-(2**63), 0)


@dataclass(frozen=True, slots=True)
class _Enrollment:
    """What the record holds of one enrollment; `whole` where all of it is what was written.

    `age` is the latest moment of its entries and of those that stand in front of them. Where a
    clock was set back, an entry can be dated before the one in front of it. It waits until both are
    old enough: `verify` judges an erasure by the times of what is left (covering.py).
    """

    began: int
    hashes: tuple[tuple[int, bytes], ...]
    state: str
    age: str
    whole: bool


def steps(db: sqlite3.Connection, order: EraseOrder) -> Iterator[Erased]:
    """Do what `order` says, one short transaction at each step; tell how far it has come.

    Raises sqlite3.Error; what earlier steps did stays done.
    """
    done, place = Erased(), _BEGINNING
    while (found := _proposed(db, order, place)) is not None:
        done += _erase(db, order, [began for _, began in found])
        place = found[-1]
        yield done
    for _ in renew(db):
        yield done
    for _ in range(_TRIES):
        if _empty_log(db):
            return
        yield done


def forecast(db: sqlite3.Connection, order: EraseOrder) -> Erased:
    """Tell what `order` would erase, without erasing it. Raises sqlite3.Error."""
    done, place = Erased(), _BEGINNING
    while (found := _proposed(db, order, place)) is not None:
        done += _judged(_read(db, [began for _, began in found]), order)[1]
        place = found[-1]
    return done


def _proposed(db: sqlite3.Connection, order: EraseOrder, after: Place) -> list[Place] | None:
    limit = microseconds(order.before)
    return db.execute(_PROPOSED, (*after, limit, *_STATES, AT_ONCE)).fetchall() or None


def _erase(db: sqlite3.Connection, order: EraseOrder, proposed: Sequence[int]) -> Erased:
    with schema.transaction(db):
        chosen, told = _judged(_read(db, proposed), order)
        rows = sorted(row for each in chosen for row in each.hashes)
        if rows:
            chain(db, erasure_row(order, told.enrollments, rows))
            db.executemany(_BLANK, [(sequence,) for sequence, _ in rows])
            db.executemany(_UNLIST, [(each.began,) for each in chosen])
        return told


def _judged(
    found: Sequence[_Enrollment], order: EraseOrder
) -> tuple[Sequence[_Enrollment], Erased]:
    """Return what is to be erased of `found`, and what to tell of it."""
    limit = stamp(order.before)
    old = [each for each in found if each.state in _STATES and each.age < limit]
    chosen = [each for each in old if each.whole]
    rows = sum(len(each.hashes) for each in chosen)
    return chosen, Erased(len(chosen), rows, kept=len(found) - len(chosen))


def _read(db: sqlite3.Connection, numbers: Sequence[int]) -> Sequence[_Enrollment]:
    """Read the rows of the enrollments that began with `numbers`, damaged text included."""
    usual, db.text_factory = db.text_factory, lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        return [_enrollment(began, db.execute(_ROWS, (began,)).fetchall()) for began in numbers]
    finally:
        db.text_factory = usual


def _enrollment(began: int, rows: Sequence[tuple[object, ...]]) -> _Enrollment:
    hashes, whole, states, moments = [], bool(rows), [""], [""]
    for sequence, *columns, digest, before, before_at in rows:
        assert isinstance(sequence, int)  # the key of its table
        previous = before if isinstance(before, bytes) else GENESIS
        if not (isinstance(digest, bytes) and fits(previous, sequence, columns, digest)):
            whole = False
            continue
        hashes.append((sequence, digest))
        row = Row(*map(str, columns))
        states.append(row.state)
        moments += [row.at, str(before_at or "")]
    return _Enrollment(began, tuple(hashes), states[-1], max(moments), whole)


def _empty_log(db: sqlite3.Connection) -> bool:
    """Bring the log into the file and cut it to nothing; False while somebody reads on."""
    (usual,) = db.execute("PRAGMA busy_timeout").fetchone()
    db.execute("PRAGMA busy_timeout = 0")
    try:
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {usual}")
    return not busy
