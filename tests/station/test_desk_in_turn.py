"""One enrollment after another: the next in line, those that come back, the next operator."""

from __future__ import annotations

import asyncio

import pytest

from app.core.enrollment import State
from app.core.errors import Evidence, Forbidden, Unreachable
from app.core.model import Mode, Source
from app.core.preflight import FindingKind
from app.station.notices import CardState
from app.station.people import PhotoNotice
from tests.fakes.world import RIGHT, WRONG
from tests.station.stage import a_desk

pytestmark = pytest.mark.anyio

ASSIGN = Mode.ASSIGN_ONLY
AWAY = Unreachable(Evidence("GET", "/"))


# The next in line --------------------------------------------------------------------------------


async def test_the_next_token_is_scanned_while_the_first_still_confirms() -> None:
    async with a_desk() as stage:
        await stage.fill()
        slow = stage.world.directory.hold("hardware_methods")
        await stage.desk.submit(RIGHT)
        await slow.reached.wait()
        stage.world.clock.advance(1)
        second = await stage.fill(stage.world.second, stage.world.ben)
        slow.go.set()
        await stage.until(lambda: stage.today[0].state is State.ACTIVATED)
        assert second.state is State.AWAITING_CODE
        assert stage.enrollment == second
        assert (await stage.submit()).state is State.ACTIVATED
        assert [line.serial_number for line in stage.today] == ["86590002", "86590001"]


async def test_starting_afresh_empties_the_desk_and_keeps_the_mode() -> None:
    async with a_desk() as stage:
        await stage.desk.choose_mode(ASSIGN)
        before = await stage.fill()
        await stage.desk.start_afresh()
        assert stage.state is State.EMPTY
        assert stage.token_card.state is stage.person_card.state is CardState.EMPTY
        assert (stage.enrollment.mode, stage.enrollment.id != before.id) == (ASSIGN, True)


async def test_making_way_for_the_next_person_takes_nothing_from_whoever_came_already() -> None:
    async with a_desk() as stage:
        first = await stage.fill()
        await stage.scan("86590002")
        await stage.reach(State.HAS_TOKEN, State.AWAITING_CODE)
        await stage.desk.start_afresh("another enrollment")
        assert stage.token_card.serial_number == "86590002"
        await stage.desk.start_afresh(stage.enrollment.id)
        assert stage.state is State.EMPTY
        assert first.id != stage.enrollment.id


async def test_a_scan_after_a_finished_enrollment_begins_the_next() -> None:
    async with a_desk() as stage:
        await stage.fill()
        first = await stage.submit()
        await stage.scan("86590002")
        await stage.reach(State.HAS_TOKEN)
        assert stage.enrollment.id != first.id
        assert stage.person_card.state is CardState.EMPTY


async def test_what_was_tried_once_is_not_overwritten_by_the_next_token() -> None:
    async with a_desk() as stage:
        await stage.fill()
        refused = await stage.submit(WRONG)
        await stage.station.work.try_again()
        await stage.reach(State.AWAITING_CODE)
        await stage.scan("86590002")
        await stage.checked()
        done = await stage.submit()
        assert (done.state, done.attempts, done.person) == (State.ACTIVATED, 1, refused.person)
        assert {line.serial_number: line.state for line in stage.today} == {
            "86590001": State.NOT_DONE,
            "86590002": State.ACTIVATED,
        }


async def test_a_token_on_its_way_in_another_enrollment_blocks() -> None:
    async with a_desk() as stage:
        first = await stage.fill()
        slow = stage.world.directory.hold("assign_and_activate")
        await stage.desk.submit(RIGHT)
        await slow.reached.wait()
        blocked = await stage.fill(person=stage.world.ben)
        other = await stage.fill(stage.world.second, stage.world.ben)
        assert [f.kind for f in blocked.findings] == [FindingKind.TOKEN_UNDERWAY]
        assert (blocked.state, other.state) == (State.BLOCKED, State.AWAITING_CODE)
        slow.go.set()
        await stage.until(lambda: stage.today[0].rests)
        held = await stage.fill(person=stage.world.ben)
        assert [f.kind for f in held.findings] == [FindingKind.TOKEN_HELD]
        assert stage.today[0].enrollment_id == first.id


