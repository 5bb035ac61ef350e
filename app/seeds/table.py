"""Reads what has rows and columns, whatever the file: a thousand rows at a time.

A column that holds something and is not understood is never dropped: it is counted among `unknown`,
and the result waits for a person to say what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby
from typing import Final, TextIO

from app.core.errors import SeedFileEmpty, SeedFileNotRecognised, SeedFileTooLarge
from app.core.seed import FaultKind, Need, SeedFile, SeedFormat, SeedOptions
from app.core.seed_cells import file_serial, plain_cell
from app.core.seed_check import Batch, Checker, Row
from app.seeds.columns import FIELDS, Layout, guessed, names, recognised, told, vendor_format
from app.seeds.rows import Broken, Chunk, Refused, RowReader, separator_of, title_of, unwrapped

Progress = Callable[[int], None]
Part = Chunk | Broken | Refused

_WIDEST: Final = 256
"""Columns; Excel's own files of tokens have fewer than ten."""
_SAMPLE: Final = 100
"""Rows that are looked at to tell what a column holds."""


def read_table(
    file: TextIO, head: Sequence[str], options: SeedOptions, progress: Progress
) -> SeedFile:
    """Read a whole CSV file; `head` is its first lines. `progress` is told the rows so far.

    Raises SeedFileNotRecognised, SeedFileEmpty, SeedFileTooLarge, SeedFileUnreadable, csv.Error,
    UnicodeError and OSError.
    """
    separator, skipped = separator_of(head)
    titled = _titled(head, skipped, options)
    separator, skipped = titled or (separator, skipped)
    reader = RowReader(file, separator, options.limits, skipped)
    number, first = reader.first()
    if len(first) > _WIDEST:
        raise SeedFileTooLarge(f"more than {_WIDEST} columns", number)
    log = yubikey_log(first)
    parts: Iterator[Part] = reader.parts()
    if log is not None:
        return _YubiKeyLog(options, traditional=log).read(
            chain([Chunk([number], [first])], parts), progress
        )
    first = [plain_cell(cell) for cell in first]
    sample, parts = sampled(parts)
    layout = _layout(first, sample, options)
    titles = skipped if titled else 0
    if titles and layout is not None and options.mapping is None:
        needs, shown = frozenset({Need.MAPPING}), names(first)
        form, mapping = SeedFormat.OTHER_CSV, layout.mapping
        return SeedFile(form, needs=needs, columns=shown, mapping=mapping, titles=titles)
    if layout is None:
        return SeedFile(SeedFormat.OTHER_CSV, needs=frozenset({Need.MAPPING}), columns=names(first))
    found = Table(layout, first, number, options).read_whole(parts, progress)
    return replace(found, titles=titles)


def _titled(head: Sequence[str], skipped: int, options: SeedOptions) -> tuple[str, int] | None:
    """The separator and the number of lines above a header that does not stand first.

    They are never passed over by themselves: a person has to agree, by saying which column of that
    header is which. Where somebody says that the first row holds a token, there is no header.
    """
    if skipped or (options.mapping is not None and not options.mapping.header):
        return None
    return title_of(head, lambda cells: guessed([plain_cell(cell) for cell in cells]) is not None)


def read_named(  # noqa: PLR0913, PLR0917 - what a format is, and what is told about the file
    form: SeedFormat,
    columns: Sequence[str],
    parts: Iterator[Part],
    options: SeedOptions,
    progress: Progress,
    layout_of: Callable[[Layout], Layout] = lambda layout: layout,
) -> SeedFile:
    """Read rows whose columns have names by the format: members of JSON, attributes of LDIF.

    `layout_of` adds what the format implies to what the names say. Raises as `read_table` does.
    """
    if len(columns) > _WIDEST:
        raise SeedFileTooLarge(f"more than {_WIDEST} different names")
    sample, parts = sampled(parts)
    mapping = options.mapping and replace(options.mapping, header=True)
    layout = told(columns, sample, replace(options, mapping=mapping))
    if layout is None:
        shown = names(columns, are_names=True)
        return SeedFile(form, needs=frozenset({Need.MAPPING}), columns=shown)
    layout = layout_of(replace(layout, format=form))
    return Table(layout, columns, 0, options, are_names=True).read_whole(parts, progress)


def sampled(parts: Iterator[Part]) -> tuple[list[list[str]], Iterator[Part]]:
    """Some of the first rows, and all parts from the beginning."""
    seen: list[Part] = []
    for part in parts:
        seen.append(part)
        if isinstance(part, Chunk):
            return part.rows[:_SAMPLE], chain(seen, parts)
    return [], chain(seen, parts)


