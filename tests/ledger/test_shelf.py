"""The station's small files are whole or as before, whatever fails while they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import ExportFailed, LedgerUnreadable, LedgerUnwritable
from app.ledger.shelf import FileShelf
from tests.support.access import is_private


def test_what_is_kept_is_read_back_and_dropped(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path / "new")
    assert shelf.kept("job.json") == ""
    shelf.keep("job.json", "Zoë")
    shelf.keep("job.json", "second")
    assert FileShelf(tmp_path / "new").kept("job.json") == "second"
    shelf.drop("job.json")
    shelf.drop("job.json")
    assert shelf.kept("job.json") == ""


def test_a_line_is_added_to_what_is_kept_and_to_nothing_else(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    shelf.keep("job.json", "first\n")
    shelf.add("job.json", "Zoë \ud800\n")
    shelf.add("job.json", "third\n")
    assert (tmp_path / "job.json").read_bytes() == "first\nZoë ?\nthird\n".encode()
    assert is_private(tmp_path / "job.json")
    shelf.drop("job.json")
    shelf.add("job.json", "of a row that was still on its way\n")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "job.json").mkdir()
    with pytest.raises(LedgerUnwritable):
        shelf.add("job.json", "x\n")


def test_it_is_its_owners_alone(tmp_path: Path) -> None:
    FileShelf(tmp_path).keep("job.json", "x")
    assert is_private(tmp_path / "job.json")


def test_where_nothing_can_be_written_the_old_file_stays(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    with pytest.raises(LedgerUnwritable):
        FileShelf(blocked).keep("job.json", "x")
    (tmp_path / "job.json").mkdir()
    with pytest.raises(LedgerUnwritable):
        FileShelf(tmp_path).drop("job.json")
    with pytest.raises(LedgerUnreadable):
        FileShelf(tmp_path).kept("job.json")


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LedgerUnreadable):
        FileShelf(tmp_path).kept("job.json")


def test_an_export_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "inventory.csv"

    def texts() -> Iterator[str]:
        yield "a\r\n"
        assert not path.exists()
        yield "ö\r\n"

    FileShelf(tmp_path).export(str(path), texts(), "utf-8-sig")
    assert path.read_bytes() == "\ufeffa\r\nö\r\n".encode()
    assert [each.name for each in path.parent.iterdir()] == ["inventory.csv"]


def test_an_export_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def texts() -> Iterator[str]:
        yield "a"
        raise KeyError("stopped")

    with pytest.raises(KeyError):
        FileShelf(tmp_path).export(str(tmp_path / "x.csv"), texts(), "utf-8")
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportFailed):
        FileShelf(tmp_path).export(str(tmp_path / "file" / "x.csv"), ["a"], "utf-8")


def test_a_new_file_takes_the_next_free_name_and_overwrites_none(tmp_path: Path) -> None:
    shelf, folder = FileShelf(tmp_path), tmp_path / "not there yet"
    first = shelf.write_new(str(folder), "receipt", ".pdf", b"one")
    second = shelf.write_new(str(folder), "receipt", ".pdf", b"two")
    assert [first, second] == [str(folder / "receipt.pdf"), str(folder / "receipt-2.pdf")]
    assert (folder / "receipt.pdf").read_bytes() == b"one"
    assert shelf.free_path(str(folder), "receipt", ".pdf") == str(folder / "receipt-3.pdf")
