"""The tour: the real window, worked with synthetic keys as a scanner and a person send them.

It is the demo without a person, the source of the documentation's pictures, and the widest test
there is: every step waits for what the window shows, and nothing in it knows the station but
through the window.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.core.enrollment import Enrollment, State
from app.ui.application import DeskApp
from app.ui.bridge import StationFactory
from app.ui.kiosk.shell import Guard
from app.ui.launcher import WindowOptions
from app.ui.pages.signin import BrowserStrip
from app.ui.theme import Theme, look
from app.ui.wording.say import say

_PATIENCE_SECONDS = 20.0
_KEY_MS = 90
_SETTLE_MS = 250
_FLASH_MS = 650
_YOUNG_SECONDS = 12.0
_LOOK_MS = 20
_STILL_MS = 400
_COARSE = 64
"""Points along each side at which two pictures are compared."""


def wait(milliseconds: int) -> None:
    """Let the window live for a while. QTest.qWait would keep the station's thread from running."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class TourStopped(Exception):
    """Something the tour waited for did not come."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to scan, and which person (a UPN) to look for by which letters."""

    assign_serial: str
    assign_to: str
    assign_query: str
    activate_serial: str
    activate_for: str
    activate_query: str
    held_serial: str
    folder: Path


@dataclass(frozen=True, slots=True)
class TourStep:
    """One picture: what it shows, the enrollment's state, and seconds since the step before."""

    number: int
    name: str
    picture: str
    state: str
    seconds: float


@dataclass(slots=True)
class TourResult:
    """How the tour went."""

    steps: list[TourStep] = field(default_factory=list)
    activated_for: str = ""
    assigned_for: str = ""
    complete: bool = False
    stopped: str = ""

    def report(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)


