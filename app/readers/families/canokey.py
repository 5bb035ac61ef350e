"""CanoKey: the serial number of its admin application, told without a PIN.

Wire: canokeys/canokey-core, applets/admin/admin.c.
"""

from __future__ import annotations

from typing import Final

from app.core.reading import Family, TokenReading
from app.readers.families.apdu import Transmit, ask, fixed, select

ADMIN: Final = bytes.fromhex("F000000000")
READ_SERIAL: Final = bytes.fromhex("0032000004")

_SERIAL_BYTES: Final = 4


def read(transmit: Transmit) -> TokenReading:
    """Ask for the serial number: 8 hexadecimal digits, upper case."""
    select(transmit, ADMIN)
    number = fixed(ask(transmit, READ_SERIAL), _SERIAL_BYTES)
    return TokenReading(Family.CANOKEY, "CanoKey", number.hex().upper())
