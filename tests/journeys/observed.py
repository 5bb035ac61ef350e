"""The program with a door for tests: `python -m tests.journeys.observed SOCKET ARGUMENT...`.

The command line ARGUMENT... runs unchanged. Each connection to SOCKET is answered with JSON that
says what a person at the screen sees: the texts, and which widget has the keyboard. Tests with real
keys wait for it, as a person waits for the window before they type.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QListView,
    QWidget,
)

from app.cli import main
from app.ui.application import application
from tests.support.patience import HANG_SECONDS


def seen() -> dict[str, Any]:
    """Return the texts, the rows of lists, and the name of the widget that has the keyboard."""
    focus = QApplication.focusWidget()
    visible = [widget for widget in QApplication.allWidgets() if widget.isVisible()]
    return {
        "focus": "" if focus is None else (focus.accessibleName() or _name(focus)),
        "texts": [_text(widget) for widget in visible if isinstance(widget, _WITH_TEXT)],
        "rows": [
            row for widget in visible if isinstance(widget, QListView) for row in _rows(widget)
        ],
    }


_WITH_TEXT = QLabel | QAbstractButton


def _text(widget: QLabel | QAbstractButton) -> str:
    return widget.text()


def _name(widget: QWidget) -> str:
    return _text(widget) if isinstance(widget, _WITH_TEXT) else widget.objectName()


def _rows(view: QListView) -> list[str]:
    """Return the texts of the rows of a list, such as the people that a search has found."""
    model = view.model()
    return [str(model.index(row, 0).data() or "") for row in range(model.rowCount())]


class Door(QObject):
    """Answers each connection to the socket `file` with what is seen, on the window's thread."""

    def __init__(self, file: str, app: QApplication) -> None:
        super().__init__(app)
        self._server = QLocalServer(self)
        self._server.newConnection.connect(self._answer)
        QLocalServer.removeServer(file)  # of a program that was killed
        if not self._server.listen(file):
            raise OSError(self._server.errorString())

    def _answer(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.disconnected.connect(caller.deleteLater)
            caller.write(json.dumps(seen()).encode())
            caller.flush()
            caller.disconnectFromServer()


def look(file: Path) -> dict[str, Any]:
    """Ask the program behind the socket `file`; focus "" and no texts before it listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(HANG_SECONDS)
        try:
            caller.connect(str(file))
            answer = b"".join(iter(lambda: caller.recv(65536), b""))
        except (FileNotFoundError, ConnectionError):
            answer = b""
    found: dict[str, Any] = json.loads(answer) if answer else {"focus": "", "texts": [], "rows": []}
    return found


if __name__ == "__main__":
    Door(sys.argv[1], application())
    sys.exit(main(sys.argv[2:]))
