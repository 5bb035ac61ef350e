"""How the two cards get filled, and what they say when they cannot be."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.errors import Evidence, SignInEvidence, SignInRefused, Unreachable
from app.core.model import Source
from app.station.notices import CardState
from tests.fakes.nouns import a_person, a_phone
from tests.station.stage import a_desk

pytestmark = pytest.mark.anyio

ERRORS = [Unreachable(Evidence()), SignInRefused(SignInEvidence("invalid_grant"))]


async def test_a_token_card_shows_what_was_scanned_before_the_answer_comes() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("find_tokens")
        await stage.scan("86590001")
        assert stage.token_card.state is CardState.LOADING
        assert (stage.token_card.serial_number, stage.token_card.source) == (
            "86590001",
            Source.SCANNER,
        )
        slow.go.set()
        await stage.until(lambda: stage.token_card.state is CardState.FOUND)


async def test_a_serial_number_nobody_knows_is_said_to_be_unknown() -> None:
    async with a_desk() as stage:
        await stage.scan("00000001")
        await stage.until(lambda: stage.token_card.state is CardState.UNKNOWN)
        assert (stage.token_card.count, stage.state) == (0, State.EMPTY)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_a_look_up_that_failed_says_why_and_a_scan_tries_again(
    error: Unreachable | SignInRefused,
) -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("find_tokens", error)
        await stage.scan("86590001")
        await stage.until(lambda: stage.token_card.state is CardState.FAILED)
        assert stage.token_card.error == error
        await stage.scan("86590001")
        await stage.reach(State.HAS_TOKEN)


async def test_a_badge_that_is_somebodys_fills_the_person_card() -> None:
    async with a_desk() as stage:
        await stage.scan("EMP20417")
        await stage.reach(State.HAS_PERSON)
        assert stage.person_card.person == stage.world.ada
        assert (stage.person_card.badge, stage.person_card.state) == ("20417", CardState.FOUND)


async def test_a_badge_that_is_nobodys_is_unknown() -> None:
    async with a_desk() as stage:
        await stage.scan("EMP99999")
        await stage.until(lambda: stage.person_card.state is CardState.UNKNOWN)
        assert (stage.person_card.badge, stage.person_card.candidates) == ("99999", ())


async def test_a_badge_that_two_people_share_asks_which() -> None:
    async with a_desk() as stage:
        twin = stage.world.tenant.add_person(a_person("Dee", "20417"))
        await stage.scan("EMP20417")
        await stage.until(lambda: stage.person_card.state is CardState.UNKNOWN)
        assert stage.person_card.candidates == (stage.world.ada, twin)
        await stage.desk.serve(twin)
        assert (await stage.reach(State.HAS_PERSON)).person == twin


async def test_a_newer_badge_outlasts_a_slow_answer_to_an_older_one() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("people_by_badge", acts=True)
        await stage.badge(stage.world.ada)
        await slow.reached.wait()
        await stage.badge(stage.world.ben)
        slow.go.set()
        await stage.reach(State.HAS_PERSON)
        await stage.a_moment()
        assert stage.enrollment.person == stage.person_card.person == stage.world.ben


@pytest.mark.parametrize("call", ["people_by_badge", "methods"])
async def test_a_badge_that_could_not_be_looked_up_says_why(call: str) -> None:
    async with a_desk() as stage:
        stage.world.directory.fail(call, ERRORS[0])
        await stage.badge(stage.world.ada)
        await stage.until(lambda: stage.person_card.state is CardState.FAILED)
        assert (stage.person_card.badge, stage.person_card.error) == ("20417", ERRORS[0])
        assert stage.state is State.EMPTY


async def test_a_person_is_on_the_card_before_their_methods_are_read() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("methods")
        await stage.desk.serve(stage.world.ada)
        await slow.reached.wait()
        assert stage.person_card.person == stage.world.ada
        assert (stage.person_card.state, stage.state) == (CardState.LOADING, State.EMPTY)
        slow.go.set()
        await stage.reach(State.HAS_PERSON)


async def test_the_methods_of_a_person_come_along() -> None:
    async with a_desk() as stage:
        cem = stage.world.tenant.add_person(a_person("Cem", "3000"), a_phone())
        await stage.desk.serve(cem)
        assert (await stage.reach(State.HAS_PERSON)).methods == (a_phone(),)


async def test_another_person_replaces_the_first() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.desk.serve(stage.world.ben)
        assert stage.enrollment.person is None
        assert (await stage.checked()).person == stage.world.ben


async def test_a_cleared_card_is_empty_and_the_other_stays() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.desk.clear_person()
        assert (stage.state, stage.person_card.state) == (State.HAS_TOKEN, CardState.EMPTY)
        await stage.desk.clear_token()
        assert (stage.state, stage.token_card.state) == (State.EMPTY, CardState.EMPTY)
