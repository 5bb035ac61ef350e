"""The gate of a kiosk: a supervisor's PIN opens it, and tries are counted before they are judged.

It stands apart from the station, since it must open where the station could not be put together.
"""

import enum
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.core.pin import PinHash
from app.core.tries import Tries, Uptime

_LOG = logging.getLogger("oathdesk.station")


class TriesStore(Protocol):
    """Where tries are counted so that they outlive the program."""

    def read(self) -> Tries:
        """Return what was counted."""
        ...

    def write(self, tries: Tries) -> bool:
        """Count; tell whether it is on the disk."""
        ...


class Answer(enum.Enum):
    """What the gate says to a PIN."""

    OPEN = "open"
    WRONG = "wrong"
    WAIT = "wait"
    NO_PIN = "no_pin"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, and how many seconds it is until the next try is taken."""

    answer: Answer
    wait: float = 0.0


class Gate:
    """Judges PINs. Its methods block for a tenth of a second, and may be called in any thread."""

    def __init__(
        self, pin: PinHash | None, store: TriesStore, uptime: Callable[[], Uptime]
    ) -> None:
        """Open for `pin` alone; never, if no PIN is set. Waits are counted by `uptime`."""
        self._pin = pin
        self._store = store
        self._uptime = uptime
        self._turn = threading.Lock()

    def look(self) -> Verdict:
        """Return whether a PIN would be taken now, without trying one."""
        if self._pin is None:
            return Verdict(Answer.NO_PIN)
        with self._turn:
            wait = self._tries().wait(self._uptime()).total_seconds()
        return Verdict(Answer.WAIT if wait else Answer.WRONG, wait)

    def try_pin(self, pin: str) -> Verdict:
        """Judge `pin`. It is counted as failed first: who pulls the plug has tried as well."""
        if self._pin is None:
            return Verdict(Answer.NO_PIN)
        with self._turn:
            now = self._uptime()
            tries = self._tries()
            wait = tries.wait(now).total_seconds()
            if wait:
                return Verdict(Answer.WAIT, wait)
            counted = tries.one_more(now)
            if not self._store.write(counted):
                return Verdict(Answer.NOT_COUNTED)
            return self._judge(pin, self._pin, counted)

    def _judge(self, pin: str, right: PinHash, counted: Tries) -> Verdict:
        if right.fits(pin):
            self._store.write(Tries())
            _LOG.info("a supervisor has opened the kiosk")
            return Verdict(Answer.OPEN)
        _LOG.info("a wrong PIN, %d in a row", counted.failed)
        return Verdict(Answer.WRONG, counted.wait(self._uptime()).total_seconds())

    def _tries(self) -> Tries:
        tries, now = self._store.read(), self._uptime()
        noticed = tries.noticed(now)
        if noticed != tries:
            self._store.write(noticed)
        return noticed
