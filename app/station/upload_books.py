"""The books of an upload: its rows, how fast it goes, what a window and a later start are told.

A row counts as handled once the directory has accepted it, for that is what takes the time; it is
done once it was seen in the inventory, which happens to many rows at once.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from app.core.errors import OathdeskError
from app.core.import_ports import UploadJournal
from app.core.importing import LeftUpload, folded
from app.core.job import AGAIN, OVER, Job, JobRow, JobState, Progress, RowState
from app.core.ports import Clock
from app.station.context import Notify
from app.station.import_notices import SENT, UploadNotice
from app.station.tasks import Tasks

_RECENT: Final = 40
_ENOUGH: Final = 3
_TELL: Final = "tell"
_PAUSE: Final = 0.2
"""Seconds between two notices, so that no window is flooded."""


class Books:
    """One upload's books, from its beginning until its end was seen."""

    def __init__(
        self, upload: LeftUpload, journal: UploadJournal, clock: Clock, notify: Notify
    ) -> None:
        """Begin; every row waits."""
        self.upload = upload
        rows = [JobRow(folded(serial), serial) for serial in upload.serials]
        self.job = Job(rows, clock.now())
        self._journal = journal
        self._clock = clock
        self._notify = notify
        self._tasks = Tasks()
        self._changed: dict[str, JobRow] = {}
        self._untold = False
        self._handled: deque[datetime] = deque(maxlen=_RECENT + 1)
        self._sent: set[str] = set()

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen by itself."""
        return self.job.state in OVER

    @property
    def has_ended(self) -> bool:
        """Tell whether the last row is settled too."""
        return self.job.progress(self._clock.now()).is_over

    @property
    def has_more(self) -> bool:
        """Tell whether a row could be begun now."""
        running = self.job.state is JobState.RUNNING
        return running and self._progress().count(RowState.WAITING) > 0

    @property
    def is_whole(self) -> bool:
        """Tell whether every row is done and nothing is left to be tried again."""
        progress = self._progress()
        return self.is_over and not any(progress.count(state) for state in AGAIN)

    def is_working(self, key: str) -> bool:
        """Tell whether there is a row `key` that was begun and is not settled."""
        try:
            return self.job.row(key).state is RowState.WORKING
        except KeyError:
            return False

    async def open(self) -> None:
        """Write down what is about to be done, and show it. Raises LedgerUnwritable."""
        await asyncio.to_thread(self._journal.begin, self.upload)
        self._handled.append(self._clock.now())
        self._notify(self._notice(self.job.rows, begins=True))

    def next(self) -> JobRow | None:
        """Return the row to do now."""
        row = self.job.next()
        if row is not None:
            self._note(row)
        return row

    def is_sent(self, key: str) -> None:
        """Take note that a row was accepted, and is to be looked for."""
        self._handled.append(self._clock.now())
        self._sent.add(key)
        self._note(self.job.row(key))

    def put_back(self, key: str) -> None:
        """Let a row wait again."""
        self._sent.discard(key)
        self._note(self.job.put_back(key))

    async def settle(
        self, key: str, state: RowState, error: OathdeskError | None = None, reason: str = ""
    ) -> None:
        """Take note of how a row ended."""
        if key not in self._sent:
            self._handled.append(self._clock.now())
        self._sent.discard(key)
        row = replace(self.job.row(key), state=state, error=error, reason=reason)
        self.job.settle(row, self._clock.now())
        self._note(row)
        await asyncio.to_thread(self._journal.settled, row.label, state)

    # What somebody asks for -------------------------------------------------------------------

    def pause(self) -> None:
        """Begin no further row."""
        self.job.pause(self._clock.now())
        self.tell()

    def resume(self) -> None:
        """Go on, whoever made it stand."""
        self._start_anew()
        self.job.resume(self._clock.now())
        self.tell()

    def hold(self, error: OathdeskError) -> None:
        """Begin no further row until the reason is gone."""
        self.job.hold(error, self._clock.now())
        self.tell()

    def cancel(self) -> None:
        """End it: what was begun is finished."""
        before = [row.key for row in self.job.rows if row.state is RowState.WAITING]
        self.job.cancel(self._clock.now())
        self._changed |= {key: self.job.row(key) for key in before}
        self.tell()

    def again(self) -> int:
        """Let what came to nothing wait once more; return how many rows that are."""
        before = [row.key for row in self.job.rows if row.state in AGAIN]
        count = self.job.again(self._clock.now())
        self._start_anew()
        self._changed |= {key: self.job.row(key) for key in before}
        self.tell()
        return count

    # Telling ----------------------------------------------------------------------------------

    def tell(self) -> None:
        """Tell how it goes, soon."""
        self._untold = True
        self._tasks.once_more(_TELL, self._tell_soon)

    def tell_now(self) -> None:
        """Tell how it goes."""
        self._untold = False
        rows, self._changed = tuple(self._changed.values()), {}
        self._notify(self._notice(rows))

    async def close(self) -> None:
        """Tell nothing more."""
        await self._tasks.stop_all()

    async def _tell_soon(self) -> None:
        await self._clock.sleep(_PAUSE)
        if self._untold:
            self.tell_now()

    def _note(self, row: JobRow) -> None:
        self._changed[row.key] = self._shown(row)
        self.tell()

    def _shown(self, row: JobRow) -> JobRow:
        return replace(row, reason=SENT) if row.key in self._sent else row

    def _notice(self, rows: Iterable[JobRow], *, begins: bool = False) -> UploadNotice:
        handing = self.upload.handing
        return UploadNotice(self.upload.file, self._progress(), tuple(rows), begins, handing)

    def _progress(self) -> Progress:
        progress = self.job.progress(self._clock.now())
        rate = self._rate()
        waiting = progress.count(RowState.WAITING)
        running = progress.state in {JobState.RUNNING, JobState.PAUSED, JobState.HELD}
        left = waiting / rate if rate and running else None
        return replace(progress, rate=rate, left=left)

    def _rate(self) -> float | None:
        """Rows per second over the last ones."""
        if len(self._handled) <= _ENOUGH:
            return None
        seconds = (self._clock.now() - self._handled[0]).total_seconds()
        return (len(self._handled) - 1) / seconds if seconds > 0 else None

    def _start_anew(self) -> None:
        """Measure from now on: the pause was nobody's speed."""
        self._handled.clear()
        self._handled.append(self._clock.now())
