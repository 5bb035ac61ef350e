"""Make what is installed.

    python3 packaging/bootstrap.py package [bundle | deb | msi | dmg] [--into DIR] [--python FILE]

Without a word it makes what this system installs: two Debian packages, an MSI, or a disk image.
Each begins with the one-folder build, which `bundle` stops at. Everything lands in dist/, or in
DIR, which is emptied first, with the sums of all files in SHA256SUMS. FILE is an interpreter that
holds the locked packages and no others, where no virtual environment can be made (the embeddable
Python of Windows).

On Debian the build carries the distribution's own Python, whichever Python runs this file: it is
the one that is kept secure there, and it knows no folder of whoever built it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import bundle
import deb
import debian
import dmg
import msi
import release
import signing

Say = Callable[[str], None]
Make = Callable[[Path, Path, Say], None]

SUMS = "SHA256SUMS"


def make(root: Path, arguments: list[str], say: Say) -> int:
    """Make what `arguments` name; returns 0, or ends the program with 2 for what is not known.

    Raises environment.BootstrapError with advice where it cannot be made.
    """
    given = _grammar().parse_args(arguments)
    if release.system() == "linux":
        _as_debian(arguments, say)
    dist = given.into.resolve() if given.into else root / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    folder = bundle.build(root, say, dist, python=given.python)
    signing.sign(sorted(folder.glob("*.exe")), say)
    _MAKERS[given.what](root, dist, say)
    write_sums(dist)
    for file in sorted(path for path in dist.iterdir() if path.is_file()):
        say(f"    {file.name} ({file.stat().st_size / 1e6:.1f} MB)")
    return 0


def _grammar() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bootstrap.py package", description=__doc__)
    parser.add_argument("what", nargs="?", choices=_MAKERS, default=_USUAL[release.system()])
    parser.add_argument("--into", type=Path, metavar="DIR", help="instead of dist/")
    about = "make the build with this interpreter, which has the locked packages, without a venv"
    parser.add_argument("--python", type=Path, metavar="FILE", help=about)
    return parser


def write_sums(dist: Path) -> None:
    """Write the SHA-256 of every file in `dist`, as `sha256sum --check` reads them."""
    files = sorted(path for path in dist.iterdir() if path.is_file() and path.name != SUMS)
    lines = [f"{_sha256(file)}  {file.name}\n" for file in files]
    (dist / SUMS).write_text("".join(lines), encoding="ascii", newline="\n")


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _as_debian(arguments: list[str], say: Say) -> None:
    """Have what a build on Debian needs, and go on with the distribution's own Python."""
    if not debian.ensure(debian.BUILD, say):
        return
    system = debian.SYSTEM_PYTHON
    if system.exists() and Path(sys.executable).resolve() != system.resolve():
        bootstrap = Path(__file__).with_name("bootstrap.py")
        say(f"going on with {system}, which the packages carry.")
        command = [str(system), str(bootstrap), "package", *arguments]
        os.execv(command[0], command)  # noqa: S606 - no shell is what is wanted


def _deb(root: Path, dist: Path, say: Say) -> None:
    facts = deb.Facts.of_release(root)
    icons = root / bundle.WORK / "icons"
    build = deb.Build(dist / release.NAME, icons, bundle.bill_file(root, dist))
    deb.station(root, build, dist, facts, say)
    deb.kiosk(root, dist, facts)


def _msi(root: Path, dist: Path, say: Say) -> None:
    made_of = msi.Build(dist / release.NAME, root / bundle.WORK, release.version(root))
    file = msi.build(root, made_of, dist, say)
    signing.sign([file], say)


def _dmg(root: Path, dist: Path, say: Say) -> None:
    dmg.build(dist, release.version(root), say)


def _nothing_more(_root: Path, _dist: Path, _say: Say) -> None:
    """What is to be made is the build itself."""


_USUAL = {"linux": "deb", "windows": "msi", "macos": "dmg"}
_MAKERS: dict[str, Make] = {"bundle": _nothing_more, "deb": _deb, "msi": _msi, "dmg": _dmg}
