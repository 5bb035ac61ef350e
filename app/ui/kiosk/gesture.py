"""The supervisor's gesture: some taps in a row in the upper left corner of the window."""

import time
from collections import deque

from PySide6.QtCore import QObject, QPoint, Signal

from app.core.kiosk import GESTURE_CORNER, GESTURE_SECONDS, GESTURE_TAPS


class Gesture(QObject):
    """Told of every tap, it emits `made` once there were enough of them."""

    made = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._taps: deque[float] = deque(maxlen=GESTURE_TAPS)

    def tapped(self, place: QPoint) -> None:
        """Take note of a tap at `place` of the window; one elsewhere begins anew."""
        if not (0 <= place.x() < GESTURE_CORNER and 0 <= place.y() < GESTURE_CORNER):
            self._taps.clear()
            return
        self._taps.append(time.monotonic())
        in_time = self._taps[-1] - self._taps[0] <= GESTURE_SECONDS
        if len(self._taps) == GESTURE_TAPS and in_time:
            self._taps.clear()
            self.made.emit()
