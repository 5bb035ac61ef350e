"""Card readers for the tests: built where they must be, and done without where they cannot."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

import debian
import environment
import pcsc

ROOT = Path(__file__).resolve().parents[2]


class Made(environment.Environment):
    """An environment whose pip only remembers, or fails as on a machine without a compiler."""

    def __init__(self, root: Path, *, can_install: bool = True) -> None:
        self.said: list[str] = []
        self.ran: list[str] = []
        self.can_install = can_install
        super().__init__(root, self.said.append)
        folder = root / environment.REQUIREMENTS
        folder.mkdir(parents=True, exist_ok=True)
        for name in pcsc.FILES:
            (folder / name).write_text(f"{name}==1\n", encoding="utf-8")
        self.folder.mkdir(exist_ok=True)

    def pip(self, arguments: Sequence[str]) -> None:
        self.ran.append(" ".join(arguments))
        if not self.can_install:
            raise environment.BootstrapError("gcc was not found.")


def test_it_is_installed_once(tmp_path: Path) -> None:
    made = Made(tmp_path)
    assert pcsc.install(made)
    ran = len(made.ran)
    assert pcsc.install(made)
    assert len(made.ran) == ran


def test_a_new_lock_is_installed_again(tmp_path: Path) -> None:
    made = Made(tmp_path)
    pcsc.install(made)
    ran = len(made.ran)
    (tmp_path / environment.REQUIREMENTS / "pcsc.txt").write_text("pyscard==2\n", encoding="utf-8")
    pcsc.install(made)
    assert len(made.ran) == 2 * ran


def test_a_machine_that_cannot_build_it_is_told_and_goes_on(tmp_path: Path) -> None:
    made = Made(tmp_path, can_install=False)
    assert not pcsc.install(made)
    assert "cannot be used. gcc was not found." in made.said[-1]
    assert not (made.folder / pcsc.STAMP).exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there are wheels")
def test_without_headers_or_compiler_nothing_can_be_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = tmp_path / "winscard.h"
    assert not pcsc.can_be_built(headers)
    headers.touch()
    compiler = tmp_path / "cc"
    compiler.touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not pcsc.can_be_built(headers)
    compiler.chmod(0o755)
    python = Path(sysconfig.get_path("include")) / "Python.h"
    assert pcsc.can_be_built(headers) is python.exists()


def test_only_pyscard_is_built_with_locked_tools_and_everything_has_a_hash() -> None:
    tools, packages = pcsc.pip_options(ROOT, linux=True)
    assert tools[-1].endswith("pcsc-build.txt")
    assert "--no-binary" not in tools
    assert packages[packages.index("--no-binary") + 1] == "pyscard"
    assert all("--require-hashes" in options for options in (tools, packages))
    (wheels,) = pcsc.pip_options(ROOT, linux=False)
    assert "--no-binary" not in wheels


@pytest.mark.parametrize("name", pcsc.FILES)
def test_the_locked_files_name_no_address_and_pin_with_hashes(name: str) -> None:
    text = (ROOT / environment.REQUIREMENTS / name).read_text(encoding="utf-8")
    assert "://" not in text
    entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert entries
    assert all("==" in line and line.endswith("\\") for line in entries)


def test_virtual_readers_are_among_the_system_packages() -> None:
    assert {"pcscd", "vsmartcard-vpcd", "libpcsclite-dev"} <= set(debian.wanted_for_readers())
