"""Files that are written whole or not at all, and for their owner alone, on every system.

POSIX has modes: 0600 for a file, 0700 for a folder. Windows ignores them and has access lists.
There a private file gets a protected list of three entries, its owner, the system and the
administrators of the machine, which is what Windows gives to a user's profile; the files that are
made in a private folder inherit it. That Windows keeps others out by it was not tried: only that
the list is the one asked for (tests/test_files.py).

Sources: Microsoft Learn, "Security Descriptor Definition Language", "SID Strings" and
"SetFileSecurityW". OWNER RIGHTS (OW) stands for the owner of the file.
"""

import os
import re
import shlex
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

PRIVATE_FILE = "D:P(A;;FA;;;OW)(A;;FA;;;SY)(A;;FA;;;BA)"
PRIVATE_FOLDER = "D:P(A;OICI;FA;;;OW)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
"""What `make_private` asks Windows for, in its security descriptor definition language."""

_ROOT = 0
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ENTRY = re.compile(r"\((?P<kind>[^;)]*);[^;)]*;[^;)]*;[^;)]*;[^;)]*;(?P<who>[^;)]*)[^)]*\)")
_ALLOWS = frozenset({"A", "XA", "OA", "ZA"})
_TRUSTED = frozenset({"OW", "SY", "BA", "CO"})
"""The owner, the system, administrators, and the creator whom an inherited entry stands for."""

_LONG_FORM = re.compile(r"^[\\/]{2}[?.][\\/](?:(?P<share>UNC)[\\/]|(?=[A-Z]:))", re.IGNORECASE)
r"""The beginning of a path that Windows takes as it is, such as \\?\C:\Users\Dana."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Why a file is not for its owner alone, and the command that mends it."""

    why: str
    mend: str


def make_private(path: Path) -> None:
    """Let `path`, a file or a folder that is there, be read and written by its owner alone.

    Raises OSError.
    """
    if sys.platform == "win32":
        _set_descriptor(path, PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)
    else:
        path.chmod(0o700 if path.is_dir() else 0o600)


def private_folder(path: Path) -> None:
    """Make the folder `path` with those above it, for its owner alone, where it is not there yet.

    One that is there stays as it is: who may enter it was somebody's decision. Raises OSError.
    """
    if path.is_dir():
        return
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform == "win32":
        make_private(path)


def exposure(path: Path, opened: os.stat_result) -> Exposure | None:
    """Return why others than the owner can get at the open file `path`, or None where none can.

    On POSIX the open file itself is judged by `opened`, so that nothing can be swapped in between.
    Raises OSError.
    """
    if sys.platform == "win32":
        return exposed_by(_descriptor(path), path)
    name = shlex.quote(str(path))
    if opened.st_uid not in {_ROOT, os.geteuid()}:
        return Exposure("it belongs to another user", f"chown {os.geteuid()} {name}")
    if stat.S_IMODE(opened.st_mode) & _OTHERS:
        mode = f"{stat.S_IMODE(opened.st_mode):04o}"
        return Exposure(f"others can get at it (mode {mode})", f"chmod 600 {name}")
    return None


def exposed_by(descriptor: str, path: Path) -> Exposure | None:
    """Return whom else a security descriptor (in SDDL) lets get at `path`, or None.

    The descriptor names the owner and the access list. No list at all lets everybody in.
    """
    owner, _, rest = descriptor.partition("D:")
    owner = re.split(r"(?=[OG]:)", owner.removeprefix("O:"))[0]
    entries = list(_ENTRY.finditer(rest))
    let_in = {each["who"] for each in entries if each["kind"] in _ALLOWS}
    others = sorted(let_in - _TRUSTED - {owner})
    if entries and not others:
        return None
    mend = f'icacls "{path}" /inheritance:r /grant:r "%USERNAME%:F" "*S-1-5-18:F"'
    return Exposure(f"others can get at it ({', '.join(others) or 'everybody'})", mend)


@contextmanager
def whole_file(path: Path, encoding: str, *, errors: str = "strict") -> Iterator[TextIO]:
    """Write a private file that has its name only once it is whole and on the disk.

    Line ends are written as they are given. A body that raises leaves what stood at `path` before,
    and nothing beside it. Raises OSError.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)
        make_private(part)
        with part.open("w", encoding=encoding, errors=errors, newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):  # a disk that refuses this too was told of already
            part.unlink(missing_ok=True)


def short_form(path: str) -> str:
    r"""Return a path of Windows as people write it: C:\Users for \\?\C:\Users, a share for its UNC.

    Source: Microsoft Learn, "Naming Files, Paths, and Namespaces". Paths to something else than a
    drive or a share, such as \\?\Volume{...}, stay as they are.
    """
    return _LONG_FORM.sub(lambda found: "\\\\" if found["share"] else "", path, count=1)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable. Windows does so by itself and has no such call.

    Raises OSError.
    """
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _REVISION = 1
    _OWNER, _LIST, _PROTECTED_LIST = 0x1, 0x4, 0x80000000
    _advapi = ctypes.WinDLL("advapi32", use_last_error=True)
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.LocalFree.argtypes = [ctypes.c_void_p]

    def _set_descriptor(path: Path, text: str) -> None:
        made = ctypes.c_void_p()
        _check(
            _advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                wintypes.LPCWSTR(text), wintypes.DWORD(_REVISION), ctypes.byref(made), None
            )
        )
        try:
            what = wintypes.DWORD(_LIST | _PROTECTED_LIST)
            _check(_advapi.SetFileSecurityW(wintypes.LPCWSTR(str(path)), what, made))
        finally:
            _kernel.LocalFree(made)

    def _descriptor(path: Path) -> str:
        what = wintypes.DWORD(_OWNER | _LIST)
        name, needed = wintypes.LPCWSTR(str(path)), wintypes.DWORD()
        _advapi.GetFileSecurityW(name, what, None, 0, ctypes.byref(needed))
        found = ctypes.create_string_buffer(needed.value)
        _check(_advapi.GetFileSecurityW(name, what, found, needed, ctypes.byref(needed)))
        text = wintypes.LPWSTR()
        _check(
            _advapi.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                found, wintypes.DWORD(_REVISION), what, ctypes.byref(text), None
            )
        )
        try:
            return text.value or ""
        finally:
            _kernel.LocalFree(text)

    def _check(done: int) -> None:
        if not done:
            raise ctypes.WinError(ctypes.get_last_error())
