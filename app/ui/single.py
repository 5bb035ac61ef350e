"""One station per record: a second start brings the first window forward and ends.

Two things, because they fail in different ways. A lock file beside the record decides who is the
first; the system lets go of it when its process ends, however it ends. A local socket is the bell
with which a later start asks the first to show itself. Without the bell the second start still ends
before it has opened the record.

The bell's name is made of the user and the record's place, so that each user and each practice
tenant has one of its own.
"""

import hashlib
import json
import logging
import os
import string
import sys
import time
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Qt, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication, QWidget

from app.account import account
from app.files import short_form

_LOG = logging.getLogger("oathdesk.ui")

_ANSWER_MS = 10_000  # a first that has just started makes its pages for seconds on a busy machine
_LONGEST_MESSAGE = 4_096
_YOUNG_SECONDS = 10.0
_PERMIT = "XDG_ACTIVATION_TOKEN"
"""The permission a Wayland compositor gave the later start; without it a window may only blink
(wayland.app/protocols/xdg-activation-v1). Qt takes it from the environment."""
_UNSTACKED = ("wayland", "offscreen", "minimal")
"""Platforms where no window may choose its place above others; Qt warns of each attempt."""
_PERMIT_LETTERS = frozenset(string.ascii_letters + string.digits + "-_.:/+=")


class OneStation(QObject):
    """The claim of this process to the record at `ledger_file`."""

    asked = Signal()
    """A later start asks the window to come forward."""

    def __init__(self, ledger_file: Path) -> None:
        """Claim nothing yet."""
        super().__init__()
        self._file = ledger_file
        self._bell = bell_name(ledger_file)
        self._lock = QLockFile(str(lock_file(ledger_file)))
        self._lock.setStaleLockTime(0)  # a station runs for weeks: its age proves nothing
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer_all)

    def take(self) -> bool:
        """Claim the record; False where another process has it.

        Where the lock cannot be made (a disk that is full or read-only), the bell alone decides:
        the station starts, so that it can say what is wrong with the record.
        """
        locked = self._take_lock()
        if locked is None:
            return not self._connected(QLocalSocket())
        if locked:
            # What still bears the name is left over: whoever listened there would hold the lock.
            QLocalServer.removeServer(self._bell)
            self._listen()
        return locked

    def ring(self) -> bool:
        """Ask the first to come forward; tell whether it answered. Waits 20 seconds at most."""
        socket = QLocalSocket()
        if not self._connected(socket):
            return False
        socket.write(_message(os.environ.get(_PERMIT, "")))
        answered = socket.waitForReadyRead(_ANSWER_MS)
        socket.abort()
        return answered

    def let_go(self) -> None:
        """Give the record up."""
        self._server.close()
        self._lock.unlock()

    def _connected(self, socket: QLocalSocket) -> bool:
        socket.connectToServer(self._bell)
        return socket.waitForConnected(_ANSWER_MS)

    def _listen(self) -> None:
        if not self._server.listen(self._bell):
            _LOG.warning("a second start cannot be heard: %s", self._server.errorString())

    def _take_lock(self) -> bool | None:
        """Return whether this process has the lock, None where nobody can have it."""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            _LOG.warning("the record cannot be locked: %s", error)
            return None
        if self._lock.tryLock(0) or (self._is_abandoned() and self._lock.tryLock(0)):
            return self._is_mine()
        if self._lock.error() is QLockFile.LockError.LockFailedError:
            return False
        _LOG.warning("the record cannot be locked: %s", self._lock.error().name)
        return None

    def _is_abandoned(self) -> bool:
        """Remove a lock whose number meanwhile belongs to some other program; tell whether it went.

        Qt believes a number of a living process. The system's own lock on the file knows better,
        and removal fails while that is held.
        """
        return self._is_written() and self._lock.removeStaleLockFile()

    def _is_written(self) -> bool:
        """Tell whether the file's maker has come so far as to hold the system's lock on it."""
        if self._lock.getLockInfo()[0]:
            return True
        try:
            age = time.time() - lock_file(self._file).stat().st_mtime
        except OSError:
            return False
        return age > _YOUNG_SECONDS

    def _is_mine(self) -> bool:
        return self._lock.getLockInfo()[0] == os.getpid()

    def _answer_all(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(_LONGEST_MESSAGE)
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda caller=socket: self._answer(caller))
            if socket.bytesAvailable():
                self._answer(socket)

    def _answer(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine() and socket.bytesAvailable() < _LONGEST_MESSAGE:
            return
        permit = _permit_in(bytes(socket.readLine(_LONGEST_MESSAGE).data()))
        if permit:
            os.environ[_PERMIT] = permit
        socket.write(b"shown\n")
        socket.disconnectFromServer()
        self.asked.emit()


def lock_file(ledger_file: Path) -> Path:
    """Return where the lock of the record lies."""
    return ledger_file.with_name(f"{ledger_file.name}.station")


def bell_name(ledger_file: Path) -> str:
    """Return the name of the local socket: letters and digits, the same for any way to the file.

    Links, short names and relative parts are resolved. On Windows letters of both cases are one,
    and resolving leaves the prefix of the long form, which is taken away.
    """
    way = str(ledger_file.resolve())
    if sys.platform == "win32":
        way = os.path.normcase(short_form(way))
    whose = f"{_user()}\0{way}".encode(errors="surrogatepass")
    return f"oathdesk-{hashlib.sha256(whose).hexdigest()[:24]}"


def _user() -> str:
    return account() if sys.platform == "win32" else str(os.getuid())


def bring_forward(window: QWidget) -> None:
    """Show `window` above the others with the keys on it, as far as the desktop permits."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    if not QApplication.platformName().startswith(_UNSTACKED):
        window.raise_()
    window.activateWindow()
    QApplication.alert(window)


def _message(permit: str) -> bytes:
    return json.dumps({"permit": permit}).encode()[: _LONGEST_MESSAGE - 1] + b"\n"


def _permit_in(message: bytes) -> str:
    """Return the permission in `message`, "" where there is none that can be believed."""
    try:
        permit = json.loads(message)["permit"]
    except (ValueError, KeyError, TypeError):
        return ""
    return permit if isinstance(permit, str) and set(permit) <= _PERMIT_LETTERS else ""
