"""Whether the directory answers: told once per change, and found out again while it does not."""

from __future__ import annotations

import asyncio

import pytest

from app.core.errors import OathdeskError, SignInCancelled
from app.station.connection import Connection, DirectoryNotice
from app.station.notices import Notice
from tests.fakes.clock import FakeClock
from tests.station.stage import AWAY

pytestmark = pytest.mark.anyio


class Door:
    """A directory to knock at, which answers from knock `opens` on, and the connection to it."""

    def __init__(self, opens: int = 10**9, error: OathdeskError = AWAY) -> None:
        self.clock = FakeClock()
        self.notices: list[Notice] = []
        self.knocks = 0
        self.back = 0
        self._opens = opens
        self._error = error
        self.connection = Connection(self.clock, self._knock, self._back, self.notices.append)

    def is_up(self) -> bool:
        return self.connection.up

    def lose(self) -> None:
        self.connection.heard(answered=False)

    async def a_moment(self) -> None:
        for _ in range(100):
            await asyncio.sleep(0)

    async def _knock(self) -> None:
        self.knocks += 1
        if self.knocks < self._opens:
            raise self._error
        self.connection.heard(answered=True, latency=20)

    async def _back(self) -> None:
        self.back += 1


async def test_a_connection_is_believed_in_until_an_answer_fails_to_come() -> None:
    door = Door()
    assert door.is_up()
    door.connection.heard(answered=True, latency=12)
    await door.a_moment()
    assert door.notices == [DirectoryNotice(reachable=True, latency=12)]
    assert (door.knocks, door.back) == (0, 0)


@pytest.mark.parametrize("error", [AWAY, SignInCancelled()])
async def test_it_knocks_with_growing_pauses_until_there_is_an_answer(error: OathdeskError) -> None:
    door = Door(opens=7, error=error)
    door.lose()
    assert not door.is_up()
    await door.a_moment()
    assert door.is_up()
    assert door.clock.slept == [1, 2, 4, 8, 15, 15, 15]
    assert (door.knocks, door.back) == (7, 1)


async def test_many_failures_are_one_loss() -> None:
    door = Door()
    door.clock.stop()
    for _ in range(3):
        door.lose()
    await door.a_moment()
    assert (door.clock.sleepers, len(door.notices)) == (1, 3)
    await door.connection.close()


async def test_many_answers_are_one_return() -> None:
    door = Door()
    door.clock.stop()
    door.lose()
    for _ in range(3):
        door.connection.heard(answered=True)
    await door.a_moment()
    assert door.back == 1
    await door.connection.close()


async def test_nobody_knocks_at_a_door_that_another_has_opened() -> None:
    door = Door()
    door.clock.stop()
    door.lose()
    await door.a_moment()
    door.connection.heard(answered=True)
    door.clock.advance(5)
    await door.a_moment()
    assert (door.knocks, door.clock.sleepers) == (0, 0)


async def test_a_second_loss_begins_with_short_pauses_again() -> None:
    door = Door(opens=4)
    door.lose()
    await door.a_moment()
    door.lose()
    await door.a_moment()
    assert door.clock.slept == [1, 2, 4, 8, 1]
    assert door.back == 2


async def test_closing_stops_the_knocking_and_begins_in_good_faith() -> None:
    door = Door()
    door.clock.stop()
    door.lose()
    await door.a_moment()
    await door.connection.close()
    assert (door.connection.up, door.clock.sleepers, door.back) == (True, 0, 0)
