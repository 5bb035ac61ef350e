"""What is left of an upload after a crash: serial numbers, how far it was, and no seed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.errors import LedgerUnwritable
from app.core.importing import Handing, LeftUpload
from app.core.job import RowState
from app.ledger import UploadFile
from tests.support.access import is_private

UPLOAD = LeftUpload(
    "id",
    "Lieferung März.csv",
    datetime(2026, 11, 23, 9, tzinfo=UTC),
    ("77000001", "77000002"),
    Handing.ASSIGN,
)


def test_a_later_start_finds_what_was_begun_and_how_far_it_was(tmp_path: Path) -> None:
    journal = UploadFile(tmp_path / "upload.jsonl")
    assert journal.left() is None
    journal.begin(UPLOAD)
    journal.settled("77000001", RowState.DONE)
    found = UploadFile(tmp_path / "upload.jsonl").left()
    assert found is not None
    assert (found.file, found.serials, found.handing) == (
        UPLOAD.file,
        UPLOAD.serials,
        Handing.ASSIGN,
    )
    assert found.settled == {"77000001": RowState.DONE}
    assert found.left == 1
    journal.close()


def test_a_line_that_a_crash_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "upload.jsonl"
    journal = UploadFile(path)
    journal.begin(UPLOAD)
    journal.settled("77000001", RowState.DONE)
    journal.close()
    with path.open("a", encoding="utf-8") as file:
        file.write('{"serial": "77000002", "sta')
    found = UploadFile(path).left()
    assert found is not None
    assert found.settled == {"77000001": RowState.DONE}


@pytest.mark.parametrize("content", ["", "{}\n", "[]\n", "no JSON\n", '{"upload": 1}\n', "\x00\n"])
def test_a_file_that_is_none_is_no_upload(tmp_path: Path, content: str) -> None:
    path = tmp_path / "upload.jsonl"
    path.write_text(content, encoding="utf-8")
    assert UploadFile(path).left() is None


def test_an_upload_that_has_ended_leaves_nothing(tmp_path: Path) -> None:
    journal = UploadFile(tmp_path / "upload.jsonl")
    journal.begin(UPLOAD)
    journal.end()
    assert journal.left() is None
    assert list(tmp_path.iterdir()) == []
    journal.settled("77000001", RowState.DONE)  # of a row that was still on its way
    assert list(tmp_path.iterdir()) == []


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    journal = UploadFile(tmp_path / "upload.jsonl")
    journal.begin(UPLOAD)
    assert is_private(tmp_path / "upload.jsonl")
    journal.close()


def test_a_folder_that_is_not_there_is_told_before_anything_is_begun(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnwritable):
        UploadFile(tmp_path / "gone" / "upload.jsonl").begin(UPLOAD)
