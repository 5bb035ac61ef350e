"""Have pyscard, so that cards can be read and no test with virtual readers is skipped.

pyscard has wheels for Windows and macOS. On Linux it is built, against the machine's libpcsclite
and with locked tools, which takes a few seconds and a compiler. A machine that cannot build it
skips those tests and runs all others; a station without card readers runs as well. The demo takes
what can be had and installs no compiler for it.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import sysconfig
from pathlib import Path

import environment

FILES = ("pcsc-build.txt", "pcsc.txt")
STAMP = "oathdesk-pcsc.sha256"
BUILT = "pyscard"


HEADERS = Path("/usr/include/PCSC/winscard.h")
"""What libpcsclite-dev brings; pkg-config names the same place on Debian and its kin."""


def can_be_built(headers: Path = HEADERS) -> bool:
    """Whether this machine has what pyscard needs: a wheel, or a compiler and the two headers."""
    if not sys.platform.startswith("linux"):
        return True
    python = Path(sysconfig.get_path("include")) / "Python.h"
    return shutil.which("cc") is not None and headers.exists() and python.exists()


def install(made: environment.Environment) -> bool:
    """Install what the card readers need into `made`; returns whether it is there.

    What cannot be installed is told, and tried again in the next run.
    """
    stamp = made.folder / STAMP
    digest = _digest(made.root)
    if stamp.exists() and stamp.read_text(encoding="ascii").strip() == digest:
        return True
    made.say("installing what card readers need ...")
    try:
        for options in pip_options(made.root, linux=sys.platform.startswith("linux")):
            made.pip(["install", *options])
    except environment.BootstrapError as error:
        made.say(f"pyscard is not there, and card readers cannot be used. {error}")
        return False
    stamp.write_text(digest + "\n", encoding="ascii")
    return True


def pip_options(root: Path, *, linux: bool) -> list[list[str]]:
    """What to tell `pip install`, step by step; only on Linux is anything built."""
    tools, packages = (str(root / environment.REQUIREMENTS / name) for name in FILES)
    wheels = ["--require-hashes", "--only-binary", ":all:"]
    if not linux:
        return [[*wheels, "--requirement", packages]]
    build = ["--no-build-isolation", "--no-binary", BUILT]
    return [[*wheels, "--requirement", tools], [*wheels, *build, "--requirement", packages]]


def _digest(root: Path) -> str:
    files = (root / environment.REQUIREMENTS / name for name in FILES)
    content = b"".join(file.read_bytes().replace(b"\r\n", b"\n") for file in files)
    return hashlib.sha256(content).hexdigest()
