"""The Debian packages, made of a build in small and judged by Debian's own tools."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

import deb
from environment import BootstrapError
from tests.packaging.builds import ROOT, SECONDS, nothing, said, small_build, tool

FACTS = deb.Facts("0.2.0", SECONDS, "A Publisher <publisher@example.org>")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> deb.Build:
    tool("dpkg-shlibdeps", "dpkg-dev")
    return small_build(tmp_path_factory.mktemp("small"))


def _station(small: deb.Build, target: Path) -> Path:
    target.mkdir(exist_ok=True)
    return deb.station(ROOT, small, target, FACTS, nothing)


@pytest.fixture(scope="module")
def packages(small: deb.Build, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The station's package and the kiosk's."""
    target = tmp_path_factory.mktemp("packages")
    return _station(small, target), deb.kiosk(ROOT, target, FACTS)


@pytest.fixture(scope="module")
def opened(packages: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What both packages hold, in one folder."""
    folder = tmp_path_factory.mktemp("opened")
    for package in packages:
        said("dpkg-deb", "--extract", package, folder)
    return folder


def _field(package: Path, name: str) -> str:
    return said("dpkg-deb", "--field", package, name).strip()


def test_lintian_finds_nothing(packages: tuple[Path, Path]) -> None:
    lintian = tool("lintian", "lintian")
    said(lintian, "--allow-root", "--fail-on", "error,warning", *packages)


def test_the_same_build_gives_the_same_package(
    small: deb.Build, packages: tuple[Path, Path], tmp_path: Path
) -> None:
    os.utime(small.folder / "oathdesk", (SECONDS + 5, SECONDS + 5))  # whatever the files' own times
    again = _station(small, tmp_path / "again")
    assert again.read_bytes() == packages[0].read_bytes()
    assert deb.kiosk(ROOT, tmp_path, FACTS).read_bytes() == packages[1].read_bytes()


def test_the_package_needs_the_libraries_its_files_are_linked_with_and_what_they_load(
    packages: tuple[Path, Path],
) -> None:
    needs = _field(packages[0], "Depends").split(", ")
    assert any(each.startswith("libc6 (>=") for each in needs)
    assert set(deb.NEEDED) <= set(needs)
    assert not any("python" in each for each in needs)


def test_the_kiosk_needs_exactly_this_station(packages: tuple[Path, Path]) -> None:
    assert "oathdesk (= 0.2.0)" in _field(packages[1], "Depends").split(", ")


def test_of_the_configuration_the_example_alone_is_the_packages(
    packages: tuple[Path, Path], opened: Path
) -> None:
    owned = said("dpkg-deb", "--info", packages[0], "conffiles").split()
    assert owned == ["/etc/oathdesk/config.example.toml"]
    example = (opened / "etc/oathdesk/config.example.toml").read_text("utf-8")
    assert example == (ROOT / "resources/config/oathdesk.example.toml").read_text("utf-8")


def test_whatever_is_installed_belongs_to_root_and_can_be_written_by_nobody_else(
    packages: tuple[Path, Path],
) -> None:
    for package in packages:
        for line in said("dpkg-deb", "--contents", package).splitlines():
            assert line.split()[1] == "root/root", line
            assert line[0] == "l" or line[5] == line[8] == "-", line


def test_the_command_leads_to_the_program(opened: Path) -> None:
    assert (opened / "usr/bin/oathdesk").resolve() == opened / "usr/lib/oathdesk/oathdesk"


def test_the_icon_is_there_in_every_size(opened: Path) -> None:
    icons = opened / "usr/share/icons/hicolor"
    for size in deb.ICON_SIZES:
        picture = (icons / f"{size}x{size}/apps/oathdesk.png").read_bytes()
        assert int.from_bytes(picture[16:20]) == int.from_bytes(picture[20:24]) == size
    assert (icons / "scalable/apps/oathdesk.svg").exists()


def test_the_menu_entry_is_valid(opened: Path) -> None:
    validate = tool("desktop-file-validate", "desktop-file-utils")
    assert said(validate, opened / "usr/share/applications/oathdesk.desktop") == ""


def test_the_store_entry_is_valid_and_names_the_version(opened: Path) -> None:
    appstream = tool("appstreamcli", "appstream")
    entry = opened / "usr/share/metainfo/oathdesk.metainfo.xml"
    said(appstream, "validate", "--no-net", entry)
    assert '<release version="0.2.0" date="2026-09-21"/>' in entry.read_text("utf-8")


@pytest.mark.parametrize("page", ["man1/oathdesk.1.gz", "man8/oathdesk-kiosk.8.gz"])
def test_the_manual_is_set_without_a_warning(opened: Path, page: str) -> None:
    man = tool("man", "man-db")
    file = opened / "usr/share/man" / page
    done = said(
        "sh", "-c", f"{man} --warnings --encoding=UTF-8 --local-file {file} 2>&1 >/dev/null"
    )
    assert done == ""
    assert "@" not in gzip.decompress(file.read_bytes()).decode()


@pytest.mark.parametrize("package", ["oathdesk", "oathdesk-kiosk"])
def test_every_text_of_a_package_is_filled_in(opened: Path, package: str) -> None:
    documents = opened / "usr/share/doc" / package
    assert "@" not in (documents / "copyright").read_text("utf-8")
    changes = gzip.decompress((documents / "changelog.gz").read_bytes()).decode()
    assert changes.startswith(f"{package} (0.2.0) stable; urgency=medium\n\n  * ")
    assert " -- A Publisher <publisher@example.org>  Mon, 21 Sep 2026 14:13:20 +0000\n" in changes


def test_the_licences_of_all_parts_are_named_where_debian_looks_for_them(opened: Path) -> None:
    text = (opened / "usr/share/doc/oathdesk/copyright").read_text("utf-8")
    assert "python 3.11" in text
    assert "/usr/lib/oathdesk/_internal/licences" in text


def test_what_cannot_be_packed_says_why(tmp_path: Path) -> None:
    missing = tmp_path / "nothing"
    (tmp_path / "stage").mkdir()
    with pytest.raises(BootstrapError, match="dpkg-deb failed"):
        deb._run(["dpkg-deb", "--field", str(missing)], tmp_path)
