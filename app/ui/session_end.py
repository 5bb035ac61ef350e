"""What Windows asks of a program when a session ends, an installer needs its files, or it restarts.

The Restart Manager (used by installers and by Windows Update) sends WM_QUERYENDSESSION and
WM_ENDSESSION to the window and expects that the program ends by itself. Qt answers the first, but
its loop goes on after the second, so the program would be killed when the time is over. A program
that has registered is started again afterwards, with its own arguments. It is not started again by
Windows after a crash or a hang: a kiosk has its own supervisor, and a desk says why it ended.

Sources: Microsoft Learn, "WM_ENDSESSION", "Guidelines for Applications (Restart Manager)" and
"RegisterApplicationRestart".
"""

import ctypes
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication, QTimer

WM_ENDSESSION: Final = 0x0016
_MESSAGES: Final = (QByteArray(b"windows_generic_MSG"), QByteArray(b"windows_dispatcher_MSG"))
_NO_CRASH, _NO_HANG = 0x1, 0x2
_LONGEST = 1_024
"""Characters of the arguments that Windows keeps (RESTART_MAX_CMD_LINE)."""


class _Message(ctypes.Structure):
    """The beginning of MSG (winuser.h)."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("message", ctypes.c_uint),
        ("wparam", ctypes.c_size_t),
        ("lparam", ctypes.c_ssize_t),
    )


class SessionEnd(QAbstractNativeEventFilter):
    """Calls `end`, once and from the event loop, when Windows says that the session ends."""

    def __init__(self, end: Callable[[], None]) -> None:
        super().__init__()
        self._end = end
        self._ended = False

    def nativeEventFilter(
        self, kind: QByteArray | bytes | bytearray | memoryview, message: int
    ) -> tuple[bool, int]:
        """Look at a message of the window system; it goes on to Qt in any case."""
        if not self._ended and QByteArray(kind) in _MESSAGES:
            told = _Message.from_address(int(message))
            if told.message == WM_ENDSESSION and told.wparam:
                self._ended = True
                QTimer.singleShot(0, self._end)
        return False, 0


def watch_session_end(application: QCoreApplication, end: Callable[[], None]) -> None:
    """Have `end` called when the session of Windows ends; nothing on other systems."""
    if sys.platform == "win32":
        watcher = SessionEnd(end)
        application.installNativeEventFilter(watcher)
        application.setProperty("session_end", watcher)  # Qt does not keep it alive


def register_restart(arguments: Sequence[str]) -> bool:
    """Ask Windows to start the built program again with `arguments` after an update or a restart.

    Returns whether Windows will. It does not for a program that has run for less than a minute, and
    is not asked for one that runs from its sources, which Windows would start as a bare Python.
    """
    line = restart_line(arguments)
    built = getattr(sys, "frozen", False)
    return bool(built) and line is not None and _register(line)


def restart_line(arguments: Sequence[str]) -> str | None:
    """Return `arguments` as Windows reads them, None where they are longer than it keeps."""
    line = subprocess.list2cmdline(arguments)
    return line if len(line) < _LONGEST else None


if sys.platform == "win32":

    def _register(line: str) -> bool:
        flags = ctypes.c_uint32(_NO_CRASH | _NO_HANG)
        kernel = ctypes.windll.kernel32
        return bool(kernel.RegisterApplicationRestart(ctypes.c_wchar_p(line), flags) == 0)  # S_OK
else:

    def _register(_line: str) -> bool:
        return False
