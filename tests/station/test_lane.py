"""Somebody serves themselves: what they show counts whenever it comes, and then it is forgotten."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from app.core.enrollment import State
from app.core.errors import (
    AnswerLost,
    Evidence,
    Forbidden,
    SignInEnded,
    SignInEvidence,
    Throttled,
    Unreachable,
)
from app.core.lane import SELF_SCOPES, LaneRules, LaneStep
from app.core.model import Mode, Source
from app.core.reading import Family, TokenReading
from app.core.record import SELF_SERVICE
from app.core.scan import RefusalKind
from app.core.signin import Account
from app.station.context import DeskSettings
from app.station.lane import SIGN_IN_SECONDS, LaneNotice, SelfService
from app.station.notices import ScanNotice, SessionState
from tests.fakes.nouns import a_token, an_authenticator
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.station.stage import SHORT, Stage, a_desk
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio

IDLE, GOODBYE = 60.0, 15.0
ASKED = Evidence("POST", "/me")


class Lane:
    """A lane under test, with time standing still but for who moves it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.world = stage.world

    @property
    def it(self) -> SelfService:
        assert self.stage.station.lane is not None
        return self.stage.station.lane

    @property
    def told(self) -> LaneNotice:
        return self.stage.of(LaneNotice)[-1]

    @property
    def step(self) -> LaneStep:
        return self.told.step

    def is_at(self, step: LaneStep) -> bool:
        return self.step is step

    async def sign_in(self) -> None:
        await self.stage.station.session.begin_in_browser()
        await self.stage.until(lambda: self.told.person != "" and not self.told.signing_in)

    async def show(self, serial: str = "") -> None:
        await self.it.scanned(serial or self.world.token.serial_number, Source.SCANNER)

    async def reach(self, *steps: LaneStep) -> None:
        await self.stage.until(lambda: self.step in steps)

    def stands_at(self, state: State) -> bool:
        return self.told.enrollment is not None and self.told.enrollment.state is state

    async def reach_state(self, state: State) -> None:
        await self.stage.until(lambda: self.stands_at(state))

    async def settle(self, state: State) -> None:
        """Let time pass for those who look into the directory, until the enrollment is there."""
        await self.look_on(lambda: self.stands_at(state))

    async def look_on(self, condition: Callable[[], bool]) -> None:
        """Let time pass for those who look into the directory, until `condition` holds."""
        async with asyncio.timeout(HANG_SECONDS):
            while not condition():
                if self.world.clock.sleepers > 1:  # the lane's own look at the clock is one
                    self.world.clock.advance(0.25)
                await asyncio.sleep(0.001)

    async def pass_by(self, seconds: float) -> None:
        """Let so much time pass, second by second, as it does, for whoever waits by now."""
        await self.stage.a_moment()
        for _ in range(round(seconds)):
            self.world.clock.advance(1)
            await self.stage.a_moment()

    def is_wiped(self) -> bool:
        nobody = self.told == LaneNotice(LaneStep.SIGN_IN)
        return nobody and not self.world.sign_in.signed_in


@asynccontextmanager
async def a_lane(
    world: FakeWorld | None = None,
    mode: Mode = Mode.ASSIGN_AND_ACTIVATE,
    scopes: tuple[str, ...] = SELF_SCOPES,
) -> AsyncIterator[Lane]:
    world = world or FakeWorld()
    ada = world.ada
    world.sign_in.account = Account(ada.id, ada.display_name, ada.user_principal_name)
    world.sign_in.scopes = frozenset(scopes)
    world.clock.stop()
    settings = DeskSettings(name="Lobby", mode=mode, lane=LaneRules(IDLE, GOODBYE))
    async with a_desk(
        mode, patience=SHORT, world=world, signed_in=False, settings=settings
    ) as stage:
        yield Lane(stage)


