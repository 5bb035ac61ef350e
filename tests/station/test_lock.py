"""A desk that is left: it locks, waits for its operator, and is given up in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enrollment import State
from app.core.errors import Evidence, SignInUnreachable, Unavailable
from app.core.model import Source
from app.core.reading import CardRead, Family, ReaderAppeared, TokenReading
from app.core.signin import ScreenArea, SignInMethod
from app.station.context import DeskSettings
from app.station.lock import (
    BY_HAND,
    LAPSES,
    AbandonedNotice,
    Lapse,
    NotTakenNotice,
    Watch,
    limits_of,
)
from app.station.notices import CardState, SessionNotice, SessionState
from tests.fakes.nouns import an_operator
from tests.fakes.world import RIGHT, FakeWorld
from tests.station.sessions import ENDED, WINDOW, ended, told, unattended
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

LOCKS = DeskSettings(lock_after=60)
LEAVES = DeskSettings(lock_after=60, sign_out_after=300)
NIGHT = timedelta(hours=8)
NORA = an_operator("Nora")


@asynccontextmanager
async def watched(
    left: DeskSettings = LEAVES, world: FakeWorld | None = None
) -> AsyncIterator[Stage]:
    """A desk that is watched, on a clock that stands still."""
    world = world or FakeWorld()
    world.clock.stop()
    async with a_desk(world=world, settings=left) as stage:
        await stage.a_moment()
        yield stage


async def pass_by(stage: Stage, seconds: float) -> None:
    """Let `seconds` go by, one after the other."""
    for _ in range(round(seconds)):
        stage.world.clock.advance(1)
        await stage.a_moment()


async def filled(stage: Stage) -> None:
    """Fill the desk while time stands still."""
    await stage.scan(stage.world.token.serial_number)
    await stage.desk.serve(stage.world.ada)
    await stage.reach(State.AWAITING_CODE)


async def locked(stage: Stage) -> None:
    await stage.station.lock.at_once()
    assert stage.session == SessionNotice(SessionState.LOCKED)


async def signed_in_again(stage: Stage) -> None:
    before = told(stage).count(SessionState.SIGNED_IN)
    await stage.station.session.begin_again(WINDOW)
    await stage.until(lambda: told(stage).count(SessionState.SIGNED_IN) > before)


def is_locked(stage: Stage) -> bool:
    return stage.session.state is SessionState.LOCKED


# -- when ------------------------------------------------------------------------------------------


async def test_a_desk_that_is_left_locks_after_its_time_and_not_before() -> None:
    async with watched() as stage:
        await pass_by(stage, 58)
        assert not is_locked(stage)
        await pass_by(stage, 3)
        assert is_locked(stage)
        assert stage.session.operator is None


async def test_whoever_works_puts_it_off() -> None:
    async with watched() as stage:
        for _ in range(4):
            await pass_by(stage, 50)
            await stage.station.lock.active()
        assert not is_locked(stage)
        await pass_by(stage, 61)
        assert is_locked(stage)


@pytest.mark.parametrize("source", ["scan", "tap"])
async def test_a_scan_and_a_tap_are_work(source: str) -> None:
    async with watched() as stage:
        await pass_by(stage, 50)
        if source == "scan":
            await stage.scan(stage.world.token.serial_number)
        else:
            await stage.station.tap(stage.world.token.serial_number)
        await pass_by(stage, 50)
        assert not is_locked(stage)


async def test_without_a_limit_nothing_is_watched_and_nothing_locks() -> None:
    async with watched(DeskSettings()) as stage:
        await pass_by(stage, 3600)
        assert told(stage)[-1] is SessionState.SIGNED_IN
        assert stage.world.clock.sleepers == 0


async def test_the_operator_locks_at_once_without_any_limit() -> None:
    async with watched(DeskSettings()) as stage:
        await locked(stage)


async def test_nobody_can_be_locked_out_of_an_empty_chair() -> None:
    world = FakeWorld()
    world.clock.stop()
    async with a_desk(world=world, settings=LEAVES, signed_in=False) as stage:
        await stage.station.lock.at_once()
        await pass_by(stage, 600)
        assert told(stage) == []


async def test_a_machine_that_slept_too_long_is_locked_before_its_first_key_counts() -> None:
    async with watched(LOCKS) as stage:
        stage.world.clock._now += NIGHT
        await stage.station.lock.active()
        assert is_locked(stage)


async def test_a_card_that_still_lies_there_on_waking_is_not_taken() -> None:
    async with watched(LOCKS) as stage:
        stage.world.clock._now += NIGHT
        await stage.station.tap(stage.world.token.serial_number)
        assert stage.token_card.state is CardState.EMPTY
        assert stage.of(NotTakenNotice)
        await pass_by(stage, 1)
        assert is_locked(stage)


async def test_a_machine_that_slept_past_the_longer_limit_is_signed_out() -> None:
    async with watched() as stage:
        stage.world.clock.advance(3600)
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_OUT)
        assert stage.session.lapsed


async def test_a_clock_that_is_set_back_begins_to_count_anew() -> None:
    async with watched(LOCKS) as stage:
        await pass_by(stage, 30)
        stage.world.clock.set_back(3600)
        await stage.station.lock.active()
        stage.world.clock.set_back(3600)
        for _ in range(62):
            stage.world.clock._now += timedelta(seconds=1)
            await stage.station.lock._look()
        assert is_locked(stage)


# -- behind it -------------------------------------------------------------------------------------


async def test_what_lies_on_the_desk_is_kept_and_checked_afresh_for_its_operator() -> None:
    async with watched() as stage:
        await filled(stage)
        before = stage.enrollment
        await locked(stage)
        assert stage.enrollment == before
        asked = stage.world.directory.count("token")
        await signed_in_again(stage)
        await stage.reach(State.AWAITING_CODE)
        assert (stage.enrollment.id, stage.enrollment.token, stage.enrollment.person) == (
            before.id,
            before.token,
            before.person,
        )
        assert stage.world.directory.count("token") >= asked
        assert not stage.session.cleared


async def test_a_scan_and_a_tap_are_refused_kept_nowhere_and_told() -> None:
    async with watched() as stage:
        await locked(stage)
        await stage.scan(stage.world.token.serial_number)
        await stage.station.tap(stage.world.token.serial_number)
        assert stage.of(NotTakenNotice) == [NotTakenNotice()] * 2
        await signed_in_again(stage)
        await stage.a_moment()
        assert stage.token_card.state is CardState.EMPTY
        assert stage.world.directory.count("find_tokens") == 0


async def test_a_card_laid_down_meanwhile_does_not_take_the_place_of_the_draft() -> None:
    async with watched() as stage:
        await filled(stage)
        await locked(stage)
        stage.world.cards.tell(ReaderAppeared("Reader", pad=True))
        stage.world.cards.tell(
            CardRead(
                "Reader", TokenReading(Family.TOKEN2_OTP, "", stage.world.second.serial_number)
            )
        )
        await stage.until(lambda: stage.of(NotTakenNotice) != [])
        await signed_in_again(stage)
        await stage.a_moment()
        assert stage.token_card.serial_number == stage.world.token.serial_number


async def test_what_was_submitted_goes_on_behind_it() -> None:
    async with watched(DeskSettings()) as stage:
        await filled(stage)
        await stage.desk.submit(RIGHT)
        await locked(stage)
        await stage.until_later(lambda: stage.state is State.ACTIVATED)
        assert stage.world.sign_in.signed_in


async def test_whoever_meddles_with_a_locked_desk_puts_nothing_off() -> None:
    async with watched() as stage:
        await locked(stage)
        for _ in range(6):
            await pass_by(stage, 50)
            await stage.station.lock.active()
            await stage.scan("86590001")
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_OUT)


# -- the way back ----------------------------------------------------------------------------------


async def test_the_operator_is_asked_by_name_and_to_prove_themselves_anew() -> None:
    async with watched() as stage:
        await locked(stage)
        await signed_in_again(stage)
        assert stage.world.sign_in.hints == ["", an_operator().user_principal_name]
        assert stage.world.sign_in.fresh == [False, True]


async def test_another_operator_takes_over_an_empty_desk_and_is_told_so() -> None:
    async with watched() as stage:
        await filled(stage)
        await locked(stage)
        stage.world.directory.who = NORA
        await signed_in_again(stage)
        assert stage.session.cleared
        assert stage.session.operator == NORA
        await stage.reach(State.EMPTY)


async def test_the_next_sign_in_after_an_unlocking_is_no_fresh_one() -> None:
    async with watched() as stage:
        await locked(stage)
        await signed_in_again(stage)
        await stage.station.switch_operator(WINDOW)
        await stage.until(lambda: len(stage.world.sign_in.fresh) == 3)
        assert stage.world.sign_in.fresh[-1] is False


@pytest.mark.parametrize("how", ["cancelled", "failed", "unknown to the directory"])
async def test_a_try_that_leads_nowhere_leaves_it_locked(how: str) -> None:
    async with watched() as stage:
        await filled(stage)
        await locked(stage)
        if how == "cancelled":
            stage.world.sign_in.waits = True
            await stage.station.session.begin_in_browser()
            await stage.until(lambda: stage.world.sign_in.is_open)
            await stage.station.session.cancel()
            assert is_locked(stage)
        elif how == "failed":
            stage.world.sign_in.fail(SignInUnreachable("no route"))
            await stage.station.session.begin_in_browser()
            await stage.until(lambda: stage.session.state is SessionState.FAILED)
        else:
            stage.world.directory.fail("operator", Unavailable(Evidence("GET", "/me", 503)))
            await stage.station.session.begin_in_browser()
            await stage.until(lambda: stage.session.state is SessionState.FAILED)
        assert stage.station.lock.locked
        await stage.scan(stage.world.second.serial_number)
        assert stage.of(NotTakenNotice)
        stage.world.sign_in.waits = False
        await signed_in_again(stage)
        await stage.reach(State.AWAITING_CODE)
        assert stage.world.sign_in.hints[-1] == an_operator().user_principal_name
        assert stage.enrollment.token == stage.world.token


async def test_a_sign_in_that_ends_behind_it_changes_nothing_to_see() -> None:
    async with watched() as stage:
        await locked(stage)
        stage.station.session.lost(ENDED)
        assert told(stage)[-1] is SessionState.LOCKED
        await signed_in_again(stage)
        assert stage.session.state is SessionState.SIGNED_IN


async def test_a_sign_in_that_ended_before_locks_as_well() -> None:
    async with watched() as stage:
        await filled(stage)
        await ended(stage, ENDED)
        await pass_by(stage, 61)
        assert is_locked(stage)
        await signed_in_again(stage)
        await stage.reach(State.AWAITING_CODE)


async def test_a_sign_in_that_was_begun_before_goes_on_and_opens_the_desk() -> None:
    async with watched() as stage:
        await ended(stage, ENDED)
        stage.world.sign_in.waits = True
        await stage.station.session.begin_again(WINDOW)
        await stage.until(lambda: stage.world.sign_in.is_open)
        await stage.station.lock.at_once()
        assert told(stage)[-2:] == [SessionState.LOCKED, SessionState.IN_BROWSER]
        stage.world.sign_in.complete()
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert not stage.station.lock.locked


async def test_a_confined_browser_is_closed_when_the_desk_locks() -> None:
    async with watched() as stage:
        stage.world.sign_in.methods = (SignInMethod.CONFINED,)
        await ended(stage, ENDED)
        stage.world.sign_in.waits = True
        await stage.station.session.begin_in_confined_browser(ScreenArea())
        await stage.until(lambda: stage.world.sign_in.is_open)
        assert told(stage)[-1] is SessionState.IN_CONFINED_BROWSER
        await stage.station.lock.at_once()
        await stage.until(lambda: stage.world.sign_in.cancelled == 1)
        assert told(stage)[-1] is SessionState.LOCKED
        stage.world.sign_in.waits = False
        await stage.station.session.begin_again(WINDOW)  # the same way, in front of the lock
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        assert stage.world.sign_in.fresh[-2:] == [False, True]
        assert not stage.station.lock.locked


# -- given up --------------------------------------------------------------------------------------


async def test_after_the_longer_time_the_station_signs_out_and_says_what_went() -> None:
    async with watched() as stage:
        await filled(stage)
        await pass_by(stage, 302)
        assert stage.session == SessionNotice(SessionState.SIGNED_OUT, lapsed=True, cleared=True)
        assert stage.world.sign_in.signed_out == 1
        assert stage.state is State.EMPTY
        assert not stage.station.lock.locked


async def test_an_empty_desk_is_signed_out_of_without_a_loss() -> None:
    async with watched() as stage:
        await pass_by(stage, 302)
        assert stage.session == SessionNotice(SessionState.SIGNED_OUT, lapsed=True)


async def test_signing_out_alone_needs_no_lock() -> None:
    async with watched(DeskSettings(sign_out_after=30)) as stage:
        await pass_by(stage, 32)
        assert told(stage)[-1] is SessionState.SIGNED_OUT
        assert SessionState.LOCKED not in told(stage)


async def test_who_signs_in_after_that_is_watched_again() -> None:
    async with watched() as stage:
        await pass_by(stage, 302)
        await signed_in_again(stage)
        assert stage.world.sign_in.fresh[-1] is False
        await pass_by(stage, 61)
        assert is_locked(stage)


# -- nobody who could prove to be somebody ---------------------------------------------------------


@asynccontextmanager
async def a_kiosk(left: DeskSettings) -> AsyncIterator[Stage]:
    world = unattended()
    world.clock.stop()
    async with a_desk(world=world, settings=left, signed_in=False) as stage:
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)
        yield stage


@pytest.mark.parametrize(
    "left",
    [LOCKS, DeskSettings(sign_out_after=60), DeskSettings(lock_after=600, sign_out_after=60)],
)
async def test_an_unattended_desk_that_is_left_is_cleared_and_stays_open(
    left: DeskSettings,
) -> None:
    async with a_kiosk(left) as stage:
        await stage.scan(stage.world.token.serial_number)
        await stage.reach(State.HAS_TOKEN)
        await pass_by(stage, 62)
        assert stage.token_card.state is CardState.EMPTY
        assert told(stage)[-1] is SessionState.SIGNED_IN
        assert stage.of(AbandonedNotice) == [AbandonedNotice()]
        await pass_by(stage, 300)
        assert stage.of(AbandonedNotice) == [AbandonedNotice()]
        await stage.scan(stage.world.second.serial_number)
        await stage.reach(State.HAS_TOKEN)


async def test_who_leaves_an_unattended_desk_clears_it() -> None:
    async with a_kiosk(DeskSettings()) as stage:
        assert stage.world.sign_in.methods == (SignInMethod.CERTIFICATE,)
        await stage.station.input.scanned(stage.world.token.serial_number, Source.SCANNER)
        await stage.station.lock.at_once()
        assert stage.token_card.state is CardState.EMPTY
        assert stage.of(AbandonedNotice) == [AbandonedNotice()]


# -- the table -------------------------------------------------------------------------------------


def test_the_table_has_every_state_and_a_locked_desk_can_only_be_given_up() -> None:
    assert set(LAPSES) == set(Watch)
    assert LAPSES[Watch.LOCKED] == (Lapse.SIGN_OUT, Lapse.WIPE)
    assert all(lapse in LAPSES[watch] for watch, lapse in BY_HAND.items())
    assert Lapse.LOCK not in LAPSES[Watch.UNATTENDED]


@given(st.floats(0, 86_400), st.floats(0, 86_400))
def test_a_limit_of_zero_is_no_limit(lock_after: float, sign_out_after: float) -> None:
    limits = limits_of(DeskSettings(lock_after=lock_after, sign_out_after=sign_out_after))
    assert all(limit > 0 for limit in limits.values())
    assert (Lapse.LOCK in limits) == (lock_after > 0)
    assert (Lapse.SIGN_OUT in limits) == (sign_out_after > 0)
    assert limits.get(Lapse.CLEAR, 0) in {0, lock_after, sign_out_after}
