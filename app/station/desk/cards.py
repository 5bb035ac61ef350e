"""How the desk's two cards get filled: from a serial number, from a badge, from a choice.

Each slot owns one question to the directory at a time; a newer question stops the older one, so a
slow answer can never overwrite what was scanned after it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from app.core.errors import DirectoryError, SignInError
from app.core.model import Method, Person, Source, Token
from app.core.near import variants
from app.core.ports import Clock, Directory
from app.core.reading import NeedsHelp, NotAToken, TokenReading
from app.core.record import Line
from app.station.notices import CardState, PersonCard, TokenCard
from app.station.read_retry import PASSING, ReadRetry
from app.station.tasks import Tasks

Changed = Callable[[], None]
TokenFound = Callable[[Token], None]
PersonFound = Callable[[Person, tuple[Method, ...]], None]
Met = Callable[[Person], None]

_ASKING = frozenset({CardState.LOADING, CardState.FAILED})
"""States of a card whose look-up goes on, or may be repeated."""


_Card = TypeVar("_Card", TokenCard, PersonCard)


class _Slot(ABC, Generic[_Card]):
    """A card, and the look-up that fills it: repeated where that may help, and as often as asked.

    Each change of the card is told to `changed`.
    """

    def __init__(self, clock: Clock, changed: Changed, empty: _Card) -> None:
        self._changed = changed
        self._tasks = Tasks()
        self._retry = ReadRetry(clock, self._repeat)
        self.card: _Card = empty

    def again(self) -> None:
        """Ask again where the last question had no answer, or was not asked at all."""
        self._retry.reset()
        self._repeat()

    def reconnected(self) -> None:
        """Ask again where the last question found no connection, or was not asked at all."""
        if not isinstance(self.card.error, PASSING):
            self._repeat()

    def stop_repeating(self) -> None:
        """Repeat no look-up until somebody asks for it."""
        self._retry.reset()
        if self.card.retry_at is not None:
            self._show(replace(self.card, retry_at=None))

    async def close(self) -> None:
        """Stop asking."""
        await self._tasks.stop_all()
        await self._retry.close()

    @abstractmethod
    def _repeat(self) -> None:
        """Ask the last question again, if it had no answer."""

    def _show(self, card: _Card) -> None:
        if card.state not in _ASKING:
            self._retry.reset()
        self.card = card
        self._changed()


class TokenSlot(_Slot[TokenCard]):
    """The token card."""

    def __init__(
        self, directory: Directory, clock: Clock, changed: Changed, found: TokenFound
    ) -> None:
        """Tell each change of the card to `changed`, and the token to `found` once it is known."""
        super().__init__(clock, changed, TokenCard())
        self._directory = directory
        self._found = found
        self._others: tuple[str, ...] = ()

    def fill(self, serial_number: str, source: Source, others: tuple[str, ...] = ()) -> None:
        """Look `serial_number` up in the tenant's inventory; `others` are other readings of it."""
        self._others = others
        self._retry.reset()
        self._fill(TokenCard(CardState.LOADING, serial_number, source))

    def tap(self, reading: TokenReading, reader: str, *, pad: bool) -> None:
        """Look a token up that has told its serial number itself, in `reader`."""
        self._others = ()
        self._retry.reset()
        self._fill(
            TokenCard(
                CardState.LOADING,
                reading.serial,
                Source.CARD,
                reading=reading,
                reader=reader,
                pad=pad,
            )
        )

    def puzzle(self, reading: NotAToken | NeedsHelp, reader: str, *, pad: bool) -> bool:
        """Show a card that gives no serial number; tell whether the card had room for that."""
        if self.card.state not in {CardState.EMPTY, CardState.UNREAD}:
            return False
        self._show(TokenCard(CardState.UNREAD, reading=reading, reader=reader, pad=pad))
        return True

    def lifted(self, reader: str) -> None:
        """Forget a card without serial number that lay in `reader`; a token stays."""
        if self.card.state is CardState.UNREAD and self.card.reader == reader:
            self.clear()

    def show(self, token: Token, source: Source) -> None:
        """Show a token that is already known."""
        self._tasks.stop("token")
        self._show(TokenCard(CardState.FOUND, token.serial_number, source))

    def clear(self) -> None:
        """Empty the card."""
        self._tasks.stop("token")
        self._show(TokenCard())

    def _repeat(self) -> None:
        if self.card.state is CardState.FAILED:
            self._fill(replace(self.card, state=CardState.LOADING, error=None, retry_at=None))

    def _fill(self, card: TokenCard) -> None:
        self._show(card)
        self._tasks.start("token", self._look_up(card))

    async def _look_up(self, card: TokenCard) -> None:
        try:
            tokens = await self._directory.find_tokens(card.serial_number)
        except (DirectoryError, SignInError) as error:
            at = self._retry.plan(error)
            self._show(replace(card, state=CardState.FAILED, error=error, retry_at=at))
            return
        if not tokens:
            unknown = replace(card, state=CardState.UNKNOWN, count=0)
            self._show(unknown)
            await self._find_near(unknown)
            return
        self._show(replace(card, state=CardState.FOUND, count=len(tokens)))
        self._found(tokens[0])

    async def _find_near(self, card: TokenCard) -> None:
        """Show which near serial numbers the tenant has, all of them, to be chosen from.

        One request after the other, behind the requests of the other card. Where the directory
        fails meanwhile the card stays as it is: that the number is unknown was said.
        """
        near: list[str] = []
        for serial in variants(card.serial_number, self._others):
            try:
                tokens = await self._directory.find_tokens(serial, long_work=True)
            except (DirectoryError, SignInError):
                return
            near.extend(token.serial_number for token in tokens[:1])
        if near:
            self._show(replace(card, suggestions=tuple(dict.fromkeys(near))))


