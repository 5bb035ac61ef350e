"""The count of a PIN's tries, in a small file of its own beside the record."""

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from app.core.tries import DAMAGED, Tries

_LOG = logging.getLogger("oathdesk.settings")


class FileBook:
    """Fulfils station.gate.TriesBook. What cannot be read counts as several tries, just now."""

    def __init__(self, file: Path) -> None:
        """Count in `file`, which need not be there yet."""
        self._file = file

    def read(self) -> Tries:
        """Return what was counted."""
        try:
            found = json.loads(self._file.read_text("utf-8"))
            return Tries(int(found["failed"]), datetime.fromtimestamp(found["last"], UTC))
        except FileNotFoundError:
            return Tries()
        except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
            return self._lost(error)

    def write(self, tries: Tries) -> bool:
        """Count, durably and never by halves; tell whether it is on the disk."""
        beside = self._file.with_suffix(".new")
        told = {"failed": tries.failed, "last": tries.last.timestamp()}
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
        tries = Tries(DAMAGED, datetime.now(UTC))
        self.write(tries)
        return tries
