"""Readers and serial ports as `doctor` looks at them: what they need, and who may use it.

Nothing is opened that another program may hold: no card, no port.
"""

import ctypes
import importlib
import os
import sys
from collections.abc import Callable
from typing import Final

from app.core.checkup import Check, Finding, Rows, Told, Verdict
from app.core.reading import Missing
from app.readers.serial_port import SerialScannerSettings
from app.readers.winscard import PcscError, Unusable, Winscard, load

_MISSING: Final = {
    Missing.PYSCARD: Told.READERS_PACKAGE,
    Missing.LIBRARY: Told.READERS_LIBRARY,
    Missing.SERVICE: Told.READERS_SERVICE,
}


def look_at_readers(loaded: Callable[[], Winscard] = load) -> Finding:
    """Ask the system's service which card readers there are."""
    check = Check.CARD_READERS
    rows: Rows
    try:
        names = _names(loaded())
    except Unusable as missing:
        rows = (("Problem", missing.why.value), ("Detail", missing.detail))
        return Finding(check, Verdict.WARNING, _MISSING[missing.why], rows=rows)
    except PcscError as error:
        rows = (("Problem", str(error)),)
        return Finding(check, Verdict.WARNING, Told.READERS_SERVICE, rows=rows)
    if not names:
        return Finding(check, Verdict.WARNING, Told.READERS_NONE)
    rows = tuple(("Reader", name) for name in names)
    return Finding(check, Verdict.OK, Told.READERS_FOUND, {"count": len(names)}, rows)


def _names(winscard: Winscard) -> list[str]:
    context = winscard.establish()
    try:
        return winscard.readers(context)
    finally:
        winscard.release(context)


def look_at_ports(settings: SerialScannerSettings) -> Finding:
    """List the ports that the station would listen to, and whether this user may open them."""
    check = Check.SERIAL_PORTS
    rows: Rows
    try:
        listed = importlib.import_module("serial.tools.list_ports").comports()
    except ImportError as error:
        rows = (("Detail", str(error)),)
        return Finding(check, Verdict.WARNING, Told.PORTS_PACKAGE, rows=rows)
    ours = [each.device for each in listed if each.vid in settings.vendors]
    wanted = tuple(dict.fromkeys((*settings.ports, *ours)))
    rows = tuple(("Port", f"{name}: {_state(name)}") for name in wanted)
    if any(_state(name) == _FORBIDDEN for name in wanted):
        return Finding(check, Verdict.WARNING, Told.PORTS_FORBIDDEN, rows=rows)
    if not any(_state(name) == _USABLE for name in wanted):
        return Finding(check, Verdict.OK, Told.PORTS_NONE, rows=rows)
    return Finding(check, Verdict.OK, Told.PORTS_FOUND, {"count": len(wanted)}, rows)


_USABLE, _FORBIDDEN, _ABSENT = "usable", "not permitted", "not connected"


def _state(name: str) -> str:
    """How a port stands; on Windows only opening it would tell whether this user may."""
    if sys.platform == "win32":
        return _USABLE if _is_device(name) else _ABSENT
    if not os.path.exists(name):  # noqa: PTH110 - the name of a device, not a path of ours
        return _ABSENT
    return _USABLE if os.access(name, os.R_OK | os.W_OK) else _FORBIDDEN


if sys.platform == "win32":

    def _is_device(name: str) -> bool:
        """Tell whether Windows knows a device by this name, or by a device path that ends in it.

        Source: Microsoft Learn, "QueryDosDeviceW".
        """
        target = ctypes.create_unicode_buffer(1_024)
        query = ctypes.WinDLL("kernel32").QueryDosDeviceW
        return bool(query(name.removeprefix("\\\\.\\"), target, len(target)))
