"""Saves the faults of a seed file, for whoever has to mend it: rows and reasons, never a secret.

Not even the text of the faulty cell is written. A column that was mapped wrongly may hold the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from app.core.errors import SeedFaultsUnsaved
from app.core.seed import RowFault
from app.core.spreadsheet import CsvWriter

HEADINGS = ("row", "serial number", "fault")


def write_faults(
    path: Path, faults: Iterable[RowFault], describe: Callable[[RowFault], str]
) -> int:
    """Write one line per fault to `path`, for its owner alone; return how many.

    `describe` gives the sentence for a fault. The file has its name only once it is whole. Raises
    SeedFaultsUnsaved.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            count = _write(file, faults, describe)
        part.replace(path)
    except OSError as error:
        raise SeedFaultsUnsaved(f"{path.name}: {error.strerror}") from error
    finally:
        with suppress(OSError):  # a disk that refuses this too has been told of already
            part.unlink(missing_ok=True)
    return count


def _write(file: TextIO, faults: Iterable[RowFault], describe: Callable[[RowFault], str]) -> int:
    writer = CsvWriter(file)
    writer.write(HEADINGS)
    count = 0
    for fault in faults:
        writer.write((str(fault.row), fault.serial, describe(fault)))
        count += 1
    return count
