"""Splits a CSV file into rows, and says which lines it cannot split.

Python's csv module does it, a thousand lines at once, where every line is a row. It is not asked to
repair anything: a quotation mark that does not close would swallow the lines below it, and text
behind a closing one would be joined to the cell. Such lines are named with their range instead.
Rows are numbered by the line in which they begin, counted from 1.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TextIO

from app.core.errors import SeedFileNotRecognised, SeedFileTooLarge, SeedFileUnreadable
from app.core.seed import FaultKind, Limits

AT_ONCE: Final = 1000
_SEPARATORS: Final = ",;\t|"
_LONGEST_ROW: Final = 100
"""Lines of a row with a cell of several lines, such as a remark."""
_MOST_TITLES: Final = 30
"""Lines at the beginning among which a header is looked for."""
_SENTINEL: Final = "x"
"""A line behind another, to see whether it is a row of its own."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows with the lines in which they begin."""

    numbers: Sequence[int]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Broken:
    """Lines from `first` to `last` that cannot be told apart; `rows` are those that hold a text."""

    rows: Sequence[int]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is no token by its form alone; `serial` may be a serial number or "" or none."""

    number: int
    kind: FaultKind
    serial: str = ""


class RowReader:
    """One pass over a file. `skipped` lines at the beginning are no rows."""

    def __init__(self, file: TextIO, separator: str, limits: Limits, skipped: int = 0) -> None:
        self._separator = separator
        self._limits = limits
        self._lines = _bounded(file, limits)
        self._number = skipped + 1
        self._ahead: deque[str] = deque()
        self._width = 0
        for _ in range(skipped):
            next(self._lines, None)

    def first(self) -> tuple[int, list[str]]:
        """The first row with anything in it, and its number.

        Raises SeedFileNotRecognised if the file has none, SeedFileUnreadable where it has no end.
        """
        while (line := self._next()) is not None:
            number = self._number - 1
            found = self._row(line, number)
            if isinstance(found, Broken):
                raise SeedFileUnreadable("a quotation mark is not closed", number)
            cells = found
            filled = [cell for cell in cells if cell.strip()]
            if len(filled) == 1:
                cells = unwrapped(filled[0], 0, self._separator) or cells
            if filled:
                self._width = len(cells)
                return number, cells
        raise SeedFileNotRecognised("there is nothing in the file")

    def parts(self) -> Iterator[Chunk | Broken]:
        """The rows below, with the lines among them that are no rows."""
        while lines := self._some():
            number = self._number
            rows = self._together(lines)
            if rows is not None:
                self._number += len(lines)
                yield Chunk(range(number, number + len(lines)), rows)
            else:
                self._ahead.extendleft(reversed(lines))
                yield from self._one_by_one(len(lines))

    def _some(self) -> list[str]:
        lines = list(islice(self._lines, AT_ONCE - len(self._ahead)))
        if self._ahead:
            lines = [*self._ahead, *lines]
            self._ahead.clear()
        return lines

    def _next(self) -> str | None:
        line = self._ahead.popleft() if self._ahead else next(self._lines, None)
        self._number += line is not None
        return line

    def _together(self, lines: list[str]) -> list[list[str]] | None:
        """The rows of many lines, where each line is one and nothing is wrong with any."""
        try:
            rows = list(self._csv(lines))
        except csv.Error:
            return None
        return rows if len(rows) == len(lines) else None

    def _one_by_one(self, count: int) -> Iterator[Chunk | Broken]:
        numbers: list[int] = []
        rows: list[list[str]] = []
        end = self._number + count
        while self._number < end and (line := self._next()) is not None:
            number = self._number - 1
            found = self._row(line, number)
            if isinstance(found, Broken):
                if numbers:
                    yield Chunk(numbers, rows)
                    numbers, rows = [], []
                yield found
            else:
                numbers.append(number)
                rows.append(found)
        if numbers:
            yield Chunk(numbers, rows)

    def _row(self, line: str, number: int) -> list[str] | Broken:
        """The cells of the row that begins with `line`, which may take further lines."""
        cells = self._cells([line], number)
        if cells is not None:
            return cells
        cells = _wrapped(line, self._width, self._separator)
        if cells is not None:
            return cells
        if not self._is_open(line):
            return Broken([number], number, number)
        return self._of_several_lines(line, number)

    def _of_several_lines(self, line: str, number: int) -> list[str] | Broken:
        """A cell of several lines, or a quotation mark that was not meant to open one."""
        kept, like_rows, closed = [line], False, False
        rows, size, last = [number], len(line), number
        while not closed and (following := self._next()) is not None:
            last = self._number - 1
            if following.strip():
                rows.append(last)
            closed = not self._is_open('"' + following)
            like_rows |= 0 < self._width - 1 <= following.count(self._separator)
            size += len(following)
            if len(kept) <= _LONGEST_ROW and size <= self._limits.row:
                kept.append(following)
            if len(rows) > self._limits.rows:
                raise SeedFileTooLarge(
                    f"more than {self._limits.rows} lines behind a quotation mark that is not "
                    "closed",
                    number,
                )
        whole = closed and len(kept) == last - number + 1 <= _LONGEST_ROW
        if whole and not like_rows:
            cells = self._cells(kept, number)
            if cells is not None and len(cells) == (self._width or len(cells)):
                return cells
        return Broken(rows, number, last)

    def _cells(self, lines: list[str], number: int) -> list[str] | None:
        """The cells of a row, or None where its quotation marks do not fit."""
        try:
            rows = list(self._csv(lines))
        except csv.Error as error:
            if "field limit" in str(error):
                raise SeedFileTooLarge("a cell beyond all bounds", number) from None
            return self._spaced(lines[0]) if len(lines) == 1 else None
        return rows[0] if len(rows) == 1 else None

    def _spaced(self, line: str) -> list[str] | None:
        """The cells of a row with white space behind its quotation marks, or None."""
        separator = re.escape(self._separator)
        cell = re.compile(
            rf'[ ]*(?:"((?:[^"]|"")*)"[ ]*|([^"{separator}][^{separator}]*|))'
            rf"({separator}|$)"
        )
        cells: list[str] = []
        at, bare = 0, line.rstrip("\r\n")
        while (found := cell.match(bare, at)) is not None:
            quoted, plain, end = found.groups()
            cells.append(plain if quoted is None else quoted.replace('""', '"'))
            if not end:
                return cells
            at = found.end()
        return None

    def _is_open(self, line: str) -> bool:
        """Tell whether a quotation mark is open at the end of the line."""
        lenient = csv.reader([line, _SENTINEL], delimiter=self._separator, skipinitialspace=True)
        try:
            return len(list(lenient)) == 1
        except csv.Error:
            return True

    def _csv(self, lines: list[str]) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self._separator, strict=True, skipinitialspace=True)


def separator_of(head: Sequence[str]) -> tuple[str, int]:
    """The separator, and how many lines only say what it is (Excel's `sep=;`)."""
    lines = [line for line in head if line.strip()]
    told = lines[0].strip().lower().removeprefix("sep=") if lines else ""
    if lines and lines[0].lower().startswith("sep=") and told in _SEPARATORS:
        return told or "\t", head.index(lines[0]) + 1
    first = lines[0] if lines else ""
    best = _best(first)
    if _filled(first, best) > 1:
        return best, 0
    return _best(_within(first) or first), 0  # a whole row in one pair of quotes


def title_of(
    head: Sequence[str], is_header: Callable[[Sequence[str]], bool]
) -> tuple[str, int] | None:
    """The separator of a header below other lines, and how many those are; None without any.

    People put the customer or the order above the table. `is_header` tells whether cells are a
    header; where the first line with anything in it is one, nothing is above it.
    """
    above = 0
    for at, line in enumerate(head[:_MOST_TITLES]):
        if not line.strip():
            continue
        for separator in _SEPARATORS:
            cells = _strictly(line, separator)
            if cells is not None and is_header(cells):
                return (separator, at) if above else None
        above += 1
    return None


def unwrapped(cell: str, width: int, separator: str = "") -> list[str] | None:
    """The cells of a row that stands in one cell, or None; `width` of them, or any for 0."""
    separators = [separator] if separator else sorted(_SEPARATORS, key=cell.count, reverse=True)
    for each in separators:
        cells = _strictly(cell, each)
        if cells is not None and len(cells) == (width or max(2, len(cells))):
            return cells
    return None


def _wrapped(line: str, width: int, separator: str) -> list[str] | None:
    """The cells of a row in one pair of quotes whose own quotes were not doubled, or None."""
    inner = _within(line)
    if inner is None:
        return None
    cells = unwrapped(inner.replace('""', '"'), width, separator)
    return cells if cells is not None else unwrapped(inner, width, separator)


def _within(line: str) -> str | None:
    """What stands between a quotation mark at the beginning and one at the end of the row."""
    bare = line.strip().rstrip(_SEPARATORS).strip()
    quoted = len(bare) > 1 and bare[0] == bare[-1] == '"'
    return bare[1:-1] if quoted else None


def _strictly(text: str, separator: str) -> list[str] | None:
    try:
        rows = list(csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _best(line: str) -> str:
    return max(_SEPARATORS, key=lambda each: _filled(line, each))


def _filled(line: str, separator: str) -> int:
    """How many cells there are, or 1 where all but one are empty."""
    try:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return 0
    return len(cells) if sum(1 for cell in cells if cell.strip()) > 1 else 1


def _bounded(file: TextIO, limits: Limits) -> Iterator[str]:
    """The lines of `file`, none of them longer than a row may be."""
    for number, line in enumerate(file, start=1):
        if len(line) > limits.row:
            raise SeedFileTooLarge(f"a row of more than {limits.row} characters", number)
        yield line