async def test_somebody_registers_their_own_token_and_is_forgotten() -> None:
    async with a_lane() as lane:
        assert lane.is_at(LaneStep.SIGN_IN)
        await lane.sign_in()
        assert lane.is_at(LaneStep.TOKEN)
        await lane.show()
        await lane.reach(LaneStep.CODE)
        await lane.it.submit(RIGHT)
        await lane.settle(State.ACTIVATED)
        assert [token.serial_number for token in lane.world.tenant.held_by("person-ada")] == [
            "86590001"
        ]
        assert lane.world.directory.writes == ["assign_and_activate_by_serial"]
        facts = [entry.facts for entry in lane.world.ledger.entries if "desk" in entry.facts]
        assert {fact["operator_kind"] for fact in facts} == {SELF_SERVICE}
        await lane.it.leave()
        assert lane.is_wiped()


async def test_nothing_is_asked_that_the_one_permission_does_not_cover() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        await lane.it.submit(RIGHT)
        await lane.settle(State.ACTIVATED)
        asked = {call.name for call in lane.world.directory.calls}
        assert asked <= {"hardware_methods", "methods", "assign_and_activate_by_serial"}


async def test_the_directory_says_who_it_is_where_it_may_be_asked() -> None:
    world = FakeWorld()
    async with a_lane(world) as lane:
        world.sign_in.scopes = frozenset({*SELF_SCOPES, "User.Read"})
        await lane.sign_in()
        assert lane.told.person == world.directory.who.display_name


async def test_everybody_has_to_prove_who_they_are_each_time() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        await lane.it.leave()
        await lane.sign_in()
        assert lane.world.sign_in.fresh == [True, True]


async def test_a_token_shown_before_the_sign_in_counts_and_a_badge_is_none() -> None:
    async with a_lane() as lane:
        await lane.show("EMP20417")
        assert [notice.refused for notice in lane.stage.of(ScanNotice)] == [
            RefusalKind.NOT_A_SERIAL
        ]
        await lane.show("https://www.example.com/")
        assert lane.stage.of(ScanNotice)[-1].refused is RefusalKind.WEB_ADDRESS
        await lane.show()
        assert lane.is_at(LaneStep.SIGN_IN)
        assert lane.told.serial_number == "86590001"
        await lane.sign_in()
        await lane.reach(LaneStep.CODE)


async def test_a_token_may_be_tapped_and_taken_away_again() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        reading = TokenReading(Family.YUBIKEY, "YubiKey 5", "86590001")
        await lane.stage.station.input.tapped(reading, "a pad", pad=True)
        lane.stage.station.input.lifted("a pad")
        await lane.reach(LaneStep.CODE)
        assert lane.told.serial_number == "86590001"


async def test_another_token_takes_the_place_of_the_first_until_a_code_is_sent() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        await lane.show(lane.world.second.serial_number)
        await lane.stage.until(lambda: lane.told.serial_number == "86590002")
        await lane.reach(LaneStep.CODE)
        await lane.it.another_token()
        assert (lane.step, lane.told.serial_number) == (LaneStep.TOKEN, "")
        await lane.show()
        await lane.reach(LaneStep.CODE)
        await lane.it.submit(RIGHT)
        await lane.show(lane.world.second.serial_number)
        assert lane.told.serial_number == "86590001"


async def test_a_wrong_code_asks_for_the_next_one() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        await lane.it.submit(WRONG)
        await lane.settle(State.NOT_DONE)
        assert lane.is_at(LaneStep.CODE)
        await lane.it.submit(RIGHT)
        await lane.settle(State.ACTIVATED)


async def test_who_has_all_they_may_have_sends_nothing() -> None:
    world = FakeWorld()
    world.tenant.add_person(world.ada, *(an_authenticator(number) for number in range(5)))
    async with a_lane(world) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.END)
        await lane.it.submit(RIGHT)
        assert world.directory.writes == []


