"""A directory in memory that keeps the rules a desk can break, and fails when it is told to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from app.core.access_pass import (
    AccessPass,
    IssuedPass,
    PassOrder,
    PassPolicy,
    PassReason,
    fault_of,
)
from app.core.code import VerificationCode
from app.core.errors import Evidence, NotFound, OathdeskError, Rejected
from app.core.model import (
    METHODS_LIMIT,
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
    TokenStatus,
)
from app.core.ports import Assignment, Clock
from app.core.preflight import methods_counted
from app.core.secret import Secret, base32_bytes
from app.core.seed import SeedToken
from app.core.totp import code_at
from tests.fakes.journal import Journal
from tests.fakes.nouns import an_operator
from tests.fakes.script import Hold, Script
from tests.fakes.tenant import FakeTenant

T = TypeVar("T")

WRITES = (
    "assign",
    "assign_and_activate",
    "assign_and_activate_by_serial",
    "activate",
    "deactivate",
    "unassign",
    "delete",
    "create",
    "issue_pass",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its name and its arguments, codes left out, and whether the desk goes before it."""

    name: str
    arguments: tuple[str, ...] = ()
    long_work: bool = False


def evidence_of(call: str, status: int, message: str = "") -> Evidence:
    """An exchange as a directory might have had it."""
    code = "" if status < 400 else "badRequest"
    return Evidence("POST", f"/{call}", status, code, message, request_id=f"request-{call}")


