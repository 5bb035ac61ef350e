"""Which number of a person's badge the directory knows, by what the site has configured.

A barcode on a badge is told from a serial number by its pattern (core.scan). A badge that is tapped
tells the number of its chip or of its PIV application instead, and sites file that number in many
spellings: hexadecimal as the reader tells it, or its bytes in reverse, or either as a decimal
number, which is what most door systems print.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final

from app.core.reading import BadgeKind, BadgeReading

EMPLOYEE_ID: Final = "employeeId"
"""The attribute that holds the badge number unless the site says otherwise."""

_EXTENSIONS: Final = tuple(f"extensionAttribute{number}" for number in range(1, 16))

ATTRIBUTES: Final = (EMPLOYEE_ID, *_EXTENSIONS)
"""Where a badge number may be filed: Graph can search these for an exact value (Graph: user)."""

_LONGEST: Final = 64


class ChipNumber(enum.Enum):
    """How the directory spells the number of a badge's chip; the value is the setting's."""

    IGNORED = "ignored"
    """The number of the chip says nothing about the person."""
    HEX = "hex"
    HEX_REVERSED = "hex-reversed"
    DECIMAL = "decimal"
    DECIMAL_REVERSED = "decimal-reversed"


@dataclass(frozen=True, slots=True)
class BadgeRules:
    """What a tapped badge says. `attribute` is one of ATTRIBUTES, and holds scanned numbers too.

    `pattern`, where there is one, must match the whole number as it is spelt; its group `number`,
    if it has one, is what the directory holds. Raises ValueError for an unknown attribute.
    """

    attribute: str = EMPLOYEE_ID
    chip: ChipNumber = ChipNumber.IGNORED
    pattern: re.Pattern[str] | None = None

    def __post_init__(self) -> None:
        if self.attribute not in ATTRIBUTES:
            raise ValueError(f"not an attribute that can hold a badge number: {self.attribute}")


def badge_number(reading: BadgeReading, rules: BadgeRules) -> str | None:
    """Return what the directory holds for this badge, or None where it means nobody here."""
    spelt = _spelt(reading, rules.chip)
    if not spelt or rules.pattern is None:
        return spelt
    found = rules.pattern.fullmatch(spelt[:_LONGEST])
    if found is None:
        return None
    named = found["number"] if "number" in rules.pattern.groupindex else None
    return named or found[0] or None


def _spelt(reading: BadgeReading, chip: ChipNumber) -> str | None:
    """A PIV number is a number of the person by itself; that of a chip only where it is filed."""
    if reading.kind is not BadgeKind.UID:
        return reading.number
    match chip:
        case ChipNumber.IGNORED:
            return None
        case ChipNumber.HEX:
            return reading.number
        case ChipNumber.HEX_REVERSED:
            return _reversed(reading.number)
        case ChipNumber.DECIMAL:
            return str(int(reading.number, 16))
        case ChipNumber.DECIMAL_REVERSED:
            return str(int(_reversed(reading.number), 16))


def _reversed(number: str) -> str:
    return bytes.fromhex(number)[::-1].hex().upper()
