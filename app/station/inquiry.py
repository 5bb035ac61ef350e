"""Whose is this, and what do they have: one question of the desk at a time, and its answer told.

A newer question takes the place of an older one, so that no answer is shown to what was not asked.
"""

from app.core.errors import DirectoryError, LedgerError, SignInError
from app.core.model import Person
from app.station.context import StationContext
from app.station.custody import Custody
from app.station.life_notices import Holdings, HoldingsNotice, WhoseNotice
from app.station.tasks import Tasks

_QUESTION = "question"
_A_PAIR = 2


class Inquiry:
    """Asks `custody` for whoever works at the desk."""

    def __init__(self, context: StationContext, custody: Custody) -> None:
        """Begin with nothing asked."""
        self._custody = custody
        self._notify = context.tell
        self._tasks = Tasks()
        self._whose = WhoseNotice()
        self._holdings = HoldingsNotice()

    @property
    def person(self) -> Person | None:
        """Return whose belongings are being looked at, or None."""
        return self._holdings.person

    @property
    def serial_number(self) -> str:
        """Return the serial number of the token that is asked about, or nothing."""
        return self._whose.serial_number

    async def whose(self, serial_number: str) -> None:
        """Ask whose the token with this serial number is."""
        self.leave()
        self._tell(WhoseNotice(serial_number, busy=True))
        self._tasks.start(_QUESTION, self._ask_whose(serial_number))

    async def holdings(self, person: Person) -> None:
        """Ask what `person` has; what was known of them stays in sight meanwhile."""
        known = self._holdings.holdings if self._holdings.person == person else None
        if self._holdings.person != person:
            self.leave()
        self._tell(HoldingsNotice(person, known, busy=True))
        self._tasks.start(_QUESTION, self._ask_holdings(person))

    def leave(self) -> None:
        """Ask nothing any more."""
        self._tasks.stop(_QUESTION)
        self.leave_token()
        if self._holdings != HoldingsNotice():
            self._tell(HoldingsNotice())

    def leave_token(self) -> None:
        """Ask no more whose a token is; what somebody has stays in sight."""
        if self._whose != WhoseNotice():
            self._tasks.stop(_QUESTION)
            self._tell(WhoseNotice())

    async def close(self) -> None:
        """Stop asking, and forget the answers."""
        self.leave()
        await self._tasks.stop_all()

    async def _ask_whose(self, serial_number: str) -> None:
        try:
            found = await self._custody.whose(serial_number)
        except (DirectoryError, SignInError, LedgerError) as error:
            self._tell(WhoseNotice(serial_number, error=error))
        else:
            self._tell(WhoseNotice(serial_number, found))

    async def _ask_holdings(self, person: Person) -> None:
        try:
            holdings = await self._custody.holdings(person)
            twice = len(holdings.tokens) >= _A_PAIR
            duplicates = await self._custody.duplicates(person) if twice else ()
        except (DirectoryError, SignInError, LedgerError) as error:
            self._tell(HoldingsNotice(person, error=error))
        else:
            self._tell(HoldingsNotice(person, _ordered(holdings), duplicates))

    def _tell(self, notice: WhoseNotice | HoldingsNotice) -> None:
        if isinstance(notice, WhoseNotice):
            self._whose = notice
        else:
            self._holdings = notice
        self._notify(notice)


def _ordered(holdings: Holdings) -> Holdings:
    """Return `holdings` with the tokens in the order of their serial numbers: rows stay put."""
    tokens = sorted(holdings.tokens, key=lambda held: held.token.serial_number)
    return Holdings(holdings.person, tuple(tokens), holdings.others)
