"""Looks again at what came to rest, and corrects what turned out otherwise.

A state of rest says what the directory held when it was read. It can be wrong later: a stale read
was believed, a request whose answer was lost is acted upon after the patience has ended, another
desk was at the same token. So an enrollment is looked at again

- when its patience ends, where it came to rest before that, and once more LATER;
- when its token or its person is looked up at this desk;
- when somebody signs in, which a start ends in too, and once a day.

Each look costs the requests of one read-back (three at the most), one enrollment after the other
and behind the requests of the desk. What a look may be believed is judged in app.core.corrections.
A correction is an entry of its own, and told in a notice of its own.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.core.corrections import A_DAY, UNFAVOURABLE, correcting, may_change, supersedes
from app.core.enrollment import RESTING, SUCCESS, Enrollment
from app.core.errors import LedgerError
from app.core.events import LookFailed
from app.core.history import HistoryQuery
from app.core.model import CREATES
from app.core.record import Entry, Line, restored, submitted_at
from app.station.context import StationContext
from app.station.notices import Notice
from app.station.read_back import ReadBack
from app.station.submissions import Submissions
from app.station.tasks import Tasks
from app.station.timekeeper import Timekeeper
from app.station.today import Today

_LOG = logging.getLogger("oathdesk.station")

LOOK_BACK: Final = timedelta(days=7)
"""How far back a start looks: over a long weekend, and no further than people remember."""

MOST: Final = 50
"""Enrollments that are looked at in one go, the newest first."""

_OF_ONE_TOKEN: Final = 50
"""Enrollments of one serial number that are looked through; a token seldom has ten."""

LATER: Final = 240.0
"""Seconds after a submit: a request that hung for 150 s shows by then, lag of a minute included."""

DAY: Final = 86_400.0
"""Seconds from one look back to the next."""

_TRIES: Final = 10
_PAUSE: Final = 30.0
"""Seconds until a look that failed is tried again."""

_FRESH: Final = timedelta(hours=1)
"""How far back a success began that may have come to rest in the last minutes."""

_DAILY, _QUEUE = "daily", "queue"
_WATCHED: Final = UNFAVOURABLE | SUCCESS


@dataclass(frozen=True, slots=True)
class CorrectionNotice(Notice):
    """What had come to rest has turned out otherwise; `line.corrected` is the state before."""

    line: Line


class Corrections:
    """Looks again with the rights of the operator; `submissions` records and tells what changes."""

    def __init__(
        self, context: StationContext, submissions: Submissions, today: Today, time: Timekeeper
    ) -> None:
        """Look at nothing before somebody has signed in."""
        self._context = context
        self._ports = context.ports
        self._settings = context.settings
        self._submissions = submissions
        self._today = today
        self._time = time
        self._tasks = Tasks()
        self._queue: dict[str, int] = {}

    async def close(self) -> None:
        """Stop looking. The next start looks again."""
        await self._tasks.stop_all()
        self._queue.clear()

    # When ---------------------------------------------------------------------------------------

    def begin(self, whose: str = "") -> None:
        """Look at what came to rest in the last days, and from then on once a day.

        `whose` is the one person whose enrollments may be asked about, where not all may.
        """
        if self._settings.patience.again:
            self._tasks.start(_DAILY, self._daily(whose))

    def met(self, *, serial_number: str = "", person_id: str = "") -> None:
        """Take note that a token or a person is looked up: what rests of either is looked at."""
        if not self._settings.patience.again:
            return
        serial = serial_number.casefold()
        for line in self._today.lines():
            of_either = (serial and line.serial_number.casefold() == serial) or (
                person_id and line.person_id == person_id
            )
            if of_either and line.state in UNFAVOURABLE and may_change(line, self._now()):
                self._ask(line.enrollment_id)

    def enrollment_changed(self, enrollment: Enrollment) -> None:
        """Look once more when patience ends, at what came to rest before; rows of a job apart.

        A job answers for its rows, and comes by the thousand.
        """
        self._tasks.stop(_timer(enrollment.id))
        rests = enrollment.state in _WATCHED and enrollment.trail
        if not rests or enrollment.job or enrollment.operation in CREATES:
            return
        sent = [step.at for step in enrollment.trail if step.event == "Submitted"]
        self._plan(enrollment.id, (sent or [enrollment.trail[0].at])[-1])

    def _plan(self, enrollment_id: str, submitted: datetime) -> None:
        """Look again at the next of the moments that follow a submit, if one is left."""
        passed = max(0.0, (self._now() - submitted).total_seconds())
        moments = (self._settings.patience.seconds, LATER) if self._settings.patience.again else ()
        left = [moment - passed for moment in moments if passed < moment]
        if left:
            self._ask_later(enrollment_id, left[0])

    async def _daily(self, whose: str) -> None:
        await self._look_back(LOOK_BACK, whose)
        while True:
            await self._ports.clock.sleep(DAY)
            await self._look_back(A_DAY, whose)

    async def _look_back(self, age: timedelta, whose: str) -> None:
        """Look at what may still change of the last `age`, the newest first."""
        try:
            lines = await asyncio.to_thread(self._undecided, age)
        except LedgerError as error:
            _LOG.warning("what came to rest could not be read from the record: %s", error)
            return
        for line in lines:
            if whose and line.person_id != whose:
                continue
            if line.state in SUCCESS:
                self._plan(line.enrollment_id, line.changed)
            else:
                self._ask(line.enrollment_id)

    def _undecided(self, age: timedelta) -> tuple[Line, ...]:
        """Return what may still change, from the record; a success only while it is fresh."""
        now, ledger = self._now(), self._ports.ledger
        asked = (
            HistoryQuery(states=UNFAVOURABLE, since=now - age),
            HistoryQuery(states=SUCCESS, since=now - _FRESH),
        )
        found = (line for query in asked for line in ledger.page(query, None, MOST).lines)
        return tuple(line for line in found if may_change(line, now))

    # One after the other ------------------------------------------------------------------------

    def _ask_later(self, enrollment_id: str, seconds: float, tries: int = 0) -> None:
        async def ask() -> None:
            await self._ports.clock.sleep(seconds)
            self._ask(enrollment_id, tries)

        self._tasks.start(_timer(enrollment_id), ask())

    def _ask(self, enrollment_id: str, tries: int = 0) -> None:
        self._queue.setdefault(enrollment_id, tries)
        self._tasks.once_more(_QUEUE, self._work_off)

    async def _work_off(self) -> None:
        """Look at what is queued; where a look fails, try it again for some minutes."""
        while self._queue:
            enrollment_id, tries = next(iter(self._queue.items()))
            looked = await self._look_again(enrollment_id)
            self._queue.pop(enrollment_id, None)
            if not looked and tries < _TRIES:
                self._ask_later(enrollment_id, _PAUSE, tries + 1)

    async def _look_again(self, enrollment_id: str) -> bool:
        """Look at one enrollment that rests, and correct it; False where it could not be done."""
        try:
            return await self._look(enrollment_id)
        except LedgerError as error:
            _LOG.warning("%s could not be looked at again: %s", enrollment_id, error)
            return False

    async def _look(self, enrollment_id: str) -> bool:
        entries = await asyncio.to_thread(self._ports.ledger.timeline, enrollment_id)
        known = self._submissions.known(enrollment_id) or restored(entries)
        submitted = submitted_at(entries)
        if known is None or submitted is None or known.state not in RESTING:
            return True
        if await asyncio.to_thread(self._is_superseded, enrollment_id, known):
            return True
        read_back = ReadBack(self._ports.directory, self._ports.clock)
        seen = await read_back.see(known, thorough=True, behind=True)
        event = correcting(known, seen, submitted, self._now(), self._ahead())
        if event is not None and await self._submissions.correct(known, event):
            self._tell(known, entries)
        if isinstance(seen, LookFailed):
            return False
        self._plan(enrollment_id, submitted)
        return True

    def _is_superseded(self, enrollment_id: str, known: Enrollment) -> bool:
        """Tell whether another enrollment of this record answers for the token by now."""
        token = known.token
        if token is None:
            return True
        if self._submissions.is_underway(token, enrollment_id):
            return True
        query = HistoryQuery(text=token.serial_number)
        lines = self._ports.ledger.page(query, None, _OF_ONE_TOKEN).lines
        mine = next((line for line in lines if line.enrollment_id == enrollment_id), None)
        return mine is not None and any(supersedes(other, mine) for other in lines)

    def _tell(self, was: Enrollment, entries: Iterable[Entry]) -> None:
        """Tell what was corrected; it belongs to the day's list now, whatever day it is of."""
        self._today.bring(entries)
        line = self._today.line(was.id)
        if line is not None:
            _LOG.info("%s was %s and is %s", was.id, was.state.value, line.state.value)
            if not self._settings.hides_list:
                self._context.tell(CorrectionNotice(line))

    def _ahead(self) -> timedelta:
        return timedelta(seconds=self._time.ahead())

    def _now(self) -> datetime:
        return self._ports.clock.now()


def _timer(enrollment_id: str) -> str:
    return f"again {enrollment_id}"
