"""A job as it is stored on disk, so that a later start knows what was begun and how far it came.

Every job has one form, lines of JSON. The first line is the job: what it does, and its rows by
token. Each further line tells how a row ended. So a job of ten thousand rows is written whole once,
and a row that ends costs one short line.

The file helps an operator to go on; nothing is decided by it. What was sent, and what became of it,
stands in the record and in the directory. It never holds a seed, and no name of a person.

Two forms of earlier versions are read as well: the plan of a job on many tokens (one JSON object
with "deed") and the lines of an upload ("upload", then "serial" and "state"). Neither is written.
"""

import enum
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.core.importing import Handing, folded
from app.core.job import JobRow, RowState
from app.core.model import Token, TokenStatus

FORM: Final = 2
"""The number of the form that is written; another number is of a later version and not read."""

DONE: Final = frozenset({RowState.DONE, RowState.SKIPPED})
"""What needs nothing more."""


_TO_BE_ACTIVATED: Final = frozenset({TokenStatus.ASSIGNED, TokenStatus.FAILED_ACTIVATION})


class JobKind(enum.Enum):
    """What a job does with each of its tokens."""

    UNASSIGN = "unassign"
    DELETE = "delete"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One token of a job. `key` is unique within the job.

    Of a job on tokens that are there, it is the id of the row's enrollment, and `device_id` and
    `holder_id` ("" for nobody) are the directory's. Of an upload it is the serial number, folded.
    """

    key: str
    serial_number: str
    device_id: str = ""
    holder_id: str = ""


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job that somebody agreed to at the moment `at`, and how its rows ended, by their keys.

    `file` and `handing` are an upload's: the name of the file of seeds, and what becomes of each
    token beyond the inventory.
    """

    id: str
    kind: JobKind
    at: datetime
    rows: tuple[StoredRow, ...]
    file: str = ""
    handing: Handing = Handing.NOTHING
    settled: Mapping[str, RowState] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """How many rows are not known to be done."""
        done = sum(state in DONE for state in self.settled.values())
        return len(self.rows) - done


def half_done(job: StoredJob | None, there: Mapping[str, Token]) -> dict[str, Token]:
    """Return what the upload `job` was to activate and has only assigned, of what the tenant has.

    Both are by serial number, folded. An activation that was refused is open as well.
    """
    if job is None or job.handing is not Handing.ACTIVATE:
        return {}
    open_ = {row.key for row in job.rows if job.settled.get(row.key) not in DONE}
    return {
        serial: token
        for serial, token in there.items()
        if serial in open_ and token.holder is not None and token.status in _TO_BE_ACTIVATED
    }


def upload_rows(serials: Iterable[str]) -> tuple[StoredRow, ...]:
    """Return the rows of an upload of these serial numbers."""
    return tuple(StoredRow(folded(serial), serial) for serial in serials)


def written(job: StoredJob) -> str:
    """Return `job` as text to store, whose last line is complete."""
    rows = [_cells(row) for row in job.rows]
    head = {"form": FORM, "job": job.kind.value, "id": job.id, "at": job.at.isoformat()}
    if job.kind is JobKind.UPLOAD:
        head |= {"file": job.file, "handing": job.handing.value}
    ends = (row_line(JobRow(key, "", state)) for key, state in job.settled.items())
    return "".join([_line({**head, "rows": rows}), *ends])


def row_line(row: JobRow) -> str:
    """Return the line that tells how `row` ended."""
    return _line({"row": row.key, "state": row.state.value})


def read(text: str) -> StoredJob | None:
    """Return the job that `written` and `row_line` gave, or an earlier version wrote.

    None where the text is no job, or its first line is not whole. A further line that cannot be
    read is left out: its row is looked at again.
    """
    try:
        if text.startswith('{"form": 1,'):
            return _plan_of_form_1(json.loads(text))
        first, *rest = text.split("\n")
        if not rest:
            return None
        head = json.loads(first)
        return _upload_of_form_1(head, rest) if "upload" in head else _job(head, rest)
    except (ValueError, TypeError, KeyError):
        return None


def _job(head: Mapping[str, Any], rest: list[str]) -> StoredJob | None:
    if head["form"] != FORM:
        return None
    return StoredJob(
        str(head["id"]),
        JobKind(head["job"]),
        _moment(head["at"]),
        _rows(head["rows"]),
        str(head.get("file", "")),
        Handing(head.get("handing", Handing.NOTHING.value)),
        dict(_ends(rest, "row")),
    )


def _plan_of_form_1(plan: Mapping[str, Any]) -> StoredJob:
    rows = _rows([key, serial, device, holder] for key, device, serial, holder in plan["rows"])
    return StoredJob(str(plan["id"]), JobKind(plan["deed"]), _moment(plan["at"]), rows)


def _upload_of_form_1(head: Mapping[str, Any], rest: list[str]) -> StoredJob:
    return StoredJob(
        str(head["upload"]),
        JobKind.UPLOAD,
        _moment(head["at"]),
        upload_rows(map(str, head["serials"])),
        str(head["file"]),
        Handing(head["handing"]),
        {folded(serial): state for serial, state in _ends(rest, "serial")},
    )


def _ends(lines: Iterable[str], key: str) -> Iterator[tuple[str, RowState]]:
    """Yield which row each line tells of, and how it ended; what is no such line is left out."""
    for line in lines:
        with suppress(ValueError, TypeError, KeyError):
            end = json.loads(line)
            yield str(end[key]), RowState(end["state"])


def _rows(rows: Iterable[Any]) -> tuple[StoredRow, ...]:
    return tuple(StoredRow(*(str(cell) for cell in row)) for row in rows)


def _cells(row: StoredRow) -> list[str]:
    cells = [row.key, row.serial_number, row.device_id, row.holder_id]
    return cells if row.device_id else cells[:2]


def _moment(text: str) -> datetime:
    """Return an aware moment. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return at


def _line(value: Mapping[str, Any]) -> str:
    return f"{json.dumps(value, ensure_ascii=False)}\n"
