"""Work staged without a network: on disk at once, submitted in order, taken back until then."""

from __future__ import annotations

import asyncio

import pytest

from app.core.enrollment import DRAFT, State
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    LedgerUnwritable,
    Rejected,
    Throttled,
    Unavailable,
)
from app.core.model import Migration, Mode, Policy, PolicyState
from app.core.preflight import OverrideReason
from app.core.record import EntryKind
from app.core.scan import RefusalKind
from app.station.notices import CardState, DeskNotice, ScanNotice, TroubleNotice
from app.station.station import LATER
from tests.fakes.nouns import a_person, a_token
from tests.fakes.world import RIGHT
from tests.station.stage import AWAY, Stage, a_desk
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio

ASSIGN = Mode.ASSIGN_ONLY
UPN = "ada@example.com"


def holder(stage: Stage, serial_number: str) -> str:
    token = stage.world.tenant.tokens[f"device-{serial_number}"]
    return token.holder.id if token.holder else ""


def findings(stage: Stage, enrollment_id: str) -> str:
    entries = stage.world.ledger.timeline(enrollment_id)
    return entries[-1].facts.get("findings", "")


async def two_staged(stage: Stage) -> tuple[str, str]:
    """Work for Ada and, after it, for Ben; the network is gone."""
    stage.lose_network()
    first = await stage.stage_work(stage.world.token, UPN)
    return first, await stage.stage_work(stage.world.second, "ben@example.com")


# Into the tray -----------------------------------------------------------------------------------


async def test_staged_work_is_on_disk_before_anything_is_asked_or_sent() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        await stage.stage_work(stage.world.token, UPN)
        (entry,) = stage.world.ledger.entries
        assert (entry.kind, entry.state) == (EntryKind.STAGED, State.STAGED)
        assert (entry.facts["serial_number"], entry.facts["person"]) == ("86590001", UPN)
        stage.regain_network()
        await stage.until(lambda: stage.today[0].rests)
        order = stage.world.journal.of("ledger", "directory")
        assert order.index("ledger staged staged") < order.index("ledger intent recording")
        assert order.index("ledger intent recording") < order.index("directory assign")


async def test_the_desk_is_free_at_once_for_the_next_token() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        await stage.stage_work(stage.world.token, UPN)
        assert stage.token_card.state is stage.person_card.state is CardState.EMPTY
        assert (stage.state, stage.shown.stageable, stage.shown.offline) == (
            State.EMPTY,
            False,
            True,
        )


async def test_a_second_enter_stages_nothing_twice() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        await stage.scan("86590001")
        await stage.desk.refer(UPN)
        await asyncio.gather(stage.desk.submit(), stage.desk.submit())
        assert len(stage.world.ledger.entries) == 1


async def test_a_scan_that_comes_while_the_work_is_written_down_is_kept() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        await stage.scan("86590001")
        await stage.desk.refer(UPN)
        await asyncio.gather(stage.desk.submit(), stage.scan("86590002"))
        assert stage.token_card.serial_number == "86590002"
        assert stage.person_card.state is CardState.EMPTY
        assert stage.today[0].serial_number == "86590001"


@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
async def test_a_full_disk_is_told_and_the_cards_come_back() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        stage.world.ledger.full = True
        await stage.scan("86590001")
        await stage.desk.refer(UPN)
        await stage.desk.submit()
        assert isinstance(stage.of(TroubleNotice)[-1].error, LedgerUnwritable)
        assert stage.token_card.serial_number == "86590001"
        assert stage.person_card.badge == UPN
        assert [line.state for line in stage.today] == [State.UNRECORDED]
        stage.world.ledger.full = False
        await stage.desk.submit()
        assert [line.state for line in stage.today] == [State.STAGED]