class PersonSlot(_Slot[PersonCard]):
    """The person card."""

    def __init__(
        self,
        directory: Directory,
        clock: Clock,
        changed: Changed,
        found: PersonFound,
        met: Met,
    ) -> None:
        """Tell each change to `changed`, and the person to `found` with their methods.

        `met` hears who it is before that, so that more can be read beside the methods.
        """
        super().__init__(clock, changed, PersonCard())
        self._directory = directory
        self._found = found
        self._met = met
        self._question: Changed = self.clear

    def fill(self, person: Person, badge: str = "") -> None:
        """Put `person` on the card at once, and read what they already have."""
        self._ask(partial(self._ask_methods, person, badge))

    def fill_by_id(self, person_id: str, named: str = "") -> None:
        """Read the person anew, and what they already have.

        Until they are found the card shows `named`, where that is what the operator put down.
        """
        self._ask(partial(self._ask_person, person_id, named))

    def fill_by_reference(self, reference: str) -> None:
        """Look up whom an employee number, an object id or a UPN means."""
        if reference.isdecimal():
            self.fill_by_badge(reference)
        else:
            self.fill_by_id(reference, reference)

    def fill_by_badge(self, number: str) -> None:
        """Look up whose badge this is."""
        self._ask(partial(self._ask_badge, number))

    def fill_by_line(self, line: Line) -> None:
        """Read the person of a recorded enrollment anew."""
        if line.person_id:
            self.fill_by_id(line.person_id)
        else:
            self.fill_by_reference(line.reference)

    def show(self, person: Person) -> None:
        """Show a person whose methods are already known."""
        self._tasks.stop("person")
        self._show(PersonCard(CardState.FOUND, person))

    def name(self, reference: str) -> None:
        """Put down who is meant, without asking: an employee number or a UPN."""
        self._tasks.stop("person")
        self._question = partial(self.fill_by_reference, reference)
        self._show(PersonCard(CardState.NAMED, badge=reference))

    def clear(self) -> None:
        """Empty the card."""
        self._tasks.stop("person")
        self._show(PersonCard())

    def _ask(self, question: Changed) -> None:
        """Ask another question than before."""
        self._retry.reset()
        self._question = question
        question()

    def _repeat(self) -> None:
        if self.card.state in {CardState.FAILED, CardState.NAMED}:
            self._question()

    def _ask_methods(self, person: Person, badge: str) -> None:
        self._show(PersonCard(CardState.LOADING, person, badge))
        self._tasks.start("person", self._load(person, badge))

    def _ask_person(self, person_id: str, named: str) -> None:
        self._show(PersonCard(CardState.LOADING, badge=named))
        self._tasks.start("person", self._read(person_id, named))

    def _ask_badge(self, number: str) -> None:
        self._show(PersonCard(CardState.LOADING, badge=number))
        self._tasks.start("person", self._find(number))

    def _fail(self, card: PersonCard, error: DirectoryError | SignInError) -> None:
        """Show that a look-up failed, and when it is repeated."""
        at = self._retry.plan(error)
        self._show(replace(card, state=CardState.FAILED, error=error, retry_at=at))

    async def _read(self, person_id: str, named: str) -> None:
        try:
            person = await self._directory.person(person_id)
        except (DirectoryError, SignInError) as error:
            self._fail(PersonCard(badge=named), error)
            return
        self._show(PersonCard(CardState.LOADING, person))
        await self._load(person, "")

    async def _find(self, number: str) -> None:
        try:
            people = await self._directory.people_by_badge(number)
        except (DirectoryError, SignInError) as error:
            self._fail(PersonCard(badge=number), error)
            return
        if len(people) == 1:
            self._show(PersonCard(CardState.LOADING, people[0], number))
            await self._load(people[0], number)
        else:
            self._show(PersonCard(CardState.UNKNOWN, badge=number, candidates=people))

    async def _load(self, person: Person, badge: str) -> None:
        self._met(person)
        try:
            methods = await self._directory.methods(person.id)
        except (DirectoryError, SignInError) as error:
            self._fail(PersonCard(person=person, badge=badge), error)
            return
        self._show(PersonCard(CardState.FOUND, person, badge))
        self._found(person, methods)
