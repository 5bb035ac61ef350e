"""Counts the seconds until a moment, so that a person sees when something happens by itself."""

import math
import time
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

_SECOND_MS = 1_000


class Countdown(QObject):
    """Tells `changed` once a second how many seconds are left."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._moment: datetime | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_SECOND_MS)
        self._timer.timeout.connect(self._tick)

    def count_to(self, moment: datetime | None) -> None:
        """Count to `moment`, an aware time; None ends the counting."""
        self._moment = moment
        if self.seconds():
            self._timer.start()
        else:
            self._timer.stop()

    def seconds(self) -> int | None:
        """Return the whole seconds that are left, 0 once the moment is there; None without one."""
        if self._moment is None:
            return None
        return max(0, math.ceil(self._moment.timestamp() - time.time()))

    def _tick(self) -> None:
        if not self.seconds():
            self._timer.stop()
        self.changed.emit()
