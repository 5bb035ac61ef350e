"""The inventory as Qt sees it, while it grows, narrows, is sorted, changed and chosen from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.core.inventory import Inventory, Wanted
from app.core.model import HashFunction, Holder, Token, TokenStatus
from app.ui.models.inventory import (
    CHECK,
    HASH,
    HOLDER,
    INTERVAL,
    MAKER,
    MODEL,
    SERIAL,
    STATE,
    USED,
    InventoryModel,
)
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.tone import Tone

CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
MARK = Qt.ItemDataRole.CheckStateRole


def tokens(first: int, count: int) -> list[Token]:
    return [
        Token(
            f"d{n}",
            f"8659{n:04}",
            "Token2",
            "C301-i",
            interval=60,
            hash_function=HashFunction.SHA256,
            status=TokenStatus.ACTIVATED,
            holder=Holder(f"p{n}", f"Zoë {n}\n"),
            last_used=datetime(2026, 11, 20, 12, tzinfo=UTC),
        )
        for n in range(first, first + count)
    ]


def whole(count: int) -> Inventory:
    made = Inventory(tokens(0, count))
    made.arrange()
    return made


@pytest.fixture
def model(qtbot: QtBot) -> InventoryModel:
    made = InventoryModel()
    made.show_whole(whole(5))
    return made


def test_it_behaves_as_qt_expects_whatever_happens_to_it(qtbot: QtBot) -> None:
    model = InventoryModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.show_batch(Inventory(tokens(0, 3)), afresh=True)
    model.narrow(Wanted("zoe"))
    model.show_batch(Inventory(tokens(3, 3)), afresh=False)
    model.toggle([0, 4])
    model.show_whole(whole(6))
    model.sort(HOLDER, Qt.SortOrder.DescendingOrder)
    model.inventory.remove("d2")
    model.refresh(["d2", "d3", "unknown"])
    model.narrow(Wanted("nobody"))
    model.choose_listed()
    model.clear()
    assert tester.model() is model


def test_each_cell_says_what_it_is(model: InventoryModel) -> None:
    cells = {column: model.index(1, column).data() for column in range(model.columnCount())}
    assert cells == {
        CHECK: "",
        SERIAL: "8659 0001",
        MAKER: "Token2",
        MODEL: "C301-i",
        STATE: "Activated",
        HOLDER: "Zoë 1 ",
        USED: "2026-11-20",
        INTERVAL: "60 s",
        HASH: "SHA-256",
    }
    assert model.index(1, STATE).data(TONE_ROLE) is Tone.GOOD
    assert "60 s, SHA-256" in model.index(1, SERIAL).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(9, 9).data() is None


def test_every_column_has_a_heading(model: InventoryModel) -> None:
    heads = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]
    assert heads[CHECK] == ""
    assert len(set(heads)) == model.columnCount()
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.rowCount(model.index(0, 0)) == model.columnCount(model.index(0, 0)) == 0


def test_marks_are_set_by_a_click_and_told_to_a_screen_reader(model: InventoryModel) -> None:
    index = model.index(2, CHECK)
    assert index.flags() & Qt.ItemFlag.ItemIsUserCheckable
    assert not model.index(2, SERIAL).flags() & Qt.ItemFlag.ItemIsUserCheckable
    assert index.data(MARK) == UNCHECKED
    assert model.setData(index, CHECKED.value, MARK)
    assert index.data(MARK) == CHECKED
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Chosen"
    assert model.setData(index, CHECKED.value, MARK)
    assert model.chosen() == (2,)
    assert not model.setData(model.index(2, SERIAL), "x")


def test_toggling_takes_all_or_lets_go_of_all(model: InventoryModel) -> None:
    model.toggle([0, 1])
    model.toggle([1, 2])
    assert model.chosen() == (0, 1, 2)
    model.toggle([1, 2])
    assert model.chosen() == (0,)
    model.choose_listed()
    model.choose_listed()
    assert model.chosen() == ()


def test_what_is_chosen_outlives_a_filter_and_a_fresh_inventory(model: InventoryModel) -> None:
    model.toggle([1, 3])
    model.narrow(Wanted("86590003"))
    assert (model.rowCount(), model.hidden(), model.chosen()) == (1, 1, (1, 3))
    model.show_whole(Inventory(reversed(tokens(0, 4))))
    assert [model.inventory.ids[row] for row in model.chosen()] == ["d3", "d1"]


def test_what_is_gone_leaves_the_list_and_the_choice(model: InventoryModel) -> None:
    model.toggle([1, 3])
    model.inventory.remove("d3")
    removed: list[int] = []
    model.rowsRemoved.connect(lambda _parent, first, _last: removed.append(first))
    model.refresh(["d3"])
    assert removed == [3]
    assert model.chosen() == (1,)
    assert model.rowCount() == 4


def test_what_changed_is_painted_anew_and_stays_where_it_is(model: InventoryModel) -> None:
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _last, _roles: changed.append(first.row()))
    model.inventory.change(Token("d1", "86590001", status=TokenStatus.AVAILABLE))
    model.refresh(["d1"])
    assert changed == [1]
    assert model.index(1, STATE).data() == "In stock"


def test_places_and_rows_lead_to_each_other(model: InventoryModel) -> None:
    model.sort(SERIAL, Qt.SortOrder.DescendingOrder)
    assert model.row_at(0) == 4
    assert model.place_of(4) == 0
    assert model.row_at(-1) is None
    assert model.place_of(99) is None
    model.sort(CHECK)
    assert model.row_at(0) == 4
    assert QModelIndex().data() is None