class FakeDirectory:
    """Fulfils core.ports.Directory over a FakeTenant."""

    def __init__(self, clock: Clock, journal: Journal | None = None) -> None:
        self.tenant = FakeTenant()
        self.who = an_operator()
        self.page_size = 100
        self.calls: list[Call] = []
        self.seeds: dict[str, str] = {}
        """In Base32, by the serial number of the token that was created with it."""
        self.computes = False
        """Whether a token that was created is activated by the code that its seed yields."""
        self.names_method = True
        """Whether the answer to an assignment names the new method."""
        self.pass_values: list[str] = []
        """The passes that were ever issued, by whomever."""
        self.tells_pass = True
        """Whether the answer to a new pass has its value."""
        self.seconds = 0.0
        """How long each answer takes."""
        self._clock = clock
        self._journal = journal or Journal()
        self._script = Script()

    # What a test tells it ------------------------------------------------------------------------

    def fail(self, call: str, error: OathdeskError, *, acts: bool = False) -> None:
        """Let the next unscripted `call` raise `error`, having had its effect if `acts`."""
        self._script.fail(call, error, acts=acts)

    def fail_always(self, call: str, error: OathdeskError) -> None:
        """Let every `call` raise `error` until `recover`."""
        self._script.fail_always(call, error)

    def recover(self, call: str) -> None:
        """Forget what was scripted for `call`."""
        self._script.recover(call)

    def hold(self, call: str, *, acts: bool = False) -> Hold:
        """Let the next unscripted `call` wait before it is answered."""
        return self._script.hold(call, acts=acts)

    def give(self, token: Token, person: Person, *, activated: bool = False) -> None:
        """Let another desk assign `token` to `person`."""
        self.tenant.give(token.device_id, person, self._clock.now(), activated=activated)

    def count(self, *names: str) -> int:
        """How often any of `names` was called."""
        return sum(call.name in names for call in self.calls)

    @property
    def writes(self) -> list[str]:
        """The names of the calls that change something, in order."""
        return [call.name for call in self.calls if call.name in WRITES]

    # The port ------------------------------------------------------------------------------------

    async def operator(self) -> Operator:
        return await self._answer("operator", (), lambda: self.who)

    async def find_tokens(
        self, serial_number: str, *, long_work: bool = False
    ) -> tuple[Token, ...]:
        def found() -> tuple[Token, ...]:
            tokens = self.tenant.seen(self._clock.now()).values()
            listed = (t for t in tokens if t.device_id not in self.tenant.legacy)
            return tuple(t for t in listed if t.serial_number == serial_number)

        return await self._answer("find_tokens", (serial_number,), found, long_work=long_work)

    async def token(self, device_id: str, *, long_work: bool = False) -> Token:
        def seen() -> Token:
            return self._seen_token(device_id)

        return await self._answer("token", (device_id,), seen, long_work=long_work)

    async def search_people(self, text: str, limit: int) -> tuple[Person, ...]:
        def found() -> tuple[Person, ...]:
            people = self.tenant.people.values()
            return tuple(p for p in people if _begins(p, text.strip().casefold()))[:limit]

        return await self._answer("search_people", (text,), found)

    async def people_by_employee_id(self, number: str) -> tuple[Person, ...]:
        def found() -> tuple[Person, ...]:
            return tuple(p for p in self.tenant.people.values() if p.employee_id == number)

        return await self._answer("people_by_employee_id", (number,), found)

    async def people_by_badge(self, number: str) -> tuple[Person, ...]:
        def found() -> tuple[Person, ...]:
            badges = self.tenant.badges
            return tuple(
                p for p in self.tenant.people.values() if badges.get(p.id, p.employee_id) == number
            )

        return await self._answer("people_by_badge", (number,), found)

    async def person(self, person_id: str) -> Person:
        def named() -> Person:
            upns = {p.user_principal_name.casefold(): p.id for p in self.tenant.people.values()}
            return self._known(upns.get(person_id.casefold(), person_id))

        return await self._answer("person", (person_id,), named)

    async def photo(self, person_id: str) -> bytes | None:
        return await self._answer("photo", (person_id,), lambda: self.tenant.photos.get(person_id))

    async def methods(self, person_id: str) -> tuple[Method, ...]:
        return await self._answer("methods", (person_id,), lambda: self._all_methods(person_id))

    async def hardware_methods(
        self, person_id: str, *, long_work: bool = False
    ) -> tuple[Method, ...]:
        def looked() -> tuple[Method, ...]:
            return self.tenant.look(self._known(person_id).id, self._clock.now())

        return await self._answer("hardware_methods", (person_id,), looked, long_work=long_work)

    async def roles_of(self, person_id: str) -> tuple[HeldRole, ...] | None:
        def held() -> tuple[HeldRole, ...] | None:
            return self.tenant.roles.get(person_id)

        return await self._answer("roles_of", (person_id,), held)

    async def protections_of(self, person_id: str) -> tuple[Protection, ...]:
        def found() -> tuple[Protection, ...]:
            return self.tenant.protections.get(person_id, ())

        return await self._answer("protections_of", (person_id,), found)

    async def passes(self, person_id: str) -> tuple[AccessPass, ...]:
        def seen() -> tuple[AccessPass, ...]:
            held = self.tenant.passes.get(self._known(person_id).id)
            if held is None or held.created is None:
                return ()
            late = held.created + timedelta(seconds=self.tenant.pass_lag)
            return (held,) if self._clock.now() >= late else ()

        return await self._answer("passes", (person_id,), seen)

    async def pass_policy(self) -> PassPolicy:
        return await self._answer("pass_policy", (), lambda: self.tenant.pass_policy)

    async def issue_pass(self, person_id: str, order: PassOrder) -> IssuedPass:
        def issued() -> IssuedPass:
            if fault_of(order, self.tenant.pass_policy) is not None:
                raise Rejected(evidence_of("issue_pass", 400, "The policy does not allow it."))
            made = self.put_pass(self._known(person_id), order)
            value = Secret(self.pass_values[-1].encode()) if self.tells_pass else None
            return IssuedPass(evidence_of("issue_pass", 201), made, value)

        return await self._answer("issue_pass", (person_id,), issued)

    def put_pass(self, person: Person, order: PassOrder = PassOrder()) -> AccessPass:  # noqa: B008 - frozen
        """Let `person` have a new pass, in place of one they had."""
        number, now, policy = len(self.pass_values) + 1, self._clock.now(), self.tenant.pass_policy
        self.pass_values.append(f"Kq{number:02}+pass")
        minutes = policy.usual if order.minutes is None else order.minutes
        once = bool(policy.once) if order.once is None else order.once
        reason = PassReason.ENABLED_BY_POLICY
        made = AccessPass(f"pass-{number}", now, now, minutes, once, usable=True, reason=reason)
        self.tenant.passes[person.id] = made
        return made

    async def policy(self) -> Policy:
        return await self._answer("policy", (), lambda: self.tenant.policy)

    async def sign_in_rules(self) -> SignInRules:
        return await self._answer("sign_in_rules", (), lambda: self.tenant.sign_in_rules)

    async def inventory(self) -> InventoryGlance:
        return await self._answer("inventory", (), lambda: InventoryGlance(len(self.tenant.tokens)))

    async def inventory_page(
        self, following: str = "", *, long_work: bool = False
    ) -> InventoryPage:
        def cut() -> InventoryPage:
            begin = int(following or 0)
            end = begin + self.page_size
            seen = self.tenant.seen(self._clock.now()).values()
            listed = [t for t in seen if t.device_id not in self.tenant.legacy]
            more = str(end) if end < len(listed) else ""
            return InventoryPage(tuple(listed[begin:end]), more)

        return await self._answer("inventory_page", (following,), cut, long_work=long_work)

    async def assign(self, person_id: str, device_id: str) -> Assignment:
        def assigned() -> Assignment:
            person = self._may_hold("assign", person_id, device_id)
            self._give(device_id, person, activated=False)
            method = self.tenant.method(self.tenant.tokens[device_id])
            made = replace(method, created=self._clock.now(), token=None)
            return Assignment(evidence_of("assign", 201), made if self.names_method else None)

        return await self._answer("assign", (person_id, device_id), assigned)

    async def assign_and_activate(
        self, person_id: str, device_id: str, code: VerificationCode, *, name: str = ""
    ) -> Evidence:
        call = "assign_and_activate"

        def activated() -> Evidence:
            return self._assign_and_activate(call, person_id, device_id, code, name)

        return await self._answer(call, (person_id, device_id), activated)

    async def assign_and_activate_by_serial(
        self, person_id: str, serial_number: str, code: VerificationCode, *, name: str = ""
    ) -> Evidence:
        call = "assign_and_activate_by_serial"

        def activated() -> Evidence:
            found = [t for t in self.tenant.tokens.values() if t.serial_number == serial_number]
            if not found:
                raise NotFound(evidence_of(call, 404))
            device_id = found[0].device_id
            return self._assign_and_activate(call, person_id, device_id, code, name)

        return await self._answer(call, (person_id, serial_number), activated)

    async def activate(
        self,
        person_id: str,
        method_id: str,
        code: VerificationCode,
        *,
        name: str = "",
        long_work: bool = False,
    ) -> Evidence:
        def activated() -> Evidence:
            token = self._held(person_id, method_id)
            right = self.tenant.is_right(token.device_id, code.reveal())
            if not right and not self._computed(token, code):
                raise Rejected(evidence_of("activate", 400, "The code is not valid."))
            self._give(token.device_id, self._known(person_id), activated=True, name=name)
            return evidence_of("activate", 204)

        return await self._answer(
            "activate", (person_id, method_id), activated, long_work=long_work
        )

    async def deactivate(self, person_id: str, method_id: str) -> Evidence:
        def deactivated() -> Evidence:
            token = self._held(person_id, method_id)
            if token.status is not TokenStatus.ACTIVATED:
                raise Rejected(evidence_of("deactivate", 400, "The token is not activated."))
            self._give(token.device_id, self._known(person_id), activated=False)
            return evidence_of("deactivate", 204)

        return await self._answer("deactivate", (person_id, method_id), deactivated)

    async def unassign(
        self, person_id: str, method_id: str, *, long_work: bool = False
    ) -> Evidence:
        def unassigned() -> Evidence:
            token = self._held(person_id, method_id)
            self.tenant.take_back(token.device_id, self._clock.now())
            return evidence_of("unassign", 204)

        return await self._answer(
            "unassign", (person_id, method_id), unassigned, long_work=long_work
        )

    async def delete(self, device_id: str) -> Evidence:
        def deleted() -> Evidence:
            token = self.tenant.tokens.get(device_id)
            if token is None:
                raise NotFound(evidence_of("delete", 404))
            if token.holder is not None:
                raise Rejected(evidence_of("delete", 400, "The token is still assigned."))
            self.tenant.delete(device_id, self._clock.now())
            return evidence_of("delete", 204)

        return await self._answer("delete", (device_id,), deleted)

    async def create(self, token: SeedToken, holder_id: str = "") -> Evidence:
        def created() -> Evidence:
            base32 = token.secret.reveal_base32()
            if token.serial in {each.serial_number for each in self.tenant.tokens.values()}:
                raise Rejected(evidence_of("create", 400, "The serial number is there."))
            person = self.tenant.people[holder_id] if holder_id else None
            self.tenant.create(token, person, self._clock.now())
            self.seeds[token.serial] = base32
            return evidence_of("create", 201)

        return await self._answer("create", (token.serial, holder_id), created)

    # Inside --------------------------------------------------------------------------------------

    async def _answer(
        self,
        name: str,
        arguments: tuple[str, ...],
        act: Callable[[], T],
        *,
        long_work: bool = False,
    ) -> T:
        self.calls.append(Call(name, arguments, long_work))
        self._journal.note("directory", name, *arguments)
        if self.seconds:
            await self._clock.sleep(self.seconds)
        return await self._script.play(name, act)

    def _computed(self, token: Token, code: VerificationCode) -> bool:
        """Whether the code is the one that the token's own seed yields now."""
        if not self.computes or token.serial_number not in self.seeds:
            return False
        seed = Secret(base32_bytes(self.seeds[token.serial_number]))
        now = self._clock.now().timestamp()
        moments = (now, now - token.interval)  # one step back, as RFC 6238, section 5.2, has it
        return any(code == code_at(seed, at, token.interval, token.hash_function) for at in moments)

    def _assign_and_activate(
        self, call: str, person_id: str, device_id: str, code: VerificationCode, name: str
    ) -> Evidence:
        person = self._may_hold(call, person_id, device_id)
        if not self.tenant.is_right(device_id, code.reveal()):
            if self.tenant.leaves_assigned:
                self._give(device_id, person, activated=False)
            raise Rejected(evidence_of(call, 400, "The code is not valid."))
        self._give(device_id, person, activated=True, name=name)
        return evidence_of(call, 204)

    def _give(self, device_id: str, person: Person, *, activated: bool, name: str = "") -> None:
        now = self._clock.now()
        self.tenant.give(device_id, person, now, activated=activated, name=name)

    def _known(self, person_id: str) -> Person:
        if person_id not in self.tenant.people:
            raise NotFound(evidence_of("users", 404))
        return self.tenant.people[person_id]

    def _seen_token(self, device_id: str) -> Token:
        seen = self.tenant.seen(self._clock.now())
        if device_id not in seen or device_id in self.tenant.legacy:
            raise NotFound(evidence_of("token", 404))
        return seen[device_id]

    def _all_methods(self, person_id: str) -> tuple[Method, ...]:
        now = self._clock.now()
        person = self._known(person_id)
        tokens = self.tenant.seen(now).values()
        held = [t for t in tokens if t.holder is not None and t.holder.id == person.id]
        hardware = (self.tenant.method(token) for token in held)
        return (*self.tenant.other_methods[person.id], *hardware)

    def _may_hold(self, call: str, person_id: str, device_id: str) -> Person:
        """The person, if the truth admits that they get the token; a writer sees no lag."""
        person, token = self._known(person_id), self.tenant.tokens.get(device_id)
        if token is None:
            raise NotFound(evidence_of(call, 404))
        ours = token.holder is not None and token.holder.id == person_id
        if token.status is TokenStatus.ACTIVATED or (token.holder is not None and not ours):
            raise Rejected(evidence_of(call, 400, "The token is assigned already."))
        if person.guest or person.enabled is False or (not ours and self._is_full(person_id)):
            raise Rejected(evidence_of(call, 400, "The person cannot have it."))
        return person

    def _is_full(self, person_id: str) -> bool:
        others = methods_counted(self.tenant.other_methods[person_id])
        return others + len(self.tenant.held_by(person_id)) >= METHODS_LIMIT

    def _held(self, person_id: str, method_id: str) -> Token:
        for token in self.tenant.held_by(self._known(person_id).id):
            if method_id in {token.device_id, self.tenant.method(token).id}:
                return token
        raise NotFound(evidence_of("activate", 404))


def _begins(person: Person, text: str) -> bool:
    words = (
        *person.display_name.split(),
        person.user_principal_name,
        person.mail,
        person.employee_id,
    )
    return any(word.casefold().startswith(text) for word in words if word)
