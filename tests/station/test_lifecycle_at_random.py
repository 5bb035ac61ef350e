"""Whatever is done with a token and whatever fails: what is said at rest is the tenant's truth."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from app.core.enrollment import DRAFT, SUCCESS, UNDERWAY, State
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    NotUnderstood,
    Rejected,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.model import TAKES_BACK, Operation, Proof, TokenStatus
from app.core.record import EntryKind, Line
from tests.fakes.directory import WRITES
from tests.fakes.tenant import Lag
from tests.fakes.world import FakeWorld
from tests.station.beside import Beside
from tests.station.stage import a_desk

FAULTS: dict[str, DirectoryError | None] = {
    "none": None,
    "unreachable": Unreachable(Evidence()),
    "throttled": Throttled(Evidence(status=429)),
    "lost": AnswerLost(Evidence()),
    "odd": NotUnderstood(Evidence(status=200)),
    "failed": Unavailable(Evidence(status=500)),
    "forbidden": Forbidden(Evidence(status=403)),
    "rejected": Rejected(Evidence(status=400)),
}
NOT_LOOKED = {"Unreachable", "Throttled"}
"""Errors after which nothing was sent, and nothing is claimed but that."""
MAY_ACT = {"lost", "odd", "failed"}
"""Faults after which the directory may have acted."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that is done with the token: how it is proved, what fails, and who else is there.

    `stopped` ends the station while the request is out, and starts it again. `full` is the disk of
    the record when it is submitted.
    """

    operation: Operation
    right: bool
    proof: Proof | None
    fault: str
    acts: bool
    failed_looks: int
    other_desk: str
    stopped: bool
    full: bool = False


deeds = st.builds(
    Deed,
    operation=st.sampled_from([Operation.ACTIVATE, Operation.DEACTIVATE, Operation.UNASSIGN]),
    right=st.sampled_from([True, True, False]),
    proof=st.sampled_from([None, None, Proof.LOST]),
    fault=st.sampled_from(["none", *FAULTS]),
    acts=st.booleans(),
    failed_looks=st.sampled_from([0, 0, 0, 1, 4, 9]),
    other_desk=st.sampled_from(["", "", "", "takes it back", "gives it to Ben"]),
    stopped=st.sampled_from([False, False, True]),
    full=st.sampled_from([False, False, False, True]),
)
NOT_RECORDED = Deed(
    Operation.UNASSIGN,
    right=True,
    proof=Proof.LOST,
    fault="none",
    acts=True,
    failed_looks=0,
    other_desk="",
    stopped=False,
    full=True,
)
lags = st.sampled_from([Lag(), Lag(seconds=1), Lag(seconds=3)])


def assert_agrees(world: FakeWorld, line: Line) -> None:
    """Hold a line at rest against the tenant's truth."""
    truth = world.tenant.tokens[line.device_id]
    theirs = truth.holder is not None and truth.holder.id == line.person_id
    if line.error in NOT_LOOKED:
        assert line.state in {State.NOT_DONE, State.HALF_DONE}
        return
    match line.state:
        case State.ACTIVATED:
            assert theirs
            assert truth.status is TokenStatus.ACTIVATED
        case State.HALF_DONE | State.DEACTIVATED:
            assert theirs
            assert truth.status is TokenStatus.ASSIGNED
        case State.RETURNED:
            assert truth.holder is None
        case State.TAKEN:
            assert truth.holder is not None
            assert not theirs
        case State.NOT_DONE if line.operation in TAKES_BACK:
            assert theirs
        case State.NOT_DONE:
            assert not theirs


def _disturb(world: FakeWorld, deed: Deed) -> None:
    fault = FAULTS[deed.fault]
    for call in WRITES if fault is not None else ():
        acts = deed.acts and deed.fault in MAY_ACT and deed.right
        world.directory.fail(call, fault or Unreachable(Evidence()), acts=acts)
    for _ in range(deed.failed_looks):
        world.directory.fail("hardware_methods", Unreachable(Evidence()))
    match deed.other_desk:
        case "takes it back":
            world.tenant.take_back(world.token.device_id, world.clock.now())
        case "gives it to Ben":
            world.directory.give(world.token, world.ben)


