"""The list of what is connected has a line for each thing, and for each kind that is missing."""

import pytest

from app.core.reading import Help, Missing, NeedsHelp, PortTrouble
from app.station.readers import ReaderLine, ReadersNotice, ScannerLine
from app.ui.models.readers import Device, devices


def listed(notice: ReadersNotice, *, heard: bool = False) -> list[tuple[str, str]]:
    return [(each.icon, each.told.chip) for each in told(notice, heard=heard)]


def told(notice: ReadersNotice, *, heard: bool = False) -> tuple[Device, ...]:
    return devices(notice, heard=heard, platform="linux")


def test_with_nothing_connected_each_kind_has_a_line() -> None:
    assert listed(ReadersNotice()) == [
        ("nfc", "None"),
        ("keyboard", "Not heard yet"),
        ("scanner", "None"),
    ]


def test_what_is_not_looked_for_is_off() -> None:
    off = ReadersNotice(cards=False, ports=False)
    assert [chip for _, chip in listed(off, heard=True)] == ["Off", "Heard", "Off"]


@pytest.mark.parametrize("missing", Missing)
def test_what_is_missing_stands_in_the_place_of_the_readers(missing: Missing) -> None:
    first = told(ReadersNotice(missing=missing, detail="0x8010001D"))[0]
    assert (first.told.chip, first.evidence) == ("Missing", "0x8010001D")


def test_each_reader_and_each_scanner_has_a_line_with_its_evidence() -> None:
    notice = ReadersNotice(
        readers=(ReaderLine("A", card=NeedsHelp(Help.UNREADABLE, "6F00")), ReaderLine("B")),
        scanners=(
            ScannerLine("COM7", "Honeywell"),
            ScannerLine("COM8", trouble=PortTrouble.BUSY, detail="errno 16"),
        ),
    )
    lines = [(each.name, each.evidence) for each in told(notice)]
    assert lines == [
        ("A", "6F00"),
        ("B", ""),
        ("Scanner that types", ""),
        ("Honeywell", ""),
        ("COM8", "errno 16"),
    ]
