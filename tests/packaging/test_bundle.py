"""The one-folder build: what it is told, and (with --packages) what comes of it."""

from __future__ import annotations

import ast
import filecmp
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import bundle
import contents
import release
from environment import BootstrapError
from tests.packaging.builds import ROOT, draw_icons
from tests.packaging.conftest import make_packages


@pytest.fixture
def built(made: Path) -> Path:
    """The build itself."""
    return made / release.NAME


def test_an_order_is_spelled_and_read_again() -> None:
    order = bundle.Order(
        "0.2.0",
        Path("work"),
        Path("work/parts.json"),
        icon=Path("icons/oathdesk.icns"),
        identity="Developer ID Application: Nobody",
        entitlements=Path("entitlements.plist"),
    )
    assert bundle.Order.of_arguments(order.as_arguments()) == order


def test_an_order_needs_no_more_than_a_version_and_two_places() -> None:
    order = bundle.Order("0.2.0", Path("work"), Path("parts.json"))
    assert bundle.Order.of_arguments(order.as_arguments()) == order


def test_the_spec_is_python_and_decides_nothing_by_itself() -> None:
    text = (ROOT / bundle.SPEC).read_text("utf-8")
    ast.parse(text)
    assert "contents.kept_binaries" in text
    assert release.version() not in text


def test_windows_is_told_the_version_in_numbers_and_in_words() -> None:
    resource = bundle.version_resource("0.2.0rc1")
    assert "filevers=(0, 2, 0, 0)" in resource
    assert "StringStruct('ProductVersion', '0.2.0rc1')" in resource
    ast.parse(resource)


def test_macos_is_told_version_and_oldest_system() -> None:
    told = bundle.info_plist("0.2.0")
    assert told["CFBundleShortVersionString"] == "0.2.0"
    assert told["LSMinimumSystemVersion"] == "12.0"


def test_a_bill_is_written_beside_the_build(tmp_path: Path) -> None:
    parts = tmp_path / "parts.json"
    parts.write_text("[]", encoding="utf-8")
    file = bundle.write_bill(parts, tmp_path, ROOT)
    assert file == bundle.bill_file(ROOT, tmp_path)
    assert json.loads(file.read_text("utf-8"))["bomFormat"] == "CycloneDX"


def test_a_step_that_fails_shows_the_end_of_what_it_said(tmp_path: Path) -> None:
    script = tmp_path / "step.py"
    script.write_text("print('the reason'); raise SystemExit(3)")
    with pytest.raises(BootstrapError, match=r"step\.py failed(.|\n)*the reason"):
        bundle._run([sys.executable, str(script)], tmp_path, tmp_path)


def test_a_python_with_more_than_the_locked_packages_makes_no_build() -> None:
    """Fault 10 of the first run on Windows: a build from the tests' environment carried yaml."""
    with pytest.raises(BootstrapError, match=r"not locked for a build: .*pytest") as refused:
        bundle.check_packages(Path(sys.executable), ROOT)
    assert "PyYAML" in str(refused.value)
    assert "httpx" not in str(refused.value)


def test_every_package_that_may_be_in_a_build_is_known_with_its_version() -> None:
    locked = bundle.locked_versions(ROOT)
    assert {"pyside6-essentials", "pyscard", "pyinstaller", "msal"} <= set(locked)
    assert "pytest" not in locked
    assert all(version[0].isdigit() for version in locked.values())


def test_a_python_that_does_not_run_is_told(tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    script.chmod(0o755)
    with pytest.raises(BootstrapError, match="does not run: no"):
        bundle.check_packages(script, ROOT)


def test_the_icons_are_pictures_of_their_size_and_what_windows_and_macos_read(
    tmp_path: Path,
) -> None:
    draw_icons(tmp_path)
    for size in (16, 256, 1024):
        picture = (tmp_path / f"{size}.png").read_bytes()
        assert struct.unpack(">II", picture[16:24]) == (size, size)
    windows = (tmp_path / "oathdesk.ico").read_bytes()
    assert struct.unpack("<HHH", windows[:6]) == (0, 1, 6)
    at = struct.unpack("<I", windows[18:22])[0]
    assert windows[at : at + 4] == b"\x89PNG"
    macos = (tmp_path / "oathdesk.icns").read_bytes()
    assert macos[:4] == b"icns"
    assert struct.unpack(">I", macos[4:8])[0] == len(macos)


def test_the_same_sources_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    other = {"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "7", "LANG": "de_DE.UTF-8"}
    make_packages(tmp_path / "again", **other)
    names = sorted(str(path.relative_to(made)) for path in made.rglob("*"))
    assert names == sorted(
        str(path.relative_to(tmp_path / "again")) for path in (tmp_path / "again").rglob("*")
    )
    files = [name for name in names if (made / name).is_file()]
    _, different, unreadable = filecmp.cmpfiles(made, tmp_path / "again", files, shallow=False)
    assert (different, unreadable) == ([], [])
    assert any(name.endswith(".deb") for name in files)


def test_no_module_of_qt_travels_that_the_program_does_not_import(built: Path) -> None:
    imported = set()
    for file in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PySide6."):
                imported.add((node.module or "").partition(".")[2])
    names = [(path.relative_to(built).as_posix(), "", "") for path in built.rglob("*")]
    assert set(contents.qt_modules(names)) == imported


def test_nothing_of_the_system_and_nothing_of_the_machine_travels(built: Path) -> None:
    names = [path.name for path in built.rglob("*")]
    assert not [name for name in names if name.startswith(("libpcsclite", "libssl", "libxcb."))]
    for file in built.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert str(ROOT).encode() not in content, file
            assert str(Path.home() / ".pyenv").encode() not in content, file


def test_qts_own_words_travel_in_every_language(built: Path) -> None:
    names = {path.name for path in built.rglob("*.qm")}
    assert {"qtbase_de.qm", "qtbase_fr.qm"} <= names
    assert all(name.startswith("qtbase_") for name in names)


def test_the_program_starts_without_any_other_python(built: Path, tmp_path: Path) -> None:
    program = built / "oathdesk"
    environ = {"PATH": "", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program, "--version"], env=environ, capture_output=True, check=True)
    assert done.stdout.decode() == f"Oathdesk {release.version()}\n"
