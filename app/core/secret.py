"""The seed of a token: held so that nothing shows it by accident, and read from text with care.

A seed is the one secret of a token that nobody can change afterwards. Whoever has it can make the
token's codes for as long as the token is in use. So it has no text form but the one that is asked
for by name, it cannot be pickled or copied, and it can be overwritten when it has served.

Vendors write seeds in hexadecimal or in Base32, often without saying which. Graph takes Base32 of
16 to 128 characters of A-Z and 2-7 (Graph contract, section 5).
"""

from __future__ import annotations

import base64
import binascii
import enum
import hmac
import re
from collections.abc import Sequence
from typing import Final, NoReturn

SHORTEST: Final = 16
LONGEST: Final = 128
"""Characters that a seed has in Base32, without padding."""

_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE32_ALL: Final = re.compile(r"[A-Z2-7]+")
_HEX: Final = re.compile(r"(?:[0-9A-F]{2})+")
# RFC 4648's other alphabet, base32hex, is what int() reads: far faster than base64.b32decode.
_AS_DIGITS: Final = str.maketrans(_BASE32, "0123456789abcdefghijklmnopqrstuv")
_IMPOSSIBLE: Final = frozenset({1, 3, 6})
"""Remainders modulo 8 that no Base32 text's length has (RFC 4648, section 6)."""
# What people put between groups of characters goes: spaces of several kinds, tabs, dashes. Only a-z
# become upper case: a sharp s would become "SS", and that is Base32.
_PLAIN: Final = dict.fromkeys(map(ord, " \t\r\n\u00a0\u2007\u202f-")) | {
    small: small - 32 for small in range(ord("a"), ord("z") + 1)
}


