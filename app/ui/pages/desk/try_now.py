"""The button that repeats a failed look-up at once, and knows when that happens anyway."""

from datetime import datetime

from PySide6.QtCore import Signal

from app.core.errors import OathdeskError
from app.station.read_retry import REPEATABLE
from app.ui.widgets import SecondaryButton
from app.ui.widgets.countdown import Countdown
from app.ui.wording.say import say


class TryNow(SecondaryButton):
    """Hidden where repeating makes no sense. `counted` tells each second that has passed."""

    counted = Signal()

    def __init__(self, key: str = "F5") -> None:
        super().__init__(say("Try now"), key=key)
        self._countdown = Countdown(self)
        self._countdown.changed.connect(self.counted)
        self.hide()

    def offer(self, error: OathdeskError | None, retry_at: datetime | None) -> None:
        """Offer to repeat what failed with `error`; the station repeats it at `retry_at`."""
        self._countdown.count_to(retry_at if error is not None else None)
        self.setVisible(isinstance(error, REPEATABLE))

    def seconds(self) -> int | None:
        """Return the seconds until the station repeats it by itself; None where it does not."""
        return self._countdown.seconds()
