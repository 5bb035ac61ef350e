"""Any gestures in any order, with faults between: the desk never shows or claims what is not so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from app.core.enrollment import DRAFT, State
from app.core.errors import AnswerLost, Evidence, Rejected, Throttled, Unreachable
from app.core.model import Mode, TokenStatus
from app.core.record import EntryKind
from app.station.notices import CardState, DeskNotice
from tests.fakes.directory import WRITES
from tests.fakes.tenant import Lag
from tests.fakes.world import RIGHT, WRONG
from tests.station.stage import Stage, a_desk

Gesture: TypeAlias = Callable[[Stage], Awaitable[None]]


async def _nothing() -> None:
    """Some gestures of the world take no time."""


def _resume(stage: Stage, place: int) -> Awaitable[None]:
    lines = stage.today
    return stage.desk.resume(lines[place % len(lines)].enrollment_id) if lines else _nothing()


def _fault(stage: Stage, kind: str) -> Awaitable[None]:
    for call in WRITES:
        match kind:
            case "lost":
                stage.world.directory.fail(call, AnswerLost(Evidence()), acts=True)
            case "gone":
                stage.world.directory.fail(call, AnswerLost(Evidence()))
            case "throttled":
                stage.world.directory.fail(call, Throttled(Evidence(status=429)))
            case _:
                stage.world.directory.fail(call, Rejected(Evidence(status=400)))
    return _nothing()


def _read_fault(stage: Stage, call: str) -> Awaitable[None]:
    stage.world.directory.fail(call, Unreachable(Evidence()))
    return _nothing()


def _pass_time(stage: Stage, seconds: float) -> Awaitable[None]:
    stage.world.clock.advance(seconds)
    return _nothing()


def _give(stage: Stage) -> Awaitable[None]:
    if stage.world.tenant.tokens["device-86590001"].holder is None:
        stage.world.directory.give(stage.world.token, stage.world.ben)
    return _nothing()


def _fill_disk(stage: Stage, *, full: bool) -> Awaitable[None]:
    stage.world.ledger.full = full
    return _nothing()


def _dismiss(stage: Stage, place: int) -> Awaitable[None]:
    lines = stage.today
    return stage.station.dismiss(lines[place % len(lines)].enrollment_id) if lines else _nothing()


async def _rest(stage: Stage) -> None:
    await stage.rest()


async def _enroll(stage: Stage, digits: str, serial_number: str) -> None:
    """Fill both cards and submit, without waiting for the end."""
    await stage.scan(serial_number)
    await stage.badge(stage.world.ada)
    await stage.a_moment()
    await stage.desk.submit(digits)


async def _change_operator(stage: Stage) -> None:
    await stage.station.sign_out()
    await stage.station.session.begin_in_browser()


GESTURES: dict[str, Gesture] = {
    "scan the first token": lambda stage: stage.scan("86590001"),
    "scan the second token": lambda stage: stage.scan("86590002"),
    "scan an unknown token": lambda stage: stage.scan("00000001"),
    "scan a secret": lambda stage: stage.scan("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"),
    "scan Ada's badge": lambda stage: stage.badge(stage.world.ada),
    "choose Ben": lambda stage: stage.desk.serve(stage.world.ben),
    "scan nobody's badge": lambda stage: stage.scan("EMP99999"),
    "clear the token": lambda stage: stage.desk.clear_token(),
    "clear the person": lambda stage: stage.desk.clear_person(),
    "start afresh": lambda stage: stage.desk.start_afresh(),
    "choose both": lambda stage: stage.desk.choose_mode(Mode.ASSIGN_AND_ACTIVATE),
    "choose assign only": lambda stage: stage.desk.choose_mode(Mode.ASSIGN_ONLY),
    "submit the right code": lambda stage: stage.desk.submit(RIGHT),
    "submit a wrong code": lambda stage: stage.desk.submit(WRONG),
    "try again": lambda stage: stage.station.work.try_again(),
    "resume the first": lambda stage: _resume(stage, 0),
    "resume the last": lambda stage: _resume(stage, -1),
    "lose the next answer": lambda stage: _fault(stage, "lost"),
    "lose the next request": lambda stage: _fault(stage, "gone"),
    "throttle the next request": lambda stage: _fault(stage, "throttled"),
    "refuse the next request": lambda stage: _fault(stage, "refused"),
    "fail the next look": lambda stage: _read_fault(stage, "hardware_methods"),
    "fail the next policy": lambda stage: _read_fault(stage, "policy"),
    "fail the next methods": lambda stage: _read_fault(stage, "methods"),
    "enroll the first token": lambda stage: _enroll(stage, RIGHT, "86590001"),
    "enroll with a wrong code": lambda stage: _enroll(stage, WRONG, "86590001"),
    "enroll the second token": lambda stage: _enroll(stage, RIGHT, "86590002"),
    "wait for rest": _rest,
    "let another desk be first": _give,
    "wait for the next code": lambda stage: _pass_time(stage, 30),
    "change the operator": _change_operator,
    "fill the disk of the record": lambda stage: _fill_disk(stage, full=True),
    "make room on the disk of the record": lambda stage: _fill_disk(stage, full=False),
    "dismiss the first": lambda stage: _dismiss(stage, 0),
}
SUBMITTED = frozenset({State.RECORDING, State.UNRECORDED})
NOT_RECORDED = [
    ("fill the disk of the record", 0),
    ("enroll the first token", 2),
    ("scan the second token", 50),
    ("resume the first", 50),
    ("change the operator", 50),
]

pauses = st.sampled_from([0, 1, 2, 3, 5, 50])
lives = st.lists(st.tuples(st.sampled_from(sorted(GESTURES)), pauses), min_size=5, max_size=25)
lags = st.sampled_from([Lag(), Lag(looks=1), Lag(seconds=4)])


async def live(life: list[tuple[str, int]], lag: Lag, mode: Mode) -> Stage:
    async with a_desk(mode) as stage:
        stage.world.tenant.lag = lag
        for gesture, pause in life:
            await GESTURES[gesture](stage)
            for _ in range(pause):
                await asyncio.sleep(0)
        stage.world.ledger.full = False
        await stage.until(lambda: not stage.station.recorder.held)
        await stage.rest()
    return stage


def agrees(notice: DeskNotice) -> bool:
    """Whether what would be submitted is what the two cards show."""
    token, person = notice.enrollment.token, notice.enrollment.person
    cards = (notice.token_card, notice.person_card)
    return (
        all(card.state is CardState.FOUND for card in cards)
        and token is not None
        and token.serial_number == notice.token_card.serial_number
        and person == notice.person_card.person
    )


@pytest.mark.expect_log("it is written as soon as the record can be written")
@given(life=lives, lag=lags, mode=st.sampled_from(Mode))
@example(life=NOT_RECORDED, lag=Lag(), mode=Mode.ASSIGN_ONLY)
def test_a_desk_at_random(life: list[tuple[str, int]], lag: Lag, mode: Mode) -> None:
    stage = asyncio.run(live(life, lag, mode))
    ready = {State.READY, State.AWAITING_CODE}
    assert all(agrees(n) for n in stage.of(DeskNotice) if n.enrollment.state in ready)
    for line in stage.today:
        event(line.state.value)
    accepted = {n.enrollment.id for n in stage.of(DeskNotice) if n.enrollment.state in SUBMITTED}
    assert accepted <= {line.enrollment_id for line in stage.today}
    entries = stage.world.ledger.entries
    assert accepted <= {entry.enrollment_id for entry in entries}
    intents = [entry for entry in entries if entry.kind is EntryKind.INTENT]
    named = {(e.enrollment_id, e.facts["device_id"], e.facts["person_id"]) for e in intents}
    assert len(named) == len({entry.enrollment_id for entry in intents})
    assert len(stage.world.directory.writes) <= len(intents)
    assert not {entry.state for entry in entries if entry.kind is EntryKind.STATE} & DRAFT
    for line in stage.today:
        truth = stage.world.tenant.tokens[line.device_id]
        holder = truth.holder.id if truth.holder else ""
        if line.state in {State.ACTIVATED, State.ASSIGNED, State.HALF_DONE}:
            assert holder == line.person_id
        if line.state is State.ACTIVATED:
            assert truth.status is TokenStatus.ACTIVATED
        if line.state is State.TAKEN:
            assert holder not in {"", line.person_id}
