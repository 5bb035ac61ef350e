"""Make the one-folder build: a program that needs no Python, made from the lock alone.

    python3 packaging/bootstrap.py package bundle

It is made in an environment of its own (build/venv), or by a Python that holds the locked packages
and no others (`--python`), by the spec in pyinstaller/, into
dist/oathdesk (dist/Oathdesk.app on macOS), with its bill of materials beside it. The same sources,
the same Python and the same lock give the same bytes: times are those of `release.made_at`, hashes
of Python are not random, and nothing of the folder that it was made in remains.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environment
import pcsc
import release
import sbom

WORK = Path("build") / "bundle"
SPEC = Path("packaging") / "pyinstaller" / "oathdesk.spec"
ICONS = Path("packaging") / "pyinstaller" / "icons.py"
POLICIES = "policies"
LOCKS = ("demo.txt", *pcsc.FILES, "bundle.txt")
"""What is locked for the environment that a build is made in."""
ENTITLEMENTS = Path("packaging") / "macos" / "entitlements.plist"
IDENTITY = "OATHDESK_CODESIGN_IDENTITY"
"""The environment variable that names whose key signs the bundle of macOS; unset, nobody's."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What one build is told, from here to the spec and back, as command-line arguments.

    `work` is a folder for what is made on the way; the spec leaves what it found in `parts`.
    """

    version: str
    work: Path
    parts: Path
    icon: Path | None = None
    version_file: Path | None = None
    identity: str | None = None
    entitlements: Path | None = None

    @classmethod
    def of_arguments(cls, arguments: Sequence[str]) -> Order:
        """Return the order that `arguments` spell."""
        parser = argparse.ArgumentParser()
        parser.add_argument("--version", required=True)
        parser.add_argument("--identity")
        for name in ("work", "parts"):
            parser.add_argument(f"--{name}", type=Path, required=True)
        for name in ("icon", "version-file", "entitlements"):
            parser.add_argument(f"--{name}", type=Path)
        return cls(**vars(parser.parse_args(arguments)))

    def as_arguments(self) -> list[str]:
        """Return the order as it is spelled on a command line."""
        given = {
            "version": self.version,
            "work": self.work,
            "parts": self.parts,
            "icon": self.icon,
            "version-file": self.version_file,
            "identity": self.identity,
            "entitlements": self.entitlements,
        }
        return [
            word for name, value in given.items() if value for word in (f"--{name}", f"{value}")
        ]


def build(
    root: Path, say: Say, dist: Path, work: Path | None = None, python: Path | None = None
) -> Path:
    """Make the build of this system below `dist`; returns its folder.

    What is made on the way lies in `work`: the icons in its folder `icons`, and the template of the
    Windows policies in `policies`. `python` is an interpreter that has the locked packages already;
    without one an environment is made. Raises environment.BootstrapError where that cannot be made,
    `python` has other packages, or the build fails.
    """
    work = work or root / WORK
    if python is None:
        python = prepared(root, say).python
    else:
        check_packages(python, root)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    icons = drawn(python, root, work / "icons")
    _run([str(python), "-m", "app", "config", "admx", str(work / POLICIES)], root, work)
    order = _order(root, work, icons)
    say("building the program ...")
    command = [str(python), "-m", "PyInstaller", *_OPTIONS]
    command += ["--distpath", str(dist), "--workpath", str(work / "pyinstaller")]
    _run([*command, str(root / SPEC), "--", *order.as_arguments()], root, work)
    folder = dist / ("Oathdesk.app" if sys.platform == "darwin" else release.NAME)
    _settle_times(folder, release.made_at(root))
    write_bill(order.parts, dist, root)
    return folder


_OPTIONS = ("--noconfirm", "--clean", "--log-level", "WARN")


def prepared(root: Path, say: Say) -> environment.Environment:
    """Return the environment that builds are made in, with the locked packages in it."""
    made = environment.Environment(root, say, root / "build" / "venv")
    made.ready("demo")
    if not pcsc.install(made):
        raise environment.BootstrapError("A build without card readers is no release.")
    locked = root / environment.REQUIREMENTS / "bundle.txt"
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:"]
    made.pip(["install", *options, "--requirement", str(locked)])
    return made


_INSTALLED = """
import importlib.metadata, json
print(json.dumps([[each.name, each.version] for each in importlib.metadata.distributions()]))
"""
_INSTALLERS = ("pip", "setuptools", "wheel", release.NAME)


def check_packages(python: Path, root: Path) -> None:
    """See to it that `python` has locked packages alone: what PyInstaller finds would travel.

    Raises environment.BootstrapError that names the others.
    """
    listing = subprocess.run(
        [str(python), "-c", _INSTALLED], capture_output=True, text=True, cwd=root, check=False
    )
    if listing.returncode:
        raise environment.BootstrapError(f"{python} does not run: {listing.stderr[-500:]}")
    locked = locked_versions(root)
    others = [
        f"{name} {version}"
        for name, version in json.loads(listing.stdout)
        if _normal(name) not in _INSTALLERS and locked.get(_normal(name)) != version
    ]
    if others:
        raise environment.BootstrapError(
            f"{python} has packages that are not locked for a build: {', '.join(sorted(others))}."
        )


def locked_versions(root: Path) -> dict[str, str]:
    """Return the version of each package that may be there when a build is made, by its name."""
    texts = ((root / environment.REQUIREMENTS / name).read_text("utf-8") for name in LOCKS)
    pins = (
        re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", text, re.MULTILINE) for text in texts
    )
    return {_normal(name): version for found in pins for name, version in found}


def _normal(name: str) -> str:
    """Return a package's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def drawn(python: Path, root: Path, folder: Path) -> Path:
    """Draw the icons of all systems into `folder`; returns it."""
    _run([str(python), str(root / ICONS), str(folder)], root, folder.parent)
    return folder


