"""Tells which column of a CSV file holds what, by its header or by the shape of its first row.

Headers differ in case, spaces and names. What names every column that the directory needs is taken
as it is; anything else is a guess for a person to confirm. A first row that may be data is never
shown as a header, since a seed may stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.core.secret import SHORTEST, normal, possible
from app.core.seed import ColumnMapping, SeedFormat

# The field of ColumnMapping -> the names that it goes by, in lower case, letters and digits alone.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "serial": (
        "serialnumber",
        "serial",
        "serialno",
        "serialnr",
        "sn",
        "tokenserial",
        "tokenserialnumber",
        "tokenid",
    ),
    "secret": (
        "secretkey",
        "secret",
        "seed",
        "seedkey",
        "tokenseed",
        "hexkey",
        "hexseed",
        "base32secret",
        "secretbase32",
        "seedbase32",
        "secrethex",
        "seedhex",
        "key",
    ),
    "interval": (
        "timeinterval",
        "timeintervalinseconds",
        "timestep",
        "interval",
        "period",
        "step",
    ),
    "manufacturer": ("manufacturer", "vendor", "maker"),
    "model": ("model", "tokenmodel", "product", "productname", "tokentype"),
    "person": ("upn", "userprincipalname", "user", "username", "email", "assignedto"),
    "hash_function": ("hashfunction", "hash", "hashalgorithm"),
    "digits": ("digits", "otplength", "codelength", "digitcount"),
    "kind": ("type", "otptype", "oathtype", "algorithmtype"),
}
_FIELD_OF: Final = {name: field for field, names in _NAMES.items() for name in names}
_SURE: Final = frozenset({"serialnumber", "secretkey", "manufacturer", "model"})
"""What every header has that Entra ID's page, Graph's samples and the vendors publish, but for the
interval, which two names stand for."""
_SURE_INTERVALS: Final = frozenset({"timeinterval", "timeintervalinseconds"})

_KINDS: Final = frozenset({"totp", "hotp"})
_OATH: Final = ColumnMapping(serial=0, secret=1, kind=2, digits=3, interval=4, header=False)
_YUBICO: Final = ColumnMapping(serial=0, secret=3, kind=2, header=False)
"""serial, public id, private id, key, lock code, time stamp; OATH has a private id of zeros."""
_PRIVATE_ID: Final = re.compile(r"[0-9a-f]{12}|", re.IGNORECASE)
_YUBICO_KEY: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_YUBICO_SERIAL: Final = re.compile(r"[0-9]{4,10}")
_YUBICO_COLUMNS: Final = range(5, 9)
_OATH_COLUMNS: Final = range(3, 6)


@dataclass(frozen=True, slots=True)
class Layout:
    """A recognised table. `manufacturer` and `model` are those that its format implies."""

    format: SeedFormat
    mapping: ColumnMapping
    manufacturer: str = ""
    model: str = ""


def recognised(first: Sequence[str]) -> Layout | None:
    """The layout that the first row makes sure, or None."""
    if set(map(_name, first)) >= _SURE and not _SURE_INTERVALS.isdisjoint(map(_name, first)):
        mapping = guessed(first)
        return Layout(SeedFormat.ENTRA_CSV, mapping) if mapping else None
    cells = [cell.strip() for cell in first]
    if len(cells) in _OATH_COLUMNS and cells[2].lower() in _KINDS:
        return Layout(SeedFormat.OATH_CSV, _OATH)
    if len(cells) in _YUBICO_COLUMNS and _is_yubico(cells):
        return Layout(SeedFormat.YUBICO_CSV, _YUBICO, "Yubico", "YubiKey")
    return None


def guessed(first: Sequence[str]) -> ColumnMapping | None:
    """Which column may be which, by its name; None where serial and secret have none."""
    found: dict[str, Any] = {}
    for place, cell in enumerate(first):
        field = _FIELD_OF.get(_name(cell))
        if field is not None:
            found.setdefault(field, place)
    if "serial" not in found or "secret" not in found:
        return None
    return ColumnMapping(**found)


def names(first: Sequence[str]) -> tuple[str, ...]:
    """The header to show to a person: every cell that is surely a name, "" for all others."""
    header = any(_name(cell) in _FIELD_OF for cell in first)
    return tuple(cell.strip() if header and _is_name(cell) else "" for cell in first)


def vendor_format(manufacturer: str, *, has_person: bool) -> SeedFormat:
    """Whose file one with Entra ID's header is: it says so in its first row, and nowhere else."""
    if manufacturer.casefold().startswith("token2"):
        return SeedFormat.TOKEN2_CSV
    if manufacturer.casefold().startswith("deepnet") and not has_person:
        return SeedFormat.DEEPNET_CSV
    return SeedFormat.ENTRA_CSV


def _name(cell: str) -> str:
    """A header's name as it is compared: in lower case, letters and digits alone."""
    return re.sub(r"[^0-9a-z]", "", cell.lower()) if len(cell) < _LONGEST_NAME else ""


_LONGEST_NAME: Final = 64


def _is_name(cell: str) -> bool:
    if _name(cell) in _FIELD_OF:
        return True
    plain = normal(cell)
    seed = len(plain) >= SHORTEST and possible(plain)
    return not seed and len(cell) < _LONGEST_NAME and not any(c.isdecimal() for c in cell)


def _is_yubico(cells: Sequence[str]) -> bool:
    patterns = ((0, _YUBICO_SERIAL), (2, _PRIVATE_ID), (3, _YUBICO_KEY))
    return all(pattern.fullmatch(cells[place]) for place, pattern in patterns)
