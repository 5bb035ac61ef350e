"""Qt's own messages, told through logging like everybody else's."""

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_LOG = logging.getLogger("oathdesk.qt")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# The offscreen platform says so of every window with a smallest size, and nobody can do anything.
_IDLE_TALK = ("This plugin does not support propagateSizeHints()",)


def install() -> None:
    """Take over Qt's messages for the rest of the process."""
    qInstallMessageHandler(_pass_on)


def _pass_on(kind: QtMsgType, _context: QMessageLogContext, words: str) -> None:
    if words not in _IDLE_TALK:
        _LOG.log(_LEVELS.get(kind, logging.WARNING), "%s", words)
