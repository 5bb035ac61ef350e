"""Of whoever stood at a kiosk nothing is left after some seconds, locked or not."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.model import Mode
from app.station.context import DeskSettings
from app.station.lock import SIGN_IN, AbandonedNotice, Lapse, limits_of
from app.station.notices import CardState, SessionState
from app.station.today import TodayNotice
from tests.fakes.world import FakeWorld
from tests.station.sessions import told, unattended
from tests.station.stage import Stage, a_desk
from tests.station.test_lock import filled, is_locked, locked, pass_by, signed_in_again, watched

pytestmark = pytest.mark.anyio

KIOSK = DeskSettings(lock_after=120, sign_out_after=300, wipe_after=20)


def is_empty(stage: Stage) -> bool:
    empty = CardState.EMPTY
    return stage.token_card.state is empty and stage.person_card.state is empty


async def test_a_draft_that_was_left_is_gone_and_the_operator_stays() -> None:
    async with watched(KIOSK) as stage:
        await filled(stage)
        await pass_by(stage, 18)
        assert not is_empty(stage)
        await pass_by(stage, 3)
        assert is_empty(stage)
        assert len(stage.of(AbandonedNotice)) == 1
        assert told(stage)[-1] is SessionState.SIGNED_IN


async def test_it_is_wiped_once_and_locked_in_its_time() -> None:
    async with watched(KIOSK) as stage:
        await filled(stage)
        await pass_by(stage, 118)
        assert len(stage.of(AbandonedNotice)) == 1
        assert not is_locked(stage)
        await pass_by(stage, 3)
        assert is_locked(stage)


async def test_whoever_works_is_not_wiped_away() -> None:
    async with watched(KIOSK) as stage:
        await filled(stage)
        for _ in range(5):
            await pass_by(stage, 15)
            await stage.station.lock.active()
        assert not is_empty(stage)


async def test_behind_the_lock_nothing_waits_longer_than_before_it() -> None:
    async with watched(KIOSK) as stage:
        await filled(stage)
        await locked(stage)
        await pass_by(stage, 21)
        assert is_empty(stage)
        assert is_locked(stage)
        await signed_in_again(stage)
        assert is_empty(stage)


async def test_what_was_submitted_goes_on_when_its_traces_are_wiped() -> None:
    async with watched(KIOSK) as stage:
        await stage.desk.choose_mode(Mode.ASSIGN_ONLY)
        await stage.scan(stage.world.token.serial_number)
        await stage.desk.serve(stage.world.ada)
        await stage.reach(State.READY)
        slow = stage.world.directory.hold("assign")
        await stage.desk.submit()
        await stage.reach(State.SUBMITTING)
        await pass_by(stage, 21)
        assert is_empty(stage)
        slow.go.set()
        await stage.until_later(lambda: stage.world.ledger.entries[-1].state is State.ASSIGNED)
        assert is_empty(stage)


async def test_a_sign_in_that_was_begun_and_left_is_given_up() -> None:
    world = FakeWorld()
    world.clock.stop()
    world.sign_in.waits = True
    async with a_desk(world=world, settings=KIOSK, signed_in=False) as stage:
        await stage.station.session.begin_by_device_code()
        await stage.until(lambda: SessionState.BY_DEVICE in told(stage))
        await pass_by(stage, SIGN_IN - 2)
        assert told(stage)[-1] is SessionState.BY_DEVICE
        await pass_by(stage, 3)
        await stage.until(lambda: told(stage)[-1] is SessionState.SIGNED_OUT)
        assert len(stage.of(AbandonedNotice)) == 1


async def test_a_desk_that_is_no_kiosk_waits_for_whoever_signs_in() -> None:
    world = FakeWorld()
    world.clock.stop()
    world.sign_in.waits = True
    async with a_desk(world=world, settings=DeskSettings(lock_after=60), signed_in=False) as stage:
        await stage.station.session.begin_by_device_code()
        await stage.until(lambda: SessionState.BY_DEVICE in told(stage))
        await pass_by(stage, 2 * SIGN_IN)
        assert told(stage)[-1] is SessionState.BY_DEVICE


async def test_an_unattended_kiosk_is_cleared_as_soon() -> None:
    async with watched(KIOSK, unattended()) as stage:
        await filled(stage)
        await pass_by(stage, 21)
        assert is_empty(stage)


async def test_a_kiosk_lists_nobody_who_was_served_before() -> None:
    async with watched(KIOSK) as stage:
        await filled_and_submitted(stage)
        assert stage.of(TodayNotice) == []
    async with watched() as stage:  # a desk lists them
        await filled_and_submitted(stage)
        assert stage.of(TodayNotice)[-1].lines != ()


async def filled_and_submitted(stage: Stage) -> None:
    await stage.desk.choose_mode(Mode.ASSIGN_ONLY)
    await stage.scan(stage.world.token.serial_number)
    await stage.desk.serve(stage.world.ada)
    await stage.reach(State.READY)
    await stage.desk.submit()
    await stage.reach(State.SUBMITTING, State.CONFIRMING, State.ASSIGNED)


def test_a_kiosk_waits_for_a_sign_in_longer_than_for_a_desk() -> None:
    limits = limits_of(KIOSK)
    assert (limits[Lapse.WIPE], limits[Lapse.GIVE_UP]) == (20, SIGN_IN)
    assert limits_of(DeskSettings(wipe_after=600))[Lapse.GIVE_UP] == 600
    assert {Lapse.WIPE, Lapse.GIVE_UP}.isdisjoint(limits_of(DeskSettings(lock_after=60)))
