"""Files for their owner alone: modes on POSIX, access lists on Windows."""

import os
import stat
import sys
from pathlib import Path

import pytest

from app.files import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    exposed_by,
    exposure,
    make_private,
    private_folder,
    short_form,
)

OWNER = "S-1-5-21-1-2-3-1001"


def why_exposed(path: Path) -> str:
    with path.open("rb") as file:
        found = exposure(path, os.fstat(file.fileno()))
    return "" if found is None else found.why


def test_a_private_file_is_for_nobody_but_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("a key")
    make_private(file)
    assert why_exposed(file) == ""


def test_a_file_made_in_a_private_folder_is_private_where_the_folder_hands_it_on(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "a" / "b"
    private_folder(folder)
    if sys.platform != "win32":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.is_dir()


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    before = tmp_path.stat().st_mode
    private_folder(tmp_path)
    assert tmp_path.stat().st_mode == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists and no modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o777])
def test_a_mode_that_lets_others_in_is_told_with_what_mends_it(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key file.pem"
    file.write_text("a key")
    file.chmod(mode)
    found = exposure(file, file.stat())
    assert found is not None
    assert f"{mode:04o}" in found.why
    assert found.mend == f"chmod 600 '{file}'"


@pytest.mark.parametrize(
    "entries",
    [
        PRIVATE_FILE,
        PRIVATE_FOLDER,
        f"D:P(A;;FA;;;{OWNER})",
        f"D:PAI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;{OWNER})",
        "D:P(D;;FA;;;WD)(A;;FA;;;OW)",  # a denial lets nobody in
    ],
)
def test_a_list_of_the_owner_the_system_and_administrators_is_private(entries: str) -> None:
    assert exposed_by(f"O:{OWNER}G:S-1-5-21-1-2-3-513{entries}", Path("key.pem")) is None


@pytest.mark.parametrize(
    ("entries", "who"),
    [
        ("D:(A;;FR;;;WD)", "WD"),
        ("D:AI(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)", "BU"),
        ("D:P(A;;FA;;;OW)(A;;FR;;;AU)", "AU"),
        ("D:P(A;;FA;;;OW)(A;;FR;;;S-1-5-21-1-2-3-1002)", "S-1-5-21-1-2-3-1002"),
        ('D:P(XA;;FR;;;WD;(@User.Title=="VP"))', "WD"),
        ("D:NO_ACCESS_CONTROL", "everybody"),
        ("", "everybody"),
    ],
)
def test_whoever_else_a_list_lets_in_is_named(entries: str, who: str) -> None:
    found = exposed_by(f"O:{OWNER}G:BA{entries}", Path("key.pem"))
    assert found is not None
    assert who in found.why
    assert "icacls" in found.mend


@pytest.mark.skipif(sys.platform != "win32", reason="Windows alone has access lists")
def test_windows_is_asked_for_the_list_that_is_meant(tmp_path: Path) -> None:
    if sys.platform == "win32":
        from app.files import _descriptor  # noqa: PLC0415 - it exists on Windows alone

        make_private(tmp_path)
        assert exposed_by(_descriptor(tmp_path), tmp_path) is None


@pytest.mark.parametrize(
    ("written", "short"),
    [
        (r"\\?\C:\Users\Dana", r"C:\Users\Dana"),
        (r"//?/c:/Users/Dana", r"c:/Users/Dana"),
        (r"\\.\C:\Users\Dana", r"C:\Users\Dana"),
        (r"\\?\UNC\server\desks", r"\\server\desks"),
        (r"\\?\unc\server\desks", r"\\server\desks"),
        (r"C:\Users\Dana", r"C:\Users\Dana"),
        (r"\\server\desks", r"\\server\desks"),
        (r"\\?\Volume{b75e2c83}\desks", r"\\?\Volume{b75e2c83}\desks"),
        (r"C:\a\\?\C:\b", r"C:\a\\?\C:\b"),
    ],
)
def test_a_path_is_written_as_people_write_it(written: str, short: str) -> None:
    assert short_form(written) == short
