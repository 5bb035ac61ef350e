"""The address of a record, wherever it lies."""

import sqlite3
from contextlib import closing
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from app.ledger.address import read_only_uri


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (PureWindowsPath(r"C:\Users\Dana\a b%.db"), "file:///C:/Users/Dana/a%20b%25.db"),
        (PureWindowsPath(r"\\?\C:\Users\Dana\a.db"), "file:///C:/Users/Dana/a.db"),
        (PureWindowsPath(r"\\server\desks\a.db"), "file:////server/desks/a.db"),
        (PureWindowsPath(r"\\?\UNC\server\desks\a.db"), "file:////server/desks/a.db"),
        (PureWindowsPath(r"\\?\unc\server\desks\a.db"), "file:////server/desks/a.db"),
        (PureWindowsPath(r"\\.\C:\desks\a.db"), "file:///C:/desks/a.db"),
        (PureWindowsPath(r"C:\what?\#1.db"), "file:///C:/what%3F/%231.db"),
        (PurePosixPath("/var/lib/a b?.db"), "file:///var/lib/a%20b%3F.db"),
        (PurePosixPath(r"/srv/back\slash.db"), "file:///srv/back%5Cslash.db"),
    ],
    ids=str,
)
def test_an_address_is_what_sqlite_reads(path: PurePath, address: str) -> None:
    assert read_only_uri(path) == f"{address}?mode=ro"


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "#1.db", "Straße.db"])
def test_sqlite_opens_what_the_address_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE one (a)")
    with closing(sqlite3.connect(read_only_uri(path), uri=True)) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("one",)]
