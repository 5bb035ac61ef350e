"""Which blank rows the record itself accounts for: what `verify` asks of each it meets."""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from app.ledger.chain import GENESIS, Row, fits
from app.ledger.erasure import NO_ENROLLMENT, digest_of, erasure_of, is_erasure

_ERASURES = """
    SELECT e.sequence, e.enrollment_id, e.kind, e.state, e.at, e.facts, e.hash, before.hash
    FROM events AS e LEFT JOIN events AS before ON before.sequence = e.sequence - 1
    WHERE e.enrollment_id = ? ORDER BY e.sequence
"""
_HASHES = "SELECT hash FROM events WHERE sequence BETWEEN ? AND ? ORDER BY sequence"


class Cover(NamedTuple):
    """One range of places that the erasure at `by` lists; `sound` where the hashes are the same."""

    first: int
    last: int
    by: int
    sound: bool


class Covers:
    """All that the erasures of the record cover, read when the first blank row asks for it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Read nothing yet."""
        self._db = db
        self._covers: list[Cover] | None = None

    def of(self, sequence: int) -> Cover | None:
        """Return what accounts for a blank row there, or None; only a later row can.

        Raises sqlite3.Error.
        """
        if self._covers is None:
            self._covers = sorted(_covers(self._db))
        found = bisect_right(self._covers, sequence, key=_first) - 1
        cover = self._covers[found] if found >= 0 else None
        return cover if cover is not None and sequence <= cover.last < cover.by else None


def _first(cover: Cover) -> int:
    return cover.first


def _covers(db: sqlite3.Connection) -> Iterator[Cover]:
    for sequence, *columns, digest, previous in db.execute(_ERASURES, (NO_ENROLLMENT,)).fetchall():
        before = previous if isinstance(previous, bytes) else GENESIS
        # What does not fit where it stands accounts for nothing.
        if fits(before, sequence, columns, digest) and is_erasure(row := Row(*columns)):
            yield from _of_one(db, sequence, row)


def _of_one(db: sqlite3.Connection, by: int, row: Row) -> Iterator[Cover]:
    try:
        erasure = erasure_of(row)
    except ValueError:
        return
    hashes = [
        digest if isinstance(digest, bytes) else b""
        for place in erasure.places
        for (digest,) in db.execute(_HASHES, (place.start, place.stop - 1))
    ]
    # Rows that are not there are found by their number, which says more than a digest.
    whole = len(hashes) == sum(place.stop - place.start for place in erasure.places)
    sound = not whole or digest_of(hashes) == erasure.digest
    for place in erasure.places:
        yield Cover(place.start, place.stop - 1, by, sound)
