"""Named work: one of a name at a time, stopped when told, and never failing unheard."""

from __future__ import annotations

import asyncio

import pytest

from app.station.tasks import Tasks

pytestmark = pytest.mark.anyio


async def forever(ended: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(name)


async def test_starting_under_a_name_in_use_stops_the_older() -> None:
    tasks, ended = Tasks(), list[str]()
    tasks.start("work", forever(ended, "first"))
    await asyncio.sleep(0)
    tasks.start("work", forever(ended, "second"))
    await asyncio.sleep(0)
    assert ended == ["first"]
    await tasks.stop_all()
    assert ended == ["first", "second"]


async def test_the_end_of_the_older_does_not_forget_the_newer() -> None:
    tasks, ended = Tasks(), list[str]()
    tasks.start("work", forever(ended, "first"))
    await asyncio.sleep(0)
    tasks.start("work", forever(ended, "second"))
    for _ in range(5):
        await asyncio.sleep(0)
    tasks.stop("work")
    await asyncio.sleep(0)
    assert ended == ["first", "second"]


async def test_stopping_what_does_not_run_is_harmless() -> None:
    tasks = Tasks()
    tasks.stop("nothing")
    await tasks.stop_all()


@pytest.mark.expect_log("work bad failed")
async def test_a_failure_is_heard() -> None:
    async def bad() -> None:
        raise ValueError("broken")

    tasks = Tasks()
    tasks.start("bad", bad())
    for _ in range(3):
        await asyncio.sleep(0)


async def test_once_more_waits_for_its_turn_and_runs_but_once() -> None:
    tasks, begun, go = Tasks(), list[int](), asyncio.Event()

    async def work() -> None:
        begun.append(len(begun))
        await go.wait()

    for _ in range(3):
        tasks.once_more("work", work)
        await asyncio.sleep(0)
    assert begun == [0]
    go.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert begun == [0, 1]
    tasks.once_more("work", work)
    await asyncio.sleep(0)
    assert begun == [0, 1, 2]
    await tasks.stop_all()


async def test_once_more_is_not_missed_in_the_moment_the_work_ends() -> None:
    tasks, begun = Tasks(), list[int]()

    async def work() -> None:
        begun.append(len(begun))
        asyncio.get_running_loop().call_soon(lambda: tasks.once_more("work", last))

    async def last() -> None:
        begun.append(-1)

    tasks.once_more("work", work)
    for _ in range(5):
        await asyncio.sleep(0)
    assert begun == [0, -1]


async def test_what_was_stopped_does_not_run_once_more() -> None:
    tasks, ended = Tasks(), list[str]()
    for _ in range(2):
        tasks.once_more("work", lambda: forever(ended, "work"))
        await asyncio.sleep(0)
    await tasks.stop_all()
    await asyncio.sleep(0)
    assert ended == ["work"]


async def test_what_has_ended_does_not_run_any_more() -> None:
    """Also for whoever is woken by its last step, before the loop has told of its end."""
    tasks, ended = Tasks(), asyncio.Event()

    async def work() -> None:
        ended.set()

    tasks.start("work", work())
    assert tasks.is_running("work")
    await ended.wait()
    assert not tasks.is_running("work")
