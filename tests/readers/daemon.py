"""A PC/SC service of a test's own: the real pcscd with virtual readers, seen by nobody else.

Debian's pcscd has one fixed place for its socket. It runs in a mount namespace in which that place
is a folder of the test, and the client is sent to the same folder by PCSCLITE_CSOCK_NAME. The
library reads that name once in a process, so all services of a test run take turns in one folder.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.readers.vpcd import VirtualSlot
from tests.support.patience import HANG_SECONDS

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SOCKET_NAME = "PCSCLITE_CSOCK_NAME"
PORTS = range(10_000, 32_000, 2)
ISOLATED = (
    'mount -t tmpfs tmpfs /run && mkdir /run/pcscd && mount --bind "$1" /run/pcscd '
    '&& exec pcscd --foreground --config "$2"'
)


def what_is_missing() -> str | None:
    """Why no virtual reader can be had here, and how to get it; None where one can."""
    if sys.platform == "win32":
        return "uses readers of pcscd; Windows has a service of its own (test_windows_cards.py)"
    if importlib.util.find_spec("smartcard") is None:
        return "needs pyscard: pip install oathdesk[readers] (python3 packaging/bootstrap.py test)"
    if shutil.which("pcscd") is None or not DRIVER.exists():
        return "needs virtual readers: apt-get install pcscd libpcsclite1 vsmartcard-vpcd"
    mount = _namespace("mount", "-t", "tmpfs", "tmpfs", "/run")
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        return "needs mounts of its own: run as root (in a container with CAP_SYS_ADMIN)"
    return None


@dataclass(frozen=True, slots=True)
class Entry:
    """A virtual reader with two slots, as it stands in the service's configuration."""

    name: str
    port: int

    def text(self, driver: Path) -> str:
        return (
            f'FRIENDLYNAME "{self.name}"\nDEVICENAME /dev/null:0x{self.port:04X}\n'
            f"LIBPATH {driver}\nCHANNELID 0x{self.port:04X}\n"
        )


class Pcscd:
    """The service with a reader of each of `names`, which all differ; each has slots 0 and 1."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.run_folder = folder / "run"
        self._config = folder / "readers"
        self._log = folder / "pcscd.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._slots: dict[int, VirtualSlot] = {}
        shutil.rmtree(self._config, ignore_errors=True)
        self.run_folder.mkdir(parents=True, exist_ok=True)
        self._config.mkdir()
        self._entries = [
            Entry(name, port) for name, port in zip(names, free_pairs(len(names)), strict=True)
        ]
        for number, entry in enumerate(self._entries):
            self._write(number, entry)

    def reader(self, number: int = 0, slot: int = 0) -> str:
        """The name that the service gives a slot."""
        return f"{self._entries[number].name} 00 {slot:02X}"

    def slot(self, number: int = 0, slot: int = 0) -> VirtualSlot:
        port = self._entries[number].port + slot
        return self._slots.setdefault(port, VirtualSlot(port))

    def start(self) -> None:
        self._clear()
        with self._log.open("ab") as log:
            script = ("sh", "-c", ISOLATED, "pcscd", str(self.run_folder), str(self._config))
            self._process = subprocess.Popen(_namespace(*script), stdout=log, stderr=log)
        self._until_it_answers()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the service, with SIGKILL as a crash would; the cards lie there no more."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(HANG_SECONDS)
        for slot in self._slots.values():
            slot.remove()
        self._clear()

    def _write(self, number: int, entry: Entry) -> None:
        driver = self.run_folder.parent / f"reader{number}.so"
        if not driver.exists():
            shutil.copy(DRIVER.resolve(), driver)
        (self._config / f"{number}.conf").write_text(entry.text(driver), encoding="ascii")

    def _until_it_answers(self) -> None:
        deadline = time.monotonic() + HANG_SECONDS
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, self._log.read_text(errors="replace")
            with socket.socket(socket.AF_UNIX) as link:
                if link.connect_ex(str(self.run_folder / "pcscd.comm")) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"pcscd does not answer: {self._log.read_text(errors='replace')}")

    def _clear(self) -> None:
        for left in self.run_folder.glob("pcscd.*"):
            left.unlink()


def free_pairs(count: int) -> list[int]:
    """Ports of which each is free and the next one too: vpcd takes both.

    They lie below those that the system gives to connections, so that a service that is started
    again finds its own free; and runs side by side begin far from each other.
    """
    first = os.getpid() * 34 % len(PORTS)
    found: list[int] = []
    for port in (*PORTS[first:], *PORTS[:first]):
        if len(found) == count:
            break
        if _is_free(port) and _is_free(port + 1):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("", port))
        except OSError:
            return False
    return True


def _namespace(*command: str) -> list[str]:
    root = () if os.geteuid() == 0 else ("--map-root-user",)
    return ["unshare", *root, "--mount", "--", *command]
