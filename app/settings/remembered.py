"""What is remembered from one start to the next: the tenant chosen last, and the window's place.

Both are conveniences and no configuration. Nobody writes them by hand; where a file is wrong or
missing, the first tenant is meant, and the window opens where windows open.
"""

import contextlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from app.core.window_place import WindowPlace
from app.settings.lookup import PROFILE_NAME

_LOG = logging.getLogger("oathdesk.settings")

_LARGEST: Final = 1_000
"""Bytes that are read; there are less than a hundred."""

_FARTHEST: Final = 100_000
"""Pixels from the origin of a desktop that are believed."""

_KEY: Final = "tenant"


def last_choice(file: Path) -> str:
    """Return the key of the tenant that was chosen last, "" where that is not known."""
    key = _said(file).get(_KEY)
    return key if isinstance(key, str) and PROFILE_NAME.fullmatch(key) else ""


def remember_choice(file: Path, key: str) -> None:
    """Remember `key`; where that cannot be written, the next start simply does not know it."""
    _remember(file, {_KEY: key})


@dataclass(frozen=True, slots=True)
class RememberedWindow:
    """The place of the window, in a file of the user."""

    file: Path

    def load(self) -> WindowPlace | None:
        """Return the place remembered last; None where it is not known or makes no sense."""
        said = _said(self.file)
        numbers = [said.get(name) for name in ("x", "y", "width", "height")]
        whole = [one for one in numbers if type(one) is int and abs(one) <= _FARTHEST]
        if len(whole) != len(numbers) or min(whole[2:]) <= 0:
            return None
        x, y, width, height = whole
        return WindowPlace(x, y, width, height, maximized=said.get("maximized") is True)

    def save(self, place: WindowPlace) -> None:
        """Remember `place`, where that can be written."""
        _remember(self.file, asdict(place))


def _said(file: Path) -> dict[str, object]:
    try:
        with file.open("rb") as stream:
            said = json.loads(stream.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _remember(file: Path, said: Mapping[str, object]) -> None:
    made = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made.write_text(json.dumps(said), encoding="utf-8")
        made.replace(file)
    except OSError as error:
        _LOG.info("%s is not written: %s", file.name, error.strerror)
        with contextlib.suppress(OSError):
            made.unlink()
