"""core.shelf.Shelf: small files of the station beside its record, and exports for people.

Each file has its name only once it is whole, and is its owner's alone: a program that is killed
while it writes leaves what was there before.
"""

from collections.abc import Iterable
from pathlib import Path

from app.core.errors import ExportFailed, LedgerUnreadable, LedgerUnwritable
from app.files import whole_file


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
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(file, encoding, errors="replace") as written:
                written.writelines(texts)
        except OSError as error:
            raise ExportFailed(f"{file.name}: {error}") from error
