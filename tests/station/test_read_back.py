"""Reading the directory back until it agrees, however late, seldom or oddly it answers."""

from __future__ import annotations

import pytest

from app.core.enrollment import State
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    NotFound,
    NotUnderstood,
    Rejected,
    SignInExpired,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.model import Mode, Operation, Source
from app.station.context import Patience
from tests.fakes.tenant import Lag
from tests.fakes.world import RIGHT, WRONG
from tests.station.stage import SHORT, Stage, a_desk

pytestmark = pytest.mark.anyio

BOTH, ASSIGN = Mode.ASSIGN_AND_ACTIVATE, Mode.ASSIGN_ONLY
WRITE = {BOTH: "assign_and_activate", ASSIGN: "assign"}
DONE = {BOTH: State.ACTIVATED, ASSIGN: State.ASSIGNED}
RAW = Evidence("POST", "/assign", request_id="r-1")
NOT_SENT = [
    Unreachable(RAW),
    Throttled(Evidence(status=429), 5),
    Unavailable(Evidence(status=503)),
    SignInExpired(Evidence(status=401)),
]
REFUSED = [
    Rejected(Evidence(status=400)),
    NotFound(Evidence(status=404)),
    Forbidden(Evidence(status=403)),
]
OPEN = [
    AnswerLost(RAW),
    NotUnderstood(Evidence(status=200)),
    Unavailable(Evidence(status=500)),
    Unavailable(Evidence(status=504)),
]


def name_of(error: DirectoryError) -> str:
    return f"{type(error).__name__} {error.evidence.status}"


def looks(stage: Stage) -> int:
    return stage.world.directory.count("hardware_methods")


# Reading back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("lag", [Lag(looks=1), Lag(looks=3), Lag(seconds=0.5), Lag(seconds=6)])
async def test_replication_that_lags_is_waited_for(mode: Mode, lag: Lag) -> None:
    async with a_desk(mode) as stage:
        stage.world.tenant.lag = lag
        await stage.fill()
        assert (await stage.submit()).state is DONE[mode]


async def test_a_minute_of_lag_is_within_a_desks_patience() -> None:
    async with a_desk(patience=Patience()) as stage:
        stage.world.tenant.lag = Lag(seconds=60)
        await stage.fill()
        assert (await stage.submit()).state is State.ACTIVATED


async def test_a_lost_answer_and_lag_together_are_found_done_all_the_same() -> None:
    async with a_desk() as stage:
        stage.world.tenant.lag = Lag(looks=2)
        await stage.fill()
        stage.world.directory.fail("assign_and_activate", OPEN[0], acts=True)
        assert (await stage.submit()).state is State.ACTIVATED


async def test_a_look_follows_each_delay_and_the_last_one_asks_the_inventory() -> None:
    async with a_desk() as stage:
        stage.world.tenant.lag = Lag(seconds=3600)
        await stage.fill()
        before = stage.world.directory.count("token")
        await stage.submit()
        assert stage.world.clock.slept == list(SHORT.delays)
        assert looks(stage) == len(SHORT.delays)
        assert stage.world.directory.count("token") - before == 1


async def test_what_patience_did_not_settle_another_try_does() -> None:
    async with a_desk() as stage:
        stage.world.tenant.lag = Lag(seconds=20)
        await stage.fill()
        open_one = await stage.submit()
        assert open_one.state is State.UNSETTLED
        assert stage.today[0].needs_attention
        stage.world.clock.advance(20)
        await stage.station.work.try_again()
        assert (await stage.rest()).state is State.ACTIVATED
        assert stage.world.directory.writes == ["assign_and_activate"]
        assert not stage.today[0].needs_attention


async def test_trying_again_twice_looks_once() -> None:
    async with a_desk() as stage:
        stage.world.tenant.lag = Lag(seconds=20)
        await stage.fill()
        await stage.submit()
        stage.world.clock.advance(20)
        before = looks(stage)
        await stage.station.work.try_again()
        await stage.station.work.try_again()
        await stage.rest()
        assert looks(stage) == before + 1


async def test_reads_that_fail_now_and_then_do_not_decide() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.fail("hardware_methods", Unreachable(RAW))
        stage.world.directory.fail("hardware_methods", Throttled(RAW, 1))
        assert (await stage.submit()).state is State.ACTIVATED


async def test_reads_that_never_come_leave_it_unsettled_and_say_why() -> None:
    async with a_desk() as stage:
        await stage.fill()
        error = Forbidden(Evidence(status=403, request_id="r-9"))
        stage.world.directory.fail_always("hardware_methods", error)
        ended = await stage.submit()
        assert (ended.state, ended.error) == (State.UNSETTLED, error)


async def test_each_renewed_look_that_fails_says_why_anew() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.fail_always("hardware_methods", Forbidden(Evidence(status=403)))
        await stage.submit()
        away = Unreachable(RAW)
        stage.world.directory.fail_always("hardware_methods", away)
        await stage.station.work.try_again()
        assert (await stage.rest()).error is away


