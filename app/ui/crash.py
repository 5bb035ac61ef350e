"""Tells the operator of an error that nobody caught, and lets the work go on.

Whatever nobody caught is a line in the log: of a thread, of a slot, of the station's loop. This
handler listens there, so that each of those places needs to do no more than log, and passes what it
hears on to the thread of the window as plain text. No error is kept: its frames hold what was on
the desk.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.logs import file_in_use, redact
from app.ui.wording.crash import labels

if TYPE_CHECKING:
    from app.ui.pages.crash import CrashSheet

_OURS = ("oathdesk", "asyncio")  # a library that logs an error has caught it
_MOST_FRAMES = 8


@dataclass(frozen=True, slots=True)
class Crash:
    """What is known of one error, redacted. `frames` ends where the error was raised."""

    at: datetime
    thread: str
    error: str
    frames: tuple[str, ...]
    log: str

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return it as (label, value) pairs."""
        at, thread, error, log, place = labels()
        return (
            (at, self.at.isoformat(timespec="milliseconds")),
            (thread, self.thread),
            (error, self.error),
            (log, self.log),
            *((place, frame) for frame in self.frames),
        )


class _Herald(QObject):
    """Carries the rows of a crash from the thread where it happened to the thread of the window."""

    crashed = Signal(object)


class CrashHandler(logging.Handler):
    """Hears every error that was logged with its traceback by this program or by its loop."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.herald = _Herald()

    def filter(self, record: logging.LogRecord) -> bool:
        """Let pass what nobody caught."""
        return bool(record.exc_info) and record.name.partition(".")[0] in _OURS

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of it."""
        self.herald.crashed.emit(crash_of(record).rows())


@contextmanager
def told_on(window: QWidget) -> Iterator["CrashSheet"]:
    """Show on `window` meanwhile what nobody caught."""
    from app.ui.pages.crash import CrashSheet  # noqa: PLC0415 - after the first paint

    sheet, handler = CrashSheet(window), CrashHandler()
    # Queued even on the window's own thread: the error may stem from the middle of a paint.
    handler.herald.crashed.connect(sheet.tell, Qt.ConnectionType.QueuedConnection)
    logging.getLogger().addHandler(handler)
    try:
        yield sheet
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


def crash_of(record: logging.LogRecord) -> Crash:
    """Return what may be told of `record`."""
    _, error, trace = record.exc_info or (None, None, None)
    said = "".join(traceback.format_exception_only(error)).strip() if error else ""
    return Crash(
        at=datetime.fromtimestamp(record.created, UTC),
        thread=record.threadName or "",
        error=redact(said or record.getMessage()),
        frames=tuple(_frames(trace)),
        log=str(file_in_use() or ""),
    )


def _frames(trace: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(trace)[-_MOST_FRAMES:]:
        # The end of the path names the module; its beginning may name a person.
        place = Path(*Path(frame.filename).parts[-3:]).as_posix()
        yield f"{place}:{frame.lineno} {frame.name}"
