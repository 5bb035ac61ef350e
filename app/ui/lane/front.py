"""The lane's window on a station, in large type and with targets for fingers."""

from PySide6.QtWidgets import QMainWindow

from app.ui.application import Dress, Frame
from app.ui.bridge import Build
from app.ui.lane.window import LaneWindow
from app.ui.theme import look

SCALE = 1.35
"""How much larger everything is than at a desk: it is read standing, by people of every age."""


class LaneFront(Frame):
    """Shown on entering, ended on leaving."""

    window: LaneWindow

    def __init__(self, build: Build, dress: Dress | None = None) -> None:
        """Dress the application; nothing is shown yet."""
        super().__init__(build, dress)

    def make_window(self, _dress: Dress) -> QMainWindow:
        """Make everything large first: widgets take their sizes when they are made."""
        look().set_scale(SCALE)
        look().set_touch(True)
        return LaneWindow(self.bridge, self.scans)

    def undress(self) -> None:
        """Leave type and targets as they were."""
        look().set_scale(1.0)
        look().set_touch(False)
