"""Whether the person is an administrator is read beside everything else, and never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from app.core.enrollment import State
from app.core.errors import Evidence, NotFound, SignInEvidence, SignInRefused, Unavailable
from app.core.model import HeldRole, Mode, Role
from app.core.preflight import FindingKind
from app.station.held_roles import HELD_AGE
from app.station.notices import CardState
from tests.fakes.nouns import SCOPE, a_person, an_operator
from tests.fakes.world import FakeWorld
from tests.station.stage import Stage, a_desk
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio

CHIEF = HeldRole(Role.GLOBAL_ADMINISTRATOR.value, "Global Administrator")
READS_ROLES = frozenset({SCOPE, "RoleManagement.Read.Directory"})


@asynccontextmanager
async def desk_of(*roles: Role, reads: bool = True) -> AsyncIterator[Stage]:
    """A desk whose operator holds `roles`; Ada is a Global Administrator."""
    world = FakeWorld()
    scopes = READS_ROLES if reads else frozenset({SCOPE})
    held = frozenset(roles or {Role.AUTHENTICATION_ADMINISTRATOR})
    world.directory.who = replace(an_operator(), roles=held, scopes=scopes)
    world.tenant.roles[world.ada.id] = (CHIEF,)
    world.tenant.roles[world.ben.id] = ()
    async with a_desk(Mode.ASSIGN_ONLY, world=world) as stage:
        yield stage


def kinds(stage: Stage) -> set[FindingKind]:
    return {finding.kind for finding in stage.enrollment.findings}


def reads_of_roles(stage: Stage) -> int:
    return stage.world.directory.count("roles_of")


async def test_an_administrator_is_told_before_anything_is_sent() -> None:
    async with desk_of() as stage:
        assert (await stage.fill()).state is State.BLOCKED
        assert kinds(stage) == {FindingKind.ADMINISTRATOR_REFUSED}
        assert stage.world.directory.writes == []


async def test_a_privileged_operator_serves_an_administrator() -> None:
    async with desk_of(Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR) as stage:
        assert (await stage.fill()).state is State.READY
        assert kinds(stage) == set()


async def test_the_roles_are_read_while_the_methods_still_are() -> None:
    async with desk_of() as stage:
        hold = stage.world.directory.hold("methods")
        await stage.badge(stage.world.ada)
        await asyncio.wait_for(hold.reached.wait(), HANG_SECONDS)
        await stage.a_moment()
        assert reads_of_roles(stage) == 1
        hold.go.set()
        await stage.until(lambda: stage.person_card.state is CardState.FOUND)


async def test_the_card_is_filled_and_the_check_passes_while_roles_are_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.station.held_roles.LONGEST_WAIT", 0.05)
    async with desk_of() as stage:
        hold = stage.world.directory.hold("roles_of")
        await stage.desk.serve(stage.world.ada)
        await stage.until(lambda: stage.person_card.state is CardState.FOUND)
        await stage.scan(stage.world.token.serial_number)
        assert (await stage.checked()).state is State.READY
        hold.go.set()
        await stage.a_moment()
        await stage.desk.choose_mode(Mode.ASSIGN_ONLY)
        assert (await stage.reach(State.BLOCKED)).state is State.BLOCKED


async def test_without_a_scope_that_names_roles_nobody_asks_and_nothing_is_claimed() -> None:
    async with desk_of(reads=False) as stage:
        assert (await stage.fill()).state is State.READY
        assert kinds(stage) == set()
        assert reads_of_roles(stage) == 0


@pytest.mark.parametrize(
    "error",
    [
        Unavailable(Evidence(status=503)),
        NotFound(Evidence(status=404)),
        SignInRefused(SignInEvidence("interaction_required")),
    ],
    ids=["unavailable", "not found", "signed out"],
)
async def test_roles_that_cannot_be_read_stand_in_nobodys_way(
    error: Unavailable | NotFound | SignInRefused,
) -> None:
    async with desk_of() as stage:
        stage.world.directory.fail("roles_of", error)
        assert (await stage.fill()).state is State.READY
        assert kinds(stage) == set()


async def test_they_are_read_once_for_a_while_and_anew_when_checked_again() -> None:
    async with desk_of() as stage:
        await stage.fill()
        await stage.desk.choose_mode(Mode.ASSIGN_AND_ACTIVATE)
        await stage.checked()
        assert reads_of_roles(stage) == 1
        stage.world.tenant.roles[stage.world.ada.id] = ()
        await stage.station.work.try_again()
        await stage.reach(State.AWAITING_CODE)
        assert reads_of_roles(stage) == 2


async def test_old_roles_are_read_again() -> None:
    async with desk_of() as stage:
        await stage.fill()
        stage.world.tenant.roles[stage.world.ada.id] = ()
        stage.world.clock.advance(HELD_AGE.total_seconds() + 1)
        await stage.desk.serve(stage.world.ada)
        await stage.reach(State.READY)
        assert reads_of_roles(stage) >= 2


async def test_an_ordinary_person_is_no_matter() -> None:
    async with desk_of() as stage:
        assert (await stage.fill(person=stage.world.ben)).state is State.READY
        assert kinds(stage) == set()


async def test_whoever_was_here_long_ago_is_read_anew_when_they_come_back() -> None:
    async with desk_of() as stage:
        held = stage.desk.facts.held
        crowd = [a_person(f"P{number}", str(number)) for number in range(51)]
        for person in (*crowd, crowd[0]):
            held.meet(person)
            await stage.a_moment()
        assert reads_of_roles(stage) == 52
        held.meet(crowd[-1])
        await stage.a_moment()
        assert reads_of_roles(stage) == 52
