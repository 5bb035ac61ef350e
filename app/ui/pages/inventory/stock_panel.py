"""The stock of each model beside the list."""

from app.core.stock import ModelStock
from app.ui.widgets import Card, Wrapped
from app.ui.widgets.scrolled import Scrolled
from app.ui.widgets.stock_chart import StockChart
from app.ui.wording.inventory import mark_words
from app.ui.wording.say import say

_WIDTH = 240


class StockPanel(Card):
    """Shows the figures of every model, those that run low first."""

    def __init__(self) -> None:
        super().__init__(say("Stock"))
        self.chart = StockChart()
        self.mark = Wrapped(role="smallmuted")
        self._area = Scrolled(self.chart, say("Stock by model"))
        self._area.focused.connect(self.set_active)
        self.body.addWidget(self.mark)
        self.body.addWidget(self._area, 1)
        self.setFixedWidth(_WIDTH)
        self.set_stock((), 0)

    def set_stock(self, stock: tuple[ModelStock, ...], low_mark: int) -> None:
        """Show these figures."""
        self.chart.set_stock(stock, low_mark)
        words = mark_words(low_mark, sum(one.low for one in stock)) if stock else ""
        self.mark.setText(words)
        self.mark.setVisible(bool(words))