@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
@pytest.mark.expect_log("the event signed_out could not be recorded")
async def test_a_full_disk_disturbs_nobody_who_is_served_by_now() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        stage.world.ledger.full = True
        await stage.scan("86590001")
        await stage.desk.refer(UPN)
        await asyncio.gather(stage.desk.submit(), stage.scan("86590002"))
        assert stage.token_card.serial_number == "86590002"
        assert stage.person_card.state is CardState.EMPTY
        (line,) = stage.today
        assert (line.state, line.serial_number) == (State.UNRECORDED, "86590001")
        stage.world.ledger.full = False


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", RefusalKind.OTP_SECRET),
        ("JBSWY3DPEHPK3PXP", RefusalKind.POSSIBLE_SEED),
        ("", RefusalKind.EMPTY),
    ],
)
async def test_a_secret_never_names_a_person(text: str, kind: RefusalKind) -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        await stage.scan("86590001")
        await stage.desk.refer(text)
        assert stage.of(ScanNotice) == [ScanNotice(kind)]
        assert not stage.shown.stageable
        await stage.desk.submit()
        assert stage.world.ledger.entries == ()


async def test_no_code_is_ever_staged() -> None:
    async with a_desk() as stage:
        stage.lose_network()
        await stage.scan("86590001")
        await stage.desk.refer(UPN)
        await stage.desk.submit(RIGHT)
        assert stage.world.ledger.entries == ()
        await stage.desk.choose_mode(ASSIGN)
        await stage.desk.submit(RIGHT)
        assert [notice.stageable for notice in stage.of(DeskNotice)][-1] is False
        assert RIGHT not in repr(stage.world.ledger.entries)
        assert len(stage.world.ledger.entries) == 1


# When it may be staged ---------------------------------------------------------------------------


async def test_nothing_is_staged_while_the_directory_answers() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        assert not any(notice.stageable for notice in stage.of(type(stage.shown)))


async def test_what_was_checked_before_the_network_went_can_be_staged() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        stage.lose_network()
        assert (stage.state, stage.shown.stageable) == (State.READY, True)
        await stage.desk.submit()
        assert stage.world.ledger.entries[0].facts["person"] == "person-ada"


async def test_half_a_desk_cannot_be_staged() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        await stage.scan("86590001")
        assert not stage.shown.stageable
        await stage.desk.clear_token()
        await stage.desk.refer(UPN)
        assert not stage.shown.stageable


async def test_what_the_directory_refused_before_cannot_be_staged() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.world.directory.give(stage.world.token, stage.world.ben)
        assert (await stage.fill()).state is State.BLOCKED
        stage.lose_network()
        assert not stage.shown.stageable


async def test_a_token_the_directory_does_not_know_cannot_be_staged() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.scan("99999999")
        await stage.until(lambda: stage.token_card.state is CardState.UNKNOWN)
        stage.lose_network()
        await stage.desk.refer(UPN)
        assert not stage.shown.stageable


async def test_what_was_submitted_is_not_staged() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill()
        held = stage.world.directory.hold("assign")
        await stage.desk.submit()
        await held.reached.wait()
        stage.lose_network()
        assert not stage.shown.stageable
        held.go.set()


# Out of the tray ---------------------------------------------------------------------------------


async def test_work_is_submitted_in_the_order_it_was_staged() -> None:
    async with a_desk(ASSIGN) as stage:
        first, second = await two_staged(stage)
        stage.regain_network()
        await stage.until_line(second, State.ASSIGNED)
        assert stage.line(first).state is State.ASSIGNED
        assigned = [call for call in stage.world.directory.calls if call.name == "assign"]
        assert [call.arguments for call in assigned] == [
            ("person-ada", "device-86590001"),
            ("person-ben", "device-86590002"),
        ]


@pytest.mark.parametrize("reference", ["person-ada", UPN, "20417", "A-17"])
async def test_the_person_is_found_by_whatever_the_operator_had(reference: str) -> None:
    async with a_desk(ASSIGN) as stage:
        odd = stage.world.tenant.add_person(a_person("Odd", "A-17"))
        stage.lose_network()
        work = await stage.stage_work(stage.world.token, reference)
        stage.regain_network()
        done = await stage.until_line(work, State.ASSIGNED)
        person = odd if reference == "A-17" else stage.world.ada
        assert (done.person_id, done.person_name) == (person.id, person.display_name)


