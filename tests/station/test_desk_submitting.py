"""What a submit does, and what the two cards show of it afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.enrollment import State
from app.core.errors import Evidence, Rejected, Unreachable
from app.core.model import Mode, TokenStatus
from app.station.people import PhotoNotice
from tests.fakes.nouns import holder_of
from tests.fakes.world import RIGHT, WRONG
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

BOTH, ASSIGN = Mode.ASSIGN_AND_ACTIVATE, Mode.ASSIGN_ONLY
ENDS = {BOTH: State.ACTIVATED, ASSIGN: State.ASSIGNED}
REFUSED = Rejected(Evidence("POST", "/", 400))
AWAY = Unreachable(Evidence("GET", "/"))


async def do(stage: Stage, gesture: str, mode: Mode) -> None:
    match gesture:
        case "token":
            await stage.scan("86590001")
        case "badge":
            await stage.badge(stage.world.ada)
        case "choice":
            await stage.station.people.search("ada")
            await stage.until(lambda: stage.station.people.known("person-ada") is not None)
            await stage.desk.choose_person("person-ada")
        case _:
            await stage.desk.choose_mode(mode)
    await stage.a_moment()


# Submitting --------------------------------------------------------------------------------------


async def test_a_second_enter_sends_nothing_more() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.desk.submit(RIGHT)
        await stage.desk.submit(RIGHT)
        await stage.rest()
        await stage.desk.submit(RIGHT)
        await stage.a_moment()
        assert stage.world.directory.writes == ["assign_and_activate"]


async def test_a_submit_before_both_cards_are_there_does_nothing() -> None:
    async with a_desk() as stage:
        await stage.scan("86590001")
        await stage.desk.submit(RIGHT)
        await stage.reach(State.HAS_TOKEN)
        assert stage.world.ledger.entries == ()


async def test_a_refused_code_is_not_done_and_a_second_code_works() -> None:
    async with a_desk() as stage:
        await stage.fill()
        refused = await stage.submit(WRONG)
        done = await stage.submit(RIGHT)
        assert (refused.state, refused.attempts) == (State.NOT_DONE, 1)
        assert (done.state, done.attempts) == (State.ACTIVATED, 2)
        assert done.id == refused.id


async def test_a_half_done_enrollment_is_finished_by_an_activation() -> None:
    async with a_desk() as stage:
        stage.world.tenant.leaves_assigned = True
        await stage.fill()
        half = await stage.submit(WRONG)
        done = await stage.submit(RIGHT)
        assert (half.state, half.method_id) == (State.HALF_DONE, "method-86590001")
        assert done.state is State.ACTIVATED
        assert stage.world.directory.writes == ["assign_and_activate", "activate"]
        assert stage.world.directory.calls[-2].arguments == ("person-ada", "method-86590001")


async def test_a_token_taken_by_another_desk_meanwhile_is_taken() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.give(stage.world.token, stage.world.ben, activated=True)
        taken = await stage.submit()
        assert taken.state is State.TAKEN
        assert stage.today[0].needs_attention


async def test_the_mode_cannot_change_once_submitted() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit()
        await stage.desk.choose_mode(ASSIGN)
        assert stage.enrollment.mode is BOTH


async def test_what_was_confirmed_is_shown_as_the_persons_own() -> None:
    async with a_desk() as stage:
        await stage.fill()
        done = await stage.submit()
        assert done.token is not None
        assert done.token.holder is not None
        assert done.token.holder.id == "person-ada"
        assert done.token.status is TokenStatus.ACTIVATED
        assert [method.is_device("device-86590001") for method in done.methods] == [True]


async def test_a_failed_activation_is_shown_as_such() -> None:
    async with a_desk() as stage:
        await stage.fill()
        held = replace(
            stage.world.token,
            status=TokenStatus.FAILED_ACTIVATION,
            holder=holder_of(stage.world.ada),
        )
        stage.world.directory.fail("assign_and_activate", REFUSED)
        stage.world.tenant.add_token(held, RIGHT)
        half = await stage.submit()
        assert (half.state, half.token) == (State.HALF_DONE, held)


async def test_a_token_that_another_desk_got_is_shown_as_theirs() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.give(stage.world.token, stage.world.ben)
        taken = await stage.submit()
        assert taken.token is not None
        assert taken.token.holder == holder_of(stage.world.ben)
        assert taken.methods == ()


async def test_a_token_taken_back_leaves_both_cards() -> None:
    async with a_desk() as stage:
        stage.world.tenant.leaves_assigned = True
        await stage.fill()
        half = await stage.submit(WRONG)
        stage.world.tenant.take_back(stage.world.token.device_id, stage.world.clock.now())
        await stage.station.work.try_again()
        nobodys = await stage.reach(State.NOT_DONE)
        assert [m.is_device("device-86590001") for m in half.methods] == [True]
        assert (nobodys.token, nobodys.methods) == (stage.world.token, ())


async def test_a_photo_is_asked_for_once_while_a_person_is_on_the_card() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("photo")
        await stage.desk.serve(stage.world.ada)
        await slow.reached.wait()
        await stage.reach(State.HAS_PERSON)
        slow.go.set()
        await stage.until(lambda: bool(stage.of(PhotoNotice)))
        await stage.a_moment()
        assert stage.of(PhotoNotice) == [PhotoNotice("person-ada", b"ada")]
        assert stage.world.directory.count("photo") == 1


@pytest.mark.parametrize("gesture", ["clear_person", "start_afresh"])
async def test_a_photo_that_could_not_be_fetched_is_asked_for_the_next_time(gesture: str) -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("photo", AWAY)
        await stage.desk.serve(stage.world.ada)
        await stage.reach(State.HAS_PERSON)
        await getattr(stage.desk, gesture)()
        await stage.badge(stage.world.ada)
        await stage.until(lambda: PhotoNotice("person-ada", b"ada") in stage.notices)
        assert stage.world.directory.count("photo") == 2