def write_bill(parts: Path, dist: Path, root: Path) -> Path:
    """Write the bill of materials of what was found in `parts`; returns its file."""
    rows = json.loads(parts.read_text(encoding="utf-8"))
    version, system = release.version(root), release.system()
    text = json.dumps(sbom.bill(rows, version, release.made_at(root), system), indent=2)
    file = bill_file(root, dist)
    file.write_text(text + "\n", encoding="utf-8", newline="\n")
    return file


def bill_file(root: Path, dist: Path) -> Path:
    """Return where the bill of materials of this system's build lies, beside it."""
    return dist / f"{release.NAME}-{release.version(root)}-{release.system()}.cdx.json"


def info_plist(version: str) -> dict[str, Any]:
    """Return what the bundle of macOS says of itself beyond what PyInstaller writes."""
    return {
        "CFBundleDisplayName": "Oathdesk",
        "CFBundleShortVersionString": version,
        "LSApplicationCategoryType": "public.app-category.business",
        "LSMinimumSystemVersion": "12.0",
        "NSHighResolutionCapable": True,
    }


def version_resource(version: str) -> str:
    """Return the version resource of the Windows program, as PyInstaller reads it."""
    numbers = (*(int(each) for each in release.for_windows(version).split(".")), 0)
    words = {
        "CompanyName": "Oathdesk",
        "FileDescription": "Oathdesk",
        "FileVersion": version,
        "InternalName": "oathdesk",
        "OriginalFilename": "oathdesk.exe",
        "ProductName": "Oathdesk",
        "ProductVersion": version,
    }
    rows = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in words.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}),\n"
        f"  kids=[StringFileInfo([StringTable('040904B0', [{rows}])]),\n"
        f"        VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


def _order(root: Path, work: Path, icons: Path) -> Order:
    version = release.version(root)
    order = Order(version, work, work / "parts.json")
    if sys.platform == "win32":
        file = work / "version.txt"
        file.write_text(version_resource(version), encoding="utf-8")
        return Order(version, work, order.parts, icons / "oathdesk.ico", file)
    if sys.platform == "darwin":
        identity = os.environ.get(IDENTITY)
        entitlements = root / ENTITLEMENTS if identity else None
        icon = icons / "oathdesk.icns"
        return Order(version, work, order.parts, icon, None, identity, entitlements)
    return order


def _run(command: list[str], root: Path, work: Path) -> None:
    """Run `command` so that its output depends on the sources alone."""
    fixed = {
        "LC_ALL": "C.UTF-8",
        "PYINSTALLER_CONFIG_DIR": str(work / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": "",
        "QT_QPA_PLATFORM": "offscreen",
        "SOURCE_DATE_EPOCH": str(release.made_at(root)),
        "TZ": "UTC",
    }
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, **fixed},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        tail = "\n".join(f"    {line}" for line in done.stdout.splitlines()[-30:])
        raise environment.BootstrapError(f"{Path(command[1]).name} failed. It said:\n{tail}")


def _settle_times(folder: Path, seconds: int) -> None:
    """Give every file the time of the release, so that an archive of them is the same as well."""
    for path in sorted(folder.rglob("*")):
        with contextlib.suppress(NotImplementedError):
            os.utime(path, (seconds, seconds), follow_symlinks=False)
