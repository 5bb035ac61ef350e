"""The station as its user interface sees it: a session, people, a desk, and today's list."""

from app.core.model import Operator
from app.core.ports import Practice
from app.station.desk import Desk
from app.station.notices import ReadyNotice
from app.station.people import People
from app.station.practice import PracticeDesk
from app.station.session import Session
from app.station.setup import DeskSettings, Notify, Outside
from app.station.today import Today


class Station:
    """Everything a window can ask for. Lives on the station's loop; tells through `notify`.

    `practice` is there only where the tenant is an embedded one.
    """

    def __init__(
        self,
        outside: Outside,
        settings: DeskSettings,
        notify: Notify,
        practice: Practice | None = None,
    ) -> None:
        """Put the parts together; nothing is asked of the outside yet."""
        self.settings = settings
        self._outside = outside
        self._notify = notify
        self.practice = PracticeDesk(practice, notify) if practice else None
        self.people = People(outside.directory, notify, settings.search_limit)
        self.today = Today(outside.clock, notify)
        self.session = Session(outside.sign_in, outside.directory, notify, self._opened)
        self.desk = Desk(outside, settings, self.people, self.today, notify)

    async def start(self) -> None:
        """Read today's record and tell that the station is ready."""
        await self.today.load(self._outside.ledger)
        self._notify(
            ReadyNotice(
                desk=self.settings.desk,
                tenant=self.settings.tenant,
                mode=self.settings.mode,
                practice=self.practice.things if self.practice else None,
            )
        )

    async def sign_in_for_practice(self, url: str, username: str, password: str) -> None:
        """Fill in the practice tenant's sign-in page, where this is one."""
        if self.practice is not None:
            await self.practice.sign_in(url, username, password)

    async def press(self, serial_number: str) -> None:
        """Press a practice token, where this is a practice tenant."""
        if self.practice is not None:
            await self.practice.press(serial_number)

    async def sign_out(self) -> None:
        """Close the desk and forget the operator."""
        await self.desk.close()
        await self.people.close()
        await self.session.sign_out()

    async def close(self) -> None:
        """Stop everything that is under way."""
        await self.desk.close()
        await self.people.close()
        await self.session.close()
        await self._outside.let_go()

    async def _opened(self, operator: Operator) -> None:
        await self.desk.open(operator)
