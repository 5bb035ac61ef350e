"""Setting a damaged file aside and putting its successor in place, so that a crash loses neither.

The successor is complete before the damaged file is renamed. Whichever rename a crash falls
between, the next start finds either the damaged file, and begins again, or the successor alone, and
puts it in place.
"""

import glob
from datetime import datetime
from pathlib import Path

_COMPANIONS = ("", "-wal", "-shm")


def companion(path: Path, suffix: str) -> Path:
    """Return the path of one of the three files that SQLite keeps for `path`."""
    return path.with_name(path.name + suffix)


def successor(path: Path) -> Path:
    """Return where the successor of `path` is made."""
    return path.with_name(f"{path.name}.successor")


def finish_replacement(path: Path) -> None:
    """Bring what a crash may have left of an earlier replacement to its end. Raises OSError."""
    if path.exists():
        for suffix in _COMPANIONS:
            companion(successor(path), suffix).unlink(missing_ok=True)
    elif successor(path).exists():
        # A log of the damaged file must never be taken for the successor's.
        _move(path, _free_name(path, "damaged-leftover"))
        successor(path).rename(path)


def replace_damaged(path: Path, moment: datetime) -> Path:
    """Rename `path` whole, put its closed successor in place; return where `path` lies now."""
    aside = _free_name(path, f"damaged-{moment:%Y%m%dT%H%M%SZ}")
    _move(path, aside)
    successor(path).rename(path)
    return aside


def set_aside(path: Path) -> list[Path]:
    """Return the damaged files that were set aside for `path`, without their companions."""
    found = path.parent.glob(f"{glob.escape(path.name)}.damaged-*")
    return sorted(each for each in found if not each.name.endswith(_COMPANIONS[1:]))


def _move(source: Path, target: Path) -> None:
    """Rename the file, then its companions, as far as they are there."""
    for suffix in _COMPANIONS:
        found = companion(source, suffix)
        if found.exists():
            found.rename(companion(target, suffix))


def _free_name(path: Path, label: str) -> Path:
    aside = path.with_name(f"{path.name}.{label}")
    number = 2
    while any(companion(aside, suffix).exists() for suffix in _COMPANIONS):
        aside = path.with_name(f"{path.name}.{label}-{number}")
        number += 1
    return aside
