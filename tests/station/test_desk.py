"""What an operator does at the desk, from the first scan to what the directory agrees with."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from app.core.code import CodeVerdict
from app.core.enrollment import State
from app.core.errors import Evidence, Rejected, Unreachable
from app.core.layouts import Layout
from app.core.model import Mode, Operation
from app.core.preflight import FindingKind
from app.core.scan import RefusalKind
from app.station.notices import CardState, CodeNotice, ScanNotice
from tests.fakes.nouns import a_person
from tests.fakes.world import RIGHT, WRONG
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

BOTH, ASSIGN = Mode.ASSIGN_AND_ACTIVATE, Mode.ASSIGN_ONLY
ENDS = {BOTH: State.ACTIVATED, ASSIGN: State.ASSIGNED}
REFUSED = Rejected(Evidence("POST", "/", 400))
AWAY = Unreachable(Evidence("GET", "/"))


async def do(stage: Stage, gesture: str, mode: Mode) -> None:
    match gesture:
        case "token":
            await stage.scan("86590001")
        case "badge":
            await stage.badge(stage.world.ada)
        case "choice":
            await stage.station.people.search("ada")
            await stage.until(lambda: stage.station.people.known("person-ada") is not None)
            await stage.desk.choose_person("person-ada")
        case _:
            await stage.desk.choose_mode(mode)
    await stage.a_moment()


# The happy path ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("person", ["badge", "choice"])
@pytest.mark.parametrize("order", list(permutations(["token", "person", "mode"])))
async def test_cards_in_any_order_lead_to_a_token_in_use(
    order: tuple[str, ...], person: str, mode: Mode
) -> None:
    async with a_desk(BOTH if mode is ASSIGN else ASSIGN) as stage:
        for gesture in order:
            await do(stage, gesture.replace("person", person), mode)
        await stage.reach(State.AWAITING_CODE, State.READY)
        enrollment = await stage.submit(RIGHT if mode is BOTH else "")
        truth = stage.world.tenant.tokens["device-86590001"]
    assert enrollment.state is ENDS[mode]
    assert truth.status.value == ENDS[mode].value
    assert truth.holder is not None
    assert truth.holder.id == "person-ada"


@pytest.mark.parametrize(("mode", "write"), [(BOTH, "assign_and_activate"), (ASSIGN, "assign")])
async def test_a_submit_takes_one_write_and_one_read_back(mode: Mode, write: str) -> None:
    async with a_desk(mode) as stage:
        await stage.fill()
        before = len(stage.world.directory.calls)
        await stage.submit()
        names = [call.name for call in stage.world.directory.calls[before:]]
    assert names == [write, "hardware_methods"]


async def test_the_operator_sees_each_state_in_turn() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit()
        assert stage.states()[-5:] == [
            State.AWAITING_CODE,
            State.RECORDING,
            State.SUBMITTING,
            State.CONFIRMING,
            State.ACTIVATED,
        ]


# Scans -------------------------------------------------------------------------------------------


async def test_a_scan_replaces_the_token() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.scan("86590002")
        assert stage.enrollment.token is None
        enrollment = await stage.checked()
    assert enrollment.token == stage.world.second
    assert enrollment.person == stage.world.ada


async def test_a_slow_answer_never_overwrites_a_newer_scan() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("find_tokens", acts=True)
        await stage.scan("86590001")
        await slow.reached.wait()
        await stage.scan("86590002")
        slow.go.set()
        await stage.reach(State.HAS_TOKEN)
        await stage.a_moment()
        assert stage.enrollment.token == stage.world.second
        assert stage.token_card.serial_number == "86590002"


async def test_a_scan_whose_answer_is_out_does_not_come_back_after_a_clear() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("find_tokens", acts=True)
        await stage.scan("86590001")
        await slow.reached.wait()
        slow.go.set()
        await stage.desk.clear_token()
        await stage.a_moment()
        assert (stage.state, stage.token_card.state) == (State.EMPTY, CardState.EMPTY)


async def test_two_scans_at_once_leave_one_token() -> None:
    async with a_desk() as stage:
        await stage.scan("86590001")
        await stage.scan("86590001")
        await stage.reach(State.HAS_TOKEN)
        await stage.a_moment()
        assert stage.token_card.state is CardState.FOUND


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", RefusalKind.OTP_SECRET),
        ("https://example.com/token", RefusalKind.WEB_ADDRESS),
        ("041238", RefusalKind.SIX_DIGITS),
        ("]E04006381333931", RefusalKind.RETAIL_BARCODE),
        ("FIDO:/13086400838107303667332719012595115747821895775708323189557", RefusalKind.PASSKEY),
        ("BEGIN:VCARD\nFN:Ada", RefusalKind.CONTACT),
        ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", RefusalKind.POSSIBLE_SEED),
        ("x" * 10_000, RefusalKind.TOO_LONG),
        ("1234\x075678", RefusalKind.CONTROL),
        ("8,65962E+12", RefusalKind.SCIENTIFIC),
        ("hello", RefusalKind.NOT_A_SERIAL),
        (" ", RefusalKind.EMPTY),
    ],
)
async def test_a_refused_scan_says_why_and_changes_nothing(text: str, kind: RefusalKind) -> None:
    async with a_desk() as stage:
        await stage.fill()
        before, asked = stage.shown, len(stage.world.directory.calls)
        await stage.scan(text)
        await stage.a_moment()
        assert [notice.refused for notice in stage.of(ScanNotice)] == [kind]
        assert stage.shown == before
        assert len(stage.world.directory.calls) == asked


async def test_a_scan_through_the_wrong_layout_is_told_with_its_repair() -> None:
    async with a_desk() as stage:
        await stage.scan("_(-\"'àà&")
        [notice] = stage.of(ScanNotice)
        assert notice.refused is RefusalKind.LAYOUT
        assert notice.guess is not None
        assert notice.guess.text == "85634001"
        assert notice.guess.layouts[0] is Layout.AZERTY
        assert "85634001" not in repr(notice)


async def test_nobody_signed_in_means_no_scan_is_taken() -> None:
    async with a_desk(signed_in=False) as stage:
        await stage.scan("86590001")
        await stage.a_moment()
        assert stage.world.directory.calls == []


# The check ---------------------------------------------------------------------------------------


async def test_what_blocks_is_told_and_nothing_is_sent() -> None:
    async with a_desk() as stage:
        guest = stage.world.tenant.add_person(replace(a_person("Cem", "3000"), guest=True))
        blocked = await stage.fill(person=guest)
        await stage.desk.submit(RIGHT)
        await stage.a_moment()
        assert blocked.state is State.BLOCKED
        assert [finding.kind for finding in blocked.findings] == [FindingKind.PERSON_GUEST]
        assert (stage.world.directory.writes, stage.world.ledger.entries) == ([], ())


async def test_two_tokens_with_one_serial_number_block() -> None:
    async with a_desk() as stage:
        twin = replace(stage.world.token, device_id="device-twin")
        stage.world.tenant.add_token(twin, RIGHT)
        blocked = await stage.fill()
        assert (stage.token_card.count, blocked.state) == (2, State.BLOCKED)


async def test_another_person_unblocks_the_desk() -> None:
    async with a_desk() as stage:
        guest = stage.world.tenant.add_person(replace(a_person("Cem", "3000"), guest=True))
        await stage.fill(person=guest)
        await stage.badge(stage.world.ben)
        assert (await stage.checked()).state is State.AWAITING_CODE


async def test_a_check_that_could_not_be_made_can_be_tried_again() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("policy", AWAY)
        unchecked = await stage.fill()
        await stage.station.work.try_again()
        await stage.reach(State.AWAITING_CODE)
        assert (unchecked.state, unchecked.error) == (State.UNCHECKED, AWAY)


async def test_a_fresh_check_that_fails_too_says_so() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("policy", AWAY)
        await stage.fill()
        stage.world.directory.fail("token", AWAY)
        await stage.station.work.try_again()
        await stage.until(lambda: stage.states()[-2:] == [State.CHECKING, State.UNCHECKED])


async def test_trying_again_sees_what_another_desk_has_done_meanwhile() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("policy", AWAY)
        await stage.fill()
        stage.world.directory.give(stage.world.token, stage.world.ben)
        await stage.station.work.try_again()
        blocked = await stage.reach(State.BLOCKED)
        assert [(f.kind, f.about) for f in blocked.findings] == [(FindingKind.TOKEN_HELD, "Ben")]


async def test_a_card_that_changes_while_a_check_is_out_is_checked_anew() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("policy", acts=True)
        await stage.scan("86590001")
        await stage.desk.serve(stage.world.ada)
        await slow.reached.wait()
        slow.go.set()
        await stage.scan("86590002")
        assert (await stage.checked()).token == stage.world.second


@pytest.mark.parametrize("gesture", ["clear_token", "clear_person", "start_afresh"])
async def test_a_check_that_ends_late_moves_nothing(gesture: str) -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("policy")
        await stage.scan("86590001")
        await stage.desk.serve(stage.world.ada)
        await slow.reached.wait()
        slow.go.set()
        await getattr(stage.desk, gesture)()
        await stage.a_moment()
        assert stage.state in {State.EMPTY, State.HAS_TOKEN, State.HAS_PERSON}


async def test_a_token_already_with_the_person_is_only_activated() -> None:
    async with a_desk() as stage:
        stage.world.directory.give(stage.world.token, stage.world.ada)
        checked = await stage.fill()
        done = await stage.submit()
        assert [f.kind for f in checked.findings] == [FindingKind.TOKEN_ACTIVATES_ONLY]
        assert stage.world.directory.writes == ["activate"]
        assert (done.state, done.operation) == (State.ACTIVATED, Operation.ACTIVATE)


# The code guard ----------------------------------------------------------------------------------


async def test_a_code_about_to_die_is_not_sent() -> None:
    async with a_desk() as stage:
        await stage.fill()
        stage.world.clock.advance(15.5)  # the step ends 20 s after the start
        await stage.desk.submit(RIGHT)
        assert stage.of(CodeNotice) == [CodeNotice(CodeVerdict.WAIT_FOR_NEXT)]
        stage.world.clock.advance(5)
        assert (await stage.submit()).state is State.ACTIVATED


async def test_a_token_of_sixty_seconds_has_its_own_steps() -> None:
    async with a_desk() as stage:
        token = replace(stage.world.token, device_id="slow", serial_number="86590060", interval=60)
        stage.world.tenant.add_token(token, RIGHT)
        await stage.fill(token)
        stage.world.clock.advance(17)
        assert (await stage.submit()).state is State.ACTIVATED


async def test_the_same_code_is_not_sent_twice() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit(WRONG)
        await stage.desk.submit(WRONG)
        assert stage.of(CodeNotice) == [CodeNotice(CodeVerdict.ALREADY_SENT)]
        assert len(stage.world.directory.writes) == 1


async def test_a_code_of_one_token_may_be_the_code_of_another() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit(RIGHT)
        await stage.fill(stage.world.second, stage.world.ben)
        assert (await stage.submit(RIGHT)).state is State.ACTIVATED


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345x"])
async def test_what_is_no_code_is_not_sent(digits: str) -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.desk.submit(digits)
        await stage.a_moment()
        assert (stage.state, stage.world.directory.writes) == (State.AWAITING_CODE, [])


async def test_no_code_is_ever_told_or_written() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit(WRONG)
        await stage.submit(RIGHT)
        everything = f"{stage.notices} {stage.world.ledger.entries} {stage.world.journal}"
        assert RIGHT not in everything
        assert WRONG not in everything
