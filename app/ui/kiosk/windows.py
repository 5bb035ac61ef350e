"""What a kiosk knows of the window it holds: where it may lead, and how it is emptied.

A window that leads nowhere, as that of people who serve themselves, is held as it is; the desk's
has pages that are a supervisor's alone.
"""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QWidget

from app.core.kiosk import KioskRules, open_pages
from app.station.notices import (
    CardState,
    DeskNotice,
    Notice,
    ReadyNotice,
    SessionNotice,
    SessionState,
    StartingNotice,
)
from app.station.timekeeper import ClockNotice
from app.ui.widgets.avatar import FACES
from app.ui.window import Window

OF_THE_KIOSK = ("leave", "end", "back")
"""What a supervisor can choose at any window."""

_KEPT = (ReadyNotice, ClockNotice, DeskNotice)
"""What a page that is made anew has to be told, in this order."""


class KioskWindow(QObject):
    """A window that shows one thing to one person, and empties itself."""

    choices: tuple[str, ...] = OF_THE_KIOSK

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.window = window

    @property
    def contents(self) -> QWidget:
        """All that the window shows."""
        found = self.window.centralWidget()
        assert found is not None, "a kiosk's window has something in it"
        return found

    def pages_made(self) -> None:
        """Take what is not for strangers off what was just made."""

    def close_up(self) -> None:
        """Lead nowhere."""

    def open_up(self) -> None:
        """Lead wherever the window can."""

    def go(self, choice: str) -> None:
        """Go where a supervisor has chosen to."""

    def go_on_typing(self) -> None:
        """Put the keys where the next thing is typed."""
        self.contents.setFocus()

    def follow(self, notice: Notice) -> None:
        """Take note of what the window was told."""

    def wipe(self) -> None:
        """Leave nothing of whoever was here."""


class DeskKioskWindow(KioskWindow):
    """The window of a desk. Its pages are made anew: what is new holds nothing."""

    def __init__(self, window: Window, rules: KioskRules) -> None:
        super().__init__(window)
        self._desk = window
        pages = (each for each in window.commands.every if each.supervised)
        # First the pages that are there whether or not anybody has signed in.
        in_order = sorted(pages, key=lambda each: each.of_operators)
        self.choices = (*(each.name for each in in_order), *OF_THE_KIOSK)
        self._open_pages = open_pages(rules)
        self._closed = False
        self._told: dict[type[Notice], Notice] = {}
        window.pages.currentChanged.connect(self._page_changed)

    def pages_made(self) -> None:
        """List no person who was served before, and offer the ways out to a finger."""
        self._desk.desk.leave_out_today()
        self._desk.top.offer_ways_out()
        self._desk.lock_page.offer_way_out()

    def close_up(self) -> None:
        """Hide the rail, and stay on the pages of everybody."""
        self._closed = True
        self._desk.rail.hide()

    def open_up(self) -> None:
        """Show the rail and what every page needs to know."""
        self._closed = False
        self._desk.rail.show()
        ready = self._told.get(ReadyNotice)
        if isinstance(ready, ReadyNotice):
            self._desk.pages.show_ready(ready)

    def go(self, choice: str) -> None:
        """Go to a page by its name."""
        self._desk.rail.chosen.emit(choice)

    def go_on_typing(self) -> None:
        """Leave it to the page in front."""
        page = self._desk.pages.currentWidget()
        if page is not None:
            page.setFocus()

    def follow(self, notice: Notice) -> None:
        """Keep what a new page has to be told; of who signed out nothing."""
        if isinstance(notice, _KEPT):
            self._told[type(notice)] = notice
        match notice:
            case DeskNotice() if notice.person_card.state is CardState.EMPTY:
                self._desk.desk.forget_faces()
            case StartingNotice():
                self._told.clear()
            case SessionNotice(state=SessionState.SIGNED_OUT):
                self._told.pop(DeskNotice, None)

    def wipe(self) -> None:
        """Make the pages anew and go to the desk."""
        FACES.forget()
        window = self._desk
        window.alert.clear_banner()
        window.pages.renew()
        self.pages_made()
        for kind in _KEPT:
            if kind in self._told:
                window.desk.show_notice(self._told[kind])
        window.rail.chosen.emit("desk")

    def _page_changed(self, _index: int) -> None:
        """Go back to the desk from a page that is not everybody's."""
        if self._closed and self._desk.pages.current_name() not in self._open_pages:
            self._desk.rail.chosen.emit("desk")
