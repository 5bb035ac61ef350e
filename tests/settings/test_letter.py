"""The message to the administrator is a file of its own, beside those that are there."""

import os
from pathlib import Path

import pytest

from app.core.errors import SettingsUnwritable
from app.settings.letter import write_letter


def test_each_message_is_a_new_file(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    files = [write_letter(folder, f"Grüße {number}\n") for number in range(3)]
    assert [file.name for file in files] == [
        "oathdesk-administrator.txt",
        "oathdesk-administrator-2.txt",
        "oathdesk-administrator-3.txt",
    ]
    assert [file.read_text(encoding="utf-8") for file in files] == [
        f"Grüße {number}\n" for number in range(3)
    ]


def test_there_is_an_end_to_them(tmp_path: Path) -> None:
    for _ in range(100):
        write_letter(tmp_path, "x")
    with pytest.raises(SettingsUnwritable, match="100 such messages"):
        write_letter(tmp_path, "x")


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    place = tmp_path / "documents"
    place.write_text("no folder", encoding="utf-8")
    with pytest.raises(SettingsUnwritable) as caught:
        write_letter(place, "x")
    (problem,) = caught.value.problems
    assert problem.place == str(place)
    assert "it is no folder" in problem.problem


@pytest.mark.skipif(os.name != "posix", reason="on Windows a path below a file is only missing")
def test_a_folder_that_cannot_be_made_is_told_with_the_systems_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(SettingsUnwritable, match="Not a directory"):
        write_letter(tmp_path / "file" / "documents", "x")
