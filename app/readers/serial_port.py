"""Scanners in serial-port mode (USB CDC): they send lines, and no window needs the focus for it.

One thread looks which ports there are; each open port has a thread of its own, which waits for
bytes and closes the port when it ends. A port that vanishes is looked for until it is back. Only
ports that were named, or whose USB vendor makes scanners, are opened: a modem is none of ours.
"""

from __future__ import annotations

import errno
import importlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from app.core.reading import (
    PortTrouble,
    ScannerAppeared,
    ScannerEvent,
    ScannerGone,
    ScannerTrouble,
    ScanTorn,
    TextScanned,
)
from app.readers.lines import LONGEST, Lines

SCANNER_VENDORS: Final = frozenset({0x0536, 0x05E0, 0x05F9, 0x065A, 0x0C2E, 0x1EAB})
"""Hand Held Products, Symbol (Zebra), Datalogic, Opticon, Honeywell, Newland (usb.ids)."""

_STOPPING: Final = 3.0
_LONGEST_WAIT: Final = 0.5
"""Seconds a port waits for a byte before it looks whether it is to end."""
_BAUD_RATES: Final = range(300, 4_000_001)
_BUSY: Final = frozenset({errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK})
_ABSENT: Final = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO})

try:
    import termios
except ImportError:  # Windows
    _FAILURES: tuple[type[Exception], ...] = (OSError,)
else:
    _FAILURES = (OSError, termios.error)  # which pyserial lets through, and which is no OSError

Told = Callable[[ScannerEvent], None]


@dataclass(frozen=True, slots=True)
class SerialScannerSettings:
    """Which ports are scanners, and how they talk: 8 data bits, no parity, one stop bit.

    `ports` are paths or names ("/dev/ttyACM0", "COM4"), taken besides those of `vendors` (USB
    vendor numbers). `baud` is 300 to 4,000,000 and means nothing to USB. `ending` divides lines;
    empty means CR, LF or both. `prefix` is taken off a line, and `separator` in it becomes GS (FNC1
    of a GS1 label). What is followed by `silence` seconds of nothing is a line too, unless this
    port was heard to send an ending: then it is a part of a scan, and asked for again. 0 means that
    silence ends nothing. `poll` is how often ports are looked for, in seconds. Raises ValueError
    for values out of range.
    """

    ports: tuple[str, ...] = ()
    vendors: frozenset[int] = SCANNER_VENDORS
    baud: int = 9600
    ending: bytes = b""
    prefix: str = ""
    separator: str = ""
    silence: float = 1.1
    poll: float = 2.0

    def __post_init__(self) -> None:
        if self.baud not in _BAUD_RATES:
            raise ValueError("a baud rate is 300 to 4,000,000")
        if self.silence < 0 or self.poll <= 0:
            raise ValueError("seconds are not negative")


class SerialPortScanner:
    """Fulfils core.ports.LineScanner."""

    def __init__(self, settings: SerialScannerSettings) -> None:
        self._settings = settings
        self._search: _Search | None = None

    def start(self, told: Told) -> None:
        """Begin to listen. Raises RuntimeError where it has begun already."""
        if self._search is not None:
            raise RuntimeError("the ports are listened to already")
        self._search = _Search(self._settings, told)
        self._search.start()

    def stop(self) -> None:
        search, self._search = self._search, None
        if search is not None:
            search.stop()


