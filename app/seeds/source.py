"""A seed file as bytes and as text: bounded, stoppable, and of whatever encoding it is.

Nobody tells how a CSV file is encoded. A byte order mark does; without one it is UTF-8, and bytes
that are not UTF-8 are Windows-1252, one by one: Excel in Europe writes that, and files that several
programs have added to are both.
"""

from __future__ import annotations

import codecs
import enum
import io
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO

from app.core.errors import (
    SeedFileNotRecognised,
    SeedFileTooLarge,
    SeedFileUnreadable,
    SeedReadingStopped,
)
from app.core.seed import Limits

if TYPE_CHECKING:
    from typing_extensions import Buffer  # Python has one of its own from 3.12 on

Stop = Callable[[], bool]

HEAD: Final = 64 * 1024
"""Bytes that are looked at to tell what a file is."""
CHUNK: Final = 64 * 1024

_LENIENT: Final = "oathdesk-windows-1252"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS: Final = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"-----BEGIN PGP", "encrypted with PGP"),
    (b"-----BEGIN ", "encrypted or signed, in the form of PEM"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "an archive of gzip"),
    (b"7z\xbc\xaf", "an archive of 7-Zip"),
    (b"Rar!", "an archive of RAR"),
    (b"{\\rtf", "a text of a word processor"),
    (b"otpauth", "a list of otpauth addresses, which name no serial numbers"),
    (b"DPX", "a file of OneSpan (Vasco DPX), whose secrets are encrypted for its own server"),
)
_LDIF: Final = re.compile(
    r"\s*(?:#[^\r\n]*[\r\n]+\s*)*(?:version:\s*1\s+|(?:dn|objectclass|scc\w{1,40})::?[ \t])",
    re.IGNORECASE,
)


class FileKind(enum.Enum):
    """What a file is by its beginning."""

    XML = "xml"
    JSON = "json"
    LDIF = "ldif"
    TABLE = "table"


_MOST_ZEROS: Final = 20
"""A text may have a stray NUL, and a row with it is faulty; one in so many characters is no text.

UTF-16 without a byte order mark has one in two, and is told by where they stand.
"""


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: what is not UTF-8 is Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error(_LENIENT, _as_windows_1252)


class _Bounded(io.RawIOBase):
    """Passes on the bytes of `file`, but no more than `limit`, and none once `stop` says so."""

    def __init__(self, file: io.RawIOBase, limit: int, stop: Stop) -> None:
        super().__init__()
        self._file = file
        self._left = limit
        self._stop = stop

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        if self._stop():
            raise SeedReadingStopped("stopped by the operator")
        count = self._file.readinto(buffer) or 0
        self._left -= count
        if self._left < 0:
            raise SeedFileTooLarge("the file has grown beyond the limit while it was read")
        return count


@contextmanager
def opened(path: Path, limits: Limits, stop: Stop) -> Iterator[tuple[bytes, BinaryIO]]:
    """The beginning of the file (at most HEAD bytes), and the whole file to read.

    Raises SeedFileUnreadable for what is no regular file, SeedFileTooLarge before a byte is read,
    SeedReadingStopped, and OSError.
    """
    _judge(path.stat(), limits)  # before it is opened: to open a pipe would wait for its other end
    with path.open("rb", buffering=0) as file:
        _judge(os.fstat(file.fileno()), limits)
        head = file.read(HEAD)
        file.seek(0)
        yield head, io.BufferedReader(_Bounded(file, limits.file, stop), CHUNK)


def _judge(status: os.stat_result, limits: Limits) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise SeedFileUnreadable("this is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise SeedFileUnreadable("this is a device or a pipe, not a file")
    if status.st_size > limits.file:
        raise SeedFileTooLarge(f"{status.st_size} bytes; the most is {limits.file}")


def kind_of(head: bytes) -> FileKind:
    """Tell what a file is. Raises SeedFileNotRecognised for what holds no seeds."""
    text = _text_of(head).lstrip("\ufeff")
    if not text.strip():
        raise SeedFileNotRecognised("the file is empty")
    start = text.lstrip().encode("utf-8", "replace")
    for mark, what in _OTHERS:
        if head.startswith(mark) or start.startswith(mark):
            raise SeedFileNotRecognised(f"this is {what}")
    if text.count("\x00") > len(text) // _MOST_ZEROS:
        raise SeedFileNotRecognised("this is not text")
    if start.startswith(b"<"):
        return FileKind.XML
    if start.startswith((b"{", b"[")):
        return FileKind.JSON
    return FileKind.LDIF if _LDIF.match(text) else FileKind.TABLE


def first_lines(head: bytes) -> list[str]:
    """The lines that the beginning of a file has, without their ends."""
    return _text_of(head).splitlines()


def as_text(file: BinaryIO, head: bytes) -> TextIO:
    """The whole file as text, with line ends as they are (csv's own rule)."""
    encoding = _encoding(head)
    errors = "strict" if encoding.startswith("utf-16") else _LENIENT
    return io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")


def _text_of(head: bytes) -> str:
    encoding = _encoding(head)
    return head.decode(encoding, "ignore" if encoding.startswith("utf-16") else _LENIENT)


def _encoding(head: bytes) -> str:
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    return marked or _unmarked(head[:_LOOKED_AT])


def _unmarked(start: bytes) -> str:
    """UTF-16 of Latin letters has a zero in every other byte; anything else is taken for UTF-8."""
    half = len(start) // 2
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = start[offset::2].count(0), start[1 - offset :: 2].count(0)
        if half and zeros * 10 > half * 9 and others * 10 < half:
            return encoding
    return "utf-8"


_LOOKED_AT: Final = 256