async def test_a_sign_in_that_ends_is_asked_for_again_and_the_token_is_kept() -> None:
    world = FakeWorld()
    async with a_lane(world) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        ended = SignInEnded(SignInEvidence("interaction_required"))
        world.directory.fail("assign_and_activate_by_serial", ended)
        await lane.it.submit(RIGHT)
        await lane.stage.until(lambda: lane.told.again)
        assert (lane.step, lane.told.serial_number) == (LaneStep.SIGN_IN, "86590001")
        await lane.sign_in()
        await lane.reach(LaneStep.CODE)
        world.clock.advance(30)
        world.tenant.shows(world.token.device_id, "771204")
        await lane.it.submit("771204")
        await lane.settle(State.ACTIVATED)
        assert world.tenant.held_by("person-ada")


async def test_a_check_that_met_the_end_of_the_sign_in_is_made_after_it() -> None:
    world = FakeWorld()
    async with a_lane(world) as lane:
        await lane.sign_in()
        world.directory.fail("methods", SignInEnded(SignInEvidence("interaction_required")))
        await lane.show()
        await lane.stage.until(lambda: lane.told.again)
        await lane.sign_in()
        await lane.reach(LaneStep.CODE)


async def test_somebody_else_who_signs_in_again_finds_nothing_of_the_first() -> None:
    world = FakeWorld()
    async with a_lane(world) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        ended = SignInEnded(SignInEvidence("interaction_required"))
        world.directory.fail("assign_and_activate_by_serial", ended)
        await lane.it.submit(RIGHT)
        await lane.stage.until(lambda: lane.told.again)
        world.sign_in.account = Account(world.ben.id, "Ben", "ben@example.com")
        await lane.sign_in()
        await lane.stage.until(lambda: lane.told == LaneNotice(LaneStep.TOKEN, "Ben"))


async def test_what_is_out_of_reach_is_tried_again() -> None:
    world = FakeWorld()
    async with a_lane(world) as lane:
        await lane.sign_in()
        world.directory.fail("methods", Unreachable(ASKED))
        await lane.show()
        await lane.reach(LaneStep.END)
        await lane.it.try_again()
        await lane.reach(LaneStep.CODE)


async def test_what_the_directory_forbids_ends_it() -> None:
    world = FakeWorld()
    async with a_lane(world) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        world.directory.fail("assign_and_activate_by_serial", Forbidden(ASKED))
        await lane.it.submit(RIGHT)
        await lane.settle(State.NOT_DONE)
        assert lane.is_at(LaneStep.END)


async def test_an_answer_that_is_lost_is_settled_by_reading_and_sent_once() -> None:
    world = FakeWorld()
    async with a_lane(world) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        world.directory.fail("assign_and_activate_by_serial", AnswerLost(ASKED), acts=True)
        await lane.it.submit(RIGHT)
        await lane.settle(State.ACTIVATED)
        assert world.directory.writes == ["assign_and_activate_by_serial"]


# Forgetting -----------------------------------------------------------------------------------


async def test_whoever_gives_no_sign_of_life_is_warned_and_then_forgotten() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        await lane.pass_by(IDLE - 20)
        assert lane.told.seconds_left is not None
        await lane.pass_by(19)
        assert lane.told.seconds_left == 1
        assert not lane.is_wiped()
        await lane.pass_by(1)
        assert lane.is_wiped()
        assert lane.stage.session.state is SessionState.SIGNED_OUT


async def test_a_sign_of_life_gives_the_time_anew() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        await lane.pass_by(IDLE - 5)
        await lane.stage.station.active()
        assert lane.told.seconds_left is None
        await lane.pass_by(IDLE - 5)
        assert lane.told.person == "Ada"
        await lane.pass_by(5)
        assert lane.is_wiped()


async def test_a_token_that_nobody_signed_in_for_is_forgotten() -> None:
    async with a_lane() as lane:
        await lane.show()
        await lane.pass_by(IDLE)
        assert lane.is_wiped()


async def test_a_sign_in_that_nobody_comes_back_from_is_cancelled() -> None:
    world = FakeWorld()
    world.sign_in.waits = True
    async with a_lane(world) as lane:
        await lane.stage.station.session.begin_in_browser()
        await lane.stage.until(lambda: world.sign_in.is_open)
        await lane.pass_by(IDLE + 10)
        assert world.sign_in.is_open
        await lane.pass_by(SIGN_IN_SECONDS)
        assert world.sign_in.cancelled == 1
        assert lane.is_wiped()


