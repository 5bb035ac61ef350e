"""When nobody is at the desk: the window locks, and after longer the station signs out by itself.

Idle time is counted on the clock of the day. A machine that sleeps does not count its sleep, so the
clock is looked at once a second, and whatever comes first after waking up finds the desk locked. A
clock that was set back begins to count anew; one that was set forward locks early, which costs a
sign-in and no more.

An unattended station is signed in without anybody who could prove to be who they are, so it cannot
be locked for somebody. There, being left means that the desk is cleared.

At a kiosk the next person is a stranger. So what the last one saw is wiped long before the desk
locks, also behind the lock, and a sign-in that was begun and left is given up.
"""

import asyncio
import enum
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from app.core.model import Operator
from app.core.station_event import Cause
from app.station.context import DeskSettings, StationContext
from app.station.notices import Notice, SessionState
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")
_WATCH = "watch"

LOOK = 1.0
"""Seconds between two looks at the clock."""

SIGN_IN = 180.0
"""Seconds for which a kiosk waits for whoever signs in elsewhere: a password, a second factor."""


@dataclass(frozen=True, slots=True)
class NotTakenNotice(Notice):
    """Something was scanned or tapped while the desk is locked. What it was is kept nowhere."""


@dataclass(frozen=True, slots=True)
class AbandonedNotice(Notice):
    """Nobody was at an unattended station, or whoever was has left: its desk was cleared."""


class Watch(enum.Enum):
    """For whom the desk is watched."""

    NOBODY = "nobody"
    OPERATOR = "operator"
    LOCKED = "locked"
    UNATTENDED = "unattended"


class Lapse(enum.Enum):
    """What happens to a desk that was left."""

    LOCK = "lock"
    SIGN_OUT = "sign_out"
    CLEAR = "clear"
    WIPE = "wipe"
    GIVE_UP = "give_up"


LAPSES: Mapping[Watch, tuple[Lapse, ...]] = {
    Watch.NOBODY: (Lapse.GIVE_UP,),
    Watch.OPERATOR: (Lapse.SIGN_OUT, Lapse.LOCK, Lapse.WIPE),
    Watch.LOCKED: (Lapse.SIGN_OUT, Lapse.WIPE),
    Watch.UNATTENDED: (Lapse.CLEAR,),
}
"""What may happen in each state, the most far-reaching first."""

BY_HAND: Mapping[Watch, Lapse] = {Watch.OPERATOR: Lapse.LOCK, Watch.UNATTENDED: Lapse.CLEAR}
"""What an operator who leaves asks for."""

ONCE = frozenset({Lapse.CLEAR, Lapse.WIPE, Lapse.GIVE_UP})
"""What happens to a desk once, and not again before it is used."""

Act = Callable[[Lapse, Cause], Awaitable[None]]


def limits_of(settings: DeskSettings) -> dict[Lapse, float]:
    """Return the seconds after which each lapse comes, without those that never come.

    An unattended station has nobody to sign out: its desk is cleared at whichever comes first.
    """
    lock, leave, wipe = settings.lock_after, settings.sign_out_after, settings.wipe_after
    clear = min((limit for limit in (lock, leave, wipe) if limit > 0), default=0.0)
    give_up = max(wipe, SIGN_IN) if wipe > 0 else 0.0
    found = {Lapse.LOCK: lock, Lapse.SIGN_OUT: leave, Lapse.CLEAR: clear}
    found |= {Lapse.WIPE: wipe, Lapse.GIVE_UP: give_up}
    return {lapse: limit for lapse, limit in found.items() if limit > 0}


class Lock:
    """Watches over a desk. The session calls it, and it awaits `act` with what happens, and why."""

    def __init__(self, context: StationContext, act: Act) -> None:
        """Watch nothing yet."""
        self._clock = context.clock
        self._limits = limits_of(context.settings)
        self._notify = context.tell
        self._act = act
        self._watch = Watch.NOBODY
        self._last = self._clock.now()
        self._used = False
        self._turn = asyncio.Lock()
        self._tasks = Tasks()

    @property
    def locked(self) -> bool:
        """Tell whether the desk is locked."""
        return self._watch is Watch.LOCKED

    def session_changed(self, state: SessionState, operator: Operator | None) -> None:
        """Watch the desk for whom the session says; called before the window is told."""
        match state:
            case SessionState.SIGNED_IN if operator is not None:
                self._watch = Watch.UNATTENDED if operator.application else Watch.OPERATOR
                self._alive()
                self._keep_watch()
            case SessionState.LOCKED:
                self._watch = Watch.LOCKED
            case SessionState.SIGNED_OUT:
                self._watch = Watch.NOBODY
            case SessionState.STARTING if Lapse.GIVE_UP in self._limits:
                self._alive()
                self._keep_watch()
            case _:
                pass

    async def active(self) -> None:
        """Take note that somebody is there; at a locked desk that is no news.

        What has lapsed before, while the machine slept, comes to pass first.
        """
        await self._look()
        self._alive()

    async def at_once(self) -> None:
        """Do now what happens to a desk that is left."""
        lapse = BY_HAND.get(self._watch)
        if lapse is not None:
            self._alive()
            await self._act(lapse, Cause.ASKED)

    def takes(self) -> bool:
        """Tell whether what was just scanned or tapped may be taken; where not, that is told."""
        if self.locked or self._lapse() is not None:
            self._notify(NotTakenNotice())
            return False
        self._alive()
        return True

    async def close(self) -> None:
        """Stop watching."""
        self._watch = Watch.NOBODY
        await self._tasks.stop_all()

    def _alive(self) -> None:
        if not self.locked:
            self._last, self._used = self._clock.now(), True

    def _keep_watch(self) -> None:
        if self._limits and not self._tasks.is_running(_WATCH):
            self._tasks.start(_WATCH, self._keep_looking())

    async def _keep_looking(self) -> None:
        while True:
            await self._clock.sleep(LOOK)
            await self._look()

    async def _look(self) -> None:
        async with self._turn:
            lapse = self._lapse()
            if lapse is not None:
                _LOG.info("nobody was at the desk: %s", lapse.value)
                self._used = False
                await self._act(lapse, Cause.IDLE)

    def _lapse(self) -> Lapse | None:
        """Return what is due. A desk that was cleared is not cleared again before it is used."""
        now = self._clock.now()
        self._last = min(self._last, now)
        idle = (now - self._last).total_seconds()
        for lapse in LAPSES[self._watch]:
            if idle >= self._limits.get(lapse, float("inf")):
                return lapse if self._used or lapse not in ONCE else None
        return None
