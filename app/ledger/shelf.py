"""core.shelf.Shelf: small files of the station beside its record, and exports for people.

Each file has its name only once it is whole, and is its owner's alone: a program that is killed
while it writes leaves what was there before.
"""

import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from app.core.errors import ExportFailed, LedgerUnreadable, LedgerUnwritable
from app.files import whole_file

_BINARY: Final = getattr(os, "O_BINARY", 0)  # which Windows alone has


class FileShelf:
    """Files in `folder`, which is made when something is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, text: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with whole_file(self._folder / name, "utf-8", errors="replace") as kept:
                kept.write(text)
        except OSError as error:
            raise LedgerUnwritable(f"{name}: {error}") from error

    def add(self, name: str, line: str) -> None:
        try:
            handle = os.open(self._folder / name, os.O_WRONLY | os.O_APPEND | _BINARY)
            with os.fdopen(handle, "wb") as kept:
                kept.write(line.encode(errors="replace"))
        except FileNotFoundError:
            return
        except OSError as error:
            raise LedgerUnwritable(f"{name}: {error}") from error

    def kept(self, name: str) -> str:
        try:
            return (self._folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise LedgerUnreadable(f"{name}: {error}") from error

    def drop(self, name: str) -> None:
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise LedgerUnwritable(f"{name}: {error}") from error

    def free_path(self, folder: str, stem: str, suffix: str) -> str:
        return str(next(path for path in _names(folder, stem, suffix) if not path.exists()))

    def write_new(self, folder: str, stem: str, suffix: str, content: bytes) -> str:
        try:
            return str(_written(_names(folder, stem, suffix), content))
        except OSError as error:
            raise ExportFailed(str(error)) from error

    def export(self, path: str, texts: Iterable[str], encoding: str) -> None:
        file = Path(path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(file, encoding, errors="replace") as written:
                written.writelines(texts)
        except OSError as error:
            raise ExportFailed(f"{file.name}: {error}") from error


def _names(folder: str, stem: str, suffix: str) -> Iterator[Path]:
    """Yield one name after the other, without end."""
    within = Path(folder) if folder else Path.home()
    yield within / f"{stem}{suffix}"
    for number in itertools.count(2):
        yield within / f"{stem}-{number}{suffix}"


def _written(names: Iterator[Path], content: bytes) -> Path:
    """Write `content` under the first name that is free, and return it. Raises OSError."""
    path = next(names)
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        except FileExistsError:
            path = next(names)
        else:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            return path
