"""What a body is once its Content-Encoding is undone, piece by piece (RFC 9110, section 8.4).

One encoding is undone: gzip, or deflate. Several on top of each other are refused, since each
multiplies by up to 1,000 what a few bytes become. No piece is larger than PIECE, whatever it was
compressed from, so the reader's own limit holds for the decoded bytes and memory stays flat.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

ACCEPTED: Final = "gzip"
"""What requests name in Accept-Encoding."""

PIECE: Final = 65536
"""The largest decoded piece in bytes."""

_GZIP: Final = frozenset({"gzip", "x-gzip"})
_DEFLATE: Final = "deflate"
_NONE: Final = frozenset({"", "identity"})


class ContentError(ValueError):
    """A body that cannot be decoded, or is encoded more than once."""


def encoding_of(values: Iterable[str]) -> str:
    """Return the one encoding that the Content-Encoding headers `values` name, or an empty text.

    Raises ContentError for several, and for one that is not known.
    """
    names = [name.strip().lower() for value in values for name in value.split(",")]
    named = [name for name in names if name not in _NONE]
    if not named:
        return ""
    if len(named) > 1:
        raise ContentError(f"a body that is encoded {len(named)} times")
    if named[0] not in _GZIP and named[0] != _DEFLATE:
        raise ContentError(f"a body in an encoding that was not asked for: {named[0][:40]!r}")
    return named[0]


class Decoder:
    """Decodes one body that is encoded with `encoding`, as `encoding_of` returns it."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._inflate = zlib.decompressobj(_window(encoding)) if encoding else None
        self._is_begun = False

    @property
    def is_over(self) -> bool:
        """Whether the encoded body has ended, so that what follows does not count."""
        return self._inflate is not None and self._inflate.eof

    def pieces(self, received: bytes) -> Iterator[bytes]:
        """Yield what `received` decodes to. Raises ContentError."""
        if self._inflate is None:
            yield received
            return
        rest = received
        while rest and not self._inflate.eof:
            piece = self._inflated(rest)
            rest = self._inflate.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        """Raise ContentError where the encoded body has not ended."""
        if self._inflate is not None and self._is_begun and not self._inflate.eof:
            raise ContentError("a compressed body that was cut short")

    def _inflated(self, received: bytes) -> bytes:
        assert self._inflate is not None
        first, self._is_begun = not self._is_begun, True
        try:
            return self._inflate.decompress(received, PIECE)
        except zlib.error as error:
            if not (first and self._encoding == _DEFLATE):
                raise ContentError(f"not {self._encoding}: {error}") from None
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # some servers send it without a head
        try:
            return self._inflate.decompress(received, PIECE)
        except zlib.error as error:
            raise ContentError(f"not {self._encoding}: {error}") from None


def _window(encoding: str) -> int:
    """Return zlib's `wbits` for `encoding`: 16 more stands for the head of gzip."""
    return zlib.MAX_WBITS | 16 if encoding in _GZIP else zlib.MAX_WBITS
