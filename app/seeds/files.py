"""Seed files as the station asks for them, and the columns that a person has once named.

Which column is which is kept by a file's header, in a file of the user's own. That file holds the
header's digest and numbers of columns: not even the names, since nobody but the operator can tell
names that are not known from a row of data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from app.core.errors import SeedFileError, SeedFileUnreadable
from app.core.seed import (
    ColumnMapping,
    Limits,
    Need,
    RowFault,
    SeedFile,
    SeedFormat,
    SeedOptions,
)
from app.seeds.faults import write_faults
from app.seeds.reading import read
from app.seeds.source import CHUNK, first_lines, opened

_MOST: Final = 100
"""Headers that are remembered; a vendor has two or three."""


class SeedFiles:
    """core.import_ports.SeedFiles. What was said of headers is kept in the file at `columns`."""

    def __init__(self, columns: Path) -> None:
        self._columns = columns

    def read(
        self,
        path: str,
        options: SeedOptions,
        progress: Callable[[int], None],
        stop: Callable[[], bool],
    ) -> SeedFile:
        """Read and check a file, with the columns that were named for its header before."""
        found = self._read(path, options, progress, stop)
        try:
            return replace(found, sha256=_hash_of(Path(path), stop))
        except SeedFileError:
            found.wipe()
            raise

    def _read(
        self,
        path: str,
        options: SeedOptions,
        progress: Callable[[int], None],
        stop: Callable[[], bool],
    ) -> SeedFile:
        found = read(Path(path), options, progress, stop)
        header = _header(Path(path), found)
        if Need.MAPPING not in found.needs:
            if options.mapping is not None and options.mapping.header:
                self._remember(header, options.mapping)
            return found
        known = self._known(header, len(found.columns)) if options.mapping is None else None
        if known is None:
            return found
        found.wipe()
        return read(Path(path), replace(options, mapping=known), progress, stop)

    def write_faults(
        self, path: str, faults: Iterable[RowFault], describe: Callable[[RowFault], str]
    ) -> int:
        """Save the faults of a file."""
        return write_faults(Path(path), faults, describe)

    def _remember(self, header: str, mapping: ColumnMapping) -> None:
        """Keep what a person has just said; where it cannot be kept, they are asked again."""
        kept = self._kept()
        kept.pop(header, None)
        kept[header] = asdict(mapping)
        part = self._columns.with_name(f"{self._columns.name}.part")
        with suppress(OSError):
            self._columns.parent.mkdir(parents=True, exist_ok=True)
            latest = dict(list(kept.items())[-_MOST:])
            part.write_text(json.dumps(latest, indent=1) + "\n", encoding="utf-8")
            part.replace(self._columns)

    def _known(self, header: str, width: int) -> ColumnMapping | None:
        try:
            kept = dict(self._kept()[header])
            mapping = ColumnMapping(**kept | {"ignored": tuple(kept.get("ignored", ()))})
        except (KeyError, TypeError, ValueError):
            return None
        return mapping if max(*mapping.used(), *mapping.ignored) < width else None

    def _kept(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._columns.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}


_NAMED: Final = frozenset({SeedFormat.GRAPH_JSON, SeedFormat.OTHER_JSON, SeedFormat.SAFEWORD_DAT})
"""Files whose rows name their columns: their first line may be all there is."""


def _hash_of(path: Path, stop: Callable[[], bool]) -> str:
    """Return the SHA-256 of the bytes of a file that was just read, in hexadecimal digits.

    Raises as reading it does.
    """
    whole = hashlib.sha256()
    try:
        with opened(path, Limits(), stop) as (_head, file):
            while chunk := file.read(CHUNK):
                whole.update(chunk)
    except OSError as error:
        raise SeedFileUnreadable(error.strerror or type(error).__name__) from error
    return whole.hexdigest()


def _header(path: Path, found: SeedFile) -> str:
    """Return the digest of a file's first line with anything in it, or of its rows' names.

    Case makes no difference.
    """
    if found.format in _NAMED:
        return hashlib.sha256("\n".join(found.columns).casefold().encode()).hexdigest()
    with opened(path, Limits(), lambda: False) as (head, _file):
        lines = (line.strip().casefold() for line in first_lines(head))
        header = next((line for line in lines if line and not line.startswith("sep=")), "")
    return hashlib.sha256(header.encode()).hexdigest()
