"""Token2's security keys (PIN+, Bio3, FIDO cards): the serial number of their OTP application.

Wire: go-ctap/token2, internal/protocol/commands.go. Some early keys give the serial number only
after a command of the configuration instruction (80 C5), which also writes: it is never sent, and
such a key counts as unreadable.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from app.core.reading import Family, TokenReading
from app.readers.families.apdu import (
    INS_NOT_SUPPORTED,
    OK,
    NotThisFamily,
    Transmit,
    Unreadable,
    exchange,
    select,
)

OTP_APPLICATION: Final = bytes.fromhex("F00000014F747001")
FIDO_APPLICATION: Final = bytes.fromhex("A0000006472F0001")
READ_SERIAL: Final = bytes.fromhex("8033000012D110") + bytes(16)

_CHAIN: Final = 0x80
_TAG: Final = 0xD1
_HEAD: Final = 2
_SHORTEST: Final = 7
_LONGEST: Final = 20

# go-ctap/token2, models.go: the first five digits.
MODELS: Final = {
    "86105": "R1 USB-A",
    "86104": "R1 USB-C",
    "86103": "R1 Dual",
    "86202": "R1 card",
    "96105": "PIN+ R2 USB-A",
    "96104": "PIN+ R2 USB-C",
    "96103": "PIN+ R2 Dual",
    "76103": "PIN+ R3 Dual",
    "76104": "PIN+ R3 USB-C",
    "76105": "PIN+ R3.1 USB-A",
    "76202": "R3 card",
    "72101": "PIN+ Mini USB-A",
    "72102": "PIN+ Mini USB-C",
    "72103": "Bio3 Dual",
    "77103": "PIN+ R3.2 Dual",
    "66103": "PIN+ R3.3 Dual",
    "66104": "PIN+ R3.3 USB-C",
    "66105": "PIN+ R3.3 USB-A",
    "66202": "PIN+ R3.3 card",
}
_PREFIX: Final = 5


def read(transmit: Transmit) -> TokenReading:
    """Ask for the serial number; where the OTP application does not know how, ask FIDO's."""
    select(transmit, OTP_APPLICATION, _CHAIN)
    data, status = exchange(transmit, READ_SERIAL, _CHAIN)
    if status == INS_NOT_SUPPORTED:
        with suppress(NotThisFamily):  # some keys refuse this selection, and still switch over
            select(transmit, FIDO_APPLICATION, _CHAIN)
        data, status = exchange(transmit, READ_SERIAL, _CHAIN)
    if status != OK:
        raise Unreadable(f"no serial number: {status:04X}")
    serial = parse(data)
    return TokenReading(Family.TOKEN2_FIDO, MODELS.get(serial[:_PREFIX], ""), serial)


def parse(data: bytes) -> str:
    """The digits of `D1 LL <LL digits>`. Raises Unreadable unless they are 7 to 20 digits."""
    if len(data) < _HEAD or data[0] != _TAG:
        raise Unreadable("an answer of another kind")
    digits = data[_HEAD : _HEAD + data[1]]
    if len(digits) != data[1]:
        raise Unreadable("an answer cut short")
    if not (_SHORTEST <= len(digits) <= _LONGEST and digits.isdigit()):
        raise Unreadable("a serial number that is not digits")
    return digits.decode("ascii")
