"""The one runner of jobs: does rows, waits where it has to, stores the job, and tells how it goes.

What a row is and how it is done is the caller's (RowWork). The same for every job are:

- rows are done one after the other, and people pause, resume, cancel and repeat them;
- what is in every row's way holds the job, which goes on by itself later;
- the job is stored in a file, from which a later start goes on;
- notices come no more often than a person can see.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from app.core.errors import (
    DirectoryError,
    LedgerError,
    OathdeskError,
    SignInError,
    SignInExpired,
    SignInUnreachable,
    Throttled,
    Unavailable,
)
from app.core.job import AGAIN, OVER, SETTLED, Job, JobRow, JobState, Progress, RowState
from app.core.ports import Clock
from app.core.shelf import Shelf
from app.core.stored_job import StoredJob, read, row_line, written
from app.station.context import StationContext
from app.station.notices import Notice
from app.station.tasks import Tasks

HOLDS: Final = (5.0, 10.0, 30.0, 60.0)
"""Seconds before each new try of what keeps every row from going; the last one repeats."""
BREATH: Final = 0.2
"""Seconds between two notices, so that no window is flooded."""

_WORK, _TELL = "work", "tell"


class RowWork(Protocol):
    """What one kind of job does with its rows. Called on the station's loop."""

    async def act(self, row: JobRow) -> JobRow:
        """Do `row`; return it settled, SENT, or WAITING because nothing of it was sent.

        Where it is WAITING with an error the job is held by that. DirectoryError, SignInError and
        LedgerError may be raised instead. A row that is refused for itself is FAILED.
        """
        ...

    def seconds_until_look(self, *, busy: bool) -> float | None:
        """Return how long to wait before `look`; None where nothing is to be looked for by then.

        `busy` tells whether another row could be done meanwhile.
        """
        ...

    async def look(self) -> Iterable[JobRow]:
        """Read back what was sent; return rows that were SENT as `act` returns them, in order.

        Raises DirectoryError and SignInError where nothing could be read.
        """
        ...

    def forget(self) -> None:
        """Let go of all that was kept for the rows: the job is over, or the operator leaves."""
        ...


@dataclass(frozen=True, slots=True)
class JobNotice(Notice):
    """How a job goes. `rows` are all of them where it begins or was found again.

    `progress` None tells that there is no such job any more. `changed` are the rows that changed
    since the notice before. `found` tells that an earlier run of the program left the job. `error`
    is why it could not begin, or why it could not be put away.
    """

    job: StoredJob
    progress: Progress | None = None
    rows: Sequence[JobRow] | None = None
    changed: tuple[JobRow, ...] = ()
    found: bool = False
    error: OathdeskError | None = None


class JobFile:
    """The file of one job on the station's shelf. Without a shelf nothing is stored.

    What is asked of it is done in the order in which it is asked.
    """

    def __init__(self, shelf: Shelf | None, name: str) -> None:
        """Open nothing."""
        self._shelf = shelf
        self._name = name
        self._turn = asyncio.Lock()

    async def begin(self, job: StoredJob) -> None:
        """Store `job` durably, in place of what was. Raises LedgerUnwritable."""
        if self._shelf is not None:
            async with self._turn:
                await asyncio.to_thread(self._shelf.keep, self._name, written(job))

    async def settle(self, row: JobRow) -> None:
        """Note how a row ended. A disk that refuses costs the note, and the row is looked at."""
        if self._shelf is not None:
            async with self._turn:
                with suppress(LedgerError):
                    await asyncio.to_thread(self._shelf.add, self._name, row_line(row))

    async def end(self) -> None:
        """Store the job no longer. Raises LedgerUnwritable."""
        if self._shelf is not None:
            async with self._turn:
                await asyncio.to_thread(self._shelf.drop, self._name)

    async def left(self) -> StoredJob | None:
        """Return the job that was begun and not put away, or None. Raises LedgerUnreadable."""
        if self._shelf is None:
            return None
        async with self._turn:
            return read(await asyncio.to_thread(self._shelf.kept, self._name))


