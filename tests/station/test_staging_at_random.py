"""Any order of staging, taking back, losing and regaining the network, and restarting.

Each staged piece of work ends exactly once, and nothing is assigned that nobody staged.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from app.core.enrollment import State
from app.core.errors import AnswerLost, Evidence, LedgerUnwritable, Throttled
from app.core.model import Mode
from app.core.record import EntryKind, Line, lines
from tests.fakes.nouns import a_token
from tests.fakes.tenant import Lag
from tests.fakes.world import FakeWorld
from tests.station.stage import Stage, a_desk

ENDS = {
    State.ASSIGNED,
    State.BLOCKED,
    State.WITHDRAWN,
    State.NOT_DONE,
    State.TAKEN,
    State.UNRECORDED,
}
FULL = [
    (("lose", 0), 3),
    (("stage", 0), 3),
    (("full", 0), 3),
    (("stage", 1), 3),
    (("regain", 0), 60),
]
PEOPLE = ("20417", "ben@example.com", "person-ada", "99999")

gestures = st.one_of(
    st.tuples(st.just("stage"), st.integers(0, 5)),
    st.tuples(st.sampled_from(["withdraw", "withdraw beside"]), st.integers(0, 5)),
    st.tuples(
        st.sampled_from(["lose", "regain", "restart", "lost", "gone", "throttled", "full", "room"]),
        st.just(0),
    ),
)
lives = st.lists(st.tuples(gestures, st.sampled_from([0, 1, 3, 10, 60])), min_size=4, max_size=20)


@dataclass
class Life:
    """What is done to one record, over several stations."""

    world: FakeWorld
    down: bool = False
    beside: list[asyncio.Task[None]] = field(default_factory=list)
    staged: int = 0
    """How often work was staged, whether that could be recorded or not."""

    async def do(self, stage: Stage, gesture: str, number: int) -> None:
        match gesture:
            case "stage":
                token = f"8659000{number}"
                person = PEOPLE[number % len(PEOPLE)]
                operator = self.world.directory.who
                self.staged += 1
                with suppress(LedgerUnwritable):
                    await stage.desk.staging.stage(token, person, person, operator)
            case "full" | "room":
                self.world.ledger.full = gesture == "full"
            case "withdraw" | "withdraw beside":
                await self._withdraw(stage, number, beside=gesture != "withdraw")
            case "lose":
                self.down = True
                stage.lose_network()
            case "regain":
                self.down = False
                stage.regain_network()
            case "lost" | "gone":
                self.world.directory.fail("assign", AnswerLost(Evidence()), acts=gesture == "lost")
            case _:
                self.world.directory.fail("find_tokens", Throttled(Evidence(status=429)))

    async def _withdraw(self, stage: Stage, number: int, *, beside: bool) -> None:
        if number < len(stage.today):
            taking = asyncio.create_task(
                stage.desk.staging.withdraw(stage.today[number].enrollment_id)
            )
            self.beside.append(taking)
            if not beside:
                await taking


async def live(life: list[tuple[tuple[str, int], int]], lag: Lag) -> Life:
    told = Life(FakeWorld())
    told.world.tenant.lag = lag
    for number in range(6):
        told.world.tenant.add_token(a_token(f"8659000{number}"))
    left = list(life)
    while left:
        await one_station(told, left)
    async with a_desk(Mode.ASSIGN_ONLY, world=told.world, signed_in=False) as stage:
        stage.regain_network()
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: all(line.rests for line in stage.today))
    return told


async def one_station(told: Life, left: list[tuple[tuple[str, int], int]]) -> None:
    """Live on one station until it is restarted, or all is lived."""
    async with a_desk(Mode.ASSIGN_ONLY, world=told.world, signed_in=False) as stage:
        await stage.station.session.begin_in_browser()
        if not told.down:
            await stage.until(lambda: stage.station.session.operator is not None)
        while left:
            (gesture, number), pause = left.pop(0)
            if gesture == "restart":
                break
            await told.do(stage, gesture, number)
            for _ in range(pause):
                await asyncio.sleep(0)
        told.world.ledger.full = False
        await stage.until_later(lambda: not stage.station.recorder.held)
        for taking in told.beside:
            taking.cancel()
        await asyncio.gather(*told.beside, return_exceptions=True)
        told.beside.clear()


def ended(world: FakeWorld, line: Line) -> int:
    """How often the record says that one piece of work ended."""
    return sum(entry.state in ENDS for entry in world.ledger.timeline(line.enrollment_id))


@pytest.mark.expect_log(
    "it is written as soon as the record can be written|the record is in the way"
)
@settings(max_examples=60)
@given(life=lives, lag=st.sampled_from([Lag(), Lag(looks=1), Lag(seconds=2)]))
@example(life=FULL, lag=Lag())
def test_each_staged_work_ends_exactly_once(
    life: list[tuple[tuple[str, int], int]], lag: Lag
) -> None:
    lived = asyncio.run(live(life, lag))
    world, told = lived.world, lines(lived.world.ledger.entries)
    assert len(told) == lived.staged
    intents = Counter(
        entry.enrollment_id for entry in world.ledger.entries if entry.kind is EntryKind.INTENT
    )
    assert len(world.directory.writes) <= len(intents)
    assert set(intents.values()) <= {1}
    for line in told:
        event(line.state.value)
        assert line.state in ENDS
        assert ended(world, line) == 1
    assigned = {line.device_id: line.person_id for line in told if line.state is State.ASSIGNED}
    held = {t.device_id: t.holder.id for t in world.tenant.tokens.values() if t.holder}
    assert assigned == held
    assert len(assigned) == sum(line.state is State.ASSIGNED for line in told)
