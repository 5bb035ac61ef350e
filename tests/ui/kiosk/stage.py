"""A window that is a kiosk, on a station over fakes; fingers to touch it with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.kiosk import KioskRules, ScreenKeys
from app.core.model import Mode
from app.core.pin import PinHash
from app.station.context import DeskSettings, Notify
from app.station.gate import Gate
from app.station.station import Station
from app.ui.application import DeskApp
from app.ui.bridge import StationFactory
from app.ui.kiosk.keyboard import Keyboard, ScreenKey
from app.ui.kiosk.pin_sheet import PinSheet
from app.ui.kiosk.shell import Guard, Kiosk
from app.ui.language import ENGLISH
from app.ui.launcher import WindowOptions
from app.ui.theme import Theme
from tests.fakes.clock import FakeClock
from tests.fakes.tries import FakeBook
from tests.fakes.world import FakeWorld
from tests.station.stage import SHORT
from tests.ui.hands import PAUSE_MS
from tests.ui.stage import Stage

PIN, WRONG_PIN = "271828", "314159"
RULES = KioskRules(PinHash.of(PIN, b"0123456789abcdef"))
ALWAYS = KioskRules(RULES.pin, keyboard=ScreenKeys.ALWAYS)
WIPE_AFTER = 20.0


@dataclass
class KioskStage:
    """The window in front, the kiosk around it, and the count of PINs."""

    stage: Stage
    kiosk: Kiosk
    book: FakeBook
    clock: FakeClock
    qtbot: QtBot
    codes: list[int]

    @property
    def sheet(self) -> PinSheet:
        return self.kiosk.sheet

    def tap_corner(self, times: int, place: QPoint | None = None) -> None:
        """Tap in the corner of the window, as the system hands taps to it."""
        for _ in range(times):
            QTest.mouseClick(
                self.stage.window.windowHandle(),
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
                place or QPoint(10, 10),
            )

    def summon(self) -> None:
        """Make the supervisor's gesture."""
        self.tap_corner(5)
        self.stage.until(self.sheet.isVisible)

    def try_pin(self, pin: str) -> None:
        """Type `pin` on the keys of the screen."""
        self.stage.until(self.sheet.field.isEnabled)
        for digit in pin:
            self.touch_key(digit)
        self.touch_key("Return")

    def open(self, choice: str = "") -> None:
        """Let a supervisor in, who chooses something."""
        self.summon()
        self.try_pin(PIN)
        self.stage.until(self.sheet.choices["back"].isVisible)
        if choice:
            QTest.mouseClick(self.sheet.choices[choice], Qt.MouseButton.LeftButton)

    def key(self, name: str) -> ScreenKey:
        """The key of this name or letter on the screen."""
        return key_of(self.kiosk.keyboard, name)

    def touch_key(self, name: str) -> None:
        touch_on(self.kiosk.keyboard, name)

    def touch(self, widget: QWidget) -> None:
        """Put a finger on `widget` and take it off."""
        event = QTest.touchEvent(widget, touch_screen())
        event.press(0, widget.rect().center(), widget).commit()
        event.release(0, widget.rect().center(), widget).commit()
        QApplication.processEvents()


def key_of(keyboard: Keyboard, name: str) -> ScreenKey:
    """The key of this name or letter on the screen."""
    return next(key for key in keyboard.shown_keys() if key.key == name)


def touch_on(keyboard: Keyboard, name: str) -> None:
    """Touch the key of this name or letter."""
    QTest.mouseClick(key_of(keyboard, name), Qt.MouseButton.LeftButton)


@cache
def touch_screen() -> QPointingDevice:
    """The one touch screen of the test run: Qt keeps every device that was ever made."""
    return QTest.createTouchDevice()


def on_a_kiosk(world: FakeWorld, *, practice: bool = False) -> StationFactory:
    """How to build the station of a kiosk over `world`."""

    async def build(notify: Notify) -> Station:
        settings = DeskSettings(
            name="Lobby", tenant="Contoso", mode=Mode.ASSIGN_AND_ACTIVATE, patience=SHORT,
            wipe_after=WIPE_AFTER, sounds=frozenset(),
        )  # fmt: skip
        return Station(world.station_ports, settings, notify, world.practice if practice else None)

    return build


@contextmanager
def a_kiosk(
    qtbot: QtBot,
    world: FakeWorld,
    rules: KioskRules = RULES,
    *,
    practice: bool = False,
    signed_in: bool = True,
) -> Iterator[KioskStage]:
    """Open a kiosk over `world`, whose clock stands still; close it at the end."""
    world.clock.stop()
    with a_kiosk_on(qtbot, on_a_kiosk(world, practice=practice), rules) as at:
        if signed_in:
            at.stage.sign_in()
        yield at


@contextmanager
def a_kiosk_on(
    qtbot: QtBot, build: StationFactory, rules: KioskRules = RULES
) -> Iterator[KioskStage]:
    """Open a kiosk on whatever `build` makes; close it at the end."""
    book, clock = FakeBook(), FakeClock()
    clock.stop()
    options = WindowOptions(
        Theme.LIGHT,
        motion=False,
        language=ENGLISH,
        kiosk=Guard(rules, Gate(rules.pin, book, clock.uptime)),
    )
    front = DeskApp(build, options)
    assert front.kiosk is not None
    codes: list[int] = []
    front.kiosk.ended.connect(codes.append)
    with front:
        front.window.activateWindow()
        yield KioskStage(Stage(qtbot, front), front.kiosk, book, clock, qtbot, codes)
        qtbot.wait(PAUSE_MS)  # a scan that a test cut short must not reach the next one
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
