"""A token after it was handed over, over real sockets: what goes wrong, and how it ends.

What holds in every row: one request at the most, and the final state is the tenant's own truth.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from app.core.enrollment import DRAFT, UNDERWAY, WATCHED, Enrollment, State
from app.core.errors import Forbidden, NotFound
from app.core.lifecycle import Deed
from app.core.model import Mode, Operation, Person, Reason, Source
from app.station.desk.notices import HeldToken, OffersNotice
from app.station.notices import DeskNotice
from app.station.people import SearchNotice
from tests.faults.scene import HURRY, Scene, fast
from tests.support.headless import Headless
from tests.support.simulated import DANA, SAM

pytestmark = pytest.mark.anyio

ACTIVATE, DEACTIVATE, UNASSIGN = Operation.ACTIVATE, Operation.DEACTIVATE, Operation.UNASSIGN
LATER = [ACTIVATE, DEACTIVATE, UNASSIGN]
HTTP = {
    ACTIVATE: {"method": "POST", "path": "/activate"},
    DEACTIVATE: {"method": "POST", "path": "/deactivate"},
    UNASSIGN: {"method": "DELETE", "path": "hardwareOathMethods"},
}
END = {ACTIVATE: State.ACTIVATED, DEACTIVATE: State.DEACTIVATED, UNASSIGN: State.RETURNED}
TRUTH = {ACTIVATE: "activated", DEACTIVATE: "assigned", UNASSIGN: "available"}
BEFORE = {ACTIVATE: "assigned", DEACTIVATE: "activated", UNASSIGN: "activated"}
AS_BEFORE = {ACTIVATE: State.HALF_DONE, DEACTIVATE: State.NOT_DONE, UNASSIGN: State.NOT_DONE}
PATIENT = (0, 1, 2, 3, 5, 5, 7, 7, 10)


class Beside:
    """What an operator does beside the desk with the token of the scene."""

    def __init__(self, scene: Scene, desk: Headless, operation: Operation) -> None:
        self.scene = scene
        self.desk = desk
        self.operation = operation
        self.work = desk.station.work

    @property
    def enrollment(self) -> Enrollment | None:
        shown = self.desk.last(DeskNotice)
        return shown.chosen if shown else None

    @property
    def state(self) -> State:
        return self.enrollment.state if self.enrollment else State.EMPTY

    async def held(self) -> HeldToken:
        (found,) = await self.desk.station.lookup.find_holders(self.scene.serial)
        return found

    async def begin(self) -> State:
        """Begin by whose token it is, as somebody does who found one."""
        found = await self.held()
        assert found.holder is not None
        await self.work.begin(self.operation, found.token, found.holder)
        return self.state

    async def confirm(self, digits: str = "") -> State:
        """Show the token where that is asked for, confirm, and wait for the end."""
        if self.work.awaits_token:
            await self.desk.station.input.scanned(self.scene.serial, Source.SCANNER)
        await self.work.submit(digits)
        await self.desk.until(lambda: self.state not in UNDERWAY | WATCHED | DRAFT)
        return self.state

    async def do(self, lag: float = 0) -> State:
        """Do all of it, long after the hand-over; the directory lags by `lag` of its seconds."""
        await asyncio.sleep(2 * lag / HURRY)
        await self.begin()
        self.scene.tenant.control("POST", "/lag", {"seconds": lag / HURRY})
        return await self.confirm(self.scene.code() if self.operation is ACTIVATE else "")

    def sent(self) -> list[Any]:
        match = HTTP[self.operation]
        person = f"{self.scene.person.id}/"
        return [
            r
            for r in self.scene.requests()
            if r["method"] == match["method"] and match["path"] in r["path"] and person in r["path"]
        ]


@asynccontextmanager
async def beside(scene: Scene, operation: Operation, *delays: float) -> AsyncIterator[Beside]:
    """A desk that has handed the token over, and is asked for the next thing."""
    manner = fast(*(delays or (0, 1, 2, 3)), mode=Mode.ASSIGN_ONLY)
    async with scene.filled(manner=manner) as desk:
        if BEFORE[operation] == "activated":
            await desk.desk.choose_mode(Mode.ASSIGN_AND_ACTIVATE)
            await desk.reach(State.AWAITING_CODE)
            assert (await desk.submit(scene.code())).state is State.ACTIVATED
        else:
            assert (await desk.submit()).state is State.ASSIGNED
        assert scene.holds(BEFORE[operation])
        yield Beside(scene, desk, operation)


def ended(desk: Beside) -> bool:
    """Whether the tenant's truth is what was asked for."""
    return bool(desk.scene.truth["status"] == TRUTH[desk.operation])


