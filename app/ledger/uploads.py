"""What is left of an upload after a crash: which serial numbers it was about, and how far it was.

A file of JSON lines beside the record: the first tells the upload, each further one how a row
ended. It is there so that an operator sees what was begun and which file to open again, and nothing
is decided by it: what truly happened stands in the record and in the directory. So a line that a
crash cut short is left out, and lines are not flushed to the disk one by one. It never holds a
seed, and it is deleted with the upload's end.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from app.core.errors import LedgerUnwritable
from app.core.importing import Handing, LeftUpload
from app.core.job import RowState
from app.files import whole_file


class UploadFile:
    """core.import_ports.UploadJournal in the file at `path`. Used by one upload at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def begin(self, upload: LeftUpload) -> None:
        """Write down what is about to be uploaded, in place of what was. Raises LedgerUnwritable.

        The file has its name only once it is whole and on the disk.
        """
        self.close()
        try:
            with whole_file(self._path, "utf-8") as file:
                file.writelines(f"{json.dumps(line)}\n" for line in _lines(upload))
            self._file = self._path.open("a", encoding="utf-8")
        except OSError as error:
            raise LedgerUnwritable(f"{self._path.name}: {error.strerror}") from error

    def settled(self, serial: str, state: RowState) -> None:
        """Note how a row ended; a disk that refuses costs no more than this note."""
        if self._file is not None:
            with suppress(OSError):
                self._file.write(f"{json.dumps(_settled(serial, state))}\n")
                self._file.flush()

    def end(self) -> None:
        """Forget the upload."""
        self.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file; what it tells stays."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    def left(self) -> LeftUpload | None:
        """Return the upload that was begun and not ended, or None."""
        try:
            with self._path.open(encoding="utf-8") as file:
                return _read(_objects(file))
        except (OSError, UnicodeError, KeyError, TypeError, ValueError):
            return None


def _lines(upload: LeftUpload) -> Iterator[Mapping[str, Any]]:
    yield {
        "upload": upload.id,
        "file": upload.file,
        "at": upload.at.isoformat(),
        "handing": upload.handing.value,
        "serials": upload.serials,
    }
    for serial, state in upload.settled.items():
        yield _settled(serial, state)


def _settled(serial: str, state: RowState) -> Mapping[str, Any]:
    return {"serial": serial, "state": state.value}


def _objects(file: IO[str]) -> Iterator[Mapping[str, Any]]:
    for line in file:
        if line.endswith("\n"):
            yield json.loads(line)


def _read(found: Iterator[Mapping[str, Any]]) -> LeftUpload | None:
    head = next(found, None)
    if head is None:
        return None
    settled = {str(line["serial"]): RowState(line["state"]) for line in found}
    return LeftUpload(
        str(head["upload"]),
        str(head["file"]),
        datetime.fromisoformat(head["at"]),
        tuple(map(str, head["serials"])),
        Handing(head["handing"]),
        settled,
    )
