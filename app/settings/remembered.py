"""Which of several tenants was chosen last, remembered from one start to the next.

It is a convenience and no configuration: nobody writes it by hand, and whatever is wrong with the
file, the first tenant is meant.
"""

import contextlib
import json
import logging
import os
from pathlib import Path
from typing import Final

from app.settings.lookup import PROFILE_NAME

_LOG = logging.getLogger("oathdesk.settings")

_LARGEST: Final = 1_000
"""Bytes that are read; there are some thirty."""

_KEY: Final = "tenant"


def last_choice(file: Path) -> str:
    """Return the key of the tenant that was chosen last, "" where that is not known."""
    try:
        with file.open("rb") as stream:
            said = json.loads(stream.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return ""
    key = said.get(_KEY) if isinstance(said, dict) else None
    return key if isinstance(key, str) and PROFILE_NAME.fullmatch(key) else ""


def remember_choice(file: Path, key: str) -> None:
    """Remember `key`; where that cannot be written, the next start simply does not know it."""
    made = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made.write_text(json.dumps({_KEY: key}), encoding="utf-8")
        made.replace(file)
    except OSError as error:
        _LOG.info("the choice of a tenant is not remembered: %s", error.strerror)
        with contextlib.suppress(OSError):
            made.unlink()
