"""A look-up that failed is repeated by the station: told beforehand, and a few times."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from app.core.enrollment import State
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    NotUnderstood,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.model import Source
from app.station.notices import CardState
from app.station.people import SearchNotice
from app.station.read_retry import LONGEST_WAIT, WAITS
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

READ = Evidence("GET", "/beta/users")
PASSING = [AnswerLost(READ), NotUnderstood(READ), Throttled(READ), Unavailable(READ)]


def moment_of(stage: Stage) -> datetime:
    return stage.world.clock.now()


def searches(stage: Stage) -> list[SearchNotice]:
    return stage.of(SearchNotice)


async def told(stage: Stage, count: int) -> None:
    await stage.until(lambda: len(searches(stage)) == count)


async def let_pass(stage: Stage, seconds: float) -> None:
    """Let time pass on a clock that was stopped, and let the station act on it."""
    await stage.a_moment()  # what was planned waits for its time only now
    stage.world.clock.advance(seconds)
    await stage.a_moment()


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
async def test_s12_a_search_is_repeated_and_says_when(error: DirectoryError) -> None:
    async with a_desk() as stage:
        stage.world.clock.stop()
        stage.world.directory.fail("search_people", error)
        await stage.station.people.search("ad")
        await stage.until(lambda: bool(searches(stage)))
        assert searches(stage)[-1].retry_at == moment_of(stage) + timedelta(seconds=WAITS[0])
        await let_pass(stage, WAITS[0] - 0.1)
        assert len(searches(stage)) == 1
        await let_pass(stage, 0.2)
        await stage.until(lambda: searches(stage)[-1].people == (stage.world.ada,))


async def test_s12_a_search_is_repeated_four_times_and_then_by_hand_alone() -> None:
    async with a_desk() as stage:
        stage.world.clock.stop()
        stage.world.directory.fail_always("search_people", AnswerLost(READ))
        await stage.station.people.search("ad")
        for number, wait in enumerate(WAITS, 1):
            await told(stage, number)
            assert searches(stage)[-1].retry_at == moment_of(stage) + timedelta(seconds=wait)
            await let_pass(stage, wait)
        await stage.until(lambda: len(searches(stage)) == len(WAITS) + 1)
        assert searches(stage)[-1].retry_at is None
        await let_pass(stage, 3_600)
        assert len(searches(stage)) == len(WAITS) + 1
        await stage.station.people.search("ad")
        await stage.until(lambda: len(searches(stage)) == len(WAITS) + 2)
        assert searches(stage)[-1].retry_at is not None


@pytest.mark.parametrize(
    ("asked", "wait"), [(30, 30), (1, WAITS[0]), (None, WAITS[0]), (LONGEST_WAIT + 1, math.inf)]
)
async def test_s12_the_pause_that_the_directory_names_is_kept(
    asked: float | None, wait: float
) -> None:
    async with a_desk() as stage:
        stage.world.clock.stop()
        stage.world.directory.fail("search_people", Throttled(READ, asked))
        await stage.station.people.search("ad")
        await stage.until(lambda: bool(searches(stage)))
        at = searches(stage)[-1].retry_at
        left = (at - moment_of(stage)).total_seconds() if at else math.inf
        assert left == wait


@pytest.mark.parametrize(
    "error", [Forbidden(READ), Unreachable(READ)], ids=lambda e: type(e).__name__
)
async def test_s12_what_time_does_not_mend_is_not_repeated_by_time(error: DirectoryError) -> None:
    async with a_desk() as stage:
        stage.world.clock.stop()
        stage.world.directory.fail_always("search_people", error)
        await stage.station.people.search("ad")
        await stage.until(lambda: bool(searches(stage)))
        assert searches(stage)[-1].retry_at is None


async def test_s12_a_search_without_a_connection_is_repeated_when_there_is_one_again() -> None:
    async with a_desk() as stage:
        stage.lose_network()
        await stage.station.people.search("ad")
        await stage.until(lambda: bool(searches(stage)))
        stage.regain_network()
        await stage.until(lambda: searches(stage)[-1].people == (stage.world.ada,))


@pytest.mark.parametrize("call", ["people_by_badge", "methods"])
async def test_s12_the_person_card_is_repeated(call: str) -> None:
    async with a_desk() as stage:
        stage.world.clock.stop()
        stage.world.directory.fail(call, AnswerLost(READ))
        await stage.station.input.scanned("EMP20417", Source.SCANNER)
        await stage.until(lambda: stage.person_card.state is CardState.FAILED)
        assert stage.person_card.retry_at == moment_of(stage) + timedelta(seconds=WAITS[0])
        await let_pass(stage, WAITS[0])
        await stage.until(lambda: stage.person_card.state is CardState.FOUND)
        assert stage.person_card.retry_at is None


async def test_s12_the_token_card_is_repeated() -> None:
    async with a_desk() as stage:
        stage.world.clock.stop()
        stage.world.directory.fail("find_tokens", Throttled(READ, 7))
        await stage.station.input.scanned("86590001", Source.SCANNER)
        await stage.until(lambda: stage.token_card.state is CardState.FAILED)
        assert stage.token_card.retry_at == moment_of(stage) + timedelta(seconds=7)
        await let_pass(stage, 7)
        await stage.until(lambda: stage.token_card.state is CardState.FOUND)


@pytest.mark.parametrize("replaced", ["cleared", "another"])
async def test_s12_a_card_that_was_cleared_or_replaced_is_not_looked_up_again(
    replaced: str,
) -> None:
    async with a_desk() as stage:
        stage.world.clock.stop()
        stage.world.directory.fail("find_tokens", AnswerLost(READ))
        await stage.station.input.scanned("86590001", Source.SCANNER)
        await stage.until(lambda: stage.token_card.retry_at is not None)
        if replaced == "cleared":
            await stage.desk.clear_token()
        else:
            stage.world.clock.advance(1)  # a scan at the same moment would be an echo
            await stage.station.input.scanned("86590002", Source.SCANNER)
            await stage.until(lambda: stage.token_card.state is CardState.FOUND)
        card, asked = stage.token_card, stage.world.directory.count("find_tokens")
        await let_pass(stage, sum(WAITS))
        assert stage.token_card == card
        assert stage.world.directory.count("find_tokens") == asked


async def test_s12_a_check_is_repeated() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("policy", Unavailable(READ))
        stage.world.clock.stop()
        await stage.station.input.scanned("86590001", Source.SCANNER)
        await stage.station.input.scanned("EMP20417", Source.SCANNER)
        await stage.reach(State.UNCHECKED)
        assert stage.shown.retry_at == moment_of(stage) + timedelta(seconds=WAITS[0])
        await let_pass(stage, WAITS[0])
        await stage.reach(State.AWAITING_CODE)
        assert stage.shown.retry_at is None


async def test_s12_a_locked_desk_repeats_nothing() -> None:
    async with a_desk() as stage:
        stage.world.clock.stop()
        for call in ("search_people", "find_tokens"):
            stage.world.directory.fail(call, AnswerLost(READ))
        await stage.station.people.search("ad")
        await stage.until(lambda: bool(searches(stage)))
        await stage.station.input.scanned("86590001", Source.SCANNER)
        await stage.until(lambda: stage.token_card.retry_at is not None)
        await stage.station.lock.at_once()
        assert stage.token_card.retry_at is None
        assert searches(stage)[-1].retry_at is None
        asked = stage.world.directory.count("search_people", "find_tokens")
        await let_pass(stage, sum(WAITS))
        assert stage.world.directory.count("search_people", "find_tokens") == asked
