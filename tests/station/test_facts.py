"""The policy is read seldom, and never stands in the way where it cannot be read."""

from __future__ import annotations

import pytest

from app.core.enrollment import Enrollment, State
from app.core.errors import Evidence, Forbidden, NotFound, Unreachable
from app.core.model import Mode
from app.station.facts import POLICY_AGE, FactFinder
from tests.fakes.nouns import EVERYONE, an_operator
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.anyio


def finder(world: FakeWorld) -> FactFinder:
    return FactFinder(world.directory, world.clock)


async def test_the_policy_is_read_once_for_a_while() -> None:
    world = FakeWorld()
    facts = finder(world)
    assert await facts.policy() == await facts.policy() == EVERYONE
    world.clock.advance(POLICY_AGE.total_seconds())
    await facts.policy()
    assert world.directory.count("policy") == 1


async def test_an_old_policy_is_read_again() -> None:
    world = FakeWorld()
    facts = finder(world)
    await facts.policy()
    world.clock.advance(POLICY_AGE.total_seconds() + 1)
    await facts.policy()
    assert world.directory.count("policy") == 2


async def test_the_next_operator_reads_it_anew() -> None:
    world = FakeWorld()
    facts = finder(world)
    await facts.policy()
    facts.serve(an_operator("Ben"))
    await facts.policy()
    assert world.directory.count("policy") == 2


@pytest.mark.parametrize("kind", [Forbidden, NotFound])
async def test_a_policy_that_may_not_be_read_is_none_for_a_while(
    kind: type[Forbidden | NotFound],
) -> None:
    world = FakeWorld()
    world.directory.fail("policy", kind(Evidence()))
    facts = finder(world)
    assert await facts.policy() is None
    assert await facts.policy() is None
    assert world.directory.count("policy") == 1


async def test_a_directory_that_is_away_is_no_answer_and_asked_again() -> None:
    world = FakeWorld()
    world.directory.fail("policy", Unreachable(Evidence()))
    facts = finder(world)
    with pytest.raises(Unreachable):
        await facts.policy()
    assert await facts.policy() == EVERYONE


def a_draft_being_checked(world: FakeWorld) -> Enrollment:
    return Enrollment("one", Mode.ASSIGN_ONLY, State.CHECKING, token=world.token, person=world.ada)


async def test_a_fresh_look_reads_token_and_methods() -> None:
    world = FakeWorld()
    world.directory.give(world.token, world.ada)
    fresh = await finder(world).refreshed(a_draft_being_checked(world))
    assert fresh.state is State.CHECKING
    assert fresh.token is not None
    assert fresh.token.holder is not None
    assert [method.is_device(fresh.token.device_id) for method in fresh.methods] == [True]


async def test_a_fresh_look_that_fails_leaves_the_draft_unchecked() -> None:
    world = FakeWorld()
    world.directory.fail("token", Unreachable(Evidence()))
    fresh = await finder(world).refreshed(a_draft_being_checked(world))
    assert fresh.state is State.UNCHECKED
    assert isinstance(fresh.error, Unreachable)


async def test_half_a_draft_has_no_facts() -> None:
    world = FakeWorld()
    half = Enrollment("one", Mode.ASSIGN_ONLY, token=world.token)
    with pytest.raises(ValueError, match="a token and a person"):
        await finder(world).facts(half, an_operator(), 1)
    with pytest.raises(ValueError, match="a token and a person"):
        await finder(world).refreshed(half)
