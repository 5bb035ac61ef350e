"""The pages of the window, each made on its first use: the first paint waits for none of them.

Whoever asks for a page gets it. Notices for a page that is not made yet are kept where it would
need them later, and are otherwise nobody's.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.core.scan import ScanRules
from app.core.stored_job import JobKind
from app.station.checkup import CheckupNotice
from app.station.first_run import FirstRunNotice
from app.station.history import ExportNotice, HistoryNotice, OperatorsNotice, TimelineNotice
from app.station.import_notices import AddNotice
from app.station.inventory_notices import InventoryNotices
from app.station.jobs import JobNotice
from app.station.notices import Notice, ReadyNotice
from app.station.passes import PassNotice, PassStage
from app.station.readers import ReadersNotice, TrialScanNotice
from app.station.receipts import ReceiptKeptNotice, ReceiptNotice
from app.ui.bridge import Bridge
from app.ui.pages.signin import SignInPage
from app.ui.scan_filter import ScanFilter

if TYPE_CHECKING:
    from app.ui.pages.desk.add_sheet import AddSheet
    from app.ui.pages.desk.page import DeskPage
    from app.ui.pages.desk.pass_sheet import PassSheet
    from app.ui.pages.doctor.page import DoctorPage
    from app.ui.pages.first_run.page import FirstRunPage
    from app.ui.pages.help import HelpPage
    from app.ui.pages.history.page import HistoryPage
    from app.ui.pages.importing.page import ImportPage
    from app.ui.pages.inventory.page import InventoryPage
    from app.ui.pages.readers.page import ReadersPage
    from app.ui.pages.receipt.page import ReceiptPage
    from app.ui.pages.session.page import SessionPage

_Page = TypeVar("_Page", bound=QWidget)

OF_HISTORY = (HistoryNotice, TimelineNotice, OperatorsNotice, ExportNotice)
"""What only somebody who looks at the record is told."""

OF_RECEIPTS = (ReceiptNotice, ReceiptKeptNotice)


class Pages(QStackedWidget):
    """Every page of the window. `guard` filters their events."""

    left = Signal()
    resumed = Signal(str)
    heard = Signal(object)
    trying = Signal(bool)
    sign_out = Signal()
    switch = Signal()
    lock = Signal()
    again = Signal()
    demo = Signal()

    def __init__(self, bridge: Bridge, scans: ScanFilter, rules: ScanRules, guard: QObject) -> None:
        super().__init__()
        self._ask = bridge.ask
        self._set_up = bridge.set_up
        self._scans = scans
        self._rules = rules
        self._guard = guard
        self._connected = ReadersNotice()
        self._scanner_was_heard = False
        self._receipts_offered = False
        self.signin = self._take_in(SignInPage(bridge.ask))
        self.front: QWidget = self.signin
        """The page of whoever has not signed in: to sign in, or to set the station up."""
        self._under: QWidget = self.signin

    @cached_property
    def desk(self) -> "DeskPage":
        """Return the desk page."""
        from app.ui.pages.desk.page import DeskPage  # noqa: PLC0415 - after the first paint

        page = self._take_in(DeskPage(self._ask))
        page.heard.connect(self.heard)
        return page

    @cached_property
    def adding(self) -> "AddSheet":
        """Return the sheet over the desk that a token is brought into the tenant with."""
        from app.ui.pages.desk.add_sheet import AddSheet  # noqa: PLC0415 - seldom needed

        return AddSheet(self.desk, self.desk.token, self._ask)

    @cached_property
    def passing(self) -> "PassSheet":
        """Return the sheet over the desk that a Temporary Access Pass is issued with."""
        from app.ui.pages.desk.pass_sheet import PassSheet  # noqa: PLC0415 - seldom needed

        return PassSheet(self.desk, self._ask)

    @cached_property
    def first_run(self) -> "FirstRunPage":
        """Return the page that sets a station up."""
        from app.ui.pages.first_run.page import FirstRunPage  # noqa: PLC0415 - once in a life

        page = self._take_in(FirstRunPage(self._set_up))
        page.done.connect(self.again)
        page.again.connect(self.again)
        page.demo.connect(self.demo)
        return page

    @cached_property
    def history(self) -> "HistoryPage":
        """Return the history page."""
        from app.ui.pages.history.page import HistoryPage  # noqa: PLC0415 - after the first paint

        page = self._take_in(HistoryPage(self._ask))
        page.left.connect(self.left)
        page.opened.connect(self.resumed)
        page.details.offer_receipts(offered=self._receipts_offered)
        return page

    @cached_property
    def inventory(self) -> "InventoryPage":
        """Return the inventory page."""
        from app.ui.pages.inventory.page import InventoryPage  # noqa: PLC0415 - seldom needed

        page = self._take_in(InventoryPage(self._ask))
        page.left.connect(self.left)
        return page

    @cached_property
    def importing(self) -> "ImportPage":
        """Return the import page."""
        from app.ui.pages.importing.page import ImportPage  # noqa: PLC0415 - seldom needed

        page = self._take_in(ImportPage(self._ask))
        page.left.connect(self.left)
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
    def receipt(self) -> "ReceiptPage":
        """Return the receipt page."""
        from app.ui.pages.receipt.page import ReceiptPage  # noqa: PLC0415 - seldom needed

        page = self._take_in(ReceiptPage(self._ask))
        page.left.connect(self._put_away)
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

    def build_first(self) -> None:
        """Make the desk before anything is told to it; the other pages when they are gone to."""
        _ = self.desk

    def current_name(self) -> str:
        """Return what the page in front is called here."""
        shown = self.currentWidget()
        names = (name for name, page in vars(self).items() if page is shown)
        return next((name for name in names if name != "front"), "")

    def renew(self) -> None:
        """Make every page anew but that for signing in: of the old ones nothing is left."""
        made = [name for name in vars(self) if isinstance(vars(Pages).get(name), cached_property)]
        for name in (each for each in made if vars(self)[each] is not self.front):
            page = vars(self).pop(name)
            self.removeWidget(page)
            page.deleteLater()
        _ = self.desk  # the others are made when somebody wants them

    def turn_to(self, page: str) -> None:
        """Show the page of this name; raises AttributeError where there is none."""
        self.setCurrentWidget(getattr(self, page))

    @property
    def rules(self) -> ScanRules:
        """Return the rules of what is scanned at this station."""
        return self._rules

    def set_rules(self, rules: ScanRules) -> None:
        """Try scanners out by other rules from now on."""
        self._rules = rules
        if self._is_made("readers"):
            self.removeWidget(self.readers)
            self.readers.deleteLater()
            del self.readers

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

    def begin(self) -> None:
        """Wait for a station, whatever stood there before."""
        self.forget()
        self.front = self.signin
        if self._is_made("first_run"):
            self.first_run.begin()

    def show_first_run(self, notice: FirstRunNotice) -> None:
        """Render a first run, which is in front from now on."""
        self.front = self.first_run
        self.first_run.show_notice(notice)

    def show_session(self, notice: Notice) -> None:
        """Render what concerns the session, where anybody looks at it."""
        if self._is_made("session"):
            self.session.show_notice(notice)

    def show_ready(self, notice: ReadyNotice) -> None:
        """Offer receipts, where this station makes any."""
        self._receipts_offered = notice.receipts
        if self._is_made("history"):
            self.history.details.offer_receipts(offered=notice.receipts)

    def show_receipt(self, notice: ReceiptNotice | ReceiptKeptNotice) -> None:
        """Render a receipt in front, or what became of one."""
        if isinstance(notice, ReceiptKeptNotice):
            self.receipt.show_kept(notice)
            return
        under = self.currentWidget()
        if under is not None and under is not self.receipt:
            self._under = under
        self.receipt.show_receipt(notice)
        self.setCurrentWidget(self.receipt)

    def _put_away(self) -> None:
        """Go back from a receipt to where it was asked for, and leave nothing of it."""
        self.receipt.forget()
        self.setCurrentWidget(self._under)

    def inventory_places(self) -> dict[type[Notice], Callable[[Any], None]]:
        """Return where notices of the inventory belong."""
        return dict.fromkeys(get_args(InventoryNotices), self._show_inventory)

    def _show_inventory(self, notice: InventoryNotices) -> None:
        if self._is_made("inventory"):
            self.inventory.show_notice(notice)

    def show_job(self, notice: JobNotice) -> None:
        """Render a job on its page, which is made for a job that was begun or found."""
        if notice.job.kind is JobKind.UPLOAD:
            self.show_import(notice)
        elif self._is_made("inventory") or notice.rows:
            self.inventory.show_notice(notice)

    def show_checkup(self, notice: CheckupNotice) -> None:
        """Render how a check-up goes."""
        self.doctor.show_checkup(notice)

    def show_history(self, notice: Notice) -> None:
        """Render what the record holds; before the page was made, it has asked for nothing."""
        if self._is_made("history"):
            self.history.show_notice(notice)

    def before_desk(self, scanned: Callable[[str], None]) -> Callable[[str], None]:
        """Return `scanned` for what is not a seed that somebody has asked for."""

        def taken(text: str) -> None:
            if not (self._is_made("adding") and self.adding.scanned(text)):
                scanned(text)

        return taken

    def show_import(self, notice: Notice) -> None:
        """Render how an import goes; none begins before its page was made."""
        if isinstance(notice, AddNotice):
            self.adding.show_notice(notice)
        elif self._is_made("importing"):
            self.importing.show_notice(notice)

    def forget(self) -> None:
        """Leave nothing of the last operator on any page."""
        self.desk.forget()
        if self._is_made("history"):
            self.history.forget()
        if self._is_made("session"):
            self.session.forget()
        if self._is_made("receipt"):
            self.receipt.forget()
        if self._is_made("inventory"):
            self.inventory.forget()
        if self._is_made("importing"):
            self.importing.forget()
        if self._is_made("adding"):
            self.adding.forget()
        self.forget_pass()

    def show_pass(self, notice: PassNotice) -> None:
        """Render how a Temporary Access Pass is issued."""
        if notice.stage is not PassStage.CLOSED or self._is_made("passing"):
            self.passing.show_notice(notice)

    def forget_pass(self) -> None:
        """Overwrite a pass that is shown."""
        if self._is_made("passing"):
            self.passing.forget()

    def _is_made(self, page: str) -> bool:
        return page in vars(self)

    def _take_in(self, page: _Page) -> _Page:
        self.addWidget(page)
        page.installEventFilter(self._guard)
        return page
