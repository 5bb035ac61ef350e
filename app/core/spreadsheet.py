"""Writes CSV that no spreadsheet runs as a formula, whichever character it takes for the separator.

Names and labels come from other people, and a cell that begins with a formula sign is executed
(owasp.org/www-community/attacks/CSV_Injection). Quoting alone does not help: where a spreadsheet
separates by a semicolon, as most of Europe's do, or by a tab, the quotes of a file that separates
by commas do not stand at the beginning of a cell, and `Ada;=1+1` in the midst of a name begins one.
So an apostrophe goes in front of a formula sign at the beginning of a cell and behind every
character that may separate cells. Line ends would begin a cell too; they are written as escapes.
"""

import csv
import re
from collections.abc import Iterable
from typing import Final, Protocol, TextIO

from app.core.text import one_line

SEPARATORS: Final = ",;\t|"
"""What spreadsheets offer as separators of cells, apart from the space."""

_SKIPPED: Final = r"[\s\"\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]"
"""What a spreadsheet may skip in front of a formula: spaces, quotes, characters without a width."""

_SIGN: Final = (
    r"[=+\-@\u207a\u207b\u208a\u208b\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
)
"""The signs that a formula begins with, and the forms that are converted to them (UAX #15)."""

_BEGINNING: Final = rf"(?:^|(?<=[{re.escape(SEPARATORS)}]))"
_RISKY: Final = re.compile(rf"{_BEGINNING}(?='*{_SKIPPED}*{_SIGN})")
_MARKED: Final = re.compile(rf"{_BEGINNING}'(?='*{_SKIPPED}*{_SIGN})")


class _Writer(Protocol):
    def writerow(self, row: Iterable[object], /) -> object:
        """Write one row."""


def neutral(cell: str) -> str:
    """Return `cell` as text that any file can hold and no spreadsheet takes for a formula.

    Where the text of `cell` has neither line ends nor other control characters, `original` gives it
    back.
    """
    whole = one_line(cell).encode("utf-8", "replace").decode()
    return _RISKY.sub("'", whole)


def original(cell: str) -> str:
    """Return the text that `neutral` made `cell` of: without the apostrophes it has put in."""
    return _MARKED.sub("", cell)


class CsvWriter:
    """Writes rows as RFC 4180 has them: commas, every cell in quotes, lines that end in CR LF."""

    def __init__(self, file: TextIO) -> None:
        """Write to `file`, which was opened with newline="" (csv's own rule)."""
        self._writer: _Writer = csv.writer(file, quoting=csv.QUOTE_ALL)

    def write(self, cells: Iterable[str]) -> None:
        """Write one row, each of its cells made `neutral`."""
        self._writer.writerow([neutral(cell) for cell in cells])
