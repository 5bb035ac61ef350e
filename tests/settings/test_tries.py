"""The count of a PIN's tries outlives the program, and nothing that happens to its file helps."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.core.tries import DAMAGED, FREE, Tries, Uptime
from app.settings.tries import TriesFile

NOW = Uptime(5_000.0, "today")


def book(file: Path) -> TriesFile:
    return TriesFile(file, lambda: NOW)


def test_what_was_counted_is_found_by_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "not yet" / "kiosk.json"
    assert book(file).read() == Tries()
    assert book(file).write(Tries(4, NOW))
    assert book(file).read() == Tries(4, NOW)
    assert [each.name for each in file.parent.iterdir()] == ["kiosk.json"]


def test_what_was_forgotten_waits_for_nothing(tmp_path: Path) -> None:
    counted = book(tmp_path / "kiosk.json")
    assert counted.write(Tries())
    assert counted.read().wait(NOW) == timedelta()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"failed": 1}', '{"failed": "x", "last": 0}',
                                    '{"failed": 1, "last": 1e99}',
                                    '{"failed": 9, "boot": "x", "seconds_since_boot": -1}',
                                    '{"failed": 9, "boot": 1, "seconds_since_boot": 1}',
                                    '{"failed": 9, "boot": "x", "seconds_since_boot": NaN}',
                                    "\udcff"])  # fmt: skip
@pytest.mark.expect_log("cannot be read")
def test_a_damaged_count_is_a_wait_that_ends(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "kiosk.json"
    file.write_bytes(damage.encode("utf-8", "surrogateescape"))
    found = book(file).read()
    assert found.failed == DAMAGED
    assert book(file).read() == found  # and not a new one, with a new wait, each time


@pytest.mark.expect_log("cannot be counted")
def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("no folder", encoding="utf-8")
    assert not book(tmp_path / "folder" / "kiosk.json").write(Tries(1, NOW))


def test_t11_a_count_of_the_version_before_waits_from_the_start_of_the_machine(
    tmp_path: Path,
) -> None:
    file = tmp_path / "kiosk.json"
    file.write_text('{"failed": 3, "last": 1795424400.0}', encoding="utf-8")
    found = book(file).read()
    assert found.failed == FREE
    assert found.wait(Uptime(10.0, "today")) == timedelta(seconds=20)
    assert found.noticed(NOW) == Tries(FREE, Uptime(0.0, "today"))
