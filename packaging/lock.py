"""Resolve the versions that everybody installs, for those who maintain them.

One file per purpose: `runtime.txt` is what a packaged station carries, Windows' own sign-in and the
ways to the system's stores of secrets and of keys among it; `demo.txt` adds the embedded tenant and
the build backend, `test.txt` the tools. A narrower file is resolved under the pins of the wider
one, so an environment made for tests also serves the demo. `pcsc.txt` adds the card readers, and
`pcsc-build.txt` what they are built with (see `pcsc`); `bundle.txt` is what the one-folder build is
made with. The files
hold versions and hashes for every platform, and no address: where packages come from is the
business of whoever installs them. Needs `uv` on PATH.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

REQUIREMENTS = Path("packaging") / "requirements"
_STATION = ("--extra", "broker", "--extra", "import", "--extra", "keyring", "--extra", "pkcs11")
_EXTRAS = (*_STATION, "--extra", "simulator")
PURPOSES = {
    "runtime": _STATION,
    "demo": (*_EXTRAS, "--group", "build"),
    "test": (*_EXTRAS, "--group", "build", "--group", "test"),
}
# Locked in files of their own: the card readers, what pyscard is built with on Linux, where it has
# no wheel, and what the one-folder build is made with.
APART = ("pcsc", "pcsc-build", "bundle")
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
)


def write(root: Path, say: Callable[[str], None]) -> int:
    """Resolve every file of `root` anew; returns uv's exit code, or 1 where uv is missing."""
    uv = shutil.which("uv")
    if uv is None:
        say("Locking needs uv, which is not on PATH.")
        return 1
    constraints: tuple[str, ...] = ()
    for purpose in reversed(PURPOSES):
        target = REQUIREMENTS / f"{purpose}.txt"
        say(f"resolving {target.as_posix()} ...")
        command = [uv, "pip", "compile", "pyproject.toml", *PURPOSES[purpose], *OPTIONS]
        fresh = ["--upgrade", "--output-file", str(target), *constraints]
        code = subprocess.call([*command, *fresh], cwd=root)
        if code:
            return code
        constraints = ("--constraint", str(target))
    return _write_apart(uv, root)


def _write_apart(uv: str, root: Path) -> int:
    """Resolve what stands apart under the pins of the tests; returns uv's exit code."""
    pins = ("--constraint", str(REQUIREMENTS / "test.txt"))
    for name in APART:
        source, target = (str(REQUIREMENTS / f"{name}.{kind}") for kind in ("in", "txt"))
        command = [uv, "pip", "compile", source, *OPTIONS, "--upgrade", "--output-file", target]
        code = subprocess.call([*command, *pins], cwd=root)
        if code:
            return code
    return 0
