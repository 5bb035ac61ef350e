"""The record for other programs: CSV for a spreadsheet, JSON Lines for everything else.

Names come from a directory that other people write to, so no cell of the CSV is left a formula;
JSON Lines keep every text as it was.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from app.core.errors import ExportFailed
from app.core.history import ExportForm
from app.core.record import Entry
from app.core.spreadsheet import CsvWriter
from app.core.station_event import StationEvent
from app.files import whole_file
from app.ledger.chain import canonical, stamp
from app.ledger.erasure import KIND, Erasure
from app.ledger.reading import HashedRow, Held

FACTS = (
    "event",
    "mode",
    "operation",
    "attempt",
    "serial_number",
    "device_id",
    "person_id",
    "person_name",
    "person_upn",
    "operator_id",
    "operator_name",
    "operator_upn",
    "desk",
    "error",
)
"""The facts with a column of their own; all others share the last one."""

HEADINGS = ("at", "enrollment_id", "kind", "state", *FACTS, "more", "sequence", "hash")
"""`sequence` and `hash` together are a head: `oathdesk ledger verify --expect` takes them."""

_HEADS = ("at", "enrollment_id", "kind", "state")

TOMBSTONE = "tombstone"
"""The kind under which an erased entry is counted: of its content nothing is left."""


def write_csv(entries: Iterable[Held], file: TextIO) -> int:
    """Write one line per entry, in their order, below a line of HEADINGS; return how many.

    `file` is opened with newline="" (csv's own rule) and, for a spreadsheet's sake, as utf-8-sig.
    """
    writer = CsvWriter(file)
    writer.write(HEADINGS)
    count = 0
    for entry in entries:
        writer.write(_cells(entry))
        count += 1
    return count


def write_jsonl(entries: Iterable[Held], file: TextIO) -> int:
    """Write one JSON object per line and entry, in their order; return how many."""
    count = 0
    for entry in entries:
        file.write(canonical(_object(entry)) + "\n")
        count += 1
    return count


def write_hashed(rows: Iterable[HashedRow], file: TextIO) -> int:
    """Write what each hash is made of, one JSON object per line and place; return how many.

    `hash` is the SHA-256 of the 32 bytes `previous` followed by `text` in UTF-8; `format` is that
    of chain.py. Of an erased entry `text` is null.
    """
    count = 0
    for row in rows:
        told = {
            "sequence": row.sequence,
            "format": row.format,
            "previous": row.previous.hex(),
            "text": row.text,
            "hash": row.hash.hex(),
        }
        file.write(canonical(told) + "\n")
        count += 1
    return count


def write_file(
    batches: Iterable[Sequence[Held]], form: ExportForm, path: Path, tell: Callable[[int], None]
) -> int:
    """Write all batches to the new file `path`, for its owner alone; return how many entries.

    The file has its name only once it is whole. Raises ExportFailed.
    """
    writer, encoding = _FORMS[form]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path, encoding) as file:
            return writer(_counted(batches, tell), file)
    except OSError as error:
        raise ExportFailed(f"{path.name}: {error}") from error


_FORMS: dict[ExportForm, tuple[Callable[[Iterable[Held], TextIO], int], str]] = {
    ExportForm.CSV: (write_csv, "utf-8-sig"),
    ExportForm.JSON_LINES: (write_jsonl, "utf-8"),
}


def _counted(batches: Iterable[Sequence[Held]], tell: Callable[[int], None]) -> Iterator[Held]:
    count = 0
    for batch in batches:
        yield from batch
        count += len(batch)
        tell(count)


def _cells(each: Held) -> list[str]:
    told = _object(each)
    facts = dict(told.pop("facts", {}))
    named = [str(facts.pop(name, "")) for name in FACTS]
    heads = [str(told.pop(name, "")) for name in _HEADS]
    place = [str(told.pop(name)) for name in ("sequence", "hash")]
    more = told | facts
    return [*heads, *named, canonical(more) if more else "", *place]


def _object(each: Held) -> dict[str, Any]:
    """Return what a line says. An erased entry has its place and its hash, for those who count."""
    place: dict[str, Any] = {"sequence": each.sequence, "hash": each.hash.hex()}
    match each.content:
        case Entry() as entry:
            return place | {
                "at": stamp(entry.at),
                "enrollment_id": entry.enrollment_id,
                "kind": entry.kind.value,
                "state": entry.state.value,
                "facts": dict(entry.facts),
            }
        case StationEvent() as event:
            return place | {
                "at": stamp(event.at),
                "kind": event.name,
                "subject": {"kind": event.subject.kind.value, "id": event.subject.id},
                "facts": dict(event.facts),
            }
        case Erasure() as erasure:
            return place | {"at": stamp(erasure.at), "kind": KIND, "facts": erasure.facts()}
        case None:
            return place | {"kind": TOMBSTONE}
