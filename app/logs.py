"""The log: what support reads after the fact, and what must never hold a secret.

One rotated file in the platform's place for logs, for its owner alone. Whatever nobody caught, in
any thread, ends here too, and a crash below Python leaves a trace in a file beside it. Every line
is redacted as it is written: the text of a record is looked at when it is whole, with its
traceback, so that a secret in an exception's words is blotted out like one in a message.
"""

import faulthandler
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import platformdirs

from app.core.text import ESCAPES
from app.eventlog import ERROR, EventApi, Kind, events_of_this_machine
from app.files import make_private, private_folder

LOG_NAME = "oathdesk.log"
TRACE_NAME = "crash.log"
BLOT = "***"

_LARGEST_BYTES = 1_000_000
_KEPT_FILES = 5
_LONGEST_RECORD = 100_000  # characters
_LONGEST_SERIAL = 32  # core.scan.ScanRules: a serial number may be that many digits

_LOG = logging.getLogger("oathdesk.crash")

Blot = str | Callable[[re.Match[str]], str]


def _unless_number(match: re.Match[str]) -> str:
    """Leave a serial number alone: hardly one seed in a million is made of digits alone."""
    text = match[0]
    is_number = not any(letter.isalpha() for letter in text)
    return text if is_number and len(text) <= _LONGEST_SERIAL else BLOT


def _if_mixed(match: re.Match[str]) -> str:
    """Blot out what has small letters, capitals and digits: no word and no id has all three."""
    kinds = (str.islower, str.isupper, str.isdigit)
    return BLOT if all(any(map(kind, match[0])) for kind in kinds) else match[0]


_SECRET_KEY = (
    r"(?:secret|seed|password|passwd|passcode|assertion|verifier|device_code|user_code"
    r"|access_?token|refresh_?token|id_?token|client_info|\bpin\b)[\w-]{0,20}"
)
_IS = r"(?:\\{0,3}[\"'])?\s{0,4}[:=]\s{0,4}"
_VALUE = r"[bB]?\\{0,3}(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\s\"'&,;)}\]]+)"
_CODE_WORD = (
    r"(?:(?<![A-Za-z])(?:code|Code|CODE)|(?<=[a-z])Code"
    r"|(?i:verificationcode|passcode|otp|digits))"
)
_SIX = r"(?<![0-9A-Za-z])[0-9]{3}[ \u00a0]?[0-9]{3}(?![0-9A-Za-z])"

