"""At a kiosk that opens a browser for the sign-in, a strip with the way back stays in sight."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.errors import BrowserNotConfined
from app.core.signin import SignInMethod, Unconfined
from app.station.lock import SIGN_IN
from app.ui.pages.signin import BrowserStrip
from app.ui.theme import FINGER
from tests.fakes.world import FakeWorld
from tests.ui.hands import press
from tests.ui.kiosk.stage import KioskStage, a_kiosk
from tests.ui.test_signin_page import shown


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.sign_in.methods = (SignInMethod.CONFINED,)
    world.sign_in.waits = True
    return world


@pytest.fixture
def at(qtbot: QtBot, world: FakeWorld) -> Iterator[KioskStage]:
    with a_kiosk(qtbot, world, signed_in=False) as at:
        at.stage.until(at.stage.window.signin.confined.hasFocus)
        yield at


def strips(at: KioskStage) -> list[BrowserStrip]:
    return at.stage.window.findChildren(BrowserStrip)


def the_strip(at: KioskStage, world: FakeWorld) -> BrowserStrip:
    """Begin to sign in; the strip that is then shown."""
    press(Qt.Key.Key_Return)
    at.stage.until(lambda: world.sign_in.is_open and bool(strips(at)))
    (strip,) = strips(at)
    return strip


def test_the_browser_is_given_the_screen_but_for_the_strip(
    at: KioskStage, world: FakeWorld
) -> None:
    strip, window = the_strip(at, world), at.stage.window
    (area,) = world.sign_in.areas
    assert (area.x, area.y, area.width) == (window.x(), window.y(), window.width())
    assert area.height == strip.y()
    assert strip.geometry().bottom() == window.rect().bottom()
    assert strip.cancel.isVisible()
    assert min(strip.cancel.width(), strip.cancel.height()) >= FINGER


def test_cancel_ends_the_sign_in_and_the_strip(at: KioskStage, world: FakeWorld) -> None:
    QTest.mouseClick(the_strip(at, world).cancel, Qt.MouseButton.LeftButton)
    at.stage.until(lambda: world.sign_in.cancelled == 1 and not strips(at))
    at.stage.until(at.stage.window.signin.confined.isVisible)


def test_the_strip_is_gone_once_somebody_has_signed_in(at: KioskStage, world: FakeWorld) -> None:
    the_strip(at, world)
    at.stage.on_the_station(world.sign_in.complete)
    at.stage.until(lambda: at.stage.window.pages.currentWidget() is at.stage.desk)
    assert strips(at) == []


def test_it_is_gone_where_nobody_came_back(at: KioskStage, world: FakeWorld) -> None:
    the_strip(at, world)
    at.stage.on_the_station(lambda: world.clock.advance(SIGN_IN + 1))
    at.stage.until(lambda: world.sign_in.cancelled == 1 and not strips(at))


def test_a_browser_that_would_not_be_confined_is_told(at: KioskStage, world: FakeWorld) -> None:
    error = BrowserNotConfined(Unconfined.NO_POLICY, "/etc/chromium/policies/managed")
    at.stage.on_the_station(lambda: world.sign_in.fail(error))
    press(Qt.Key.Key_Return)
    page = at.stage.window.signin
    at.stage.until(lambda: "not confined" in shown(at.stage))
    assert strips(at) == []
    assert page.confined.isVisible()
