"""M7: a Temporary Access Pass through real sockets: refused, unanswered, and killed in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from app.core.access_pass import OrderFault, PassOrder
from app.core.errors import Forbidden, Rejected
from app.core.record import EntryKind
from app.core.states import State
from app.ledger import records, verify
from app.simulator.model import AccessPass
from app.station.passes import PassNotice, PassStage
from tests.faults.scene import NO_WAITING, Scene, fast
from tests.faults.test_process import Process
from tests.support.headless import Headless, Manner, Where
from tests.support.simulated import AARON

pytestmark = pytest.mark.anyio

WRITE = {"method": "POST", "path": "temporaryAccessPassMethods"}


def in_a_hurry(*delays: float) -> Manner:
    manner = fast(*(delays or NO_WAITING))
    return replace(manner, settings=replace(manner.settings, passes=True))


def held(scene: Scene) -> AccessPass | None:
    """The pass that the person truly has."""
    assert scene.tenant.server.practice is not None
    found: AccessPass | None = scene.tenant.server.practice.tenant.passes.current(scene.person.id)
    return found


def asked(scene: Scene) -> int:
    """How often the tenant was asked for a pass."""
    return sum(r["method"] == "POST" and "AccessPass" in r["path"] for r in scene.requests())


def recorded(scene: Scene) -> list[State]:
    found = [each.entry for each in records(scene.ledger)]
    return [entry.state for entry in found if entry.kind is EntryKind.PASS]


def badge(scene: Scene) -> str:
    assert scene.person.employeeId
    return scene.person.employeeId


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """The scene with a person who holds no role: nobody else is served by Dana."""
    assert scene.tenant.server.practice is not None
    tenant = scene.tenant.server.practice.tenant
    people = (p for p in scene.tenant.ready.people if p.employeeId)
    scene.person = next(p for p in people if not tenant.person(p.id).roles)
    return scene


async def test_m7_it_is_issued_and_confirmed_and_the_record_verifies(scene: Scene) -> None:
    async with scene.open_desk(manner=in_a_hurry()) as desk:
        done = await desk.issue_pass(badge(scene))
        assert (done.stage, done.shown) == (PassStage.CONFIRMED, True)
        truth = held(scene)
        assert truth is not None
        values = [n.value for n in desk.of(PassNotice) if n.value is not None]
        assert [each.reveal().decode() for each in values] == [truth.value]
        await desk.station.passes.hide()
        assert values[0].wiped
    assert recorded(scene) == [State.RECORDING, State.CONFIRMING, State.ISSUED]
    assert verify(scene.ledger) is None
    assert truth.value.encode() not in scene.ledger.read_bytes()


async def test_m7_replication_lag_is_sat_out(scene: Scene) -> None:
    async with scene.open_desk(manner=in_a_hurry(0, 1, 2, 5, 20, 60)) as desk:
        await desk.ask_for_pass(badge(scene))
        scene.tenant.control("POST", "/lag", {"seconds": 0.4})
        await desk.station.passes.issue(PassOrder(60, once=True))
        await desk.reach_pass(PassStage.CONFIRMED)
    assert recorded(scene)[-1] is State.ISSUED
    assert asked(scene) == 1


@pytest.mark.parametrize(
    ("kind", "acted"),
    [("lost_answer", True), ("reset", False), ("gateway_timeout", False), ("html", False)],
)
async def test_m7_without_an_answer_it_is_looked_for_and_never_sent_again(
    scene: Scene, kind: str, *, acted: bool
) -> None:
    async with scene.open_desk(manner=in_a_hurry()) as desk:
        scene.tenant.fault(kind, match=WRITE)
        told = await desk.issue_pass(badge(scene))
        assert told.stage is (PassStage.CONFIRMED if acted else PassStage.UNCERTAIN)
        assert not told.shown
    assert (held(scene) is not None) is acted
    assert asked(scene) == 1
    assert recorded(scene)[1] is State.RESOLVING
    assert recorded(scene)[-1] is (State.ISSUED if acted else State.UNSETTLED)


@pytest.mark.parametrize("kind", ["truncated_json", "missing_field"])
async def test_m7_an_accepted_pass_whose_answer_is_broken_is_found(scene: Scene, kind: str) -> None:
    async with scene.open_desk(manner=in_a_hurry()) as desk:
        scene.tenant.fault(kind, match=WRITE, field="id")
        told = await desk.issue_pass(badge(scene))
        assert (told.stage, told.shown) == (PassStage.CONFIRMED, False)
    assert recorded(scene)[-1] is State.ISSUED


async def test_m7_a_policy_that_changes_meanwhile_is_the_directorys_to_refuse(
    scene: Scene,
) -> None:
    async with scene.open_desk(manner=in_a_hurry()) as desk:
        await desk.ask_for_pass(badge(scene))
        scene.tenant.fault("pass_policy", state="disabled")
        await desk.station.passes.issue(PassOrder(60, once=True))
        told = await desk.reach_pass(PassStage.FAILED)
        assert isinstance(told.error, Rejected)
        assert "UserCredentialPolicy" in told.error.evidence.message
        again = await desk.ask_for_pass(badge(scene))
        assert again.fault is OrderFault.POLICY_OFF
    assert recorded(scene) == [State.RECORDING, State.NOT_DONE]


async def test_m7_an_administrator_is_refused_with_the_directorys_answer(scene: Scene) -> None:
    scene.tenant.fault("give_role", person=scene.person.id, role="Exchange Administrator")
    async with scene.open_desk(manner=in_a_hurry()) as desk:
        told = await desk.issue_pass(badge(scene))
        assert isinstance(told.error, Forbidden)
    assert held(scene) is None
    assert recorded(scene) == [State.RECORDING, State.NOT_DONE]


async def test_m7_an_operator_who_may_not_read_the_policy_issues_the_tenants_default(
    scene: Scene,
) -> None:
    aaron = scene.tenant.operator(AARON)
    where: Where = replace(scene.where, username=AARON, password=aaron.password)
    scene.tenant.fault("pass_policy", usual=90, once=True)
    async with scene.open_desk(where, in_a_hurry()) as desk:
        told = await desk.ask_for_pass(badge(scene))
        assert (told.stage, told.policy) == (PassStage.ASKING, None)
        await desk.station.passes.issue(PassOrder())
        done = await desk.reach_pass(PassStage.CONFIRMED)
    assert done.issued is not None
    assert (done.issued.minutes, done.issued.once) == (90, True)


# -- killed ----------------------------------------------------------------------------------------


@contextmanager
def on_its_way(scene: Scene, fault: str, seconds: float) -> Iterator[Process]:
    """A process that has asked for a pass and waits for the answer."""
    scene.tenant.fault(fault, match=WRITE, seconds=seconds)
    process = Process(scene)
    try:
        process.until(told="ready")
        process.send("sign_in")
        process.until(done="sign_in")
        process.send("issue_pass", badge=badge(scene))
        yield process
    finally:
        process.end()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - neither the tenant nor the file has a bell
            await asyncio.sleep(0.01)


async def end_of(desk: Headless, *states: State) -> Any:
    await desk.until(lambda: bool(desk.lines) and desk.lines[0].state in states)
    return desk.lines[0]


async def test_m7_killed_before_the_answer_it_is_found_issued_and_never_shown(
    scene: Scene,
) -> None:
    with on_its_way(scene, "slow_answer", 60) as process:
        await until(lambda: held(scene) is not None)
        process.kill()
    assert recorded(scene) == [State.RECORDING]
    async with scene.open_desk(manner=in_a_hurry()) as desk:
        line = await end_of(desk, State.ISSUED)
        assert line.access_pass is not None
        assert line.access_pass.shown is None
    assert recorded(scene) == [State.RECORDING, State.RESOLVING, State.ISSUED]
    assert scene.given() == 1
    assert verify(scene.ledger) is None


async def test_m7_killed_and_shown_late_it_may_have_been_issued_and_then_is(scene: Scene) -> None:
    with on_its_way(scene, "slow_answer", 60) as process:
        await until(lambda: held(scene) is not None)
        process.kill()
    scene.tenant.control("POST", "/lag", {"seconds": 500})
    async with scene.open_desk(manner=in_a_hurry(0, 1)) as desk:
        line = await end_of(desk, State.UNSETTLED)
        assert line.needs_attention
        scene.tenant.control("POST", "/lag", {"seconds": 0})
        await end_of(desk, State.ISSUED)
    assert scene.given() == 1
