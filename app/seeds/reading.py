"""Reads a seed file: tells what it is by its content, and says in our words why it cannot.

The file is read in pieces, and nothing of it is kept but the result. Errors of the libraries
become ours here and nowhere else; they are not chained, because some of them hold what they failed
on, and that may be a seed.
"""

from __future__ import annotations

import csv
import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TextIO
from xml.parsers import expat

from app.core.errors import (
    SeedFileEmpty,
    SeedFileError,
    SeedFileNotRecognised,
    SeedFileTooLarge,
    SeedFileUnreadable,
    SeedReadingStopped,
)
from app.core.seed import Need, SeedFile, SeedFormat, SeedOptions
from app.core.seed_check import Checker
from app.seeds.container import PSKC, KeyContainer
from app.seeds.elements import Emit, Walk
from app.seeds.records import read_json, read_ldif
from app.seeds.source import FileKind, Stop, as_text, first_lines, kind_of, opened
from app.seeds.table import Progress, read_table, too_many_rows
from app.seeds.vendor_xml import DEEPNET, SAFENET, Deepnet, SafeNet

_FOREIGN: Final = (OSError, UnicodeError, csv.Error, expat.ExpatError)
_SHAPES: Final = {"KeyContainer": PSKC, "Tokens": SAFENET, "data": DEEPNET}
_FORMATS: Final = {
    "KeyContainer": SeedFormat.PSKC,
    "Tokens": SeedFormat.SAFENET_XML,
    "data": SeedFormat.DEEPNET_XML,
}
_OTHER_XML: Final = "an XML file of another kind"
_OTHER_ROOTS: Final = {
    "TKNBatch": "an XML file of RSA SecurID, whose tokens are not OATH",
    "SecretContainer": "a container of the draft before PSKC",
    "EncryptedData": "an XML file that is encrypted as a whole",
    "Envelope": "an XML file that is a message around something else",
}


def read(
    path: Path,
    options: SeedOptions | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> SeedFile:
    """Read the file at `path` and check every row of it. Blocks; for a thread of its own.

    `progress` is told, on this thread, how many rows are read so far. `stop` is asked now and then
    whether to end; then SeedReadingStopped is raised. Raises SeedFileError of every kind for a file
    that cannot be read as a whole. Nothing is written, and the file is left as it is.
    """
    failure: SeedFileError
    try:
        with _collector_at_rest():
            return _read(path, options or SeedOptions(), progress or _nobody, stop or _never)
    except _FOREIGN as error:
        failure = _explained(error)
    raise failure


def _read(path: Path, options: SeedOptions, progress: Progress, stop: Stop) -> SeedFile:
    def told(rows: int) -> None:
        progress(rows)
        if stop():
            raise SeedReadingStopped("stopped by the operator")

    with ExitStack() as open_files:

        def again() -> TextIO:
            beginning, whole = open_files.enter_context(opened(path, options.limits, stop))
            return as_text(whole, beginning)

        head, file = open_files.enter_context(opened(path, options.limits, stop))
        match kind_of(head):
            case FileKind.XML:
                return _Document(options).read(file, told)
            case FileKind.JSON:
                return read_json(again, options, told)
            case FileKind.LDIF:
                return read_ldif(again, options, told)
            case FileKind.TABLE:
                return read_table(as_text(file, head), first_lines(head), options, told)


class _Document:
    """One XML file."""

    def __init__(self, options: SeedOptions) -> None:
        self._options = options
        self._checker = Checker(options)
        self._container: KeyContainer | None = None

    def read(self, file: BinaryIO, progress: Progress) -> SeedFile:
        walk = Walk(_SHAPES, self._reader, self._options.limits)
        try:
            walk.over(file, lambda: self._told(progress))
        except BaseException:
            self._checker.wipe()
            raise
        if not walk.root:
            raise SeedFileNotRecognised(_OTHER_ROOTS.get(walk.other_root, _OTHER_XML))
        if not self._checker.rows:
            raise SeedFileEmpty(f"{_FORMATS[walk.root].value} without a key")
        self._told(progress)
        needs: frozenset[Need] = self._container.needs if self._container else frozenset()
        return self._checker.finish(_FORMATS[walk.root], needs)

    def _reader(self, root: str) -> Emit:
        """What makes rows of the records below `root`."""
        if root == "Tokens":
            return SafeNet(self._checker)
        if root == "data":
            return Deepnet(self._checker)
        self._container = KeyContainer(self._checker, self._options)
        return self._container

    def _told(self, progress: Progress) -> None:
        too_many_rows(self._checker, self._options.limits.rows)
        progress(self._checker.rows)


def _explained(error: Exception) -> SeedFileError:
    """Our error for one of a library's, without what it failed on."""
    if isinstance(error, expat.ExpatError):
        return SeedFileUnreadable(f"XML: {expat.ErrorString(error.code)}", error.lineno)
    if isinstance(error, csv.Error):
        if "field limit" in str(error):
            return SeedFileTooLarge("a cell beyond all bounds, or a quote that never ends")
        return SeedFileUnreadable(f"CSV: {error}")
    if isinstance(error, UnicodeError):
        return SeedFileUnreadable("the text is cut short, or not of the encoding that it begins in")
    assert isinstance(error, OSError)
    return SeedFileUnreadable(error.strerror or type(error).__name__)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep Python from looking through everything again and again for cycles, meanwhile.

    A file becomes hundreds of thousands of objects that are all in use; looking through them takes
    longer than to read the file.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _nobody(_rows: int) -> None:
    pass


def _never() -> bool:
    return False
