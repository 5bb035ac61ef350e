"""The one way to the clipboard, which a kiosk may close.

What lies there outlives whoever copied it, and the next person at a kiosk is a stranger.
"""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QClipboard, QGuiApplication

_CLOSED = "oathdesk_clipboard_closed"


def set_open(*, on: bool) -> None:
    """Let things be copied from now on, or not; what lies there is taken away then."""
    app = QCoreApplication.instance()
    assert app is not None, "there is no clipboard without an application"
    app.setProperty(_CLOSED, not on)
    if not on:
        clear()


def is_open() -> bool:
    """Tell whether anything can be copied."""
    app = QCoreApplication.instance()
    return app is not None and not app.property(_CLOSED)


def copy(words: str) -> None:
    """Put `words` on the clipboard, where that is open."""
    if is_open():
        QGuiApplication.clipboard().setText(words)


def clear() -> None:
    """Leave nothing there, nor in the selection that a middle button pastes on X11."""
    clipboard = QGuiApplication.clipboard()
    for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
        if mode is not QClipboard.Mode.Selection or clipboard.supportsSelection():
            clipboard.clear(mode)
