"""Whether a file is for its owner alone: by its mode, or by its access list on Windows."""

from pathlib import Path

from app.files import exposure


def is_private(path: Path) -> bool:
    """Whether nobody but the owner (and the system's own accounts) can get at `path`."""
    return exposure(path, path.stat()) is None