def _calm(world: FakeWorld) -> None:
    for call in (*WRITES, "hardware_methods"):
        world.directory.recover(call)


async def _do(desk: Beside, deed: Deed, number: int) -> None:
    """Do it as far as it can be done."""
    world = desk.stage.world
    world.clock.advance(31 - world.clock.now().second % 30)  # into a new time step
    code = f"{number:06}"
    world.tenant.shows(world.token.device_id, code if deed.right else "777777")
    checked = await desk.begin(deed.operation, world.token)
    if checked.state is State.AWAITING_TOKEN:
        await desk.show("86590002")
        assert desk.state is State.AWAITING_TOKEN
        await (desk.work.say_missing(deed.proof) if deed.proof else desk.show())
    _disturb(world, deed)
    if deed.full:
        await _cannot_be_recorded(desk, code)
        return
    if deed.stopped:
        await desk.work.submit(code)
        await desk.stage.a_moment()
    elif desk.state not in {State.BLOCKED, State.UNCHECKED}:
        await desk.confirm(code)
    event(f"{deed.operation.value} -> {desk.state.value}")


async def _cannot_be_recorded(desk: Beside, code: str) -> None:
    """Submit while the disk of the record is full, and leave it: it is listed all the same."""
    stage, ledger = desk.stage, desk.stage.world.ledger
    if desk.state in {State.BLOCKED, State.UNCHECKED}:
        return
    ledger.full, sent = True, desk.enrollment.id
    await desk.work.submit(code)
    await desk.work.cancel()
    await stage.until(
        lambda: (sent, State.UNRECORDED) in {(n.enrollment_id, n.state) for n in stage.today}
    )
    ledger.full = False
    await stage.until(lambda: not stage.station.recorder.held)
    assert ledger.timeline(sent)[-1].state is State.UNRECORDED


async def _settled(desk: Beside) -> None:
    """Wait until recovery has settled all that was open; all is well with the directory now."""
    owed = UNDERWAY | {State.UNSETTLED}
    await desk.stage.until(lambda: not any(line.state in owed for line in desk.stage.today))


async def _live(world: FakeWorld, lag: Lag, done: list[Deed]) -> None:
    world.tenant.lag = lag
    for number, deed in enumerate(done):
        active = deed.operation is not Operation.ACTIVATE
        world.directory.give(world.token, world.ada, activated=active)
        world.clock.advance(120)
        known = len(_intents(world))
        async with a_desk(world=world) as stage:
            await _do(Beside(stage), deed, number)
        _calm(world)
        async with a_desk(world=world) as stage:
            await _settled(Beside(stage))
            lines = {line.enrollment_id: line for line in stage.today}
        for sent in _intents(world)[known:]:
            assert_agrees(world, lines[sent])


def _intents(world: FakeWorld) -> list[str]:
    entries = world.ledger.entries
    return [entry.enrollment_id for entry in entries if entry.kind is EntryKind.INTENT]


@pytest.mark.expect_log("it is written as soon as the record can be written")
@given(done=st.lists(deeds, min_size=1, max_size=4), lag=lags)
@example(done=[NOT_RECORDED], lag=Lag())
def test_what_is_said_at_rest_is_the_tenants_truth(done: list[Deed], lag: Lag) -> None:
    world = FakeWorld()
    asyncio.run(_live(world, lag, done))
    entries = world.ledger.entries
    assert len(world.directory.writes) <= len(_intents(world))
    assert not {entry.state for entry in entries if entry.kind is EntryKind.STATE} & DRAFT
    for entry in entries:
        if entry.state in SUCCESS:
            assert entry.facts["event"].startswith(("Seen", "Stays"))