async def test_after_the_end_a_sign_of_life_does_not_hold_the_screen() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        await lane.it.submit(RIGHT)
        await lane.settle(State.ACTIVATED)
        assert lane.told.seconds_left is not None
        await lane.pass_by(GOODBYE - 2)
        await lane.stage.station.active()
        await lane.pass_by(3)
        assert lane.is_wiped()


async def test_a_request_that_is_on_its_way_is_waited_for() -> None:
    world = FakeWorld()
    async with a_lane(world) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        hold = world.directory.hold("assign_and_activate_by_serial")
        await lane.it.submit(RIGHT)
        await hold.reached.wait()
        await lane.it.leave()
        await lane.pass_by(IDLE + 10)
        assert lane.stands_at(State.SUBMITTING)
        hold.go.set()
        await lane.look_on(lambda: lane.is_at(LaneStep.SIGN_IN))  # right after it is settled
        told = [notice.enrollment for notice in lane.stage.of(LaneNotice) if notice.enrollment]
        assert told[-1].state is State.ACTIVATED


async def test_with_nobody_there_nothing_is_forgotten_over_and_over() -> None:
    async with a_lane() as lane:
        await lane.pass_by(IDLE * 3)
        assert lane.world.sign_in.signed_out == 0


# What others left open ----------------------------------------------------------------------------


async def test_nobody_settles_what_somebody_else_left_open() -> None:
    world = FakeWorld()
    async with a_lane(world) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        world.directory.fail_always("hardware_methods", Unreachable(ASKED))
        await lane.it.submit(RIGHT)
        await lane.reach_state(State.CONFIRMING)
    world.directory.recover("hardware_methods")
    async with a_lane(world) as lane:
        world.sign_in.account = Account(world.ben.id, "Ben", "ben@example.com")
        await lane.sign_in()
        await lane.pass_by(5)
        assert world.ledger.entries[-1].state is State.CONFIRMING
        await lane.it.leave()
        world.sign_in.account = Account(world.ada.id, "Ada", "ada@example.com")
        await lane.sign_in()
        await lane.stage.until_later(lambda: world.ledger.entries[-1].state is State.ACTIVATED)


# Without activation ------------------------------------------------------------------------------

LOOKS_UP = (*SELF_SCOPES, "Policy.Read.All")


async def test_m11_a_station_that_only_assigns_needs_no_code_where_the_token_can_be_looked_up() -> (
    None
):
    async with a_lane(mode=Mode.ASSIGN_ONLY, scopes=LOOKS_UP) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CONFIRM)
        assert lane.world.directory.writes == []
        await lane.it.confirm()
        await lane.settle(State.ASSIGNED)
        assert lane.world.directory.writes == ["assign"]
        assert lane.is_at(LaneStep.END)


async def test_m11_a_token_that_cannot_be_looked_up_takes_its_code_and_that_is_told() -> None:
    async with a_lane(mode=Mode.ASSIGN_ONLY) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        assert lane.told.code_anyway
        await lane.it.submit(RIGHT)
        await lane.settle(State.ACTIVATED)
        assert lane.world.directory.writes == ["assign_and_activate_by_serial"]


async def test_m11_a_proof_that_is_too_old_leads_back_to_the_confirmation() -> None:
    async with a_lane(mode=Mode.ASSIGN_ONLY, scopes=LOOKS_UP) as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CONFIRM)
        lane.world.directory.fail("assign", SignInEnded(SignInEvidence("interaction_required")))
        await lane.it.confirm()
        await lane.reach_state(State.NOT_DONE)
        await lane.reach(LaneStep.SIGN_IN)
        await lane.sign_in()
        await lane.reach(LaneStep.CONFIRM)
        await lane.it.confirm()
        await lane.settle(State.ASSIGNED)


