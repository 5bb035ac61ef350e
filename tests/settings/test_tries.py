"""The count of a PIN's tries outlives the program, and nothing that happens to its file helps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.tries import DAMAGED, Tries
from app.settings.tries import FileBook

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_what_was_counted_is_found_by_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "not yet" / "kiosk.json"
    assert FileBook(file).read() == Tries()
    assert FileBook(file).write(Tries(4, NOW))
    assert FileBook(file).read() == Tries(4, NOW)
    assert [each.name for each in file.parent.iterdir()] == ["kiosk.json"]


def test_what_was_forgotten_waits_for_nothing(tmp_path: Path) -> None:
    book = FileBook(tmp_path / "kiosk.json")
    assert book.write(Tries())
    assert book.read().wait(NOW) == timedelta()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"failed": 1}', '{"failed": "x", "last": 0}',
                                    '{"failed": 1, "last": 1e99}', "\udcff"])  # fmt: skip
@pytest.mark.expect_log("cannot be read")
def test_a_damaged_count_is_a_wait_that_ends(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "kiosk.json"
    file.write_bytes(damage.encode("utf-8", "surrogateescape"))
    found = FileBook(file).read()
    assert found.failed == DAMAGED
    assert FileBook(file).read() == found  # and not a new one, with a new wait, each time


@pytest.mark.expect_log("cannot be counted")
def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("no folder", encoding="utf-8")
    assert not FileBook(tmp_path / "folder" / "kiosk.json").write(Tries(1, NOW))
