"""A port of its own: small texts that the station keeps beside its record, and files for people."""

from collections.abc import Iterable
from typing import Protocol


class Shelf(Protocol):
    """The station's own files beside the record, and exports. Its methods block."""

    def keep(self, name: str, text: str) -> None:
        """Keep `text` durably under `name`, in place of what was. Raises LedgerUnwritable."""
        ...

    def kept(self, name: str) -> str:
        """Return what is kept under `name`, "" where nothing is. Raises LedgerUnreadable."""
        ...

    def drop(self, name: str) -> None:
        """Keep nothing under `name` any more. Raises LedgerUnwritable."""
        ...

    def export(self, path: str, texts: Iterable[str], encoding: str) -> None:
        """Write `texts` to the new file `path`, which is there once it is whole.

        An exception that `texts` raises leaves no file. Raises ExportFailed.
        """
        ...
