"""CSV files as they come: from vendors, from Excel, from someone who edited them by hand."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest

from app.core.errors import SeedFileEmpty, SeedFileNotRecognised, SeedFileTooLarge
from app.core.secret import Encoding, Secret
from app.core.seed import (
    ColumnMapping,
    FaultKind,
    Limits,
    Need,
    RowFault,
    SeedFormat,
    SeedOptions,
)
from app.seeds import read
from tests.seeds import writers
from tests.seeds.support import RFC_SEED, Desk, token, tokens
from tests.seeds.writers import DEEPNET, ENTRA

BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ROW = f"ada@contoso.com,8659610904217,{BASE32},30,Token2,C301-i"


def test_the_vendors_samples_are_read(desk: Desk) -> None:
    deepnet = (
        f"{DEEPNET}\n"
        "10001001,234567ABCDEFGHIJKLMNOPQRSTUVWXYZ,60,Deepnet Security,SafeID/Classic\n"
        "10001002,ZYXWVUTSRQPONMLKJIHGFEDCBA765432,60,Deepnet Security,SafeID/Classic\n"
    )
    found = desk.read(deepnet)
    assert found.format is SeedFormat.DEEPNET_CSV
    assert [(each.serial, each.interval) for each in found.tokens] == [
        ("10001001", 60),
        ("10001002", 60),
    ]
    assert found.tokens[0].secret.reveal_base32() == "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ"


TITLED = (
    f"Delivery 4711 for Contoso\n{ENTRA}\n{ROW}\n",
    f"Delivery;4711\nOrdered by;Ada\n\n{ENTRA};\n{ROW};\n".replace(",", ";"),
    f"Contoso, delivery 4711\n\n\n{ENTRA}\n{ROW}\n",
    f'"Delivery 4711, of ""today"""\n{ENTRA}\n{ROW}\n',
    f"Delivery\t4711\n{ENTRA}\n{ROW}\n".replace(",", "\t"),
)


@pytest.mark.parametrize("content", TITLED)
def test_lines_above_the_header_are_named_and_asked_about(desk: Desk, content: str) -> None:
    asked = desk.read(content)
    lines = content.splitlines()
    above = next(at for at, line in enumerate(lines) if "secret" in line)
    assert asked.needs == {Need.MAPPING}
    assert (len(asked.tokens), asked.titles) == (0, above)
    assert "serial number" in asked.columns
    assert "Delivery" not in "".join(asked.columns)
    assert asked.mapping is not None
    found = desk.read(content, SeedOptions(mapping=asked.mapping))
    assert [(each.serial, each.row) for each in found.tokens] == [("8659610904217", above + 2)]
    assert found.needs == frozenset()


def test_a_header_that_stands_first_is_no_title(desk: Desk) -> None:
    found = desk.read(f"{ENTRA}\n{ROW}\n{ENTRA}\n")
    assert (found.titles, len(found.tokens)) == (0, 1)


def test_lines_above_are_rows_where_somebody_says_that_the_first_row_is_one(desk: Desk) -> None:
    mapping = ColumnMapping(serial=1, secret=2, interval=3, header=False)
    found = desk.read(f"{ROW}\n{ENTRA}\n{ROW}\n", SeedOptions(mapping=mapping))
    assert found.titles == 0
    assert found.rows == 3


def test_a_seed_in_small_letters_and_groups_is_read(desk: Desk) -> None:
    row = ROW.replace(BASE32, "gezd gnbv gy3t qojq gezd gnbv gy3t qojq====")
    assert desk.read(f"{ENTRA}\n{row}").tokens[0].secret == Secret(RFC_SEED)


def test_what_excel_has_mangled_is_told_row_by_row(desk: Desk) -> None:
    rows = [
        f"ada@contoso.com;8,65962E+12;{BASE32};30;Token2;C301-i",
        f'ada@contoso.com;="00123456";{BASE32};30;Token2;C301-i',
        f"ada@contoso.com;#NV;{BASE32};30;Token2;C301-i",
        "ada@contoso.com;10001001;2,34567E+31;30;Token2;C301-i",
        ";;;;;",
        "",
        f"ada@contoso.com;10001002;{BASE32};30,0;Token2;C301-i;;;",
    ]
    content = "\ufeffsep=;\r\n" + "\r\n".join([ENTRA.replace(",", ";"), *rows])
    found = desk.read(content)
    assert [each.serial for each in found.tokens] == ["00123456", "10001002"]
    assert found.faults == (
        RowFault(3, FaultKind.SERIAL_SCIENTIFIC),
        RowFault(5, FaultKind.SERIAL_NOT_ALLOWED),
        RowFault(6, FaultKind.SECRET_NOT_BASE32, "10001001"),
    )
    assert found.tokens[1].row == 9


