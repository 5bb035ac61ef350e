"""The window: navigation, the stack of pages, the banner, and the way in for scans and notices."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.core.scan import DEFAULT_RULES, RefusalKind, ScanRules
from app.station.notices import (
    CardNotice,
    ClockNotice,
    DirectoryNotice,
    ExportNotice,
    HistoryNotice,
    Notice,
    OperatorsNotice,
    ReadersNotice,
    ReadyNotice,
    RightsNotice,
    ScanNotice,
    SessionNotice,
    SessionState,
    SignInPageNotice,
    Sound,
    TimelineNotice,
    TodayNotice,
    TrialScanNotice,
    TroubleNotice,
)
from app.ui.assets import app_icon
from app.ui.banners import Banners
from app.ui.bridge import Bridge
from app.ui.pages.signin import SignInPage
from app.ui.scan_filter import ScanFilter
from app.ui.sounds import Player
from app.ui.theme import Theme, look
from app.ui.top_bar import TopBar
from app.ui.widgets import NavRail
from app.ui.wording.say import say

if TYPE_CHECKING:
    from app.ui.pages.desk.page import DeskPage
    from app.ui.pages.help import HelpPage
    from app.ui.pages.history.page import HistoryPage
    from app.ui.pages.readers.page import ReadersPage

_Page = TypeVar("_Page", bound=QWidget)
_SIZE = (1280, 800)
_SMALLEST = (1024, 680)


class Window(QMainWindow):
    """The one window. It owns no state of the work: it renders notices and passes gestures on."""

    def __init__(self, bridge: Bridge, scans: ScanFilter, rules: ScanRules = DEFAULT_RULES) -> None:
        """Show what `bridge` tells; `rules` are those of the station, for trials of scanners."""
        super().__init__()
        self._bridge = bridge
        self._scans = scans
        self._rules = rules
        self._connected = ReadersNotice()
        self._heard_scanner = False
        self._signed_in = False
        self._operator = ""
        self._place = "desk"
        self._sounds: frozenset[Sound] = frozenset()
        self.player = Player()
        self.rail = NavRail(say("Pages"))
        self.banners = Banners()
        self.alert, self.ended = self.banners.alert, self.banners.ended
        self.top = TopBar()
        self.signin = SignInPage(bridge.ask)
        self._pages = QStackedWidget()
        self._places = self._place_table()
        self._lay_out()
        self._wire()

    # The pages ------------------------------------------------------------------------------

    @cached_property
    def desk(self) -> "DeskPage":
        """Return the desk page, made on first use: the first paint does not wait for it."""
        from app.ui.pages.desk.page import DeskPage  # noqa: PLC0415 - after the first paint

        page = self._take_in(DeskPage(self._bridge.ask))
        page.heard.connect(self._hear)
        return page

    @cached_property
    def history(self) -> "HistoryPage":
        """Return the history page, made on first use."""
        from app.ui.pages.history.page import HistoryPage  # noqa: PLC0415 - after the first paint

        page = self._take_in(HistoryPage(self._bridge.ask))
        page.left.connect(lambda: self._go("desk"))
        page.opened.connect(self._resume)
        return page

    @cached_property
    def readers(self) -> "ReadersPage":
        """Return the readers page, made on first use, with what is connected by then."""
        from app.ui.pages.readers.page import ReadersPage  # noqa: PLC0415 - seldom needed

        page = self._take_in(ReadersPage(self._scans.settings, self._rules))
        page.left.connect(lambda: self._go("desk"))
        page.trying.connect(self._try_out)
        self._scans.tried.connect(page.tried)
        page.show_notice(self._connected)
        if self._heard_scanner:
            page.hear()
        return page

    @cached_property
    def help(self) -> "HelpPage":
        """Return the help page, made on first use."""
        from app.ui.pages.help import HelpPage  # noqa: PLC0415 - after the first paint

        return self._take_in(HelpPage())

    def furnish(self) -> None:
        """Make the pages that work needs, before anything is told to them."""
        _ = self.desk, self.history

    def _take_in(self, page: _Page) -> _Page:
        self._pages.addWidget(page)
        page.installEventFilter(self)
        return page

    def _lay_out(self) -> None:
        self.setWindowTitle(say("Oathdesk"))
        self.setWindowIcon(app_icon())
        self.setMinimumSize(*_SMALLEST)
        self.resize(*_SIZE)
        self._take_in(self.signin)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.banners.banner)
        column.addWidget(self.top)
        self.banners.cover(self.top)
        column.addWidget(self._pages, 1)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(column, 1)
        ground = QWidget()
        ground.setLayout(row)
        self.setCentralWidget(ground)
        self.rail.add_entry("desk", "desk", say("Desk"), tip=say("Hand over tokens"))
        self._history_entry = self.rail.add_entry(
            "history", "history", say("History"), tip=say("Everything handed over (F11)")
        )
        self._history_entry.hide()
        self.rail.add_entry(
            "readers", "nfc", say("Readers"), tip=say("Readers and scanners (Ctrl+R)")
        )
        self.rail.add_entry(
            "help", "help", say("Help"), tip=say("How this works (F1)"), bottom=True
        )
        self.rail.add_entry("look", "moon", say("Look"), tip=say("Light or dark"), bottom=True)
        self.rail.set_current("desk")

    def _wire(self) -> None:
        self._bridge.noticed.connect(self.show_notice)
        self._scans.scanned.connect(self._scanned)
        self._scans.torn.connect(self._torn)
        self._scans.overlong.connect(self._overlong)
        self.rail.chosen.connect(self._go)
        self.top.sign_out.connect(self._sign_out)
        self.top.switch.connect(self._switch)
        self.ended.activated.connect(self._sign_in_again)

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: Notice) -> None:
        """Render `notice` where it belongs; what has no place of its own belongs to the desk."""
        show = self._places.get(type(notice))
        if show is None:
            self.desk.show_notice(notice)
        else:
            show(notice)

    def _place_table(self) -> dict[type[Notice], Callable[[Any], None]]:
        return {
            SessionNotice: self._show_session,
            ReadyNotice: self._show_ready,
            ScanNotice: self._show_refusal,
            CardNotice: self._show_card,
            ReadersNotice: self._show_readers,
            TrialScanNotice: self._show_readers,
            DirectoryNotice: self.top.show_directory,
            ClockNotice: self._show_clock,
            RightsNotice: self.banners.show_rights,
            TroubleNotice: self.banners.show_trouble,
            SignInPageNotice: self.signin.show_complaint,
            HistoryNotice: self._show_in_history,
            TimelineNotice: self._show_in_history,
            OperatorsNotice: self._show_in_history,
            ExportNotice: self._show_in_history,
            TodayNotice: self._show_today,
        }

    def _show_refusal(self, notice: ScanNotice) -> None:
        self._hear(Sound.ATTENTION)
        self.banners.show_refusal(notice)

    def _show_card(self, notice: CardNotice) -> None:
        self._hear(Sound.ATTENTION)
        self.banners.show_card(notice)

    def _show_in_history(self, notice: Notice) -> None:
        self.history.show_notice(notice)

    def _show_today(self, notice: TodayNotice) -> None:
        self.desk.show_notice(notice)
        self.history.show_notice(notice)

    def _show_ready(self, notice: ReadyNotice) -> None:
        self._sounds = notice.sounds
        for part in (self.signin, self.top, self.banners):
            part.show_ready(notice)
        self.desk.show_notice(notice)

    def _show_clock(self, notice: ClockNotice) -> None:
        self.top.show_clock(notice)
        self.banners.show_clock(notice)
        self.desk.show_notice(notice)

    def _hear(self, sound: Sound) -> None:
        """Let the desk be heard, where it is to be."""
        if sound in self._sounds:
            self.player.play(sound)

    def _show_session(self, notice: SessionNotice) -> None:
        was_signed_in = self._signed_in
        has_ended = notice.state is SessionState.ENDED
        self._signed_in = has_ended or notice.state is SessionState.SIGNED_IN
        self.banners.show_ended(notice if has_ended else None)
        if notice.state is SessionState.SIGNED_IN:
            self._welcome(notice)
        self._history_entry.setVisible(self._signed_in)
        self.top.set_operator(notice.operator)
        self.signin.show_session(notice)
        if not (has_ended and was_signed_in):
            self._go("desk")

    def _welcome(self, notice: SessionNotice) -> None:
        """Leave nothing on the pages of somebody who was here before."""
        self.alert.clear_banner()
        operator = notice.operator
        if operator is None:
            return
        if self._operator and self._operator != operator.id:
            self._forget_pages()
        self._operator = operator.id
        if notice.cleared:
            self.banners.show_cleared(operator.display_name)

    def _show_readers(self, notice: ReadersNotice | TrialScanNotice) -> None:
        """Remember what is connected for a page that is not made yet."""
        if isinstance(notice, ReadersNotice):
            self._connected = notice
            self.top.show_readers(notice)
        if "readers" in vars(self):
            self.readers.show_notice(notice)

    # Scans ----------------------------------------------------------------------------------

    def _scanned(self, text: str) -> None:
        self._hear_scanner()
        if not self._signed_in:
            self.banners.warn(say("Sign in first, then scan."))
            return
        self.top.scanner_works()
        self.alert.clear_banner()
        self._go("desk")
        self.desk.scanned(text)

    def _hear_scanner(self) -> None:
        self._heard_scanner = True
        if "readers" in vars(self):
            self.readers.hear()

    def _try_out(self, on: bool) -> None:
        """Keep what is scanned from the desk while the readers page is shown."""
        self._scans.try_out(on=on)
        self._bridge.ask(lambda station: station.readers.try_out(on=on))

    def _torn(self) -> None:
        self.banners.warn(say("The scan came in pieces. Scan again."))

    def _overlong(self, _length: int) -> None:
        self.banners.refuse(RefusalKind.TOO_LONG)

    # Going about ----------------------------------------------------------------------------

    def _go(self, page: str) -> None:
        places: dict[str, Callable[[], QWidget]] = {
            "desk": lambda: self.desk if self._signed_in else self.signin,
            "history": lambda: self.history if self._signed_in else self.signin,
            "readers": lambda: self.readers,
            "help": lambda: self.help,
        }
        if page == "look":
            self._other_look()
            page = self._place
        self._place = page
        self._pages.setCurrentWidget(places[page]())
        self.rail.set_current(page)

    def _resume(self, enrollment_id: str) -> None:
        """Settle an enrollment of the history at the desk."""
        self._bridge.ask(lambda station: station.resume(enrollment_id))
        self._go("desk")

    def _other_look(self) -> None:
        dark = look().palette.dark
        look().set_theme(Theme.LIGHT if dark else Theme.DARK)

    def _sign_out(self) -> None:
        if self._signed_in:
            self._forget_pages()
            self._bridge.ask(lambda station: station.sign_out())

    def _switch(self) -> None:
        """Let somebody else sign in, in one step."""
        if self._signed_in:
            self._forget_pages()
            window = int(self.winId())
            self._bridge.ask(lambda station: station.switch_operator(window))

    def _sign_in_again(self) -> None:
        if self.ended.words():
            window = int(self.winId())
            self._bridge.ask(lambda station: station.session.begin_again(window))

    def _forget_pages(self) -> None:
        self.desk.forget()
        self.history.forget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Escape put a warning away before the page takes a step back for it."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
            and self.alert.words()
        ):
            self.alert.clear_banner()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go where a key leads: see the help chapter on keys."""
        match event.key():
            case Qt.Key.Key_R if event.modifiers() == Qt.KeyboardModifier.ControlModifier:
                self._go("readers")
            case Qt.Key.Key_F1:
                self._go("help")
            case Qt.Key.Key_F10:
                self._sign_in_again()
            case Qt.Key.Key_F12 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._switch()
            case Qt.Key.Key_F11 if self._signed_in:
                self._go("history")
            case Qt.Key.Key_F12:
                self._sign_out()
            case Qt.Key.Key_Escape if self._pages.currentWidget() is self.help:
                self._go("desk")
            case Qt.Key.Key_Escape:
                self.alert.clear_banner()
            case _:
                super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the station with the window."""
        self._bridge.close()
        super().closeEvent(event)
