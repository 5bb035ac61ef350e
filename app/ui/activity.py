"""Signs of life: that somebody is at the window, never what they do there.

Every event of the application passes here, so that no field can keep one to itself. At most one
sign a second goes on, since whoever counts idle time needs no more.
"""

import math
import time

from PySide6.QtCore import QEvent, QObject, QPointF, Signal
from PySide6.QtGui import QInputEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

PAUSE = 1.0
"""Seconds between two signs."""

_SIGNS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
    }
)


class Activity(QObject):
    """Install it on the application, after whatever swallows events."""

    alive = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._told = -math.inf
        self._place = QPointF()

    def install(self, app: QApplication) -> None:
        """Watch `app`."""
        app.installEventFilter(self)

    def remove(self, app: QApplication) -> None:
        """Stop watching."""
        app.removeEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Pass everything on; tell of what a person did."""
        if not isinstance(event, QInputEvent):  # most events; asking for the type is dearer
            return False
        kind = event.type()
        if kind in _SIGNS or (kind is QEvent.Type.MouseMove and self._has_moved(event)):
            now = time.monotonic()
            if now - self._told >= PAUSE:
                self._told = now
                self.alive.emit()
        return False

    def _has_moved(self, event: QEvent) -> bool:
        """Tell whether a mouse is elsewhere: Qt also tells of one below which the window moved."""
        if not isinstance(event, QMouseEvent):
            return False
        before, self._place = self._place, event.globalPosition()
        return before != self._place
