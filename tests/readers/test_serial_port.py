"""Scanners in serial-port mode, over real pseudo-terminals: lines arrive, ports come and go."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.reading import (
    PortTrouble,
    ScannerAppeared,
    ScannerEvent,
    ScannerGone,
    ScannerTrouble,
    ScanTorn,
    TextScanned,
)
from app.readers.serial_port import SerialPortScanner, SerialScannerSettings
from tests.readers.heard import Heard

pytest.importorskip("termios", reason="needs pseudo-terminals, which Windows has not")
pytest.importorskip("serial", reason="needs pyserial: pip install oathdesk[readers]")


class Scanner:
    """The scanner's end of a cable; `port` is a path that stays the same when it is plugged in."""

    def __init__(self, port: Path) -> None:
        self.port = str(port)
        self._end = -1
        self._other = -1
        self.plug()

    def plug(self) -> None:
        self._end, self._other = os.openpty()
        Path(self.port).symlink_to(os.ttyname(self._other))

    def unplug(self) -> None:
        Path(self.port).unlink(missing_ok=True)
        for end in (self._end, self._other):
            if end >= 0:
                os.close(end)
        self._end = self._other = -1

    def send(self, data: bytes) -> None:
        os.write(self._end, data)


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    made = Scanner(tmp_path / "scanner")
    yield made
    made.unplug()


Listen = Callable[..., Heard[ScannerEvent]]


@pytest.fixture
def listen() -> Iterator[Listen]:
    started: list[SerialPortScanner] = []

    def begin(
        *ports: str, ending: bytes = b"", prefix: str = "", silence: float = 0.1
    ) -> Heard[ScannerEvent]:
        heard: Heard[ScannerEvent] = Heard()
        settings = SerialScannerSettings(
            ports, frozenset(), ending=ending, prefix=prefix, silence=silence, poll=0.05
        )
        started.append(SerialPortScanner(settings))
        started[-1].start(heard)
        return heard

    yield begin
    for each in started:
        each.stop()


def texts(heard: Heard[ScannerEvent], count: int) -> list[str]:
    found = heard.until(lambda event: isinstance(event, TextScanned), count)
    return [event.text for event in found if isinstance(event, TextScanned)]


def test_lines_arrive_whole_however_they_are_cut(scanner: Scanner, listen: Listen) -> None:
    heard = listen(scanner.port, silence=0)
    heard.until(lambda event: isinstance(event, ScannerAppeared))
    for piece in (b"86596", b"10123456\r", b"\n2600215704919\r\n10001", b"001\n"):
        scanner.send(piece)
        time.sleep(0.03)
    assert texts(heard, 3) == ["8659610123456", "2600215704919", "10001001"]


def test_a_scanner_without_line_ending_is_heard_once_it_falls_silent(
    scanner: Scanner, listen: Listen
) -> None:
    heard = listen(scanner.port)
    heard.until(lambda event: isinstance(event, ScannerAppeared))
    scanner.send(b"8659610123456")
    assert texts(heard, 1) == ["8659610123456"]


def test_case_07_a_scan_that_stalls_on_a_port_is_one(scanner: Scanner, listen: Listen) -> None:
    heard = listen(scanner.port, silence=SerialScannerSettings().silence)
    heard.until(lambda event: isinstance(event, ScannerAppeared))
    scanner.send(b"8659610")
    time.sleep(0.4)  # as a radio link does; a busy machine may stretch it to the limit of 1.1
    scanner.send(b"904217\r")
    assert texts(heard, 1) == ["8659610904217"]


def test_case_07_a_part_without_the_ending_that_the_port_sends_is_never_told(
    scanner: Scanner, listen: Listen
) -> None:
    heard = listen(scanner.port)
    heard.until(lambda event: isinstance(event, ScannerAppeared))
    scanner.send(b"8659610904217\r")
    texts(heard, 1)
    scanner.send(b"8659610")
    heard.until(lambda event: isinstance(event, ScanTorn))
    scanner.send(b"2600215704919\r")
    assert texts(heard, 2) == ["8659610904217", "2600215704919"]


def test_ending_and_prefix_are_the_settings(scanner: Scanner, listen: Listen) -> None:
    heard = listen(scanner.port, ending=b"\x03", prefix="\x02SN", silence=0)
    heard.until(lambda event: isinstance(event, ScannerAppeared))
    scanner.send(b"\x02SN8659610123456\x03")
    assert texts(heard, 1) == ["8659610123456"]


def test_a_scanner_that_vanishes_is_taken_up_again(scanner: Scanner, listen: Listen) -> None:
    heard = listen(scanner.port)
    for times in (1, 2, 3):
        heard.until(lambda event: isinstance(event, ScannerAppeared), times)
        scanner.send(b"123456%d\r" % times)
        texts(heard, times)
        scanner.unplug()
        heard.until(lambda event: isinstance(event, ScannerGone), times)
        scanner.plug()
    assert texts(heard, 3) == ["1234561", "1234562", "1234563"]
    assert heard.of(ScannerTrouble) == []


def test_a_port_that_another_program_has_is_told_once(scanner: Scanner, listen: Listen) -> None:
    first = listen(scanner.port)
    first.until(lambda event: isinstance(event, ScannerAppeared))
    second = listen(scanner.port)
    (trouble,) = second.until(lambda event: isinstance(event, ScannerTrouble))
    assert isinstance(trouble, ScannerTrouble)
    assert trouble.why is PortTrouble.BUSY
    time.sleep(0.3)
    assert len(second.events) == 1


def test_a_port_that_is_not_there_is_waited_for_in_silence(tmp_path: Path, listen: Listen) -> None:
    heard = listen(str(tmp_path / "later"))
    time.sleep(0.3)
    assert heard.events == []
    late = Scanner(tmp_path / "later")
    heard.until(lambda event: isinstance(event, ScannerAppeared))
    late.unplug()
    heard.until(lambda event: isinstance(event, ScannerGone))


def test_what_is_no_serial_port_is_told_as_such(tmp_path: Path, listen: Listen) -> None:
    (tmp_path / "file").touch()
    heard = listen(str(tmp_path / "file"))
    (trouble,) = heard.until(lambda event: isinstance(event, ScannerTrouble))
    assert isinstance(trouble, ScannerTrouble)
    assert trouble.why is PortTrouble.FAILING


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="baud"):
        SerialScannerSettings(baud=0)
    with pytest.raises(ValueError, match="seconds"):
        SerialScannerSettings(silence=-1.0)
    with pytest.raises(ValueError, match="seconds"):
        SerialScannerSettings(poll=0.0)
