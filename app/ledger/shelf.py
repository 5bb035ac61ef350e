"""core.ports.Shelf: small files of the station beside its record, and exports for people.

Each file has its name only once it is whole, and is its owner's alone: a program that is killed
while it writes leaves what was there before.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from app.core.errors import ExportFailed, LedgerUnreadable, LedgerUnwritable


class FileShelf:
    """Files in `folder`, which is made when something is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, text: str) -> None:
        try:
            write_whole(self._folder / name, [text], "utf-8")
            _make_durable(self._folder)
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

    def export(self, path: str, texts: Iterable[str], encoding: str) -> None:
        file = Path(path)
        try:
            write_whole(file, texts, encoding)
        except OSError as error:
            raise ExportFailed(f"{file.name}: {error}") from error


def write_whole(path: Path, texts: Iterable[str], encoding: str) -> None:
    """Write `texts` to `path` by way of a file beside it, flushed to the disk. Raises OSError."""
    part = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)
        with part.open("w", encoding=encoding, errors="replace", newline="") as file:
            file.writelines(texts)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _make_durable(folder: Path) -> None:
    """Flush the folder, which holds the name. Windows flushes it by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
