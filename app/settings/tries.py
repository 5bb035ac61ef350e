"""The count of a PIN's tries, in a small file of its own beside the record."""

import json
import logging
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from app.core.tries import DAMAGED, Tries, Uptime

_LATEST = 1e12
"""Seconds since 1970 that no clock of a day has told."""

_LOG = logging.getLogger("oathdesk.settings")


class TriesFile:
    """Fulfils station.gate.TriesStore. What cannot be read counts as several tries, just now."""

    def __init__(self, file: Path, uptime: Callable[[], Uptime]) -> None:
        """Count in `file`, which need not be there yet; `uptime` dates a count that is lost."""
        self._file = file
        self._uptime = uptime

    def read(self) -> Tries:
        """Return what was counted."""
        try:
            found = json.loads(self._file.read_text("utf-8"))
            return Tries(int(found["failed"]), _last(found))
        except FileNotFoundError:
            return Tries()
        except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
            return self._lost(error)

    def write(self, tries: Tries) -> bool:
        """Count, durably and never by halves; tell whether it is on the disk."""
        beside = self._file.with_suffix(".new")
        last = tries.last
        told = {"failed": tries.failed, "boot": last.boot, "seconds_since_boot": last.seconds}
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with beside.open("w", encoding="utf-8") as file:
                json.dump(told, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._file)
        except OSError as error:
            _LOG.warning("a try of the PIN cannot be counted: %s", error)
            return False
        return True

    def _lost(self, error: Exception) -> Tries:
        """Begin anew with a wait, and write that down: the wait must not begin at each look."""
        _LOG.warning("the count of PIN tries cannot be read: %s", type(error).__name__)
        tries = Tries(DAMAGED, self._uptime())
        self.write(tries)
        return tries


def _last(found: Mapping[str, object]) -> Uptime:
    """Return the last time, which a file of the version before told by the clock of the day.

    That says nothing of this start of the machine, so its wait begins with the start. Raises
    KeyError and ValueError.
    """
    last = found.get("last")
    if isinstance(last, int | float) and abs(last) < _LATEST:
        return Uptime(math.inf)
    boot, seconds = found["boot"], found["seconds_since_boot"]
    if not isinstance(boot, str) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise ValueError("not a time since a start")
    return Uptime(float(seconds), boot)
