"""The window: navigation, the stack of pages, the banner, and the way in for scans and notices."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from app.core.scan import DEFAULT_RULES, RefusalKind, ScanRules, code_in
from app.core.skew import ClockState
from app.station.checkup import CheckupNotice
from app.station.connection import DirectoryNotice
from app.station.corrections import CorrectionNotice
from app.station.first_run import FirstRunNotice
from app.station.import_notices import IMPORT_NOTICES
from app.station.jobs import JobNotice
from app.station.lock import AbandonedNotice, NotTakenNotice
from app.station.notices import (
    CardNotice,
    Notice,
    ReadyNotice,
    ScanNotice,
    SessionNotice,
    SessionState,
    Sound,
    StartingNotice,
    TenantsNotice,
    TroubleNotice,
)
from app.station.passes import PassNotice
from app.station.practice import SignInPageNotice
from app.station.readers import ReadersNotice, TrialScanNotice
from app.station.rights import RightsNotice
from app.station.session_facts import SessionFactsNotice
from app.station.timekeeper import ClockNotice
from app.station.today import TodayNotice
from app.ui.assets import app_icon
from app.ui.banners import Banners
from app.ui.bridge import Bridge
from app.ui.commands import Commands
from app.ui.lock_screen import LockScreen
from app.ui.pages.lock import LockPage
from app.ui.pages.signin import SignInPage
from app.ui.pages.stack import OF_HISTORY, OF_RECEIPTS, Pages
from app.ui.rail import Rail
from app.ui.scan_filter import ScanFilter
from app.ui.sounds import Player
from app.ui.theme import look
from app.ui.top_bar import TopBar
from app.ui.widgets import Tone
from app.ui.widgets.scroll_pane import ScrollPane
from app.ui.wording.desk import refusal_words
from app.ui.wording.lock import abandoned, try_again
from app.ui.wording.say import say

if TYPE_CHECKING:
    from app.ui.pages.desk.page import DeskPage
    from app.ui.pages.history.page import HistoryPage


class Window(QMainWindow):
    """The one window. It owns no state of the work: it renders notices and passes gestures on."""

    def __init__(self, bridge: Bridge, scans: ScanFilter, rules: ScanRules = DEFAULT_RULES) -> None:
        """Show what `bridge` tells; `rules` are those of the station, for trials of scanners."""
        super().__init__()
        self._bridge = bridge
        self._scans = scans
        self._signed_in = False
        self._operator = ""
        self._place = "desk"
        self._sounds: frozenset[Sound] = frozenset()
        self.player = Player()
        self.rail = Rail()
        self.banners = Banners()
        self.alert, self.ended = self.banners.alert, self.banners.ended
        self.top = TopBar()
        self.pages = Pages(bridge, scans, rules, self)
        self.lock_page = LockPage(bridge.ask)
        self._places = self._place_table() | self.pages.inventory_places()
        self.commands = Commands(self, self._go, self._acts())
        self._lay_out()
        self._wire()

    @property
    def signin(self) -> SignInPage:
        """Return the sign-in page."""
        return self.pages.signin

    @property
    def desk(self) -> "DeskPage":
        """Return the desk page."""
        return self.pages.desk

    @property
    def history(self) -> "HistoryPage":
        """Return the history page."""
        return self.pages.history

    def _lay_out(self) -> None:
        self.setWindowTitle(say("Oathdesk"))
        self.setWindowIcon(app_icon())
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.banners.banner)
        column.addWidget(self.top)
        self.banners.cover(self.top)
        column.addWidget(ScrollPane(self.pages), 1)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(ScrollPane(self.rail, upright=True))
        row.addLayout(column, 1)
        ground = QWidget()
        ground.setLayout(row)
        self.lock_screen = LockScreen(ground, self.lock_page)
        self.setCentralWidget(ScrollPane(self.lock_screen))

    def _wire(self) -> None:
        self._bridge.noticed.connect(self.show_notice)
        self._scans.scanned.connect(self.pages.before_desk(self._scanned))
        self._scans.torn.connect(self._scanned_in_pieces)
        self._scans.overlong.connect(lambda: self._answer(refusal_words(RefusalKind.TOO_LONG)))
        self.rail.chosen.connect(self._chosen)
        self.top.sign_out.connect(self._sign_out)
        self.top.switch.connect(self._switch)
        self.top.cancelled.connect(self._start_afresh)
        self.lock_page.left.connect(self._sign_out)
        self.top.session.connect(lambda: self._go("session"))
        self.pages.left.connect(lambda: self._go("desk"))
        self.pages.resumed.connect(self._resume)
        self.pages.heard.connect(self._hear)
        self.pages.trying.connect(self._try_out)
        self.pages.sign_out.connect(self._sign_out)
        self.pages.switch.connect(self._switch)
        self.pages.lock.connect(self._lock)
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
            TrialScanNotice: self.pages.show_readers,
            DirectoryNotice: self._show_directory,
            ClockNotice: self._show_clock,
            RightsNotice: self._show_rights,
            TroubleNotice: self.banners.show_trouble,
            CorrectionNotice: self.banners.show_correction,
            NotTakenNotice: self._show_not_taken,
            AbandonedNotice: self._show_abandoned,
            SignInPageNotice: self._show_complaint,
            SessionFactsNotice: self.pages.show_session,
            **dict.fromkeys(OF_RECEIPTS, self.pages.show_receipt),
            **dict.fromkeys(OF_HISTORY, self.pages.show_history),
            TodayNotice: self._show_today,
            CheckupNotice: self.pages.show_checkup,
            PassNotice: self.pages.show_pass,
            **dict.fromkeys(IMPORT_NOTICES, self.pages.show_import),
            JobNotice: self.pages.show_job,
            StartingNotice: self._begin,
            TenantsNotice: self.signin.show_tenants,
            FirstRunNotice: self._show_first_run,
        }

    def _show_refusal(self, notice: ScanNotice) -> None:
        self._hear(Sound.ATTENTION)
        self.banners.show_refusal(notice)

    def _show_card(self, notice: CardNotice) -> None:
        self._hear(Sound.ATTENTION)
        self.banners.show_card(notice)

    def _show_complaint(self, notice: SignInPageNotice) -> None:
        (self.lock_page if self.lock_screen.locked else self.signin).show_complaint(notice)

    def _show_not_taken(self, _notice: NotTakenNotice) -> None:
        """Say that a scan or tap came to a desk that is locked, or about to be."""
        self._hear(Sound.ATTENTION)
        if self.lock_screen.locked:
            self.lock_page.refuse()
        else:
            self.banners.warn(try_again(), Tone.CAUTION)

    def _show_abandoned(self, _notice: AbandonedNotice) -> None:
        """Leave nothing of whoever was here: what was typed is on no card that was cleared."""
        self.pages.forget()
        self._go("desk")
        self.banners.warn(abandoned(), Tone.INFO)

    def _show_directory(self, notice: DirectoryNotice) -> None:
        self.top.show_directory(notice)
        self.pages.show_session(notice)

    def _show_rights(self, notice: RightsNotice) -> None:
        self.banners.show_rights(notice)
        self.pages.show_session(notice)

    def _show_today(self, notice: TodayNotice) -> None:
        self.desk.show_notice(notice)
        self.pages.show_history(notice)

    def _show_ready(self, notice: ReadyNotice) -> None:
        self._sounds = notice.sounds
        for part in (self.signin, self.lock_page, self.top, self.banners, self.pages):
            part.show_ready(notice)
        self.desk.show_notice(notice)

    def _begin(self, _notice: StartingNotice) -> None:
        """Leave nothing of the station before: another one is being put together."""
        self.alert.clear_banner()
        self.pages.begin()
        self._show_session(SessionNotice(SessionState.SIGNED_OUT))
        self._show_ready(ReadyNotice())
        self._show_clock(ClockNotice(0.0, ClockState.FINE))
        self.signin.show_starting()

    def _show_first_run(self, notice: FirstRunNotice) -> None:
        self.pages.show_first_run(notice)
        self._go(self._place)

    def _show_clock(self, notice: ClockNotice) -> None:
        self.top.show_clock(notice)
        self.banners.show_clock(notice)
        self.desk.show_notice(notice)
        self.pages.show_session(notice)

    def _hear(self, sound: Sound) -> None:
        """Let the desk be heard, where it is to be."""
        if sound in self._sounds:
            self.player.play(sound)

    def _show_session(self, notice: SessionNotice) -> None:
        """Render what became of the session: behind the lock page, or in front of it."""
        if notice.lapsed:
            self.pages.forget()
        if notice.state in {SessionState.SIGNED_OUT, SessionState.LOCKED}:
            self.desk.forget_faces()
            self.pages.forget_pass()
        if notice.state in {SessionState.SIGNED_IN, SessionState.SIGNED_OUT}:
            self.lock_screen.unlock()
        elif notice.state is SessionState.LOCKED and not self.lock_screen.locked:
            self.lock_page.begin()
            self.lock_screen.lock()
        self.lock_page.show_session(notice)
        if not self.lock_screen.locked:
            self._show_open_session(notice)

    def _show_open_session(self, notice: SessionNotice) -> None:
        was_signed_in = self._signed_in
        has_ended = notice.state is SessionState.ENDED
        self._signed_in = has_ended or notice.state is SessionState.SIGNED_IN
        self.banners.show_ended(notice if has_ended else None)
        if notice.state is SessionState.SIGNED_IN:
            self._welcome(notice)
        self.rail.show_for(signed_in=self._signed_in)
        self.commands.set_signed_in(on=self._signed_in)
        self.pages.show_session(notice)
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
            self.pages.forget()
        self._operator = operator.id
        if notice.cleared:
            self.banners.show_cleared(operator.display_name)

    def _show_readers(self, notice: ReadersNotice) -> None:
        self.top.show_readers(notice)
        self.pages.show_readers(notice)

    # Scans ----------------------------------------------------------------------------------

    def _scanned(self, text: str) -> None:
        self.pages.hear_scanner()
        if self.lock_screen.locked or not self._signed_in:
            self._answer(say("Sign in first, then scan."))
            return
        self.top.scanner_works()
        self.alert.clear_banner()
        was_in_front = self.pages.currentWidget() is self.desk
        self._go("desk")
        if not self._take_code(text, submit=self._scans.entered and was_in_front):
            self.desk.scanned(text)

    def _scanned_in_pieces(self, text: str) -> None:
        """Take six digits that came in pieces; ask for any other scan again."""
        on_desk = self._signed_in and not self.lock_screen.locked and self._place == "desk"
        if on_desk and self._take_code(text, submit=self._scans.entered):
            self._scans.accept_torn()
        else:
            self._answer(say("The scan came in pieces. Scan again."))

    def _take_code(self, text: str, *, submit: bool) -> bool:
        """Take `text` as the code and return True, if it is one and a code is asked for."""
        code = code_in(text, self.pages.rules)
        return code is not None and self.desk.take_code(code, enter=submit)

    def _try_out(self, on: bool) -> None:
        """Keep what is scanned from the desk while the readers page is shown."""
        self._scans.try_out(on=on)
        self._bridge.ask(lambda station: station.readers.try_out(on=on))

    def _answer(self, words: str) -> None:
        """Say why a scan is not taken; on the lock page, no more than that it is not."""
        if self.lock_screen.locked:
            self._show_not_taken(NotTakenNotice())
        else:
            self.banners.warn(words)

    # Going about ----------------------------------------------------------------------------

    def _chosen(self, name: str) -> None:
        """Do what an entry of the rail stands for; it stays where it was unless a page changed."""
        self.commands.run(name)
        self.rail.set_current(self._place)

    def _go(self, page: str) -> None:
        self._place = page
        reached = self._signed_in or not self.commands.needs_operator(page)
        self.pages.turn_to(page if reached else "front")
        self.rail.set_current(page)

    def _resume(self, enrollment_id: str) -> None:
        """Settle an enrollment of the history at the desk."""
        self._bridge.ask(lambda station: station.resume(enrollment_id))
        self._go("desk")

    def _lock(self) -> None:
        if self._signed_in:
            self._bridge.ask(lambda station: station.lock.at_once())

    def _start_afresh(self) -> None:
        """Leave everything that was begun; what was submitted goes on behind."""
        self.pages.forget()
        self._go("desk")
        self._bridge.ask(lambda station: station.desk.start_afresh())

    def _sign_out(self) -> None:
        if self._signed_in:
            self.pages.forget()
            self._bridge.ask(lambda station: station.sign_out())

    def _switch(self) -> None:
        """Let somebody else sign in, in one step."""
        if self._signed_in:
            self.pages.forget()
            window = int(self.winId())
            self._bridge.ask(lambda station: station.switch_operator(window))

    def _sign_in_again(self) -> None:
        if self.ended.words():
            window = int(self.winId())
            self._bridge.ask(lambda station: station.session.begin_again(window))

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
        """Go where a key leads; while the desk is locked, nowhere."""
        at_desk = not self.lock_screen.locked and self._signed_in and self._place == "desk"
        if at_desk and self.pages.currentWidget() is self.desk and self.desk.take_digits(event):
            return
        action = None if self.lock_screen.locked else self.commands.for_key(event)
        if action is None:
            super().keyPressEvent(event)
        else:
            action.trigger()

    def _acts(self) -> dict[str, Callable[[], None]]:
        """Return what the commands do that lead to no page."""
        return {
            "lock": self._lock,
            "look": look().turn,
            "sign_in_again": self._sign_in_again,
            "sign_out": self._sign_out,
            "switch": self._switch,
            "receipt": self._receipt,
            "step_back": self._step_back,
        }

    def _receipt(self) -> None:
        """Show the receipt of what was handed over last."""
        if self._signed_in:
            self._bridge.ask(lambda station: station.receipts.show_last())

    def _step_back(self) -> None:
        if self.pages.currentWidget() is self.pages.help:
            self._go("desk")
        else:
            self.alert.clear_banner()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the station with the window."""
        self._bridge.close()
        super().closeEvent(event)