def test_a_separator_inside_a_text_without_quotes_is_told(desk: Desk) -> None:
    found = desk.read(f"{ENTRA}\n{ROW}, white\n{ROW.replace('4217', '4218')}\n")
    assert found.faults == (RowFault(2, FaultKind.CELLS),)
    assert len(found.tokens) == 1


def test_a_row_that_is_cut_short_is_a_fault(desk: Desk) -> None:
    found = desk.read(f"{ENTRA}\n{ROW}\nada@contoso.com,10001001,GEZDG")
    assert len(found.tokens) == 1
    assert [(fault.row, fault.kind) for fault in found.faults] == [(3, FaultKind.INTERVAL_MISSING)]


def test_texts_in_quotes_keep_separators_and_quotes(desk: Desk) -> None:
    row = ROW.replace("C301-i", '"C301-i, ""white"""')
    assert desk.read(f"{ENTRA}\n{row}").tokens[0].model == 'C301-i, "white"'


def test_an_unknown_header_asks_for_the_columns_and_guesses_them(desk: Desk) -> None:
    content = f"Batch;Token ID;Seed\n7;10001001;{BASE32}\n"
    found = desk.read(content)
    assert found.needs == {Need.MAPPING, Need.INTERVAL}
    assert (found.tokens, found.unknown) == ((), (0,))
    assert found.columns == ("Batch", "Token ID", "Seed")
    assert found.mapping == ColumnMapping(serial=1, secret=2)
    mapping = replace(found.mapping, ignored=(0,))
    told = SeedOptions(mapping=mapping, interval=60, manufacturer="Acme", model="One")
    again = desk.read(content, told)
    assert (again.format, again.needs) == (SeedFormat.OTHER_CSV, frozenset())
    assert [(each.row, each.serial, each.model) for each in again.tokens] == [
        (2, "10001001", "One")
    ]
    assert again.columns == found.columns


def test_a_file_without_a_header_asks_too_and_shows_nothing_of_it(desk: Desk) -> None:
    content = f"10001001,{BASE32}\n10001002,{BASE32}\n"
    found = desk.read(content)
    assert found.needs == {Need.MAPPING}
    assert found.columns == ("", "")
    assert found.mapping is None
    mapping = ColumnMapping(serial=0, secret=1, header=False)
    told = SeedOptions(mapping=mapping, interval=30, manufacturer="Acme", model="One")
    assert [each.row for each in desk.read(content, told).tokens] == [1, 2]


def test_a_mapping_beyond_the_last_column_is_refused(desk: Desk) -> None:
    with pytest.raises(SeedFileNotRecognised, match="fewer columns"):
        desk.read("a,b\n1,2\n", SeedOptions(mapping=ColumnMapping(serial=0, secret=7)))


def test_columns_that_are_swapped_quote_no_seed(desk: Desk) -> None:
    content = f"Token ID,Seed\n10001001,{BASE32}\n"
    told = SeedOptions(mapping=ColumnMapping(serial=1, secret=0), interval=30)
    assert desk.read(content, told).faults == (RowFault(2, FaultKind.SERIAL_NOT_ALLOWED),)


def test_yubico_rows_that_are_not_oath_are_told(desk: Desk) -> None:
    oath = "4321,,000000000000,08e49538328bae830e0db14a82341100bc23b840,000000000000,2026,"
    otp = "4322,cccccccb,4d2301c4dda1,08e49538328bae830e0db14a82341100,000000000000,2026,"
    found = desk.read(f"{oath}\n{otp}\n", SeedOptions(interval=30))
    assert found.faults == (
        RowFault(1, FaultKind.COUNTER_BASED, "4321"),
        RowFault(2, FaultKind.NOT_OATH, "4322"),
    )
    assert desk.read(oath).needs == frozenset()


