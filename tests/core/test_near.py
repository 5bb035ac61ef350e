"""A serial number that is printed otherwise than it is filed is offered, and never taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.near import MOST, marked, variants
from app.core.scan import SerialScan, classify

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
SPACES = " \u00a0\u2009\u202f\u3000"


def read_as(raw: str) -> tuple[str, ...]:
    """What is looked up for a text: the serial number, and then its variants."""
    scan = classify(raw)
    assert isinstance(scan, SerialScan)
    return (scan.serial, *variants(scan.serial, scan.others))


@pytest.mark.parametrize(
    ("raw", "filed"),
    [
        ("306EUO400960", "306EUO4-00960"),
        ("306EU0400960", "306EUO4-00960"),
        ("306EU04-00960", "306EUO4-00960"),
        *((f"306EUO4{dash}00960", "306EUO400960") for dash in DASHES),
        *((f"GAKT{space}00040D6D", "GAKT00040D6D") for space in SPACES),
        ("GAKT-0004-0D6D", "GAKT00040D6D"),
        ("GAKTOOO4OD6D", "GAKT00040D6D"),
        ("GAKTl1040D6D", "GAKT11040D6D"),
        ("gakt00040d6d", "gakt00040d6d"),
        ("9112345678", "91-1234567-8"),
        ("12345678", "0012345678"),
        ("40008005", "00040008005"[1:]),
        ("0012345678", "12345678"),
        ("86596109042", "0086596109042"),
        ("SN1234567", "1234567"),
        ("YK-12345678", "12345678"),
        ("GAKY00040D6D", "GAKZ00040D6D"),
        ("0109506000134352218659610904217", "8659610904217"),
    ],
)
def test_case_31_what_the_tenant_has_is_among_the_variants(raw: str, filed: str) -> None:
    assert filed in read_as(raw)


@given(st.from_regex(r"[0-9A-Z][0-9A-Z-]{3,31}", fullmatch=True))
def test_variants_are_few_different_and_not_the_serial_itself(serial: str) -> None:
    found = variants(serial)
    assert len(found) <= MOST
    assert len(set(found)) == len(found)
    assert serial not in found


def test_what_differs_is_marked() -> None:
    assert marked("306EUO400960", "306EUO4-00960") == (
        ("306EUO4", False),
        ("-", True),
        ("00960", False),
    )
    assert marked("0012", "12") == (("", True), ("12", False))
