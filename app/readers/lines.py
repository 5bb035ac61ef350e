"""Make lines of the bytes that a scanner sends, however they are cut; pure, and bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LONGEST: Final = 4096
"""Bytes of one line that are kept; core.scan refuses half of it as too long already."""

_GS: Final = "\x1d"
_ENDINGS: Final = (b"\r\n", b"\r", b"\n")


@dataclass(slots=True)
class Lines:
    """Collects bytes into lines. `ending` divides them; empty means CR, LF or both.

    `prefix` is taken off a line that begins with it; `separator` becomes GS (0x1D). Empty lines
    are dropped, and of a line beyond LONGEST bytes the rest.
    """

    ending: bytes = b""
    prefix: str = ""
    separator: str = ""
    ended: bool = False
    """Whether an ending was ever heard."""
    _held: bytes = b""

    def feed(self, data: bytes) -> list[str]:
        """Take in `data`; return the lines that it completes."""
        self._held += data
        *whole, rest = self._split()
        self._held = rest[:LONGEST]
        self.ended = self.ended or bool(whole)
        return self._texts(whole)

    def flush(self) -> list[str]:
        """What came without an ending: for scanners that send none, once they fall silent."""
        held, self._held = self._held, b""
        return self._texts([held])

    def _split(self) -> list[bytes]:
        if self.ending:
            return self._held.split(self.ending)
        plain = self._held
        for ending in _ENDINGS[:2]:
            plain = plain.replace(ending, _ENDINGS[2])
        return plain.split(_ENDINGS[2])

    def _texts(self, lines: list[bytes]) -> list[str]:
        texts = (_decoded(line[:LONGEST]).removeprefix(self.prefix) for line in lines)
        if self.separator:
            texts = (text.replace(self.separator, _GS) for text in texts)
        return [text for text in texts if text.strip()]


def _decoded(line: bytes) -> str:
    """UTF-8 as most scanners send it, else Latin-1, which has a character for every byte."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
