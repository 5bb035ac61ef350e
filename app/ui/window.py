"""The window: navigation, the stack of pages, the banner, and the way in for scans and notices."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.core.scan import RefusalKind
from app.core.skew import ClockState
from app.station.checkup_notice import CheckupNotice
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
    TroubleNotice,
)
from app.ui.alert import Alert
from app.ui.assets import app_icon
from app.ui.bridge import Bridge
from app.ui.pages.signin import SignInPage
from app.ui.scan_filter import ScanFilter
from app.ui.sounds import Player
from app.ui.theme import Theme, look
from app.ui.top_bar import TopBar
from app.ui.widgets import Banner, NavRail, Tone
from app.ui.wording.chips import puzzle
from app.ui.wording.desk import refusal_words
from app.ui.wording.errors import trouble
from app.ui.wording.rights import clock_words, rights_changed
from app.ui.wording.say import say
from app.ui.wording.signin import cleared, ended

if TYPE_CHECKING:
    from app.ui.pages.desk.page import DeskPage
    from app.ui.pages.doctor.page import DoctorPage
    from app.ui.pages.help import HelpPage
    from app.ui.pages.history.page import HistoryPage

_Page = TypeVar("_Page", bound=QWidget)
_SIZE = (1280, 800)
_SMALLEST = (1024, 680)


class Window(QMainWindow):
    """The one window. It owns no state of the work: it renders notices and passes gestures on."""

    def __init__(self, bridge: Bridge, scans: ScanFilter) -> None:
        super().__init__()
        self._bridge = bridge
        self._scans = scans
        self._practice = False
        self._clock: ClockNotice | None = None
        self._signed_in = False
        self._operator = ""
        self._place = "desk"
        self._sounds: frozenset[Sound] = frozenset()
        self.player = Player()
        self.rail = NavRail(say("Pages"))
        self.banner = Banner()
        self.alert = Alert()
        self.ended = Alert()
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
    def help(self) -> "HelpPage":
        """Return the help page, made on first use."""
        from app.ui.pages.help import HelpPage  # noqa: PLC0415 - after the first paint

        return self._take_in(HelpPage())

    @cached_property
    def doctor(self) -> "DoctorPage":
        """Return the doctor page, made on first use."""
        from app.ui.pages.doctor.page import DoctorPage  # noqa: PLC0415 - after the first paint

        page = self._take_in(DoctorPage(self._bridge.ask))
        page.left.connect(lambda: self._go("desk"))
        return page

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
        column.addWidget(self.banner)
        column.addWidget(self.top)
        self.ended.cover(self.top)
        self.alert.cover(self.top)  # in front: it is dismissed, and then the other is seen again
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
            "help", "help", say("Help"), tip=say("How this works (F1)"), bottom=True
        )
        self.rail.add_entry(
            "doctor", "doctor", say("Doctor"), tip=say("What works here, and what not"), bottom=True
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
        self.alert.activated.connect(self.alert.clear_banner)

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
            ReadersNotice: self.top.show_readers,
            DirectoryNotice: self.top.show_directory,
            ClockNotice: self._show_clock,
            RightsNotice: self._show_rights,
            TroubleNotice: self._show_trouble,
            SignInPageNotice: self.signin.show_complaint,
            HistoryNotice: self._show_in_history,
            TimelineNotice: self._show_in_history,
            OperatorsNotice: self._show_in_history,
            ExportNotice: self._show_in_history,
            TodayNotice: self._show_today,
            CheckupNotice: lambda notice: self.doctor.show_checkup(notice),  # noqa: PLW0108 - made late
        }

    def _show_refusal(self, notice: ScanNotice) -> None:
        self._hear(Sound.ATTENTION)
        self._refuse(notice.refused, notice.repair)

    def _show_card(self, notice: CardNotice) -> None:
        self._hear(Sound.ATTENTION)
        said = puzzle(notice.reading)
        self._warn(f"{said.sentence} {said.advice}")

    def _show_trouble(self, notice: TroubleNotice) -> None:
        said = trouble(notice.error)
        self._warn(f"{said.sentence} {said.advice}")

    def _show_in_history(self, notice: Notice) -> None:
        self.history.show_notice(notice)

    def _show_today(self, notice: TodayNotice) -> None:
        self.desk.show_notice(notice)
        self.history.show_notice(notice)

    def _show_ready(self, notice: ReadyNotice) -> None:
        self._practice = notice.practice is not None
        self._sounds = notice.sounds
        self.signin.show_ready(notice)
        self.top.show_ready(notice)
        self.desk.show_notice(notice)
        self._show_banner()

    def _show_rights(self, notice: RightsNotice) -> None:
        said = rights_changed(notice)
        tone = Tone.CAUTION if notice.lost or notice.error else Tone.INFO
        self._warn(f"{said.sentence} {said.advice}", tone)

    def _show_clock(self, notice: ClockNotice) -> None:
        self._clock = notice if notice.state is ClockState.WRONG else None
        self.top.show_clock(notice)
        self.desk.show_notice(notice)
        self._show_banner()

    def _show_banner(self) -> None:
        """Say what concerns everything: a clock that is far off before that this is practice."""
        if self._clock is not None:
            said = clock_words(self._clock)
            self.banner.set_banner(f"{said.sentence} {said.advice}", Tone.BAD)
        elif self._practice:
            words = say("Practice tenant. Nothing here reaches a real directory.")
            self.banner.set_banner(words, Tone.CAUTION)
        else:
            self.banner.clear_banner()

    def _hear(self, sound: Sound) -> None:
        """Let the desk be heard, where it is to be."""
        if sound in self._sounds:
            self.player.play(sound)

    def _show_session(self, notice: SessionNotice) -> None:
        was_signed_in = self._signed_in
        has_ended = notice.state is SessionState.ENDED
        self._signed_in = has_ended or notice.state is SessionState.SIGNED_IN
        self._show_ended(notice if has_ended else None)
        if notice.state is SessionState.SIGNED_IN:
            self._welcome(notice)
        self._history_entry.setVisible(self._signed_in)
        self.top.set_operator(notice.operator)
        self.signin.show_session(notice)
        if not (has_ended and was_signed_in):
            self._go("desk")

    def _show_ended(self, notice: SessionNotice | None) -> None:
        """Lay the advice to sign in again over the top, or take it away."""
        if notice is None:
            self.ended.clear_banner()
        else:
            self.ended.set_banner(ended(notice.error), Tone.CAUTION, say("Sign in again"), "F10")

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
            self._warn(cleared(operator.display_name))

    # Scans ----------------------------------------------------------------------------------

    def _scanned(self, text: str) -> None:
        if not self._signed_in:
            self._warn(say("Sign in first, then scan."))
            return
        self.top.scanner_works()
        self.alert.clear_banner()
        self._go("desk")
        self.desk.scanned(text)

    def _torn(self) -> None:
        self._warn(say("The scan came in pieces. Scan again."))

    def _overlong(self, _length: int) -> None:
        self._refuse(RefusalKind.TOO_LONG, "")

    def _refuse(self, kind: RefusalKind, repair: str) -> None:
        self._warn(refusal_words(kind, repair))

    def _warn(self, words: str, tone: Tone = Tone.BAD) -> None:
        self.alert.set_banner(words, tone, say("Dismiss"), "Esc")

    # Going about ----------------------------------------------------------------------------

    def _go(self, page: str) -> None:
        places: dict[str, Callable[[], QWidget]] = {
            "desk": lambda: self.desk if self._signed_in else self.signin,
            "history": lambda: self.history if self._signed_in else self.signin,
            "help": lambda: self.help,
            "doctor": lambda: self.doctor,
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
        """F1 helps, F10 signs in again, F11 shows the history, F12 signs out; Escape dismisses."""
        match event.key():
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
