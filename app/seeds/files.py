"""Seed files as the station asks for them, and the columns that a person has once named.

Which column is which is kept by the names in a file's header, in a file of the user's own. It holds
names and numbers of columns; what stands below them is never part of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from app.core.seed import ColumnMapping, Need, RowFault, SeedFile, SeedOptions
from app.seeds.faults import write_faults
from app.seeds.reading import read

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
        found = read(Path(path), options, progress, stop)
        if Need.MAPPING not in found.needs:
            self._remember(found.columns, options.mapping)
            return found
        known = self._known(found.columns)
        if known is None:
            return found
        return read(Path(path), replace(options, mapping=known), progress, stop)

    def write_faults(
        self, path: str, faults: Iterable[RowFault], describe: Callable[[RowFault], str]
    ) -> int:
        """Save the faults of a file."""
        return write_faults(Path(path), faults, describe)

    def _remember(self, columns: tuple[str, ...], mapping: ColumnMapping | None) -> None:
        """Keep what a person has just said; where it cannot be kept, they are asked again."""
        if mapping is None or not any(columns):
            return
        kept = self._kept()
        kept.pop(_key(columns), None)
        kept[_key(columns)] = asdict(mapping)
        part = self._columns.with_name(f"{self._columns.name}.part")
        with suppress(OSError):
            self._columns.parent.mkdir(parents=True, exist_ok=True)
            latest = dict(list(kept.items())[-_MOST:])
            part.write_text(json.dumps(latest, indent=1) + "\n", encoding="utf-8")
            part.replace(self._columns)

    def _known(self, columns: tuple[str, ...]) -> ColumnMapping | None:
        if not any(columns):
            return None
        try:
            mapping = ColumnMapping(**self._kept()[_key(columns)])
        except (KeyError, TypeError, ValueError):
            return None
        return mapping if max(mapping.used()) < len(columns) else None

    def _kept(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._columns.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}


def _key(columns: tuple[str, ...]) -> str:
    return json.dumps([name.casefold() for name in columns])