def _layout(
    first: Sequence[str], sample: Sequence[Sequence[str]], options: SeedOptions
) -> Layout | None:
    found = recognised(first, sample) if options.mapping is None else None
    if found is not None and not found.mapping.header:
        return found
    layout = told(first, sample, options)
    if layout is None or found is None:
        return layout
    return replace(layout, format=found.format)


class Table:
    """Rows whose layout is known."""

    def __init__(
        self,
        layout: Layout,
        first: Sequence[str],
        number: int,
        options: SeedOptions,
        *,
        are_names: bool = False,
    ) -> None:
        implied = replace(options, manufacturer=options.manufacturer or layout.manufacturer)
        self.checker = Checker(implied, layout.encoding)
        self._layout = layout
        self._first = list(first)
        self._number = number
        self._are_names = are_names
        self._limits = options.limits
        mapping = layout.mapping
        used = max(mapping.used()) + 1
        self._width = len(first) if mapping.header else max(used, len(first))
        self._places = {name: getattr(mapping, name) for name in FIELDS}
        if used > self._width:
            raise SeedFileNotRecognised("the file has fewer columns than are mapped")
        understood = {*mapping.used(), *mapping.ignored, *layout.passed_over}
        self._others = set(range(self._width)) - understood
        self._unknown: set[int] = set()

    def read_whole(self, parts: Iterator[Part], progress: Progress) -> SeedFile:
        """Read every row; no seed stays in memory where that fails."""
        try:
            return self._read(parts, progress)
        except BaseException:
            self.checker.wipe()
            raise

    def _read(self, parts: Iterator[Part], progress: Progress) -> SeedFile:
        if not self._layout.mapping.header:
            self._add([self._number], [self._first])
        second: Sequence[str] = ()
        for part in parts:
            match part:
                case Broken():
                    self.checker.refuse_lines(part.rows, part.first, part.last)
                case Refused():
                    self.checker.refuse_serial(part.number, part.kind, part.serial)
                case Chunk():
                    second = second or next(filter(None, part.rows), ())
                    self._add(part.numbers, part.rows)
            too_many_rows(self.checker, self._limits.rows)
            progress(self.checker.rows)
        if not self.checker.rows:
            raise SeedFileEmpty("the file names its columns, and no row is below them")
        return self._finish(second)

    def _finish(self, second: Sequence[str]) -> SeedFile:
        unknown = tuple(sorted(self._unknown))
        needs = frozenset({Need.MAPPING} if unknown else ())
        has_header = self._layout.mapping.header
        header = names(self._first, are_names=self._are_names) if has_header else ()
        if unknown and not has_header:
            header = ("",) * self._width
        found = self.checker.finish(self._format(second), needs)
        return replace(found, columns=header, mapping=self._layout.mapping, unknown=unknown)

    def _add(self, numbers: Sequence[int], rows: Sequence[list[str]]) -> None:
        """Take in rows; those of the usual width together."""
        at = 0
        for width, group in groupby(rows, len):
            same = list(group)
            end = at + len(same)
            if width == self._width:
                self._add_batch(same, numbers[at:end])
            else:
                for number, cells in zip(numbers[at:end], same, strict=True):
                    self._add_row(cells, number)
            at = end

    def _add_batch(self, rows: list[list[str]], numbers: Sequence[int]) -> None:
        columns = list(zip(*rows, strict=True))
        for place in tuple(self._others):
            if any(map(str.strip, columns[place])):
                self._note_unknown(place)
        blank = ("",) * len(rows)
        cells = (blank if at is None else _undone(columns[at]) for at in self._places.values())
        fields = (_ROW_FIELDS[field] for field in self._places)
        self.checker.add_batch(Batch(numbers, **dict(zip(fields, cells, strict=True))))

    def _add_row(self, cells: list[str], number: int) -> None:
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) == 1 and self._width > 1:  # a whole row in one pair of quotes
            cells = unwrapped(filled[0], self._width) or cells
        if any(cell.strip() for cell in cells[self._width :]):
            self.checker.refuse(number, FaultKind.CELLS)
            return
        padded = [plain_cell(cell) for cell in cells] + [""] * (self._width - len(cells))
        for place in tuple(self._others):
            if padded[place].strip():
                self._note_unknown(place)
        found = {_ROW_FIELDS[f]: padded[at] for f, at in self._places.items() if at is not None}
        row = Row(number, **found)
        if not row.is_blank:
            self.checker.add(row)

    def _note_unknown(self, place: int) -> None:
        self._others.discard(place)
        self._unknown.add(place)

    def _format(self, second: Sequence[str]) -> SeedFormat:
        mapping = self._layout.mapping
        if self._layout.format is not SeedFormat.ENTRA_CSV or mapping.manufacturer is None:
            return self._layout.format
        makers = second[mapping.manufacturer : mapping.manufacturer + 1]
        maker = makers[0].strip() if makers else ""
        return vendor_format(maker, has_person=mapping.person is not None)


