"""The inventory at 100,000 tokens: a keystroke to a repainted list, and scrolling, held to floors.

    QT_QPA_PLATFORM=offscreen python -m tests.bench.bench_inventory

A keystroke is measured from the change of the text to the end of the repaint, in the page as it is
shown. Its floor is a plain search of the same texts, one `in` for each, without a list and without
a window. Scrolling is measured a frame at a time over the whole list, by pixel steps as a wheel
makes them; its floor is the same table over a model that answers every question with one text.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication, QTableView

from app.core.inventory import Inventory, Order, Wanted
from app.core.model import HashFunction, Holder, Token, TokenStatus
from app.core.stock import stock_of
from app.station.inventory_notices import SyncNotice, SyncState
from app.ui.application import application
from app.ui.models.inventory import HOLDER, InventoryModel
from app.ui.pages.inventory.list_panel import _WIDTHS
from app.ui.pages.inventory.page import InventoryPage
from app.ui.theme import Theme, apply_theme
from app.ui.widgets.rows import dress_rows

COUNT = 100_000
FRAME_MS = 1000 / 60
_COLUMNS = InventoryModel().columnCount()
ROUNDS = 15
FRAMES = 400
SIZE = (1196, 740)
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NAMES = ("Ada Lovelace", "Björn Åkesson", "Nguyễn Thị Minh Khai", "Siobhán O'Brien", "山田 花子")
PRODUCTS = (("Token2", "C301-i"), ("FEITIAN", "OTP c200"), ("Thales", "SafeNet OTP 110"))
WORDS = ("8", "86", "8659610", "lovelace", "c301 ada", "bjorn akesson", "no such token")

Index = QModelIndex | QPersistentModelIndex


def tokens() -> Iterator[Token]:
    """A tenant of a large company."""
    chance = random.Random(7)  # noqa: S311 - a bench is no secret
    for number in range(COUNT):
        maker, model = chance.choice(PRODUCTS)
        status = chance.choice(list(TokenStatus)[:4])
        free = status is TokenStatus.AVAILABLE
        used = NOW - timedelta(hours=number % 9000) if status is TokenStatus.ACTIVATED else None
        yield Token(
            device_id=f"{chance.getrandbits(128):032x}",
            serial_number=f"86596{chance.randrange(10**8):08}",
            manufacturer=maker,
            model=model,
            interval=chance.choice((30, 60)),
            hash_function=chance.choice(list(HashFunction)[:2]),
            status=status,
            holder=None if free else Holder(f"person-{number}", f"{chance.choice(NAMES)} {number}"),
            last_used=used,
        )


def milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def told(name: str, found: list[float], floor: float | None = None) -> None:
    ordered = sorted(found)
    middle, late = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    against = f"  {middle / floor:5.1f} x the floor" if floor else ""
    sys.stdout.write(
        f"{name:44} median {middle:7.2f} ms  p99 {late:7.2f}  most {ordered[-1]:7.2f}{against}\n"
    )


class Plain(QAbstractTableModel):
    """The floor of a table: as many rows and columns, and one text in each."""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's own
        return 0 if parent.isValid() else COUNT

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's own
        return 0 if parent.isValid() else _COLUMNS

    def data(self, _index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return "8659 6104 2170" if role == Qt.ItemDataRole.DisplayRole else None


def frames(view: QTableView) -> list[float]:
    """Milliseconds for each frame of a long scroll."""
    bar = view.verticalScrollBar()
    step = max(bar.maximum() // FRAMES, 1)
    found = []
    for frame in range(FRAMES):
        bar.setValue(frame * step + frame % 40)
        found.append(milliseconds(view.viewport().repaint))
    return found


def scroll(page: InventoryPage) -> None:
    plain, model = QTableView(), Plain()
    plain.setModel(model)
    dress_rows(plain, _WIDTHS, stretched=HOLDER)
    plain.setVerticalScrollMode(page.list.view.verticalScrollMode())
    plain.resize(page.list.view.size())
    plain.show()
    QApplication.processEvents()
    floor, ours = frames(plain), frames(page.list.view)
    plain.hide()
    told("a frame of scrolling, a bare table", floor)
    told("a frame of scrolling, the inventory", ours, statistics.median(floor))
    dropped = sum(each > FRAME_MS for each in ours)
    sys.stdout.write(f"frames over {FRAME_MS:.1f} ms: {dropped} of {len(ours)}\n")


def keystrokes(page: InventoryPage, inventory: Inventory) -> None:
    edit = page.filters.edit
    for words in WORDS:
        needle = words.split()[0]
        floor = [milliseconds(partial(_plain_search, inventory, needle)) for _ in range(ROUNDS)]
        found = []
        for _ in range(ROUNDS):
            edit.clear()
            page.repaint()
            found.append(milliseconds(partial(_type, page, words)))
        told(f"pasted: {words}", found, statistics.median(floor))
    found = []
    for _ in range(ROUNDS):
        edit.clear()
        page.repaint()
        found += [milliseconds(partial(_type, page, "lovelace 12"[:n])) for n in range(1, 12)]
    told("typed letter by letter: lovelace 12", found)


def _plain_search(inventory: Inventory, needle: str) -> list[str]:
    return [hay for hay in inventory.hay if needle in hay]


def _type(page: InventoryPage, words: str) -> None:
    page.filters.edit.setText(words)
    page.repaint()  # the list in it included


def filters(inventory: Inventory) -> None:
    wanted = {
        "everything, sorted by holder": Wanted(),
        "a state": Wanted(states=frozenset({TokenStatus.ASSIGNED})),
        "a model": Wanted(model=PRODUCTS[0]),
        "not used since": Wanted(unused_since=NOW - timedelta(days=90)),
        "all of them together": Wanted("8", frozenset({TokenStatus.ACTIVATED}), PRODUCTS[0], "ada"),
    }
    for name, each in wanted.items():
        found = [milliseconds(partial(inventory.select, each, Order())) for _ in range(9)]
        told(f"selected: {name}", found)


def main() -> int:
    """Measure and print."""
    app = application()
    apply_theme(app, Theme.LIGHT, motion=False)
    found = list(tokens())
    began = time.perf_counter()
    inventory = Inventory(found)
    made = time.perf_counter()
    inventory.arrange()
    sys.stdout.write(
        f"{COUNT:,} tokens: columns in {made - began:.2f} s, "
        f"orders in {time.perf_counter() - made:.2f} s (off the window's thread)\n"
    )
    page = InventoryPage(lambda _gesture: None)
    page.resize(*SIZE)
    page.show()
    stock = stock_of(inventory, 10)
    page.show_notice(
        SyncNotice(SyncState.READY, COUNT, whole=inventory, stock=stock, low_mark=10, at=NOW)
    )
    QApplication.processEvents()
    filters(inventory)
    keystrokes(page, inventory)
    page.filters.edit.clear()
    scroll(page)
    page.hide()
    return 0


if __name__ == "__main__":
    sys.exit(main())