@pytest.mark.parametrize("operation", LATER, ids=lambda o: o.value)
async def test_with_a_lag_of_five_seconds_the_end_is_waited_for(
    scene: Scene, operation: Operation
) -> None:
    async with beside(scene, operation, *PATIENT) as desk:
        assert await desk.do(lag=5) is END[operation]
        assert ended(desk)
        assert len(desk.sent()) == 1
    scene.row(f"{operation.value}, lag of 5 s", "reads until it agrees", END[operation])


@pytest.mark.parametrize("lag", [0, 5])
@pytest.mark.parametrize("operation", LATER, ids=lambda o: o.value)
async def test_a_lost_answer_is_resolved_by_reading(
    scene: Scene, operation: Operation, lag: float
) -> None:
    async with beside(scene, operation, *PATIENT) as desk:
        scene.tenant.fault("lost_answer", match=HTTP[operation])
        assert await desk.do(lag) is END[operation]
        assert ended(desk)
        assert len(desk.sent()) == 1
    scene.row(f"{operation.value}, answer lost, lag {lag} s", "reads; done", END[operation])


@pytest.mark.parametrize("kind", ["reset", "gateway_timeout", "bad_gateway", "html"])
@pytest.mark.parametrize("operation", LATER, ids=lambda o: o.value)
async def test_a_request_that_did_nothing_leaves_all_as_it_was(
    scene: Scene, operation: Operation, kind: str
) -> None:
    async with beside(scene, operation) as desk:
        scene.tenant.fault(kind, match=HTTP[operation])
        assert await desk.do() is AS_BEFORE[operation]
        assert scene.holds(BEFORE[operation])
        assert len(desk.sent()) == 1
    scene.row(f"{operation.value}, {kind}", "reads; as before, says so", AS_BEFORE[operation])


@pytest.mark.parametrize("operation", [DEACTIVATE, UNASSIGN], ids=lambda o: o.value)
async def test_a_token_that_another_desk_gave_on_meanwhile_is_told_as_taken(
    scene: Scene, operation: Operation
) -> None:
    async with beside(scene, operation) as desk:
        await desk.begin()
        scene.tenant.fault("assign_elsewhere", serial=scene.serial, person=SAM)
        assert await desk.confirm() is State.TAKEN
        assert desk.enrollment is not None
        assert isinstance(desk.enrollment.error, NotFound)
        assert scene.truth["holder_upn"] == SAM
    scene.row(f"{operation.value}, given on meanwhile", "says who has it", State.TAKEN)


@pytest.mark.parametrize("operation", [DEACTIVATE, UNASSIGN], ids=lambda o: o.value)
async def test_a_role_that_ran_out_meanwhile_takes_nothing_back(
    scene: Scene, operation: Operation
) -> None:
    async with beside(scene, operation) as desk:
        await desk.begin()
        scene.tenant.fault("remove_role", person=DANA, role="Authentication Administrator")
        assert await desk.confirm() is State.UNSETTLED
        assert desk.enrollment is not None
        assert isinstance(desk.enrollment.error, Forbidden)
        assert scene.holds(BEFORE[operation])
        scene.tenant.fault("give_role", person=DANA, role="Authentication Administrator")
        await desk.work.try_again()
        await desk.desk.until(lambda: desk.state is State.NOT_DONE)
    scene.row(f"{operation.value}, role expired", "open; asked with the role", State.NOT_DONE)


async def test_two_wrong_codes_leave_it_assigned_and_the_right_one_activates(scene: Scene) -> None:
    async with beside(scene, ACTIVATE) as desk:
        await desk.begin()
        wrong = scene.tenant.wrong_code(scene.serial)
        assert await desk.confirm(wrong) is State.HALF_DONE
        assert await desk.confirm(str((int(wrong) + 1) % 10**6).zfill(6)) is State.HALF_DONE
        assert await desk.confirm(scene.code()) is State.ACTIVATED
    scene.row("activate, wrong code twice", "asks for the next", State.ACTIVATED)


