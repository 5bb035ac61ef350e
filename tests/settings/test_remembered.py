"""The last choice is remembered, and a file that is damaged or cannot be written harms nobody."""

from pathlib import Path

import pytest

from app.settings.remembered import last_choice, remember_choice


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "last-tenant.json"


def test_what_was_chosen_last_is_known_at_the_next_start(file: Path) -> None:
    assert last_choice(file) == ""
    for key in ("north", "south"):
        remember_choice(file, key)
        assert last_choice(file) == key
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"tenant": 7}',
        b'{"tenant": "../north"}',
        b'{"tenant": "no',
        b"[" * 900,
        b'{"tenant": "north"' + b" " * 2_000 + b"}",
    ],
)
def test_a_file_that_says_something_else_says_nothing(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert last_choice(file) == ""


def test_where_it_cannot_be_written_nothing_happens(file: Path) -> None:
    file.parent.write_text("no folder", encoding="utf-8")
    remember_choice(file, "north")
    assert last_choice(file) == ""


def test_what_cannot_be_put_in_its_place_leaves_nothing_behind(file: Path) -> None:
    file.mkdir(parents=True)
    remember_choice(file, "north")
    assert [each.name for each in file.parent.iterdir()] == [file.name]