class JobRunner:
    """One job at a time, from its beginning until its end was seen. Lives on the station's loop.

    It also looks, without a job, for what an earlier one has sent, as long as the work asks for it.
    """

    def __init__(
        self, context: StationContext, work: RowWork, file: str, *, stored_until_seen: bool
    ) -> None:
        """Store the job as `file`: until its end was seen, or only until every row is done."""
        self._clock = context.clock
        self._notify = context.tell
        self._work = work
        self.file = JobFile(context.ports.shelf, file)
        self._stored_until_seen = stored_until_seen
        self._tasks = Tasks()
        self._woken = asyncio.Event()
        self._stored: StoredJob | None = None
        self._job: Job | None = None
        self._changed: dict[str, JobRow] = {}
        self._told_at: datetime | None = None
        self._holds = 0
        self._is_held = False
        self._held_until: datetime | None = None

    @property
    def stored(self) -> StoredJob | None:
        """Return what the job was agreed to be; None where there is no job."""
        return self._stored

    def row(self, key: str) -> JobRow | None:
        """Return a row as it is listed now; None where the job has none with this key."""
        try:
            return self._job.row(key) if self._job is not None else None
        except KeyError:
            return None

    # What somebody asks for ---------------------------------------------------------------------

    async def begin(self, stored: StoredJob) -> None:
        """Store a job and begin it. There is none yet.

        Raises LedgerUnwritable; then nothing was begun.
        """
        self._stored = stored
        try:
            await self.file.begin(stored)
        except LedgerError:
            self._stored = None
            raise
        if self._stored is stored:  # and nobody has signed out meanwhile
            rows = [JobRow(row.key, row.serial_number or row.device_id) for row in stored.rows]
            self._show(stored, Job(rows, self._clock.now()))

    async def take_up(self, stored: StoredJob, rows: Iterable[JobRow]) -> None:
        """Show a job that an earlier run left, with `rows` as they are known. It is paused.

        Its file is written anew: it may be of an earlier version, or end in half a line.
        """
        self._stored = stored
        self._show(stored, Job(rows, self._clock.now(), paused=True), found=True)
        try:
            await self.file.begin(stored)
        except LedgerError as error:
            self._notify(JobNotice(stored, error=error))

    async def pause(self) -> None:
        """Begin no further row."""
        if self._job is not None:
            self._job.pause(self._clock.now())
            self._tell()

    async def resume(self) -> None:
        """Go on with a job that stands, whoever made it stand."""
        if self._job is not None:
            self._job.resume(self._clock.now())
            self.go_on()
            self._tell()

    async def cancel(self) -> None:
        """End the job; rows that were begun are finished."""
        if self._job is not None:
            before = {row.key for row in self._job.rows if row.state is RowState.WAITING}
            self._job.cancel(self._clock.now())
            self._changed |= {key: self._job.row(key) for key in before}
            self.go_on()
            self._tell()

    async def again(self) -> None:
        """Take up once more what failed, is unclear or was left."""
        if self._job is None:
            return
        before = [row.key for row in self._job.rows if row.state in AGAIN]
        if self._job.again(self._clock.now()):
            self._changed |= {key: self._job.row(key) for key in before}
            self.go_on()
            self._tell()

    async def dismiss(self) -> None:
        """Put away a job whose end was seen; where its file cannot be removed, tell so."""
        if self._job is None or self._stored is None or not self._progress(self._job).is_over:
            return
        try:
            await self.file.end()
        except LedgerError as error:
            self._notify(JobNotice(self._stored, self._progress(self._job), error=error))
        else:
            self._forget()

    def go_on(self) -> None:
        """Try again now what waits for something to change; a person's pause stays."""
        self._end_hold()
        self._woken.set()
        self._tasks.once_more(_WORK, self._do_all)

    async def close(self) -> None:
        """Stop at once. What was sent is settled by its record, what is stored at a later start."""
        await self._tasks.stop_all()
        await self._end_file_of_whole()
        self._forget()

    # The work -----------------------------------------------------------------------------------

    async def _do_all(self) -> None:
        """Do rows, and look for what was sent, until there is neither."""
        while self._is_at_work():
            await self._step()
        await self._end_file_of_whole()
        self._tell()

    def _is_at_work(self) -> bool:
        goes_on = self._job is not None and self._job.state not in OVER
        return goes_on or self._work.seconds_until_look(busy=False) is not None

    async def _step(self) -> None:
        """Do the next thing, or wait until there is one."""
        self._woken.clear()
        if self._is_held:
            await self._wait(self._seconds_of_hold())
            if self._seconds_of_hold() == 0:
                self._end_hold()
            return
        job = self._job
        until = self._work.seconds_until_look(busy=job is not None and _has_more(job, self._clock))
        if until == 0:
            await self._try(self._look())
        elif job is not None and (row := job.next()) is not None:
            self._note(row)
            await self._try(self._act(row), row)
        else:
            await self._wait(until)

    async def _act(self, row: JobRow) -> None:
        await self._take(await self._work.act(row))

    async def _look(self) -> None:
        for row in await self._work.look():
            await self._take(row)

    async def _try(self, work: Coroutine[object, object, None], row: JobRow | None = None) -> None:
        """Do `work`; where it cannot be done now, put `row` back and hold the job."""
        try:
            await work
            self._holds = self._holds if self._is_held else 0
        except (DirectoryError, SignInError, LedgerError) as error:
            self._hold(error)
            if row is not None and self._job is not None:
                self._note(self._job.take(replace(row, state=RowState.WAITING), self._clock.now()))

    async def _take(self, row: JobRow) -> None:
        """Take in a row as the work has returned it."""
        if self._job is None:
            return
        if row.state is RowState.WAITING and row.error is not None:
            self._hold(row.error)
        taken = self._job.take(row, self._clock.now())
        self._note(taken)
        if taken.state in SETTLED:
            await self.file.settle(taken)

    async def _wait(self, seconds: float | None) -> None:
        """Wait `seconds`, or until something changes."""
        waits: list[asyncio.Future[object]] = [asyncio.ensure_future(self._woken.wait())]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _end_file_of_whole(self) -> None:
        """Store a job no longer of which every row is done, unless its end is to be seen first."""
        job, stored = self._job, self._stored
        if job is None or stored is None or self._stored_until_seen:
            return
        progress = self._progress(job)
        if progress.is_over and not any(progress.count(state) for state in AGAIN):
            try:
                await self.file.end()
            except LedgerError as error:
                self._notify(JobNotice(stored, progress, error=error))

    # Holding ------------------------------------------------------------------------------------

    def _hold(self, error: OathdeskError) -> None:
        """Let everything wait: what is in the way is in every row's way.

        For a sign-in that has ended only somebody can do something, who is then told of by `go_on`.
        """
        asked = error.retry_after if isinstance(error, Throttled | Unavailable) else None
        seconds = HOLDS[min(self._holds, len(HOLDS) - 1)] if asked is None else max(asked, 1.0)
        ended = isinstance(error, SignInError | SignInExpired)
        if ended and not isinstance(error, SignInUnreachable) and not self._woken.is_set():
            self._held_until = None
        else:
            self._held_until = self._clock.now() + timedelta(seconds=seconds)
        self._holds += 1
        self._is_held = True
        if self._job is not None:
            self._job.hold(error, self._clock.now())
            self._tell()

    def _seconds_of_hold(self) -> float | None:
        """Return how long the hold lasts yet, at least 0; None where only `go_on` ends it."""
        if self._held_until is None:
            return None
        return max((self._held_until - self._clock.now()).total_seconds(), 0.0)

    def _end_hold(self) -> None:
        self._is_held = False
        if self._job is not None and self._job.state is JobState.HELD:
            self._job.resume(self._clock.now())
            self._tell()

    # Telling ------------------------------------------------------------------------------------

    def _show(self, stored: StoredJob, job: Job, *, found: bool = False) -> None:
        """Tell of a job with all its rows, and go on with it unless it is paused."""
        self._job = job
        self._changed.clear()
        self._holds = 0
        self._notify(JobNotice(stored, self._progress(job), tuple(job.rows), found=found))
        self.go_on()

    def _forget(self) -> None:
        stored, self._stored, self._job = self._stored, None, None
        self._changed.clear()
        self._holds, self._is_held = 0, False
        self._tasks.stop(_TELL)
        self._work.forget()
        if stored is not None:
            self._notify(JobNotice(stored))

    def _note(self, row: JobRow) -> None:
        """Tell of a changed row: with the next ones, or at once where the job stands."""
        self._changed[row.key] = row
        now = self._clock.now()
        since = BREATH if self._told_at is None else (now - self._told_at).total_seconds()
        stands = self._job is not None and self._job.state is not JobState.RUNNING
        if stands or not 0 <= since < BREATH:
            self._tell()
        elif not self._tasks.is_running(_TELL):
            self._tasks.start(_TELL, self._tell_later(BREATH - since))

    async def _tell_later(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._tell()

    def _tell(self) -> None:
        if self._job is None or self._stored is None:
            return
        self._told_at = self._clock.now()
        changed = tuple(self._changed.values())
        self._changed.clear()
        self._notify(JobNotice(self._stored, self._progress(self._job), changed=changed))

    def _progress(self, job: Job) -> Progress:
        return job.progress(self._clock.now())


def _has_more(job: Job, clock: Clock) -> bool:
    """Tell whether a row could be begun now."""
    waiting = job.progress(clock.now()).count(RowState.WAITING)
    return job.state is JobState.RUNNING and waiting > 0
