"""Which blank rows the record itself accounts for: what `verify` asks of each it meets.

An erasure takes what came to rest before its limit, the oldest first. So an erasure that is made up
in order to hide an enrollment contradicts the times of its neighbours: the entry in front of an
erased one may not be as late as the limit, and nothing that rests may be left that is older than
what was erased. What keeps to both is erased as the station itself would have done it.
"""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from app.ledger.chain import GENESIS, Row, fits, stamp
from app.ledger.erasure import KIND, NO_ENROLLMENT, digest_of, erasure_of, is_erasure

_ERASURES = """
    SELECT e.sequence, e.enrollment_id, e.kind, e.state, e.at, e.facts, e.hash, before.hash
    FROM events AS e LEFT JOIN events AS before ON before.sequence = e.sequence - 1
    WHERE e.enrollment_id = ? AND e.kind = ? ORDER BY e.sequence
"""
_HASHES = "SELECT hash FROM events WHERE sequence BETWEEN ? AND ? ORDER BY sequence"


class Cover(NamedTuple):
    """One range of places that the erasure at `by` lists; `sound` where the hashes are the same.

    `limit` is the moment before which all of it came to rest, as chain.stamp writes it. `timely`
    tells that the limit is not later than the erasure itself.
    """

    first: int
    last: int
    by: int
    sound: bool
    limit: str
    timely: bool


class Neighbour(NamedTuple):
    """The entry that stands in front of an erased one: its number and its moment as text."""

    sequence: int
    at: str


class Survivor(NamedTuple):
    """An enrollment, or another event, that could have been erased and was not.

    `age` is the latest moment among its entries and those in front of them, as text; `last` is the
    number of its last entry.
    """

    age: str
    last: int


def left_behind(survivors: Iterable[Survivor], neighbours: Iterable[Neighbour]) -> int | None:
    """Return the number of the first neighbour that is later than something that was left.

    What was erased behind such a neighbour is younger than an enrollment that the same erasure
    should have taken first. None where there is no such neighbour.
    """
    by_age = sorted(survivors)
    ages = [each.age for each in by_age]
    earliest_last = list(accumulate((each.last for each in by_age), min))
    for neighbour in sorted(neighbours):
        older = bisect_right(ages, neighbour.at)
        if older and earliest_last[older - 1] <= neighbour.sequence:
            return neighbour.sequence
    return None


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
    for sequence, *columns, digest, previous in db.execute(
        _ERASURES, (NO_ENROLLMENT, KIND)
    ).fetchall():
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
    told_so = digest_of(hashes) == erasure.digest and erasure.erased.entries == len(hashes)
    sound = not whole or told_so
    limit, timely = stamp(erasure.order.before), erasure.order.before <= erasure.at
    for place in erasure.places:
        yield Cover(place.start, place.stop - 1, by, sound, limit, timely)
