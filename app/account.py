"""Who runs this program, as the operating system knows them: no variable can say otherwise."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_LOGIN_UID: Final = Path("/proc/self/loginuid")
_UNSET: Final = "4294967295"
_NAME_SAM_COMPATIBLE: Final = 2
_LONGEST: Final = 1_024


def account() -> str:
    """Return the account by its number and name, such as "uid 1000 (ada)".

    On Linux the account that signed in at the beginning of the session stands beside it where it is
    another one, as after sudo (pam_loginuid(8)). On Windows it is the domain and the name.
    """
    if sys.platform == "win32":
        return _of_windows()
    told = _named(os.getuid())
    signed_in = _signed_in()
    return told if signed_in in (None, os.getuid()) else f"{told}, signed in as {_named(signed_in)}"


def home() -> Path | None:
    """Return the account's home folder by the system's list of accounts; None on Windows."""
    if sys.platform == "win32":
        return None
    import pwd  # noqa: PLC0415 - which Windows has not

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return None


def known_folder(identifier: str) -> Path:
    """Return a folder of Windows by its KNOWNFOLDERID, such as "{F1B32785-...}".

    Source: SHGetKnownFolderPath (learn.microsoft.com, shlobj_core.h), which reads no variables.
    Raises OSError where Windows has no such folder, and on other systems.
    """
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows alone
        from uuid import UUID  # noqa: PLC0415 - the same

        wanted = (ctypes.c_byte * 16).from_buffer_copy(UUID(identifier).bytes_le)
        found = ctypes.c_wchar_p()
        shell, memory = ctypes.WinDLL("shell32"), ctypes.WinDLL("ole32")
        code = shell.SHGetKnownFolderPath(ctypes.byref(wanted), 0, None, ctypes.byref(found))
        path = found.value
        memory.CoTaskMemFree(found)
        if code == 0 and path:
            return Path(path)
    raise OSError(f"there is no folder {identifier}")


def _named(uid: int | None) -> str:
    if sys.platform == "win32" or uid is None:
        return ""
    import pwd  # noqa: PLC0415 - which Windows has not

    with suppress(KeyError):
        return f"uid {uid} ({pwd.getpwuid(uid).pw_name})"
    return f"uid {uid}"


def _signed_in() -> int | None:
    with suppress(OSError, ValueError):
        found = _LOGIN_UID.read_text(encoding="ascii").strip()
        return None if found == _UNSET else int(found)
    return None


def _of_windows() -> str:
    """Return the account by GetUserNameExW (learn.microsoft.com, secext.h)."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows alone

        name = ctypes.create_unicode_buffer(_LONGEST)
        length = ctypes.c_ulong(_LONGEST)
        ask = ctypes.WinDLL("secur32").GetUserNameExW
        if ask(_NAME_SAM_COMPATIBLE, name, ctypes.byref(length)):
            return name.value
    return "unknown"
