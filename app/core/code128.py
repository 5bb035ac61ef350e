"""Code 128 (ISO/IEC 15417): the bars that desk scanners with a laser read, which see no QR code.

Only what the test code needs: printable ASCII, in code set B, with even runs of four digits or more
in code set C, where two digits are one symbol.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

QUIET: Final = 10
"""Modules of empty ground that a reader wants at each end."""

# Bar, space, bar, space, bar, space: the widths of each symbol in modules, by its value.
_TABLE: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232"
)
_SYMBOLS: Final = tuple(_TABLE.split())
_STOP: Final = "2331112"
_TO_C, _TO_B, _START_B, _START_C = 99, 100, 104, 105
_MODULUS: Final = 103
_FIRST: Final = ord(" ")
_RUNS: Final = re.compile(r"(?:[0-9]{2}){2,}|.", re.DOTALL)


def bars(text: str) -> tuple[int, ...]:
    """Return the widths in modules, a bar first, then by turns a space and a bar.

    Raises ValueError for a text that is empty or holds more than printable ASCII.
    """
    if not text or not (text.isascii() and text.isprintable()):
        raise ValueError("Code 128 is made here of printable ASCII alone")
    values = list(_values(text))
    check = (values[0] + sum(at * value for at, value in enumerate(values))) % _MODULUS
    symbols = [*(_SYMBOLS[value] for value in (*values, check)), _STOP]
    return tuple(int(width) for symbol in symbols for width in symbol)


def _values(text: str) -> Iterator[int]:
    """The start, the characters, and the changes of set between them."""
    in_c = None
    for run in _RUNS.findall(text):
        digits = len(run) > 1
        if in_c is None:
            yield _START_C if digits else _START_B
        elif in_c != digits:
            yield _TO_C if digits else _TO_B
        in_c = digits
        if digits:
            yield from (int(run[at : at + 2]) for at in range(0, len(run), 2))
        else:
            yield ord(run) - _FIRST
