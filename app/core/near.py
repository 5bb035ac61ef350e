"""Finds the serial numbers that a tenant may have in place of one that it does not know.

Vendors print a dash or a space that the inventory has not, or the other way round; a spreadsheet
loses leading zeros; people read O for 0 and I or l for 1. What differs by such things alone is
near. A near serial number is offered to a person, and never taken by itself, even where there is
only one: it may be another token's.

The inventory can be asked for exact serial numbers alone, one a request, so that the variants are
bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Final

MOST: Final = 12
"""Variants that are asked for at most; each costs a request."""

_WIDTHS: Final = (8, 10, 12, 13, 14)
"""Digits of the serial numbers that vendors use, to which lost zeros may be added."""
_MOST_ZEROS: Final = 4
_MOST_PLACES: Final = 4
_MINIMUM: Final = 4
_LOOKALIKES: Final = str.maketrans("OIL", "011")
_SWAPPED: Final = str.maketrans("YZ", "ZY")
_PREFIXED: Final = re.compile(r"[A-Z]{1,6}-?([0-9]{6,})")
_NAGRA: Final = re.compile(r"([0-9A-Z]{7})([0-9]{5})")
_GROUPS: Final = re.compile(r"([0-9]{2})([0-9]{7})([0-9])")


def variants(serial: str, others: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what may be meant by `serial` (upper case), the likeliest first, at most MOST.

    `others` are other readings of what was scanned; they come first. `serial` is not among them.
    """
    found = dict.fromkeys((*others, *_variants(serial)))
    found.pop(serial, None)
    return tuple(each for each in found if len(each) >= _MINIMUM)[:MOST]


def marked(read: str, near: str) -> tuple[tuple[str, bool], ...]:
    """Return `near` in parts, each with whether it differs from what was `read`.

    An empty part that differs stands where `read` has characters that `near` has not.
    """
    matcher = SequenceMatcher(None, read, near, autojunk=False)
    codes = matcher.get_opcodes()
    return tuple((near[first:last], tag != "equal") for tag, _, _, first, last in codes)


def _variants(serial: str) -> Iterator[str]:
    bare = serial.replace("-", "").replace(" ", "")
    if len(bare) > max(_WIDTHS) + _MOST_ZEROS:
        return  # a whole label: only its readings help
    yield bare
    for shape in (_NAGRA, _GROUPS):
        if (parts := shape.fullmatch(bare)) is not None:
            yield "-".join(parts.groups())
    yield from _with_zeros(bare)
    yield bare.translate(_LOOKALIKES)
    yield from _lookalike_places(bare)
    if (prefixed := _PREFIXED.fullmatch(serial)) is not None:
        yield prefixed[1]
    yield bare.translate(_SWAPPED)
    yield serial.lower()


def _with_zeros(bare: str) -> Iterator[str]:
    if not bare.isdecimal():
        return
    yield bare.lstrip("0")
    for width in _WIDTHS:
        if 0 < width - len(bare) <= _MOST_ZEROS:
            yield bare.zfill(width)


def _lookalike_places(bare: str) -> Iterator[str]:
    """One 0 that is an O, or one 1 that is an I, in a serial number that has letters.

    With the dash that its vendor files it with, too.
    """
    if bare.isdecimal():
        return
    places = [at for at, letter in enumerate(bare) if letter in "01"][:_MOST_PLACES]
    for at in places:
        changed = bare[:at] + ("O" if bare[at] == "0" else "I") + bare[at + 1 :]
        yield changed
        if (parts := _NAGRA.fullmatch(changed)) is not None:
            yield "-".join(parts.groups())
