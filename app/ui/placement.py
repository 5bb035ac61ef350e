"""Keeps a window within the screen that it is on, and remembers where a person put it."""

from typing import Final, Protocol

from PySide6.QtCore import QEvent, QMargins, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from app.core.window_place import WindowPlace

WANTED: Final = QSize(1280, 800)
LEAST: Final = QSize(480, 360)
"""Below that even scrolling is no use."""

_FRAME: Final = QMargins(4, 36, 4, 4)
"""What a frame takes at most on most desktops, while it is not known."""

_FRAME_KNOWN_MS: Final = 250
"""A window manager tells how wide its frame is some time after a window is shown."""


class WindowMemory(Protocol):
    """Keeps a place from one start to the next."""

    def load(self) -> WindowPlace | None:
        """Return the place that was kept last, or None."""
        ...

    def save(self, place: WindowPlace) -> None:
        """Keep `place`, or do nothing where that is not possible."""
        ...


def within(wanted: QRect, available: QRect, frame: QMargins) -> QRect:
    """Return `wanted`, made smaller and moved so that it lies in `available` with its `frame`."""
    room = available.marginsRemoved(frame)
    size = wanted.size().boundedTo(room.size())
    left = max(room.left(), min(wanted.left(), room.right() + 1 - size.width()))
    top = max(room.top(), min(wanted.top(), room.bottom() + 1 - size.height()))
    return QRect(QPoint(left, top), size)


class Placement(QObject):
    """Opens `window` within its screen, and keeps it there when the screen changes.

    `memory` knows where it was the last time. A screen that is gone is replaced by the first one.
    """

    def __init__(self, window: QWidget, memory: WindowMemory | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._memory = memory
        self._opened = QSize()
        """How large the window was opened; another size was chosen by a person since."""
        self._frame_known = QTimer(self)
        self._frame_known.setSingleShot(True)
        self._frame_known.setInterval(_FRAME_KNOWN_MS)
        self._frame_known.timeout.connect(self._take_frame_in)
        window.installEventFilter(self)
        self._open(memory.load() if memory is not None else None)

    def save(self) -> None:
        """Keep where the window is now, or where a maximized one was before."""
        window = self._window
        if self._memory is None or window.isFullScreen() or window.isMinimized():
            return
        maximized = window.isMaximized()
        place = window.normalGeometry() if maximized else window.geometry()
        if place.isValid():
            self._memory.save(
                WindowPlace(place.x(), place.y(), place.width(), place.height(), maximized)
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at the frame once it is there, and follow the window to another screen."""
        if watched is self._window and event.type() is QEvent.Type.Show:
            handle = self._window.windowHandle()
            if handle is not None:
                handle.screenChanged.connect(self._follow)
                handle.screen().availableGeometryChanged.connect(self._look_again)
            self._frame_known.start()
        return False

    def _take_frame_in(self) -> None:
        if self._window.size() == self._opened:
            self.keep_within()

    def keep_within(self) -> None:
        """Make the window smaller or move it, where its frame does not lie within the screen."""
        window = self._window
        if window.isMaximized() or window.isFullScreen() or window.isMinimized():
            return
        screen = window.screen()
        now, outer = window.geometry(), window.frameGeometry()
        frame = QMargins(
            max(now.left() - outer.left(), 0),
            max(now.top() - outer.top(), 0),
            max(outer.right() - now.right(), 0),
            max(outer.bottom() - now.bottom(), 0),
        )
        available = screen.availableGeometry()
        window.setMinimumSize(LEAST.boundedTo(available.marginsRemoved(frame).size()))
        fitting = within(now, available, frame)
        if fitting != now:
            window.setGeometry(fitting)

    def _open(self, place: WindowPlace | None) -> None:
        screen = QGuiApplication.primaryScreen()
        wanted = QRect(QPoint(0, 0), WANTED)
        if place is not None:
            wanted = QRect(place.x, place.y, place.width, place.height)
            screen = QGuiApplication.screenAt(wanted.center()) or screen
        available = screen.availableGeometry()
        if place is None:
            wanted.moveCenter(available.center())
        self._window.setMinimumSize(LEAST.boundedTo(available.size()))
        self._window.setGeometry(within(wanted, available, _FRAME))
        self._opened = self._window.size()
        if place is not None and place.maximized:
            self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowMaximized)

    def _follow(self, screen: QScreen) -> None:
        """Fit the screen that the window is on now, and watch it."""
        screen.availableGeometryChanged.connect(self._look_again)
        self.keep_within()

    def _look_again(self, _available: QRect) -> None:
        self.keep_within()
