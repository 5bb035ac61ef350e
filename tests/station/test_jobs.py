"""The runner does rows one by one, holds when it has to, and tells no more than can be seen."""

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
    Throttled,
    Unavailable,
)
from app.core.job import Job, JobRow, JobState, Progress, RowState
from app.station.jobs import BREATH, PAUSE, JobRunner
from tests.fakes.clock import FakeClock
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio


@dataclass
class Bench:
    """A runner, the rows it has done, and what it told."""

    clock: FakeClock = field(default_factory=FakeClock)
    did: list[str] = field(default_factory=list)
    told: list[tuple[Progress, tuple[JobRow, ...]]] = field(default_factory=list)
    errors: list[DirectoryError | SignInError | LedgerError] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.runner = JobRunner(self.clock, lambda *told: self.told.append(told))

    @property
    def progress(self) -> Progress:
        return self.told[-1][0]

    async def act(self, row: JobRow) -> JobRow:
        if self.errors:
            raise self.errors.pop(0)
        if self.seconds:
            await self.clock.sleep(self.seconds)
        self.did.append(row.key)
        return replace(row, state=RowState.DONE)

    def begin(self, count: int = 3, *, paused: bool = False) -> None:
        rows = [JobRow(str(number), f"row {number}") for number in range(count)]
        self.runner.begin(Job(rows, self.clock.now(), paused=paused), self.act)

    async def until(self, state: JobState) -> None:
        async with asyncio.timeout(HANG_SECONDS):
            while not self.told or self.progress.state is not state:  # noqa: ASYNC110 - no bell here
                await asyncio.sleep(0.001)


@asynccontextmanager
async def a_bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.runner.close()


async def test_rows_are_done_in_order_and_the_end_is_told() -> None:
    async with a_bench() as bench:
        bench.begin()
        await bench.until(JobState.FINISHED)
        assert bench.did == ["0", "1", "2"]
        assert bench.progress.count(RowState.DONE) == 3


async def test_every_row_that_changed_is_told_in_the_end_and_few_tellings_suffice() -> None:
    async with a_bench() as bench:
        bench.clock.stop()
        bench.begin(100)
        await bench.until(JobState.FINISHED)
        last = {row.key: row.state for _, changed in bench.told for row in changed}
        assert last == {str(number): RowState.DONE for number in range(100)}
        assert len(bench.told) < 5


async def test_a_slow_row_is_told_while_it_is_at_work() -> None:
    async with a_bench() as bench:
        bench.clock.stop()
        bench.seconds = 60
        bench.begin(2)
        async with asyncio.timeout(HANG_SECONDS):
            while bench.clock.sleepers < 2:  # noqa: ASYNC110 - the row, and the telling
                await asyncio.sleep(0.001)
        bench.clock.advance(BREATH)
        async with asyncio.timeout(HANG_SECONDS):
            while bench.progress.count(RowState.WORKING) != 1:  # noqa: ASYNC110 - no bell here
                await asyncio.sleep(0.001)


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (Throttled(Evidence(), retry_after=90), 90.0),
        (Throttled(Evidence(), retry_after=0), 1.0),
        (Throttled(Evidence()), PAUSE),
        (Unavailable(Evidence()), PAUSE),
        (LedgerUnwritable("full"), PAUSE),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_cannot_be_done_now_is_done_after_a_pause(
    error: DirectoryError | LedgerError, pause: float
) -> None:
    async with a_bench() as bench:
        bench.errors = [error]
        bench.begin()
        await bench.until(JobState.FINISHED)
        assert pause in bench.clock.slept
        assert bench.did == ["0", "1", "2"]
        assert [told.held_by for told, _ in bench.told if told.held_by] != []


@pytest.mark.parametrize("error", [SignInError("gone"), SignInExpired(Evidence())])
async def test_without_a_sign_in_it_waits_for_somebody(error: SignInError | DirectoryError) -> None:
    async with a_bench() as bench:
        bench.errors = [error]
        bench.begin()
        await bench.until(JobState.HELD)
        for _ in range(40):
            await asyncio.sleep(0)
        assert bench.progress.state is JobState.HELD
        bench.runner.go_on()
        await bench.until(JobState.FINISHED)


async def test_a_persons_pause_outlasts_every_reason_to_go_on() -> None:
    async with a_bench() as bench:
        bench.begin(paused=True)
        bench.runner.go_on()
        for _ in range(40):
            await asyncio.sleep(0)
        assert bench.did == []
        bench.runner.resume()
        await bench.until(JobState.FINISHED)


async def test_pausing_a_held_job_forgets_its_alarm() -> None:
    async with a_bench() as bench:
        bench.clock.stop()
        bench.errors = [Throttled(Evidence(), retry_after=5)]
        bench.begin()
        await bench.until(JobState.HELD)
        bench.runner.pause()
        bench.clock.run()
        for _ in range(40):
            await asyncio.sleep(0)
        assert bench.progress.state is JobState.PAUSED
        assert bench.did == []


async def test_a_cancelled_job_tells_every_row_that_is_left() -> None:
    async with a_bench() as bench:
        bench.begin(paused=True)
        bench.runner.cancel()
        assert [row.state for row in bench.told[-1][1]] == [RowState.LEFT] * 3
        bench.runner.again()
        await bench.until(JobState.FINISHED)
        assert bench.did == ["0", "1", "2"]


async def test_without_a_job_every_gesture_is_nothing() -> None:
    async with a_bench() as bench:
        for gesture in (
            bench.runner.pause,
            bench.runner.resume,
            bench.runner.go_on,
            bench.runner.cancel,
            bench.runner.again,
            bench.runner.forget,
        ):
            gesture()
        assert bench.told == []
        assert bench.runner.job is None