async def test_a_reference_that_cannot_be_an_id_holds_up_nobody() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        odd = await stage.stage_work(stage.world.token, "no id at all")
        work = await stage.stage_work(stage.world.second, "20418")
        stage.regain_network()
        stage.world.directory.fail("person", Rejected(Evidence(status=400)))
        await stage.until_line(work, State.ASSIGNED)
        assert (stage.line(odd).state, findings(stage, odd)) == (State.BLOCKED, "person_unknown")


@pytest.mark.parametrize("refusal", [Forbidden(Evidence(status=403))])
async def test_a_person_who_may_not_be_read_stays_staged_and_holds_up_nobody(
    refusal: DirectoryError,
) -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        first = await stage.stage_work(stage.world.token, "20417")
        second = await stage.stage_work(stage.world.second, "20418")
        stage.regain_network()
        stage.world.directory.fail("methods", refusal)
        await stage.until_line(second, State.ASSIGNED)
        assert stage.line(first).state is State.STAGED


async def test_work_is_checked_afresh_and_what_is_blocked_is_recorded() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        work = await stage.stage_work(stage.world.token, "20417")
        stage.world.directory.give(stage.world.token, stage.world.ben)
        stage.regain_network()
        blocked = await stage.until_line(work, State.BLOCKED)
        assert blocked.needs_attention
        assert blocked.rests
        assert findings(stage, work) == "token_held"
        assert stage.world.directory.writes == []


async def test_an_unknown_token_is_blocked() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        work = await stage.stage_work(a_token("99999999"), "20417")
        stage.regain_network()
        await stage.until_line(work, State.BLOCKED)
        assert findings(stage, work) == "token_unknown"


async def test_a_serial_number_that_two_tokens_have_is_called_so() -> None:
    async with a_desk(ASSIGN) as stage:
        twin = a_token("86590001")
        twin_of = type(twin)("device-twin", "86590001")
        stage.world.tenant.add_token(twin_of)
        stage.lose_network()
        work = await stage.stage_work(stage.world.token, "20417")
        stage.regain_network()
        await stage.until_line(work, State.BLOCKED)
        assert findings(stage, work) == "token_duplicated"


@pytest.mark.parametrize("reference", ["99999", "nobody@example.com"])
async def test_an_unknown_person_is_blocked(reference: str) -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        work = await stage.stage_work(stage.world.token, reference)
        stage.regain_network()
        await stage.until_line(work, State.BLOCKED)
        assert findings(stage, work) == "person_unknown"


async def test_the_same_token_staged_twice_is_assigned_once() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        first = await stage.stage_work(stage.world.token, "20417")
        second = await stage.stage_work(stage.world.token, "20418")
        stage.regain_network()
        await stage.until_line(second, State.BLOCKED)
        assert stage.line(first).state is State.ASSIGNED
        assert stage.world.directory.writes == ["assign"]


async def test_what_was_blocked_begins_anew_on_the_desk() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        work = await stage.stage_work(stage.world.token, "20417")
        stage.world.directory.give(stage.world.token, stage.world.ben)
        stage.regain_network()
        await stage.until_line(work, State.BLOCKED)
        stage.world.tenant.take_back("device-86590001", stage.world.clock.now())
        await stage.desk.resume(work)
        ready = await stage.reach(State.READY)
        assert (ready.person, ready.token) == (stage.world.ada, stage.world.token)


async def test_work_that_asks_for_a_reason_gets_it_on_the_action_card_and_is_recorded() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        work = await stage.stage_work(stage.world.token, "20417")
        stage.world.tenant.policy = Policy(PolicyState.DISABLED, migration=Migration.PRE)
        stage.regain_network()
        await stage.until_line(work, State.BLOCKED)
        assert findings(stage, work) == "policy_off"
        await stage.desk.resume(work)
        await stage.reach(State.BLOCKED)
        await stage.station.work.go_on_because(OverrideReason.LEGACY_POLICY)
        await stage.reach(State.READY)
        ended = await stage.submit("")
        assert ended.state is State.ASSIGNED, ended
        told = {line.state: line.overrides for line in stage.today}
        assert told[State.ASSIGNED] == (("policy_off", "legacy_policy"),)


