"""This machine: whether its folders can be written, and what the program is made of."""

import platform
import shutil
import ssl
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from app import __version__
from app.core.checkup import Check, Finding, Told, Verdict

ROOM: Final = 100 * 1024 * 1024
"""Bytes: with fewer left, a folder is nearly full. The record of ten years has about as many."""

_PROBE: Final = b"\0" * 65536
_PARTS: Final = (
    "PySide6-Essentials",
    "httpx",
    "msal",
    "requests",
    "cryptography",
    "pyscard",
    "pyserial",
    "SecretStorage",
    "keyring",
)


def look_at_program() -> Finding:
    """Name the versions of everything that support asks for."""
    rows = [
        ("Oathdesk", __version__),
        ("Python", platform.python_version()),
        ("System", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("OpenSSL", ssl.OPENSSL_VERSION),
        *((name, _version(name)) for name in _PARTS),
    ]
    shown = tuple((label, value) for label, value in rows if value)
    facts = {"version": __version__, "python": ".".join(map(str, sys.version_info[:3]))}
    return Finding(Check.PROGRAM, Verdict.OK, Told.VERSIONS, facts, shown)


def look_at_folder(check: Check, folder: Path) -> Finding:
    """Write a file without a name into `folder`, which goes away by itself, and ask for room.

    A folder that is not there yet will be made; then what is above it counts.
    """
    facts: dict[str, object] = {"folder": str(folder)}
    place = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(_PROBE)
            file.flush()
        free = shutil.disk_usage(place).free
    except OSError as error:
        rows = (("Folder", str(folder)), ("Error", error.strerror or type(error).__name__))
        return Finding(check, Verdict.FAILURE, Told.FOLDER_UNWRITABLE, facts, rows)
    facts["free"] = round(free / 1024**2)
    rows = (("Folder", str(folder)), ("Free", f"{free / 1024**2:.0f} MiB"))
    if free < ROOM:
        return Finding(check, Verdict.WARNING, Told.FOLDER_FULL, facts, rows)
    return Finding(check, Verdict.OK, Told.FOLDER_WRITABLE, facts, rows)


def _existing(folder: Path) -> Path:
    """Return `folder`, or the nearest one above that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
