"""How many tokens of each model there are, and which models run low."""

from collections import Counter
from dataclasses import dataclass

from app.core.inventory import Inventory
from app.core.model import TokenStatus


@dataclass(frozen=True, slots=True)
class ModelStock:
    """The figures of one model; `low` tells that fewer are free than the mark asks for.

    `free` is held by nobody, `waiting` by somebody who has not activated it (or tried in vain), and
    `active` is activated. `other` is what no enum member of today says.
    """

    maker: str
    model: str
    free: int = 0
    waiting: int = 0
    active: int = 0
    other: int = 0
    low: bool = False

    @property
    def total(self) -> int:
        """How many there are."""
        return self.free + self.waiting + self.active + self.other


def stock_of(inventory: Inventory, low_mark: int) -> tuple[ModelStock, ...]:
    """Return the figures of every model: those that run low first, then the ones with most tokens.

    A model with fewer than `low_mark` free tokens runs low; 0 lets none run low.
    """
    kinds = Counter(
        (inventory.makers[row], inventory.models[row], _kind(inventory, row))
        for row in inventory.rows()
    )
    found: dict[tuple[str, str], dict[str, int]] = {}
    for (maker, model, kind), count in kinds.items():
        found.setdefault((maker, model), {})[kind] = count
    figures = [
        ModelStock(maker, model, **counts, low=counts.get("free", 0) < low_mark)
        for (maker, model), counts in found.items()
    ]
    return tuple(sorted(figures, key=lambda one: (not one.low, -one.total, one.maker, one.model)))


def _kind(inventory: Inventory, row: int) -> str:
    """Return which figure a row counts towards: by its holder, since a status can lag behind."""
    status = inventory.status(row)
    if status is TokenStatus.ACTIVATED:
        return "active"
    if inventory.is_held(row):
        return "waiting"
    return "free" if status is TokenStatus.AVAILABLE else "other"
