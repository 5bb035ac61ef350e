"""What is on its way behind the desk: known by id, carried once, and forgotten at the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.enrollment import OPEN, WAITING, WATCHED, Enrollment, State
from app.core.model import Mode
from tests.fakes.world import FakeWorld
from tests.station.stage import SHORT, Stage, a_desk

pytestmark = pytest.mark.anyio

ASSIGN = Mode.ASSIGN_ONLY


def interrupted(world: FakeWorld, state: State = State.RECORDING) -> Enrollment:
    return Enrollment("cut", ASSIGN, state, world.token, world.ada, attempts=1)


async def on_its_way(stage: Stage) -> Enrollment:
    """An enrollment that was submitted and waits for its answer, which never comes."""
    await stage.fill()
    held = stage.world.directory.hold("assign")
    await stage.desk.submit()
    await held.reached.wait()
    return stage.enrollment


async def test_what_was_submitted_is_known_and_its_token_under_way_for_all_others() -> None:
    async with a_desk(ASSIGN) as stage:
        runs, world = stage.desk.submissions, stage.world
        sent = await on_its_way(stage)
        assert runs.known(sent.id) == sent
        assert runs.known("another") is None
        assert runs.is_underway(world.token, "another")
        assert not runs.is_underway(world.token, sent.id)
        assert not runs.is_underway(world.second, "another")


async def test_a_token_is_under_way_no_more_once_its_enrollment_rests() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        await stage.submit()
        assert not stage.desk.submissions.is_underway(stage.world.token, "another")


def at_rest(enrollment: Enrollment | None) -> bool:
    return enrollment is not None and enrollment.action is None


@pytest.mark.parametrize(
    "state", [state for state in State if state in OPEN - WAITING - {State.UNRECORDED}]
)
async def test_what_is_open_is_adopted_once_and_then_under_way(state: State) -> None:
    async with a_desk(ASSIGN) as stage:
        runs, cut = stage.desk.submissions, interrupted(stage.world, state)
        adopted = runs.adopt(cut)
        assert adopted is not None
        assert runs.adopt(cut) is None
        assert runs.is_underway(stage.world.token, "another") == (state not in WATCHED)
        await runs.take_up(adopted, SHORT)
        await stage.until(lambda: at_rest(runs.known("cut")))
        assert stage.world.directory.writes == []


async def test_what_was_let_go_can_be_adopted_again() -> None:
    async with a_desk(ASSIGN) as stage:
        runs, cut = stage.desk.submissions, interrupted(stage.world)
        adopted = runs.adopt(cut)
        assert adopted is not None
        runs.let_go(adopted)
        assert runs.adopt(cut) is not None


async def test_what_is_on_its_way_is_not_adopted() -> None:
    async with a_desk(ASSIGN) as stage:
        sent = await on_its_way(stage)
        assert stage.desk.submissions.adopt(replace(sent, state=State.RECORDING)) is None


async def test_what_came_to_rest_is_not_adopted_by_an_older_record() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        done = await stage.submit()
        assert stage.desk.submissions.adopt(replace(done, state=State.CONFIRMING)) is None


async def test_nothing_is_adopted_or_sent_while_nobody_is_signed_in() -> None:
    async with a_desk(ASSIGN, signed_in=False) as stage:
        cut = interrupted(stage.world)
        assert stage.desk.submissions.adopt(cut) is None
        stage.desk.submissions.send_off(cut, None)
        await stage.desk.submissions.take_up(cut, SHORT)
        await stage.a_moment()
        assert stage.world.directory.calls == []


async def test_closing_stops_and_forgets() -> None:
    async with a_desk(ASSIGN) as stage:
        sent = await on_its_way(stage)
        await stage.desk.submissions.close()
        assert stage.desk.submissions.known(sent.id) is None
        assert not stage.desk.submissions.is_underway(stage.world.token, "another")
