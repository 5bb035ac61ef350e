"""Solo 2: the UUID that its admin application tells; Nitrokey 3 shares that application.

Wire: solokeys/solo2-cli; Nitrokey/nitrokey-sdk-py.
"""

from __future__ import annotations

from typing import Final

from app.core.reading import Family, TokenReading
from app.readers.families.apdu import Transmit, ask, fixed, select

ADMIN: Final = bytes.fromhex("A00000084700000001")
READ_UUID: Final = bytes.fromhex("0062000010")

_UUID_BYTES: Final = 16


def read(transmit: Transmit) -> TokenReading:
    """Ask for the UUID: 32 hexadecimal digits, upper case."""
    return TokenReading(Family.SOLO, "Solo 2", uuid(transmit).hex().upper())


def uuid(transmit: Transmit) -> bytes:
    """Return the 16 bytes by which the admin application names its device."""
    select(transmit, ADMIN)
    return fixed(ask(transmit, READ_UUID), _UUID_BYTES)
