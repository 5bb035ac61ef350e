"""Whether the directory can be reached: told once per change, and found out again while it cannot.

Every exchange says how it went. Without an answer the connection counts as gone; from then on
somebody has to knock, since nobody at the desk may have a reason to ask the directory for a while.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.core.errors import DirectoryError, SignInError
from app.core.ports import Clock
from app.station.context import Notify
from app.station.notices import Notice
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")
_KNOCK, _BACK = "knock", "back"
_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)

Knock = Callable[[], Awaitable[object]]
Back = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DirectoryNotice(Notice):
    """The way to the directory: how long the last answer took in ms, or that none came."""

    reachable: bool
    latency: float | None = None


class Connection:
    """The way to the directory.

    `knock` asks it something small; `back` is awaited when it answers again.
    """

    def __init__(self, clock: Clock, knock: Knock, back: Back, notify: Notify) -> None:
        """Begin in the belief that the directory can be reached."""
        self._clock = clock
        self._knock = knock
        self._back = back
        self._notify = notify
        self._tasks = Tasks()
        self.up = True

    def heard(self, *, answered: bool, latency: float | None = None) -> None:
        """Take in how an exchange went; `latency` in milliseconds."""
        self._notify(DirectoryNotice(answered, latency))
        if answered == self.up:
            return
        self.up = answered
        _LOG.info("the directory %s", "answers again" if answered else "does not answer")
        if answered:
            self._tasks.start(_BACK, self._come_back())
        else:
            self._tasks.start(_KNOCK, self._keep_knocking())

    async def close(self) -> None:
        """Stop knocking, and begin anew in good faith."""
        await self._tasks.stop_all()
        self.up = True

    async def _come_back(self) -> None:
        await self._back()

    async def _keep_knocking(self) -> None:
        """Ask until an answer has come; the exchange itself then tells `heard`."""
        tries = 0
        while not self.up:
            await self._clock.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1
            if not self.up:  # another exchange may have had its answer meanwhile
                await self._ask()

    async def _ask(self) -> None:
        try:
            await self._knock()
        except (DirectoryError, SignInError):
            return