def play(build: StationFactory, plan: Plan, guard: Guard | None = None) -> TourResult:
    """Play the tour, with a `guard` that of a kiosk; the pictures go to the plan's folder.

    A step that does not come ends it.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    with DeskApp(build, WindowOptions(Theme.LIGHT, motion=False, kiosk=guard)) as front:
        tour = Tour(front, plan) if guard is None else KioskTour(front, plan)
        try:
            tour.play()
        except TourStopped as stopped:
            tour.result.stopped = str(stopped)
            tour.picture("stopped here")
        return tour.result


class Tour:
    """The script. Each act is what an operator does, start to finish."""

    def __init__(self, front: DeskApp, plan: Plan) -> None:
        """Play on `front`."""
        self._window = front.window
        self._desk = front.window.desk
        self._plan = plan
        self._since = time.monotonic()
        self.result = TourResult()

    def play(self) -> None:
        """Sign in, assign, assign and activate, then what goes wrong; light and dark."""
        self._sign_in()
        self._assign_only()
        self._assign_and_activate()
        self._what_goes_wrong()
        self._other_looks()
        self.result.complete = True

    # Acts -----------------------------------------------------------------------------------

    def _sign_in(self) -> None:
        signin = self._window.signin
        self._until("the sign-in page", signin.browser.isVisible)
        self.picture("sign-in")
        self._key(Qt.Key.Key_Return)
        self._until("the practice form", signin.form.isVisible)
        self.picture("practice-sign-in")
        self._key(Qt.Key.Key_Return)
        self._until("the desk", self._desk.isVisible)
        self.picture("desk")

    def _assign_only(self) -> None:
        self._key(Qt.Key.Key_F4)
        self._scan(self._plan.assign_serial)
        self._until("the token", self._in_state(State.HAS_TOKEN))
        self.picture("token-scanned")
        self._find(self._plan.assign_to, self._plan.assign_query, "search")
        self._until("a checked enrollment", self._in_state(State.READY))
        self.picture("ready-to-assign")
        self._key(Qt.Key.Key_Return)
        self._until("the confirmation", self._in_state(State.ASSIGNED))
        self.result.assigned_for = self._person()
        self.picture("assigned")
        self._key(Qt.Key.Key_Return)
        self._until("an empty desk", self._in_state(State.EMPTY))
        self._key(Qt.Key.Key_F4)

    def _assign_and_activate(self) -> None:
        self._tap(self._plan.activate_serial)
        self._until("the token", self._in_state(State.HAS_TOKEN))
        self.picture("token-tapped")
        self._find(self._plan.activate_for, self._plan.activate_query)
        self._until("the code field", self._in_state(State.AWAITING_CODE))
        code = self._press()
        self._type(code[:3])
        self.picture("typing-the-code")
        self._type(code[3:])
        self._key(Qt.Key.Key_Return)
        self._until("the confirmation", self._in_state(State.ACTIVATED))
        self.result.activated_for = self._person()
        self.picture("activated")
        self._key(Qt.Key.Key_Return)
        self._until("an empty desk", self._in_state(State.EMPTY))

    def _what_goes_wrong(self) -> None:
        self._scan("otpauth://totp/Contoso:practice?secret=JBSWY3DPEHPK3PXP")
        self.picture("a-secret-is-refused")
        self._key(Qt.Key.Key_Escape)
        self._scan(self._plan.held_serial)
        self._until("the token", self._in_state(State.HAS_TOKEN))
        self._until("whose it is", lambda: bool(self._desk.third.choice.options.options()))
        self.picture("whose-is-this")
        self._find(self._plan.activate_for, self._plan.activate_query)
        self._until("the preflight", self._in_state(State.BLOCKED))
        self.picture("held-by-somebody-else")

    def _other_looks(self) -> None:
        for theme, name in ((Theme.DARK, "dark"), (Theme.HIGH_CONTRAST, "high-contrast")):
            look().set_theme(theme)
            self.picture(name)
        look().set_theme(Theme.LIGHT)
        self._key(Qt.Key.Key_F11)
        self._until("the history", self._window.history.isVisible)
        self._key(Qt.Key.Key_Down)
        self.picture("history")
        self._key(Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
        self._until("the inventory", self._window.pages.inventory.filters.csv.isEnabled)
        self.picture("inventory")
        self._key(Qt.Key.Key_F1)
        self.picture("help")

    # Hands ----------------------------------------------------------------------------------

    def _scan(self, text: str) -> None:
        """Type as a scanner does: at once, with Enter behind it, wherever the focus is."""
        QTest.keyClicks(self._focus(), text)
        self._key(Qt.Key.Key_Return)
        wait(_SETTLE_MS)

    def _tap(self, serial_number: str) -> None:
        """Lay a practice token on the reader."""
        name = say("Tap token {serial}", serial=serial_number)
        buttons = self._desk.dock.findChildren(QPushButton)
        button = next((one for one in buttons if one.accessibleName() == name), None)
        if button is None:
            raise TourStopped(f"{serial_number} has no chip")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        wait(_SETTLE_MS)

    def _type(self, text: str) -> None:
        """Type as a person does."""
        for letter in text:
            QTest.keyClicks(self._focus(), letter)
            wait(_KEY_MS)

    def _find(self, person: str, query: str, picture: str = "") -> None:
        search = self._desk.person.search
        self._type(query)
        self._until("people", lambda: search.is_open() and bool(search.rows_shown()))
        self._until("photos", lambda: any(row.photo for row in search.rows_shown()))
        for _ in range(self._place(person)):
            self._key(Qt.Key.Key_Down)
        if picture:
            self.picture(picture)
        self._key(Qt.Key.Key_Return)

    def _place(self, person: str) -> int:
        """Return how far down the list `person` (a UPN) is, or nought."""
        rows = [row.upn for row in self._desk.person.search.rows_shown()]
        return rows.index(person) if person in rows else 0

    def _press(self) -> str:
        """Press the practice token and read its display, early in a time step as a person would."""
        lcd = self._desk.dock.display()
        self._until("a young code", lambda: self._desk.work.seconds_left() > _YOUNG_SECONDS)
        self._key(Qt.Key.Key_F9)
        self._until("the token's code", lambda: len(lcd.digits()) > 0)
        return lcd.digits()

    def _key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self._focus(), key, held)
        wait(_KEY_MS)

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self._window

    # Eyes -----------------------------------------------------------------------------------

    def picture(self, name: str) -> None:
        """Save what the window shows now."""
        wait(_FLASH_MS)
        self._keep(name, self._window.grab())

    def _keep(self, name: str, picture: QPixmap) -> None:
        number = len(self.result.steps) + 1
        file = f"{number:02}-{name.replace(' ', '-')}.png"
        picture.save(str(self._plan.folder / file))
        now = time.monotonic()
        seconds, self._since = round(now - self._since, 3), now
        self.result.steps.append(TourStep(number, name, file, self._state().value, seconds))

    def _enrollment(self) -> Enrollment | None:
        return self._desk.enrollment()

    def _state(self) -> State:
        enrollment = self._enrollment()
        return enrollment.state if enrollment else State.EMPTY

    def _person(self) -> str:
        enrollment = self._enrollment()
        person = enrollment.person if enrollment else None
        return person.user_principal_name if person else ""

    def _in_state(self, state: State) -> Callable[[], bool]:
        return lambda: self._state() is state

    def _until(self, what: str, true: Callable[[], bool]) -> None:
        patience = time.monotonic() + _PATIENCE_SECONDS
        while not true():
            if time.monotonic() > patience:
                raise TourStopped(f"{what} did not come")
            wait(_LOOK_MS)


class KioskTour(Tour):
    """The script at a kiosk: sign in as people do there, serve two of them, and leave."""

    def play(self) -> None:
        """Sign in, assign, assign and activate, and sign out again."""
        self._sign_in()
        self._assign_only()
        self._assign_and_activate()
        self._leave()
        self.result.complete = True

    def _sign_in(self) -> None:
        signin = self._window.signin
        offered = (signin.confined, signin.browser)
        self._until("the sign-in page", lambda: any(each.isVisible() for each in offered))
        if not signin.confined.isVisible():
            super()._sign_in()
            return
        self.picture("sign-in")
        self._key(Qt.Key.Key_Return)
        self._until("the browser", lambda: self._window.findChild(BrowserStrip) is not None)
        self._picture_of_browser()
        self._until("the desk", self._desk.isVisible)
        self.picture("desk")

    def _picture_of_browser(self) -> None:
        """Save what the screen shows once the page is there, which sends itself later.

        A program sees no other one's window but under X11; elsewhere the picture is of this window.
        """
        if QApplication.platformName() != "xcb":
            self.picture("behind-the-browser")
            return
        screen, own = self._window.screen(), self._window.grab()
        seen = screen.grabWindow(0)

        def is_still_there() -> bool:
            nonlocal seen
            wait(_STILL_MS)
            before, seen = seen, screen.grabWindow(0)
            return _alike(before, seen) and not _alike(own, seen)

        self._until("the page in the browser", is_still_there)
        self._keep("browser", seen)

    def _leave(self) -> None:
        self._window.top.not_me.click()
        self._until("the sign-in page", self._window.signin.isVisible)
        self.picture("signed-out")


def _alike(one: QPixmap, other: QPixmap) -> bool:
    """Tell whether two pictures show the same, but for something as small as a caret."""
    first, second = (
        each.toImage().scaled(_COARSE, _COARSE, mode=Qt.TransformationMode.SmoothTransformation)
        for each in (one, other)
    )
    places = [(x, y) for x in range(_COARSE) for y in range(_COARSE)]
    different = sum(first.pixel(*place) != second.pixel(*place) for place in places)
    return different < len(places) // 100
