"""The list at the foot of the desk: that of today, or what somebody has while it is looked at."""

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.station.desk.notices import HoldingsNotice
from app.ui.pages.desk.holdings_panel import HoldingsPanel
from app.ui.pages.desk.today_panel import TodayPanel


class Lists(QStackedWidget):
    """Both lists, one of them in front."""

    def __init__(self) -> None:
        super().__init__()
        self.today = TodayPanel()
        self.holdings = HoldingsPanel()
        self.addWidget(self.today)
        self.addWidget(self.holdings)
        self._lists_today = True

    def leave_out_today(self, beside: QWidget) -> QHBoxLayout:
        """Be there only while it is looked at what somebody has; return the row with `beside`."""
        self._lists_today = False
        self.setVisible(self.currentWidget() is self.holdings)
        row = QHBoxLayout()
        row.addWidget(beside, 36)
        row.addWidget(self, 76)
        return row

    def hasHeightForWidth(self) -> bool:
        """A list takes the height that is left, whatever its width: its rows scroll."""
        return False

    def show_holdings(self, notice: HoldingsNotice) -> None:
        """Show what somebody has, or the list of today again."""
        self.holdings.show_holdings(notice)
        self.setCurrentWidget(self.holdings if notice.person else self.today)
        self.setVisible(self._lists_today or notice.person is not None)
