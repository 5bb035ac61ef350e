"""What is connected, as lines of a list: what there is, and what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.reading import NeedsHelp
from app.station.readers import ReadersNotice
from app.ui.wording.readers import (
    Told,
    keyboard_told,
    missing_told,
    no_reader_told,
    no_scanner_told,
    reader_told,
    scanner_name,
    scanner_told,
    serial_scanners,
)
from app.ui.wording.say import say


@dataclass(frozen=True, slots=True)
class Device:
    """A line: `icon`, the device's `name`, how it does, and raw evidence where it fails."""

    icon: str
    name: str
    told: Told
    evidence: str = ""


def devices(notice: ReadersNotice, *, heard: bool, platform: str) -> tuple[Device, ...]:
    """Return every line: card readers, scanners that type, scanners on a serial port.

    `heard` tells whether a scanner that types was; `platform` is sys.platform.
    """
    keyboard = Device("keyboard", say("Scanner that types"), keyboard_told(heard=heard))
    return (*_readers(notice, platform), keyboard, *_scanners(notice, platform))


def _readers(notice: ReadersNotice, platform: str) -> Iterator[Device]:
    for line in notice.readers:
        evidence = line.card.detail if isinstance(line.card, NeedsHelp) else ""
        yield Device("nfc", line.name, reader_told(line), evidence)
    if notice.readers:
        return
    if notice.missing is not None:
        told = missing_told(notice.missing, platform)
        yield Device("nfc", say("Card readers"), told, notice.detail)
    else:
        yield Device("nfc", say("Card readers"), no_reader_told(looked_for=notice.cards))


def _scanners(notice: ReadersNotice, platform: str) -> Iterator[Device]:
    for line in notice.scanners:
        told = scanner_told(line, platform)
        yield Device("scanner", scanner_name(line), told, line.detail)
    if not notice.scanners:
        told = no_scanner_told(looked_for=notice.ports)
        yield Device("scanner", serial_scanners(), told)