async def test_what_came_back_is_not_sent_while_its_token_is_on_its_way_elsewhere() -> None:
    async with a_desk() as stage:
        await stage.fill()
        refused = await stage.submit(WRONG)
        await stage.fill(person=stage.world.ben)
        slow = stage.world.directory.hold("assign_and_activate")
        await stage.desk.submit(RIGHT)
        await slow.reached.wait()
        await stage.desk.resume(refused.id)
        await stage.desk.submit("000001")
        blocked = await stage.reach(State.BLOCKED)
        assert [f.kind for f in blocked.findings] == [FindingKind.TOKEN_UNDERWAY]
        assert len(stage.world.directory.writes) == 2
        slow.go.set()


@pytest.mark.parametrize("tried_again", [False, True])
async def test_the_next_draft_has_the_operators_mode_and_not_that_of_what_came_back(
    *, tried_again: bool
) -> None:
    async with a_desk() as stage:
        await stage.desk.choose_mode(ASSIGN)
        await stage.fill()
        stage.world.directory.fail("assign", Forbidden(Evidence(status=403)))
        refused = await stage.submit("")
        await stage.desk.start_afresh()
        await stage.desk.choose_mode(Mode.ASSIGN_AND_ACTIVATE)
        await stage.desk.resume(refused.id)
        assert stage.enrollment.mode is ASSIGN
        if tried_again:
            await stage.station.work.try_again()
            await stage.reach(State.READY)
        await stage.scan("86590002")
        await stage.until(lambda: stage.enrollment.token == stage.world.second)
        assert stage.enrollment.mode is Mode.ASSIGN_AND_ACTIVATE


async def test_what_came_back_and_is_emptied_leaves_the_operators_mode() -> None:
    async with a_desk() as stage:
        await stage.desk.choose_mode(ASSIGN)
        await stage.fill()
        done = await stage.submit("")
        await stage.desk.start_afresh()
        await stage.desk.choose_mode(Mode.ASSIGN_AND_ACTIVATE)
        await stage.desk.resume(done.id)
        await stage.desk.start_afresh()
        assert stage.enrollment.mode is Mode.ASSIGN_AND_ACTIVATE


# Coming back -------------------------------------------------------------------------------------


async def test_an_enrollment_of_today_comes_back_as_it_stands() -> None:
    async with a_desk() as stage:
        await stage.fill()
        refused = await stage.submit(WRONG)
        await stage.fill(stage.world.second, stage.world.ben)
        await stage.desk.resume(refused.id)
        assert stage.enrollment == refused
        assert stage.token_card.serial_number == "86590001"
        assert stage.person_card.person == stage.world.ada
        assert (await stage.submit(RIGHT)).state is State.ACTIVATED


async def test_a_photo_that_could_not_be_fetched_is_asked_for_when_the_person_comes_back() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("photo", AWAY)
        await stage.fill()
        done = await stage.submit()
        await stage.desk.start_afresh()
        await stage.desk.resume(done.id)
        await stage.until(lambda: PhotoNotice("person-ada", b"ada") in stage.notices)


async def test_an_enrollment_that_still_runs_comes_back_and_runs_on() -> None:
    async with a_desk() as stage:
        first = await stage.fill()
        slow = stage.world.directory.hold("hardware_methods")
        await stage.desk.submit(RIGHT)
        await slow.reached.wait()
        await stage.desk.start_afresh()
        await stage.desk.resume(first.id)
        assert stage.state is State.CONFIRMING
        slow.go.set()
        await stage.reach(State.ACTIVATED)


async def test_after_a_restart_an_enrollment_of_today_begins_anew() -> None:
    async with a_desk() as before:
        await before.fill()
        refused = await before.submit(WRONG)
    async with a_desk(world=before.world) as stage:
        await stage.desk.resume(refused.id)
        anew = await stage.checked()
        assert (anew.token, anew.person) == (stage.world.token, stage.world.ada)
        assert anew.id != refused.id


