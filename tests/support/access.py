"""Whether a file is for its owner alone: by its mode, or by its access list on Windows."""

import ctypes
import sys
from pathlib import Path

from app import files
from app.files import exposure, make_private


def is_private(path: Path) -> bool:
    """Whether nobody but the owner (and the system's own accounts) can get at `path`."""
    return exposure(path, path.stat()) is None


def close_to_others(path: Path) -> None:
    """Let the owner alone get at `path`."""
    make_private(path)


def open_to_others(path: Path) -> None:
    """Let everybody read `path`."""
    if sys.platform == "win32":
        files._set_descriptor(path, "D:P(A;;FA;;;OW)(A;;FR;;;WD)")
    else:
        path.chmod(0o644)


WINE_TRUSTS = "Wine takes a chain whose root is missing, and Windows refuses it (CERT_E_CHAINING)"


def under_wine() -> bool:
    """Tell whether this Windows is Wine, which says so in its ntdll."""
    return sys.platform == "win32" and hasattr(ctypes.windll.ntdll, "wine_get_version")
