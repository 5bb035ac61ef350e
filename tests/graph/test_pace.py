from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Evidence, NotFound, Throttled
from app.graph.pace import Pace, Pacer
from tests.graph.support import StillClock

Calls = list[tuple[str, float]]


class Turnstile:
    """Calls that go through a pacer and note when, in seconds since the start."""

    def __init__(self, pace: Pace | None = None, *, seconds: float = 0.0) -> None:
        self.clock = StillClock()
        self.pacer = Pacer(pace, self.clock)
        self.seconds = seconds
        self.calls: Calls = []
        self._start = self.clock.moment

    async def read(self, name: str = "read") -> None:
        await self._pass(name, is_write=False)

    async def write(self, name: str = "write") -> None:
        await self._pass(name, is_write=True)

    async def work(self, name: str = "work") -> None:
        await self._pass(name, is_write=True, is_long_work=True)

    async def _pass(self, name: str, *, is_write: bool, is_long_work: bool = False) -> None:
        async with self.pacer.slot(is_write=is_write, is_long_work=is_long_work):
            self.calls.append((name, (self.clock.moment - self._start).total_seconds()))
            self.clock.moment += timedelta(seconds=self.seconds)

    def times(self) -> list[float]:
        return [time for _, time in self.calls]

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


def run(*steps: Callable[[], Awaitable[None]]) -> None:
    async def together() -> None:
        await asyncio.gather(*(step() for step in steps))

    asyncio.run(together())


def test_a_burst_up_to_the_count_waits_for_nothing() -> None:
    turnstile = Turnstile(Pace(5, 10))
    run(*[turnstile.write] * 5)
    assert turnstile.times() == [0] * 5
    assert turnstile.clock.slept == []


def test_the_sixth_call_waits_until_the_first_is_forgotten() -> None:
    turnstile = Turnstile(Pace(5, 10))
    run(*[turnstile.write] * 6)
    assert turnstile.times() == [0, 0, 0, 0, 0, 10]


def test_a_slot_is_counted_from_when_its_exchange_ended() -> None:
    turnstile = Turnstile(Pace(1, 10), seconds=2)
    run(turnstile.write, turnstile.write)
    assert turnstile.times() == [0, 12]


def test_reads_leave_a_slot_to_a_write_with_a_code() -> None:
    turnstile = Turnstile(Pace(5, 10))
    run(*[turnstile.read] * 4, turnstile.write, turnstile.read)
    assert turnstile.calls == [("read", 0)] * 4 + [("write", 0), ("read", 10)]


def test_reads_alone_wait_before_they_take_the_last_slot() -> None:
    turnstile = Turnstile(Pace(5, 10))
    run(*[turnstile.read] * 5)
    assert turnstile.times() == [0, 0, 0, 0, 10]


def test_a_write_goes_before_every_read_that_waits() -> None:
    turnstile = Turnstile(Pace(1, 10, reserved=0))

    async def queue() -> None:
        async with turnstile.pacer.slot(is_write=True):
            reads = [asyncio.create_task(turnstile.read(f"read {n}")) for n in (1, 2)]
            await asyncio.sleep(0)
            writes = [asyncio.create_task(turnstile.write(f"write {n}")) for n in (1, 2)]
            await asyncio.sleep(0)
        await asyncio.gather(*reads, *writes)

    asyncio.run(queue())
    assert turnstile.names() == ["write 1", "write 2", "read 1", "read 2"]
    assert turnstile.times() == [10, 20, 30, 40]


def test_who_gives_up_waiting_holds_nobody_up() -> None:
    turnstile = Turnstile(Pace(1, 10, reserved=0))

    async def queue() -> None:
        async with turnstile.pacer.slot(is_write=True):
            impatient = asyncio.create_task(turnstile.write("impatient"))
            patient = asyncio.create_task(turnstile.write("patient"))
            await asyncio.sleep(0)
            impatient.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(patient)

    asyncio.run(queue())
    assert turnstile.calls == [("patient", 10)]


def test_a_clock_that_is_set_back_stops_nobody() -> None:
    turnstile = Turnstile(Pace(1, 10))

    async def set_back() -> None:
        await turnstile.write()
        turnstile.clock.moment -= timedelta(days=1)
        await turnstile.write()

    asyncio.run(set_back())
    assert turnstile.clock.slept == []


def test_without_a_pace_nobody_waits() -> None:
    turnstile = Turnstile(None)
    run(*[turnstile.read] * 50)
    assert turnstile.clock.slept == []


@given(
    count=st.integers(1, 6),
    reserved=st.integers(0, 3),
    kinds=st.lists(st.booleans(), min_size=1, max_size=25),
    seconds=st.floats(0, 4),
)
def test_no_window_ever_holds_more_than_the_count(
    count: int, reserved: int, kinds: list[bool], seconds: float
) -> None:
    turnstile = Turnstile(Pace(count, 10, reserved), seconds=seconds)
    run(*(turnstile.write if is_write else turnstile.read for is_write in kinds))
    times = turnstile.times()
    assert len(times) == len(kinds)
    assert all(
        later - earlier >= 10 - 1e-6 for earlier, later in zip(times, times[count:], strict=False)
    )


