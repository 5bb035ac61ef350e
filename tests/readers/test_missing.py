"""What a machine lacks for card readers is told by its name, and everything else goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readers.daemon import what_is_missing
from tests.support.patience import HANG_SECONDS

ROOT = Path(__file__).resolve().parents[2]
WATCH = """
import json, sys, threading
from app.clock import SystemClock
{before}
from app.readers import PcscReader, SerialPortScanner, SerialScannerSettings
assert "smartcard" not in sys.modules
told, first = [], threading.Event()
def tell(event):
    told.append(event)
    first.set()
reader = {reader}
reader.start(tell)
assert first.wait(60)
reader.stop()
print(json.dumps([type(told[0]).__name__, told[0].why.name]))
"""
READER = "PcscReader(SystemClock())"
SCANNER = "SerialPortScanner(SerialScannerSettings(vendors=frozenset()))"


def told_first(reader: str, before: str = "", *wrapped: str, **environ: str) -> list[str]:
    """What a fresh process is told first, and why."""
    script = WATCH.format(before=before, reader=reader)
    done = subprocess.run(
        [*wrapped, sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def test_without_pyscard_it_is_pyscard_that_is_missing() -> None:
    block = "sys.modules['smartcard.scard'] = None"
    assert told_first(READER, block) == ["ServiceMissing", "PYSCARD"]


def test_without_pyserial_it_is_pyserial_that_is_missing() -> None:
    block = "sys.modules['serial'] = None"
    assert told_first(SCANNER, block) == ["ScannerTrouble", "PYSERIAL"]


@pytest.mark.skipif(
    os.name == "nt", reason="Windows has its card service at one place, which no variable moves"
)
def test_without_a_service_it_is_the_service_that_is_missing(tmp_path: Path) -> None:
    pytest.importorskip("smartcard.scard", reason="needs pyscard: pip install oathdesk[readers]")
    nowhere = str(tmp_path / "pcscd.comm")
    assert told_first(READER, PCSCLITE_CSOCK_NAME=nowhere) == ["ServiceMissing", "SERVICE"]


def test_without_the_library_it_is_the_library_that_is_missing() -> None:
    why = what_is_missing()
    if why is not None:
        pytest.skip(why)
    hide = "for each in $(ldconfig -p | sed -n 's/.*libpcsclite.so.1 .*=> //p'); do "
    hide += 'mount --bind /dev/null "$each"; done; exec "$@"'
    wrapped = ("unshare", "--mount", "--", "sh", "-c", hide, "sh")
    assert told_first(READER, "", *wrapped) == ["ServiceMissing", "LIBRARY"]
