"""Faults, lag and another desk at random: what an enrollment says at rest is what the tenant says.

The tenant's truth is asked, not what a reader is told of it. Lag stays within the desk's patience,
for what is later than that nobody can know.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hypothesis import event, given
from hypothesis import strategies as st

from app.core.enrollment import TRANSITIONS, UNDERWAY, Enrollment, State
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
from app.core.events import Submitted
from app.core.model import Mode, TokenStatus
from app.core.record import Line
from tests.fakes.directory import WRITES
from tests.fakes.tenant import Lag
from tests.station.stage import Stage, a_desk

FAULTS: dict[str, DirectoryError | None] = {
    "none": None,
    "unreachable": Unreachable(Evidence()),
    "throttled": Throttled(Evidence(status=429)),
    "unavailable": Unavailable(Evidence(status=503)),
    "lost": AnswerLost(Evidence()),
    "odd": NotUnderstood(Evidence(status=200)),
    "failed": Unavailable(Evidence(status=500)),
    "forbidden": Forbidden(Evidence(status=403)),
    "rejected": Rejected(Evidence(status=400)),
}
MAY_ACT = {"lost", "odd", "failed"}
"""Faults after which the directory may have acted."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One submit: what becomes of it, whether the code is right, and who else is at work."""

    fault: str
    acts: bool
    right: bool
    failed_looks: int
    other_desk: bool


attempts = st.builds(
    Attempt,
    fault=st.sampled_from(sorted(FAULTS)),
    acts=st.booleans(),
    right=st.booleans(),
    failed_looks=st.sampled_from([0, 0, 0, 1, 2, 3, 4, 9]),
    other_desk=st.sampled_from([False, False, False, True]),
)
lags = st.sampled_from([Lag(), Lag(seconds=0.5), Lag(seconds=1), Lag(seconds=3)])


def assert_agrees(stage: Stage, seen: Enrollment | Line) -> None:
    """Hold a state of rest against the tenant's truth about the token."""
    truth = stage.world.tenant.tokens[stage.world.token.device_id]
    theirs = truth.holder is not None and truth.holder.id == stage.world.ada.id
    active = truth.status is TokenStatus.ACTIVATED
    match seen.state:
        case State.ACTIVATED:
            assert theirs
            assert active
        case State.ASSIGNED:
            assert theirs
            assert seen.mode is Mode.ASSIGN_ONLY
        case State.HALF_DONE:
            assert theirs
            assert not active
        case State.NOT_DONE:
            assert not theirs
        case State.TAKEN:
            assert truth.holder is not None
            assert not theirs


async def _attempt(stage: Stage, attempt: Attempt, number: int) -> None:
    world = stage.world
    world.clock.advance(31 - world.clock.now().second % 30)  # into a new time step
    code = f"{number:06}"
    world.tenant.shows(world.token.device_id, code if attempt.right else "777777")
    if attempt.other_desk and world.tenant.tokens[world.token.device_id].holder is None:
        world.directory.give(world.token, world.ben)
    fault = FAULTS[attempt.fault]
    for call in WRITES if fault is not None else ():
        acts = attempt.acts and attempt.fault in MAY_ACT and attempt.right
        world.directory.fail(call, fault or Unreachable(Evidence()), acts=acts)
    for _ in range(attempt.failed_looks):
        world.directory.fail("hardware_methods", Unreachable(Evidence()))
    await stage.submit(code)
    for call in (*WRITES, "hardware_methods"):
        world.directory.recover(call)


async def _settle(stage: Stage) -> None:
    """Ask the directory again, all of it being well now, for what is not settled."""
    if stage.state in {State.UNSETTLED, State.TAKEN}:
        await stage.station.work.try_again()
        await stage.rest()


async def _live(stage: Stage, tries: list[Attempt], *, leaves_assigned: bool) -> None:
    stage.world.tenant.leaves_assigned = leaves_assigned
    await stage.fill()
    for number, attempt in enumerate(tries):
        if Submitted not in TRANSITIONS[stage.state]:
            break
        await _attempt(stage, attempt, number)
        event(f"{attempt.fault} -> {stage.state.value}")
        assert stage.state not in UNDERWAY
        assert_agrees(stage, stage.enrollment)
        await _settle(stage)
        assert stage.state is not State.UNSETTLED
        assert_agrees(stage, stage.enrollment)
        assert_agrees(stage, stage.today[0])
        assert stage.today[0].state is stage.state


@given(
    tries=st.lists(attempts, min_size=1, max_size=4),
    lag=lags,
    mode=st.sampled_from(Mode),
    leaves_assigned=st.booleans(),
)
def test_what_is_said_at_rest_is_the_tenants_truth(
    tries: list[Attempt], lag: Lag, mode: Mode, *, leaves_assigned: bool
) -> None:
    async def life() -> None:
        async with a_desk(mode) as stage:
            stage.world.tenant.lag = lag
            await _live(stage, tries, leaves_assigned=leaves_assigned)

    asyncio.run(life())
