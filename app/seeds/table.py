"""Reads CSV seed files: whatever separator, quotes and line ends, a thousand rows at a time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import Final, TextIO

from app.core.errors import SeedFileNotRecognised, SeedFileTooLarge
from app.core.seed import FaultKind, Limits, Need, SeedFile, SeedFormat, SeedOptions
from app.core.seed_check import Batch, Checker, Row
from app.seeds.columns import Layout, guessed, names, recognised, vendor_format

Progress = Callable[[int], None]

_SEPARATORS: Final = ",;\t"
_AT_ONCE: Final = 1000
_WIDEST: Final = 256
"""Columns; Excel's own files of tokens have fewer than ten."""
_FIELDS: Final = (
    "serial",
    "secret",
    "interval",
    "manufacturer",
    "model",
    "person",
    "hash_function",
    "digits",
    "kind",
)


def read_table(
    file: TextIO, head: Sequence[str], options: SeedOptions, progress: Progress
) -> SeedFile:
    """Read a whole CSV file; `head` is its first lines. `progress` is told the rows so far.

    Raises SeedFileNotRecognised, SeedFileTooLarge, csv.Error, UnicodeError and OSError.
    """
    separator, skipped = _separator(head)
    rows = csv.reader(_lines(file, options.limits), delimiter=separator)
    for _ in range(skipped):
        next(rows, None)
    number, first = _first(rows, skipped)
    layout = _layout(first, options)
    if layout is None:
        return SeedFile(
            SeedFormat.OTHER_CSV,
            needs=frozenset({Need.MAPPING}),
            columns=names(first),
            mapping=guessed(first),
        )
    table = _Table(layout, first, number, options)
    try:
        return table.read(rows, progress)
    except BaseException:
        table.checker.wipe()
        raise


class _Table:
    """One file whose layout is known."""

    def __init__(
        self, layout: Layout, first: Sequence[str], number: int, options: SeedOptions
    ) -> None:
        implied = replace(
            options,
            manufacturer=options.manufacturer or layout.manufacturer,
            model=options.model or layout.model,
        )
        self.checker = Checker(implied)
        self._layout = layout
        self._first = list(first)
        self._number = number
        self._limits = options.limits
        used = max(layout.mapping.used()) + 1
        self._width = len(first) if layout.mapping.header else max(used, len(first))
        self._places = {name: getattr(layout.mapping, name) for name in _FIELDS}
        if used > self._width:
            raise SeedFileNotRecognised("the file has fewer columns than are mapped")

    def read(self, rows: Iterator[list[str]], progress: Progress) -> SeedFile:
        if not self._layout.mapping.header:
            self._add([self._first], self._number)
        number = self._number + 1
        second: Sequence[str] = ()
        while chunk := list(islice(rows, _AT_ONCE)):
            second = second or next(filter(None, chunk), ())
            self._add(chunk, number)
            number += len(chunk)
            if self.checker.rows > self._limits.rows:
                raise SeedFileTooLarge(f"more than {self._limits.rows} rows")
            progress(self.checker.rows)
        header = names(self._first) if self._layout.mapping.header else ()
        found = self.checker.finish(self._format(second))
        return replace(found, columns=header, mapping=self._layout.mapping)

    def _add(self, chunk: list[list[str]], number: int) -> None:
        """Take in rows from `number` on; those of the usual width together."""
        for width, group in groupby(chunk, len):
            rows = list(group)
            if width == self._width:
                self._add_batch(rows, number)
            else:
                for place, cells in enumerate(rows, start=number):
                    self._add_row(cells, place)
            number += len(rows)

    def _add_batch(self, rows: list[list[str]], number: int) -> None:
        columns = list(zip(*rows, strict=True))
        numbers = range(number, number + len(rows))
        blank = ("",) * len(rows)
        cells = (blank if at is None else columns[at] for at in self._places.values())
        self.checker.add_batch(Batch(numbers, *cells))

    def _add_row(self, cells: list[str], number: int) -> None:
        if any(cells[self._width :]):
            self.checker.refuse(number, FaultKind.CELLS)
            return
        padded = cells + [""] * (self._width - len(cells))
        found = {name: padded[at] for name, at in self._places.items() if at is not None}
        row = Row(number, **found)
        if not row.is_blank:
            self.checker.add(row)

    def _format(self, second: Sequence[str]) -> SeedFormat:
        mapping = self._layout.mapping
        if self._layout.format is not SeedFormat.ENTRA_CSV or mapping.manufacturer is None:
            return self._layout.format
        makers = second[mapping.manufacturer : mapping.manufacturer + 1]
        maker = makers[0].strip() if makers else ""
        return vendor_format(maker, has_person=mapping.person is not None)


def _layout(first: Sequence[str], options: SeedOptions) -> Layout | None:
    if options.mapping is not None:
        return Layout(SeedFormat.OTHER_CSV, options.mapping)
    return recognised(first)


def _first(rows: Iterator[list[str]], skipped: int) -> tuple[int, list[str]]:
    """The first row with anything in it, and its number."""
    for number, row in enumerate(rows, start=skipped + 1):
        if any(cell.strip() for cell in row):
            if len(row) > _WIDEST:
                raise SeedFileTooLarge(f"more than {_WIDEST} columns", number)
            return number, row
    raise SeedFileNotRecognised("there is nothing in the file")


def _separator(head: Sequence[str]) -> tuple[str, int]:
    """The separator, and how many lines only say what it is (Excel's `sep=;`)."""
    lines = [line for line in head if line.strip()]
    told = lines[0].strip().lower().removeprefix("sep=") if lines else ""
    if lines and lines[0].lower().startswith("sep=") and told in _SEPARATORS:
        return told or "\t", head.index(lines[0]) + 1
    first = lines[:1]
    widths = {each: len(next(csv.reader(first, delimiter=each), [])) for each in _SEPARATORS}
    return max(_SEPARATORS, key=widths.__getitem__), 0


def _lines(file: TextIO, limits: Limits) -> Iterator[str]:
    """The lines of `file`, none of them longer than a row may be."""
    for number, line in enumerate(file, start=1):
        if len(line) > limits.row:
            raise SeedFileTooLarge(f"a row of more than {limits.row} characters", number)
        yield line
