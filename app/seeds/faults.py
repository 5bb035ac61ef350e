"""Saves the faults of a seed file, for whoever has to mend it: rows and reasons, never a secret.

Not even the text of the faulty cell is written. A column that was mapped wrongly may hold the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from app.core.errors import SeedFaultsUnsaved
from app.core.seed import RowFault
from app.core.spreadsheet import CsvWriter
from app.files import whole_file

HEADINGS = ("row", "serial number", "fault")


def write_faults(
    path: Path, faults: Iterable[RowFault], describe: Callable[[RowFault], str]
) -> int:
    """Write one line per fault to `path`, for its owner alone; return how many.

    `describe` gives the sentence for a fault. The file has its name only once it is whole. Raises
    SeedFaultsUnsaved.
    """
    try:
        with whole_file(path, "utf-8-sig") as file:
            return _write(file, faults, describe)
    except OSError as error:
        raise SeedFaultsUnsaved(f"{path.name}: {error.strerror}") from error


def _write(file: TextIO, faults: Iterable[RowFault], describe: Callable[[RowFault], str]) -> int:
    writer = CsvWriter(file)
    writer.write(HEADINGS)
    count = 0
    for fault in faults:
        writer.write((str(fault.row), fault.serial, describe(fault)))
        count += 1
    return count
