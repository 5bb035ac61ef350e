"""Send a command and gather its whole answer, so that the families see neither chains nor lengths.

ISO 7816-4 lets a card answer in pieces: 61xx and, from older cards, 9Fxx mean that xx more bytes
wait for GET RESPONSE, and 6Cxx that the command is to be repeated with the length xx.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

Transmit = Callable[[bytes], tuple[bytes, int]]
"""Carries one command APDU (4 to 261 bytes); returns the data and the status word, 0 to FFFF."""

OK: Final = 0x9000
INS_NOT_SUPPORTED: Final = 0x6D00

_MORE: Final = (0x61, 0x9F)
_WRONG_LENGTH: Final = 0x6C
_HEADER: Final = 4
_PIECES: Final = 16
_LONGEST: Final = 4096


class NotThisFamily(Exception):
    """The card does not know the application or command that the family is told by."""


class Unreadable(Exception):
    """The card is of the family, and what it answered is not what the family answers."""


def exchange(transmit: Transmit, command: bytes, chain: int = 0x00) -> tuple[bytes, int]:
    """Send `command`; return all of its answer and the last status word.

    `chain` is the class byte of GET RESPONSE. Raises Unreadable for an answer beyond 16 pieces
    (one that is asked for again counts again) or 4096 bytes, which no family here has use for.
    """
    data, status = transmit(command)
    if status >> 8 == _WRONG_LENGTH:
        data, status = transmit(_with_length(command, status & 0xFF))
    return _gathered(transmit, data, status, chain)


def _gathered(transmit: Transmit, data: bytes, status: int, chain: int) -> tuple[bytes, int]:
    pieces = 1
    while status >> 8 in _MORE:
        pieces += 1
        if pieces > _PIECES:
            raise Unreadable("an answer without end")
        piece, status = transmit(bytes((chain, 0xC0, 0, 0, status & 0xFF)))
        if status >> 8 == _WRONG_LENGTH:
            pieces += 1
            piece, status = transmit(bytes((chain, 0xC0, 0, 0, status & 0xFF)))
        data += piece
        if len(data) > _LONGEST:
            raise Unreadable("an answer too long")
    return data, status


def select(transmit: Transmit, application: bytes, chain: int = 0x00) -> bytes:
    """Select `application` by its whole identifier (5 to 16 bytes); return what it says of itself.

    A card that announces data (61xx, 6Cxx) has selected, whether or not the data can be had.
    Raises NotThisFamily where it has not.
    """
    command = bytes((0x00, 0xA4, 0x04, 0x00, len(application))) + application
    data, status = transmit(command)
    if status == OK:
        return data
    if status >> 8 == _WRONG_LENGTH:
        data, status = transmit(_with_length(command, status & 0xFF))
    elif status >> 8 not in _MORE:
        raise NotThisFamily(f"{application.hex()} is not selected: {status:04X}")
    data, status = _gathered(transmit, data, status, chain)
    return data if status == OK else b""


def ask(transmit: Transmit, command: bytes, chain: int = 0x00) -> bytes:
    """Send `command` to an application that was selected; Unreadable unless it succeeds."""
    data, status = exchange(transmit, command, chain)
    if status != OK:
        raise Unreadable(f"{command[:_HEADER].hex()} is answered with {status:04X}")
    return data


def fixed(data: bytes, length: int) -> bytes:
    """Return `data` if it is `length` bytes and not all alike 00 or FF; else raise Unreadable."""
    if len(data) != length:
        raise Unreadable(f"{len(data)} bytes instead of {length}")
    if set(data) in ({0x00}, {0xFF}):
        raise Unreadable("a number that was never set")
    return data


def tlvs(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of simple TLVs: one byte tag, BER length up to 65535.

    Raises Unreadable where a value ends before its length.
    """
    at = 0
    while at < len(data):
        begin, length = _length(data, at + 1)
        if begin + length > len(data):
            raise Unreadable("a field is cut short")
        yield data[at], data[begin : begin + length]
        at = begin + length


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Where the value begins whose length stands at `at`, and that length (ISO 7816-4, 5.2.2)."""
    size = {0x81: 1, 0x82: 2}.get(data[at], 0) if at < len(data) else 0
    if at + size >= len(data):
        raise Unreadable("a field without length")
    if size:
        return at + 1 + size, int.from_bytes(data[at + 1 : at + 1 + size])
    if data[at] >= 0x80:  # noqa: PLR2004 - the bit that says that the length is longer
        raise Unreadable("a field with a length that is not one")
    return at + 1, data[at]


def _with_length(command: bytes, length: int) -> bytes:
    """The same short command asking for `length` bytes, whether or not it named a length before."""
    if len(command) <= _HEADER + 1:
        return command[:_HEADER] + bytes((length,))
    body = command[_HEADER + 1 :][: command[_HEADER]]
    return command[: _HEADER + 1] + body + bytes((length,))
