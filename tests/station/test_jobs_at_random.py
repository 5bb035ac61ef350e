"""Whatever fails and whatever is asked in whatever order, each row of a job is done once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import (
    DirectoryError,
    Evidence,
    Forbidden,
    LedgerError,
    LedgerUnwritable,
    SignInExpired,
    Throttled,
    Unreachable,
)
from app.core.job import AGAIN, JobRow, RowState
from app.core.stored_job import JobKind, StoredJob, read, upload_rows
from app.station.context import StationContext
from app.station.jobs import JobNotice, JobRunner
from app.station.notices import Notice
from tests.fakes.world import FakeWorld
from tests.station.stage import DESK
from tests.support.patience import HANG_SECONDS

FILE = "job.json"
FAULTS: tuple[DirectoryError | LedgerError, ...] = (
    Unreachable(Evidence()),
    Throttled(Evidence(), retry_after=3),
    SignInExpired(Evidence()),
    LedgerUnwritable("full"),
)
ENDS = (RowState.DONE, RowState.SENT, RowState.WAITING, RowState.FAILED, RowState.UNCLEAR)
GESTURES = ("pause", "resume", "cancel", "again", "go_on", "dismiss", "wait")

acts = st.lists(st.sampled_from(ENDS) | st.sampled_from(FAULTS), max_size=12)
gestures = st.lists(st.sampled_from(GESTURES), max_size=10)


class Work:
    """Rows that end as they are told to, and go well afterwards. Fulfils jobs.RowWork."""

    def __init__(self, told: list[RowState | DirectoryError | LedgerError]) -> None:
        self._told = told
        self.sent: dict[str, JobRow] = {}
        self.done = Counter[str]()
        self.at_once = 0

    async def act(self, row: JobRow) -> JobRow:
        assert row.state is RowState.WORKING
        assert row.key not in self.sent
        assert row.key not in self.done
        self.at_once += 1
        assert self.at_once == 1
        await asyncio.sleep(0)
        self.at_once -= 1
        return self._ended(row)

    def seconds_until_look(self, *, busy: bool) -> float | None:
        return None if busy or not self.sent else 0

    async def look(self) -> list[JobRow]:
        await asyncio.sleep(0)
        key, row = next(iter(self.sent.items()))
        ended = self._ended(row)
        if ended.state is not RowState.SENT:
            self.sent.pop(key)
            return [ended]
        return []

    def forget(self) -> None:
        self.sent.clear()

    def _ended(self, row: JobRow) -> JobRow:
        told = self._told.pop(0) if self._told else RowState.DONE
        if not isinstance(told, RowState):
            raise told
        if told is RowState.DONE:
            self.done[row.key] += 1
        error = Forbidden(Evidence()) if told is RowState.WAITING else None
        ended = replace(row, state=told, error=error)
        if told is RowState.SENT:
            self.sent[row.key] = ended
        return ended


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 4), told=acts, asked=gestures, paused=st.booleans(), seen=st.booleans())
def test_each_row_is_done_once_and_the_file_says_so(
    *,
    count: int,
    told: list[RowState | DirectoryError | LedgerError],
    asked: list[str],
    paused: bool,
    seen: bool,
) -> None:
    async def play() -> None:
        async with asyncio.timeout(HANG_SECONDS):
            await _play(count, told, asked, paused=paused, seen=seen)

    asyncio.run(play())


async def _play(
    count: int,
    told: list[RowState | DirectoryError | LedgerError],
    asked: list[str],
    *,
    paused: bool,
    seen: bool,
) -> None:
    world, notices, work = FakeWorld(), list[Notice](), Work(list(told))
    context = StationContext(world.station_ports, DESK, notices.append)
    runner = JobRunner(context, work, FILE, stored_until_seen=seen)
    rows = upload_rows(str(number) for number in range(count))
    job = StoredJob("job", JobKind.UPLOAD, world.clock.now(), rows, "tokens.csv")
    if paused:
        await runner.take_up(job, [JobRow(row.key, row.key) for row in rows])
    else:
        await runner.begin(job)
    for gesture in asked:
        await _ask(runner, gesture)
    if runner.stored is None:  # put away at its end
        assert FILE not in world.shelf.files
        await runner.close()
        return
    while len(work.done) < count:
        await runner.resume()
        await runner.again()
        runner.go_on()
        await asyncio.sleep(0.001)
    while not _is_over(notices):
        await runner.resume()
        runner.go_on()
        await asyncio.sleep(0.001)
    shown = {row.key: row.state for notice in notices for row in _rows(notice)}
    assert set(shown.values()) == {RowState.DONE}
    assert set(work.done.values()) == {1}
    await runner.close()
    stored = read(world.shelf.files.get(FILE, ""))
    assert (stored is not None) == seen
    assert all(
        state in {RowState.DONE, *AGAIN} for state in (stored.settled if stored else {}).values()
    )


async def _ask(runner: JobRunner, gesture: str) -> None:
    match gesture:
        case "wait":
            await asyncio.sleep(0.001)
        case "go_on":
            runner.go_on()
        case _:
            await getattr(runner, gesture)()
    await asyncio.sleep(0)


def _rows(notice: Notice) -> tuple[JobRow, ...]:
    return (*(notice.rows or ()), *notice.changed) if isinstance(notice, JobNotice) else ()


def _is_over(notices: list[Notice]) -> bool:
    progress = next(n.progress for n in reversed(notices) if isinstance(n, JobNotice))
    return progress is not None and progress.is_over
