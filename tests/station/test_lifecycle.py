"""A token after it was handed over: activated later, deactivated, taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.enrollment import State
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    LedgerUnwritable,
    NotFound,
    Rejected,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.lifecycle import Preview, preview, undo
from app.core.model import (
    METHODS_LIMIT,
    HeldRole,
    Holder,
    Operation,
    Proof,
    Role,
    Source,
    TokenStatus,
)
from app.core.preflight import FindingKind
from app.core.reading import Family, TokenReading
from app.core.record import EntryKind
from app.station.context import DeskSettings
from app.station.notices import CodeNotice, ScanNotice
from tests.fakes.nouns import SCOPE, an_authenticator, an_operator
from tests.fakes.tenant import Lag
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.station.beside import Beside
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

ACTIVATE, DEACTIVATE, UNASSIGN = Operation.ACTIVATE, Operation.DEACTIVATE, Operation.UNASSIGN
LATER = (ACTIVATE, DEACTIVATE, UNASSIGN)
WRITE = {ACTIVATE: "activate", DEACTIVATE: "deactivate", UNASSIGN: "unassign"}
END = {ACTIVATE: State.ACTIVATED, DEACTIVATE: State.DEACTIVATED, UNASSIGN: State.RETURNED}
AS_BEFORE = {ACTIVATE: State.HALF_DONE, DEACTIVATE: State.NOT_DONE, UNASSIGN: State.NOT_DONE}
RAW = Evidence("POST", "/x", request_id="r-1")
LOST = [AnswerLost(RAW), Unavailable(Evidence(status=500)), Unavailable(Evidence(status=504))]
REFUSED = [Rejected(Evidence(status=400)), Forbidden(Evidence(status=403))]
NOT_SENT = [Unreachable(RAW), Throttled(Evidence(status=429), 5)]
LAGS = [Lag(), Lag(looks=2), Lag(seconds=5)]


def name_of(value: object) -> str:
    if isinstance(value, DirectoryError):
        return f"{type(value).__name__} {value.evidence.status}"
    return value.value if isinstance(value, Operation) else str(value)


@asynccontextmanager
async def beside(
    operation: Operation = UNASSIGN, world: FakeWorld | None = None
) -> AsyncIterator[Beside]:
    """A desk where Ada holds the token as `operation` needs it."""
    async with a_desk(world=world) as stage:
        world = stage.world
        world.directory.give(world.token, world.ada, activated=operation is not ACTIVATE)
        world.clock.advance(120)
        yield Beside(stage)


def truth(stage: Stage) -> tuple[TokenStatus, str]:
    token = stage.world.tenant.tokens[stage.world.token.device_id]
    return token.status, token.holder.id if token.holder else ""


def kinds(desk: Beside) -> list[FindingKind]:
    return [found.kind for found in desk.enrollment.findings]


# The way it goes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lag", LAGS, ids=str)
@pytest.mark.parametrize("operation", LATER, ids=name_of)
async def test_what_is_done_later_is_recorded_sent_once_and_believed_when_seen(
    operation: Operation, lag: Lag
) -> None:
    async with beside(operation) as desk:
        desk.stage.world.tenant.lag = lag
        ended = await desk.do(operation)
        order = desk.stage.world.journal.of("ledger", "directory")
    assert (ended.state, ended.error) == (END[operation], None)
    sent = order.index(f"directory {WRITE[operation]}")
    assert order[sent - 1] == "ledger intent recording"
    assert order[-1] == f"ledger state {END[operation].value}"
    assert desk.stage.world.directory.writes == [WRITE[operation]]


async def test_a_token_that_was_taken_back_is_in_stock_and_can_be_given_again() -> None:
    async with beside() as desk:
        ended = await desk.do(UNASSIGN)
        assert truth(desk.stage) == (TokenStatus.AVAILABLE, "")
        assert undo(desk.enrollment) is Operation.ASSIGN
        assert ended.proof is Proof.SCANNED
        desk.stage.world.clock.advance(60)
        await desk.stage.fill()
        assert (await desk.stage.submit()).state is State.ACTIVATED
        assert truth(desk.stage) == (TokenStatus.ACTIVATED, "person-ada")


async def test_a_deactivated_token_stays_with_the_person_and_can_be_activated_again() -> None:
    async with beside(DEACTIVATE) as desk:
        await desk.do(DEACTIVATE)
        assert truth(desk.stage) == (TokenStatus.ASSIGNED, "person-ada")
        assert undo(desk.enrollment) is ACTIVATE
        assert (await desk.do(ACTIVATE)).state is State.ACTIVATED


@pytest.mark.parametrize("inlines", [True, False])
@pytest.mark.parametrize("operation", LATER, ids=name_of)
async def test_the_method_is_named_as_the_persons_side_names_it(
    operation: Operation, *, inlines: bool
) -> None:
    async with beside(operation) as desk:
        desk.stage.world.tenant.inlines_device = inlines
        await desk.do(operation)
        (call,) = [c for c in desk.stage.world.directory.calls if c.name == WRITE[operation]]
    device = desk.stage.world.token.device_id
    assert call.arguments == ("person-ada", "method-86590001" if inlines else device)


async def test_what_will_be_done_is_told_before_it_is_sent() -> None:
    async with beside() as desk:
        await desk.begin(UNASSIGN)
        assert preview(desk.enrollment) == Preview(UNASSIGN, "86590001", "Ada")
        await desk.work.say_missing(Proof.LOST)
        assert preview(desk.enrollment) == Preview(UNASSIGN, "86590001", "Ada", without_token=True)
        assert desk.stage.world.directory.writes == []


async def test_what_is_left_before_it_is_sent_changes_nothing() -> None:
    async with beside() as desk:
        await desk.begin(UNASSIGN)
        await desk.show()
        await desk.work.cancel()
        await desk.work.submit()
        assert desk.shown.chosen is None
        assert list(desk.stage.world.ledger.entries) == []


async def test_two_confirmations_of_one_gesture_send_once() -> None:
    async with beside() as desk:
        await desk.begin(UNASSIGN)
        await desk.show()
        await desk.work.submit()
        await desk.confirm()
        assert desk.stage.world.directory.writes == ["unassign"]


# The token in the hand ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "proof"),
    [
        (Source.SCANNER, Proof.SCANNED),
        (Source.TYPED, Proof.TYPED),
        (Source.PRACTICE, Proof.SCANNED),
    ],
)
async def test_how_the_token_was_shown_is_recorded(source: Source, proof: Proof) -> None:
    async with beside() as desk:
        await desk.begin(UNASSIGN)
        await desk.show(source=source)
        await desk.confirm()
        (line,) = desk.stage.today
        assert (line.proof, line.operation, line.state) == (proof, UNASSIGN, State.RETURNED)


async def test_a_token_shows_itself_on_a_reader() -> None:
    async with beside() as desk:
        await desk.begin(DEACTIVATE)
        await desk.stage.station.input.tapped(
            TokenReading(Family.TOKEN2_OTP, "", "86590001"), "reader", pad=True
        )
        assert desk.enrollment.proof is Proof.CARD


@pytest.mark.parametrize("operation", [DEACTIVATE, UNASSIGN], ids=name_of)
async def test_another_token_proves_nothing(operation: Operation) -> None:
    async with beside(operation) as desk:
        await desk.begin(operation)
        await desk.show("86590002")
        assert (desk.state, desk.shown.wrong) == (State.AWAITING_TOKEN, "86590002")
        await desk.work.submit()
        assert desk.stage.world.directory.writes == []
        await desk.show()
        assert (desk.state, desk.shown.wrong) == (State.READY, "")


async def test_a_scan_that_is_no_token_is_said_to_be_that() -> None:
    async with beside() as desk:
        await desk.begin(UNASSIGN)
        scanned = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"
        await desk.stage.station.input.scanned(scanned, Source.SCANNER)
        assert desk.state is State.AWAITING_TOKEN
        assert len(desk.stage.of(ScanNotice)) == 1


@pytest.mark.parametrize("proof", [Proof.LOST, Proof.BROKEN])
async def test_a_token_that_is_not_there_is_taken_back_on_the_operators_word(proof: Proof) -> None:
    async with beside() as desk:
        await desk.begin(UNASSIGN)
        await desk.work.say_missing(proof)
        ended = await desk.confirm()
        assert (ended.state, undo(ended)) == (State.RETURNED, None)
        (line,) = desk.stage.today
        assert line.proof is proof


async def test_where_the_desk_forbids_it_nothing_goes_without_the_token() -> None:
    async with beside() as desk:
        desk.work._settings = DeskSettings(without_token=False)
        await desk.begin(UNASSIGN)
        await desk.work.say_missing(Proof.LOST)
        assert desk.state is State.AWAITING_TOKEN


async def test_a_proof_that_needs_the_token_cannot_be_said() -> None:
    async with beside() as desk:
        await desk.begin(UNASSIGN)
        await desk.work.say_missing(Proof.SCANNED)
        assert desk.state is State.AWAITING_TOKEN


@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
async def test_a_fresh_check_asks_for_the_token_again() -> None:
    async with beside() as desk:
        await desk.begin(UNASSIGN)
        await desk.show()
        desk.stage.world.ledger.full = True
        assert (await desk.confirm()).state is State.UNRECORDED
        desk.stage.world.ledger.full = False
        await desk.work.try_again()
        assert (desk.state, desk.enrollment.proof) == (State.AWAITING_TOKEN, None)


# What stands in the way --------------------------------------------------------------------------


@pytest.mark.parametrize("operation", LATER, ids=name_of)
async def test_a_token_in_stock_is_nobodys_to_change(operation: Operation) -> None:
    async with a_desk() as stage:
        desk = Beside(stage)
        assert (await desk.begin(operation)).state is State.BLOCKED
        assert FindingKind.TOKEN_IN_STOCK in kinds(desk)


@pytest.mark.parametrize("operation", LATER, ids=name_of)
async def test_a_token_of_somebody_else_is_named_as_theirs(operation: Operation) -> None:
    async with beside(operation) as desk:
        await desk.begin(operation, person=desk.stage.world.ben)
        assert desk.state is State.BLOCKED
        (found,) = [f for f in desk.enrollment.findings if f.kind is FindingKind.TOKEN_OF_ANOTHER]
        assert found.about == "Ada"


async def test_a_token_that_is_not_activated_has_nothing_to_deactivate() -> None:
    async with beside(ACTIVATE) as desk:
        assert (await desk.begin(DEACTIVATE)).state is State.BLOCKED
        assert kinds(desk) == [FindingKind.TOKEN_NOT_ACTIVE]


async def test_a_token_that_is_activated_is_not_activated_again() -> None:
    async with beside() as desk:
        assert (await desk.begin(ACTIVATE)).state is State.BLOCKED
        assert kinds(desk) == [FindingKind.TOKEN_ACTIVE_HERE]


async def test_a_role_too_low_for_this_person_stands_in_the_way() -> None:
    world = FakeWorld()
    reads_roles = {SCOPE, "RoleManagement.Read.Directory"}
    world.directory.who = replace(an_operator(), scopes=frozenset(reads_roles))
    chief = HeldRole(Role.GLOBAL_ADMINISTRATOR.value, "Global Administrator")
    world.tenant.roles[world.ada.id] = (chief,)
    async with beside(world=world) as desk:
        assert (await desk.begin(UNASSIGN)).state is State.BLOCKED
        assert kinds(desk) == [FindingKind.ADMINISTRATOR_REFUSED]


@pytest.mark.parametrize("operation", [DEACTIVATE, UNASSIGN], ids=name_of)
async def test_a_disabled_account_at_the_limit_can_still_lose_a_token(operation: Operation) -> None:
    async with beside(operation) as desk:
        world = desk.stage.world
        apps = (an_authenticator(number) for number in range(METHODS_LIMIT - 1))
        world.tenant.add_person(replace(world.ada, enabled=False), *apps)
        assert (await desk.do(operation)).state is END[operation]


async def test_a_check_that_fails_is_told_and_made_again() -> None:
    async with beside() as desk:
        desk.stage.world.directory.fail("methods", Unreachable(RAW))
        assert (await desk.begin(UNASSIGN)).state is State.UNCHECKED
        await desk.work.try_again()
        assert desk.state is State.AWAITING_TOKEN


async def test_a_token_that_is_on_its_way_at_the_desk_is_left_alone() -> None:
    async with beside(ACTIVATE) as desk:
        stage = desk.stage
        await stage.fill()
        held = stage.world.directory.hold("activate")
        await stage.desk.submit(RIGHT)
        await desk.begin(UNASSIGN)
        assert kinds(desk) == [FindingKind.TOKEN_UNDERWAY]
        held.go.set()
        await stage.rest()


async def test_nothing_is_begun_for_nobody() -> None:
    async with a_desk(signed_in=False) as stage:
        await stage.station.work.begin(UNASSIGN, stage.world.token, stage.world.ada)
        assert stage.desk.work.chosen is None


# Codes -------------------------------------------------------------------------------------------


async def test_the_same_code_is_not_sent_twice_whichever_way() -> None:
    async with beside(ACTIVATE) as desk:
        await desk.stage.fill()
        await desk.stage.submit(WRONG)
        await desk.begin(ACTIVATE)
        await desk.work.submit(WRONG)
        assert len(desk.stage.of(CodeNotice)) == 1
        assert desk.stage.world.directory.writes == ["activate"]


async def test_what_is_no_code_is_not_sent() -> None:
    async with beside(ACTIVATE) as desk:
        await desk.begin(ACTIVATE)
        await desk.work.submit("12")
        assert desk.stage.world.directory.writes == []


async def test_a_wrong_code_leaves_it_assigned_and_the_next_one_activates() -> None:
    async with beside(ACTIVATE) as desk:
        await desk.begin(ACTIVATE)
        assert (await desk.confirm(WRONG)).state is State.HALF_DONE
        assert (await desk.confirm(RIGHT)).state is State.ACTIVATED
        assert desk.enrollment.attempts == 2


# Refused, lost, late -----------------------------------------------------------------------------


@pytest.mark.parametrize("lag", LAGS, ids=str)
@pytest.mark.parametrize("error", LOST, ids=name_of)
@pytest.mark.parametrize("operation", LATER, ids=name_of)
async def test_a_lost_answer_to_what_was_done_is_found_done(
    operation: Operation, error: DirectoryError, lag: Lag
) -> None:
    async with beside(operation) as desk:
        desk.stage.world.tenant.lag = lag
        desk.stage.world.directory.fail(WRITE[operation], error, acts=True)
        ended = await desk.do(operation)
        assert (ended.state, ended.error) == (END[operation], None)
        assert desk.stage.world.directory.writes == [WRITE[operation]]


@pytest.mark.parametrize("error", [*LOST, *REFUSED, *NOT_SENT], ids=name_of)
@pytest.mark.parametrize("operation", LATER, ids=name_of)
async def test_what_was_not_done_is_as_it_was_and_not_sent_again_by_itself(
    operation: Operation, error: DirectoryError
) -> None:
    async with beside(operation) as desk:
        before = truth(desk.stage)
        desk.stage.world.directory.fail(WRITE[operation], error)
        ended = await desk.do(operation)
        assert (ended.state, ended.error) == (AS_BEFORE[operation], error)
        assert desk.stage.world.directory.writes == [WRITE[operation]]
        assert truth(desk.stage) == before
        assert desk.stage.today[0].needs_attention


@pytest.mark.parametrize("operation", [DEACTIVATE, UNASSIGN], ids=name_of)
async def test_what_was_not_taken_back_is_checked_and_proved_anew(operation: Operation) -> None:
    async with beside(operation) as desk:
        desk.stage.world.directory.fail(WRITE[operation], REFUSED[0])
        assert (await desk.do(operation)).state is State.NOT_DONE
        await desk.work.submit()
        assert desk.stage.world.directory.count(WRITE[operation]) == 1
        await desk.work.try_again()
        assert (await desk.show()).state is State.READY
        assert (await desk.confirm()).state is END[operation]
        assert (desk.enrollment.attempts, len(desk.stage.today)) == (2, 1)


@pytest.mark.parametrize("operation", [DEACTIVATE, UNASSIGN], ids=name_of)
async def test_an_accepted_request_that_is_never_seen_stays_open_and_is_asked_about_again(
    operation: Operation,
) -> None:
    async with beside(operation) as desk:
        desk.stage.world.tenant.lag = Lag(seconds=60)
        assert (await desk.do(operation)).state is State.UNSETTLED
        desk.stage.world.clock.advance(60)
        await desk.work.try_again()
        await desk.stage.until(lambda: desk.state is END[operation])
        assert desk.stage.world.directory.writes == [WRITE[operation]]


@pytest.mark.parametrize("lag", LAGS, ids=str)
@pytest.mark.parametrize("operation", [DEACTIVATE, UNASSIGN], ids=name_of)
async def test_a_token_that_another_desk_passed_on_meanwhile_is_taken(
    operation: Operation, lag: Lag
) -> None:
    async with beside(operation) as desk:
        world = desk.stage.world
        world.tenant.lag = lag
        await desk.begin(operation)
        await desk.show()
        world.directory.give(world.token, world.ben)
        assert (await desk.confirm()).state is State.TAKEN
        assert isinstance(desk.enrollment.error, NotFound)


@pytest.mark.parametrize("operation", [DEACTIVATE, UNASSIGN], ids=name_of)
async def test_a_token_that_another_desk_took_back_meanwhile_is_returned(
    operation: Operation,
) -> None:
    async with beside(operation) as desk:
        world = desk.stage.world
        await desk.begin(operation)
        await desk.show()
        world.tenant.take_back(world.token.device_id, world.clock.now())
        ended = await desk.confirm()
        assert (ended.state, ended.error) == (State.RETURNED, None)


async def test_what_left_the_person_is_not_back_in_stock_before_the_inventory_says_so() -> None:
    async with beside() as desk:
        world = desk.stage.world
        await desk.begin(UNASSIGN)
        await desk.show()
        stale = replace(world.token, holder=Holder("person-ada"), status=TokenStatus.ACTIVATED)
        held = world.directory.hold("token")
        await desk.work.submit()
        await held.reached.wait()
        world.tenant.add_token(stale)
        held.go.set()
        await desk.stage.until(lambda: desk.state is State.UNSETTLED)


async def test_whoever_may_not_read_the_inventory_believes_the_persons_side() -> None:
    async with beside() as desk:
        desk.stage.world.directory.fail_always("token", Forbidden(Evidence(status=403)))
        assert (await desk.do(UNASSIGN)).state is State.RETURNED


@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
async def test_nothing_is_sent_that_cannot_be_recorded() -> None:
    async with beside() as desk:
        desk.stage.world.ledger.full = True
        ended = await desk.do(UNASSIGN)
        assert (ended.state, type(ended.error)) == (State.UNRECORDED, LedgerUnwritable)
        assert desk.stage.world.directory.writes == []
        assert [line.state for line in desk.stage.today] == [State.UNRECORDED]
        desk.stage.world.ledger.full = False


# After a stop ------------------------------------------------------------------------------------


@pytest.mark.parametrize("acted", [True, False])
@pytest.mark.parametrize("operation", LATER, ids=name_of)
async def test_what_was_open_when_the_station_stopped_is_settled_by_looking(
    operation: Operation, *, acted: bool
) -> None:
    async with beside(operation) as desk:
        world = desk.stage.world
        held = world.directory.hold(WRITE[operation], acts=acted)
        checked = await desk.begin(operation)
        if checked.state is State.AWAITING_TOKEN:
            await desk.show()
        await desk.work.submit(RIGHT)
        await held.reached.wait()
    assert world.ledger.entries[-1].kind is EntryKind.INTENT
    async with a_desk(world=world) as stage:
        await stage.until(lambda: stage.today[0].state not in {State.RECORDING, State.RESOLVING})
        (line,) = stage.today
        assert line.state is (END if acted else AS_BEFORE)[operation]
        assert world.directory.writes == [WRITE[operation]]


async def test_what_was_not_taken_back_is_brought_back_from_the_record_of_another_day() -> None:
    async with beside() as desk:
        world = desk.stage.world
        world.directory.fail("unassign", REFUSED[0])
        ended = await desk.do(UNASSIGN)
    async with a_desk(world=world) as stage:
        later = Beside(stage)
        await later.work.resume(ended.id)
        assert (later.enrollment.id, later.state) == (ended.id, State.AWAITING_TOKEN)
        await later.show()
        assert (await later.confirm()).state is State.RETURNED
        assert len(stage.today) == 1


async def test_the_desk_begins_anew_where_something_was_taken_back() -> None:
    async with beside() as desk:
        ended = await desk.do(UNASSIGN)
        await desk.stage.desk.resume(ended.id)
        await desk.stage.reach(State.AWAITING_CODE)
        assert desk.stage.enrollment.id != ended.id


async def test_a_check_that_is_throttled_is_made_again_when_the_directory_asks_for_it() -> None:
    async with beside() as desk:
        world = desk.stage.world
        world.clock.stop()
        world.directory.fail("token", Throttled(Evidence(status=429), 7))
        await desk.stage.station.work.begin(UNASSIGN, world.token, world.ada)
        states, moments = [desk.state], [desk.shown.retry_at]
        due = world.clock.now() + timedelta(seconds=7)
        await desk.stage.a_moment()
        world.clock.advance(6)
        await desk.stage.a_moment()
        states.append(desk.state)
        assert states == [State.UNCHECKED, State.UNCHECKED]
        world.clock.advance(1)
        await desk.stage.until(lambda: desk.state is State.AWAITING_TOKEN)
        moments.append(desk.shown.retry_at)
        assert moments == [due, None]
        assert world.directory.writes == []


async def test_a_repeat_that_is_no_longer_wanted_is_not_made() -> None:
    async with beside() as desk:
        world, lifecycle = desk.stage.world, desk.stage.station.work
        world.clock.stop()
        world.directory.fail("token", Throttled(Evidence(status=429), 7))
        await lifecycle.begin(UNASSIGN, world.token, world.ada)
        await lifecycle.cancel()
        asked = len(world.directory.calls)
        world.clock.advance(60)
        await desk.stage.a_moment()
        assert lifecycle.chosen is None
        assert len(world.directory.calls) == asked


async def test_a_pause_longer_than_ten_minutes_is_the_operators_to_end() -> None:
    async with beside() as desk:
        world = desk.stage.world
        world.clock.stop()
        world.directory.fail("token", Throttled(Evidence(status=429), 900))
        await desk.stage.station.work.begin(UNASSIGN, world.token, world.ada)
        states = [desk.state]
        assert desk.shown.retry_at is None
        await desk.stage.station.work.try_again()
        states.append(desk.state)
        assert states == [State.UNCHECKED, State.AWAITING_TOKEN]
