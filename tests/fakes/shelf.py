"""A shelf in memory, whose disk can be full."""

from collections.abc import Iterable
from pathlib import Path

from app.core.errors import ExportFailed, LedgerUnwritable
from app.ledger.shelf import FileShelf


class FakeShelf(FileShelf):
    """Fulfils core.shelf.Shelf. `files` are what is kept, `exports` the files written by path.

    Which path is free, and a new file such as a receipt, are the disk's own.
    """

    def __init__(self) -> None:
        super().__init__(Path())
        self.full = False
        self.files: dict[str, str] = {}
        self.exports: dict[str, str] = {}

    def keep(self, name: str, text: str) -> None:
        if self.full:
            raise LedgerUnwritable("no space left")
        self.files[name] = text

    def add(self, name: str, line: str) -> None:
        if self.full:
            raise LedgerUnwritable("no space left")
        if name in self.files:
            self.files[name] += line

    def kept(self, name: str) -> str:
        return self.files.get(name, "")

    def drop(self, name: str) -> None:
        if self.full:
            raise LedgerUnwritable("no space left")
        self.files.pop(name, None)

    def export(self, path: str, texts: Iterable[str], encoding: str) -> None:
        written = "".join(texts)
        if self.full:
            raise ExportFailed("no space left")
        self.exports[path] = written
