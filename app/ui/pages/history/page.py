"""The history page: puts filters, list and details together and passes gestures on."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.history import ExportForm
from app.station.history import (
    ExportNotice,
    ExportState,
    HistoryNotice,
    OperatorsNotice,
    TimelineNotice,
    Wanted,
)
from app.station.notices import Notice
from app.station.today import TodayNotice
from app.ui.bridge import Gesture
from app.ui.pages.history.details_panel import DetailsPanel
from app.ui.pages.history.export_strip import ExportStrip
from app.ui.pages.history.filters import Filters
from app.ui.pages.history.list_panel import ListPanel

_LIST_SHARE, _DETAILS_SHARE = 66, 34


class HistoryPage(QWidget):
    """Renders what the record holds. Tells `left` when the operator goes back to the desk."""

    left = Signal()
    opened = Signal(str)

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self.setObjectName("page")
        self._ask = ask
        self._wanted: Wanted | None = None
        self.filters = Filters()
        self.export = ExportStrip()
        self.list = ListPanel()
        self.details = DetailsPanel()
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(16)
        cards.addWidget(self.list, _LIST_SHARE)
        cards.addWidget(self.details, _DETAILS_SHARE)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        column.addWidget(self.filters)
        column.addWidget(self.export)
        column.addLayout(cards, 1)

    def _wire(self) -> None:
        self.filters.changed.connect(self._look)
        self.filters.entered.connect(self._to_list)
        self.filters.export_csv.connect(lambda: self._export(ExportForm.CSV))
        self.filters.export_json.connect(lambda: self._export(ExportForm.JSON_LINES))
        self.filters.edit.installEventFilter(self)
        self.export.stopped.connect(self._stop_export)
        self.list.model.wants_more.connect(self._more)
        self.list.chosen.connect(self._show)
        self.list.event_chosen.connect(self.details.show_event)
        self.list.opened.connect(self.opened)
        self.list.footer_activated.connect(self.left)
        self.list.empty.all.clicked.connect(self._show_all)
        self.details.opened.connect(self.opened)
        self.details.receipt_wanted.connect(self._receipt)

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: Notice) -> None:
        """Render `notice` where it belongs."""
        match notice:
            case HistoryNotice() if notice.wanted == self._wanted:
                self.list.show_page(notice)
            case TimelineNotice():
                self.details.show_timeline(notice)
            case OperatorsNotice():
                self.filters.set_operators(notice.operators)
            case ExportNotice():
                self.export.show_export(notice)
                self.filters.set_exporting(notice.state is ExportState.WRITING)
            case TodayNotice():
                self._take_news(notice)
            case _:
                pass

    def forget(self) -> None:
        """Leave nothing of the last operator's work on the page."""
        self._wanted = None
        self.filters.clear()
        self.list.forget()
        self.details.expect("")
        self.export.hide()

    def showEvent(self, _event: object) -> None:
        """Begin in the filter, with what the record holds now."""
        self._look()
        self._ask(lambda station: station.history.list_operators())
        self.filters.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.filters.edit.selectAll()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Down leads from the filter into the list."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown)
        ):
            self._to_list()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back, F5 reads again, F8 copies the story, Ctrl+P makes its receipt."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        match event.key():
            case Qt.Key.Key_Escape:
                self.left.emit()
            case Qt.Key.Key_F5:
                self._look()
            case Qt.Key.Key_F8:
                self.details.copy()
            case Qt.Key.Key_P if control and self.list.current() is not None:
                self.details.want_receipt()
            case _:
                super().keyPressEvent(event)

    # Inside ---------------------------------------------------------------------------------

    def _look(self) -> None:
        if not self.isVisible():
            return
        wanted = self.filters.wanted()
        self._wanted = wanted
        self._ask(lambda station: station.history.look(wanted))

    def _more(self) -> None:
        wanted = self._wanted
        if wanted is not None:
            self._ask(lambda station: station.history.more(wanted))

    def _show(self, enrollment_id: str) -> None:
        self.details.expect(enrollment_id)
        if enrollment_id:
            self._ask(lambda station: station.history.show(enrollment_id))

    def _receipt(self, enrollment_id: str) -> None:
        self._ask(lambda station: station.receipts.show(enrollment_id))

    def _take_news(self, notice: TodayNotice) -> None:
        """Show what has just changed, where it is listed or its story is open."""
        if not self.isVisible():
            return
        before = self.list.current()
        self.list.model.refresh(notice.lines)
        after = self.list.current()
        if after is not None and after != before:
            self._show(after.enrollment_id)

    def _show_all(self) -> None:
        self.filters.reset()
        self.filters.edit.setFocus()

    def _to_list(self) -> None:
        if self.list.model.rowCount():
            self.list.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _export(self, form: ExportForm) -> None:
        wanted = self.filters.wanted()
        self._ask(lambda station: station.history.export(wanted, form))

    def _stop_export(self) -> None:
        self._ask(lambda station: station.history.stop_export())
