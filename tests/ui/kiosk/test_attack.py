"""Keys and taps at random, told by a seed: after each of them the kiosk is what it was."""

from __future__ import annotations

import random
import string

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.core.kiosk import OPEN_PAGES
from tests.fakes.world import FakeWorld
from tests.ui.kiosk.stage import ALWAYS, KioskStage, a_kiosk
from tests.ui.kiosk.test_shell import windows

SHORT, LONG = 250, 5_000
MODIFIERS = [
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.MetaModifier,
]
KEYS = [key for key in Qt.Key if key is not Qt.Key.Key_unknown]
LETTERS = string.ascii_letters + string.digits + " @.-ä"


def press_anything(chance: random.Random, window: QWidget) -> None:
    held = chance.choice(MODIFIERS) | chance.choice(MODIFIERS)
    target = QApplication.focusWidget() or window
    key, text = chance.choice(KEYS).value, ""
    if chance.random() < 0.5:
        text = chance.choice(LETTERS)
        key = ord(text.upper())
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        if isValid(target):  # the press may have been its end
            QApplication.sendEvent(target, QKeyEvent(kind, key, held, text))


def tap_anything(chance: random.Random, window: QWidget) -> None:
    place = QPoint(chance.randrange(window.width()), chance.randrange(window.height()))
    target = window.childAt(place) or window
    button = chance.choice([Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton])
    QTest.mouseClick(target, button, pos=target.mapFrom(window, place))


def press_a_button(chance: random.Random, window: QWidget) -> None:
    buttons = [b for b in window.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]
    if buttons:
        QTest.mouseClick(chance.choice(buttons), Qt.MouseButton.LeftButton)


def holds(at: KioskStage) -> bool:
    window = at.stage.window
    return (
        windows() == [window]
        and window.isFullScreen()
        and window.pages.current_name() in OPEN_PAGES
        and not window.rail.isVisible()
        and not at.kiosk.supervised
        and QGuiApplication.clipboard().text() == ""
    )


@pytest.mark.parametrize("seed", range(3))
def test_nothing_at_random_leads_out(
    qtbot: QtBot, seed: int, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing here is a secret
    acts = [press_anything, press_anything, tap_anything, press_a_button]
    world = FakeWorld()
    with a_kiosk(qtbot, world, ALWAYS, practice=True) as at:
        for number in range(LONG if request.config.getoption("--long") else SHORT):
            chance.choice(acts)(chance, at.stage.window)
            QApplication.processEvents()
            assert holds(at), f"seed {seed}, act {number}"
    assert at.codes == []
