"""A real window on a station over fakes, and the hands and eyes to work with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import Enrollment, State
from app.core.model import Mode, Person
from app.core.practice import Practice
from app.station.context import DeskSettings, Notify
from app.station.notices import CardState, DeskNotice, Notice, ScanNotice, Sound
from app.station.station import Station
from app.ui.application import DeskApp
from app.ui.bridge import StationFactory
from app.ui.language import ENGLISH
from app.ui.launcher import Launcher, WindowOptions
from app.ui.pages.desk.page import DeskPage
from app.ui.theme import Theme
from app.ui.window import Window
from tests.fakes.world import RIGHT, FakeWorld
from tests.station.stage import SHORT
from tests.support.patience import HANG_MS
from tests.ui.hands import press, scan, write


class Stage:
    """The window in front, and everything the station has told it."""

    def __init__(self, qtbot: QtBot, front: DeskApp) -> None:
        self.qtbot = qtbot
        self.window: Window = front.window
        self._bridge = front.bridge
        self.notices: list[Notice] = []
        front.bridge.noticed.connect(self.notices.append)

    def tell(self, notice: Notice) -> None:
        """Tell the window `notice`, as the station does."""
        self._bridge.noticed.emit(notice)

    @property
    def desk(self) -> DeskPage:
        return self.window.desk

    @property
    def enrollment(self) -> Enrollment:
        found = self.desk.enrollment()
        assert found is not None, "the desk has told nothing yet"
        return found

    @property
    def state(self) -> State:
        return self.enrollment.state

    @property
    def shown(self) -> DeskNotice:
        return [notice for notice in self.notices if isinstance(notice, DeskNotice)][-1]

    @property
    def refused(self) -> list[ScanNotice]:
        return [notice for notice in self.notices if isinstance(notice, ScanNotice)]

    @property
    def alert(self) -> str:
        """What the window warns of."""
        return self.window.alert.words()

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds."""
        self.qtbot.waitUntil(condition, timeout=HANG_MS)

    def on_the_station(self, act: Callable[[], None]) -> None:
        """Do `act` on the station's own loop, where the fakes live."""

        async def gesture(_station: Station) -> None:
            act()

        self._bridge.ask(gesture)

    def reach(self, *states: State) -> None:
        """Wait until the enrollment in front is in one of `states`."""
        self.until(lambda: self.desk.enrollment() is not None and self.state in states)

    def focused_on(self, widget: QWidget) -> None:
        """Wait until the next key goes to `widget`."""
        self.until(lambda: QApplication.focusWidget() is widget)

    def sign_in(self) -> None:
        """Sign in with the keyboard, as far as the desk."""
        self.until(self.window.signin.browser.hasFocus)
        press(Qt.Key.Key_Return)
        self.until(self.desk.isVisible)

    def put_token(self, serial_number: str) -> None:
        """Scan a token and wait until the directory knows it."""
        scan(serial_number)
        self.until(lambda: self._in_hand(serial_number))

    def _in_hand(self, serial_number: str) -> bool:
        card = self.shown.token_card
        return card.state is CardState.FOUND and card.serial_number == serial_number

    def put_person(self, person: Person) -> None:
        """Scan a badge and wait until the person stands on the card."""
        scan(f"EMP{person.employee_id}")
        self.until(lambda: self._on_card(person))

    def _on_card(self, person: Person) -> bool:
        card = self.shown.person_card
        return card.state is CardState.FOUND and card.person == person

    def fill(self, world: FakeWorld, *states: State) -> None:
        """Fill both cards and wait for the check to be over."""
        self.put_token(world.token.serial_number)
        self.put_person(world.ada)
        self.reach(*(states or (State.READY, State.AWAITING_CODE)))

    def submit_code(self, digits: str = RIGHT) -> None:
        """Type six digits and Enter, as a person does."""
        self.focused_on(self.desk.work.code)
        write(digits)
        press(Qt.Key.Key_Return)


SILENT = frozenset[Sound]()


def on(
    world: FakeWorld,
    mode: Mode,
    practice: Practice | None = None,
    sounds: frozenset[Sound] = SILENT,
    *,
    line: bool = False,
) -> StationFactory:
    """How to build a station over `world`."""

    async def build(notify: Notify) -> Station:
        settings = DeskSettings(
            name="Desk 1", tenant="Contoso", mode=mode, patience=SHORT, sounds=sounds, line=line
        )
        return Station(world.station_ports, settings, notify, practice)

    return build


@contextmanager
def a_window(
    qtbot: QtBot,
    world: FakeWorld,
    mode: Mode = Mode.ASSIGN_AND_ACTIVATE,
    *,
    practice: bool = False,
    signed_in: bool = True,
) -> Iterator[Stage]:
    """Open the window on a station over `world`; close it at the end."""
    build = on(world, mode, world.practice if practice else None)
    with a_window_on(qtbot, build) as stage:
        if signed_in:
            stage.sign_in()
        yield stage


@contextmanager
def a_window_on(
    qtbot: QtBot, build: StationFactory, language: str = ENGLISH, launcher: Launcher | None = None
) -> Iterator[Stage]:
    """Open the window on whatever `build` makes; close it at the end."""
    front = DeskApp(build, WindowOptions(Theme.LIGHT, motion=False, language=language), launcher)
    with front:
        front.window.activateWindow()
        yield Stage(qtbot, front)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