async def test_a_reason_given_before_counts_for_work_that_is_submitted_later() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.world.tenant.policy = Policy(PolicyState.DISABLED, migration=Migration.PRE)
        assert (await stage.fill()).state is State.BLOCKED
        await stage.station.work.go_on_because(OverrideReason.LEGACY_POLICY)
        await stage.reach(State.READY)
        await stage.desk.start_afresh()
        stage.lose_network()
        work = await stage.stage_work(stage.world.second, "ben@example.com")
        stage.regain_network()
        line = await stage.until_line(work, State.ASSIGNED)
        assert line.overrides == (("policy_off", "legacy_policy"),)


# When the network goes again ---------------------------------------------------------------------


async def test_a_network_lost_in_the_middle_leaves_the_rest_staged() -> None:
    async with a_desk(ASSIGN) as stage:
        first, second = await two_staged(stage)
        stage.regain_network()
        held = stage.world.directory.hold("hardware_methods")
        await asyncio.wait_for(held.reached.wait(), HANG_SECONDS)
        stage.lose_network()
        held.go.set()
        await stage.until_line(first, State.ASSIGNED)
        await stage.a_moment()
        assert stage.line(second).state is State.STAGED
        stage.regain_network()
        await stage.until_line(second, State.ASSIGNED)
        assert stage.world.directory.writes == ["assign", "assign"]


async def test_a_request_on_its_way_is_not_cut_short_by_a_network_that_comes_and_goes() -> None:
    async with a_desk(ASSIGN) as stage:
        first, second = await two_staged(stage)
        stage.regain_network()
        held = stage.world.directory.hold("assign", acts=True)
        await held.reached.wait()
        for answered in (False, True, False, True):
            stage.station.heard(answered=answered, latency=None)
            await stage.a_moment()
        held.go.set()
        await stage.until_line(second, State.ASSIGNED)
        assert stage.line(first).state is State.ASSIGNED
        assert stage.world.directory.writes == ["assign", "assign"]


async def test_a_lost_answer_is_resolved_and_nothing_is_sent_twice() -> None:
    async with a_desk(ASSIGN) as stage:
        first, second = await two_staged(stage)
        stage.regain_network()
        stage.world.directory.fail("assign", AnswerLost(Evidence()), acts=True)
        await stage.until_line(second, State.ASSIGNED)
        assert stage.line(first).state is State.ASSIGNED
        assert stage.world.directory.writes == ["assign", "assign"]


@pytest.mark.parametrize(
    "error", [Throttled(Evidence(status=429), 60), Unavailable(Evidence(status=503))]
)
async def test_a_directory_that_cannot_serve_is_asked_again_later(error: DirectoryError) -> None:
    async with a_desk(ASSIGN) as stage:
        first, _ = await two_staged(stage)
        stage.regain_network()
        stage.world.directory.fail("find_tokens", error)
        await stage.until_line(first, State.ASSIGNED)
        assert LATER in stage.world.clock.slept


async def test_work_that_is_written_down_as_the_network_comes_back_is_not_forgotten() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        await stage.scan("86590001")
        await stage.desk.refer("20417")
        staging = asyncio.create_task(stage.desk.submit())
        await asyncio.sleep(0)
        stage.regain_network()
        await staging
        await stage.until(lambda: [line.state for line in stage.today] == [State.ASSIGNED])


@pytest.mark.expect_log("the record is in the way")
async def test_a_disk_that_is_full_when_its_turn_comes_leaves_all_staged_and_is_told() -> None:
    async with a_desk(ASSIGN) as stage:
        first, second = await two_staged(stage)
        stage.world.ledger.full = True
        stage.regain_network()
        await stage.until(lambda: bool(stage.of(TroubleNotice)))
        assert {stage.line(work).state for work in (first, second)} == {State.STAGED}
        assert stage.world.directory.writes == []
        assert len(stage.of(TroubleNotice)) == 1
        stage.world.ledger.full = False
        await stage.until_line(second, State.ASSIGNED)