async def test_a_wrong_token_on_return_sends_nothing(scene: Scene) -> None:
    other = next(t.serial for t in scene.tenant.ready.tokens if t.serial != scene.serial)
    async with beside(scene, UNASSIGN) as desk:
        await desk.begin()
        await desk.desk.station.input.scanned(other, Source.SCANNER)
        shown = desk.desk.last(DeskNotice)
        assert shown is not None
        assert (shown.wrong, desk.state) == (other, State.AWAITING_TOKEN)
        assert desk.sent() == []
    scene.row("wrong token scanned on return", "says so, sends nothing", "as before")


async def test_a_loose_token_tells_whose_it_is(scene: Scene) -> None:
    async with beside(scene, UNASSIGN) as desk:
        found = await desk.held()
        assert found.holder is not None
        assert (found.holder.id, found.count) == (scene.person.id, 1)
        assert found.handed_out is not None
        assert found.handed_out.state is State.ACTIVATED
        assert {c.deed for c in found.choices if c.why is None} == {
            Deed.DEACTIVATE,
            Deed.UNASSIGN,
            Deed.REPLACE,
        }
        await desk.do()
        assert (await desk.held()).holder is None


async def test_a_token_is_replaced_and_a_restart_between_the_halves_forgets_nothing(
    scene: Scene,
) -> None:
    new = next(
        t.serial
        for t in scene.tenant.ready.tokens
        if t.status == "available" and t.serial != scene.serial
    )
    async with beside(scene, UNASSIGN) as desk:
        old = await desk.held()
        (fresh,) = await desk.desk.station.lookup.find_holders(new)
        assert old.holder is not None
        mode = Mode.ASSIGN_AND_ACTIVATE
        await desk.work.replace(old.token, fresh.token, old.holder, Reason.BROKEN, mode)
        assert await desk.confirm(scene.tenant.press(new)) is State.ACTIVATED
    async with scene.open_desk(manner=fast(0, 5, 10)) as restarted:
        later = Beside(scene, restarted, UNASSIGN)
        await restarted.until(lambda: _ready(restarted) != [])
        assert later.sent() == []
        await later.work.take_up(_ready(restarted)[0])
        assert await later.confirm() is State.RETURNED
        await restarted.until(lambda: _ready(restarted) == [])
    assert scene.truth["status"] == "available"
    assert scene.tenant.token_state(new)["holder_id"] == scene.person.id


def _ready(desk: Headless) -> list[str]:
    shown = desk.last(OffersNotice)
    return [offer.second.id for offer in shown.offers if offer.is_ready] if shown else []


async def test_a_token_is_handed_over_by_its_number_where_the_inventory_may_not_be_read(
    scene: Scene,
) -> None:
    narrow = ("User.Read", "User.Read.All", "UserAuthMethod-HardwareOATH.ReadWrite.All")
    manner = replace(fast(*PATIENT), scopes=narrow)
    async with scene.open_desk(manner=manner) as headless:
        desk = Beside(scene, headless, ACTIVATE)
        person = await _person(headless, scene.person.employeeId or "")
        await desk.work.hand_over(scene.serial, person)
        assert desk.state is State.AWAITING_CODE
        scene.tenant.control("POST", "/lag", {"seconds": 5 / HURRY})
        scene.tenant.fault("lost_answer", match={"method": "POST", "path": "BySerialNumber"})
        assert await desk.confirm(scene.code()) is State.ACTIVATED
    assert scene.holds("activated")
    assert not [r for r in scene.requests() if "hardwareOathDevices" in r["path"]]
    scene.row("fewest rights, lag of 5 s, answer lost", "by serial number", State.ACTIVATED)


async def _person(desk: Headless, number: str) -> Person:
    """Find somebody by their employee number, as at the desk."""
    await desk.station.people.search(number)
    await desk.until(lambda: (shown := desk.last(SearchNotice)) is not None and shown.people != ())
    shown = desk.last(SearchNotice)
    assert shown is not None
    return shown.people[0]
