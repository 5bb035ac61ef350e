"""Who holds a token, and what does a person have: the directory and the record, side by side.

Nothing is changed here. What can be done with what was found comes with it, judged as it would be
before a submit, with the reason for what cannot be done. The desk asks one question at a time: a
newer one takes the place of an older one, so that no answer is shown to what was not asked.
"""

import asyncio
from dataclasses import replace

from app.core.duplicates import Duplicate, told_apart, twins
from app.core.enrollment import Enrollment, State
from app.core.errors import DirectoryError, Forbidden, LedgerError, NotFound, SignInError
from app.core.history import HistoryQuery
from app.core.lifecycle import Choice, choices
from app.core.model import Holder, Method, MethodKind, Person, Token, method_of
from app.core.ports import Ledger
from app.core.record import Line
from app.station.context import StationContext
from app.station.corrections import Corrections
from app.station.desk.notices import HeldToken, Holdings, HoldingsNotice, WhoseNotice
from app.station.facts import FactFinder
from app.station.submissions import Submissions
from app.station.tasks import Tasks

_HANDED_OVER = frozenset({State.ASSIGNED, State.ACTIVATED, State.HALF_DONE})
_ENOUGH = 50
"""Enrollments of one serial number that are looked through; a token seldom has ten."""
_QUESTION = "question"
_A_PAIR = 2