# Each pattern takes time in proportion to the text, whatever the text is: a server may send it.
_SECRETS: tuple[tuple[re.Pattern[str], Blot], ...] = (
    # An enrollment address is a secret to its end.
    (re.compile(r"otpauth(?:-migration)?:[^\s'\"<>]*", re.IGNORECASE), BLOT),
    # JSON Web Tokens begin with {" in Base64 (RFC 7515, section 3.1).
    (re.compile(r"eyJ[\w.~+/=-]*"), BLOT),
    (re.compile(r"\b(bearer|pop)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {BLOT}"),
    (
        re.compile(rf"({_SECRET_KEY}{_IS}){_VALUE}", re.IGNORECASE),
        rf"\1{BLOT}",
    ),
    (re.compile(r"([?&]code=)[^&\s\"']+"), rf"\1{BLOT}"),
    # Answers of the sign-in service that are no JSON Web Tokens, and Base64 that tells its end.
    (re.compile(r"[A-Za-z0-9_-]{40,}"), _if_mixed),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{20,}+={1,2}"), BLOT),
    # Seeds: 128 bits and more in hexadecimal, 80 bits and more in Base32, joined or in groups.
    (re.compile(r"[0-9A-Fa-f]{32,}"), _unless_number),
    (re.compile(r"\b(?:[0-9A-Fa-f]{2}[ :-]){15,}[0-9A-Fa-f]{2}\b"), BLOT),
    (re.compile(r"(?:[A-Z2-7]{16,}|[a-z2-7]{16,})={0,6}"), _unless_number),
    (re.compile(r"\b(?:[A-Z2-7]{4}[ -]){3,}[A-Z2-7]{1,4}\b"), _unless_number),
    (
        re.compile(r"\b(?=[a-z2-7 -]{0,18}[2-7])(?:[a-z2-7]{4}[ -]){3,}[a-z2-7]{4}\b"),
        _unless_number,
    ),
    # Six digits beside a word that says they are a code.
    (re.compile(rf"({_CODE_WORD}\D{{0,16}}){_SIX}"), rf"\1{BLOT}"),
    (re.compile(rf"{_SIX}(\D{{0,12}}{_CODE_WORD})"), rf"{BLOT}\1"),
)
"""Ids with dashes (request ids, object ids) and serial numbers pass: support needs them."""

_ESCAPES = {number: text for number, text in ESCAPES.items() if chr(number) not in "\n\t"}


def redact(text: str) -> str:
    """Return `text` with whatever looks like a secret blotted out."""
    for pattern, blot in _SECRETS:
        text = pattern.sub(blot, text)
    return text


def log_folder() -> Path:
    """Return the platform's place for this program's logs."""
    return Path(platformdirs.user_log_dir("Oathdesk", appauthor=False))


@contextmanager
def kept_in(folder: Path, events: EventApi | None = None) -> Iterator[None]:
    """Log into `folder` meanwhile, and send there what nobody catches.

    Errors go to `events` as well, on Windows to this machine's event log unless another is given.

    A folder that cannot be written costs the log file, never the station: the warnings then go to
    the terminal alone. An error that would leave ends the program with the exit code 1; as it is,
    the interpreter would print it unredacted.
    """
    with (
        _handlers(folder, events or events_of_this_machine()),
        _hooks(),
        _hard_crashes(folder),
        _last_resort(),
    ):
        yield


def file_in_use() -> Path | None:
    """Return the log file that is written now, or None."""
    found = (each for each in logging.getLogger().handlers if isinstance(each, LogFile))
    return next((Path(each.baseFilename) for each in found), None)


class Redacting(logging.Formatter):
    """One record as text: UTC, redacted, and unable to pass for two records."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s [%(threadName)s] %(message)s",
            "%Y-%m-%dT%H:%M:%S",
        )
        self.converter = time.gmtime

    def formatException(  # noqa: N802 - logging's own name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Redact here as well: what this returns is kept in the record for other handlers."""
        return redact(super().formatException(ei))

    def format(self, record: logging.LogRecord) -> str:
        """Redact the whole; indent its further lines, which may come from a server."""
        whole = redact(super().format(record)[:_LONGEST_RECORD]).translate(_ESCAPES)
        return whole.replace("\n", "\n    ")


class LogFile(RotatingFileHandler):
    """The file of the log, for its owner alone. A disk that is full does not disturb the work.

    A file of `largest` bytes is followed by a new one.
    """

    def __init__(self, file: Path, largest: int = _LARGEST_BYTES) -> None:
        super().__init__(
            file,
            maxBytes=largest,
            backupCount=_KEPT_FILES,
            encoding="utf-8",
            errors="backslashreplace",
        )
        self.setFormatter(Redacting())
        self._turn_at = largest

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - logging's own name
        """Tell whether the file is full, or has grown enough since its last renaming failed."""
        if self.stream is None:
            self.stream = self._open()
        size = os.fstat(self.stream.fileno()).st_size
        return size + len(self.format(record)) >= self._turn_at

    def doRollover(self) -> None:  # noqa: N802 - the same
        """Begin a new file; where this one cannot be renamed, go on with it and lose no line.

        On Windows a file that another process has open (a second program, a scanner for viruses, a
        viewer) cannot be renamed. This file is renamed first, so that a failure moves no older one.
        """
        if self.stream is not None:
            self.stream.close()
            self.stream = None
        current = Path(self.baseFilename)
        leaving = current.with_suffix(".leaving")
        try:
            current.replace(leaving)
        except OSError:
            self._turn_at = current.stat().st_size + self.maxBytes // 10
        else:
            self._turn_at = self.maxBytes
            self._move_older(leaving)
        self.stream = self._open()

    def _move_older(self, leaving: Path) -> None:
        """Number the older files on, the oldest going; `leaving` becomes number 1."""
        names = [leaving, *(Path(f"{self.baseFilename}.{n}") for n in range(1, _KEPT_FILES + 1))]
        for older, name in reversed(list(zip(names[1:], names, strict=False))):
            with suppress(OSError):
                name.replace(older)

    def _open(self) -> TextIOWrapper:
        return _private(Path(self.baseFilename))

    def close(self) -> None:
        """Let go of the file, even where its last lines do not fit on the disk."""
        with suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the same
        """Stay quiet: the usual complaint would show the record as it was, secrets and all."""


class EventHandler(logging.Handler):
    """Errors as entries of Windows' event log, where an administrator looks for them first.

    An event log that refuses an entry does not disturb the work: the line is in the file.
    """

    def __init__(self, events: EventApi) -> None:
        super().__init__(logging.ERROR)
        self._events = events
        self.setFormatter(Redacting())

    def emit(self, record: logging.LogRecord) -> None:
        """Write one entry."""
        with suppress(OSError):
            self._events.write(Kind.ERROR, ERROR, [self.format(record)])


def _private(file: Path) -> TextIOWrapper:
    """Open `file` to add to it, so that its owner alone can read it, whoever made it."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with suppress(OSError):
        make_private(file)
    return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


@contextmanager
def _handlers(folder: Path, events: EventApi | None) -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("oathdesk")
    before = root.level, own.level
    root.setLevel(logging.WARNING)
    own.setLevel(logging.INFO)
    wanted = (_terminal(), _file(folder), EventHandler(events) if events else None)
    made = [handler for handler in wanted if handler is not None]
    for handler in made:
        root.addHandler(handler)
    try:
        yield
    finally:
        for handler in made:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(before[0])
        own.setLevel(before[1])


def _terminal() -> logging.Handler | None:
    """Return a handler for warnings; a program without a terminal (Windows) has no stderr."""
    if sys.stderr is None:
        return None
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(Redacting())
    return handler


def _file(folder: Path) -> logging.Handler | None:
    try:
        private_folder(folder)
        return LogFile(folder / LOG_NAME)
    except OSError as error:
        _LOG.warning("no log can be written in %s: %s", folder, error)
        return None


@contextmanager
def _last_resort() -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        _LOG.critical("an error ends the program", exc_info=error)
        raise SystemExit(1) from error


@contextmanager
def _hooks() -> Iterator[None]:
    """Send to the log what the interpreter would print: threads, slots and finalizers included."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    sys.excepthook = _nobody_caught
    threading.excepthook = _thread_ended
    sys.unraisablehook = _could_not_be_raised
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before


def _nobody_caught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Qt's slots and overrides that raise end here as well (PySide prints them through it)."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _LOG.critical("nobody caught an error", exc_info=(kind, error, trace))


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    error = args.exc_value
    if error is None or isinstance(error, SystemExit):
        return
    name = args.thread.name if args.thread else "a thread"
    _LOG.critical("an error ended %s", name, exc_info=(type(error), error, error.__traceback__))


def _could_not_be_raised(unraisable: "sys.UnraisableHookArgs") -> None:
    """Say what it was about by its type: keeping the object would bring it back to life."""
    error = unraisable.exc_value
    info = None if error is None else (type(error), error, unraisable.exc_traceback)
    about = type(unraisable.object).__name__
    _LOG.error("%s: %s", unraisable.err_msg or "an error was ignored in", about, exc_info=info)


@contextmanager
def _hard_crashes(folder: Path) -> Iterator[None]:
    """Let a crash below Python (a segmentation fault, an abort) leave its trace in `folder`."""
    try:
        _set_aside_trace(folder / TRACE_NAME)
        stream = _private(folder / TRACE_NAME)
    except OSError as error:
        _LOG.warning("a hard crash would leave no trace: %s", error)
        yield
        return
    with stream:
        was_enabled = faulthandler.is_enabled()
        faulthandler.enable(stream)
        try:
            yield
        finally:
            faulthandler.disable()
            if was_enabled and sys.__stderr__ is not None:
                faulthandler.enable(sys.__stderr__)


def _set_aside_trace(file: Path) -> None:
    """Keep the trace of the run before, and say that there is one."""
    if file.exists() and file.stat().st_size > 0:
        kept = file.with_suffix(".previous.log")
        file.replace(kept)
        _LOG.warning("the run before ended in a crash; its trace is in %s", kept)