async def test_a_near_serial_number_is_offered_and_taken_by_the_person_alone() -> None:
    async with a_lane(scopes=(*SELF_SCOPES, "Policy.Read.All")) as lane:
        await lane.sign_in()
        await lane.show("8659-0001")
        await lane.reach(LaneStep.END)
        await lane.stage.until(lambda: lane.told.suggestions == ("86590001",))
        assert lane.told.are_known
        assert lane.told.serial_number == "8659-0001"
        assert lane.world.directory.writes == []
        await lane.it.choose_near("99999999")  # which was not offered
        assert lane.is_at(LaneStep.END)
        await lane.it.choose_near("86590001")
        await lane.reach(LaneStep.CODE)
        assert lane.told.serial_number == "86590001"
        assert lane.told.suggestions == ()
        await lane.it.submit(RIGHT)
        await lane.settle(State.ACTIVATED)


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("1865-9001", "18659001"),
        ("O7654321", "07654321"),
        ("7654321", "07654321"),
        ("306EUO400960", "306EUO4-00960"),
    ],
)
async def test_who_may_look_no_token_up_is_offered_other_ways_to_write_its_number(
    shown: str, meant: str
) -> None:
    world = FakeWorld()
    world.tenant.add_token(a_token(meant), RIGHT)
    async with a_lane(world) as lane:
        await lane.sign_in()
        await lane.show(shown)
        await lane.reach(LaneStep.CODE)
        await lane.it.submit(RIGHT)
        await lane.stage.until(lambda: meant in lane.told.suggestions)
        assert not lane.told.are_known
        assert lane.is_at(LaneStep.END)
        await lane.it.choose_near(meant)
        await lane.reach(LaneStep.CODE)
        assert lane.world.tenant.held_by("person-ada") == []
        await lane.it.submit(RIGHT)
        await lane.settle(State.ACTIVATED)
        assert [t.serial_number for t in lane.world.tenant.held_by("person-ada")] == [meant]


async def test_a_token_that_is_known_or_refused_has_no_near_one() -> None:
    async with a_lane() as lane:
        await lane.sign_in()
        await lane.show()
        await lane.reach(LaneStep.CODE)
        for _ in range(4):
            await lane.it.submit(WRONG)
            await lane.settle(State.NOT_DONE)
            lane.world.clock.advance(31)
        assert lane.told.suggestions == ()


@pytest.mark.parametrize("call", ["find_tokens", "methods"])
async def test_a_throttled_read_is_repeated_by_itself_and_the_moment_is_told(call: str) -> None:
    async with a_lane(scopes=(*SELF_SCOPES, "Policy.Read.All")) as lane:
        await lane.sign_in()
        lane.world.directory.fail(call, Throttled(Evidence(status=429), 7))
        await lane.show()
        await lane.reach_state(State.UNCHECKED)
        assert lane.is_at(LaneStep.END)
        assert lane.told.retry_at == lane.world.clock.now() + timedelta(seconds=7)
        await lane.pass_by(7)
        await lane.reach(LaneStep.CODE)
        assert lane.told.retry_at is None


async def test_repeats_by_themselves_keep_nobody_on_the_screen() -> None:
    async with a_lane(scopes=(*SELF_SCOPES, "Policy.Read.All")) as lane:
        await lane.sign_in()
        lane.world.directory.fail_always("find_tokens", Throttled(Evidence(status=429), 7))
        await lane.show()
        await lane.reach_state(State.UNCHECKED)
        await lane.pass_by(IDLE + 1)
        await lane.stage.until(lane.is_wiped)


async def test_somebody_does_not_have_to_wait_for_the_repeat() -> None:
    async with a_lane(scopes=(*SELF_SCOPES, "Policy.Read.All")) as lane:
        await lane.sign_in()
        lane.world.directory.fail("find_tokens", Throttled(Evidence(status=429), 30))
        await lane.show()
        await lane.reach_state(State.UNCHECKED)
        await lane.it.try_again()
        await lane.reach(LaneStep.CODE)
