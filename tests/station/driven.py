"""Time that the test alone moves, and no threads: the same run goes the same way every time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from tests.fakes.clock import FakeClock

P = ParamSpec("P")
T = TypeVar("T")

_SPINS = 60
"""Turns of the loop after which what could go on has gone on; the longest chain takes some 20."""


class _AtOnce(ThreadPoolExecutor):
    """Does what it is given in the thread that gives it."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever waits for it is told
            future.set_exception(error)
        return future


def without_threads() -> None:
    """From now on the running loop does in its own thread what it would give to another."""
    asyncio.get_running_loop().set_default_executor(_AtOnce())


async def settle() -> None:
    """Let everything go on that can without time passing."""
    for _ in range(_SPINS):
        await asyncio.sleep(0)


async def pass_time(clock: FakeClock, seconds: float) -> None:
    """Let so many seconds pass, and all that was to happen meanwhile happen in its order."""
    await settle()
    left = seconds
    while left > 0:
        step = min(left, max(clock.until_next(), 0.001))
        clock.advance(step)
        left -= step
        await settle()
