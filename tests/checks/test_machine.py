"""Folders are tried by writing into them, and versions are named."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app import __version__
from app.checks.machine import look_at_folder, look_at_program
from app.core.checkup import Check, Told, Verdict


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one megabyte, where the machine lets a test mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", disk):
        pytest.skip("needs the right to mount a file system: run the tests as root")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def mount(*arguments: str | Path) -> bool:
    if shutil.which("mount") is None:
        return False
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True)
    return done.returncode == 0


def judged(folder: Path) -> tuple[Verdict, Told]:
    finding = look_at_folder(Check.RECORD_FOLDER, folder)
    assert finding.check is Check.RECORD_FOLDER
    return finding.verdict, finding.told


def test_the_versions_that_support_asks_for_are_named() -> None:
    finding = look_at_program()
    rows = dict(finding.rows)
    assert rows["Oathdesk"] == __version__
    assert {"Python", "System", "OpenSSL", "msal", "httpx"} <= set(rows)
    assert all(rows.values())


def test_a_folder_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    assert judged(tmp_path) == (Verdict.OK, Told.FOLDER_WRITABLE)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_will_be_made_is_judged_by_the_one_above_and_not_made(
    tmp_path: Path,
) -> None:
    assert judged(tmp_path / "not" / "yet")[0] is Verdict.OK
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_a_folder_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert judged(tmp_path / "taken") == (Verdict.FAILURE, Told.FOLDER_UNWRITABLE)


def test_a_small_disk_is_nearly_full_and_a_full_one_cannot_be_written(small: Path) -> None:
    assert judged(small) == (Verdict.WARNING, Told.FOLDER_FULL)
    with suppress(OSError), (small / "hog").open("wb", buffering=0) as hog:
        while True:
            hog.write(b"\x00" * 4096)
    assert judged(small) == (Verdict.FAILURE, Told.FOLDER_UNWRITABLE)


def test_a_read_only_disk_cannot_be_written(small: Path) -> None:
    assert mount("-o", "remount,ro", small)
    finding = look_at_folder(Check.LOG_FOLDER, small)
    assert finding.told is Told.FOLDER_UNWRITABLE
    assert dict(finding.rows)["Error"] == "Read-only file system"
