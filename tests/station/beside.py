"""What an operator does with a token beside the desk, step by step, on a Stage."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.enrollment import UNDERWAY, WATCHED, Enrollment, State
from app.core.model import Operation, Person, Source, Token
from app.station.desk.notices import Offer, OffersNotice
from app.station.desk.work import TokenWork
from app.station.notices import DeskNotice
from tests.fakes.world import RIGHT
from tests.station.stage import Stage


@dataclass(frozen=True, slots=True)
class Beside:
    """The work in front of a stage's station. What it shows is what its last DeskNotice said."""

    stage: Stage

    @property
    def work(self) -> TokenWork:
        return self.stage.station.work

    @property
    def shown(self) -> DeskNotice:
        return self.stage.shown

    @property
    def enrollment(self) -> Enrollment:
        assert self.shown.chosen is not None
        return self.shown.chosen

    @property
    def state(self) -> State:
        return self.enrollment.state

    @property
    def offers(self) -> tuple[Offer, ...]:
        told = self.stage.of(OffersNotice)
        return told[-1].offers if told else ()

    async def begin(
        self,
        operation: Operation,
        token: Token | None = None,
        person: Person | None = None,
    ) -> Enrollment:
        """Begin, and wait for the check."""
        world = self.stage.world
        await self.work.begin(operation, token or world.token, person or world.ada)
        return self.enrollment

    async def show(self, serial_number: str = "", source: Source = Source.SCANNER) -> Enrollment:
        """Show a token, by default the right one."""
        serial_number = serial_number or self.stage.world.token.serial_number
        await self.stage.station.input.scanned(serial_number, source)
        return self.enrollment

    async def confirm(self, digits: str = "") -> Enrollment:
        """Submit, and wait until it rests."""
        await self.work.submit(digits)
        await self.stage.until(lambda: self.state not in UNDERWAY | WATCHED)
        return self.enrollment

    async def do(self, operation: Operation) -> Enrollment:
        """Begin, show the token or type its code, confirm; return the end."""
        checked = await self.begin(operation)
        if checked.state is State.AWAITING_TOKEN:
            await self.show()
        return await self.confirm(RIGHT if operation is Operation.ACTIVATE else "")
