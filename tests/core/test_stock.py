"""Stock by model: who holds a token decides what it counts as, and a low mark what is low."""

from __future__ import annotations

from app.core.inventory import Inventory
from app.core.model import Holder, Token, TokenStatus
from app.core.stock import ModelStock, stock_of

AVAILABLE, ASSIGNED, ACTIVATED = (
    TokenStatus.AVAILABLE,
    TokenStatus.ASSIGNED,
    TokenStatus.ACTIVATED,
)


def inventory_of(*rows: tuple[str, TokenStatus, bool]) -> Inventory:
    found = [
        Token(str(n), str(n), "Maker", model, status=status, holder=Holder("p") if held else None)
        for n, (model, status, held) in enumerate(rows)
    ]
    return Inventory(found)


def test_each_model_has_its_figures() -> None:
    inventory = inventory_of(
        ("A", AVAILABLE, False),
        ("A", AVAILABLE, False),
        ("A", ASSIGNED, True),
        ("A", ACTIVATED, True),
        ("A", TokenStatus.FAILED_ACTIVATION, True),
        ("B", ACTIVATED, True),
        ("B", TokenStatus.OTHER, False),
    )
    assert stock_of(inventory, 0) == (
        ModelStock("Maker", "A", free=2, waiting=2, active=1),
        ModelStock("Maker", "B", active=1, other=1),
    )
    assert [one.total for one in stock_of(inventory, 0)] == [5, 2]


def test_a_token_that_somebody_has_is_not_free_whatever_its_status_says() -> None:
    (found,) = stock_of(inventory_of(("A", AVAILABLE, True)), 0)
    assert (found.free, found.waiting) == (0, 1)


def test_what_runs_low_comes_first() -> None:
    rows = [("Many", AVAILABLE, False)] * 10 + [("Few", AVAILABLE, False)] * 9
    found = stock_of(inventory_of(*rows), 10)
    assert [(one.model, one.low) for one in found] == [("Few", True), ("Many", False)]
    assert not any(one.low for one in stock_of(inventory_of(*rows), 0))


def test_what_is_gone_does_not_count() -> None:
    inventory = inventory_of(("A", AVAILABLE, False), ("A", AVAILABLE, False))
    inventory.remove("0")
    (found,) = stock_of(inventory, 0)
    assert found.free == 1
