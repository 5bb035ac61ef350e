"""The version, from one place, in every system's spelling; the time; the notes of a release."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

import release
from app import __version__
from tests.packaging.builds import ROOT


def _sources(folder: Path, version: str, changes: str = "") -> Path:
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").write_text(f'"""Why."""\n\n__version__ = "{version}"\n')
    (folder / "CHANGELOG.md").write_text(changes)
    return folder


def test_the_version_is_the_programs_own() -> None:
    assert release.version() == __version__


def test_a_version_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("")
    with pytest.raises(ValueError, match="no version"):
        release.version(tmp_path)


def test_no_other_file_of_the_packages_names_the_version() -> None:
    for file in (ROOT / "packaging").rglob("*"):
        names_others = "requirements" in file.parts or "__pycache__" in file.parts
        if file.is_file() and not names_others and file.name != "oathdesk.wxs":
            assert f"{__version__}" not in file.read_text("utf-8"), file


@pytest.mark.parametrize(
    ("version", "spelled"),
    [("0.2.0", "0.2.0"), ("0.2.0rc1", "0.2.0~rc1"), ("1.0.0.dev3", "1.0.0~dev3"), ("1a2", "1~a2")],
)
def test_debian_sorts_a_candidate_before_its_release(version: str, spelled: str) -> None:
    assert release.for_debian(version) == spelled


def test_dpkg_itself_sorts_them_so() -> None:
    order = [release.for_debian(each) for each in ("0.2.0.dev1", "0.2.0rc1", "0.2.0", "0.2.1")]
    for earlier, later in pairwise(order):
        subprocess.run(["dpkg", "--compare-versions", earlier, "lt", later], check=True)


def test_windows_is_told_three_numbers() -> None:
    assert release.for_windows("0.2.10rc1") == "0.2.10"
    with pytest.raises(ValueError, match="three numbers"):
        release.for_windows("0.2")


def test_the_time_is_the_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    assert release.made_at() == 1_790_000_000
    assert release.day(release.made_at()) == "2026-09-21"


def test_without_a_repository_the_time_is_the_earliest_that_archives_know(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert release.day(release.made_at(tmp_path)) == "1980-01-01"


def test_the_notes_are_those_of_the_version_or_of_what_is_to_be_released(tmp_path: Path) -> None:
    changes = "# Changelog\n\n## [Unreleased]\n\n- New.\n\n## [0.1.0] - 2026-11-25\n\n- First.\n"
    sources = _sources(tmp_path, "0.1.0", changes)
    assert release.notes("0.1.0", sources) == "- First."
    assert release.notes("0.2.0", sources) == "- New."
