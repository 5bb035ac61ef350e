"""The runner does rows, holds where it has to, stores the job, and tells what can be seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from app.core.errors import (
    DirectoryError,
    Evidence,
    LedgerError,
    LedgerUnwritable,
    SignInError,
    SignInExpired,
    SignInUnreachable,
    Throttled,
    Unavailable,
)
from app.core.job import JobRow, JobState, Progress, RowState
from app.core.stored_job import JobKind, StoredJob, read, upload_rows
from app.station.context import StationContext
from app.station.jobs import BREATH, HOLDS, JobNotice, JobRunner
from app.station.notices import Notice
from tests.fakes.world import FakeWorld
from tests.station.stage import DESK
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio

FILE = "job.json"
NO = Throttled(Evidence(), retry_after=5)


def a_job(count: int = 3) -> StoredJob:
    rows = upload_rows(str(number) for number in range(count))
    return StoredJob("job", JobKind.UPLOAD, FakeWorld().clock.now(), rows, "tokens.csv")


@dataclass
class Work:
    """Rows that are done at once, or sent and done by a look. Fulfils jobs.RowWork."""

    world: FakeWorld
    errors: list[DirectoryError | SignInError | LedgerError] = field(default_factory=list)
    """What the next acts and looks raise."""
    seconds: float = 0.0
    pipelined: bool = False
    unsure: int = 0
    """Rows that the next looks put back."""
    did: list[str] = field(default_factory=list)
    sent: list[JobRow] = field(default_factory=list)
    looks: int = 0
    forgot: int = 0

    async def act(self, row: JobRow) -> JobRow:
        if self.seconds:
            await self.world.clock.sleep(self.seconds)
        if self.errors:
            raise self.errors.pop(0)
        self.did.append(row.key)
        if not self.pipelined:
            return replace(row, state=RowState.DONE)
        sent = replace(row, state=RowState.SENT)
        self.sent.append(sent)
        return sent

    def seconds_until_look(self, *, busy: bool) -> float | None:
        return None if busy or not self.sent else 0

    async def look(self) -> list[JobRow]:
        if self.errors:
            raise self.errors.pop(0)
        self.looks += 1
        found, self.sent = self.sent, []
        put_back, self.unsure = self.unsure, 0
        return [
            replace(row, state=RowState.WAITING if at < put_back else RowState.DONE)
            for at, row in enumerate(found)
        ]

    def forget(self) -> None:
        self.forgot += 1
        self.sent.clear()


@dataclass
class Bench:
    """A runner, its work, and what it told."""

    world: FakeWorld
    work: Work
    runner: JobRunner
    notices: list[Notice]

    @property
    def told(self) -> list[JobNotice]:
        return [notice for notice in self.notices if isinstance(notice, JobNotice)]

    @property
    def progress(self) -> Progress:
        progress = self.told[-1].progress
        assert progress is not None
        return progress

    async def until(self, state: JobState) -> None:
        async with asyncio.timeout(HANG_SECONDS):
            while not self.told or self.progress.state is not state:  # noqa: ASYNC110 - no bell here
                await asyncio.sleep(0.001)

    async def over(self) -> None:
        """Wait until the end is told and, where it shall be, the file is gone."""
        await self.until(JobState.FINISHED)
        async with asyncio.timeout(HANG_SECONDS):
            while not self.progress.is_over:  # noqa: ASYNC110 - no bell here
                await asyncio.sleep(0.001)

    async def noted(self, count: int) -> None:
        """Wait until the file tells of so many rows that they are done."""

        def noted() -> int:
            stored = read(self.world.shelf.files[FILE])
            return sum(state is RowState.DONE for state in stored.settled.values()) if stored else 0

        async with asyncio.timeout(HANG_SECONDS):
            while noted() < count:  # noqa: ASYNC110 - no bell here
                await asyncio.sleep(0.001)

    async def paused(self, count: int = 3) -> None:
        """Take up a job as an earlier run left it."""
        job = a_job(count)
        await self.runner.take_up(job, [JobRow(row.key, row.key) for row in job.rows])


@asynccontextmanager
async def a_bench(*, stored_until_seen: bool = True) -> AsyncIterator[Bench]:
    world, notices = FakeWorld(), list[Notice]()
    work = Work(world)
    context = StationContext(world.station_ports, DESK, notices.append)
    runner = JobRunner(context, work, FILE, stored_until_seen=stored_until_seen)
    yield Bench(world, work, runner, notices)
    await runner.close()


async def a_moment() -> None:
    for _ in range(40):
        await asyncio.sleep(0)


async def test_rows_are_done_in_order_and_the_end_is_told() -> None:
    async with a_bench() as bench:
        await bench.runner.begin(a_job())
        await bench.over()
        assert bench.work.did == ["0", "1", "2"]
        assert bench.progress.count(RowState.DONE) == 3
        assert [row.label for row in bench.told[0].rows or ()] == ["0", "1", "2"]


async def test_rows_that_are_sent_are_looked_for_together_and_done_then() -> None:
    async with a_bench() as bench:
        bench.work.pipelined = True
        await bench.runner.begin(a_job())
        await bench.over()
        assert (bench.work.did, bench.work.looks) == (["0", "1", "2"], 1)


async def test_what_a_look_does_not_find_is_done_again() -> None:
    async with a_bench() as bench:
        bench.work.pipelined, bench.work.unsure = True, 2
        await bench.runner.begin(a_job())
        await bench.over()
        assert bench.work.did == ["0", "1", "2", "0", "1"]


async def test_every_row_that_changed_is_told_in_the_end_and_few_notices_suffice() -> None:
    async with a_bench() as bench:
        bench.world.clock.stop()
        await bench.runner.begin(a_job(100))
        await bench.over()
        last = {row.key: row.state for told in bench.told for row in told.changed}
        assert last == {str(number): RowState.DONE for number in range(100)}
        assert len(bench.told) < 6


async def test_a_slow_row_is_told_while_it_is_at_work() -> None:
    async with a_bench() as bench:
        bench.world.clock.stop()
        bench.work.seconds = 60
        await bench.runner.begin(a_job(2))
        await a_moment()
        bench.world.clock.advance(BREATH)
        async with asyncio.timeout(HANG_SECONDS):
            while bench.progress.count(RowState.WORKING) != 1:  # noqa: ASYNC110 - no bell here
                await asyncio.sleep(0.001)


@pytest.mark.parametrize("pipelined", [False, True])
@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (Throttled(Evidence(), retry_after=90), 90.0),
        (Throttled(Evidence(), retry_after=0), 1.0),
        (Throttled(Evidence()), HOLDS[0]),
        (Unavailable(Evidence()), HOLDS[0]),
        (LedgerUnwritable("full"), HOLDS[0]),
        (SignInUnreachable("no network"), HOLDS[0]),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_cannot_be_done_now_is_done_after_a_pause(
    error: DirectoryError | LedgerError, pause: float, *, pipelined: bool
) -> None:
    async with a_bench() as bench:
        bench.work.pipelined = pipelined
        bench.work.errors = [error]
        await bench.runner.begin(a_job())
        await bench.over()
        assert pause in bench.world.clock.slept
        assert bench.work.did == ["0", "1", "2"]
        assert [told for told in bench.told if told.progress and told.progress.held_by]


async def test_each_new_try_waits_longer_until_one_goes_well() -> None:
    async with a_bench() as bench:
        bench.work.errors = [Unavailable(Evidence())] * 5
        await bench.runner.begin(a_job(1))
        await bench.over()
        holds = [seconds for seconds in bench.world.clock.slept if seconds in HOLDS]
        assert holds == [*HOLDS, HOLDS[-1]]


@pytest.mark.parametrize("error", [SignInError("gone"), SignInExpired(Evidence())])
async def test_without_a_sign_in_it_waits_for_somebody(error: SignInError | DirectoryError) -> None:
    async with a_bench() as bench:
        bench.work.errors = [error]
        await bench.runner.begin(a_job())
        await bench.until(JobState.HELD)
        await a_moment()
        assert bench.progress.state is JobState.HELD
        bench.runner.go_on()
        await bench.over()


async def test_who_signs_in_while_a_row_still_fails_for_it_is_not_waited_for_again() -> None:
    async with a_bench() as bench:
        bench.world.clock.stop()
        bench.work.seconds = 1
        bench.work.errors = [SignInExpired(Evidence())]
        await bench.runner.begin(a_job(1))
        await a_moment()
        bench.runner.go_on()  # while the row is at work with the old sign-in
        bench.world.clock.run()
        await bench.over()
        assert bench.work.did == ["0"]


async def test_a_persons_pause_outlasts_every_reason_to_go_on() -> None:
    async with a_bench() as bench:
        await bench.paused()
        bench.runner.go_on()
        await a_moment()
        assert bench.work.did == []
        await bench.runner.resume()
        await bench.over()


async def test_pausing_a_held_job_forgets_its_alarm() -> None:
    async with a_bench() as bench:
        bench.world.clock.stop()
        bench.work.errors = [NO]
        await bench.runner.begin(a_job())
        await bench.until(JobState.HELD)
        await bench.runner.pause()
        bench.world.clock.run()
        await a_moment()
        assert bench.progress.state is JobState.PAUSED
        assert bench.work.did == []


async def test_a_cancelled_job_tells_every_row_that_is_left() -> None:
    async with a_bench() as bench:
        await bench.paused()
        await bench.runner.cancel()
        assert [row.state for row in bench.told[-1].changed] == [RowState.LEFT] * 3
        await bench.runner.again()
        await bench.over()
        assert bench.work.did == ["0", "1", "2"]


async def test_without_a_job_every_gesture_is_nothing() -> None:
    async with a_bench() as bench:
        runner = bench.runner
        for gesture in (runner.pause, runner.resume, runner.cancel, runner.again, runner.dismiss):
            await gesture()
        runner.go_on()
        await a_moment()
        assert bench.told == []
        assert runner.stored is None


async def test_what_an_earlier_job_has_sent_is_looked_for_without_a_job() -> None:
    async with a_bench() as bench:
        bench.work.sent = [JobRow("7", "7", RowState.SENT)]
        bench.runner.go_on()
        async with asyncio.timeout(HANG_SECONDS):
            while not bench.work.looks:  # noqa: ASYNC110 - no bell here
                await asyncio.sleep(0.001)
        assert bench.told == []


# On disk ------------------------------------------------------------------------------------------


async def test_a_job_is_on_disk_before_its_first_row_and_each_end_is_noted() -> None:
    async with a_bench() as bench:
        bench.world.clock.stop()
        bench.work.seconds = 1
        await bench.runner.begin(a_job(2))
        stored = read(bench.world.shelf.files[FILE])
        assert stored == a_job(2)
        bench.world.clock.run()
        await bench.noted(2)
        await bench.runner.dismiss()
        assert FILE not in bench.world.shelf.files
        assert bench.told[-1].progress is None
        assert bench.work.forgot == 1


async def test_a_job_that_need_not_be_seen_leaves_no_file_once_every_row_is_done() -> None:
    async with a_bench(stored_until_seen=False) as bench:
        await bench.runner.begin(a_job())
        await bench.over()
        await bench.runner.close()
        assert FILE not in bench.world.shelf.files


async def test_a_job_that_is_closed_on_its_way_stays_on_disk() -> None:
    async with a_bench(stored_until_seen=False) as bench:
        bench.work.errors = [SignInError("gone")]
        await bench.runner.begin(a_job())
        await bench.until(JobState.HELD)
        await bench.runner.close()
        assert await bench.runner.file.left() == a_job()


async def test_a_file_of_an_earlier_version_or_with_half_a_line_is_written_anew() -> None:
    async with a_bench() as bench:
        bench.world.shelf.files[FILE] = '{"form": 1, half a line'
        await bench.paused()
        await bench.runner.resume()
        await bench.noted(3)


async def test_a_disk_that_refuses_notes_keeps_no_row_from_being_done() -> None:
    async with a_bench() as bench:
        bench.world.clock.stop()
        bench.work.seconds = 1
        await bench.runner.begin(a_job())
        bench.world.shelf.full = True
        bench.world.clock.run()
        await bench.over()
        await bench.runner.dismiss()
        assert isinstance(bench.told[-1].error, LedgerUnwritable)
        bench.world.shelf.full = False
        await bench.runner.dismiss()
        assert bench.told[-1].progress is None


async def test_a_disk_that_refuses_the_job_begins_nothing() -> None:
    async with a_bench() as bench:
        bench.world.shelf.full = True
        with pytest.raises(LedgerUnwritable):
            await bench.runner.begin(a_job())
        assert (bench.runner.stored, bench.told, bench.work.did) == (None, [], [])
