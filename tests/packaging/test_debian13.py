"""Debian 13: what Debian 12 packed is installed there, and the README's commands run on its Python.

With --packages, as root. The locked packages are downloaded by this machine's pip, for that Python,
and carried in: nothing in the new Debian has to know where they come from.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import environment
import pcsc
import release
from tests.packaging.bare import Bare, bare_debian
from tests.packaging.builds import ROOT, said

SUITE, PYTHON = "trixie", "3.13"
WITH_WHEELS = (PYTHON, "3.12", "3.14")
"""Pythons newer than that of Debian 12 for which each locked package has a wheel or is built."""
WHEELS = "/root/wheels"
OFFLINE = ("env", "PIP_NO_INDEX=1", f"PIP_FIND_LINKS={WHEELS}")


@pytest.fixture(scope="module")
def newer(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """A bare Debian 13, once somebody has asked for packages to be made."""
    assert made.is_dir()
    return bare_debian(tmp_path_factory.mktemp("newer") / "root", SUITE)


def _download(folder: Path, python: str) -> None:
    """Download what tests need, for `python`, each by its locked hash."""
    locked = ROOT / environment.REQUIREMENTS
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    for name, built in (("test", ()), ("pcsc-build", ()), ("pcsc", ("--no-binary", pcsc.BUILT))):
        kinds = ["--only-binary", ":all:", *built, "--python-version", python]
        said(*pip, *kinds, "--dest", folder, "--requirement", locked / f"{name}.txt")


@pytest.mark.parametrize("python", WITH_WHEELS)
def test_the_lock_holds_wheels_for_newer_pythons(made: Path, tmp_path: Path, python: str) -> None:
    assert made.is_dir()
    _download(tmp_path, python)
    assert list(tmp_path.glob("pyside6_essentials-*.whl"))


def test_the_packages_of_debian_12_are_installed_and_play_the_tour(
    newer: Bare, station: Path, made: Path, tmp_path: Path
) -> None:
    debian = newer.copy(tmp_path / "debian")
    debian.run("useradd", "--create-home", "desk")
    debian.install(station)
    assert debian.try_("sh", "-c", "command -v python3").returncode != 0
    assert debian.run("oathdesk", "--version", user="desk") == f"Oathdesk {release.version()}\n"
    debian.run("oathdesk", "demo", "--tour", "/home/desk/tour", user="desk")
    assert json.loads(debian.read("/home/desk/tour/tour.json"))["agreed"] is True
    debian.install(*made.glob("oathdesk-kiosk_*.deb"))
    debian.run("dpkg", "--purge", "oathdesk-kiosk", "oathdesk")
    assert not debian.has("/usr/bin/oathdesk")


def test_both_commands_of_the_readme_work_on_its_own_python(newer: Bare, tmp_path: Path) -> None:
    debian = newer.copy(tmp_path / "debian")
    _download(debian.root / WHEELS.lstrip("/"), PYTHON)
    checkout = debian.root / "root" / "oathdesk"
    said("git", "clone", "--quiet", "--no-hardlinks", ROOT, checkout)
    debian.install("python3", "git")
    bootstrap = ("python3", "/root/oathdesk/packaging/bootstrap.py")
    debian.run(*OFFLINE, *bootstrap, "demo", "--tour", "/root/tour")
    assert json.loads(debian.read("/root/tour/tour.json"))["agreed"] is True
    done = debian.try_(*OFFLINE, *bootstrap, "test")
    assert done.returncode == 0, done.stdout[-5000:]
