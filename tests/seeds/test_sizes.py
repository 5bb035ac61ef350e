"""Files beyond all bounds: each gets a clear sentence, in bounded time and memory."""

from __future__ import annotations

import io
import re
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import SeedFileError, SeedFileHostile, SeedFileTooLarge
from app.core.seed import Limits, RowFault, SeedFile, SeedOptions
from app.seeds import read
from app.seeds.rows import Broken, RowReader
from tests.seeds import writers
from tests.seeds.support import Desk, tokens
from tests.seeds.writers import ENTRA

MOST = 100_000_000
"""Bytes of memory that reading may take beside the file's own limit."""


def peak(action: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_million_rows_with_a_fault_each_end_with_their_number_and_the_commonest_fault(
    desk: Desk,
) -> None:
    path = desk.folder / "million.csv"
    with path.open("w", encoding="ascii") as file:
        file.write(f"{ENTRA}\n")
        for start in range(0, 1_000_000, 10_000):
            file.writelines(f",8.6E+{at},GEZDGNBV,30,A,B\n" for at in range(start, start + 10_000))

    with pytest.raises(SeedFileTooLarge) as caught:
        read(path)
    assert "more than 200000 rows" in caught.value.problem
    assert re.search(r"(\d+) of the first \1 have a fault", caught.value.problem)


def test_rows_with_a_fault_each_take_little_memory(desk: Desk) -> None:
    rows = "".join(f",8.6E+{at},GEZDGNBV,30,A,B\n" for at in range(20_000))
    path = desk.file(f"{ENTRA}\n{rows}")
    assert peak(lambda: read(path)) < MOST // 10


@pytest.mark.parametrize("start", ['{"value": [', "[", f"{ENTRA}\n", "<KeyContainer>", "dn: x\n"])
def test_a_file_of_a_gigabyte_is_refused_before_it_is_read(desk: Desk, start: str) -> None:
    path = desk.file(start)
    with path.open("r+b") as file:
        file.truncate(1024**3)
    with pytest.raises(SeedFileTooLarge):
        read(path)


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '[{"serialNumber":' + "[" * 100_000 + "]" * 100_000 + "}]",
        '{"value":[{"secretKey":' + '{"a":' * 100_000,
        "<KeyContainer>" + "<a>" * 100_000,
        "<data>" * 100_000,
    ],
    ids=["lists", "objects", "lists in a device", "objects in a device", "PSKC", "XML"],
)
def test_what_is_nested_without_end_is_refused(desk: Desk, content: str) -> None:
    def refused() -> None:
        with pytest.raises(SeedFileError) as caught:
            desk.read(content)
        assert isinstance(caught.value, SeedFileHostile) or "list tokens" in str(caught.value)

    assert peak(refused) < MOST


@pytest.mark.parametrize(
    "content",
    [
        '[{"serialNumber": "' + "1" * 2_000_000 + '"}]',
        '{"value": [' + " " * 3_000_000,
        '[{"serialNumber": "1", ' + '"x": 1, ' * 300_000,
        "[" + ",".join(f'{{"n{at}": 1}}' for at in range(1000)) + "]",
        "dn: x\n" + "sccTokenData: sccKey=1\n" * 100_000,
        "dn: x\n" + "a" * 2_000_000,
    ],
    ids=["text", "white space", "object", "names", "entry", "line"],
)
def test_a_part_without_end_is_refused(desk: Desk, content: str) -> None:
    def refused() -> None:
        with pytest.raises(SeedFileError):
            desk.read(content)

    assert peak(refused) < MOST


def test_ten_thousand_devices_are_read(desk: Desk) -> None:
    made = tokens(10_000)
    path = desk.file(writers.pskc_draft(made))
    found: list[SeedFile] = []
    assert peak(lambda: found.append(read(path))) < MOST
    assert [token.serial for token in found[0].tokens] == [token.serial for token in made]


def test_a_thousand_encrypted_devices_are_read(desk: Desk) -> None:
    made = tokens(3)
    one = writers.pskc(made, writers.with_key).decode()
    package = re.search(r"<(\w+:)?KeyPackage>.*?</(\w+:)?KeyPackage>", one, re.DOTALL)
    assert package is not None
    copies = (package[0].replace(made[0].serial, str(10**12 + at)) for at in range(1_000))
    content = one[: package.start()] + "".join(copies) + one[package.end() :]
    found = desk.read(content, SeedOptions(key=writers.KEY))
    assert (len(found.tokens), found.faults) == (1_002, ())


def test_lines_behind_an_open_quotation_mark_are_bounded_as_rows_are(desk: Desk) -> None:
    rows = "\n".join(f",1000{at},GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,A,B" for at in range(3000))
    with pytest.raises(SeedFileTooLarge, match="quotation mark"):
        desk.read(f'{ENTRA}\n,1,"x\n{rows}', SeedOptions(limits=Limits(rows=1000)))


_damage = st.lists(
    st.tuples(st.integers(0, 2000), st.sampled_from(['"', '""', ",", ";", "\n", "'", '="', "x"])),
    max_size=6,
)


@given(_damage, st.booleans())
def test_whatever_is_wrong_with_a_table_no_line_of_it_vanishes(
    damage: list[tuple[int, str]],
    quoted: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    content = writers.entra(tokens(12), quoting=int(quoted)).decode()
    header, rest = content.split("\r\n", 1)
    for at, text in damage:
        rest = rest[: at % len(rest)] + text + rest[at % len(rest) :]
    lines = io.StringIO(f"{header}\r\n{rest}", newline="").readlines()
    filled = {at for at, line in enumerate(lines[1:], 2) if any(map(str.isalnum, line))}
    reader = RowReader(io.StringIO(f"{header}\r\n{rest}", newline=""), ",", Limits())
    reader.first()
    covered: set[int] = set()
    inside: set[int] = set()
    for part in reader.parts():
        if isinstance(part, Broken):
            covered |= set(part.rows)
        else:  # a cell of several lines takes those below its row
            ends = [*part.numbers[1:], part.numbers[-1] + 1]
            for number, end, row in zip(part.numbers, ends, part.rows, strict=True):
                several = sum("".join(row).count(mark) for mark in "\r\n")
                assert several or end == number + 1 or not filled & set(range(number + 1, end))
                below = range(number + 1, max(end, number + several + 1)) if several else ()
                inside |= set(below)
                covered |= {number, *below}
    assert filled <= covered
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "seeds")
        path.write_bytes("".join(lines).encode())
        found = read(path)
    rows = [*(t.row for t in found.tokens), *(fault.row for fault in found.faults)]
    assert len(set(rows)) == len(rows) == found.rows
    assert set(rows) <= set(range(2, len(lines) + 1))
    alone = {
        at
        for at in filled - inside
        if '"' not in lines[at - 1] and not any(_within(at, fault) for fault in found.faults)
    }
    assert alone <= set(rows)


def _within(line: int, fault: RowFault) -> bool:
    return (fault.first_row or fault.row) <= line <= (fault.last_row or fault.row)
