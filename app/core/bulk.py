"""What can be done with many tokens at once, and which of the chosen tokens it is for."""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.core.inventory import Inventory
from app.core.model import Operation
from app.core.rights import Feature
from app.core.stored_job import JobKind


class BulkDeed(enum.Enum):
    """What can be done with many tokens at once."""

    UNASSIGN = "unassign"
    DELETE = "delete"

    @property
    def kind(self) -> JobKind:
        """The job that does it."""
        return JobKind(self.value)

    @property
    def operation(self) -> Operation:
        """The request that each row sends."""
        return _OPERATIONS[self]

    @property
    def needs(self) -> Feature:
        """What an operator has to be allowed."""
        return _NEEDS[self]


_OPERATIONS: Final[Mapping[BulkDeed, Operation]] = {
    BulkDeed.UNASSIGN: Operation.UNASSIGN,
    BulkDeed.DELETE: Operation.DELETE,
}
_NEEDS: Final[Mapping[BulkDeed, Feature]] = {
    BulkDeed.UNASSIGN: Feature.ASSIGN,
    BulkDeed.DELETE: Feature.WRITE_INVENTORY,
}


@dataclass(frozen=True, slots=True)
class Fit:
    """How many of the chosen tokens a deed fits, and how many not: those are left out.

    `people` is how many lose a token by it, `active` how many of those can sign in with it now.
    """

    rows: tuple[int, ...]
    left_out: int = 0
    people: int = 0
    active: int = 0


def fit(inventory: Inventory, chosen: Iterable[int], deed: BulkDeed) -> Fit:
    """Return which of the `chosen` rows a deed is for: taken back is what somebody has.

    Deleted is what nobody has (contract, D7).
    """
    rows = list(chosen)
    held = [row for row in rows if inventory.is_held(row)]
    if deed is BulkDeed.DELETE:
        taken = set(held)
        free = tuple(row for row in rows if row not in taken)
        return Fit(free, left_out=len(held))
    people = Counter(inventory.holder_ids[row] or inventory.holders[row] for row in held)
    active = sum(inventory.status(row).value == "activated" for row in held)
    return Fit(tuple(held), len(rows) - len(held), len(people), active)