def test_oath_rows_that_entra_id_does_not_take_are_told(desk: Desk) -> None:
    seed = "08e49538328bae830e0db14a82341100bc23b840"
    rows = [
        f"1001, {seed}, totp, 6, 30",
        f"1002, {seed}, hotp, 6",
        f"1003, {seed}, totp, 8, 30",
        f"1004, {seed}, totp, 6, 45",
    ]
    found = desk.read("\n".join(rows), SeedOptions(manufacturer="Acme", model="One"))
    assert [each.serial for each in found.tokens] == ["1001"]
    assert [fault.kind for fault in found.faults] == [
        FaultKind.COUNTER_BASED,
        FaultKind.DIGITS_NOT_ALLOWED,
        FaultKind.INTERVAL_NOT_ALLOWED,
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_encoding_gives_the_same_tokens(desk: Desk, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    content = f"{mark}{ENTRA}\n{ROW.replace('C301-i', 'Größe 1')}\n"
    assert desk.read(content.encode(encoding)).tokens[0].model == "Größe 1"


def test_a_file_of_two_encodings_is_read_in_both(desk: Desk) -> None:
    first = ROW.replace("C301-i", "Größe 1").encode()
    second = ROW.replace("4217", "4218").replace("C301-i", "Größe 2").encode("cp1252")
    found = desk.read(b"\n".join([ENTRA.encode(), first, second, b""]))
    assert [each.model for each in found.tokens] == ["Größe 1", "Größe 2"]


def test_a_nul_spoils_its_row_alone(desk: Desk) -> None:
    rows = [ROW.replace("C301", "C\x00301"), ROW.replace("4217", "4218")]
    found = desk.read("\n".join([ENTRA, *rows]))
    assert [fault.kind for fault in found.faults] == [FaultKind.TEXT_NOT_ALLOWED]
    assert len(found.tokens) == 1


@pytest.mark.parametrize(
    "content",
    [
        f"{ENTRA}\n{ROW}\n" + "x" * 1_100_000 + f"\n{ROW}",
        f"{ENTRA}\n{ROW}\n" + "x" * 1_100_000,
        f"{ENTRA}\n" + ROW.replace("C301-i", "x" * 200_000),
        ",".join(["a"] * 300),
    ],
    ids=["row of 1 MB", "last row of 1 MB", "cell of 200 kB", "300 columns"],
)
def test_a_part_beyond_all_bounds_is_refused(desk: Desk, content: str) -> None:
    path = desk.file(content)
    tracemalloc.start()
    with pytest.raises(SeedFileTooLarge):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 12_000_000
    tracemalloc.stop()


def test_more_rows_than_the_limit_are_refused(desk: Desk) -> None:
    options = SeedOptions(limits=Limits(rows=1500))
    assert len(desk.read(writers.entra(tokens(1500)), options).tokens) == 1500
    with pytest.raises(SeedFileTooLarge, match="1500 rows"):
        desk.read(writers.entra(tokens(1501)), options)


@pytest.mark.parametrize("content", ["\n\n\n", ",,,\n", " "])
def test_nothing_is_not_a_table(desk: Desk, content: str) -> None:
    with pytest.raises(SeedFileNotRecognised):
        desk.read(content)


def test_a_header_alone_is_a_file_of_no_tokens(desk: Desk) -> None:
    with pytest.raises(SeedFileEmpty):
        desk.read(ENTRA)


def test_hexadecimal_seeds_are_told_by_their_digits(desk: Desk) -> None:
    made = tokens(1200)
    found = desk.read(writers.entra(made, Encoding.HEX))
    assert [each.secret for each in found.tokens] == [each.secret for each in made]


def test_one_faulty_row_among_thousands_is_the_only_one(desk: Desk) -> None:
    made = tokens(2500)
    made[1700] = token(1702, "SERIAL")
    found = desk.read(writers.entra(made))
    assert found.faults == (RowFault(1702, FaultKind.SERIAL_NOT_ALLOWED),)
    assert [each.row for each in found.tokens] == [row for row in range(2, 2502) if row != 1702]
