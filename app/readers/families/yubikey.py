"""YubiKeys: the serial number that is printed on them, from whichever application tells it.

The management application tells it from firmware 4.1 on, the OTP application on older keys and
where its owner left the serial number visible, PIV from 5.0.3 on. Wire: yubikey-manager 5.9,
yubikit/management.py, yubiotp.py, piv.py; ykman/util.py for the restricted mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from app.core.reading import Family, Help, NeedsHelp, NotAToken, Thing, TokenReading
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

MANAGEMENT: Final = bytes.fromhex("A000000527471117")
OTP: Final = bytes.fromhex("A0000005272001")
PIV: Final = bytes.fromhex("A000000308")
NDEF: Final = bytes.fromhex("D2760000850101")

OTP_SERIAL: Final = bytes.fromhex("0001100000")
PIV_SERIAL: Final = bytes.fromhex("00F8000000")
NDEF_FILE: Final = bytes.fromhex("00A4000C02E104")
NDEF_READ: Final = bytes.fromhex("00B0000000")
_RESTRICTED: Final = bytes.fromhex("001FD1011B5504") + b"yubico.com/getting-started"

_SERIAL: Final = 0x02
_FORM: Final = 0x04
_VERSION: Final = 0x05
_MORE: Final = 0x10
_PAGES: Final = 4
_VERSION_BYTES: Final = 3
_SERIAL_BYTES: Final = 4

_SECURITY_KEY: Final = 0x40
_FIPS: Final = 0x80
_FORMS: Final = {
    1: "USB-A",
    2: "USB-A Nano",
    3: "USB-C",
    4: "USB-C Nano",
    5: "USB-C Lightning",
    6: "USB-A Bio",
    7: "USB-C Bio",
}

Fields = Mapping[int, bytes]


def read(transmit: Transmit) -> TokenReading | NotAToken | NeedsHelp:
    """Ask a card that may be a YubiKey; NotThisFamily where it has no management application."""
    select(transmit, MANAGEMENT)
    return _from_management(transmit)


def read_known(transmit: Transmit) -> TokenReading | NotAToken | NeedsHelp:
    """Ask a card that is a YubiKey by its reader's name or its ATR, in every way there is."""
    try:
        select(transmit, MANAGEMENT)
    except NotThisFamily:
        if _is_restricted(transmit):
            return NeedsHelp(Help.NFC_RESTRICTED)
        return _otherwise(transmit, {})
    return _from_management(transmit)


def _from_management(transmit: Transmit) -> TokenReading | NotAToken:
    fields = _fields(transmit)
    serial = _number(fields.get(_SERIAL, b""))
    return _otherwise(transmit, fields) if serial is None else _token(fields, serial)


def _otherwise(transmit: Transmit, fields: Fields) -> TokenReading | NotAToken:
    """Ask the applications that tell the serial number where management does not."""
    if _form(fields) & _SECURITY_KEY:
        return NotAToken(Thing.SECURITY_KEY)
    for application, command in ((OTP, OTP_SERIAL), (PIV, PIV_SERIAL)):
        with suppress(NotThisFamily):
            select(transmit, application)
            data, status = exchange(transmit, command)
            serial = _number(data) if status == OK else None
            if serial is not None:
                return _token(fields, serial)
    return NotAToken(Thing.SECURITY_KEY)


def _fields(transmit: Transmit) -> Fields:
    """The device's information, page by page; empty for firmware that has none."""
    fields: dict[int, bytes] = {}
    for page in range(_PAGES):
        data, status = exchange(transmit, bytes((0x00, 0x1D, page, 0x00, 0x00)))
        if status != OK:
            break
        if not data or data[0] != len(data) - 1:
            raise Unreadable("device information of another length")
        found = dict(tlvs(data[1:]))
        fields = {**found, **fields}
        if found.get(_MORE, b"\x00") == b"\x00":
            break
    return fields


def _number(data: bytes) -> str | None:
    """The serial number of four bytes, big endian; None where there is none, or it is zero."""
    if not data:
        return None
    if len(data) != _SERIAL_BYTES:
        raise Unreadable(f"a serial number of {len(data)} bytes")
    number = int.from_bytes(data)
    return str(number) if number else None


def _form(fields: Fields) -> int:
    form = fields.get(_FORM, b"")
    return form[0] if form else 0


def _token(fields: Fields, serial: str) -> TokenReading:
    form = _form(fields)
    version = fields.get(_VERSION, b"")
    words = [
        "YubiKey",
        ".".join(map(str, version)) if len(version) == _VERSION_BYTES else "",
        "FIPS" if form & _FIPS else "",
        _FORMS.get(form & 0x0F, ""),
    ]
    return TokenReading(Family.YUBIKEY, " ".join(filter(None, words)), serial)


def _is_restricted(transmit: Transmit) -> bool:
    """Whether the key shows nothing but the address of its instructions, as it left the factory."""
    try:
        select(transmit, NDEF)
        ask(transmit, NDEF_FILE)
        return ask(transmit, NDEF_READ).startswith(_RESTRICTED)
    except (NotThisFamily, Unreadable):
        return False
