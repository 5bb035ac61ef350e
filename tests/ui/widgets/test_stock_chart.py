"""Stock at a glance: bars end where the figures say, and words say the same."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.stock import ModelStock
from app.ui.theme import PALETTES, Theme, apply_theme, color
from app.ui.widgets.stock_chart import MARKS, StockBar, StockChart

LOW = ModelStock("Token2", "C202", free=3, active=40, waiting=2, low=True)
FULL = ModelStock("Token2", "C301-i", free=5000, active=1)
FAIR = ModelStock("", "", free=25, other=1)


@pytest.fixture
def chart(qtbot: QtBot) -> StockChart:
    made = StockChart()
    qtbot.addWidget(made)
    made.resize(260, 400)
    made.set_stock((LOW, FULL, FAIR), 10)
    made.show()
    return made


def test_bars_share_a_scale_of_a_few_marks(chart: StockChart) -> None:
    assert MARKS * 10 == 100
    assert [row.bar.filled() for row in chart.rows] == [3 / 100, 1.0, 0.25]


def test_a_screen_reader_is_told_every_figure(chart: StockChart) -> None:
    told = [row.accessibleName() for row in chart.rows]
    assert told == [
        "Token2 C202: 3 free, fewer than 10. 45 in all, 40 activated, 2 to be activated.",
        "Token2 C301-i: 5,000 free. 5,001 in all, 1 activated.",
        "Model unknown: 25 free. 26 in all, 1 in another state.",
    ]
    assert chart.accessibleDescription() == " ".join(told)


def test_low_is_told_by_a_word_too(chart: StockChart) -> None:
    assert [row.low.isVisible() for row in chart.rows] == [True, False, False]
    assert chart.rows[0].low.words() == "Low"


def test_rows_come_and_go_with_the_models(chart: StockChart) -> None:
    kept = chart.rows[0]
    chart.set_stock((FAIR,), 0)
    assert chart.rows == [kept]
    assert kept.name.text() == "Model unknown"
    chart.set_stock((), 0)
    assert chart.rows == []


@pytest.mark.parametrize("theme", list(PALETTES))
def test_the_bar_and_the_line_are_where_they_belong(
    theme: Theme, qtbot: QtBot, qapp: QApplication
) -> None:
    apply_theme(qapp, theme, motion=False)
    bar = StockBar()
    qtbot.addWidget(bar)
    bar.resize(200, bar.sizeHint().height())
    bar.set_bar(30, 10, 50, low=False)
    image = bar.grab().toImage()
    middle = image.height() // 2

    def shade(x: int) -> QColor:
        return image.pixelColor(x, middle)

    assert shade(100) == color("accent")
    assert shade(150) == color("neutral_ground")
    assert color("ink") in [shade(x) for x in (39, 40, 41)]


def test_an_empty_bar_shows_nothing_but_its_trough(qtbot: QtBot) -> None:
    bar = StockBar()
    qtbot.addWidget(bar)
    bar.resize(200, bar.sizeHint().height())
    bar.set_bar(0, 0, 0, low=True)
    image = bar.grab().toImage()
    assert image.pixelColor(5, image.height() // 2) == color("neutral_ground")
    assert bar.filled() == 0
