"""The faults as a file: rows and reasons, nothing that runs, nothing that is secret."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.core.errors import SeedFaultsUnsaved
from app.core.seed import FaultKind, RowFault
from app.seeds import write_faults
from app.ui.wording.seeds import row_fault
from tests.support.access import is_private

FAULTS = (
    RowFault(2, FaultKind.SERIAL_SCIENTIFIC),
    RowFault(7, FaultKind.DUPLICATE, "10001001", 3),
)


def test_every_fault_is_a_line_with_its_row_and_its_sentence(tmp_path: Path) -> None:
    path = tmp_path / "faults.csv"
    assert write_faults(path, FAULTS, row_fault) == 2
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["row"] == "2"
    assert rows[1] == {
        "row": "7",
        "serial number": "10001001",
        "fault": "The serial number is in row 3 already.",
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_is_a_formula(tmp_path: Path, text: str) -> None:
    path = tmp_path / "faults.csv"
    write_faults(path, [RowFault(2, FaultKind.CELLS, text)], lambda _fault: text)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1] == ["2", f"'{text}", f"'{text}"]


@pytest.mark.parametrize("separator", ",;\t|")
def test_t8_no_cell_is_a_formula_under_any_separator(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "faults.csv"
    text = "Ada;=1+1\t@SUM(A1)\n=2|-3"
    write_faults(path, [RowFault(2, FaultKind.CELLS, text)], lambda _fault: text)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter=separator) for cell in row]
    assert not any(cell.lstrip(' "').startswith(("=", "+", "-", "@")) for cell in cells)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "faults.csv"
    write_faults(path, FAULTS, row_fault)
    assert is_private(path)
    assert [each.name for each in tmp_path.iterdir()] == ["faults.csv"]


def test_a_place_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "faults.csv").mkdir()
    (tmp_path / "faults.csv" / "kept").touch()
    with pytest.raises(SeedFaultsUnsaved, match="faults"):
        write_faults(tmp_path / "faults.csv", FAULTS, row_fault)
    assert [each.name for each in tmp_path.iterdir()] == ["faults.csv"]
    with pytest.raises(SeedFaultsUnsaved):
        write_faults(tmp_path / "nowhere" / "faults.csv", FAULTS, row_fault)
