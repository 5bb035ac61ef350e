"""Does the rows of a job one after the other, and tells of it no more often than anybody can see.

What a row is and how it is done is the caller's: `act` returns the row as it was settled. Where it
raises a DirectoryError, SignInError or LedgerError nothing of the row was sent; the job is then
held, and tries the same row again after a while, or as soon as `go_on` says that the cause may be
gone. A row that is refused for itself is settled as FAILED by `act`, and holds nobody up.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from app.core.errors import (
    DirectoryError,
    LedgerError,
    SignInError,
    SignInExpired,
    Throttled,
    Unavailable,
)
from app.core.job import Job, JobRow, JobState, Progress
from app.core.ports import Clock
from app.station.tasks import Tasks

Act = Callable[[JobRow], Awaitable[JobRow]]
Told = Callable[[Progress, tuple[JobRow, ...]], None]

PAUSE = 15.0
"""Seconds before a held job tries again by itself, unless the directory named another time."""
BREATH = 0.2
"""Seconds between two tellings, so that a fast job does not flood whoever shows it."""

_WORK, _TELL, _RESUME = "work", "tell", "resume"


class JobRunner:
    """One job at a time. Lives on the station's loop."""

    def __init__(self, clock: Clock, told: Told) -> None:
        """Tell how far it is, with the rows that changed since the last telling, to `told`."""
        self._clock = clock
        self._told = told
        self._tasks = Tasks()
        self._job: Job | None = None
        self._act: Act | None = None
        self._changed: dict[str, JobRow] = {}
        self._told_at: datetime | None = None

    @property
    def job(self) -> Job | None:
        """Return the job there is, or None."""
        return self._job

    def begin(self, job: Job, act: Act) -> None:
        """Take up `job`, and begin unless it is paused."""
        self._job, self._act = job, act
        self._changed.clear()
        self._go()

    def pause(self) -> None:
        """Begin no further row."""
        if self._job is not None:
            self._tasks.stop(_RESUME)
            self._job.pause(self._clock.now())
            self._tell()

    def resume(self) -> None:
        """Go on with a job that stands, whoever made it stand."""
        if self._job is not None:
            self._tasks.stop(_RESUME)
            self._job.resume(self._clock.now())
            self._go()

    def go_on(self) -> None:
        """Go on with a job that is held; a person's pause stays."""
        if self._job is not None and self._job.state is JobState.HELD:
            self.resume()

    def cancel(self) -> None:
        """End the job; the row in hand is finished."""
        if self._job is not None:
            self._tasks.stop(_RESUME)
            self._job.cancel(self._clock.now())
            self._changed |= {row.key: row for row in self._job.rows}
            self._tell()

    def again(self) -> None:
        """Take up once more what came to nothing."""
        if self._job is not None and self._job.again(self._clock.now()):
            self._changed |= {row.key: row for row in self._job.rows}
            self._go()

    def forget(self) -> None:
        """Know of no job."""
        self._job = self._act = None
        self._changed.clear()

    async def close(self) -> None:
        """Stop at once; the row in hand is cut short where it waits."""
        await self._tasks.stop_all()
        self.forget()

    # Inside -------------------------------------------------------------------------------------

    def _go(self) -> None:
        self._tell()
        self._tasks.once_more(_WORK, self._work)

    async def _work(self) -> None:
        """Do rows until there is none to do now."""
        while self._job is not None and self._act is not None:
            job, act = self._job, self._act
            row = job.next()
            if row is None:
                return
            self._note(row)
            try:
                settled = await act(row)
            except (DirectoryError, SignInError, LedgerError) as error:
                self._hold(job, row, error)
            else:
                job.settle(settled, self._clock.now())
                self._note(settled)

    def _hold(
        self, job: Job, row: JobRow, error: DirectoryError | SignInError | LedgerError
    ) -> None:
        job.hold(error, self._clock.now())
        self._note(job.put_back(row.key))
        if job.state is JobState.HELD and not isinstance(error, SignInError | SignInExpired):
            self._tasks.start(_RESUME, self._resume_after(_pause_for(error)))

    async def _resume_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self.go_on()

    def _note(self, row: JobRow) -> None:
        """Tell of a changed row: now, or with the next ones. An end is told at once."""
        self._changed[row.key] = row
        now = self._clock.now()
        since = BREATH if self._told_at is None else (now - self._told_at).total_seconds()
        if not 0 <= since < BREATH or (self._job and self._job.state is not JobState.RUNNING):
            self._tell()
        elif not self._tasks.is_running(_TELL):
            self._tasks.start(_TELL, self._tell_later(BREATH - since))

    async def _tell_later(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._tell()

    def _tell(self) -> None:
        if self._job is None:
            return
        now = self._told_at = self._clock.now()
        changed = tuple(self._changed.values())
        self._changed.clear()
        self._told(self._job.progress(now), changed)


def _pause_for(error: DirectoryError | SignInError | LedgerError) -> float:
    asked = error.retry_after if isinstance(error, Throttled | Unavailable) else None
    return PAUSE if asked is None else max(asked, 1.0)
