"""A bare Debian in a folder: made by debootstrap, used by chroot, and started by a container.

It comes from wherever this machine's own packages come from, which is asked and written nowhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.builds import said, tool

SUITE = "bookworm"
STARTS = 600.0
"""Seconds that a machine may take to start, to do what it was told, and to end."""

_INSIDE = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
_STARTED = (
    "mkdir -p /run/systemd && mount -t tmpfs none /run/systemd && "
    'exec systemd-nspawn --register=no --keep-unit --quiet --directory="$0" --boot'
)


@dataclass(frozen=True, slots=True)
class Bare:
    """A Debian whose root is the folder `root`."""

    root: Path

    def try_(self, *command: str, user: str = "root") -> subprocess.CompletedProcess[str]:
        """Run `command` in it as `user`; both outputs come as one."""
        words = list(command) if user == "root" else ["runuser", "-u", user, "--", *command]
        environ = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}
        if user != "root":
            environ["HOME"] = f"/home/{user}"
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "sh", "-c", _INSIDE, str(self.root), *words],
            env={**environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )

    def run(self, *command: str, user: str = "root") -> str:
        """Run `command` in it, which must succeed; return what it said."""
        done = self.try_(*command, user=user)
        assert done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout

    def install(self, *packages: Path | str) -> str:
        """Install packages: files of this machine, or names that Debian knows."""
        names = []
        for package in packages:
            if isinstance(package, Path):
                shutil.copy(package, self.root / "root")
                names.append(f"/root/{package.name}")
            else:
                names.append(package)
        return self.run("apt-get", "install", "-qq", "-y", "--no-install-recommends", *names)

    def start(self) -> str:
        """Start it as a machine, and wait until it ends by itself; return what its console said."""
        command = ["unshare", "--mount", "sh", "-c", _STARTED, str(self.root)]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=STARTS,
            check=False,
        )
        return done.stdout

    def copy(self, root: Path) -> Bare:
        """Return another one that is like this."""
        said("cp", "--archive", "--reflink=auto", self.root, root)
        return Bare(root)

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        """Write a file in it."""
        file = self.root / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)

    def read(self, name: str) -> str:
        """Return what a file in it holds."""
        return (self.root / name.lstrip("/")).read_text(encoding="utf-8", errors="replace")

    def has(self, name: str) -> bool:
        """Tell whether there is such a file in it, or a link, wherever it leads."""
        file = self.root / name.lstrip("/")
        return file.is_symlink() or file.exists()


def bare_debian(root: Path, suite: str = SUITE) -> Bare:
    """Make one of Debian 12, or of another `suite`; as root alone, where debootstrap is."""
    debootstrap = tool("debootstrap", "debootstrap")
    if os.geteuid() != 0:
        pytest.skip("needs root, to make a root of its own")
    said(debootstrap, "--variant=minbase", suite, root, _source())
    made = Bare(root)
    made.write("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")  # as Debian's installer does
    made.run("apt-get", "update", "-qq")
    return made


def _source() -> str:
    """Return where this machine's Debian packages come from; other suites are there as well."""
    targets = said(
        "apt-get", "indextargets", "--format", "$(SITE) $(CODENAME)", "Created-By: Packages"
    )
    lines = (line.split() for line in targets.splitlines())
    found = next((line[0] for line in lines if line[1:] == [SUITE]), None)
    if found is None:
        pytest.skip(f"needs a source of Debian's packages for {SUITE}")
    return found
