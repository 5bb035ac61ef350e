"""What this system installs, made once for all tests that look at it or use it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.packaging.bare import Bare, bare_debian
from tests.packaging.builds import ROOT, said


@pytest.fixture(scope="session")
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the one-folder build, its bill of materials and the packages."""
    if not request.config.getoption("--packages"):
        pytest.skip("makes the packages: python3 packaging/bootstrap.py test --packages")
    folder = tmp_path_factory.mktemp("made")
    make_packages(folder)
    return folder


@pytest.fixture(scope="session")
def bare(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """A Debian with nothing in it but what every Debian has."""
    return bare_debian(tmp_path_factory.mktemp("bare") / "root")


@pytest.fixture(scope="session")
def station(made: Path) -> Path:
    """The station's package."""
    return next(made.glob("oathdesk_*.deb"))


def make_packages(folder: Path, **variables: str) -> None:
    """Make everything into `folder`, by the one command."""
    bootstrap = ROOT / "packaging" / "bootstrap.py"
    said(sys.executable, bootstrap, "package", "--into", folder, **variables)
