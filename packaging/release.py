"""What a release is called and when it was made: the one place that every package asks.

The version stands in app/__init__.py and nowhere else. The time is SOURCE_DATE_EPOCH where that is
set, and otherwise that of the last commit, so that the same sources give the same files.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "oathdesk"

_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
_PRE_RELEASE = re.compile(r"(?<=\d)\.?(a|b|rc|dev)(\d+)")
_EARLIEST = 315_532_800  # 1 January 1980: a ZIP file knows no earlier time


def version(root: Path = ROOT) -> str:
    """Return the version as app/__init__.py has it, such as 0.2.0 or 0.2.0rc1."""
    found = _VERSION.search((root / "app" / "__init__.py").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("app/__init__.py names no version")
    return found[1]


def for_debian(version: str) -> str:
    """Return `version` so that Debian sorts a candidate before its release: 0.2.0~rc1."""
    return _PRE_RELEASE.sub(r"~\1\2", version)


def for_windows(version: str) -> str:
    """Return the three numbers of `version`, which is all that an installer of Windows compares."""
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if numbers is None:
        raise ValueError(f"{version} does not begin with three numbers")
    return numbers[0]


def made_at(root: Path = ROOT) -> int:
    """Return when the sources were made, in seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return max(int(given) if given else _last_commit(root), _EARLIEST)


def day(seconds: int) -> str:
    """Return the day of `seconds` since 1970, such as 2026-11-25."""
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def notes(version: str, root: Path = ROOT) -> str:
    """Return what CHANGELOG.md says of `version`, or of what is not released yet."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    parts = re.split(r"^## \[([^\]]+)\].*$", text, flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    return said.get(version, said.get("Unreleased", "")).strip()


def system(platform: str = sys.platform) -> str:
    """Return what this system is called in the names of files."""
    return {"win32": "windows", "darwin": "macos"}.get(platform, "linux")


def _last_commit(root: Path) -> int:
    asked = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return _EARLIEST
    return int(said or _EARLIEST)
