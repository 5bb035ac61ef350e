"""The hands at the window: a scanner, a person who types, and somebody who presses one key.

All three send key events to whatever has the focus, as a keyboard does. QTest stamps its events
with 0, so the window reads its own clock. What a scanner sends carries the times at which a scanner
would have sent it, as on a real screen: a machine that is busy meanwhile does not tear a scan.
"""

import time

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

PERSON_MS = 80
"""Milliseconds between the keys of a person who types fast."""

PAUSE_MS = 200
"""Longer than the silence that tells typing from a scan which follows it."""

STALL_MS = 1200
"""Longer than a scan may stall: what was typed before is no part of what comes then."""

TAIL_MS = 130
"""Longer than the time after a scan in which a line feed still belongs to it."""

SCANNER_MS = 5
"""Milliseconds from key to key that a scanner takes at most."""

_TERMINATORS = {Qt.Key.Key_Return: "\r", Qt.Key.Key_Enter: "\r", Qt.Key.Key_Tab: "\t"}
_PLAIN = Qt.KeyboardModifier.NoModifier


def focus() -> QWidget:
    """Where a key goes now."""
    found = QApplication.focusWidget() or QApplication.activeWindow()
    assert found is not None, "no window is active"
    return found


def send(
    letter: str,
    key: int = 0,
    *,
    repeats: bool = False,
    at: int = 0,
    modifier: Qt.KeyboardModifier = _PLAIN,
) -> None:
    """Press and release the key that types `letter`; QTest knows Latin-1 alone.

    `at` is when, in ms of the steady clock; 0 is now.
    """
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, modifier, letter, repeats)
        event.setTimestamp(at)
        QApplication.sendEvent(focus(), event)


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = _PLAIN) -> None:
    """Press one key that has a name."""
    QTest.keyClick(focus(), key, modifier)


def enter() -> None:
    """Press Enter as a person does: not in the same breath as a scan."""
    QTest.qWait(TAIL_MS)
    press(Qt.Key.Key_Return)


def scan(text: str, terminator: Qt.Key | None = Qt.Key.Key_Return) -> None:
    """Send `text` as a scanner does: at once, with a terminator behind it."""
    at = _now()
    for letter in text:
        send(letter, at=at)
        at = min(_now(), at + SCANNER_MS)
    if terminator is not None:
        send(_TERMINATORS[terminator], terminator, at=at)


def _now() -> int:
    return int(time.monotonic() * 1000)


def write(text: str) -> None:
    """Type `text` as a person does, and pause."""
    for letter in text:
        send(letter)
        QTest.qWait(PERSON_MS)
    QTest.qWait(PAUSE_MS - PERSON_MS)
