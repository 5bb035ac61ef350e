"""What a deed fits, and what it needs."""

from __future__ import annotations

from app.core.bulk import BulkDeed, Fit, fit
from app.core.inventory import Inventory
from app.core.model import Holder, Token, TokenStatus
from app.core.rights import Feature


def tenant() -> Inventory:
    active = TokenStatus.ACTIVATED
    return Inventory(
        [
            Token("d0", "0", holder=Holder("ada"), status=active),
            Token("d1", "1", holder=Holder("ada")),
            Token("d2", "2"),
            Token("d3", "3", holder=Holder("", "Only a name"), status=active),
        ]
    )


def test_taken_back_is_what_somebody_has() -> None:
    found = fit(tenant(), range(4), BulkDeed.UNASSIGN)
    assert found == Fit((0, 1, 3), left_out=1, people=2, active=2)


def test_deleted_is_what_nobody_has() -> None:
    assert fit(tenant(), range(4), BulkDeed.DELETE) == Fit((2,), left_out=3)


def test_each_deed_says_what_right_it_needs() -> None:
    assert BulkDeed.UNASSIGN.needs is Feature.ASSIGN
    assert BulkDeed.DELETE.needs is Feature.WRITE_INVENTORY