async def test_staged_work_outlasts_a_restart() -> None:
    async with a_desk(ASSIGN) as before:
        first, second = await two_staged(before)
    before.regain_network()
    async with a_desk(ASSIGN, world=before.world) as stage:
        await stage.until_line(second, State.ASSIGNED)
        assert stage.line(first).state is State.ASSIGNED
    assert before.world.directory.writes == ["assign", "assign"]


async def test_work_cut_short_by_a_restart_is_resolved_and_not_sent_again() -> None:
    async with a_desk(ASSIGN) as before:
        first, second = await two_staged(before)
        before.regain_network()
        held = before.world.directory.hold("assign", acts=True)
        await held.reached.wait()
    async with a_desk(ASSIGN, world=before.world) as stage:
        await stage.until_line(second, State.ASSIGNED)
        await stage.until_line(first, State.ASSIGNED)
    assert before.world.directory.writes == ["assign", "assign"]


async def test_nothing_leaves_the_tray_before_somebody_has_signed_in() -> None:
    async with a_desk(ASSIGN) as before:
        await two_staged(before)
    before.world.clock.run()
    async with a_desk(ASSIGN, world=before.world, signed_in=False) as stage:
        before.regain_network()
        stage.station.heard(answered=False, latency=None)
        stage.station.heard(answered=True, latency=None)
        await stage.a_moment()
        assert {line.state for line in stage.today} == {State.STAGED}


# Taking it back ----------------------------------------------------------------------------------


async def test_work_taken_back_is_never_submitted() -> None:
    async with a_desk(ASSIGN) as stage:
        first, second = await two_staged(stage)
        await stage.desk.staging.withdraw(first)
        assert stage.line(first).state is State.WITHDRAWN
        stage.regain_network()
        await stage.until_line(second, State.ASSIGNED)
        assert holder(stage, "86590001") == ""


async def test_taking_back_twice_or_what_nobody_knows_changes_nothing() -> None:
    async with a_desk(ASSIGN) as stage:
        first, _ = await two_staged(stage)
        for work in (first, first, "unknown"):
            await stage.desk.staging.withdraw(work)
        states = [entry.state for entry in stage.world.ledger.entries]
        assert states == [State.STAGED, State.STAGED, State.WITHDRAWN]


async def test_work_being_checked_can_still_be_taken_back() -> None:
    async with a_desk(ASSIGN) as stage:
        first, second = await two_staged(stage)
        stage.regain_network()
        held = stage.world.directory.hold("find_tokens")
        await held.reached.wait()
        taking = asyncio.create_task(stage.desk.staging.withdraw(first))
        await stage.a_moment()
        held.go.set()
        await taking
        assert stage.line(first).state is State.WITHDRAWN
        await stage.until_line(second, State.ASSIGNED)
        assert holder(stage, "86590001") == ""


async def test_work_that_was_sent_is_past_taking_back() -> None:
    async with a_desk(ASSIGN) as stage:
        first, _ = await two_staged(stage)
        stage.regain_network()
        held = stage.world.directory.hold("assign", acts=True)
        await held.reached.wait()
        await stage.desk.staging.withdraw(first)
        held.go.set()
        await stage.until_line(first, State.ASSIGNED)
        assert State.WITHDRAWN not in {entry.state for entry in stage.world.ledger.entries}


async def test_a_read_back_keeps_nobody_from_taking_the_next_work_back() -> None:
    async with a_desk(ASSIGN) as stage:
        first, second = await two_staged(stage)
        stage.regain_network()
        held = stage.world.directory.hold("hardware_methods")
        await held.reached.wait()
        await stage.desk.staging.withdraw(second)
        assert stage.line(second).state is State.WITHDRAWN
        held.go.set()
        await stage.until_line(first, State.ASSIGNED)
        assert stage.world.directory.writes == ["assign"]


