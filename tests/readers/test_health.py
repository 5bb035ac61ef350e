"""Readers and ports are listed without being opened; what is missing is named."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.checkup import Told, Verdict
from app.core.reading import Missing
from app.readers.health import look_at_ports, look_at_readers
from app.readers.serial_port import SerialScannerSettings
from app.readers.winscard import Unusable, Winscard
from tests.readers.scard import Scard


def without(why: Missing) -> Callable[[], Winscard]:
    def load() -> Winscard:
        raise Unusable(why, "no such thing")

    return load


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (Missing.PYSCARD, Told.READERS_PACKAGE),
        (Missing.LIBRARY, Told.READERS_LIBRARY),
        (Missing.SERVICE, Told.READERS_SERVICE),
    ],
)
def test_what_is_missing_for_cards_is_a_warning_by_its_name(why: Missing, told: Told) -> None:
    finding = look_at_readers(without(why))
    assert (finding.verdict, finding.told) == (Verdict.WARNING, told)
    assert ("Detail", "no such thing") in finding.rows


def test_readers_are_counted_and_named() -> None:
    service = Scard()
    service.plug("ACR122U 0")
    service.plug("Twin 1")
    finding = look_at_readers(service.winscard)
    assert (finding.verdict, finding.told) == (Verdict.OK, Told.READERS_FOUND)
    assert finding.rows == (("Reader", "ACR122U 0"), ("Reader", "Twin 1"))


def test_no_reader_and_no_service_are_told_apart() -> None:
    assert look_at_readers(Scard().winscard).told is Told.READERS_NONE
    assert look_at_readers(Scard(runs=False).winscard).told is Told.READERS_SERVICE


# Serial ports -----------------------------------------------------------------------------------


@pytest.fixture
def port() -> Iterator[str]:
    """A device that is there: a pseudo terminal, which counts as a serial port; Windows' NUL."""
    if sys.platform == "win32":
        yield "NUL"
        return
    near, far = os.openpty()
    yield os.ttyname(far)
    os.close(near)
    os.close(far)


def of(*ports: str) -> SerialScannerSettings:
    return SerialScannerSettings(ports, vendors=frozenset())


def test_a_port_that_can_be_used_is_counted(port: str) -> None:
    finding = look_at_ports(of(port))
    assert (finding.verdict, finding.told) == (Verdict.OK, Told.PORTS_FOUND)
    assert finding.rows == (("Port", f"{port}: usable"),)


def test_a_port_that_is_not_connected_is_no_fault(tmp_path: Path) -> None:
    assert look_at_ports(of()).told is Told.PORTS_NONE
    finding = look_at_ports(of(str(tmp_path / "ttyACM0")))
    assert (finding.verdict, finding.told) == (Verdict.OK, Told.PORTS_NONE)
    assert finding.rows[0][1].endswith("not connected")


def test_a_port_that_this_user_may_not_open_is_a_warning(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has access lists for ports, and only opening one tells")
    if os.geteuid() == 0:
        pytest.skip("needs a user whom a mode stops: run the tests as one, not as root")
    closed = tmp_path / "ttyACM0"
    closed.touch(mode=0)
    finding = look_at_ports(of(str(closed)))
    assert (finding.verdict, finding.told) == (Verdict.WARNING, Told.PORTS_FORBIDDEN)
