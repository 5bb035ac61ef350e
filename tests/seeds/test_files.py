"""Columns that were named once are known again by the header, and nothing of the file is kept."""

from pathlib import Path

from app.core.seed import ColumnMapping, Need, SeedFile, SeedOptions
from app.seeds import SeedFiles
from tests.seeds import writers
from tests.seeds.support import Desk, tokens

MADE = tokens(3)
ROWS = "\n".join(f"{t.serial};{writers.in_hex(t.secret)};Kunde" for t in MADE)
NAMED = f"Nummer;Geheimnis;Kunde\n{ROWS}\n"
TOLD = SeedOptions(
    mapping=ColumnMapping(serial=0, secret=1, ignored=(2,)),
    interval=30,
    manufacturer="Works",
    model="T1",
)
SILENT = SeedOptions(interval=30, manufacturer="Works", model="T1")


def read(files: SeedFiles, path: Path, options: SeedOptions) -> SeedFile:
    return files.read(str(path), options, lambda _rows: None, lambda: False)


def test_a_header_that_was_explained_is_known_again(desk: Desk) -> None:
    kept = desk.folder / "kept" / "columns.json"
    files = SeedFiles(kept)
    path = desk.file(NAMED)
    assert read(files, path, SILENT).needs == {Need.MAPPING}
    assert len(read(files, path, TOLD).tokens) == 3
    found = read(SeedFiles(kept), desk.file(NAMED.upper(), "other"), SILENT)
    assert [t.serial for t in found.tokens] == [t.serial for t in MADE]


def test_another_header_is_asked_for(desk: Desk) -> None:
    files = SeedFiles(desk.folder / "columns.json")
    read(files, desk.file(NAMED), TOLD)
    other = desk.file(NAMED.replace("Nummer", "Zahl"), "other")
    assert read(files, other, SILENT).needs == {Need.MAPPING}


def test_neither_names_nor_rows_are_kept(desk: Desk) -> None:
    kept = desk.folder / "columns.json"
    files = SeedFiles(kept)
    read(files, desk.file(NAMED), TOLD)
    written = kept.read_text(encoding="utf-8")
    assert "Nummer" not in written
    assert [t for t in MADE if t.serial in written or writers.in_hex(t.secret) in written] == []


def test_a_first_row_of_data_leaves_no_trace(desk: Desk) -> None:
    kept = desk.folder / "columns.json"
    headless = SeedOptions(
        mapping=ColumnMapping(serial=0, secret=1, header=False, ignored=(2,)),
        interval=30,
        manufacturer="Works",
        model="T1",
    )
    assert len(read(SeedFiles(kept), desk.file(f"{ROWS}\n"), headless).tokens) == 3
    assert not kept.exists()


def test_a_file_of_columns_that_is_damaged_is_no_answer(desk: Desk) -> None:
    kept = desk.folder / "columns.json"
    path = desk.file(NAMED)
    for content in ("", "[]", "no JSON", '{"x": 1}'):
        kept.write_text(content, encoding="utf-8")
        assert read(SeedFiles(kept), path, SILENT).needs == {Need.MAPPING}


def test_columns_that_cannot_be_kept_are_no_trouble(desk: Desk) -> None:
    blocked = desk.file("", "blocked")
    found = read(SeedFiles(blocked / "columns.json"), desk.file(NAMED), TOLD)
    assert len(found.tokens) == 3
