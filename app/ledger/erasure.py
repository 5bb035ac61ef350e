"""What the chain says of entries that were erased, and how it vouches for what is left of them.

An erased entry is blank but for its place and its hash. The hash goes on linking the rows before it
and behind it, yet nothing on the row shows any more that it belongs there. So each erasure is a
row of the chain itself: it lists the places, and a digest over their hashes, by the order of the
places. A blank row that no later erasure lists was blanked by somebody else.

The id of the enrollment is erased too. It is random, and whoever knew it could guess names until a
hash fits.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from app.core.retention import Erased, EraseOrder
from app.ledger.chain import Row, canonical, stamp

KIND = "erased"
NO_ENROLLMENT = ""
"""Stands in erasures and in events of another subject, where other entries name an enrollment."""

_BEYOND = 2**63
"""No sequence number: SQLite's integers end before it."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure, as its row tells it: who ordered it when, the limit, and what it covers.

    `places` are ranges of sequence numbers, in order and apart from each other.
    """

    at: datetime
    order: EraseOrder
    erased: Erased
    places: tuple[range, ...]
    digest: str

    def facts(self) -> dict[str, str]:
        """Return what the row holds beside its moment, as names and texts."""
        told = {
            "before": stamp(self.order.before),
            "ordered_by": self.order.ordered_by,
            "enrollments": str(self.erased.enrollments),
            "entries": str(self.erased.entries),
            "places": _text(self.places),
            "digest": self.digest,
        }
        return told | ({"events": str(self.erased.events)} if self.erased.events else {})


def erasure_row(
    order: EraseOrder, enrollments: int, found: Sequence[tuple[int, bytes]], events: int = 0
) -> Row:
    """Return the row about erasing `found`, sequence numbers with their hashes, in order."""
    erasure = Erasure(
        at=order.at,
        order=order,
        erased=Erased(enrollments, len(found), events=events),
        places=_ranges([sequence for sequence, _ in found]),
        digest=digest_of(digest for _, digest in found),
    )
    return Row(NO_ENROLLMENT, KIND, "", stamp(order.at), canonical(erasure.facts()))


def is_erasure(row: Row) -> bool:
    """Tell whether `row` is about an erasure, not about an enrollment or another subject."""
    return row.enrollment_id == NO_ENROLLMENT and row.kind == KIND and not row.subject


def erasure_of(row: Row) -> Erasure:
    """Return the erasure that `row` tells of. Raises ValueError where it is not whole."""
    facts = json.loads(row.facts)
    try:
        at = datetime.fromisoformat(row.at)
        return Erasure(
            at=at,
            order=EraseOrder(datetime.fromisoformat(facts["before"]), at, facts["ordered_by"]),
            erased=Erased(
                int(facts["enrollments"]),
                int(facts["entries"]),
                events=int(facts.get("events", 0)),
            ),
            places=_places(facts["places"]),
            digest=facts["digest"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an erasure: {error!r}") from error


def digest_of(hashes: Iterable[bytes]) -> str:
    """Return the SHA-256 over all `hashes`, one after the other, as hexadecimal digits."""
    whole = hashlib.sha256()
    for each in hashes:
        whole.update(each)
    return whole.hexdigest()


def _ranges(sequences: Sequence[int]) -> tuple[range, ...]:
    """Return ascending numbers as ranges."""
    if not sequences:
        return ()
    breaks = [(one, other) for one, other in pairwise(sequences) if other != one + 1]
    firsts = [sequences[0], *(other for _, other in breaks)]
    lasts = [*(one for one, _ in breaks), sequences[-1]]
    return tuple(range(first, last + 1) for first, last in zip(firsts, lasts, strict=True))


def _text(places: Iterable[range]) -> str:
    return ",".join(f"{each.start}-{each.stop - 1}" for each in places)


def _places(text: str) -> tuple[range, ...]:
    """Return the ranges in `text`. Raises ValueError where they are not in order and apart."""
    pairs = [each.split("-") for each in text.split(",")]
    places = tuple(range(int(first), int(last) + 1) for first, last in pairs)
    ends = [0, *(end for each in places for end in (each.start, each.stop)), _BEYOND]
    if any(one >= other for one, other in pairwise(ends)):
        raise ValueError("places out of order")
    return places
