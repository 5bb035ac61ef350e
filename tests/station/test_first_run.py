"""What is typed is checked, what was checked is written, and nothing else is."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from app.core.cloud import Cloud
from app.core.errors import SettingsProblem, SettingsUnwritable, SignInUnreachable, TenantUnknown
from app.core.tenancy import FoundTenant, Tenancy, Typed
from app.station.first_run import FirstRun, FirstRunNotice, FirstRunSettings, Letter, Step
from app.station.notices import Notice
from tests.fakes.tenancy import CLIENT, DOMAIN, TENANT, FakeFinder, FakeKeeper
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio

BY_ID, BY_NAME = Typed(TENANT, CLIENT), Typed(DOMAIN, CLIENT)
OTHER = Typed("fabrikam.com", CLIENT)
LOCKED = SettingsProblem("machine.toml:3", "the machine-wide file decides this", "tenant.id")
FULL = SettingsProblem("config.toml", "it cannot be written: No space left on device")


class Setup:
    """A first run over fakes, and what it told."""

    def __init__(self, settings: FirstRunSettings | None = None) -> None:
        self.finder, self.keeper = FakeFinder(), FakeKeeper()
        self.told: list[Notice] = []
        self.closed = 0
        self._news = asyncio.Event()
        settings = settings or FirstRunSettings("config.toml")
        self.first_run = FirstRun(self.finder, self.keeper, settings, self._hear, self._let_go)

    @property
    def now(self) -> FirstRunNotice:
        notice = self.told[-1]
        assert isinstance(notice, FirstRunNotice)
        return notice

    @property
    def steps(self) -> list[Step]:
        return [notice.step for notice in self.told if isinstance(notice, FirstRunNotice)]

    def _hear(self, notice: Notice) -> None:
        self.told.append(notice)
        self._news.set()

    async def come(self, condition: Callable[[], bool]) -> None:
        """Wait until something was told that makes `condition` hold."""
        async with asyncio.timeout(HANG_SECONDS):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def until(self, *steps: Step) -> None:
        await self.come(lambda: self.now.step in steps)

    async def check(self, typed: Typed) -> None:
        await self.first_run.check(typed)
        await self.until(Step.FOUND, Step.FAILED, Step.TYPING)

    async def _let_go(self) -> None:
        self.closed += 1


@pytest.fixture
async def setup() -> Setup:
    made = Setup()
    await made.first_run.start()
    return made


async def test_it_begins_with_what_is_asked_for(setup: Setup) -> None:
    assert setup.told == [FirstRunNotice(FirstRunSettings("config.toml"))]
    assert setup.finder.asked == []


@pytest.mark.parametrize("typed", [BY_ID, BY_NAME])
async def test_a_tenant_that_was_found_is_written_with_its_id(setup: Setup, typed: Typed) -> None:
    await setup.check(typed)
    assert setup.now.savable
    assert setup.now.found == FoundTenant(TENANT, Cloud.GLOBAL, "EU")
    await setup.first_run.save()
    await setup.until(Step.SAVED)
    assert setup.keeper.kept == [Tenancy(TENANT, CLIENT, Cloud.GLOBAL, typed.domain)]
    assert setup.steps == [Step.TYPING, Step.CHECKING, Step.FOUND, Step.SAVING, Step.SAVED]


async def test_a_tenant_of_another_cloud_is_written_with_its_own(setup: Setup) -> None:
    setup.finder.known[DOMAIN] = FoundTenant(TENANT, Cloud.US_GOV_L4)
    await setup.check(BY_NAME)
    assert setup.now.typed.cloud is Cloud.US_GOV_L4
    await setup.first_run.save()
    await setup.until(Step.SAVED)
    assert setup.keeper.kept[0].cloud is Cloud.US_GOV_L4


async def test_what_can_name_no_tenant_is_asked_of_nobody(setup: Setup) -> None:
    await setup.check(Typed("Contoso", CLIENT))
    assert setup.now.step is Step.TYPING
    assert setup.finder.asked == []


async def test_an_unknown_tenant_cannot_be_written(setup: Setup) -> None:
    await setup.check(OTHER)
    assert isinstance(setup.now.error, TenantUnknown)
    assert not setup.now.savable
    await setup.first_run.save()
    assert setup.keeper.kept == []


async def test_an_id_that_could_not_be_asked_for_may_be_written(setup: Setup) -> None:
    setup.finder.error = SignInUnreachable("no route to host")
    await setup.check(BY_ID)
    assert setup.now.savable
    await setup.first_run.save()
    await setup.until(Step.SAVED)
    assert setup.keeper.kept == [Tenancy(TENANT, CLIENT)]


async def test_a_name_that_could_not_be_asked_for_may_not(setup: Setup) -> None:
    setup.finder.error = SignInUnreachable("no route to host")
    await setup.check(BY_NAME)
    assert not setup.now.savable


async def test_whatever_is_typed_next_is_no_longer_what_was_found(setup: Setup) -> None:
    await setup.check(BY_ID)
    await setup.first_run.change(replace(BY_ID, client=TENANT))
    assert (setup.now.step, setup.now.found, setup.now.savable) == (Step.TYPING, None, False)
    await setup.first_run.save()
    assert setup.keeper.kept == []


async def test_what_was_typed_before_stays_found(setup: Setup) -> None:
    await setup.check(BY_ID)
    await setup.first_run.change(BY_ID)
    assert setup.now.step is Step.FOUND


async def test_an_answer_that_comes_too_late_is_no_news(setup: Setup) -> None:
    setup.finder.goes_on.clear()
    await setup.first_run.check(BY_ID)
    await setup.first_run.check(OTHER)
    setup.finder.goes_on.set()
    await setup.until(Step.FAILED)
    assert setup.now.typed == OTHER
    assert Step.FOUND not in setup.steps


async def test_what_cannot_be_written_says_why_and_can_be_tried_again(setup: Setup) -> None:
    await setup.check(BY_ID)
    setup.keeper.problem = FULL
    await setup.first_run.save()
    await setup.until(Step.FAILED)
    assert isinstance(setup.now.error, SettingsUnwritable)
    assert setup.now.error.problems == (FULL,)
    assert setup.now.found is not None
    setup.keeper.problem = None
    await setup.first_run.save()
    await setup.until(Step.SAVED)
    assert len(setup.keeper.kept) == 1


async def test_a_tenant_that_is_fixed_elsewhere_can_be_checked_and_not_written() -> None:
    setup = Setup(FirstRunSettings("config.toml", fixed=(LOCKED,)))
    await setup.first_run.start()
    for error in (None, SignInUnreachable("no route to host")):
        setup.finder.error = error
        await setup.check(BY_ID)
        assert not setup.now.savable
        await setup.first_run.save()
    assert setup.steps[1:] == [Step.CHECKING, Step.FOUND, Step.CHECKING, Step.FAILED]
    assert setup.keeper.kept == []


async def while_writing(setup: Setup, act: Callable[[], Awaitable[None]]) -> None:
    """Do `act` while the disk is slow, and let it go on soon."""
    setup.keeper.goes_on.clear()
    await setup.check(BY_ID)
    await setup.first_run.save()
    assert setup.now.step is Step.SAVING
    asyncio.get_running_loop().call_later(0.05, setup.keeper.goes_on.set)
    await act()


async def test_nothing_changes_what_is_being_written(setup: Setup) -> None:
    async def act() -> None:
        await setup.first_run.change(OTHER)
        await setup.first_run.check(OTHER)
        await setup.first_run.save()

    await while_writing(setup, act)
    await setup.until(Step.SAVED)
    assert [tenancy.id for tenancy in setup.keeper.kept] == [TENANT]
    assert len(setup.finder.asked) == 1


async def test_closing_waits_for_what_is_being_written(setup: Setup) -> None:
    await while_writing(setup, setup.first_run.close)
    assert len(setup.keeper.kept) == 1
    assert setup.closed == 1


async def test_closing_lets_a_question_go(setup: Setup) -> None:
    setup.finder.goes_on.clear()
    await setup.first_run.check(BY_ID)
    await setup.first_run.close()
    assert setup.steps == [Step.TYPING, Step.CHECKING]
    assert setup.closed == 1


async def letter(setup: Setup) -> Letter:
    await setup.come(lambda: setup.now.letter is not None)
    assert setup.now.letter is not None
    return setup.now.letter


async def test_the_message_is_saved_beside_everything_else(setup: Setup) -> None:
    await setup.check(BY_ID)
    await setup.first_run.save_letter("Dear administrator")
    assert (await letter(setup)).path == "letter-1.txt"
    assert setup.keeper.letters == ["Dear administrator"]
    assert (setup.now.step, setup.now.savable) == (Step.FOUND, True)
    await setup.first_run.change(OTHER)
    assert setup.now.letter is None


async def test_a_message_that_cannot_be_saved_says_why(setup: Setup) -> None:
    setup.keeper.problem = FULL
    await setup.first_run.save_letter("Dear administrator")
    error = (await letter(setup)).error
    assert error is not None
    assert error.problems == (FULL,)
