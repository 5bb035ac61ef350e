"""The inventory for other programs: CSV for a spreadsheet, JSON for everything else.

One row per token, in the order given. Names come from a directory that other people write to, so no
cell of the CSV is left a formula; JSON keeps every text as it was.
"""

import enum
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from typing import Final

from app.core.inventory import Inventory
from app.core.spreadsheet import CsvWriter
from app.core.text import json_line

HEADINGS: Final = (
    "serial_number",
    "manufacturer",
    "model",
    "display_name",
    "interval_seconds",
    "hash_function",
    "status",
    "holder_name",
    "holder_id",
    "last_used",
    "waiting_since",
    "device_id",
)
_BATCH: Final = 500


class InventoryForm(enum.Enum):
    """What the inventory is written out as; the value is the file's ending."""

    CSV = "csv"
    JSON = "json"

    @property
    def encoding(self) -> str:
        """A spreadsheet takes CSV for UTF-8 by its mark."""
        return "utf-8-sig" if self is InventoryForm.CSV else "utf-8"


def texts(inventory: Inventory, rows: Iterable[int], form: InventoryForm) -> Iterator[str]:
    """Yield the whole file as texts of some hundred rows each.

    CSV has a line of HEADINGS and ends its lines as RFC 4180 does; JSON is one array of objects
    with the same names, numbers as numbers and what is not known as null.
    """
    whole = _csv if form is InventoryForm.CSV else _json
    return whole(inventory, rows)


def _csv(inventory: Inventory, rows: Iterable[int]) -> Iterator[str]:
    file = StringIO(newline="")
    writer = CsvWriter(file)
    writer.write(HEADINGS)
    for number, row in enumerate(rows, start=1):
        writer.write("" if value is None else str(value) for value in _values(inventory, row))
        if number % _BATCH == 0:
            yield _drained(file)
    yield _drained(file)


def _drained(file: StringIO) -> str:
    text = file.getvalue()
    file.seek(0)
    file.truncate()
    return text


def _json(inventory: Inventory, rows: Iterable[int]) -> Iterator[str]:
    before = "[\n"
    for row in rows:
        told = dict(zip(HEADINGS, _values(inventory, row), strict=True))
        yield before + json_line(json.dumps(told, ensure_ascii=False))
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def _values(inventory: Inventory, row: int) -> tuple[str | int | None, ...]:
    return (
        inventory.serials[row],
        inventory.makers[row],
        inventory.models[row],
        inventory.display_names[row],
        inventory.intervals[row],
        inventory.hashes[row].value,
        inventory.status(row).value,
        inventory.holders[row],
        inventory.holder_ids[row],
        _stamp(inventory.last_used(row)),
        _stamp(inventory.waits_since(row)),
        inventory.ids[row],
    )


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
