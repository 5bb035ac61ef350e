"""The pages of the window, each made on its first use: the first paint waits for none of them.

Whoever asks for a page gets it. Notices for a page that is not made yet are kept where it would
need them later, and are otherwise nobody's.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.core.scan import ScanRules
from app.station.checkup_notice import CheckupNotice
from app.station.notices import Notice, ReadersNotice, TrialScanNotice
from app.ui.bridge import Gesture
from app.ui.pages.signin import SignInPage
from app.ui.scan_filter import ScanFilter

if TYPE_CHECKING:
    from app.ui.pages.desk.page import DeskPage
    from app.ui.pages.doctor.page import DoctorPage
    from app.ui.pages.help import HelpPage
    from app.ui.pages.history.page import HistoryPage
    from app.ui.pages.readers.page import ReadersPage
    from app.ui.pages.session.page import SessionPage

_Page = TypeVar("_Page", bound=QWidget)

Ask = Callable[[Gesture], None]


class Pages(QStackedWidget):
    """Every page of the window. `guard` filters their events."""

    left = Signal()
    resumed = Signal(str)
    heard = Signal(object)
    trying = Signal(bool)
    sign_out = Signal()
    switch = Signal()
    lock = Signal()

    def __init__(self, ask: Ask, scans: ScanFilter, rules: ScanRules, guard: QObject) -> None:
        super().__init__()
        self._ask = ask
        self._scans = scans
        self._rules = rules
        self._guard = guard
        self._connected = ReadersNotice()
        self._scanner_was_heard = False
        self.signin = self._take_in(SignInPage(ask))

    @cached_property
    def desk(self) -> "DeskPage":
        """Return the desk page."""
        from app.ui.pages.desk.page import DeskPage  # noqa: PLC0415 - after the first paint

        page = self._take_in(DeskPage(self._ask))
        page.heard.connect(self.heard)
        return page

    @cached_property
    def history(self) -> "HistoryPage":
        """Return the history page."""
        from app.ui.pages.history.page import HistoryPage  # noqa: PLC0415 - after the first paint

        page = self._take_in(HistoryPage(self._ask))
        page.left.connect(self.left)
        page.opened.connect(self.resumed)
        return page

    @cached_property
    def readers(self) -> "ReadersPage":
        """Return the readers page, with what is connected by now."""
        from app.ui.pages.readers.page import ReadersPage  # noqa: PLC0415 - seldom needed

        page = self._take_in(ReadersPage(self._scans.settings, self._rules))
        page.left.connect(self.left)
        page.trying.connect(self.trying)
        self._scans.tried.connect(page.tried)
        page.show_notice(self._connected)
        if self._scanner_was_heard:
            page.hear()
        return page

    @cached_property
    def session(self) -> "SessionPage":
        """Return the session page."""
        from app.ui.pages.session.page import SessionPage  # noqa: PLC0415 - seldom needed

        page = self._take_in(SessionPage(self._ask))
        page.left.connect(self.left)
        page.sign_out.connect(self.sign_out)
        page.switch.connect(self.switch)
        page.lock.connect(self.lock)
        return page

    @cached_property
    def doctor(self) -> "DoctorPage":
        """Return the doctor page."""
        from app.ui.pages.doctor.page import DoctorPage  # noqa: PLC0415 - seldom needed

        page = self._take_in(DoctorPage(self._ask))
        page.left.connect(self.left)
        return page

    @cached_property
    def help(self) -> "HelpPage":
        """Return the help page."""
        from app.ui.pages.help import HelpPage  # noqa: PLC0415 - after the first paint

        return self._take_in(HelpPage())

    def furnish(self) -> None:
        """Make the pages that work needs, before anything is told to them."""
        _ = self.desk, self.history

    def current_name(self) -> str:
        """Return what the page in front is called here."""
        shown = self.currentWidget()
        return next((name for name, page in vars(self).items() if page is shown), "")

    def renew(self) -> None:
        """Make every page anew but that for signing in: of the old ones nothing is left."""
        made = [name for name in vars(self) if isinstance(vars(Pages).get(name), cached_property)]
        for name in made:
            page = vars(self).pop(name)
            self.removeWidget(page)
            page.deleteLater()
        _ = self.desk  # the others are made when somebody wants them

    def hear_scanner(self) -> None:
        """Take note that a scanner which types was heard."""
        self._scanner_was_heard = True
        if self._is_made("readers"):
            self.readers.hear()

    def show_readers(self, notice: ReadersNotice | TrialScanNotice) -> None:
        """Render what is connected, or keep it for the page that is not made yet."""
        if isinstance(notice, ReadersNotice):
            self._connected = notice
        if self._is_made("readers"):
            self.readers.show_notice(notice)

    def show_session(self, notice: Notice) -> None:
        """Render what concerns the session, where anybody looks at it."""
        if self._is_made("session"):
            self.session.show_notice(notice)

    def show_checkup(self, notice: CheckupNotice) -> None:
        """Render how a check-up goes."""
        self.doctor.show_checkup(notice)

    def forget(self) -> None:
        """Leave nothing of the last operator on any page."""
        self.desk.forget()
        self.history.forget()
        if self._is_made("session"):
            self.session.forget()

    def _is_made(self, page: str) -> bool:
        return page in vars(self)

    def _take_in(self, page: _Page) -> _Page:
        self.addWidget(page)
        page.installEventFilter(self._guard)
        return page
