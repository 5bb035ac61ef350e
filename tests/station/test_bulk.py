"""One deed for many tokens: each row once, each as the directory says, whatever comes between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from app.core.bulk import BulkDeed
from app.core.enrollment import State
from app.core.errors import (
    AnswerLost,
    Evidence,
    Forbidden,
    LedgerUnwritable,
    Rejected,
    SignInExpired,
    Throttled,
)
from app.core.inventory import Inventory
from app.core.job import JobRow, JobState, Progress, RowReason, RowState
from app.core.model import Operator, Proof, Role, Token
from app.core.record import lines
from app.station.bulk import FILE
from app.station.jobs import JobNotice
from app.station.today import TodayNotice
from tests.fakes.directory import evidence_of
from tests.fakes.nouns import SCOPE, a_token
from tests.fakes.tenant import Lag
from tests.fakes.world import FakeWorld
from tests.station.stage import AWAY, Stage, a_desk

pytestmark = pytest.mark.anyio

UNASSIGN, DELETE = BulkDeed.UNASSIGN, BulkDeed.DELETE
MANAGES = "Policy.ReadWrite.AuthenticationMethod"


@dataclass
class Scene:
    """A desk, and what it has told of its job."""

    stage: Stage

    @property
    def world(self) -> FakeWorld:
        return self.stage.world

    @property
    def progress(self) -> Progress:
        told = self.stage.of(JobNotice)[-1].progress
        assert told is not None
        return told

    @property
    def rows(self) -> dict[str, JobRow]:
        """The rows by serial number, as they were told last."""
        found: dict[str, JobRow] = {}
        for notice in self.stage.of(JobNotice):
            found |= {row.label: row for row in notice.rows or ()}
            found |= {row.label: row for row in notice.changed}
        return found

    def states(self) -> list[RowState]:
        return [row.state for row in self.rows.values()]

    async def begin(self, deed: BulkDeed) -> None:
        """Agree to `deed` for the whole inventory, as it is seen now."""
        inventory = Inventory(self.world.tenant.seen(self.world.clock.now()).values())
        await self.stage.station.bulk.begin(deed, inventory, inventory.rows())

    async def over(self) -> Progress:
        await self.stage.until(lambda: self.progress.is_over)
        return self.progress

    async def until(self, state: JobState) -> None:
        await self.stage.until(lambda: self.progress.state is state)


def a_manager() -> Operator:
    return Operator(
        "operator-olu",
        "Olu",
        "olu@example.com",
        roles=frozenset(
            {Role.AUTHENTICATION_ADMINISTRATOR, Role.AUTHENTICATION_POLICY_ADMINISTRATOR}
        ),
        scopes=frozenset({SCOPE, MANAGES}),
    )


def a_world(*held: str, free: tuple[str, ...] = ()) -> FakeWorld:
    """A tenant with tokens that Ada has, and others that nobody has."""
    world = FakeWorld()
    world.directory.who = a_manager()
    for token in (world.token, world.second):
        world.tenant.remove_token(token.device_id)
    for serial in held:
        world.directory.give(world.tenant.add_token(a_token(serial)), world.ada, activated=True)
    for serial in free:
        world.tenant.add_token(a_token(serial))
    return world


@asynccontextmanager
async def a_scene(world: FakeWorld) -> AsyncIterator[Scene]:
    async with a_desk(world=world) as stage:
        yield Scene(stage)


def held(world: FakeWorld) -> list[Token]:
    return world.tenant.held_by(world.ada.id)


# The way of a job ----------------------------------------------------------------------------


async def test_whoever_works_at_the_desk_goes_before_the_job() -> None:
    async with a_scene(a_world("1", "2")) as scene:
        before = len(scene.world.directory.calls)
        await scene.begin(UNASSIGN)
        await scene.over()
        calls = scene.world.directory.calls[before:]
        paced = [call for call in calls if call.name in {"hardware_methods", "unassign"}]
        assert len(paced) >= 6
        assert all(call.long_work for call in paced)


async def test_tokens_are_taken_back_one_by_one_and_read_back() -> None:
    world = a_world("1", "2", "3")
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        progress = await scene.over()
        assert (progress.state, scene.states()) == (JobState.FINISHED, [RowState.DONE] * 3)
        assert held(world) == []
        assert world.directory.writes == ["unassign"] * 3


async def test_each_row_is_on_record_before_it_is_sent_and_says_how_it_was_agreed_to() -> None:
    world = a_world("1", "2")
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
    found = lines(world.ledger.entries)
    assert [line.state for line in found] == [State.RETURNED] * 2
    assert {line.proof for line in found} == {Proof.LISTED}
    assert len({line.job for line in found}) == 1
    did = world.journal.of("ledger", "directory")
    both = [each for each in did if each in {"ledger intent recording", "directory unassign"}]
    assert both == ["ledger intent recording", "directory unassign"] * 2


async def test_todays_list_is_not_flooded() -> None:
    world = a_world("1", "2")
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
        assert scene.stage.today == ()
    async with a_scene(world) as scene:
        assert scene.stage.of(TodayNotice)[-1].lines == ()


async def test_tokens_that_nobody_has_are_deleted_and_seen_gone() -> None:
    world = a_world(free=("1", "2"))
    async with a_scene(world) as scene:
        await scene.begin(DELETE)
        await scene.over()
        assert scene.states() == [RowState.DONE] * 2
        assert world.tenant.tokens == {}
    assert [line.state for line in lines(world.ledger.entries)] == [State.DELETED] * 2


async def test_done_is_not_said_before_the_directory_shows_it() -> None:
    world = a_world("1")
    world.tenant.lag = Lag(seconds=4)
    world.clock.advance(4)
    async with a_scene(world) as scene:
        began = world.clock.now()
        await scene.begin(UNASSIGN)
        await scene.over()
        assert scene.states() == [RowState.DONE]
        assert world.clock.now() - began >= timedelta(seconds=4)


async def test_what_the_directory_does_not_show_in_time_is_unclear_and_not_sent_again() -> None:
    world = a_world("1")
    world.tenant.lag = Lag(seconds=1000)
    world.clock.advance(1000)
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
        assert scene.states() == [RowState.UNCLEAR]
        world.clock.advance(1000)
        await scene.stage.station.bulk.job.again()
        await scene.over()
        assert scene.states() == [RowState.DONE]
        assert world.directory.writes == ["unassign"]


async def test_a_deed_is_begun_for_the_tokens_it_fits_alone() -> None:
    world = a_world("1", free=("2",))
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
        assert list(scene.rows) == ["1"]


async def test_without_the_permission_nothing_begins() -> None:
    world = a_world(free=("1",))
    world.directory.who = replace(a_manager(), scopes=frozenset({SCOPE}))
    async with a_scene(world) as scene:
        await scene.begin(DELETE)
        await scene.stage.a_moment()
        assert scene.stage.of(JobNotice) == []
        assert world.shelf.files == {}


async def test_there_is_one_job_at_a_time() -> None:
    world = a_world("1", free=("2",))
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.begin(DELETE)
        await scene.over()
        assert list(scene.rows) == ["1"]


async def test_a_plan_that_cannot_be_kept_is_not_begun() -> None:
    world = a_world("1")
    world.shelf.full = True
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        (notice,) = scene.stage.of(JobNotice)
        assert isinstance(notice.error, LedgerUnwritable)
        assert held(world) != []


# What changed meanwhile ----------------------------------------------------------------------


async def test_a_row_is_judged_by_a_fresh_look() -> None:
    world = a_world("given back", "handed on", "gone", "mine")
    async with a_scene(world) as scene:
        inventory = Inventory(world.tenant.tokens.values())
        world.tenant.take_back("device-given back", world.clock.now())
        world.directory.give(world.tenant.tokens["device-handed on"], world.ben)
        world.tenant.remove_token("device-gone")
        await scene.stage.station.bulk.begin(UNASSIGN, inventory, inventory.rows())
        await scene.over()
        told = {label: (row.state, row.reason) for label, row in scene.rows.items()}
        assert told == {
            "given back": (RowState.SKIPPED, RowReason.NOT_HELD),
            "handed on": (RowState.FAILED, RowReason.HOLDER_CHANGED),
            "gone": (RowState.SKIPPED, RowReason.GONE),
            "mine": (RowState.DONE, None),
        }
        (kept,) = world.tenant.held_by(world.ben.id)
        assert kept.serial_number == "handed on"


async def test_a_token_that_somebody_got_meanwhile_is_not_deleted() -> None:
    world = a_world(free=("1",))
    async with a_scene(world) as scene:
        inventory = Inventory(world.tenant.tokens.values())
        world.directory.give(world.tenant.tokens["device-1"], world.ada)
        await scene.stage.station.bulk.begin(DELETE, inventory, inventory.rows())
        await scene.over()
        assert scene.rows["1"].reason is RowReason.HELD
        assert world.directory.writes == []


async def test_a_person_who_is_gone_loses_the_token_by_name_alone() -> None:
    world = a_world("1")
    async with a_scene(world) as scene:
        world.directory.fail("person", Forbidden(Evidence(status=403)))
        await scene.begin(UNASSIGN)
        await scene.over()
        assert scene.states() == [RowState.DONE]


# Faults --------------------------------------------------------------------------------------


async def test_a_refused_row_holds_nobody_up_and_can_be_tried_again() -> None:
    world = a_world("1", "2")
    world.directory.fail("unassign", Rejected(evidence_of("unassign", 400)))
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
        assert scene.states() == [RowState.FAILED, RowState.DONE]
        assert isinstance(scene.rows["1"].error, Rejected)
        await scene.stage.station.bulk.job.again()
        await scene.over()
        assert scene.states() == [RowState.DONE] * 2
    (first, _) = lines(world.ledger.entries)
    assert (first.attempts, first.state) == (2, State.RETURNED)


async def test_a_throttled_job_waits_as_long_as_it_is_asked_to_and_goes_on() -> None:
    world = a_world("1", "2")
    world.directory.fail("token", Throttled(evidence_of("token", 429), retry_after=90))
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
        assert scene.states() == [RowState.DONE] * 2
        assert 90 in world.clock.slept
        held_by = [n.progress.held_by for n in scene.stage.of(JobNotice) if n.progress]
        assert any(isinstance(error, Throttled) for error in held_by)


async def test_a_write_that_was_never_sent_is_sent_later_and_counted_as_another_attempt() -> None:
    world = a_world("1")
    world.directory.fail("unassign", Throttled(evidence_of("unassign", 429), retry_after=30))
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
        assert scene.states() == [RowState.DONE]
    (line,) = lines(world.ledger.entries)
    assert line.attempts == 2


@pytest.mark.parametrize("acts", [True, False])
async def test_a_lost_answer_is_looked_up_and_the_row_never_sent_blindly(*, acts: bool) -> None:
    world = a_world("1")
    world.directory.fail("unassign", AnswerLost(evidence_of("unassign", 0)), acts=acts)
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
        assert scene.states() == [RowState.DONE if acts else RowState.FAILED]
        assert world.directory.writes == ["unassign"]


async def test_without_a_network_the_job_waits_and_goes_on_when_it_is_back() -> None:
    world = a_world("1", "2")
    async with a_scene(world) as scene:
        scene.stage.lose_network()
        await scene.begin(UNASSIGN)
        await scene.until(JobState.HELD)
        assert scene.progress.held_by is AWAY
        assert scene.progress.count(RowState.FAILED) == 0
        scene.stage.regain_network()
        await scene.over()
        assert scene.states() == [RowState.DONE] * 2


async def test_a_sign_in_that_ends_holds_the_job_until_somebody_signs_in_again() -> None:
    world = a_world("1", "2")
    async with a_scene(world) as scene:
        world.directory.fail("token", SignInExpired(Evidence(status=401)))
        await scene.begin(UNASSIGN)
        await scene.until(JobState.HELD)
        await scene.stage.a_moment()
        assert scene.progress.state is JobState.HELD
        await scene.stage.station.session.begin_again(0)
        await scene.over()
        assert scene.states() == [RowState.DONE] * 2


async def test_a_record_that_is_full_stops_the_job_before_anything_is_sent() -> None:
    world = a_world("1")
    async with a_scene(world) as scene:
        world.clock.stop()
        world.ledger.full = True
        await scene.begin(UNASSIGN)
        await scene.until(JobState.HELD)
        assert world.directory.writes == []
        world.ledger.full = False
        world.clock.run()
        await scene.over()
        assert scene.states() == [RowState.DONE]


async def test_a_right_that_was_lost_pauses_the_job_after_a_few_rows() -> None:
    world = a_world("1", "2", "3", "4", "5")
    world.directory.fail_always("unassign", Forbidden(evidence_of("unassign", 403)))
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.until(JobState.PAUSED)
        assert scene.states() == [RowState.FAILED] * 3 + [RowState.WAITING] * 2
        world.directory.recover("unassign")
        await scene.stage.station.bulk.job.resume()
        await scene.over()
        await scene.stage.station.bulk.job.again()
        await scene.over()
        assert scene.states() == [RowState.DONE] * 5


# Pausing, ending, putting away -------------------------------------------------------------------


async def test_a_pause_finishes_the_row_in_hand_and_begins_no_other() -> None:
    world = a_world("1", "2")
    async with a_scene(world) as scene:
        gate = world.directory.hold("unassign")
        await scene.begin(UNASSIGN)
        await gate.reached.wait()
        await scene.stage.station.bulk.job.pause()
        gate.go.set()
        await scene.stage.until(lambda: scene.progress.count(RowState.DONE) == 1)
        await scene.stage.a_moment()
        assert world.directory.writes == ["unassign"]
        await scene.stage.station.bulk.job.resume()
        await scene.over()
        assert scene.states() == [RowState.DONE] * 2


async def test_an_ended_job_leaves_what_waits() -> None:
    world = a_world("1", "2", "3")
    async with a_scene(world) as scene:
        gate = world.directory.hold("unassign")
        await scene.begin(UNASSIGN)
        await gate.reached.wait()
        await scene.stage.station.bulk.job.cancel()
        gate.go.set()
        await scene.over()
        assert scene.states() == [RowState.DONE, RowState.LEFT, RowState.LEFT]
        assert len(held(world)) == 2


async def test_a_job_is_put_away_only_once_it_is_over() -> None:
    world = a_world("1")
    async with a_scene(world) as scene:
        gate = world.directory.hold("unassign")
        await scene.begin(UNASSIGN)
        await gate.reached.wait()
        await scene.stage.station.bulk.job.dismiss()
        assert FILE in world.shelf.files
        gate.go.set()
        await scene.over()
        await scene.stage.station.bulk.job.dismiss()
        assert scene.stage.of(JobNotice)[-1].progress is None
        assert world.shelf.files.get(FILE) is None


async def test_a_plan_that_cannot_be_put_away_says_so() -> None:
    world = a_world("1")
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
        world.shelf.full = True
        await scene.stage.station.bulk.job.dismiss()
        assert isinstance(scene.stage.of(JobNotice)[-1].error, LedgerUnwritable)
        world.shelf.full = False
        await scene.stage.station.bulk.job.dismiss()
        assert scene.stage.of(JobNotice)[-1].progress is None


# After a crash -----------------------------------------------------------------------------------


@pytest.mark.parametrize("acts", [True, False])
async def test_a_job_that_was_cut_short_is_offered_again_and_nothing_is_done_twice(
    *, acts: bool
) -> None:
    world = a_world("1", "2", "3")
    async with a_scene(world) as scene:
        gates = [world.directory.hold("unassign", acts=acts or not number) for number in range(2)]
        await scene.begin(UNASSIGN)
        await gates[0].reached.wait()
        gates[0].go.set()
        await gates[1].reached.wait()
    async with a_scene(world) as scene:
        await scene.stage.until(lambda: bool(scene.stage.of(JobNotice)))
        begun = scene.stage.of(JobNotice)[0]
        assert begun.found
        assert scene.progress.state is JobState.PAUSED
        assert scene.progress.count(RowState.DONE) >= 1
        await scene.stage.station.bulk.job.resume()
        await scene.over()
        assert scene.states() == [RowState.DONE] * 3
    assert held(world) == []
    assert len(world.directory.writes) == (3 if acts else 4)


async def test_a_finished_job_that_nobody_saw_is_shown_as_finished() -> None:
    world = a_world("1")
    async with a_scene(world) as scene:
        await scene.begin(UNASSIGN)
        await scene.over()
    async with a_scene(world) as scene:
        await scene.stage.until(lambda: bool(scene.stage.of(JobNotice)))
        await scene.over()
        assert scene.states() == [RowState.DONE]
        await scene.stage.station.bulk.job.dismiss()
    async with a_scene(world) as scene:
        await scene.stage.a_moment()
        assert scene.stage.of(JobNotice) == []


async def test_a_damaged_plan_is_no_plan() -> None:
    world = a_world("1")
    world.shelf.files[FILE] = '{"form": 1, "rows": ['
    async with a_scene(world) as scene:
        await scene.stage.a_moment()
        assert scene.stage.of(JobNotice) == []
        await scene.begin(UNASSIGN)
        await scene.over()
        assert scene.states() == [RowState.DONE]
