"""Windows' log "Application": entries of this program are written to it and read back.

The installer registers the source "Oathdesk" (packaging/windows/oathdesk.wxs). Without that entries
are kept all the same, and the event viewer shows their texts below a sentence that a description
is missing. Every account may write; only an administrator may clear the log, and nobody can change
an entry. Windows lets the writer say who they are, so entries do not prove it.

Sources: Microsoft Learn, "ReportEventW", "ReadEventLogW" and "EVENTLOGRECORD structure (winnt.h)".
"""

import enum
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

SOURCE: Final = "Oathdesk"
HEAD: Final = 100
"""The number of an entry that holds a head of the record."""
ERROR: Final = 200
"""The number of an entry that holds a line of this program's log, of the level ERROR or above."""

LONGEST: Final = 31_000
"""Characters of one text; Windows takes 31,839."""

_RECORD: Final = struct.Struct("<6I4H6I")
_SIGNATURE: Final = 0x654C664C  # "LfLe"
_NUMBER: Final = 0xFFFF
"""The part of an entry's identifier that its writer chose; the rest is severity and facility."""


class Kind(enum.IntEnum):
    """How an entry is marked in the event viewer (winnt.h, EVENTLOG_*_TYPE)."""

    ERROR = 1
    INFORMATION = 4


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: its number, when Windows took it, and its texts."""

    number: int
    at: datetime
    texts: tuple[str, ...]


class EventApi(Protocol):
    """The calls of Windows that this needs. Each raises OSError."""

    def write(self, kind: int, number: int, texts: Sequence[str]) -> None:
        """Write an entry of the source."""

    def buffers(self) -> Iterator[bytes]:
        """Give all entries of the log, of every program, oldest first, some to each buffer."""


def events(api: EventApi, number: int, *, late: Callable[[], bool]) -> Iterator[Event]:
    """Give this program's entries of `number`, oldest first.

    `late` is asked now and then, and ends it: a log may hold a million entries of others. Raises
    OSError, and TimeoutError (a kind of it) where it was late.
    """
    for buffer in api.buffers():
        if late():
            raise TimeoutError("the log was not read to its end in time")
        for source, event in parse(buffer):
            if source == SOURCE and event.number == number:
                yield event


def parse(buffer: bytes) -> Iterator[tuple[str, Event]]:
    """Give the source and the entry of each EVENTLOGRECORD in `buffer`; stop at what is none."""
    at = 0
    while at + _RECORD.size <= len(buffer):
        length, signature, _, seconds, _, identifier, _, count, *_, first = _RECORD.unpack_from(
            buffer, at
        )[:12]
        if signature != _SIGNATURE or not _RECORD.size <= length <= len(buffer) - at:
            return
        record = buffer[at : at + length]
        source, _ = _text(record, _RECORD.size)
        moment = datetime.fromtimestamp(seconds, UTC)
        yield source, Event(identifier & _NUMBER, moment, tuple(_texts(record, first, count)))
        at += length


def _texts(record: bytes, at: int, count: int) -> Iterator[str]:
    for _ in range(count):
        text, at = _text(record, at)
        yield text


def _text(record: bytes, at: int) -> tuple[str, int]:
    """Return the text that begins at `at` (UTF-16, up to a zero), and where the next one begins."""
    end = at
    while end + 2 <= len(record) and record[end : end + 2] != b"\0\0":
        end += 2
    return record[at:end].decode("utf-16-le", "replace"), end + 2


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _LOG = "Application"
    _FORWARDS, _SEQUENTIAL = 0x4, 0x1
    _AT_END = 38  # winerror.h: ERROR_HANDLE_EOF
    _BUFFER = 0x7FFFF  # the most that ReadEventLogW fills

    _advapi = ctypes.WinDLL("advapi32", use_last_error=True)
    for _name in ("RegisterEventSourceW", "OpenEventLogW"):
        getattr(_advapi, _name).restype = wintypes.HANDLE
        getattr(_advapi, _name).argtypes = [wintypes.LPCWSTR, wintypes.LPCWSTR]
    for _name in ("DeregisterEventSource", "CloseEventLog"):
        getattr(_advapi, _name).argtypes = [wintypes.HANDLE]
    _advapi.ReportEventW.argtypes = [
        wintypes.HANDLE,
        wintypes.WORD,
        wintypes.WORD,
        wintypes.DWORD,
        ctypes.c_void_p,
        wintypes.WORD,
        wintypes.DWORD,
        ctypes.POINTER(wintypes.LPCWSTR),
        ctypes.c_void_p,
    ]
    _advapi.ReadEventLogW.argtypes = [
        wintypes.HANDLE,
        wintypes.DWORD,
        wintypes.DWORD,
        ctypes.c_void_p,
        wintypes.DWORD,
        ctypes.POINTER(wintypes.DWORD),
        ctypes.POINTER(wintypes.DWORD),
    ]

    class WindowsEvents:
        """Fulfils EventApi with advapi32.dll."""

        def write(self, kind: int, number: int, texts: Sequence[str]) -> None:
            handle = _advapi.RegisterEventSourceW(None, SOURCE)
            if not handle:
                raise ctypes.WinError(ctypes.get_last_error())
            try:
                given = [text.replace("\0", "\ufffd")[:LONGEST] for text in texts]
                array = (wintypes.LPCWSTR * len(given))(*given)
                if not _advapi.ReportEventW(
                    handle, kind, 0, number, None, len(given), 0, array, None
                ):
                    raise ctypes.WinError(ctypes.get_last_error())
            finally:
                _advapi.DeregisterEventSource(handle)

        def buffers(self) -> Iterator[bytes]:
            handle = _advapi.OpenEventLogW(None, _LOG)
            if not handle:
                raise ctypes.WinError(ctypes.get_last_error())
            buffer = ctypes.create_string_buffer(_BUFFER)
            read, needed = wintypes.DWORD(), wintypes.DWORD()
            try:
                while _advapi.ReadEventLogW(
                    handle,
                    _SEQUENTIAL | _FORWARDS,
                    0,
                    buffer,
                    _BUFFER,
                    ctypes.byref(read),
                    ctypes.byref(needed),
                ):
                    yield buffer.raw[: read.value]
                if (error := ctypes.get_last_error()) != _AT_END:
                    raise ctypes.WinError(error)
            finally:
                _advapi.CloseEventLog(handle)

    def events_of_this_machine() -> EventApi | None:
        """Return the log of this machine."""
        return WindowsEvents()
else:

    def events_of_this_machine() -> EventApi | None:
        """Return None: only Windows has such a log."""
        return None
