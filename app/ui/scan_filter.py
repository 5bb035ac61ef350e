"""Catches a keyboard-wedge scanner anywhere in the window, before any field sees its keys.

Qt's side of core.wedge: every key press of the application comes here first. What the machine takes
for typing is sent on to the widget that has the focus; a scan becomes a signal.
"""

import math
import time
from collections import deque
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from shiboken6 import isValid

from app.core.trial_keys import Taken, TrialKeys
from app.core.wedge import Duplicate, Key, Outcome, Overlong, Scan, Verdict, Wedge, WedgeSettings

_TERMINATORS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_MODIFIERS = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
    }
)
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_GS = "\x1d"
"""What a scanner sends between the fields of a GS1 label; as keys it is Ctrl+]."""
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_MILLISECONDS = 1000.0
_GIVEN_BACK = 8
"""Keys given back to a field that are remembered: they may turn out to begin a scan."""
_FASTEST_REPEAT = 0.010
"""Seconds. X11 takes a double letter within a millisecond for a key held down; a key that is
really held down repeats some 30 times a second."""


@dataclass(frozen=True, slots=True)
class _Press:
    """A key press and the widget it was meant for."""

    event: QKeyEvent = field(repr=False)
    target: QObject


@dataclass(frozen=True, slots=True)
class _GivenBack:
    """A key that was typed after all: in which field, and the field's text behind it."""

    press: _Press
    edit: QLineEdit
    text: str = field(repr=False)


