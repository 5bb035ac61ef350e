"""Resolve the versions that everybody installs, for those who maintain them.

One file per purpose: `runtime.txt` is what a packaged station carries, the ways to the system's
stores of secrets and of keys among it; `demo.txt` adds the embedded tenant and the build backend,
`test.txt` the tools. A narrower file is resolved under the pins of the wider one, so an environment
made for tests also serves the demo. `pcsc.txt` adds the card readers, and `pcsc-build.txt` what
they are built with (see `pcsc`). The files hold versions and hashes for every platform, and no
address: where packages come from is the business of whoever installs them. Needs `uv` on PATH.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

REQUIREMENTS = Path("packaging") / "requirements"
_STATION = ("--extra", "keyring", "--extra", "import", "--extra", "pkcs11")
_EXTRAS = (*_STATION, "--extra", "simulator")
PURPOSES = {
    "runtime": _STATION,
    "demo": (*_EXTRAS, "--group", "build"),
    "test": (*_EXTRAS, "--group", "build", "--group", "test"),
}
# pyscard has no wheel for Linux; what it is built with is locked as well, in a file of its own.
READERS = ("pcsc", "pcsc-build")
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
    return _write_readers(uv, root)


def _write_readers(uv: str, root: Path) -> int:
    """Resolve the card readers' files under the pins of the tests; returns uv's exit code."""
    pins = ("--constraint", str(REQUIREMENTS / "test.txt"))
    for name in READERS:
        source, target = (str(REQUIREMENTS / f"{name}.{kind}") for kind in ("in", "txt"))
        command = [uv, "pip", "compile", source, *OPTIONS, "--upgrade", "--output-file", target]
        code = subprocess.call([*command, *pins], cwd=root)
        if code:
            return code
    return 0
