"""M7: a Temporary Access Pass at the desk: asked, issued, shown once, forgotten, on record."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.access_pass import OrderFault, PassOrder, PassPolicy
from app.core.corrections import LATE
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    LedgerUnwritable,
    Rejected,
    SignInCancelled,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.model import Method, MethodKind, Operation, Operator, PolicyState
from app.core.record import EntryKind, PassFacts
from app.core.secret import Secret
from app.core.states import State
from app.station.context import DeskSettings
from app.station.notices import DeskNotice
from app.station.passes import PassNotice, PassStage
from tests.fakes.nouns import a_phone
from tests.fakes.world import FakeWorld
from tests.station.sessions import WINDOW
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

ISSUES = DeskSettings(name="Desk 1", passes=True)
ORDER = PassOrder(60, once=True)
ASKED = Evidence("POST", "/passes", 400, "badRequest", "no")


@asynccontextmanager
async def a_pass_desk(
    world: FakeWorld | None = None, settings: DeskSettings = ISSUES
) -> AsyncIterator[Stage]:
    """A desk with Ada on the card, who has no method."""
    async with a_desk(world=world, settings=settings) as stage:
        await serve(stage)
        yield stage


async def serve(stage: Stage) -> None:
    await stage.desk.serve(stage.world.ada)
    await stage.until(lambda: stage.enrollment.person is not None)


def front(stage: Stage) -> PassNotice:
    return [PassNotice(), *stage.of(PassNotice)][-1]


def stages(stage: Stage) -> list[PassStage]:
    return [notice.stage for notice in stage.of(PassNotice)]


def value(stage: Stage) -> Secret:
    (found,) = [notice.value for notice in stage.of(PassNotice) if notice.value is not None]
    return found


async def reach(stage: Stage, *wanted: PassStage) -> PassNotice:
    await stage.until(lambda: front(stage).stage in wanted)
    return front(stage)


async def ask(stage: Stage) -> PassNotice:
    await stage.station.passes.open(stage.world.ada)
    return await reach(stage, PassStage.ASKING, PassStage.FAILED)


async def issued(stage: Stage, *wanted: PassStage, order: PassOrder = ORDER) -> PassNotice:
    await ask(stage)
    await stage.station.passes.issue(order)
    return await reach(stage, *wanted)


def recorded(stage: Stage) -> list[State]:
    found = [entry for entry in stage.world.ledger.entries if entry.kind is EntryKind.PASS]
    return [entry.state for entry in found]


def everything_kept(stage: Stage) -> str:
    """What the record, the list of the day and the notices say, secrets masked or not."""
    return f"{stage.world.ledger.entries} {stage.notices} {stage.world.journal}"


# -- offered ---------------------------------------------------------------------------------------


async def test_m7_it_is_offered_to_a_person_without_a_method_where_it_is_switched_on() -> None:
    async with a_pass_desk() as stage:
        assert stage.shown.pass_offered
        await stage.desk.serve(stage.world.ben)
        stage.world.tenant.other_methods[stage.world.ben.id] = (a_phone(),)
        await stage.desk.serve(stage.world.ben)
        await stage.until(lambda: stage.enrollment.methods != ())
        assert not stage.shown.pass_offered


async def test_m7_it_is_off_by_default() -> None:
    async with a_pass_desk(settings=DeskSettings()) as stage:
        assert not any(notice.pass_offered for notice in stage.of(DeskNotice))
        await stage.station.passes.open(stage.world.ada)
        await stage.a_moment()
        assert stages(stage) == []
        assert stage.world.directory.count("passes", "pass_policy", "issue_pass") == 0


async def test_m7_nobody_issues_a_pass_to_themselves_and_no_machine_does() -> None:
    async with a_pass_desk() as stage:
        operator = stage.station.session.operator
        assert operator is not None
        await stage.station.passes.open(replace(stage.world.ada, id=operator.id))
        stage.station.session.operator = Operator.of_application("app", operator.scopes)
        await stage.station.passes.open(stage.world.ada)
        assert stages(stage) == []


async def test_m7_a_missing_permission_is_said_before_anything_is_asked() -> None:
    world = FakeWorld()
    scopes = frozenset({"User.Read", "UserAuthMethod-HardwareOATH.ReadWrite.All"})
    world.directory.who = replace(world.directory.who, scopes=scopes)
    async with a_pass_desk(world) as stage:
        told = await ask(stage)
        assert told.stage is PassStage.FAILED
        assert told.lack is not None
        assert told.lack.lacks == "UserAuthMethod-TAP.ReadWrite.All"
        assert world.directory.count("passes", "issue_pass") == 0


# -- issued ----------------------------------------------------------------------------------------


async def test_m7_it_is_shown_once_confirmed_by_reading_and_on_record_without_its_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with a_pass_desk() as stage:
        asked = await ask(stage)
        assert (asked.existing, asked.fault) == (None, None)
        await stage.station.passes.issue(ORDER)
        confirmed = await reach(stage, PassStage.CONFIRMED)
        assert stages(stage) == [
            PassStage.READING,
            PassStage.ASKING,
            PassStage.SENDING,
            PassStage.SHOWN,
            PassStage.CONFIRMED,
        ]
        assert confirmed.issued is not None
        assert confirmed.issued.usable is True
        (secret,) = stage.world.directory.pass_values
        assert value(stage).reveal().decode() == secret
        assert recorded(stage) == [State.RECORDING, State.CONFIRMING, State.ISSUED]
        order = stage.world.journal.of("ledger", "directory")
        assert order.index("ledger pass recording") < order.index("directory issue_pass")
        (line,) = stage.today
        assert (line.operation, line.state) == (Operation.ISSUE_PASS, State.ISSUED)
        assert line.access_pass == PassFacts(60, once=True, shown=True)
        assert secret not in everything_kept(stage)
        assert secret not in caplog.text


async def test_m7_the_value_is_overwritten_when_it_is_hidden() -> None:
    async with a_pass_desk() as stage:
        await issued(stage, PassStage.CONFIRMED)
        await stage.station.passes.hide()
        assert value(stage).wiped
        assert front(stage) == PassNotice()


@pytest.mark.parametrize("gone", ["person", "afresh", "lock", "sign out", "another", "badge"])
async def test_m7_the_value_is_overwritten_whenever_the_person_is_left(gone: str) -> None:
    async with a_pass_desk() as stage:
        await issued(stage, PassStage.CONFIRMED)
        assert not value(stage).wiped
        match gone:
            case "person":
                await stage.desk.clear_person()
            case "afresh":
                await stage.desk.start_afresh()
            case "lock":
                await stage.station.lock.at_once()
            case "sign out":
                await stage.station.sign_out()
            case "another":
                await stage.desk.serve(stage.world.ben)
            case _:
                await stage.badge(stage.world.ben)
                await stage.until(lambda: front(stage).stage is PassStage.CLOSED)
        assert value(stage).wiped
        assert front(stage) == PassNotice()


@pytest.mark.parametrize(
    "settings",
    [replace(ISSUES, lock_after=60), replace(ISSUES, wipe_after=30), replace(ISSUES, lock_after=5)],
)
async def test_m7_the_value_is_overwritten_when_nobody_is_there(settings: DeskSettings) -> None:
    world = FakeWorld()
    world.clock.stop()
    async with a_pass_desk(world, settings) as stage:
        await ask(stage)
        await stage.station.passes.issue(ORDER)
        await stage.until(lambda: any(n.value for n in stage.of(PassNotice)))
        await stage.until_later(lambda: value(stage).wiped)
        assert front(stage).stage is PassStage.CLOSED


async def test_m7_an_answer_that_comes_to_a_locked_desk_is_not_shown() -> None:
    async with a_pass_desk() as stage:
        await ask(stage)
        hold = stage.world.directory.hold("issue_pass", acts=True)
        await stage.station.passes.issue(ORDER)
        await hold.reached.wait()
        await stage.station.lock.at_once()
        hold.go.set()
        await stage.until(lambda: recorded(stage)[-1] is State.ISSUED)
        assert PassStage.SHOWN not in stages(stage)
        assert front(stage).stage is PassStage.CLOSED
        (line,) = stage.today
        assert line.access_pass == PassFacts(60, once=True, shown=False)


async def test_m7_two_gestures_issue_one_pass() -> None:
    async with a_pass_desk() as stage:
        await ask(stage)
        await stage.station.passes.issue(ORDER)
        await stage.station.passes.issue(ORDER)
        await stage.station.passes.open(stage.world.ada)
        await reach(stage, PassStage.CONFIRMED)
        assert stage.world.directory.count("issue_pass") == 1


# -- a pass that is valid --------------------------------------------------------------------------


async def test_m7_a_valid_pass_is_asked_about_and_ends_only_once_that_is_agreed() -> None:
    async with a_pass_desk() as stage:
        old = stage.world.directory.put_pass(stage.world.ada)
        asked = await ask(stage)
        assert asked.existing == old
        await stage.station.passes.issue(ORDER)
        await stage.until(lambda: stages(stage).count(PassStage.ASKING) == 2)
        assert stage.world.directory.count("issue_pass") == 0
        await stage.station.passes.issue(ORDER, old.id)
        await reach(stage, PassStage.CONFIRMED)
        assert stage.world.tenant.passes[stage.world.ada.id].id != old.id
        assert stage.world.ledger.entries[0].facts["pass_before"] == old.id


async def test_m7_a_pass_that_another_desk_issues_meanwhile_is_asked_about_too() -> None:
    async with a_pass_desk() as stage:
        asked = await ask(stage)
        assert asked.existing is None
        other = stage.world.directory.put_pass(stage.world.ada)
        await stage.station.passes.issue(ORDER)
        again = await reach(stage, PassStage.ASKING)
        await stage.until(lambda: front(stage).existing is not None)
        again = front(stage)
        assert again.existing == other
        assert recorded(stage) == []
        assert stage.world.directory.count("issue_pass") == 0


async def test_m7_a_pass_that_has_ended_is_not_asked_about() -> None:
    async with a_pass_desk() as stage:
        stage.world.directory.put_pass(stage.world.ada)
        stage.world.clock.advance(3_601)
        assert (await ask(stage)).existing is None


# -- the policy ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "order", "fault"),
    [
        ({}, PassOrder(30), OrderFault.TOO_SHORT),
        ({}, PassOrder(481), OrderFault.TOO_LONG),
        ({"once": True}, PassOrder(60, once=False), OrderFault.REUSABLE),
    ],
)
async def test_m7_what_the_policy_does_not_admit_is_not_sent(
    policy: dict[str, Any], order: PassOrder, fault: OrderFault
) -> None:
    async with a_pass_desk() as stage:
        stage.world.tenant.pass_policy = replace(stage.world.tenant.pass_policy, **policy)
        await ask(stage)
        await stage.station.passes.issue(order)
        await stage.until(lambda: front(stage).fault is not None)
        assert (front(stage).stage, front(stage).fault) == (PassStage.ASKING, fault)
        assert recorded(stage) == []


async def test_m7_a_policy_that_is_off_is_said_at_once() -> None:
    async with a_pass_desk() as stage:
        stage.world.tenant.pass_policy = PassPolicy(PolicyState.DISABLED)
        assert (await ask(stage)).fault is OrderFault.POLICY_OFF


async def test_m7_a_policy_that_may_not_be_read_leaves_the_choice_to_the_directory() -> None:
    async with a_pass_desk() as stage:
        stage.world.directory.fail_always("pass_policy", Forbidden(ASKED))
        asked = await ask(stage)
        assert (asked.stage, asked.policy) == (PassStage.ASKING, None)
        await stage.station.passes.issue(PassOrder())
        done = await reach(stage, PassStage.CONFIRMED)
        assert done.issued is not None
        assert done.issued.minutes == 60


# -- what goes wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (Rejected(ASKED), "Refused"),
        (Forbidden(ASKED), "Refused"),
        (Throttled(ASKED), "NotSent"),
        (Unreachable(ASKED), "NotSent"),
        (Unavailable(replace(ASKED, status=503)), "NotSent"),
    ],
)
async def test_m7_a_refusal_is_told_and_on_record(error: DirectoryError, event: str) -> None:
    async with a_pass_desk() as stage:
        stage.world.directory.fail("issue_pass", error)
        told = await issued(stage, PassStage.FAILED)
        assert told.error is error
        assert recorded(stage) == [State.RECORDING, State.NOT_DONE]
        (line,) = stage.today
        assert line.error == type(error).__name__
        assert line.needs_attention
        assert stage.world.ledger.entries[-1].facts["event"] == event
        assert stage.world.directory.count("issue_pass") == 1


async def test_m7_a_sign_in_that_cannot_be_renewed_sends_nothing() -> None:
    async with a_pass_desk() as stage:
        stage.world.directory.fail("issue_pass", SignInCancelled())
        await issued(stage, PassStage.FAILED)
        assert recorded(stage) == [State.RECORDING, State.NOT_DONE]


async def test_m7_what_cannot_be_recorded_is_not_sent() -> None:
    async with a_pass_desk() as stage:
        stage.world.ledger.full = True
        told = await issued(stage, PassStage.FAILED)
        assert isinstance(told.error, LedgerUnwritable)
        assert stage.world.directory.count("issue_pass") == 0
        stage.world.ledger.full = False
        await issued(stage, PassStage.CONFIRMED)


@pytest.mark.expect_log("could not be recorded")
async def test_m7_a_record_that_fills_up_after_the_request_loses_nothing() -> None:
    async with a_pass_desk() as stage:
        stage.world.ledger.room = 1
        await issued(stage, PassStage.CONFIRMED)
        assert recorded(stage) == [State.RECORDING]
        stage.world.ledger.room = None
        await stage.until(lambda: recorded(stage)[-1] is State.ISSUED)


@pytest.mark.parametrize(
    "error",
    [
        AnswerLost(ASKED),
        Unavailable(replace(ASKED, status=500)),
        Unavailable(replace(ASKED, status=504)),
    ],
)
async def test_m7_after_a_lost_answer_the_directory_is_asked_and_nothing_sent_again(
    error: DirectoryError,
) -> None:
    async with a_pass_desk() as stage:
        stage.world.directory.fail("issue_pass", error, acts=True)
        told = await issued(stage, PassStage.CONFIRMED)
        assert PassStage.SHOWN not in stages(stage)
        assert not told.shown
        assert recorded(stage) == [State.RECORDING, State.RESOLVING, State.ISSUED]
        assert stage.world.directory.count("issue_pass") == 1
        (line,) = stage.today
        assert line.access_pass == PassFacts(60, once=True, shown=None)


async def test_m7_a_lost_answer_that_did_nothing_is_uncertain_until_it_can_come_no_more() -> None:
    async with a_pass_desk() as stage:
        stage.world.clock.stop()
        stage.world.directory.fail("issue_pass", AnswerLost(ASKED))
        await ask(stage)
        await stage.station.passes.issue(ORDER)
        await stage.until_later(lambda: front(stage).stage is PassStage.UNCERTAIN)
        assert recorded(stage)[-1] is State.UNSETTLED
        (line,) = stage.today
        assert line.needs_attention
        stage.world.clock.run()
        await stage.until(lambda: recorded(stage)[-1] is State.NOT_DONE)
        passed = stage.world.clock.now() - stage.world.ledger.entries[0].at
        assert passed > LATE


async def test_m7_a_pass_that_comes_late_is_found() -> None:
    async with a_pass_desk() as stage:
        stage.world.tenant.pass_lag = 600
        stage.world.directory.fail("issue_pass", AnswerLost(ASKED), acts=True)
        await ask(stage)
        await stage.station.passes.issue(ORDER)
        await stage.until(lambda: bool(recorded(stage)) and recorded(stage)[-1] is State.ISSUED)
        assert recorded(stage)[-2] is State.UNSETTLED


async def test_m7_an_accepted_pass_without_its_value_is_said_to_be_lost() -> None:
    async with a_pass_desk() as stage:
        stage.world.directory.tells_pass = False
        told = await issued(stage, PassStage.CONFIRMED)
        assert not told.shown
        assert PassStage.SHOWN not in stages(stage)
        (line,) = stage.today
        assert line.access_pass == PassFacts(60, once=True, shown=False)


async def test_m7_an_accepted_pass_that_is_not_seen_is_never_called_done() -> None:
    async with a_pass_desk() as stage:
        stage.world.directory.fail_always("passes", Unreachable(ASKED))
        stage.world.directory.recover("passes")
        await ask(stage)
        hold = stage.world.directory.hold("issue_pass", acts=True)
        await stage.station.passes.issue(ORDER)
        await hold.reached.wait()
        stage.world.directory.fail_always("passes", Unreachable(ASKED))
        hold.go.set()
        await stage.until(lambda: bool(recorded(stage)) and recorded(stage)[-1] is State.UNSETTLED)
        assert front(stage).shown
        stage.world.directory.recover("passes")
        await stage.until(lambda: recorded(stage)[-1] is State.ISSUED)


# -- after a restart -------------------------------------------------------------------------------


@pytest.mark.parametrize("acts", [True, False])
async def test_m7_an_intent_without_an_answer_is_settled_by_reading(*, acts: bool) -> None:
    world = FakeWorld()
    async with a_pass_desk(world) as stage:
        await ask(stage)
        hold = world.directory.hold("issue_pass", acts=acts)
        await stage.station.passes.issue(ORDER)
        await hold.reached.wait()
        assert recorded(stage) == [State.RECORDING]
        await stage.station.close()
    async with a_desk(world=world, settings=ISSUES) as again:
        end = State.ISSUED if acts else State.NOT_DONE
        await again.until(lambda: recorded(again)[-1] is end)
        assert recorded(again)[:2] == [State.RECORDING, State.RESOLVING]
        assert world.directory.count("issue_pass") == 1
        (line,) = again.today
        assert line.access_pass is not None
        assert line.access_pass.shown is None


async def test_m7_it_is_settled_also_where_passes_were_switched_off_since() -> None:
    world = FakeWorld()
    async with a_pass_desk(world) as stage:
        await ask(stage)
        hold = world.directory.hold("issue_pass", acts=True)
        await stage.station.passes.issue(ORDER)
        await hold.reached.wait()
    async with a_desk(world=world, settings=DeskSettings()) as again:
        await again.until(lambda: recorded(again)[-1] is State.ISSUED)


async def test_m7_an_uncertain_pass_is_looked_for_at_the_next_sign_in() -> None:
    async with a_pass_desk() as stage:
        stage.world.clock.stop()
        stage.world.tenant.pass_lag = 200
        stage.world.directory.fail("issue_pass", AnswerLost(ASKED), acts=True)
        await ask(stage)
        await stage.station.passes.issue(ORDER)
        await stage.until_later(lambda: front(stage).stage is PassStage.UNCERTAIN)
        await stage.station.sign_out()
        stage.world.clock.advance(timedelta(minutes=10).total_seconds())
        await stage.station.session.begin_again(WINDOW)
        await stage.until_later(lambda: recorded(stage)[-1] is State.ISSUED)


async def test_m7_a_line_of_a_pass_brings_its_person_back() -> None:
    async with a_pass_desk() as stage:
        stage.world.directory.fail("issue_pass", Rejected(ASKED))
        await issued(stage, PassStage.FAILED)
        await stage.desk.serve(stage.world.ben)
        (line,) = stage.today
        await stage.station.resume(line.enrollment_id)
        await stage.until(lambda: stage.enrollment.person is not None)
        person = stage.enrollment.person
        assert person is not None
        assert person.id == stage.world.ada.id
        assert stage.enrollment.token is None
        assert stage.shown.pass_offered


async def test_m7_a_valid_pass_does_not_keep_a_person_from_being_offered_one() -> None:
    world = FakeWorld()
    world.tenant.other_methods[world.ada.id] = (
        Method("pw", MethodKind.PASSWORD),
        Method("tap", MethodKind.TEMPORARY_PASS),
    )
    async with a_pass_desk(world) as stage:
        assert stage.shown.pass_offered
