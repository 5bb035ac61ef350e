"""A port of its own: small texts that the station keeps beside its record, and files for people."""

from collections.abc import Iterable
from typing import Protocol


class Shelf(Protocol):
    """The station's own files beside the record, and exports. Its methods block."""

    def keep(self, name: str, text: str) -> None:
        """Keep `text` durably under `name`, in place of what was. Raises LedgerUnwritable."""
        ...

    def add(self, name: str, line: str) -> None:
        """Append `line`, with its end of line, to what is kept under `name`; without that, nothing.

        The system writes it to the disk when it pleases, so it must be a line that may be lost.
        Raises LedgerUnwritable.
        """
        ...

    def kept(self, name: str) -> str:
        """Return what is kept under `name`, "" where nothing is. Raises LedgerUnreadable."""
        ...

    def drop(self, name: str) -> None:
        """Keep nothing under `name` any more. Raises LedgerUnwritable."""
        ...

    def free_path(self, folder: str, stem: str, suffix: str) -> str:
        """Return the path of a file in `folder` that is not there yet.

        Its name is `stem` and `suffix` (with its dot), with a number between them from 2 on. An
        empty `folder` is the home folder.
        """
        ...

    def write_new(self, folder: str, stem: str, suffix: str, content: bytes) -> str:
        """Write `content` to a new file that its owner alone may read; return its path.

        It is named as `free_path` names it, and `folder` is made where need be. Raises
        ExportFailed.
        """
        ...

    def export(self, path: str, texts: Iterable[str], encoding: str) -> None:
        """Write `texts` to the new file `path`, which is there once it is whole.

        An exception that `texts` raises leaves no file. Raises ExportFailed.
        """
        ...
