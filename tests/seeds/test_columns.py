"""Which column is which: surely, by a guess, or not at all; and never a seed shown as a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.seed import ColumnMapping, SeedFormat
from app.seeds.columns import guessed, names, recognised, vendor_format
from tests.seeds.writers import DEEPNET, ENTRA, GRAPH

HEX = "08E49538328BAE830E0DB14A82341100BC23B840"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF"
ENTRA_COLUMNS = ColumnMapping(person=0, serial=1, secret=2, interval=3, manufacturer=4, model=5)


@pytest.mark.parametrize(
    "header",
    [
        ENTRA,
        "upn,serial number,secret key,timeinterval,manufacturer,model",
        "UPN,Serial Number,Secret Key,Time Interval,Manufacturer,Model",
        " upn , SERIALNUMBER,secret_key, time-interval ,manufacturer,model ",
    ],
)
def test_entra_ids_header_is_known_however_it_is_written(header: str) -> None:
    layout = recognised(header.split(","))
    assert layout is not None
    assert (layout.format, layout.mapping) == (SeedFormat.ENTRA_CSV, ENTRA_COLUMNS)


def test_the_header_of_graphs_samples_is_known() -> None:
    layout = recognised(GRAPH.split(","))
    assert layout is not None
    assert layout.mapping == ColumnMapping(
        serial=0, secret=1, interval=2, manufacturer=3, model=4, hash_function=5
    )


def test_columns_may_stand_in_any_order_and_among_others() -> None:
    header = ["batch", "model", "secret key", "serial number", "manufacturer", "timeinterval"]
    layout = recognised(header)
    assert layout is not None
    assert layout.mapping == ColumnMapping(model=1, secret=2, serial=3, manufacturer=4, interval=5)


@pytest.mark.parametrize(
    ("row", "form"),
    [
        (["10001001", HEX, "totp", "6", "30"], SeedFormat.OATH_CSV),
        (["10001001", HEX, "HOTP", "6"], SeedFormat.OATH_CSV),
    ],
)
def test_files_without_a_header_are_known_by_their_first_row(
    row: list[str], form: SeedFormat
) -> None:
    layout = recognised(row)
    assert layout is not None
    assert layout.format is form
    assert not layout.mapping.header


@pytest.mark.parametrize(
    "row",
    [
        ["serial", "colour"],
        ["secret key", "time interval", "manufacturer", "model"],
        ["10001001", HEX],
        ["10001001", HEX, "ocra", "6", "30"],
        ["Name", "a", "b", "c", "d"],
        [""],
    ],
)
def test_anything_else_is_asked_for(row: list[str]) -> None:
    assert recognised(row) is None


def test_a_guess_is_made_by_name_and_the_first_of_two_counts() -> None:
    assert guessed(["Token ID", "Seed", "Vendor", "Key", "Type"]) == ColumnMapping(
        serial=0, secret=1, manufacturer=2, kind=4
    )
    assert guessed(["Name", "Seed"]) is None
    assert guessed([]) is None


def test_the_names_of_a_header_are_shown() -> None:
    assert names(["Serial No.", "Seed", " Colour "]) == ("Serial No.", "Seed", "Colour")


@pytest.mark.parametrize("seed", [HEX, BASE32, LETTERS, BASE32.lower(), "GEZD GNBV GY3T QOJQ"])
def test_a_seed_is_never_shown_as_a_name(seed: str) -> None:
    assert names(["10001001", seed]) == ("", "")
    assert names(["serial", seed]) == ("serial", "")


@given(st.lists(st.binary(min_size=10, max_size=80), min_size=1), st.sampled_from(["serial", ""]))
def test_no_row_of_seeds_shows_one(seeds: list[bytes], name: str) -> None:
    row = [*(seed.hex() for seed in seeds), name]
    assert set(names(row)) <= {"", "serial"}


@pytest.mark.parametrize(
    ("manufacturer", "has_person", "form"),
    [
        ("Token2", True, SeedFormat.TOKEN2_CSV),
        ("TOKEN2 SARL", False, SeedFormat.TOKEN2_CSV),
        ("Deepnet Security", False, SeedFormat.DEEPNET_CSV),
        ("Deepnet Security", True, SeedFormat.ENTRA_CSV),
        ("Feitian", False, SeedFormat.ENTRA_CSV),
    ],
)
def test_whose_file_it_is_stands_in_its_first_row(
    manufacturer: str, *, has_person: bool, form: SeedFormat
) -> None:
    assert vendor_format(manufacturer, has_person=has_person) is form


def test_the_published_headers_are_known() -> None:
    assert all(recognised(header.split(",")) for header in (ENTRA, GRAPH, DEEPNET))
