"""A clock that is off is told once, and no code suffers from it."""

from __future__ import annotations

import pytest

from app.core.code import CodeVerdict
from app.core.enrollment import State
from app.core.skew import FEWEST, ClockState
from app.station.notices import CodeNotice, Notice
from app.station.station import Station
from app.station.timekeeper import ClockNotice, Timekeeper
from tests.fakes.world import RIGHT
from tests.station.stage import a_desk

pytestmark = pytest.mark.anyio


def told(*offsets: float | None) -> list[tuple[ClockState, float]]:
    notices: list[Notice] = []
    keeper = Timekeeper(notices.append)
    for offset in offsets:
        keeper.heard(offset)
    return [(n.state, n.offset) for n in notices if isinstance(n, ClockNotice)]


def answers(station: Station, offset: float, count: int = FEWEST) -> None:
    for _ in range(count):
        station.heard(answered=True, latency=12.0, offset=offset)


def test_a_clock_that_is_right_is_told_once_and_never_again() -> None:
    assert told(*[0.3, -0.4, 0.1, 0.6, -0.2]) == [(ClockState.FINE, 0.1)]


def test_answers_without_a_time_tell_nothing() -> None:
    assert told(None, None, None, None) == []


def test_each_meaning_is_told_and_a_change_that_matters() -> None:
    assert told(*[42.0] * 9, *[55.0] * 2, *[600.0] * 2, *[0.0] * 2) == [
        (ClockState.OFF, 42.0),
        (ClockState.OFF, 55.0),
        (ClockState.WRONG, 600.0),
        (ClockState.FINE, 0.0),
    ]


def test_codes_are_judged_by_the_offset_that_the_window_was_told() -> None:
    notices: list[Notice] = []
    keeper = Timekeeper(notices.append)
    for offset in [0.5] * FEWEST + [-0.5] * 9:
        keeper.heard(offset)
        shown = [n.offset for n in notices if isinstance(n, ClockNotice)]
        assert keeper.ahead() == (shown[-1] if shown else 0.0)


def test_a_clock_that_drifts_while_it_is_still_fine_is_told_anew() -> None:
    assert told(*[0.0] * 3, *[9.0] * 9) == [(ClockState.FINE, 0.0), (ClockState.FINE, 9.0)]


def test_while_nothing_is_known_this_machines_clock_counts() -> None:
    keeper = Timekeeper(lambda _notice: None)
    assert (keeper.offset, keeper.ahead()) == (None, 0.0)
    for _ in range(FEWEST):
        keeper.heard(-90.0)
    assert keeper.ahead() == -90.0


async def test_a_code_is_judged_by_true_time_on_a_machine_ten_minutes_off() -> None:
    """This machine sees 20 of the step's 30 seconds left; truly there are 4."""
    async with a_desk() as stage:
        await stage.fill()
        answers(stage.station, 616.0)
        await stage.desk.submit(RIGHT)
        assert [notice.verdict for notice in stage.of(CodeNotice)] == [CodeVerdict.WAIT_FOR_NEXT]
        assert stage.of(ClockNotice)[-1].state is ClockState.WRONG
        answers(stage.station, 600.0, count=2)
        assert (await stage.submit()).state is State.ACTIVATED


async def test_a_code_that_seems_to_end_and_does_not_is_sent() -> None:
    """This machine sees 4 of the step's 30 seconds left; truly there are 24."""
    async with a_desk() as stage:
        await stage.fill()
        stage.world.clock.advance(16)
        answers(stage.station, -590.0)
        assert (await stage.submit()).state is State.ACTIVATED
        assert stage.of(CodeNotice) == []