async def test_a_refusal_outlasts_the_reads_that_failed_after_it() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.fail_always("hardware_methods", Unreachable(RAW))
        ended = await stage.submit(WRONG)
        assert ended.state is State.UNSETTLED
        assert isinstance(ended.error, Rejected)


@pytest.mark.parametrize("mode", Mode)
async def test_a_list_of_methods_without_devices_is_completed_from_the_inventory(
    mode: Mode,
) -> None:
    async with a_desk(mode) as stage:
        stage.world.tenant.inlines_device = False
        await stage.fill()
        done = await stage.submit()
        assert (done.state, done.method_id) == (DONE[mode], "device-86590001")


async def test_an_accepted_activation_seen_only_as_assigned_is_half_done() -> None:
    async with a_desk() as stage:
        await stage.fill()
        held = stage.world.directory.hold("hardware_methods")
        await stage.desk.submit(RIGHT)
        await held.reached.wait()
        stage.world.directory.give(stage.world.token, stage.world.ada)
        held.go.set()
        half = await stage.rest()
        assert (half.state, half.method_id) == (State.HALF_DONE, "method-86590001")


async def test_an_accepted_token_seen_elsewhere_at_the_end_is_taken() -> None:
    async with a_desk() as stage:
        await stage.fill()
        held = stage.world.directory.hold("hardware_methods")
        await stage.desk.submit(RIGHT)
        await held.reached.wait()
        stage.world.directory.give(stage.world.token, stage.world.ben)
        held.go.set()
        assert (await stage.rest()).state is State.TAKEN


async def test_a_token_deleted_meanwhile_is_nobodys() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.tenant.remove_token(stage.world.token.device_id)
        ended = await stage.submit()
        assert ended.state is State.NOT_DONE
        assert isinstance(ended.error, NotFound)


async def test_two_enrollments_run_side_by_side_to_their_own_ends() -> None:
    async with a_desk() as stage:
        stage.world.tenant.lag = Lag(seconds=4)
        stage.world.clock.stop()
        for token, person in (
            (stage.world.token, stage.world.ada),
            (stage.world.second, stage.world.ben),
        ):
            await stage.fill(token, person)
            await stage.desk.submit(RIGHT)
        await stage.until(lambda: stage.world.clock.sleepers == 2)
        stage.world.clock.run()
        await stage.until(lambda: all(line.rests for line in stage.today))
        assert {line.state for line in stage.today} == {State.ACTIVATED}


async def test_t6_looks_that_are_slow_themselves_come_to_an_end() -> None:
    """Each look lasts as long as an exchange may, and none brings an answer."""
    patience = Patience(again=False)
    async with a_desk(patience=patience) as stage:
        await stage.fill()
        before, directory = looks(stage), stage.world.directory
        directory.fail("assign_and_activate", AnswerLost(RAW))
        directory.fail_always("hardware_methods", AnswerLost(RAW))
        directory.seconds = 45.0
        assert (await stage.submit()).state is State.UNSETTLED
        assert 2 <= looks(stage) - before <= 5 < len(patience.delays)


# What the answer to an assignment tells -----------------------------------------------------------


async def test_m11_the_method_that_the_answer_names_is_read_back_by_its_id() -> None:
    """Where a list hides the devices, only the answer tells which method the token became."""
    async with a_desk(ASSIGN) as stage:
        stage.world.tenant.inlines_device, stage.world.tenant.own_method_ids = False, True
        await stage.fill()
        done = await stage.submit()
        assert (done.state, done.method_id) == (State.ASSIGNED, "method-86590001")
        told = [entry.facts for entry in stage.world.ledger.entries if "method_id" in entry.facts]
        assert told[0]["method_id"] == "method-86590001"
        assert told[0]["method_created"].endswith("+00:00")


async def test_m11_an_answer_that_names_no_method_leaves_it_to_the_read_back() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.world.directory.names_method = False
        await stage.fill()
        done = await stage.submit()
        assert (done.state, done.method_id) == (State.ASSIGNED, "method-86590001")


async def test_m11_an_assignment_is_confirmed_where_the_inventory_may_not_be_read() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.world.tenant.inlines_device, stage.world.tenant.own_method_ids = False, True
        await stage.fill()
        stage.world.directory.fail_always("token", Forbidden(Evidence("GET", "/devices", 403)))
        assert (await stage.submit()).state is State.ASSIGNED


async def test_m11_a_token_is_taken_back_by_the_id_that_the_answer_gave() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.world.tenant.inlines_device, stage.world.tenant.own_method_ids = False, True
        await stage.fill()
        done = await stage.submit()
        assert done.token is not None
        assert done.person is not None
        life = stage.station.work
        await life.begin(Operation.UNASSIGN, done.token, done.person)
        assert life.enrollment.method_id == "method-86590001"
        await stage.station.input.scanned(done.token.serial_number, Source.SCANNER)
        await life.submit()
        await stage.until(lambda: life.enrollment.state is State.RETURNED)
        asked = [c.arguments for c in stage.world.directory.calls if c.name == "unassign"]
        assert asked == [(done.person.id, "method-86590001")]
