"""Badges: whose card it is, never which token. A PIV card's CHUID, or the number of the chip.

CHUID: NIST SP 800-73-4, part 1, 3.1.2 and part 2, 3.1.2 (GET DATA 5FC102). FASC-N: PACS 2.3, 6.2:
200 bits, digits of four bits and odd parity, least significant bit first. Chip number: PC/SC
specification, part 3, 3.2.2.1.3, a command to the reader rather than to the card.
"""

from __future__ import annotations

from typing import Final

from app.core.reading import BadgeKind, BadgeReading, NotAToken, Thing
from app.readers.families.apdu import (
    OK,
    NotThisFamily,
    Transmit,
    Unreadable,
    ask,
    exchange,
    select,
    tlvs,
)
from app.readers.families.yubikey import PIV

READ_CHUID: Final = bytes.fromhex("00CB3FFF055C035FC10200")
READ_UID: Final = bytes.fromhex("FFCA000000")

_TEMPLATE: Final = 0x53
_FASC_N: Final = 0x30
_GUID: Final = 0x34
_GUID_BYTES: Final = 16
_FASC_N_BYTES: Final = 25
_UID_BYTES: Final = (4, 7, 10)
_RANDOM: Final = 0x08

# Where the digits of agency, system and credential stand among the 40 characters of a FASC-N; a
# sentinel begins it, and a separator follows each of them.
_AGENCY: Final = slice(1, 5)
_SYSTEM: Final = slice(6, 10)
_CREDENTIAL: Final = slice(11, 17)
_DIGITS: Final = 10


def read_chuid(transmit: Transmit) -> BadgeReading:
    """Ask a PIV card for its holder's identifier: the GUID, or the FASC-N where that is unset."""
    select(transmit, PIV)
    outer = dict(tlvs(ask(transmit, READ_CHUID)))
    if _TEMPLATE not in outer:
        raise Unreadable("no CHUID")
    fields = dict(tlvs(outer[_TEMPLATE]))
    guid = fields.get(_GUID, b"")
    if len(guid) == _GUID_BYTES and any(guid):
        return BadgeReading(BadgeKind.CHUID, guid.hex().upper())
    return BadgeReading(BadgeKind.CHUID, fasc_n(fields.get(_FASC_N, b"")))


def read_uid(transmit: Transmit) -> BadgeReading | NotAToken:
    """Ask a contactless reader for the number of the chip that lies on it."""
    data, status = exchange(transmit, READ_UID, chain=0xFF)
    if status != OK:
        raise NotThisFamily(f"no chip number: {status:04X}")
    if len(data) not in _UID_BYTES:
        raise Unreadable(f"a chip number of {len(data)} bytes")
    if len(data) == _UID_BYTES[0] and data[0] == _RANDOM:
        return NotAToken(Thing.RANDOM_UID)
    return BadgeReading(BadgeKind.UID, data.hex().upper())


def fasc_n(data: bytes) -> str:
    """The 14 digits of agency (4), system (4) and credential (6). Raises Unreadable."""
    if len(data) != _FASC_N_BYTES:
        raise Unreadable("no FASC-N")
    bits = f"{int.from_bytes(data):0{_FASC_N_BYTES * 8}b}"
    characters = [_character(bits[at : at + 5]) for at in range(0, len(bits), 5)]
    digits = [*characters[_AGENCY], *characters[_SYSTEM], *characters[_CREDENTIAL]]
    if any(digit >= _DIGITS for digit in digits) or not any(digits):
        raise Unreadable("a FASC-N without digits")
    return "".join(map(str, digits))


def _character(bits: str) -> int:
    if bits.count("1") % 2 == 0:
        raise Unreadable("a FASC-N with a wrong parity")
    return int(bits[3::-1], 2)
