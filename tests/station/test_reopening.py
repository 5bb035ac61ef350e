"""A line of the record is opened where it can be settled: at the desk, or beside it."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.errors import Evidence, LedgerUnreadable, Rejected
from app.core.model import Mode, Operation, Reason
from app.station.desk.notices import PendingNotice
from app.station.notices import TroubleNotice
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.station.beside import Beside
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

REFUSED = Rejected(Evidence(status=400))


def held() -> FakeWorld:
    world = FakeWorld()
    world.directory.give(world.token, world.ada, activated=True)
    return world


async def replace(stage: Stage, code: str) -> Beside:
    """Send the first half of a replacement."""
    world, desk = stage.world, Beside(stage)
    mode = Mode.ASSIGN_AND_ACTIVATE
    await desk.work.replace(world.token, world.second, world.ada, Reason.LOST, mode)
    await desk.confirm(code)
    return desk


def due(stage: Stage) -> str:
    """The id of the second half that waits."""
    (line,) = [line for line in stage.today if line.state is State.DUE]
    return line.enrollment_id


async def test_what_was_only_handed_over_goes_back_to_the_desk() -> None:
    async with a_desk() as stage:
        await stage.fill()
        refused = await stage.submit(WRONG)
        await stage.desk.start_afresh()
        await stage.station.resume(refused.id)
        assert stage.enrollment.id == refused.id
        assert stage.shown.chosen is None


async def test_what_is_in_work_is_left_for_what_goes_back_to_the_desk() -> None:
    async with a_desk(world=held()) as stage:
        await stage.fill(stage.world.second)
        refused = await stage.submit(WRONG)
        await Beside(stage).begin(Operation.UNASSIGN)
        await stage.station.resume(refused.id)
        assert stage.shown.chosen is None


async def test_a_removal_that_was_not_done_stays_the_enrollment_it_was() -> None:
    async with a_desk(world=held()) as stage:
        stage.world.directory.fail("unassign", REFUSED)
        desk = Beside(stage)
        ended = await desk.do(Operation.UNASSIGN)
        assert ended.state is State.NOT_DONE
        await stage.station.desk.start_afresh()
        await stage.station.resume(ended.id)
        assert (desk.enrollment.id, desk.state) == (ended.id, State.AWAITING_TOKEN)


async def test_a_second_half_is_taken_up_once_its_first_is_done() -> None:
    async with a_desk(world=held()) as stage:
        desk = await replace(stage, RIGHT)
        second = due(stage)
        await stage.station.resume(second)
        assert (desk.enrollment.id, desk.state) == (second, State.AWAITING_TOKEN)


async def test_a_second_half_whose_first_is_not_done_is_told_as_pending() -> None:
    async with a_desk(world=held()) as stage:
        desk = await replace(stage, WRONG)
        first = desk.enrollment.id
        await stage.station.resume(due(stage))
        (told,) = stage.of(PendingNotice)
        assert told.offer is not None
        assert told.offer.first is not None
        assert told.offer.first.enrollment_id == first
        await stage.station.resume(first)
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED


async def test_a_record_that_cannot_be_read_is_told() -> None:
    async with a_desk(world=held()) as stage:
        await replace(stage, RIGHT)
        second = due(stage)
        stage.world.ledger.damage = LedgerUnreadable("damaged")
        await stage.station.resume(second)
        assert isinstance(stage.of(TroubleNotice)[-1].error, LedgerUnreadable)


async def test_nothing_is_opened_for_nobody() -> None:
    async with a_desk(world=held()) as stage:
        stage.world.directory.fail("unassign", REFUSED)
        ended = await Beside(stage).do(Operation.UNASSIGN)
        await stage.station.sign_out()
        await stage.station.resume(ended.id)
        assert stage.shown.chosen is None
        assert stage.enrollment.token is None
