"""What an import asks of the disk: files of seeds.

Adapters fulfil it, as those of app.core.ports.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from app.core.seed import RowFault, SeedFile, SeedOptions


class SeedFiles(Protocol):
    """Files of seeds. Its methods block: call them off the event loop."""

    def read(
        self,
        path: str,
        options: SeedOptions,
        progress: Callable[[int], None],
        stop: Callable[[], bool],
    ) -> SeedFile:
        """Read a file and check every row of it; the file is left as it is.

        Where columns are named in `options`, that is kept for files with the same header.
        `progress` hears how many rows are read so far, `stop` is asked whether to end. Raises
        SeedFileError.
        """
        ...

    def write_faults(
        self, path: str, faults: Iterable[RowFault], describe: Callable[[RowFault], str]
    ) -> int:
        """Write one line per fault to the new file `path`; return how many.

        Raises SeedFaultsUnsaved.
        """
        ...
