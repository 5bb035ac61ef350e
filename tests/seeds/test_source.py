"""A file that is none, that is too large, or that is gone: told before it is read."""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import pytest

from app.core.errors import (
    SeedFileNotRecognised,
    SeedFileTooLarge,
    SeedFileUnreadable,
    SeedReadingStopped,
)
from app.core.seed import Limits, SeedOptions
from app.seeds import read
from app.seeds.source import opened
from tests.seeds import writers
from tests.seeds.support import Desk, tokens

GIGABYTE = 1 << 30


def test_two_gigabytes_are_refused_before_a_byte_is_read(desk: Desk) -> None:
    path = desk.file("upn,serial number,secret key,time interval,manufacturer,model\n")
    os.truncate(path, 2 * GIGABYTE)
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(SeedFileTooLarge, match="2147483648 bytes"):
        read(path)
    assert time.perf_counter() - began < 1
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_file_that_grows_while_it_is_read_is_not_followed(desk: Desk) -> None:
    path = desk.file("x" * 100)
    with opened(path, Limits(file=100), lambda: False) as (_, file):
        with path.open("ab") as more:
            more.write(b"x")
        with pytest.raises(SeedFileTooLarge, match="grown"):
            file.read()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SeedFileUnreadable, match="folder"):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes among its files")
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SeedFileUnreadable, match="pipe"):
        read(pipe)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="Windows has no devices among its files")
def test_a_device_is_no_file() -> None:
    with pytest.raises(SeedFileUnreadable, match="device"):
        read(Path("/dev/zero"))


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(SeedFileUnreadable, match=r"No such file|not found"):
        read(tmp_path / "gone.csv")


def test_a_file_that_may_not_be_read_is_told(desk: Desk) -> None:
    path = desk.file("secret")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("file modes bar nobody who is root, and Windows has none")
    with pytest.raises(SeedFileUnreadable, match="Permission denied"):
        read(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows lets no file be removed that is being read")
def test_a_file_that_vanishes_while_it_is_read_is_read_to_its_end(desk: Desk) -> None:
    path = desk.file(writers.entra(tokens(5000)))
    found = read(path, progress=lambda _rows: path.unlink(missing_ok=True))
    assert len(found.tokens) == 5000
    assert not path.exists()


def test_a_file_that_is_cut_while_it_is_read_loses_rows_and_not_the_program(desk: Desk) -> None:
    path = desk.file(writers.entra(tokens(5000)))
    found = read(path, progress=lambda _rows: os.truncate(path, 1000))
    assert 0 < found.rows < 5000


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04\x14\x00", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "workbook"),
        (b"-----BEGIN PGP MESSAGE-----\n", "PGP"),
        (b"%PDF-1.7\n", "PDF"),
        (b'[{"serialNumber": "1"}]', "JSON"),
        (b'["1"]', "JSON"),
        (b"otpauth://totp/a", "otpauth"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (bytes(1000), "not text"),
        (b"a\x00b\x00\x00\x00" * 50, "not text"),
    ],
)
def test_what_is_no_seed_file_is_called_by_its_name(desk: Desk, content: bytes, what: str) -> None:
    with pytest.raises(SeedFileNotRecognised, match=what):
        desk.read(content)


def test_half_a_character_at_the_end_of_utf_16_is_told(desk: Desk) -> None:
    content = writers.entra(tokens(3), encoding="utf-16")
    with pytest.raises(SeedFileUnreadable, match="cut short"):
        desk.read(content[:-1])


@pytest.fixture(scope="module", params=["entra", "pskc"])
def long_file(request: pytest.FixtureRequest) -> bytes:
    """A file that takes a while to be read."""
    if request.param == "entra":
        return writers.entra(tokens(5000))
    return writers.pskc(tokens(3000))


def test_the_operator_can_stop_it(desk: Desk, long_file: bytes) -> None:
    told: list[int] = []
    with pytest.raises(SeedReadingStopped):
        read(desk.file(long_file), progress=told.append, stop=lambda: len(told) > 1)
    assert 0 < told[-1] < 5000


def test_progress_counts_the_rows(desk: Desk, long_file: bytes) -> None:
    told: list[int] = []
    found = read(desk.file(long_file), SeedOptions(), told.append)
    assert told == sorted(told)
    assert told[-1] == found.rows
    assert len(told) > 3
