"""Windows' event log in memory, which hands entries out as Windows does: in bytes, some at a time.

The layout is that of EVENTLOGRECORD (winnt.h): 56 bytes of numbers, the source's name, the
machine's, then the entry's texts, and the length once more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from datetime import datetime

from app.eventlog import SOURCE
from tests.ledger.records import NOON

_AT_ONCE = 2
"""Entries in one buffer."""


class FakeEvents:
    """Fulfils EventApi. With `broken`, Windows refuses every call."""

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.kinds: list[int] = []
        self.broken = False

    def write(self, kind: int, number: int, texts: Sequence[str]) -> None:
        if self.broken:
            raise OSError(5, "Access is denied")
        self.kinds.append(kind)
        self.records.append(record(number, texts))

    def buffers(self) -> Iterator[bytes]:
        if self.broken:
            raise OSError(5, "Access is denied")
        for at in range(0, len(self.records), _AT_ONCE):
            yield b"".join(self.records[at : at + _AT_ONCE])


def record(
    number: int, texts: Sequence[str], source: str = SOURCE, at: datetime = NOON, kind: int = 4
) -> bytes:
    """Return an entry as Windows keeps it."""
    names = _wide(source) + _wide("DESK-1")
    first = 56 + len(names)
    body = names + b"".join(_wide(text) for text in texts)
    body += b"\0" * (-len(body) % 4)
    length = 56 + len(body) + 4
    seconds = int(at.timestamp())
    identifier = 0x4000_0000 | number  # severity and facility stand above the number
    numbers = (length, 0x654C664C, 1, seconds, seconds, identifier, kind, len(texts), 0, 0, 0)
    head = struct.pack("<6I4H6I", *numbers, first, 0, first, 0, first)
    return head + body + struct.pack("<I", length)


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass") + b"\0\0"
