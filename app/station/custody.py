"""Whose is this token, and what does this person have: the directory and the record, side by side.

Nothing is changed here. What can be done with what was found comes with it, judged as it would be
before a submit, with the reason for what cannot be done.
"""

import asyncio
from dataclasses import replace

from app.core.duplicates import Duplicate, told_apart, twins
from app.core.enrollment import Enrollment, State
from app.core.errors import Forbidden, NotFound
from app.core.history import HistoryQuery
from app.core.lifecycle import Choice, choices
from app.core.model import Holder, Method, MethodKind, Person, Token, method_of
from app.core.ports import Ledger
from app.core.record import Line
from app.station.context import StationContext
from app.station.desk import Desk
from app.station.life_notices import HeldToken, Holdings

_HANDED_OVER = frozenset({State.ASSIGNED, State.ACTIVATED, State.HALF_DONE})
_ENOUGH = 50
"""Enrollments of one serial number that are looked through; a token seldom has ten."""


class Custody:
    """Answers for whoever is signed in at `desk`. Raises DirectoryError, SignInError, LedgerError.

    Tells nothing by itself: each question is answered to whoever asked it.
    """

    def __init__(self, context: StationContext, desk: Desk) -> None:
        """Ask nothing yet."""
        self._ports = context.ports
        self._settings = context.settings
        self._desk = desk

    async def whose(self, serial_number: str) -> tuple[HeldToken, ...]:
        """Return every token with this serial number: none, one, or more where it is duplicated."""
        tokens = await self._ports.directory.find_tokens(serial_number)
        self._desk.corrections.met(serial_number=serial_number)
        return tuple([await self._held(token, len(tokens)) for token in tokens])

    async def holdings(self, person: Person) -> Holdings:
        """Return what `person` has, their hardware tokens with what can be done with each."""
        methods = await self._ports.directory.methods(person.id)
        self._desk.corrections.met(person_id=person.id)
        mine = [method for method in methods if method.kind is MethodKind.HARDWARE_TOKEN]
        tokens = [await self._of_person(method, person, methods) for method in mine]
        others = tuple(method for method in methods if method not in mine)
        return Holdings(person, tuple(tokens), others)

    async def duplicates(self, person: Person) -> tuple[Duplicate, ...]:
        """Return the tokens that stand twice on `person`, and which of each two is to be removed.

        It is removed like any other token (Lifecycle.begin with UNASSIGN and `legacy`), with the
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
        operator = self._desk.runs.operator
        if operator is None:
            return ()
        seen = Enrollment("", self._settings.mode, token=token, person=person, methods=methods)
        facts = await self._desk.facts.facts(seen, operator, 1)
        return choices(replace(facts, underway=self._desk.runs.is_underway(token, "")))

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


def _latest(ledger: Ledger, token: Token, holder: Holder | None) -> Line | None:
    query = HistoryQuery(text=token.serial_number, states=_HANDED_OVER)
    found = ledger.page(query, None, _ENOUGH).lines
    person_id = holder.id if holder else ""
    return next((line for line in found if _gave(line, token, person_id)), None)


def _gave(line: Line, token: Token, person_id: str) -> bool:
    same = line.serial_number.casefold() == token.serial_number.casefold()
    return same and person_id in {"", line.person_id}
