"""A station over a FakeWorld, an operator signed in, and everything it tells written down."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from app.core.enrollment import DRAFT, UNDERWAY, WATCHED, Enrollment, State
from app.core.errors import Evidence, Unreachable
from app.core.model import Mode, Person, Source, Token
from app.core.record import Line
from app.station.context import DeskSettings, Patience
from app.station.desk.desk import Desk
from app.station.notices import (
    DeskNotice,
    Notice,
    PersonCard,
    SessionNotice,
    SessionState,
    TokenCard,
)
from app.station.station import Station
from app.station.today import TodayNotice
from tests.fakes.directory import WRITES
from tests.fakes.world import RIGHT, FakeWorld
from tests.support.patience import HANG_SECONDS

N = TypeVar("N")

SHORT = Patience(delays=(0, 1, 2, 3), again=False)
DESK = DeskSettings(name="Desk 1")
AWAY = Unreachable(Evidence("GET", "/"))
EXCHANGES = (
    "find_tokens",
    "token",
    "person",
    "people_by_employee_id",
    "people_by_badge",
    "methods",
    "hardware_methods",
    "policy",
    "photo",
    "search_people",
    "operator",
    *WRITES,
)


@dataclass(slots=True)
class Stage:
    """One desk under test. What it shows is what its last DeskNotice said."""

    world: FakeWorld
    station: Station
    notices: list[Notice] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        return self.station.desk

    @property
    def shown(self) -> DeskNotice:
        return self.of(DeskNotice)[-1]

    @property
    def enrollment(self) -> Enrollment:
        return self.shown.enrollment

    @property
    def state(self) -> State:
        return self.enrollment.state

    @property
    def token_card(self) -> TokenCard:
        return self.shown.token_card

    @property
    def person_card(self) -> PersonCard:
        return self.shown.person_card

    @property
    def today(self) -> tuple[Line, ...]:
        return self.of(TodayNotice)[-1].lines

    @property
    def session(self) -> SessionNotice:
        return [SessionNotice(SessionState.SIGNED_OUT), *self.of(SessionNotice)][-1]

    def of(self, kind: type[N]) -> list[N]:
        """Every notice of one kind, in order."""
        return [notice for notice in self.notices if isinstance(notice, kind)]

    def states(self) -> list[State]:
        """The states the desk has shown, each once in a row."""
        shown = [notice.enrollment.state for notice in self.of(DeskNotice)]
        return [s for i, s in enumerate(shown) if i == 0 or shown[i - 1] is not s]

    async def until(self, condition: Callable[[], bool], seconds: float = HANG_SECONDS) -> None:
        """Wait until `condition` holds, for `seconds` of real time at most."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - the fakes have no bell, and need none
                await asyncio.sleep(0.001)

    async def until_later(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds while time passes, on a clock that was stopped.

        A clock that runs by itself leaps from one sleeper to the next, whoever that is: it would
        lock the desk and sign out before an answer could come.
        """

        def is_so() -> bool:
            self.world.clock.advance(0.05)
            return condition()

        await self.until(is_so)

    async def reach(self, *states: State) -> Enrollment:
        """Wait until the enrollment in front is in one of `states`."""
        await self.until(lambda: self.state in states)
        return self.enrollment

    def lose_network(self) -> None:
        """From now on no exchange has an answer. Time stands still, but for who moves it."""
        self.world.clock.stop()
        for call in EXCHANGES:
            self.world.directory.fail_always(call, AWAY)
        self.station.heard(answered=False, latency=None)

    def regain_network(self) -> None:
        """From now on everything is answered again, and the station has heard so."""
        for call in EXCHANGES:
            self.world.directory.recover(call)
        self.world.clock.run()
        self.station.heard(answered=True, latency=1.0)

    async def stage_work(self, token: Token, reference: str) -> str:
        """Put work into the tray by the desk, without a network; return its id."""
        known = {line.enrollment_id for line in self.today}
        await self.scan(token.serial_number)
        await self.desk.refer(reference)
        await self.desk.submit()
        (fresh,) = {line.enrollment_id for line in self.today} - known
        return fresh

    def line(self, enrollment_id: str) -> Line:
        """The line of today's list for one enrollment."""
        return next(line for line in self.today if line.enrollment_id == enrollment_id)

    async def until_line(self, enrollment_id: str, *states: State) -> Line:
        """Wait until the line of one enrollment is in one of `states`."""
        await self.until(lambda: self.line(enrollment_id).state in states)
        return self.line(enrollment_id)

    async def a_moment(self) -> None:
        """Let everything that can go on go on."""
        for _ in range(40):
            await asyncio.sleep(0)

    async def scan(self, text: str) -> None:
        await self.station.input.scanned(text, Source.SCANNER)

    async def badge(self, person: Person) -> None:
        await self.scan(f"EMP{person.employee_id}")

    async def fill(self, token: Token | None = None, person: Person | None = None) -> Enrollment:
        """Fill both cards and wait for the check to be over."""
        await self.scan((token or self.world.token).serial_number)
        await self.desk.serve(person or self.world.ada)
        return await self.checked()

    async def checked(self) -> Enrollment:
        done = DRAFT - {State.CHECKING, State.EMPTY, State.HAS_PERSON, State.HAS_TOKEN}
        return await self.reach(*done)

    async def submit(self, digits: str = RIGHT) -> Enrollment:
        """Submit, and wait until the enrollment has come to rest."""
        await self.desk.submit(digits)
        return await self.rest()

    async def rest(self) -> Enrollment:
        await self.until(lambda: self.state not in UNDERWAY | WATCHED)
        return self.enrollment


@asynccontextmanager
async def a_desk(
    mode: Mode = Mode.ASSIGN_AND_ACTIVATE,
    patience: Patience = SHORT,
    world: FakeWorld | None = None,
    *,
    signed_in: bool = True,
    settings: DeskSettings = DESK,
) -> AsyncIterator[Stage]:
    """Open a desk; close it at the end."""
    notices: list[Notice] = []
    world = world or FakeWorld()
    settings = replace(settings, mode=mode, patience=patience)
    station = Station(world.station_ports, settings, notices.append, world.practice)
    stage = Stage(world, station, notices)
    await station.start()
    if signed_in:
        await station.session.begin_in_browser()
        await stage.until(lambda: station.session.operator is not None)
    try:
        yield stage
    finally:
        await station.close()
