"""An outside judge: Yubico's own program reads the emulated YubiKey, and reads what we read.

It says whether the emulation is true to the key, and so whether the tests with it prove anything.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.reading import CardRead, Family, ReaderEvent, TokenReading
from app.readers.pcsc import PcscReader
from tests.fakes.clock import FakeClock
from tests.readers import cards
from tests.readers.conftest import Serve
from tests.readers.heard import Heard
from tests.support.patience import HANG_SECONDS

YUBICO = "Yubico YubiKey OTP+FIDO+CCID"
START = "from ykman._cli.__main__ import main; main()"

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ykman") is None,
    reason="needs yubikey-manager: python3 packaging/bootstrap.py test installs it",
)


def ykman(home: Path, *arguments: str) -> str:
    """What the program says; it keeps its settings in `home`."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", START, *arguments],
        env={**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ykman_reads_the_serial_that_we_read(serve: Serve, tmp_path: Path) -> None:
    service = serve([YUBICO])
    service.slot().insert(cards.yubikey(12345678))
    heard: Heard[ReaderEvent] = Heard()
    reader = PcscReader(FakeClock())
    reader.start(heard)
    (read,) = heard.until(lambda event: isinstance(event, CardRead))
    reader.stop()
    assert isinstance(read, CardRead)
    assert read.reading == TokenReading(Family.YUBIKEY, "YubiKey 5.7.1 USB-A", "12345678")
    assert ykman(tmp_path, "list", "--serials").split() == ["12345678"]
    told = ykman(tmp_path, "--device", "12345678", "info")
    assert "Serial number: 12345678" in told
    assert "Firmware version: 5.7.1" in told
