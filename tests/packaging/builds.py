"""A build in small, for what is made of one: a program, a library, the licences, the icons."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deb import Build

ROOT = Path(__file__).resolve().parents[2]

SECONDS = 1_790_000_000
"""When the small build was made, in seconds since 1970: in September 2026."""


def small_build(place: Path) -> Build:
    """Make one below `place`: its program does nothing, and succeeds."""
    folder, icons, bill = place / "oathdesk", place / "icons", place / "bill.cdx.json"
    licences = folder / "_internal" / "licences"
    licences.mkdir(parents=True)
    (licences / "NOTICES.txt").write_text("python 3.11\n    PSF-2.0\n", encoding="utf-8")
    shutil.copy("/bin/true", folder / "oathdesk")
    (folder / "oathdesk").chmod(0o755)
    bill.write_text("{}\n", encoding="utf-8")
    draw_icons(icons)
    return Build(folder, icons, bill)


def draw_icons(folder: Path) -> None:
    """Draw the program's icons, as a build does."""
    script = ROOT / "packaging" / "pyinstaller" / "icons.py"
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, str(script), str(folder)], env=environ, check=True)


def tool(name: str, package: str) -> str:
    """Return the program `name`; without it the test is skipped, with how to get it."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"needs {name}: apt-get install {package}")
    return found


def said(*command: str | Path, **variables: str) -> str:
    """Run `command`; return what it said. It must succeed."""
    done = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, "LC_ALL": "C.UTF-8", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def nothing(_sentence: str) -> None:
    """Say nothing."""
