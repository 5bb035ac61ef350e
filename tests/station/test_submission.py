"""From the submit to a state of rest: recorded, sent once, and believed only when seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.enrollment import State
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    LedgerError,
    LedgerUnreadable,
    LedgerUnwritable,
    NotFound,
    NotUnderstood,
    Rejected,
    SignInEvidence,
    SignInExpired,
    SignInRefused,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.model import Mode, TokenStatus
from app.core.record import EntryKind
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


# The intent --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
async def test_the_intent_is_on_disk_before_the_request_leaves(mode: Mode) -> None:
    async with a_desk(mode) as stage:
        await stage.fill()
        await stage.submit()
        order = stage.world.journal.of("ledger", "directory")
    sent = order.index(f"directory {WRITE[mode]}")
    assert order[sent - 1 : sent + 4] == [
        "ledger intent recording",
        f"directory {WRITE[mode]}",
        "ledger state confirming",
        "directory hardware_methods",
        f"ledger state {DONE[mode].value}",
    ]


@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
@pytest.mark.parametrize(
    "error",
    [LedgerUnwritable("full"), LedgerUnreadable("damaged"), LedgerError("locked")],
    ids=lambda error: type(error).__name__,
)
async def test_nothing_is_sent_while_the_ledger_takes_nothing(error: LedgerError) -> None:
    async with a_desk() as stage:
        stage.world.ledger.full = True
        stage.world.ledger.error = error
        await stage.fill()
        await stage.desk.submit(RIGHT)
        stopped = await stage.reach(State.UNRECORDED)
        assert stopped.error is error
        assert stage.world.directory.writes == []
        assert [line.state for line in stage.today] == [State.UNRECORDED]
        assert not stage.world.ledger.entries
        stage.world.ledger.full = False
        await stage.until(lambda: bool(stage.world.ledger.entries))
        (entry,) = stage.world.ledger.entries
        assert (entry.kind, entry.facts["error"]) == (EntryKind.ATTEMPT, type(error).__name__)


@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
async def test_after_room_was_made_a_new_code_is_recorded_and_sent() -> None:
    async with a_desk() as stage:
        stage.world.ledger.full = True
        await stage.fill()
        await stage.desk.submit(WRONG)
        await stage.reach(State.UNRECORDED)
        stage.world.ledger.full = False
        await stage.station.work.try_again()
        await stage.reach(State.AWAITING_CODE)
        done = await stage.submit(RIGHT)
        assert done.state is State.ACTIVATED
        assert [entry.kind for entry in stage.world.ledger.entries].count(EntryKind.INTENT) == 1


@pytest.mark.expect_log("could not be recorded")
@pytest.mark.parametrize("error", [LedgerUnwritable("full"), LedgerUnreadable("damaged")])
async def test_what_was_sent_is_followed_to_its_end_though_the_record_fails(
    error: LedgerError,
) -> None:
    async with a_desk() as stage:
        stage.world.ledger.room = 1
        stage.world.ledger.error = error
        await stage.fill()
        assert (await stage.submit()).state is State.ACTIVATED
        assert len(stage.world.ledger.entries) == 1
        assert [line.state for line in stage.today] == [State.ACTIVATED]
        stage.world.ledger.room = None
        await stage.until(lambda: len(stage.world.ledger.entries) == 3)
        states = [entry.state for entry in stage.world.ledger.entries]
        assert states == [State.RECORDING, State.CONFIRMING, State.ACTIVATED]


async def test_the_record_tells_each_passage_and_its_evidence() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit(WRONG)
        entries = stage.world.ledger.entries
    assert [entry.state for entry in entries] == [
        State.RECORDING,
        State.AFTER_REFUSAL,
        State.NOT_DONE,
    ]
    assert entries[-1].facts["error"] == "Rejected"
    assert entries[-1].facts["evidence.Message"] == "The code is not valid."


# What the answer means ---------------------------------------------------------------------------


@pytest.mark.parametrize("error", NOT_SENT, ids=name_of)
@pytest.mark.parametrize("mode", Mode)
async def test_what_was_surely_not_judged_is_not_done_without_a_look(
    mode: Mode, error: DirectoryError
) -> None:
    async with a_desk(mode) as stage:
        await stage.fill()
        stage.world.directory.fail(WRITE[mode], error)
        ended = await stage.submit()
        assert (ended.state, ended.error) == (State.NOT_DONE, error)
        assert looks(stage) == 0


async def test_a_sign_in_that_cannot_be_renewed_sends_nothing() -> None:
    async with a_desk() as stage:
        await stage.fill()
        error = SignInRefused(SignInEvidence("invalid_grant"))
        stage.world.directory.fail("assign_and_activate", error)
        ended = await stage.submit()
        assert (ended.state, ended.error) == (State.NOT_DONE, error)


@pytest.mark.parametrize("error", REFUSED, ids=name_of)
async def test_t2_what_was_refused_is_looked_after_for_the_whole_patience(
    error: DirectoryError,
) -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.fail("assign_and_activate", error)
        ended = await stage.submit()
        assert (ended.state, ended.error, looks(stage)) == (
            State.NOT_DONE,
            error,
            len(SHORT.delays),
        )
        assert stage.world.clock.slept == list(SHORT.delays)


@pytest.mark.parametrize("lag", [Lag(looks=1), Lag(looks=2), Lag(seconds=1), Lag(seconds=3)])
async def test_what_a_refused_code_left_assigned_is_found_though_it_lags(lag: Lag) -> None:
    async with a_desk() as stage:
        stage.world.tenant.lag = lag
        stage.world.tenant.leaves_assigned = True
        await stage.fill()
        half = await stage.submit(WRONG)
        assert half.state is State.HALF_DONE
        assert isinstance(half.error, Rejected)


async def test_a_refusal_is_not_believed_while_the_last_look_failed() -> None:
    async with a_desk() as stage:
        await stage.fill()
        directory = stage.world.directory
        held = directory.hold("hardware_methods")
        for _ in SHORT.delays[2:]:
            directory.hold("hardware_methods").go.set()
        directory.fail("hardware_methods", Unreachable(RAW))
        held.go.set()
        ended = await stage.submit(WRONG)
        assert ended.state is State.UNSETTLED
        await stage.station.work.try_again()
        assert (await stage.rest()).state is State.NOT_DONE


async def test_an_activation_that_was_not_sent_is_still_half_done() -> None:
    async with a_desk() as stage:
        stage.world.tenant.leaves_assigned = True
        await stage.fill()
        await stage.submit(WRONG)
        stage.world.directory.fail("activate", NOT_SENT[1])
        half = await stage.submit("000001")
        done = await stage.submit(RIGHT)
        assert (half.state, half.error, half.attempts) == (State.HALF_DONE, NOT_SENT[1], 2)
        assert done.state is State.ACTIVATED
        assert stage.world.directory.writes == ["assign_and_activate", "activate", "activate"]


async def test_an_activation_of_a_token_taken_back_meanwhile_begins_whole_again() -> None:
    async with a_desk() as stage:
        stage.world.directory.give(stage.world.token, stage.world.ada)
        await stage.fill()
        stage.world.tenant.take_back(stage.world.token.device_id, stage.world.clock.now())
        nobodys = await stage.submit(WRONG)
        done = await stage.submit(RIGHT)
        assert (nobodys.state, done.state) == (State.NOT_DONE, State.ACTIVATED)
        assert stage.world.directory.writes == ["activate", "assign_and_activate"]


async def test_a_token_that_somebody_unnamed_holds_is_left_open() -> None:
    async with a_desk() as stage:
        await stage.fill()
        unnamed = replace(stage.world.token, status=TokenStatus.ACTIVATED)
        stage.world.tenant.add_token(unnamed, RIGHT)
        stage.world.directory.fail("assign_and_activate", REFUSED[0])
        assert (await stage.submit()).state is State.UNSETTLED


@pytest.mark.parametrize("error", OPEN, ids=name_of)
@pytest.mark.parametrize("mode", Mode)
async def test_a_lost_answer_to_what_was_done_is_found_done(
    mode: Mode, error: DirectoryError
) -> None:
    async with a_desk(mode) as stage:
        await stage.fill()
        stage.world.directory.fail(WRITE[mode], error, acts=True)
        assert (await stage.submit()).state is DONE[mode]
        assert stage.world.directory.writes == [WRITE[mode]]


@pytest.mark.parametrize("error", OPEN, ids=name_of)
async def test_a_lost_answer_to_what_was_not_done_is_not_done_and_never_sent_again_by_itself(
    error: DirectoryError,
) -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.fail("assign_and_activate", error)
        ended = await stage.submit()
        assert (ended.state, ended.error) == (State.NOT_DONE, error)
        assert stage.world.directory.writes == ["assign_and_activate"]
        assert looks(stage) == len(SHORT.delays)
        assert stage.today[0].needs_attention


@pytest.mark.parametrize("error", OPEN, ids=name_of)
@pytest.mark.parametrize("mode", Mode)
async def test_after_a_lost_answer_that_did_nothing_the_operator_sends_it_again(
    mode: Mode, error: DirectoryError
) -> None:
    async with a_desk(mode) as stage:
        await stage.fill()
        stage.world.directory.fail(WRITE[mode], error)
        await stage.submit("000001")
        done = await stage.submit(RIGHT)
        assert (done.state, done.error, done.attempts) == (DONE[mode], None, 2)
        assert not stage.today[0].needs_attention
        assert stage.today[0].error == ""


async def test_a_lost_answer_that_left_it_assigned_is_half_done() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.fail("assign_and_activate", OPEN[0])
        stage.world.directory.give(stage.world.token, stage.world.ada)
        half = await stage.submit()
        assert half.state is State.HALF_DONE
        assert (await stage.submit("000001")).state is State.HALF_DONE
        assert (await stage.submit("000002")).attempts == 3


async def test_a_lost_answer_on_a_token_that_another_desk_got_is_taken() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.directory.fail("assign_and_activate", OPEN[0])
        stage.world.directory.give(stage.world.token, stage.world.ben)
        assert (await stage.submit()).state is State.TAKEN