async def test_a_person_scanned_meanwhile_outlasts_a_slow_return() -> None:
    async with a_desk() as before:
        await before.fill()
        refused = await before.submit(WRONG)
    async with a_desk(world=before.world) as stage:
        slow = stage.world.directory.hold("person", acts=True)
        returning = asyncio.create_task(stage.desk.resume(refused.id))
        await slow.reached.wait()
        await stage.badge(stage.world.ben)
        await stage.checked()
        slow.go.set()
        await returning
        await stage.a_moment()
        assert stage.enrollment.person == stage.person_card.person == stage.world.ben


async def test_a_return_without_a_directory_is_told_on_the_card() -> None:
    async with a_desk() as before:
        await before.fill()
        refused = await before.submit(WRONG)
    async with a_desk(world=before.world) as stage:
        stage.world.directory.fail("person", AWAY)
        await stage.desk.resume(refused.id)
        await stage.until(lambda: stage.person_card.state is CardState.FAILED)
        assert stage.person_card.error == AWAY


async def test_an_enrollment_nobody_knows_changes_nothing() -> None:
    async with a_desk() as stage:
        before = await stage.fill()
        await stage.desk.resume("unknown")
        assert stage.enrollment == before


# Opening and closing -----------------------------------------------------------------------------


async def test_the_next_operator_finds_an_empty_desk() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.station.sign_out()
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.station.session.operator is not None)
        await stage.a_moment()
        assert stage.state is State.EMPTY
        assert stage.token_card.state is stage.person_card.state is CardState.EMPTY


async def test_a_photo_that_a_sign_out_cut_short_is_fetched_for_the_next_operator() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("photo")
        await stage.desk.serve(stage.world.ada)
        await slow.reached.wait()
        await stage.station.sign_out()
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.station.session.operator is not None)
        await stage.a_moment()
        await stage.desk.serve(stage.world.ada)
        await stage.until(lambda: PhotoNotice("person-ada", b"ada") in stage.notices)


async def test_what_a_sign_out_cut_short_is_settled_for_the_next_operator() -> None:
    async with a_desk() as stage:
        first = await stage.fill()
        slow = stage.world.directory.hold("hardware_methods")
        await stage.desk.submit(RIGHT)
        await slow.reached.wait()
        await stage.station.sign_out()
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.today[0].state is State.ACTIVATED)
        await stage.desk.resume(first.id)
        assert (stage.state, stage.enrollment.id) == (State.ACTIVATED, first.id)
        assert len(stage.world.directory.writes) == 1


async def test_a_desk_that_nobody_serves_takes_no_gesture() -> None:
    async with a_desk() as stage:
        await stage.fill()
        refused = await stage.submit(WRONG)
        await stage.station.sign_out()
        asked = len(stage.world.directory.calls)
        await stage.desk.resume(refused.id)
        await stage.desk.serve(stage.world.ada)
        await stage.desk.submit(RIGHT)
        await stage.station.work.try_again()
        await stage.a_moment()
        assert (stage.state, len(stage.world.directory.calls)) == (State.EMPTY, asked)


async def test_signing_out_in_the_middle_of_a_check_leaves_nothing_behind() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("policy")
        await stage.scan("86590001")
        await stage.desk.serve(stage.world.ada)
        await slow.reached.wait()
        slow.go.set()
        await stage.station.sign_out()
        await stage.a_moment()
        assert stage.state is State.EMPTY


async def test_a_person_may_be_put_by_hand() -> None:
    async with a_desk() as stage:
        await stage.station.input.scanned(" 86590001 ", Source.TYPED)
        await stage.desk.serve(stage.world.ada)
        await stage.checked()
        assert (stage.token_card.source, stage.token_card.count) == (Source.TYPED, 1)


async def test_choosing_somebody_who_was_not_found_does_nothing() -> None:
    async with a_desk() as stage:
        before = stage.shown
        await stage.desk.choose_person("person-ada")
        assert stage.shown == before


async def test_a_policy_that_may_not_be_read_does_not_stand_in_the_way() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail_always("policy", Forbidden(Evidence(status=403)))
        assert (await stage.fill()).state is State.AWAITING_CODE
