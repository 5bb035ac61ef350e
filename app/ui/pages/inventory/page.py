"""The inventory page: puts filters, list, stock and the job together and passes gestures on."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.core.bulk import BulkDeed, Fit, fit
from app.core.inventory import Wanted
from app.core.inventory_export import InventoryForm
from app.station.inventory_notices import (
    ChangedTokensNotice,
    ForgottenNotice,
    InventoryExportNotice,
    InventoryNotices,
    SyncNotice,
    SyncState,
)
from app.station.jobs import JobNotice
from app.ui.bridge import Gesture
from app.ui.pages.inventory.confirm_strip import ConfirmStrip
from app.ui.pages.inventory.filters import Filters
from app.ui.pages.inventory.list_panel import ListPanel
from app.ui.pages.inventory.notes import Note
from app.ui.pages.inventory.stock_panel import StockPanel
from app.ui.widgets import Segmented, Tone, restyle
from app.ui.widgets.job_panel import JobPanel
from app.ui.wording.errors import trouble
from app.ui.wording.history import day_and_time
from app.ui.wording.inventory import (
    found_words,
    nothing_found,
    nothing_yet,
    sync_trouble,
    sync_words,
)
from app.ui.wording.say import say

_ROOM_FOR_STOCK = 980
"""Px of the page below which the list has all the room."""
_LOOK_MS = 60_000
_TOKENS, _JOB = "tokens", "job"


class InventoryPage(QWidget):
    """Renders what the station tells. Tells `left` when the operator goes back to the desk."""

    left = Signal()

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self.setObjectName("page")
        self._ask = ask
        self._read_at: datetime | None = None
        self._fit = Fit(())
        self.filters = Filters()
        self.note = Note()
        self.confirm = ConfirmStrip()
        self.list = ListPanel()
        self.stock = StockPanel()
        self.job = JobPanel()
        self.view = Segmented(say("View"), ((_TOKENS, say("&Tokens")), (_JOB, say("&Job"))))
        self._cards = QStackedWidget()
        self._timer = QTimer(self)
        self._lay_out()
        self._wire()
        self.filters.set_exporting(possible=False)
        self._forget_job()

    def _lay_out(self) -> None:
        tokens = QWidget()
        cards = QHBoxLayout(tokens)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(16)
        cards.addWidget(self.list, 1)
        cards.addWidget(self.stock)
        job = QWidget()
        beside = QVBoxLayout(job)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.job)
        self._cards.addWidget(tokens)
        self._cards.addWidget(job)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        column.addWidget(self.view, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.filters)
        column.addWidget(self.note)
        column.addWidget(self.confirm)
        column.addWidget(self._cards, 1)

    def _wire(self) -> None:
        filters = self.filters
        filters.changed.connect(self._narrow)
        filters.entered.connect(self._to_list)
        filters.refresh.connect(self._refresh)
        filters.export_csv.connect(lambda: self._export(InventoryForm.CSV))
        filters.export_json.connect(lambda: self._export(InventoryForm.JSON))
        for edit in (filters.edit, filters.holder):
            edit.installEventFilter(self)
        self.list.asked.connect(self._ask_first)
        self.list.empty.all.clicked.connect(self._show_all)
        self.confirm.agreed.connect(self._begin)
        self.confirm.closed.connect(self._to_list)
        self.view.chosen.connect(self._show_view)
        self.job.paused.connect(lambda: self._ask(lambda station: station.bulk.job.pause()))
        self.job.resumed.connect(self._resume)
        self.job.cancelled.connect(lambda: self._ask(lambda station: station.bulk.job.cancel()))
        self.job.again.connect(lambda: self._ask(lambda station: station.bulk.job.again()))
        self.job.dismissed.connect(lambda: self._ask(lambda station: station.bulk.job.dismiss()))
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._keep_fresh)

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: InventoryNotices | JobNotice) -> None:
        """Render `notice` where it belongs."""
        match notice:
            case SyncNotice():
                self._show_sync(notice)
            case ChangedTokensNotice():
                self.list.model.refresh(notice.device_ids)
                self._tell_list()
            case JobNotice():
                self._show_job(notice)
            case InventoryExportNotice():
                self.note.show_export(notice)
            case ForgottenNotice():
                self.forget()

    def forget(self) -> None:
        """Leave nothing of what the last operator saw."""
        self._read_at = None
        self.list.model.clear()
        self.list.allow_sorting(allowed=False)
        self.filters.reset()
        self.filters.set_products(())
        self.filters.sync.clear()
        self.stock.set_stock((), 0)
        self.note.hide()
        self.confirm.hide()
        self._forget_job()
        self._tell_list()

    def showEvent(self, _event: object) -> None:
        """Begin in the filter, with the inventory as it is now."""
        self._ask(lambda station: station.inventory.look())
        self._timer.start()
        self._first_focus()

    def hideEvent(self, _event: object) -> None:
        """Read nothing while nobody looks."""
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the list all the room where there is little."""
        super().resizeEvent(event)
        self.stock.setVisible(self.width() >= _ROOM_FOR_STOCK)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Down leads from the filters into the list."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown)
        ):
            self._to_list()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back to the desk, F5 reads again."""
        match event.key():
            case Qt.Key.Key_Escape if self.confirm.isVisible():
                self.confirm.close_strip()
            case Qt.Key.Key_Escape:
                self.left.emit()
            case Qt.Key.Key_F5:
                self._refresh()
            case _:
                super().keyPressEvent(event)

    # Inside: the list -------------------------------------------------------------------------

    def _show_sync(self, notice: SyncNotice) -> None:
        self.list.set_rights(notice.standings)
        if notice.batch is not None or notice.afresh:
            self._show_batch(notice)
        if notice.whole is not None:
            self._show_whole(notice)
        if notice.error is not None and notice.state is SyncState.FAILED:
            self.note.say(Tone.BAD, sync_trouble(notice.error, notice.standings))
        elif notice.state in {SyncState.LOADING, SyncState.REFRESHING}:
            self.note.hide()
        read_at = day_and_time(self._read_at) if self._read_at else ""
        tone, words = sync_words(notice, read_at)
        self.filters.sync.setText(words)
        restyle(self.filters.sync, tone=tone.value)

    def _show_batch(self, notice: SyncNotice) -> None:
        if notice.afresh:
            self.list.model.clear()
            self.list.allow_sorting(allowed=False)
        if notice.batch is not None:
            self.list.model.show_batch(notice.batch, afresh=False)
        self._tell_list()

    def _show_whole(self, notice: SyncNotice) -> None:
        if notice.whole is None:
            return
        self._read_at = notice.at
        if self.list.model.inventory is not notice.whole:
            kept = self.list.current_id()
            self.list.model.show_whole(notice.whole)
            self.filters.set_products(notice.whole.products())
            self.list.keep_in_sight(kept)
        self.stock.set_stock(notice.stock, notice.low_mark)
        self.list.allow_sorting(allowed=True)
        self.filters.set_exporting(possible=True)
        self._tell_list()

    def _narrow(self) -> None:
        wanted = self.filters.wanted(self._now())
        if wanted != self.list.model.wanted:
            kept = self.list.current_id()
            self.list.model.narrow(wanted)
            self._tell_list()
            self.list.keep_in_sight(kept)

    def _tell_list(self) -> None:
        wanted = self.list.model.wanted
        narrowed = wanted != Wanted() and self.list.model.inventory.count() > 0
        self.list.tell(nothing_found() if narrowed else nothing_yet(), narrowed=narrowed)
        self.filters.set_exporting(possible=self._read_at is not None)

    def _show_all(self) -> None:
        self.filters.reset()
        self.filters.edit.setFocus()

    def _to_list(self) -> None:
        if self.list.model.rowCount():
            self.list.view.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._first_focus()

    def _first_focus(self) -> None:
        if self.view.current() == _JOB:
            self.job.pause_button.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.filters.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.filters.edit.selectAll()

    def _refresh(self) -> None:
        self._ask(lambda station: station.inventory.refresh())

    def _keep_fresh(self) -> None:
        self._ask(lambda station: station.inventory.keep_fresh())

    def _export(self, form: InventoryForm) -> None:
        rows = self.list.model.listed()
        self._ask(lambda station: station.inventory.export(rows, form))

    def _now(self) -> datetime:
        return self._read_at or datetime.now(UTC)

    # Inside: the job ----------------------------------------------------------------------------

    def _ask_first(self, deed: BulkDeed) -> None:
        """Say what `deed` would do to the chosen tokens, and wait for a yes."""
        self._fit = fit(self.list.model.inventory, self.list.model.chosen(), deed)
        self.confirm.ask(deed, self._fit)

    def _begin(self, deed: BulkDeed) -> None:
        inventory, rows = self.list.model.inventory, self._fit.rows
        self._ask(lambda station: station.bulk.begin(deed, inventory, rows))

    def _resume(self) -> None:
        self.note.hide()
        self._ask(lambda station: station.bulk.job.resume())

    def _show_job(self, notice: JobNotice) -> None:
        if notice.error is not None:
            self.note.say(Tone.BAD, trouble(notice.error))
        elif notice.progress is None:
            self._forget_job()
            return
        self.job.show_job(notice)
        if notice.rows is None:
            return
        self.view.show()
        self.list.set_busy(busy=True)
        self.list.model.choose_none()
        if notice.found:
            self.note.say(Tone.CAUTION, found_words())
        self._show_view(_JOB)

    def _forget_job(self) -> None:
        self.job.forget()
        self.list.set_busy(busy=False)
        self.view.hide()
        self._show_view(_TOKENS)

    def _show_view(self, which: str) -> None:
        self.view.set_current(which)
        self._cards.setCurrentIndex(1 if which == _JOB else 0)
        self.filters.setVisible(which == _TOKENS)
        self.confirm.hide()
        if self.isVisible():
            self._first_focus()