def test_long_work_takes_every_slot_while_nobody_is_at_the_desk() -> None:
    turnstile = Turnstile(Pace(5, 10))
    run(*[turnstile.work] * 11)
    assert turnstile.times() == [0] * 5 + [10] * 5 + [20]


def test_long_work_leaves_most_slots_to_a_desk_that_is_in_use() -> None:
    turnstile = Turnstile(Pace(5, 10, beside=2))
    run(turnstile.read, *[turnstile.work] * 4)
    assert turnstile.calls == [("read", 0)] + [("work", 0)] * 2 + [("work", 10)] * 2


def test_long_work_takes_every_slot_again_a_minute_after_the_desk_has_called() -> None:
    turnstile = Turnstile(Pace(5, 10, beside=1, attentive=30))
    run(turnstile.read, *[turnstile.work] * 9)
    assert turnstile.times() == [0, 0, 10, 20, *[30] * 5, 40]


def test_the_desk_goes_before_long_work_that_has_waited_longer() -> None:
    turnstile = Turnstile(Pace(1, 10))
    run(turnstile.work, turnstile.work, turnstile.read)
    assert turnstile.calls == [("work", 0), ("read", 10), ("work", 20)]


def throttled() -> Throttled:
    return Throttled(Evidence("GET", "/users", 429))


async def refused(turnstile: Turnstile) -> None:
    with contextlib.suppress(Throttled):
        async with turnstile.pacer.slot(is_write=True):
            raise throttled()


def test_m8_a_429_tells_that_other_desks_share_the_limit_and_the_pace_follows() -> None:
    turnstile = Turnstile(Pace(5, 10))
    asyncio.run(refused(turnstile))
    assert turnstile.pacer.pace == Pace(5, 20)
    for _ in range(9):
        asyncio.run(refused(turnstile))
    assert turnstile.pacer.pace == Pace(5, 80)


def test_m8_without_another_429_the_pace_comes_back_step_by_step() -> None:
    turnstile = Turnstile(Pace(5, 10))
    for _ in range(3):
        asyncio.run(refused(turnstile))
    for seconds in (40, 20, 10, 10):
        turnstile.clock.moment += timedelta(minutes=5)
        assert turnstile.pacer.pace == Pace(5, seconds)


def test_m8_other_errors_teach_nothing_and_no_pace_stays_none() -> None:
    turnstile = Turnstile(Pace(5, 10))

    async def fails() -> None:
        with contextlib.suppress(NotFound):
            async with turnstile.pacer.slot(is_write=True):
                raise NotFound(Evidence("GET", "/users", 404))

    asyncio.run(fails())
    assert turnstile.pacer.pace == Pace(5, 10)
    assert Turnstile(None).pacer.pace is None


@given(desks=st.integers(1, 12), kinds=st.lists(st.booleans(), min_size=1, max_size=9))
def test_m8_desks_that_share_the_limit_stay_within_it_together(
    desks: int, kinds: list[bool]
) -> None:
    """They begin at the same moment, and each asks for as much as it can."""
    times: list[float] = []
    for _ in range(desks):
        turnstile = Turnstile(Pace().shared_by(desks))
        run(*(turnstile.write if is_write else turnstile.read for is_write in kinds))
        times += turnstile.times()
    times.sort()
    last = max(times)
    starts = [moment for moment in times if moment <= last]
    # With more desks than calls a desk waits longer than the window; the average is kept then.
    window = 10 * max(1.0, desks / 5)
    most = 5 * window / 10
    assert all(sum(start <= each < start + window for each in times) <= most for start in starts)


def test_m8_the_share_of_a_desk() -> None:
    shares = {desks: Pace().shared_by(desks) for desks in (1, 2, 3, 5, 10)}
    assert shares[1] == Pace()
    assert {desks: (each.count, each.seconds) for desks, each in shares.items()} == {
        1: (5, 10),
        2: (2, 10),
        3: (1, 10),
        5: (1, 10),
        10: (1, 20),
    }
    assert [each.reads for each in shares.values()] == [4, 1, 1, 1, 1]
    assert [each.beside for each in shares.values()] == [2, 1, 1, 1, 1]


def test_m8_how_long_a_hand_over_waits_for_its_calls() -> None:
    """Two reads of what the person has, the write, and the look afterwards; help/tenant.md."""

    def seconds(desks: int) -> float:
        turnstile = Turnstile(Pace().shared_by(desks))

        async def hand_over() -> None:
            await asyncio.gather(turnstile.read(), turnstile.read())
            await turnstile.write()
            await turnstile.read()

        asyncio.run(hand_over())
        return turnstile.times()[-1]

    assert {desks: seconds(desks) for desks in (1, 2, 3, 5, 10)} == {
        1: 0,
        2: 20,
        3: 30,
        5: 30,
        10: 60,
    }
