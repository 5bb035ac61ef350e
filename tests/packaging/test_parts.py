"""The parts of a build, found from its files, each with its licence and the text of it."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path

import pytest

import parts
from tests.packaging.builds import ROOT


def _entry(package: str, file: str) -> tuple[str, str, str]:
    """What PyInstaller says of `file` of an installed package."""
    found = distribution(package)
    paths = [path for path in found.files or () if path.as_posix() == file]
    return (file, str(Path(str(found.locate_file(paths[0]))).resolve()), "DATA")


@pytest.fixture(scope="module")
def found() -> parts.Found:
    """The parts of a build with two packages, Python and Qt."""
    entries = [
        _entry("httpx", "httpx/__init__.py"),
        _entry("h11", "h11/__init__.py"),
        _entry("cryptography", "cryptography/__init__.py"),
        ("PySide6/Qt/lib/libQt6Core.so.6", "/nowhere/libQt6Core.so.6", "BINARY"),
        ("PySide6/Qt/lib/libicudata.so.73", "/nowhere/libicudata.so.73", "BINARY"),
    ]
    return parts.Found.of_build(ROOT, entries)


def _named(found: parts.Found, name: str) -> parts.Part:
    return next(part for part in found.parts if part.name == name)


def test_a_package_is_a_part_where_a_file_of_it_travels(found: parts.Found) -> None:
    names = [part.name for part in found.parts]
    assert {"cryptography", "h11", "httpx", "icu", "python", "qt"} <= set(names)
    assert "pytest" not in names
    assert names == sorted(names)


def test_a_part_has_version_address_licence_and_what_it_needs(found: parts.Found) -> None:
    httpx = _named(found, "httpx")
    assert httpx.purl == f"pkg:pypi/httpx@{distribution('httpx').version}"
    assert httpx.licence == "BSD-3-Clause"
    assert _named(found, "cryptography").needs == ()  # cffi does not travel in this build


def test_what_a_package_lists_as_built_into_it_is_told_without_addresses(
    found: parts.Found,
) -> None:
    inside = _named(found, "cryptography").inside
    assert "openssl" in {each["name"] for each in inside}
    assert all(set(each) <= {"name", "version", "purl"} for each in inside)


def test_every_part_carries_the_text_of_its_licence(found: parts.Found, tmp_path: Path) -> None:
    entries = found.licence_entries(tmp_path)
    folders = {name.split("/")[1] for name, _, _ in entries if name.count("/") > 1}
    assert folders == {part.name for part in found.parts}
    assert all(Path(source).stat().st_size > 100 for _, source, _ in entries)


def test_qt_carries_the_lgpl_the_gpl_it_stands_on_and_the_notices_of_others(
    found: parts.Found,
) -> None:
    assert [text.name for text in _named(found, "qt").texts] == [
        "LGPL-3.0-only",
        "GPL-3.0-only",
        "qt-third-party",
    ]


def test_the_page_of_notices_names_every_part(found: parts.Found) -> None:
    page = found.notices()
    assert all(f"{part.name} {part.version}\n    {part.licence}" in page for part in found.parts)


def test_a_part_without_the_text_of_its_licence_stops_the_build(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "silent-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: silent\nVersion: 1.0\n")
    (told / "RECORD").write_text("silent.py,,\n")
    (tmp_path / "silent.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(parts.NoLicence, match="silent brings no text of its licence"):
        parts.Found.of_build(ROOT, [("silent.py", str(tmp_path / "silent.py"), "DATA")])


def test_what_was_found_is_written_for_the_bill(found: parts.Found, tmp_path: Path) -> None:
    file = tmp_path / "parts.json"
    found.write(file)
    rows = json.loads(file.read_text("utf-8"))
    assert [row["name"] for row in rows] == [part.name for part in found.parts]
    assert str(tmp_path) not in file.read_text("utf-8")
