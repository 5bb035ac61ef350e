"""core.ports.Directory, fulfilled by Microsoft Graph: which calls make up each question."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.core.access_pass import AccessPass, IssuedPass, PassOrder, PassPolicy
from app.core.badge import EMPLOYEE_ID
from app.core.code import VerificationCode
from app.core.errors import Evidence, Forbidden
from app.core.model import (
    HeldRole,
    InventoryGlance,
    InventoryPage,
    Method,
    Operator,
    Person,
    Policy,
    Protection,
    SignInRules,
    Token,
)
from app.core.ports import Assignment
from app.core.seed import SeedToken
from app.graph import methods, passes, people, policy, tokens, wire
from app.graph.client import GraphClient

First = TypeVar("First")
Second = TypeVar("Second")


class GraphDirectory:
    """The directory behind `client`; badges are filed in `badge_attribute` (core.badge.ATTRIBUTES).

    `own` returns the object id of the person who is signed in, else "". Their own methods are read
    and changed at /me, which needs no role; anybody else's at /users/{id}. What each method raises
    is written at the port.
    """

    def __init__(
        self,
        client: GraphClient,
        badge_attribute: str = EMPLOYEE_ID,
        own: Callable[[], str] = str,
    ) -> None:
        self._client = client
        self._badge_attribute = badge_attribute
        self._own = own

    async def operator(self) -> Operator:
        token = await self._client.access_token()
        (me, evidence), roles = await _both(people.me(self._client), people.my_roles(self._client))
        return wire.operator(me, evidence, roles, token.scopes)

    async def find_tokens(
        self, serial_number: str, *, long_work: bool = False
    ) -> tuple[Token, ...]:
        found = tokens.with_serial(self._client, serial_number, long_work=long_work)
        return await tokens.where_offered(self._client, found)

    async def token(self, device_id: str, *, long_work: bool = False) -> Token:
        return await tokens.by_id(self._client, device_id, long_work=long_work)

    async def search_people(self, text: str, limit: int) -> tuple[Person, ...]:
        return await people.search(self._client, text, limit)

    async def people_by_employee_id(self, number: str) -> tuple[Person, ...]:
        return await people.with_employee_id(self._client, number)

    async def people_by_badge(self, number: str) -> tuple[Person, ...]:
        return await people.with_badge(self._client, self._badge_attribute, number)

    async def person(self, person_id: str) -> Person:
        return await people.by_id(self._client, person_id)

    async def roles_of(self, person_id: str) -> tuple[HeldRole, ...] | None:
        return await people.roles_of(self._client, person_id)

    async def protections_of(self, person_id: str) -> tuple[Protection, ...]:
        return await people.protections_of(self._client, person_id)

    async def photo(self, person_id: str) -> bytes | None:
        return await people.photo(self._client, person_id)

    async def methods(self, person_id: str) -> tuple[Method, ...]:
        """Ask both lists at once: one is sure to hold the other kinds, the other the devices."""
        both = _both(self._listed(person_id), methods.hardware(*self._to(person_id)))
        return merged(*await tokens.where_offered(self._client, both))

    async def _listed(self, person_id: str) -> tuple[Method, ...]:
        """Return the general list; nothing where the narrow permissions do not cover it."""
        try:
            return await methods.every(*self._to(person_id))
        except Forbidden:
            return ()

    async def hardware_methods(
        self, person_id: str, *, long_work: bool = False
    ) -> tuple[Method, ...]:
        return await methods.hardware(*self._to(person_id), long_work=long_work)

    async def passes(self, person_id: str) -> tuple[AccessPass, ...]:
        return await passes.listed(self._client, person_id)

    async def pass_policy(self) -> PassPolicy:
        return await passes.policy(self._client)

    async def issue_pass(self, person_id: str, order: PassOrder) -> IssuedPass:
        return await passes.issue(self._client, person_id, order)

    async def policy(self) -> Policy:
        return await policy.read(self._client)

    async def sign_in_rules(self) -> SignInRules:
        return await policy.sign_in_rules(self._client)

    async def inventory(self) -> InventoryGlance:
        return await tokens.glance(self._client)

    async def inventory_page(
        self, following: str = "", *, long_work: bool = False
    ) -> InventoryPage:
        return await tokens.page(self._client, following, long_work=long_work)

    async def assign(self, person_id: str, device_id: str) -> Assignment:
        return await methods.assign(*self._to(person_id), device_id)

    async def assign_and_activate(
        self, person_id: str, device_id: str, code: VerificationCode, *, name: str = ""
    ) -> Evidence:
        return await methods.assign_and_activate(*self._to(person_id), device_id, code, name)

    async def assign_and_activate_by_serial(
        self, person_id: str, serial_number: str, code: VerificationCode, *, name: str = ""
    ) -> Evidence:
        return await methods.assign_and_activate_by_serial(
            *self._to(person_id), serial_number, code, name
        )

    async def activate(
        self,
        person_id: str,
        method_id: str,
        code: VerificationCode,
        *,
        name: str = "",
        long_work: bool = False,
    ) -> Evidence:
        return await methods.activate(
            *self._to(person_id), method_id, code, name, long_work=long_work
        )

    async def deactivate(self, person_id: str, method_id: str) -> Evidence:
        return await methods.deactivate(*self._to(person_id), method_id)

    async def unassign(
        self, person_id: str, method_id: str, *, long_work: bool = False
    ) -> Evidence:
        return await methods.unassign(*self._to(person_id), method_id, long_work=long_work)

    def _to(self, person_id: str) -> tuple[GraphClient, str]:
        """Return which client to ask about somebody's methods, and how to name them."""
        if not person_id or person_id != self._own():
            return self._client, person_id
        return self._client.only_while(lambda: self._own() == person_id), methods.ME

    async def create(self, token: SeedToken, holder_id: str = "") -> Evidence:
        return await tokens.create(self._client, token, holder_id)

    async def delete(self, device_id: str) -> Evidence:
        return await tokens.delete(self._client, device_id)


def merged(listed: tuple[Method, ...], hardware: tuple[Method, ...]) -> tuple[Method, ...]:
    """Return both lists as one, each method once; of two with one id the hardware list's stands."""
    by_id = {method.id: method for method in (*listed, *hardware)}
    return tuple(by_id.values())


async def _both(first: Awaitable[First], second: Awaitable[Second]) -> tuple[First, Second]:
    """Await both at once; if one fails the other is awaited too, so that nothing is left behind."""
    one, two = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(one, BaseException):
        raise one
    if isinstance(two, BaseException):
        raise two
    return one, two
