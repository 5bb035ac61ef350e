"""Nitrokey 3: the serial number that its secrets application tells when it is selected.

Other makers answer to the same application (it is YubiKey's OATH) without a serial number. Wire:
Nitrokey/trussed-secrets-app, src/authenticator.rs; nitrokey-3-firmware, components/apps. The serial
number is the beginning of the device's UUID, which the admin application tells.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from app.core.reading import Family, NotAToken, Thing, TokenReading
from app.readers.families.apdu import NotThisFamily, Transmit, Unreadable, fixed, select, tlvs
from app.readers.families.solo import uuid

OATH: Final = bytes.fromhex("A0000005272101")

_VERSION: Final = 0x79
_SERIAL: Final = 0x8F
_SERIAL_BYTES: Final = 4
_VERSION_BYTES: Final = 3


def read(transmit: Transmit) -> TokenReading | NotAToken:
    """Ask a card that may be a Nitrokey; an OATH application without serial number is no token."""
    found = dict(tlvs(select(transmit, OATH)))
    if _SERIAL not in found:
        if _VERSION not in found:
            raise Unreadable("an OATH application without version")
        return NotAToken(Thing.OATH_APPLET)
    return _token(fixed(found[_SERIAL], _SERIAL_BYTES), found.get(_VERSION, b""))


def read_known(transmit: Transmit) -> TokenReading:
    """Ask a card that is a Nitrokey by its ATR, with or without the secrets application."""
    with suppress(NotThisFamily):
        reading = read(transmit)
        if isinstance(reading, TokenReading):
            return reading
    return _token(uuid(transmit)[:_SERIAL_BYTES], b"")


def _token(number: bytes, version: bytes) -> TokenReading:
    told = ".".join(map(str, version)) if len(version) == _VERSION_BYTES else ""
    model = f"Nitrokey 3, secrets {told}" if told else "Nitrokey 3"
    return TokenReading(Family.NITROKEY, model, number.hex().upper())
