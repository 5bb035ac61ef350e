"""Token2's programmable tokens with a display: serial number and clock, told without a password.

The token answers over NFC while its display is on. Its protocol has no application to select, so
an unknown card could answer by chance: only a clean answer with a serial number of a known product
counts. Wire and product prefixes: token2/t2nfc_burner, Token2Protocol.kt; token2/keyroost,
docs/PROTOCOL-token2prog.md.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from app.core.reading import Family, TokenReading
from app.readers.families.apdu import OK, NotThisFamily, Transmit, Unreadable, exchange

READ_INFO: Final = bytes.fromhex("80410000020211")

MODELS: Final = {
    "8659612": "OTPC-P1-i",
    "8659622": "OTPC-P2-i",
    "8659621": "OTPC-P2-i-NB",
    "8659600": "miniOTP-2-i",
    "8659601": "miniOTP-3-i",
    "8659609": "miniOTP-3-i-NB",
    "8659610": "C301-i",
    "8659632": "C302-i",
}
"""Product by the first seven digits of the serial number."""

_PREFIX: Final = 7
_LENGTH_AT: Final = 3
_SERIAL_AT: Final = 4
_BETWEEN: Final = 2
"""Bytes between serial number and clock that are of no use here."""
_CLOCK: Final = 4
_SHORTEST: Final = 8
_LONGEST: Final = 20


def read(transmit: Transmit) -> TokenReading:
    """Ask for serial number and clock. NotThisFamily also where the product is not known."""
    data, status = exchange(transmit, READ_INFO)
    if status != OK:
        raise NotThisFamily(f"no information: {status:04X}")
    serial, clock = parse(data)
    model = MODELS.get(serial[:_PREFIX])
    if model is None:
        raise NotThisFamily("a serial number of no known product")
    return TokenReading(Family.TOKEN2_OTP, model, serial, clock)


def parse(data: bytes) -> tuple[str, datetime]:
    """Split `hh hh hh | N | N digits | ss ss | clock`; the clock is Unix time, big endian.

    Raises Unreadable for anything cut short and for a serial number that is not 8 to 20 digits.
    """
    if len(data) <= _LENGTH_AT:
        raise Unreadable("an answer without length")
    length = data[_LENGTH_AT]
    clock_at = _SERIAL_AT + length + _BETWEEN
    if len(data) < clock_at + _CLOCK:
        raise Unreadable("an answer cut short")
    digits = data[_SERIAL_AT : _SERIAL_AT + length]
    if not (_SHORTEST <= length <= _LONGEST and digits.isdigit()):
        raise Unreadable("a serial number that is not digits")
    clock = int.from_bytes(data[clock_at : clock_at + _CLOCK])
    return digits.decode("ascii"), datetime.fromtimestamp(clock, UTC)