class _Search(threading.Thread):
    """Looks for ports, opens them, and forgets those that have ended."""

    def __init__(self, settings: SerialScannerSettings, told: Told) -> None:
        super().__init__(name="scanners", daemon=True)
        self._settings = settings
        self._told = told
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._ports: dict[str, _Port] = {}
        self._troubles: dict[str, PortTrouble] = {}

    def stop(self) -> None:
        self._ending.set()
        self.join(_STOPPING)

    def run(self) -> None:
        while not self._ending.is_set():
            try:
                self._look(importlib.import_module("serial"))
            except ImportError as error:
                self._trouble("", PortTrouble.PYSERIAL, str(error))
            self._ending.wait(self._settings.poll)
        for port in self._ports.values():
            port.join(_STOPPING)

    def _look(self, serial: Any) -> None:
        self._ports = {name: port for name, port in self._ports.items() if port.is_alive()}
        wanted = self._wanted()
        for name in set(self._troubles) - set(wanted):
            del self._troubles[name]
        for name, label in wanted.items():
            if name not in self._ports:
                self._open(serial, name, label)

    def _wanted(self) -> dict[str, str]:
        """The ports to listen to, with the names their makers gave them."""
        listed = importlib.import_module("serial.tools.list_ports").comports()
        found = {each.device: each.description or "" for each in listed}
        ours = (each.device for each in listed if each.vid in self._settings.vendors)
        return {name: found.get(name, "") for name in (*self._settings.ports, *ours)}

    def _open(self, serial: Any, name: str, label: str) -> None:
        try:
            device = serial.Serial(
                name,
                baudrate=self._settings.baud,
                timeout=min(self._settings.silence or _LONGEST_WAIT, _LONGEST_WAIT),
                exclusive=True if os.name == "posix" else None,
            )
        except _FAILURES as error:
            if not _is_absent(error):
                self._trouble(name, _why(error), str(error))
            return
        self._troubles.pop(name, None)
        self._tell(ScannerAppeared(name, label))
        port = _Port(name, device, self._settings, self._tell, self._ending)
        self._ports[name] = port
        port.start()

    def _trouble(self, port: str, why: PortTrouble, detail: str) -> None:
        if self._troubles.get(port) is not why:
            self._tell(ScannerTrouble(port, why, detail))
        self._troubles[port] = why

    def _tell(self, event: ScannerEvent) -> None:
        with self._lock:
            if not self._ending.is_set():
                self._told(event)


class _Port(threading.Thread):
    """One open port, read until it fails or listening ends; closed by nobody but this thread."""

    def __init__(
        self,
        name: str,
        device: Any,
        settings: SerialScannerSettings,
        told: Told,
        ending: threading.Event,
    ) -> None:
        super().__init__(name=f"scanner {name}", daemon=True)
        self._port = name
        self._device = device
        self._silence = settings.silence
        self._quiet = 0.0
        self._lines = Lines(settings.ending, settings.prefix, settings.separator)
        self._told = told
        self._stopping = ending

    def run(self) -> None:
        with self._device:
            try:
                while not self._stopping.is_set():
                    self._listen()
            except _FAILURES:
                self._told(ScannerGone(self._port))

    def _listen(self) -> None:
        """Wait for bytes, as long as the port's time limit; raises OSError once it is gone."""
        data = self._device.read(1)
        if data:
            self._quiet = 0.0
            data += self._device.read(min(self._device.in_waiting, LONGEST))
            self._say(self._lines.feed(data))
            return
        self._quiet += self._device.timeout
        if self._silence and self._quiet >= self._silence:
            self._fall_silent()

    def _fall_silent(self) -> None:
        """Take what came without an ending: a scan, or a part of one from a port that sends one."""
        self._quiet = 0.0
        rest = self._lines.flush()
        if rest and self._lines.ended:
            self._told(ScanTorn(self._port))
        else:
            self._say(rest)

    def _say(self, texts: list[str]) -> None:
        for text in texts:
            self._told(TextScanned(self._port, text))


def _is_absent(error: Exception) -> bool:
    """Whether there is no such port now, which is no trouble but a scanner not plugged in.

    On Windows pyserial passes the system's error on as text.
    """
    return _number(error) in _ABSENT or "FileNotFoundError" in str(error)


def _number(error: Exception) -> int | None:
    return error.errno if isinstance(error, OSError) else None


def _why(error: Exception) -> PortTrouble:
    """Windows says "access denied" of a port that another program has opened."""
    if _number(error) in _BUSY:
        return PortTrouble.BUSY
    if _number(error) in (errno.EACCES, errno.EPERM) or "PermissionError" in str(error):
        return PortTrouble.BUSY if os.name == "nt" else PortTrouble.FORBIDDEN
    return PortTrouble.FAILING
