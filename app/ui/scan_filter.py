"""Catches a keyboard-wedge scanner anywhere in the window, before any field sees its keys.

Qt's side of core.wedge: every key press of the application comes here first. What the machine takes
for typing is sent on to the widget that has the focus; a scan becomes a signal.
"""

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from app.core.wedge import Duplicate, Key, Outcome, Overlong, Scan, Verdict, Wedge, WedgeSettings

_TERMINATORS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
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
_MILLISECONDS = 1000.0


class ScanFilter(QObject):
    """Install it on the application. `scanned` carries what was read, which may be a secret."""

    scanned = Signal(str)
    torn = Signal()
    repeated = Signal()
    overlong = Signal(int)

    def __init__(
        self, settings: WedgeSettings | None = None, parent: QObject | None = None
    ) -> None:
        """Recognise scanners of this rhythm."""
        super().__init__(parent)
        self._wedge = Wedge(settings)
        self._replaying = False
        self._offset = 0.0
        self._held: list[int] = []
        self._let_go: list[QKeyEvent] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._due)
        self._last = QTimer(self)
        self._last.setSingleShot(True)
        self._last.timeout.connect(self._tick)

    def install(self, app: QApplication) -> None:
        """Watch the keys of `app`; what is held is settled before the focus moves."""
        app.installEventFilter(self)

    def remove(self, app: QApplication) -> None:
        """Stop watching."""
        app.removeEventFilter(self)
        self._timer.stop()
        self._last.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Feed key presses to the machine; True stops one."""
        if self._replaying:
            return False
        if event.type() is QEvent.Type.FocusAboutToChange:
            self._settle()
        if not isinstance(event, QKeyEvent) or not watched.isWidgetType():
            return False
        if Qt.Key(event.key()) in _MODIFIERS:
            return False
        if event.type() is QEvent.Type.KeyRelease:
            return self._released(event)
        return event.type() is QEvent.Type.KeyPress and self._feed(event)

    def _released(self, event: QKeyEvent) -> bool:
        """Hold back the release of a key whose press is held: a button needs them in order."""
        if event.key() not in self._held:
            return False
        self._let_go.append(QKeyEvent.clone(event))
        return True

    def _feed(self, event: QKeyEvent) -> bool:
        verdict = self._wedge.feed(self._key(event))
        self._act(verdict)
        if verdict.swallow and self._wedge.deadline is not None:
            self._held.append(event.key())
        self._arm()
        return verdict.swallow

    def _key(self, event: QKeyEvent) -> Key:
        """Return the press as the machine wants it, on the event's own clock where it has one."""
        now = time.monotonic()
        at = event.timestamp() / _MILLISECONDS if event.timestamp() else now
        self._offset = now - at
        command = bool(event.modifiers() & _COMMANDS)
        text = "" if command or event.isAutoRepeat() else event.text()
        terminator = not command and Qt.Key(event.key()) in _TERMINATORS
        return Key(text=text, at=at, terminator=terminator, payload=QKeyEvent.clone(event))

    def _now(self) -> float:
        return time.monotonic() - self._offset

    def _act(self, verdict: Verdict) -> None:
        if not verdict.replay and verdict.outcome is None:
            return
        self._held.clear()
        releases, self._let_go = self._let_go, []
        for key in verdict.replay:
            self._retype(key.payload)
            self._retype(_release_of(key.payload, releases))
        if verdict.outcome is not None:
            self._tell(verdict.outcome)

    def _retype(self, event: object) -> None:
        target = QApplication.focusWidget() or QApplication.activeWindow()
        if target is None or not isinstance(event, QKeyEvent):
            return
        self._replaying = True
        try:
            QCoreApplication.sendEvent(target, event)
        finally:
            self._replaying = False

    def _tell(self, outcome: Outcome) -> None:
        match outcome:
            case Scan(torn=True):
                self.torn.emit()
            case Scan(text=text):
                self.scanned.emit(text)
            case Duplicate():
                self.repeated.emit()
            case Overlong(length=length):
                self.overlong.emit(length)

    def _arm(self) -> None:
        deadline = self._wedge.deadline
        if deadline is None:
            self._timer.stop()
        else:
            wait = max(deadline - self._now(), 0.0) * _MILLISECONDS
            self._timer.start(int(wait) + 1)

    def _due(self) -> None:
        """Let keys that wait in the queue be fed first: a stalled window must not tear a scan."""
        self._last.start(0)

    def _tick(self) -> None:
        self._act(self._wedge.tick(self._now()))
        self._arm()

    def _settle(self) -> None:
        """Give back what is held to the widget that still has the focus."""
        self._act(self._wedge.flush(self._now()))
        self._arm()


def _release_of(press: object, releases: list[QKeyEvent]) -> QKeyEvent | None:
    """Take the first release of the key that `press` pressed out of `releases`."""
    if not isinstance(press, QKeyEvent):
        return None
    for at, release in enumerate(releases):
        if release.key() == press.key():
            return releases.pop(at)
    return None
