"""Make `.venv`, fill it with the locked packages, and know when nothing is left to do.

What is installed is written to a stamp in `.venv`, and it is written last. A run that finds its
stamp up to date starts the program at once. No stamp means that a run was interrupted, and then
the whole environment is made anew: a half-unpacked package is worse than a minute of waiting.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

REQUIREMENTS = Path("packaging") / "requirements"
STAMP = "oathdesk-bootstrap.json"
# What is installed for a purpose also serves these: test.txt holds every pin of demo.txt.
SERVES = {"demo": ("demo",), "test": ("demo", "test")}
WORTH_A_LINE = 5.0  # megabytes; a smaller download is over before its line is read
LAST_LINES = 15  # of pip's output, shown when it fails

Say = Callable[[str], None]
Stamp = dict[str, Any]

# What pip writes, the first match first, and what a person can do about it.
ADVICE = (
    ("No space left on device", "The disk is full. Free about 1 GB and run this again."),
    ("Errno 28", "The disk is full. Free about 1 GB and run this again."),
    ("Permission denied", "The checkout cannot be written to. Check who owns it and its .venv."),
    (
        "DO NOT MATCH THE HASHES",
        "A downloaded package differs from the one that was locked, so it was not installed.",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "The package index's certificate could not be verified. PIP_CERT names one to trust.",
    ),
    (
        r"Retrying \(|NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|Temporary failure",
        "The package index cannot be reached. Check the network or proxy and run this again.",
    ),
    (
        "No matching distribution|Could not find a version",
        "The package index has no build of a locked package for this Python and this machine.",
    ),
)


class BootstrapError(Exception):
    """What stopped the bootstrap, as a sentence for the person at the terminal."""


class Environment:
    """The virtual environment of one checkout."""

    def __init__(self, root: Path, say: Say, folder: Path | None = None) -> None:
        """`root` is the checkout, `say` tells the person what is done; `folder` is `.venv` else."""
        self.root = root
        self.folder = folder or root / ".venv"
        self.say = say

    @property
    def python(self) -> Path:
        """The environment's own interpreter, there or not."""
        windows = os.name == "nt"
        return self.folder / ("Scripts/python.exe" if windows else "bin/python")

    def ready(self, purpose: str) -> Path:
        """Have everything for `purpose` ("demo" or "test") installed; returns the interpreter.

        Raises BootstrapError with advice when that is not possible.
        """
        try:
            stamp = self.read_stamp()
            if stamp is None or not self.is_current(stamp, purpose):
                self._bring_up(purpose, fresh=stamp is None or not self._is_usable(stamp))
        except OSError as error:
            raise BootstrapError(_from_os_error(error)) from error
        return self.python

    def read_stamp(self) -> Stamp | None:
        """What the last complete run wrote; None where there was none or it cannot be read."""
        try:
            stamp = json.loads((self.folder / STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return stamp if isinstance(stamp, dict) else None

    def is_current(self, stamp: Stamp, purpose: str) -> bool:
        """Whether an environment with this stamp already has all that `purpose` needs."""
        return (
            self._is_usable(stamp)
            and stamp.get("project") == self._project_digest()
            and stamp.get("requirements", {}).get(purpose) == self._requirements_digest(purpose)
        )

    def _bring_up(self, purpose: str, *, fresh: bool) -> None:
        started = time.monotonic()
        if fresh:
            self._create()
        (self.folder / STAMP).unlink(missing_ok=True)
        self._install_locked(purpose)
        self._install_project()
        self._write_stamp(purpose)
        self.say(f"ready after {time.monotonic() - started:.0f} s.")

    def _is_usable(self, stamp: Stamp) -> bool:
        """Whether the environment was made here, by this Python, which is still there."""
        return stamp.get("made_by") == self._made_by() and self.python.exists()

    def _create(self) -> None:
        if Path(sys.prefix).resolve() == self.folder.resolve():
            message = (
                "The Python in .venv cannot replace its own environment. Leave the environment "
                "(deactivate) and run this with the Python of the system."
            )
            raise BootstrapError(message)
        if self.folder.exists():
            self.say("making .venv anew: the one that is there is unfinished or was moved.")
            _remove(self.folder)
        else:
            self.say("making .venv ...")
        code, lines = _watch([sys.executable, "-m", "venv", str(self.folder)])
        if code:
            raise BootstrapError(_venv_advice(lines))

    def _install_locked(self, purpose: str) -> None:
        locked = self._requirements(purpose)
        self.say(f"installing {_count(locked)} locked packages; the first time takes a minute ...")
        # --only-binary: a fresh machine has no compiler, and a build would run unchecked code.
        options = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(locked)]
        self.pip(["install", *options])

    def _install_project(self) -> None:
        # The build backend is among the locked packages; nothing is fetched for the build.
        options = ["--no-build-isolation", "--no-deps", "--no-index", "--editable", str(self.root)]
        self.pip(["install", *options])

    def pip(self, arguments: Sequence[str]) -> None:
        """Run pip, relaying the downloads that take a while; its settings (PIP_*) hold.

        A package that is built without isolation finds its tools in this environment. Raises
        BootstrapError with advice.
        """
        options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        command = [str(self.python), "-m", "pip", *arguments, *options]
        tools = {"PATH": os.pathsep.join([str(self.python.parent), os.environ.get("PATH", "")])}
        code, lines = _watch(command, self._relay, os.environ | tools)
        if code:
            raise BootstrapError(pip_advice(lines))

    def _relay(self, line: str) -> None:
        found = re.search(r"Downloading (?:\S*/)?([^\s/]+?)-\d\S* \(([\d.]+) MB\)", line)
        if found and float(found[2]) >= WORTH_A_LINE:
            self.say(f"    downloading {found[1]} ({found[2]} MB)")

    def _write_stamp(self, purpose: str) -> None:
        """Record what is installed; through a second file, so that a stamp is whole or absent."""
        stamp = {
            "made_by": self._made_by(),
            "project": self._project_digest(),
            "requirements": {name: self._requirements_digest(name) for name in SERVES[purpose]},
        }
        draft = self.folder / f"{STAMP}.new"
        draft.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
        draft.replace(self.folder / STAMP)

    def _made_by(self) -> list[str]:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return [sys.implementation.name, version, sysconfig.get_platform(), str(self.root)]

    def _project_digest(self) -> str:
        """Digest of the tables of pyproject.toml that an installation depends on."""
        tables = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        relevant = [tables.get("build-system"), tables.get("project")]
        relevant.append(tables.get("tool", {}).get("hatch"))
        return _digest(json.dumps(relevant, sort_keys=True).encode())

    def _requirements_digest(self, purpose: str) -> str:
        return _digest(self._requirements(purpose).read_bytes().replace(b"\r\n", b"\n"))

    def _requirements(self, purpose: str) -> Path:
        return self.root / REQUIREMENTS / f"{purpose}.txt"


def _watch(
    command: Sequence[str],
    on_line: Callable[[str], None] = lambda _: None,
    variables: Mapping[str, str] | None = None,
) -> tuple[int, list[str]]:
    """Run `command`, show each line it writes to `on_line`; returns exit code and all lines.

    `variables` are its environment variables; by default those of this process.
    """
    lines = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=variables,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in _lines(process):
            lines.append(line)
            on_line(line)
    return process.returncode, lines


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    for line in process.stdout or ():
        yield line.rstrip()


def _remove(folder: Path) -> None:
    """Delete a `.venv`, and never anything that a link of that name points at."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink()
    else:
        shutil.rmtree(folder)


def _count(requirements: Path) -> int:
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return sum("==" in line for line in lines)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def pip_advice(lines: Sequence[str]) -> str:
    """What a person can do about a pip that failed with this output, and the end of the output."""
    output = "\n".join(lines)
    advice = next((text for sign, text in ADVICE if re.search(sign, output)), None)
    tail = "\n".join(f"    {line}" for line in lines[-LAST_LINES:])
    return f"{advice or 'pip could not install the packages.'} It said:\n{tail}"


def _venv_advice(lines: Sequence[str]) -> str:
    if any("ensurepip" in line for line in lines):
        package = f"python3.{sys.version_info.minor}-venv"
        return f"This Python cannot make virtual environments. On Debian, install {package}."
    return pip_advice(lines).replace("pip could not", "Python could not make .venv, nor")


def _from_os_error(error: OSError) -> str:
    advice = next((text for sign, text in ADVICE if re.search(sign, str(error))), None)
    return f"{advice or 'A file could not be written.'} The system said: {error}"