class ScanFilter(QObject):
    """Install it on the application. `scanned` carries what was read, which may be a secret.

    `torn` carries what was read of a scan and typed just before it, which may not be all.

    While scanners are tried out nothing is scanned: `tried` carries each core.trial.Arrival.
    """

    scanned = Signal(str)
    torn = Signal(str)
    repeated = Signal()
    overlong = Signal(int)
    tried = Signal(object)

    def __init__(
        self, settings: WedgeSettings | None = None, parent: QObject | None = None
    ) -> None:
        """Recognise scanners of this rhythm."""
        super().__init__(parent)
        self.settings = settings or WedgeSettings()
        self._wedge = Wedge(self.settings)
        self._trial = TrialKeys()
        self._replaying = False
        self._offset = 0.0
        self._pressed_at = -math.inf
        self._held: list[int] = []
        self.entered = False
        """While `scanned` or `torn` is emitted: whether Enter ended the scan."""
        self._let_go: list[QKeyEvent] = []
        self._given_back: deque[_GivenBack] = deque(maxlen=_GIVEN_BACK)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._due)
        self._last = QTimer(self)
        self._last.setSingleShot(True)
        self._last.timeout.connect(self._tick)

    def set_rhythm(self, settings: WedgeSettings) -> None:
        """Recognise scanners of another rhythm from now on; what is held back is let through."""
        self._act(self._wedge.flush(self._now()))
        self.settings = settings
        self._wedge = Wedge(settings)

    def install(self, app: QApplication) -> None:
        """Watch the keys of `app`. A focus that moves in the middle of a scan does not tear it."""
        app.installEventFilter(self)

    def remove(self, app: QApplication) -> None:
        """Stop watching."""
        app.removeEventFilter(self)
        self._timer.stop()
        self._last.stop()

    def try_out(self, *, on: bool) -> None:
        """From now on, keep what is typed and scanned from the page, for a trial; or stop that."""
        if on:
            self._act(self._wedge.flush(self._now()))
        self._trial.turn(on=on)
        self._arm()

    def accept_torn(self) -> None:
        """Let the Enter that follows reach its field: what was read of a torn scan was enough."""
        self._wedge.accept_torn()

    def pass_on(self, event: QKeyEvent) -> None:
        """Type a key that no scanner can have sent; a scan that is under way stays whole."""
        target = _heir()
        if target is not None:
            self._send(target, event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Feed key presses to the machine; True stops one."""
        if self._replaying:
            return False
        if not isinstance(event, QKeyEvent) or not watched.isWidgetType():
            return False
        if Qt.Key(event.key()) in _MODIFIERS:
            return False
        if event.type() is QEvent.Type.KeyRelease:
            return self._released(event)
        if event.type() is not QEvent.Type.KeyPress:
            return False
        return self._feed(_Press(QKeyEvent.clone(event), watched))

    def _released(self, event: QKeyEvent) -> bool:
        """Hold back the release of a key whose press is held: a button needs them in order."""
        if event.key() not in self._held:
            return False
        self._let_go.append(QKeyEvent.clone(event))
        return True

    def _feed(self, press: _Press) -> bool:
        key = self._key(press)
        self._take(self._trial.tick(key.at))
        if self._trial.listening:
            return self._listen(key, press)
        verdict = self._wedge.feed(key)
        self.entered = verdict.swallow and Qt.Key(press.event.key()) in _ENTER
        self._act(verdict)
        self.entered = False
        if verdict.swallow and self._wedge.deadline is not None:
            self._held.append(press.event.key())
        self._arm()
        return verdict.swallow

    def _listen(self, key: Key, press: _Press) -> bool:
        """Let the trial have the key; one that may be given back keeps its release."""
        taken = self._trial.feed(key)
        self._take(taken)
        self._let_go.clear()
        self._held[:] = [press.event.key()] if self._trial.may_give_back else []
        self._arm()
        return taken.swallow

    def _take(self, taken: Taken) -> None:
        self._act(Verdict(replay=taken.replay))
        if taken.arrival is not None:
            self.tried.emit(taken.arrival)

    def _key(self, press: _Press) -> Key:
        """Return the press as the machine wants it, on the event's own clock where it has one."""
        event, now = press.event, time.monotonic()
        at = event.timestamp() / _MILLISECONDS if event.timestamp() else now
        self._offset = now - at
        command = bool(event.modifiers() & _COMMANDS)
        quick = 0 <= at - self._pressed_at < _FASTEST_REPEAT
        self._pressed_at = at
        text = "" if event.isAutoRepeat() and not quick else event.text()
        if command and not (text == _GS and event.modifiers() & _CONTROL):
            text = ""
        terminator = not command and Qt.Key(event.key()) in _TERMINATORS
        return Key(text=text, at=at, terminator=terminator, payload=press)

    def _now(self) -> float:
        return time.monotonic() - self._offset

    def _act(self, verdict: Verdict) -> None:
        if not verdict.replay and verdict.outcome is None and not verdict.retract:
            return
        self._held.clear()
        releases, self._let_go = self._let_go, []
        for key in verdict.replay:
            if isinstance(key.payload, _Press):
                self._retype(key.payload, _release_of(key.payload.event, releases))
        self._take_back(verdict.retract)
        if verdict.outcome is not None:
            self._tell(verdict.outcome)

    def _take_back(self, keys: tuple[Key, ...]) -> None:
        """Take keys that belong to a scan out of the field again, unless it was changed since."""
        for key in reversed(keys):
            given = next((each for each in self._given_back if each.press is key.payload), None)
            if given is not None and _is_there(given.edit) and given.edit.text() == given.text:
                press = QEvent.Type.KeyPress
                self._send(given.edit, QKeyEvent(press, Qt.Key.Key_Backspace, _NO_MODIFIER))
                self._given_back.remove(given)

    def _retype(self, press: _Press, release: QKeyEvent | None) -> None:
        """Give a key back to the widget it was meant for, or to its heir where that is gone."""
        for event in (press.event, release):
            target = press.target if _is_there(press.target) else _heir()
            if event is not None and target is not None:
                self._send(target, event)
        edit, typed = QApplication.focusWidget(), press.event.text()
        if isinstance(edit, QLineEdit) and typed and _before_cursor(edit).endswith(typed):
            self._given_back.append(_GivenBack(press, edit, edit.text()))

    def _send(self, target: QObject, event: QKeyEvent) -> None:
        self._replaying = True
        try:
            QCoreApplication.sendEvent(target, event)
        finally:
            self._replaying = False

    def _tell(self, outcome: Outcome) -> None:
        match outcome:
            case Scan(torn=True, whole=whole):
                self.torn.emit(whole)
            case Scan(text=text):
                self.scanned.emit(text)
            case Duplicate():
                self.repeated.emit()
            case Overlong(length=length):
                self.overlong.emit(length)

    def _arm(self) -> None:
        deadline = self._trial.deadline or self._wedge.deadline
        if deadline is None:
            self._timer.stop()
        else:
            wait = max(deadline - self._now(), 0.0) * _MILLISECONDS
            self._timer.start(int(wait) + 1)

    def _due(self) -> None:
        """Let keys that wait in the queue be fed first: a stalled window must not tear a scan."""
        self._last.start(0)

    def _tick(self) -> None:
        self._take(self._trial.tick(self._now()))
        self._act(self._wedge.tick(self._now()))
        self._arm()


def _before_cursor(edit: QLineEdit) -> str:
    return edit.text()[: edit.cursorPosition()]


def _is_there(target: QObject) -> bool:
    return isValid(target) and isinstance(target, QWidget) and target.isVisible()


def _heir() -> QWidget | None:
    return QApplication.focusWidget() or QApplication.activeWindow()


def _release_of(press: QKeyEvent, releases: list[QKeyEvent]) -> QKeyEvent | None:
    """Take the first release of the key that `press` pressed out of `releases`."""
    for at, release in enumerate(releases):
        if release.key() == press.key():
            return releases.pop(at)
    return None
