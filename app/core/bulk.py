"""One deed for many tokens: what was agreed to, as it is kept on disk until its end was seen.

The plan holds ids and serial numbers and no name. What became of a row is not kept here: each one
is an enrollment of its own, whose id was given before anything was sent, and the record tells it.
"""

import enum
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.core.inventory import Inventory
from app.core.model import Operation
from app.core.rights import Feature

_FORM: Final = 1


class BulkDeed(enum.Enum):
    """What can be done with many tokens at once."""

    UNASSIGN = "unassign"
    DELETE = "delete"

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
class PlannedRow:
    """One token of a plan. `key` is the id of its enrollment, `holder_id` who had it, or ""."""

    key: str
    device_id: str
    serial_number: str
    holder_id: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody agreed to at the moment `at`, before anything is sent."""

    id: str
    deed: BulkDeed
    at: datetime
    rows: tuple[PlannedRow, ...]


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


def written(plan: Plan) -> str:
    """Return `plan` as text to keep."""
    rows = [[row.key, row.device_id, row.serial_number, row.holder_id] for row in plan.rows]
    head = {"form": _FORM, "id": plan.id, "deed": plan.deed.value, "at": plan.at.isoformat()}
    return json.dumps({**head, "rows": rows}, ensure_ascii=False)


def read(text: str) -> Plan | None:
    """Return the plan that `written` gave; None where the text is not one."""
    try:
        return _plan(json.loads(text))
    except (ValueError, TypeError, KeyError):
        return None


def _plan(kept: Any) -> Plan | None:
    if kept["form"] != _FORM:
        return None
    at = datetime.fromisoformat(kept["at"])
    if at.tzinfo is None:
        return None
    rows = tuple(PlannedRow(*(str(each) for each in row)) for row in kept["rows"])
    return Plan(str(kept["id"]), BulkDeed(kept["deed"]), at, rows)
