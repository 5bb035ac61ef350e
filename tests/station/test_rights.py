"""What the operator may do changes in the middle of a shift, and nobody has to sign out for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.core.enrollment import State
from app.core.errors import Evidence, Forbidden, SignInEvidence, SignInRefused, SignInUnreachable
from app.core.model import Mode, Operator, Role
from app.core.preflight import FindingKind
from app.core.rights import Feature, Verdict
from app.station.notices import CardState
from app.station.rights import RightsNotice
from tests.fakes.nouns import SCOPE, an_operator
from tests.fakes.world import FakeWorld
from tests.station.stage import AWAY, Stage, a_desk
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio

NO = Evidence("GET", "/", 403, "accessDenied")
SERVING = Role.AUTHENTICATION_ADMINISTRATOR
OLD = 301.0
"""Seconds after which roles are read again at the next check."""


def with_roles(*roles: Role) -> Operator:
    return replace(an_operator(), roles=frozenset(roles))


def told(stage: Stage) -> list[RightsNotice]:
    return stage.of(RightsNotice)


def reads(stage: Stage) -> int:
    return stage.world.directory.count("operator")


async def test_a_role_activated_after_a_refusal_is_told_and_the_card_is_filled() -> None:
    world = FakeWorld()
    world.directory.who = with_roles()
    world.directory.fail("find_tokens", Forbidden(NO))
    async with a_desk(world=world) as stage:
        world.directory.who = with_roles(SERVING, Role.GLOBAL_READER)
        await stage.scan(world.token.serial_number)
        await stage.until(lambda: stage.token_card.state is CardState.FOUND)
        (notice,) = told(stage)
        assert notice.gained == ("Authentication Administrator", "Global Reader")
        assert notice.lost == ()
        assert stage.station.session.operator == world.directory.who


async def test_a_role_that_expired_is_told_after_the_refusal_of_a_submit() -> None:
    async with a_desk() as stage:
        await stage.fill()
        assert not any(lack.feature is Feature.ASSIGN for lack in stage.shown.lacks)
        stage.world.directory.who = with_roles()
        stage.world.directory.fail("assign_and_activate", Forbidden(NO))
        assert (await stage.submit()).state is State.NOT_DONE
        await stage.until(lambda: bool(told(stage)))
        assert told(stage)[0].lost == ("Authentication Administrator",)
        lack = next(one for one in stage.shown.lacks if one.feature is Feature.ASSIGN)
        assert (lack.verdict, lack.lacks) == (
            Verdict.ROLE_DOUBTFUL,
            "Authentication Administrator",
        )
        assert stage.desk.submissions.operator == with_roles()


async def test_a_refusal_is_a_reason_once_however_often_it_is_shown() -> None:
    async with a_desk() as stage:
        before = reads(stage)
        stage.world.directory.fail("find_tokens", Forbidden(NO))
        await stage.scan(stage.world.token.serial_number)
        await stage.until(lambda: stage.token_card.state is CardState.FAILED)
        await stage.a_moment()
        await stage.desk.choose_mode(Mode.ASSIGN_ONLY)
        await stage.desk.choose_mode(Mode.ASSIGN_AND_ACTIVATE)
        await stage.a_moment()
        assert reads(stage) == before + 1
        assert told(stage) == []
        assert stage.token_card.state is CardState.FAILED


async def test_a_search_that_is_forbidden_is_a_reason_too() -> None:
    async with a_desk() as stage:
        before = reads(stage)
        stage.world.directory.fail("search_people", Forbidden(NO))
        await stage.station.people.search("ad")
        await stage.a_moment()
        assert reads(stage) == before + 1


async def test_a_refusal_behind_the_desk_is_a_reason_too() -> None:
    async with a_desk(Mode.ASSIGN_ONLY) as stage:
        await stage.fill()
        hold = stage.world.directory.hold("assign")
        await stage.desk.submit()
        await asyncio.wait_for(hold.reached.wait(), HANG_SECONDS)
        await stage.desk.start_afresh()
        stage.world.directory.who = with_roles()
        stage.world.directory.fail("assign", Forbidden(NO))
        before = reads(stage)
        await stage.fill(stage.world.second, stage.world.ben)
        await stage.desk.submit()
        await stage.desk.start_afresh()
        await stage.until(lambda: bool(told(stage)))
        assert told(stage)[0].lost == ("Authentication Administrator",)
        assert reads(stage) == before + 1
        hold.go.set()
        await stage.until(lambda: all(line.rests for line in stage.today))


async def test_rights_that_are_old_are_read_beside_the_next_check() -> None:
    async with a_desk() as stage:
        before, renewed = reads(stage), stage.world.sign_in.renewed
        await stage.fill()
        assert reads(stage) == before
        stage.world.clock.advance(OLD)
        await stage.station.work.try_again()
        await stage.checked()
        await stage.a_moment()
        assert reads(stage) == before + 1
        assert stage.world.sign_in.renewed == renewed
        assert told(stage) == []


async def test_a_role_that_expired_unnoticed_is_found_by_the_next_check() -> None:
    async with a_desk(Mode.ASSIGN_ONLY) as stage:
        assert (await stage.fill()).findings == ()
        stage.world.clock.advance(OLD)
        stage.world.directory.who = with_roles()
        await stage.station.work.try_again()
        await stage.until(lambda: bool(stage.enrollment.findings))
        assert stage.state is State.READY
        (found,) = stage.enrollment.findings
        assert found.kind is FindingKind.ROLE_DOUBTFUL
        assert stage.world.sign_in.renewed == 1
        assert told(stage)[0].lost == ("Authentication Administrator",)


async def test_on_request_a_fresh_sign_in_token_is_got_and_what_came_is_told() -> None:
    world = FakeWorld()
    world.directory.who = with_roles()
    async with a_desk(Mode.ASSIGN_ONLY, world=world) as stage:
        assert (await stage.fill()).findings != ()
        more = replace(with_roles(SERVING), scopes=frozenset({SCOPE, "Policy.Read.All"}))
        world.directory.who = more
        await stage.station.rights.renew()
        await stage.until(lambda: stage.enrollment.findings == ())
        assert world.sign_in.renewed == 1
        assert told(stage)[0].gained == ("Authentication Administrator", "Policy.Read.All")


UNREAD = replace(an_operator(), roles=None)


@pytest.mark.parametrize(("first", "then"), [(an_operator(), UNREAD), (UNREAD, an_operator())])
async def test_from_and_to_the_unknown_nothing_is_claimed(first: Operator, then: Operator) -> None:
    world = FakeWorld()
    world.directory.who = first
    async with a_desk(Mode.ASSIGN_ONLY, world=world) as stage:
        await stage.fill()
        world.directory.who = then
        await stage.station.rights.renew()
        await stage.until(lambda: stage.station.session.operator == then)
        await stage.checked()
        assert told(stage) == []
        assert stage.enrollment.findings == ()


async def test_a_consent_that_was_withdrawn_is_told_as_a_sign_in_that_cannot_be_renewed() -> None:
    async with a_desk() as stage:
        gone = SignInRefused(SignInEvidence("invalid_grant", "AADSTS65001"))
        stage.world.sign_in.renewal_error = gone
        before = reads(stage)
        await stage.station.rights.renew()
        await stage.until(lambda: bool(told(stage)))
        assert told(stage)[0].error is gone
        assert reads(stage) == before
        assert stage.station.session.operator == an_operator()


async def test_without_a_network_nothing_is_said_and_everything_stays() -> None:
    async with a_desk() as stage:
        stage.world.sign_in.renewal_error = SignInUnreachable("no route")
        await stage.station.rights.renew()
        await stage.a_moment()
        stage.world.sign_in.renewal_error = None
        stage.world.directory.fail("operator", AWAY)
        await stage.station.rights.renew()
        await stage.a_moment()
        assert told(stage) == []
        assert stage.station.session.operator == an_operator()


async def test_rights_that_come_in_after_a_sign_out_are_nobodys() -> None:
    async with a_desk() as stage:
        hold = stage.world.directory.hold("operator")
        stage.world.directory.who = with_roles()
        await stage.station.rights.renew()
        await asyncio.wait_for(hold.reached.wait(), HANG_SECONDS)
        await stage.station.sign_out()
        hold.go.set()
        await stage.a_moment()
        assert stage.station.session.operator is None
        assert told(stage) == []
        await stage.station.rights.renew()
        await stage.a_moment()
        assert told(stage) == []


async def test_a_refusal_that_is_told_while_the_station_closes_reads_nothing() -> None:
    async with a_desk() as stage:
        before = reads(stage)
        await stage.station.rights.close()
        stage.station.rights.search_failed(Forbidden(NO))
        await stage.a_moment()
        assert reads(stage) == before


async def test_somebody_else_in_the_directorys_answer_changes_nothing() -> None:
    async with a_desk() as stage:
        stage.world.directory.who = replace(with_roles(), id="somebody-else")
        await stage.station.rights.renew()
        await stage.a_moment()
        assert stage.station.session.operator == an_operator()
        assert told(stage) == []