class Secret:
    """The bytes of a seed (or of a key or password for a file of seeds), shown to nobody.

    `wipe` overwrites the bytes that this object holds. That takes the secret out of this object and
    out of the memory that it used, and no more: texts, numbers and buffers that the bytes were read
    from and written to on their way are Python's, cannot be overwritten, and vanish when their
    memory is used again. Pages that the system swapped out are beyond reach as well. It shortens
    the time for which a seed can be found in memory; it does not prove that none is left.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes | bytearray) -> None:
        self._raw = bytearray(raw)

    def reveal(self) -> bytes:
        """The bytes, for the one place that computes with them. Raises ValueError once wiped."""
        if not self._raw:
            raise ValueError("the secret is wiped")
        return bytes(self._raw)

    def reveal_base32(self) -> str:
        """The seed as Graph takes it: A-Z and 2-7, no padding. Raises ValueError once wiped."""
        raw = self.reveal()
        characters = _characters(len(raw))
        spare = characters * 5 - len(raw) * 8
        number = int.from_bytes(raw, "big") << spare
        return "".join(_BASE32[number >> 5 * i & 31] for i in reversed(range(characters)))

    def wipe(self) -> None:
        """Overwrite the bytes with zeros, then let go of them; a second time does nothing."""
        self._raw[:] = bytes(len(self._raw))
        self._raw.clear()

    @property
    def wiped(self) -> bool:
        """Whether there is nothing left to reveal."""
        return not self._raw

    def __len__(self) -> int:
        return len(self._raw)

    def __bool__(self) -> bool:
        return bool(self._raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._raw, other._raw)

    # It changes when it is wiped, and a hash would be a trace of it.
    __hash__ = None  # type: ignore[assignment]  # - this is how Python is told so

    def __repr__(self) -> str:
        return "Secret(******)"

    def __str__(self) -> str:
        return "******"

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is neither pickled nor copied")


class Encoding(enum.Enum):
    """How a seed is written."""

    HEX = "hexadecimal"
    BASE32 = "Base32"
    BASE64 = "Base64"
    TEXT = "text"
    """The characters themselves, in ASCII."""


class SecretProblem(enum.Enum):
    """What keeps a text from being a seed."""

    MISSING = "missing"
    NOT_HEX = "not hexadecimal"
    NOT_BASE32 = "not Base32"
    NOT_BASE64 = "not Base64"
    NOT_TEXT = "not printable ASCII"
    NEITHER = "neither hexadecimal nor Base32"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"


def normal(text: str) -> str:
    """`text` in upper case, without what stands between groups of characters."""
    return text.upper() if text.isascii() and text.isalnum() else text.translate(_PLAIN)


def possible(text: str) -> frozenset[Encoding]:
    """The encodings that a text in `normal` form can be of: none, one, or both.

    Padding is Base32's alone.
    """
    found = []
    if _is_hex(text):
        found.append(Encoding.HEX)
    if _is_base32(text.rstrip("=")):
        found.append(Encoding.BASE32)
    return frozenset(found)


def read_secret(text: str, encoding: Encoding) -> Secret | SecretProblem:
    """Return the seed that `text` stands for as it was written, or why it is none.

    In Base64 and in plain text small letters and dashes count. White space around plain text is
    refused, since it cannot be told whether it belongs to the seed.
    """
    match encoding:
        case Encoding.TEXT:
            if not text.strip():
                return SecretProblem.MISSING
            sound = text.isascii() and text.isprintable() and text == text.strip()
            return sized(text.encode("ascii")) if sound else SecretProblem.NOT_TEXT
        case Encoding.BASE64:
            return _of_base64("".join(text.split()))
        case Encoding.HEX:
            return decoded(_PREFIX.sub("", normal(text.strip())), encoding)
        case _:
            return decoded(normal(text), encoding)


def _of_base64(text: str) -> Secret | SecretProblem:
    """The seed of a text in Base64 or in its form for addresses; padding may be missing."""
    bare = text.rstrip("=").translate(_URL_SAFE)
    try:
        return sized(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True))
    except (binascii.Error, ValueError):
        return SecretProblem.NOT_BASE64


_URL_SAFE: Final = str.maketrans("-_", "+/")
_PREFIX: Final = re.compile(r"^0X")


def decoded(text: str, encoding: Encoding) -> Secret | SecretProblem:
    """The seed that a text in `normal` form stands for, or why it is none."""
    if not text:
        return SecretProblem.MISSING
    if encoding is Encoding.HEX:
        return sized(bytes.fromhex(text)) if _is_hex(text) else SecretProblem.NOT_HEX
    bare = text.rstrip("=")
    if len(bare) > LONGEST:
        return SecretProblem.TOO_LONG
    return sized(base32_bytes(bare)) if _is_base32(bare) else SecretProblem.NOT_BASE32


def sized(raw: bytes) -> Secret | SecretProblem:
    """The seed of these bytes, if Graph takes one of that length (10 to 80 bytes)."""
    if not raw:
        return SecretProblem.MISSING
    characters = _characters(len(raw))
    if characters < SHORTEST:
        return SecretProblem.TOO_SHORT
    return SecretProblem.TOO_LONG if characters > LONGEST else Secret(raw)


def base32_bytes(text: str) -> bytes:
    """The bytes of a text of A-Z and 2-7 whose length is one that Base32 has.

    The bits left over at the end are dropped, whatever they are.
    """
    spare = len(text) * 5 % 8
    return (int(text.translate(_AS_DIGITS), 32) >> spare).to_bytes(len(text) * 5 // 8, "big")


def swift(texts: Sequence[str], encoding: Encoding) -> list[Secret] | None:
    """The seeds of many texts, where each of them is surely of `encoding`.

    None where one is not sure: it could be of the other encoding as well, or is none, or the texts
    are not all of one length, as a vendor's are. This is the same as asking `possible` and
    `decoded` for the `normal` form of each, and twenty times as fast: it works on all at once.
    """
    lengths = set(map(len, texts))
    size = lengths.pop()
    joined = "\n".join(texts)
    if lengths or encoding not in _EVIDENCE or not joined.isascii() or not _sizes(size, encoding):
        return None
    if encoding is Encoding.HEX and any(map(str.isdecimal, texts)):  # may be text as well
        return None
    joined = joined.upper()
    evidence, rest = _EVIDENCE[encoding]
    marks = b"\n%b\n" % joined.encode("ascii").translate(None, rest)
    if marks.translate(None, evidence) != b"\n" * (len(texts) + 1) or b"\n\n" in marks:
        return None
    raw, step = _bulk(joined.split("\n"), size, encoding)
    end = size // 2 if encoding is Encoding.HEX else size * 5 // 8
    return [Secret(raw[at : at + end]) for at in range(0, len(raw), step)]


_EVIDENCE: Final = {
    Encoding.HEX: (b"0189", b"234567ABCDEF"),
    Encoding.BASE32: (b"GHIJKLMNOPQRSTUVWXYZ", b"234567ABCDEF"),
}
"""What is of one encoding alone, and what else it has."""


def _sizes(size: int, encoding: Encoding) -> bool:
    """Whether a text of `size` characters is a seed of a length that Graph takes."""
    if encoding is Encoding.HEX:
        return size % 2 == 0 and SHORTEST <= _characters(size // 2) <= LONGEST
    return size % 8 not in _IMPOSSIBLE and SHORTEST <= size <= LONGEST


def _bulk(texts: Sequence[str], size: int, encoding: Encoding) -> tuple[bytes, int]:
    """All texts as bytes, one after the other, and how far apart they begin."""
    if encoding is Encoding.HEX:
        return bytes.fromhex("".join(texts)), size // 2
    filling = "A" * (-size % 8)  # so that each begins with a byte
    return base32_bytes(filling.join((*texts, ""))), (size + len(filling)) * 5 // 8


def _characters(size: int) -> int:
    """How many Base32 characters `size` bytes take, without padding."""
    return -(-size * 8 // 5)


def _is_hex(text: str) -> bool:
    return _HEX.fullmatch(text) is not None


def _is_base32(text: str) -> bool:
    return len(text) % 8 not in _IMPOSSIBLE and _BASE32_ALL.fullmatch(text) is not None
