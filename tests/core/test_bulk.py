"""What a deed fits, and a plan that is read back as it was written, or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bulk import BulkDeed, Fit, Plan, PlannedRow, fit, read, written
from app.core.inventory import Inventory
from app.core.model import Holder, Token, TokenStatus
from app.core.rights import Feature

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


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


plans = st.builds(
    Plan,
    st.text(),
    st.sampled_from(BulkDeed),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(st.builds(PlannedRow, st.text(), st.text(), st.text(), st.text())).map(tuple),
)


@given(plans)
def test_a_plan_is_read_back(plan: Plan) -> None:
    assert read(written(plan)) == plan


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[]",
        '"text"',
        "{}",
        '{"form": 1}',
        '{"form": 2, "id": "1", "deed": "delete", "at": "2026-11-25T12:00:00+00:00", "rows": []}',
        '{"form": 1, "id": "1", "deed": "paint", "at": "2026-11-25T12:00:00+00:00", "rows": []}',
        '{"form": 1, "id": "1", "deed": "delete", "at": "2026-11-25T12:00:00", "rows": []}',
        '{"form": 1, "id": "1", "deed": "delete", "at": "2026-11-25T12:00:00+00:00", "rows": [[]]}',
    ],
)
def test_what_is_no_plan_is_none(broken: str) -> None:
    assert read(broken) is None


def test_a_plan_cut_anywhere_is_none() -> None:
    text = written(Plan("1", BulkDeed.DELETE, NOON, (PlannedRow("k", "d", "s"),)))
    assert json.loads(text)["rows"] == [["k", "d", "s", ""]]
    assert [read(text[:at]) for at in range(len(text))] == [None] * len(text)