class HolderLookup:
    """Asks for the operator at the desk, and tells the window what was asked and answered.

    `find_holders`, `find_holdings` and `find_duplicates` answer whoever calls them, and tell
    nothing. They raise DirectoryError, SignInError and LedgerError.
    """

    def __init__(
        self,
        context: StationContext,
        facts: FactFinder,
        submissions: Submissions,
        corrections: Corrections,
    ) -> None:
        """Begin with nothing asked."""
        self._ports = context.ports
        self._settings = context.settings
        self._notify = context.tell
        self._facts = facts
        self._submissions = submissions
        self._corrections = corrections
        self._tasks = Tasks()
        self._whose = WhoseNotice()
        self._holdings = HoldingsNotice()

    # The question of the desk -------------------------------------------------------------------

    @property
    def person(self) -> Person | None:
        """Return whose tokens are being looked at, or None."""
        return self._holdings.person

    @property
    def serial_number(self) -> str:
        """Return the serial number of the token that is asked about, or ""."""
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

    async def look_away(self) -> None:
        """Ask nothing any more, as `leave` does."""
        self.leave()

    def leave(self) -> None:
        """Ask nothing any more."""
        self._tasks.stop(_QUESTION)
        self.leave_token()
        if self._holdings != HoldingsNotice():
            self._tell(HoldingsNotice())

    def leave_token(self) -> None:
        """Ask no more whose a token is; what a person has stays in sight."""
        if self._whose != WhoseNotice():
            self._tasks.stop(_QUESTION)
            self._tell(WhoseNotice())

    async def close(self) -> None:
        """Stop asking, and forget the answers."""
        self.leave()
        await self._tasks.stop_all()

    async def _ask_whose(self, serial_number: str) -> None:
        try:
            found = await self.find_holders(serial_number)
        except (DirectoryError, SignInError, LedgerError) as error:
            self._tell(WhoseNotice(serial_number, error=error))
        else:
            self._tell(WhoseNotice(serial_number, found))

    async def _ask_holdings(self, person: Person) -> None:
        try:
            holdings = await self.find_holdings(person)
            twice = len(holdings.tokens) >= _A_PAIR
            duplicates = await self.find_duplicates(person) if twice else ()
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

    # The answers --------------------------------------------------------------------------------

    async def find_holders(self, serial_number: str) -> tuple[HeldToken, ...]:
        """Return every token with this serial number: none, one, or more where it is duplicated."""
        tokens = await self._ports.directory.find_tokens(serial_number)
        self._corrections.met(serial_number=serial_number)
        return tuple([await self._held(token, len(tokens)) for token in tokens])

    async def find_holdings(self, person: Person) -> Holdings:
        """Return what `person` has, their hardware tokens with what can be done with each."""
        methods = await self._ports.directory.methods(person.id)
        self._corrections.met(person_id=person.id)
        mine = [method for method in methods if method.kind is MethodKind.HARDWARE_TOKEN]
        tokens = [await self._of_person(method, person, methods) for method in mine]
        others = tuple(method for method in methods if method not in mine)
        return Holdings(person, tuple(tokens), others)

    async def find_duplicates(self, person: Person) -> tuple[Duplicate, ...]:
        """Return the tokens that stand twice on `person`, and which of each two is to be removed.

        It is removed like any other token (TokenWork.begin with UNASSIGN and `legacy`), with the
        token in the hand. What then lies in the older store is an administrator's to delete: no
        read shows it there, so that this station could never say that it is gone.
        """
        methods = await self._ports.directory.hardware_methods(person.id)
        found: list[Duplicate] = []
        for group in twins(methods):
            listed = await self._ports.directory.find_tokens(group[0].serial_number)
            found += told_apart(group, listed)
        return tuple(found)

    async def _held(self, token: Token, count: int) -> HeldToken:
        person = await self._holder(token)
        if person is None:
            return HeldToken(token, count, handed_out=await self._handed_out(token, token.holder))
        methods = await self._ports.directory.methods(person.id)
        found = await self._with_choices(token, person, methods)
        return replace(found, count=count)

    async def _of_person(
        self, method: Method, person: Person, methods: tuple[Method, ...]
    ) -> HeldToken:
        token = method.token or await self._stock(Token(method.id, "", display_name=method.label))
        holder = token.holder or Holder(person.id, person.display_name)
        return await self._with_choices(replace(token, holder=holder), person, methods)

    async def _with_choices(
        self, token: Token, person: Person, methods: tuple[Method, ...]
    ) -> HeldToken:
        return HeldToken(
            token,
            holder=person,
            method=method_of(methods, token),
            handed_out=await self._handed_out(token, Holder(person.id)),
            choices=await self._choices(token, person, methods),
        )

    async def _choices(
        self, token: Token, person: Person, methods: tuple[Method, ...]
    ) -> tuple[Choice, ...]:
        operator = self._submissions.operator
        if operator is None:
            return ()
        seen = Enrollment("", self._settings.mode, token=token, person=person, methods=methods)
        facts = await self._facts.facts(seen, operator, 1)
        return choices(replace(facts, underway=self._submissions.is_underway(token, "")))

    async def _holder(self, token: Token) -> Person | None:
        """Return who holds the token, by name alone where they are gone or may not be read."""
        if token.holder is None:
            return None
        try:
            return await self._ports.directory.person(token.holder.id)
        except (NotFound, Forbidden):
            return None

    async def _stock(self, token: Token) -> Token:
        """Return a token that the person's side only names, as the inventory has it."""
        try:
            return await self._ports.directory.token(token.device_id)
        except (NotFound, Forbidden):
            return token

    async def _handed_out(self, token: Token, holder: Holder | None) -> Line | None:
        """Return the latest enrollment of this record that gave the token to its holder."""
        if not token.serial_number:
            return None
        return await asyncio.to_thread(_latest, self._ports.ledger, token, holder)


def _ordered(holdings: Holdings) -> Holdings:
    """Return `holdings` with the tokens in the order of their serial numbers: rows stay put."""
    tokens = sorted(holdings.tokens, key=lambda held: held.token.serial_number)
    return Holdings(holdings.person, tuple(tokens), holdings.others)


def _latest(ledger: Ledger, token: Token, holder: Holder | None) -> Line | None:
    query = HistoryQuery(text=token.serial_number, states=_HANDED_OVER)
    found = ledger.page(query, None, _ENOUGH).lines
    person_id = holder.id if holder else ""
    return next((line for line in found if _gave(line, token, person_id)), None)


def _gave(line: Line, token: Token, person_id: str) -> bool:
    same = line.serial_number.casefold() == token.serial_number.casefold()
    return same and person_id in {"", line.person_id}