_ROW_FIELDS: Final = {field: "written" if field == "encoding" else field for field in FIELDS}


def _undone(column: Sequence[str]) -> Sequence[str]:
    """A column without the marks that keep a spreadsheet from reading numbers in it."""
    text = "\n".join(column)
    if '="' in text or "'" in text:
        return [plain_cell(cell) for cell in column]
    return column


def too_many_rows(checker: Checker, most: int) -> None:
    """Raise SeedFileTooLarge where a file has too many rows, and say how those before are."""
    if checker.rows > most:
        said = f"more than {most} rows"
        if checker.faulty:
            said += f"; {checker.faulty} of the first {checker.rows} have a fault, "
            said += f"most often: {checker.commonest_fault}"
        raise SeedFileTooLarge(said)


# The logs of the YubiKey Personalization Tool ---------------------------------------------------
#
# "Yubico format": serial number, public id, private id, key, lock code, time stamp. A private id of
# zero is OATH-HOTP, none is a static password, any other Yubico OTP (LinOTP and privacyIDEA read
# it so). "Traditional format": the kind in words, time stamp, slot, and so on. TOTP secrets are
# in another application of a YubiKey, which this tool does not write: no row is time-based.

_PRIVATE_ID: Final = re.compile(r"[0-9a-f]{12}|0|", re.IGNORECASE)
_KEY: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_SERIAL: Final = re.compile(r"[0-9]{4,10}")
_COLUMNS: Final = range(5, 9)
_PRIVATE: Final = 2
"""The column of the private id, counted from 0."""
_KINDS: Final = (
    ("oath-hotp", FaultKind.COUNTER_BASED),
    ("static password", FaultKind.STATIC_PASSWORD),
    ("yubico otp", FaultKind.NOT_OATH),
    ("challenge-response", FaultKind.NOT_OATH),
    ("logging start", FaultKind.NOT_OATH),
)


def yubikey_log(first: Sequence[str]) -> bool | None:
    """Tell whether a first row is one of such a log: True for the traditional form, else False.

    None for any other file.
    """
    cells = [cell.strip() for cell in first]
    if _kind_in_words(cells[0]) is not None:
        return True
    patterns = ((0, _SERIAL), (2, _PRIVATE_ID), (3, _KEY))
    if len(cells) in _COLUMNS and all(p.fullmatch(cells[at]) for at, p in patterns):
        return False
    return None


def _kind_in_words(cell: str) -> FaultKind | None:
    plain = cell.strip().casefold()
    return next((kind for start, kind in _KINDS if plain.startswith(start)), None)


class _YubiKeyLog:
    """Says of each row of a log why it is no token for Entra ID."""

    def __init__(self, options: SeedOptions, *, traditional: bool) -> None:
        self._traditional = traditional
        self._limits = options.limits
        self._checker = Checker(options)

    def read(self, parts: Iterable[Part], progress: Progress) -> SeedFile:
        """Read every row."""
        for part in parts:
            if isinstance(part, Broken):
                self._checker.refuse_lines(part.rows, part.first, part.last)
            elif isinstance(part, Chunk):
                for number, cells in zip(part.numbers, part.rows, strict=True):
                    if any(cell.strip() for cell in cells):
                        self._refuse(number, cells)
            too_many_rows(self._checker, self._limits.rows)
            progress(self._checker.rows)
        return self._checker.finish(SeedFormat.YUBICO_CSV)

    def _refuse(self, number: int, cells: Sequence[str]) -> None:
        if self._traditional:
            kind = _kind_in_words(cells[0]) or FaultKind.NOT_OATH
            self._checker.refuse(number, kind)
            return
        serial = file_serial(plain_cell(cells[0]))
        private = cells[_PRIVATE].strip() if len(cells) > _PRIVATE else "-"
        kind = FaultKind.NOT_OATH
        if not private:
            kind = FaultKind.STATIC_PASSWORD
        elif not private.strip("0"):
            kind = FaultKind.COUNTER_BASED
        self._checker.refuse_serial(number, kind, serial if isinstance(serial, str) else "")