@pytest.mark.expect_log("the event signed_out could not be recorded")
async def test_a_full_disk_while_taking_back_is_told() -> None:
    async with a_desk(ASSIGN) as stage:
        first, _ = await two_staged(stage)
        stage.world.ledger.full = True
        await stage.desk.staging.withdraw(first)
        assert isinstance(stage.of(TroubleNotice)[-1].error, LedgerUnwritable)
        assert stage.line(first).state is State.STAGED


# Beside the desk ---------------------------------------------------------------------------------


async def test_a_token_that_the_desk_hands_over_meanwhile_is_not_sent_a_second_time() -> None:
    async with a_desk(ASSIGN) as stage:
        await stage.fill(person=stage.world.ben)
        stage.lose_network()
        stage.regain_network()
        stage.station.heard(answered=False, latency=None)
        await stage.desk.staging.stage("86590001", "20417", "Ada", stage.world.directory.who)
        work = stage.today[0].enrollment_id
        policy = stage.world.directory.hold("policy")
        stage.world.clock.advance(3600)
        stage.station.heard(answered=True, latency=None)
        await policy.reached.wait()
        sending = stage.world.directory.hold("assign")
        await stage.desk.submit()
        await sending.reached.wait()
        policy.go.set()
        await stage.until_line(work, State.BLOCKED)
        assert findings(stage, work) == "token_underway"
        sending.go.set()
        await stage.reach(State.ASSIGNED)
        assert stage.world.directory.writes == ["assign"]


async def test_the_desk_goes_on_where_the_network_was_lost() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        await stage.scan("86590001")
        await stage.badge(stage.world.ada)
        await stage.until(lambda: stage.token_card.state is CardState.FAILED)
        await stage.until(lambda: stage.person_card.state is CardState.FAILED)
        stage.regain_network()
        ready = await stage.reach(State.READY)
        assert (ready.token, ready.person) == (stage.world.token, stage.world.ada)


@pytest.mark.parametrize("reference", ["20417", "person-ada"])
async def test_a_person_who_was_named_is_looked_up_however_often_the_network_goes(
    reference: str,
) -> None:
    async with a_desk(ASSIGN) as stage:
        stage.lose_network()
        await stage.scan("86590001")
        await stage.desk.refer(f" {reference} ")
        assert (stage.person_card.state, stage.person_card.badge) == (CardState.NAMED, reference)
        for call in ("person", "people_by_employee_id"):
            stage.world.directory.fail(call, AWAY)
        await stage.desk.look_up_again()
        await stage.until(lambda: stage.person_card.state is CardState.FAILED)
        assert stage.person_card.badge == reference
        stage.world.directory.recover("people_by_employee_id")
        stage.world.directory.recover("person")
        stage.regain_network()
        assert (await stage.reach(State.READY)).person == stage.world.ada


async def test_a_person_whose_return_failed_is_read_when_the_network_is_back() -> None:
    async with a_desk(ASSIGN) as before:
        await before.fill()
        before.world.directory.fail("assign", Forbidden(Evidence(status=403)))
        refused = await before.submit()
    async with a_desk(ASSIGN, world=before.world) as stage:
        stage.lose_network()
        await stage.desk.resume(refused.id)
        await stage.until(lambda: stage.person_card.state is CardState.FAILED)
        stage.regain_network()
        assert (await stage.reach(State.READY)).person == stage.world.ada


async def test_a_check_that_failed_without_a_network_is_made_when_it_is_back() -> None:
    async with a_desk(ASSIGN) as stage:
        stage.world.directory.fail("policy", AWAY)
        assert (await stage.fill()).state is State.UNCHECKED
        stage.lose_network()
        stage.regain_network()
        await stage.reach(State.READY)


async def test_nobody_is_named_at_a_desk_that_nobody_serves() -> None:
    async with a_desk(ASSIGN, signed_in=False) as stage:
        await stage.desk.refer(UPN)
        assert stage.desk._person_slot.card.state is CardState.EMPTY
        assert stage.desk.work.enrollment.state in DRAFT
