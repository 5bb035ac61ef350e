"""Know which Debian packages a window needs, and see to it that they are there.

PySide6's wheel brings Qt but not the X11, OpenGL and font libraries beneath it, and a bare Debian
has none of them. Qt then fails with a message that blames the wrong library, which nobody should
have to read on the first run. As root the missing packages are installed; anyone else is shown
the one command that would. Elsewhere than on Debian and its kin this module does nothing.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# The libraries that `ldd` names for Qt 6.12's own libraries and for its xcb and offscreen platform
# plugins on Debian 12, and fonts for names in every script.
WINDOW = (
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libfreetype6",
    "libgl1",
    "libglib2.0-0",
    "libgssapi-krb5-2",
    "libx11-6",
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-glx0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-render0",
    "libxcb-shape0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-util1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libxcb1",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
    "libzstd1",
    "fonts-inter",
    "fonts-noto-cjk",
    "fonts-noto-core",
)
# A screen nobody looks at, hands that type on it, and a window manager so that focus works.
REAL_KEYS = ("openbox", "xdotool", "xvfb")

# A real Secret Service, on a message bus of its own.
SECRET_SERVICE = ("dbus", "gnome-keyring")

# What reads a PDF back, word for word.
PDF = ("poppler-utils",)

# A PKCS#11 token in software, whose keys nobody is given.
KEY_STORE = ("softhsm2",)

# The real PC/SC service, readers that exist in software alone, and what pyscard is built with.
READERS = ("gcc", "libc6-dev", "libpcsclite-dev", "libpcsclite1", "pcscd", "vsmartcard-vpcd")

# What packages are made with; the distribution's own Python travels in them.
BUILD = (
    "dpkg-dev",
    "gcc",
    "libc6-dev",
    "libpcsclite-dev",
    "libpython3-dev",
    "python3-venv",
)
# What judges them in every test run, and what a run with --packages needs besides: a bare Debian, a
# container that starts it, a kiosk's session on a virtual screen, and the browser of a kiosk.
JUDGES = (
    "appstream",
    "desktop-file-utils",
    "dpkg-dev",
    "lintian",
    "man-db",
    "msitools",
    "systemd",
    "wixl",
)
INSTALLERS = ("chromium", "debootstrap", "imagemagick", "systemd-container")
SYSTEM_PYTHON = Path("/usr/bin/python3")

FOR_TESTS = (*REAL_KEYS, *SECRET_SERVICE, *KEY_STORE, *PDF, *JUDGES)

ATTEMPTS = 3
PAUSE = 3.0  # seconds between two attempts, for a mirror to collect itself

Say = Callable[[str], None]


def wanted(purpose: str) -> tuple[str, ...]:
    """Packages for `purpose` ("demo" or "test"), with Python's own where Debian left it out."""
    packages = WINDOW + (FOR_TESTS if purpose == "test" else ())
    if importlib.util.find_spec("ensurepip") is None:
        packages += (f"python3.{sys.version_info.minor}-venv",)
    return packages


def wanted_for_readers() -> tuple[str, ...]:
    """Packages for tests with virtual card readers, with Python's headers where they are absent."""
    if (Path(sysconfig.get_path("include")) / "Python.h").exists():
        return READERS
    return (*READERS, f"libpython3.{sys.version_info.minor}-dev")


def ensure(packages: Iterable[str], say: Say, machine: Machine | None = None) -> bool:
    """Have `packages` installed; returns whether they are there.

    What cannot be installed is told through `say` and is no error: the program may still work, and
    knows better than this module whether it does.
    """
    machine = machine or Machine()
    absent = machine.missing(packages)
    if not absent:
        return True
    command = install_command(absent)
    if not machine.is_root():
        say("some system packages are missing. This installs them:")
        say(f"    sudo {' '.join(command)}")
        return False
    say(f"installing {len(absent)} system packages: {' '.join(absent)}")
    if _install(command, machine):
        return True
    say("apt could not install them; going on without. This is the command to try by hand:")
    say(f"    {' '.join(command)}")
    return False


def archive() -> str:
    """Return the address that this machine has Debian's packages from, as apt is configured."""
    listing = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"]
    told = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    return next((site for site in told if "security" not in site), "")


def missing_packages(
    packages: Iterable[str], query: Callable[[Sequence[str]], str] | None = None
) -> list[str]:
    """Those of `packages` that dpkg does not have, in order; none on a machine without dpkg.

    Newer releases carry some libraries under a name that ends in "t64" (64-bit time); either
    name will do.
    """
    if query is None:
        if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
            return []
        query = _dpkg_query
    packages = list(packages)
    answer = query([*packages, *(f"{package}t64" for package in packages)])
    lines = (line.split("\t") for line in answer.splitlines())
    present = {fields[0] for fields in lines if fields[-1] == "installed"}
    return [name for name in packages if not {name, f"{name}t64"} & present]


def install_command(packages: Iterable[str]) -> list[str]:
    """The apt-get command that installs `packages` and nothing that is merely recommended."""
    return ["apt-get", "install", "--yes", "--no-install-recommends", *packages]


def _install(command: Sequence[str], machine: Machine) -> bool:
    """Try at once; then with fresh package lists, twice, for lists go stale and mirrors hiccup."""
    if machine.run(command) == 0:
        return True
    for attempt in range(1, ATTEMPTS):
        if attempt > 1:
            machine.pause(PAUSE)
        if machine.run(["apt-get", "update"]) == 0 and machine.run(command) == 0:
            return True
    return False


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _dpkg_query(packages: Sequence[str]) -> str:
    # dpkg-query exits with 1 as soon as one name is unknown to it, and still lists the others.
    answer = subprocess.run(
        ["dpkg-query", "--show", "--showformat", r"${Package}\t${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout


def _apt(command: Sequence[str]) -> int:
    """Run apt-get without questions; what it says is shown only where it fails."""
    environ: Mapping[str, str] = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        [*command[:1], "-qq", *command[1:]],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=Path("/"),
    )
    if done.returncode:
        sys.stderr.write(done.stdout[-2000:])
    return done.returncode


@dataclass(frozen=True)
class Machine:
    """What this module needs of the machine it runs on; tests hand in another."""

    missing: Callable[[Iterable[str]], list[str]] = missing_packages
    is_root: Callable[[], bool] = _is_root
    run: Callable[[Sequence[str]], int] = _apt  # a command to its exit code
    pause: Callable[[float], None] = time.sleep  # seconds
