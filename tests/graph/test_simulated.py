"""The directory against the practice tenant: every question a desk asks, over real HTTPS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from app.core.access_pass import PassOrder
from app.core.code import VerificationCode
from app.core.errors import (
    AnswerLost,
    Forbidden,
    NotFound,
    NotUnderstood,
    Rejected,
    SignInExpired,
)
from app.core.method_name import method_name
from app.core.model import Method, MethodKind, PolicyState, Role, Token, TokenStatus
from app.core.ports import AccessToken, Clock
from app.graph.client import Exchange, GraphClient, Options
from app.graph.directory import GraphDirectory
from app.graph.pace import Pace
from app.graph.transport import make_http
from tests.graph import asked
from tests.graph.support import StillClock
from tests.support.simulated import DANA, SAM, STATION_SCOPES, Simulated, start_simulator

OPERATOR_SCOPES = (*STATION_SCOPES, "Directory.Read.All")
NARROW_SCOPES = (
    "User.Read",
    "User.Read.All",
    "UserAuthMethod-HardwareOATH.ReadWrite.All",
)


@pytest.fixture(scope="module")
def running() -> Iterator[Simulated]:
    with start_simulator(people=400, tokens=200) as simulated:
        yield simulated


@pytest.fixture
def tenant(running: Simulated) -> Iterator[Simulated]:
    yield running
    running.reset()


@dataclass
class SignedIn:
    """Gives the practice tenant's own sign-in tokens; another one whenever it is asked again."""

    tenant: Simulated
    username: str = DANA
    scopes: tuple[str, ...] = OPERATOR_SCOPES
    claims: list[str] = field(default_factory=list)

    async def access_token(self, claims: str | None = None) -> AccessToken:
        if claims:
            self.claims.append(claims)
            answer = await asyncio.to_thread(self.tenant.sign_in, self.username, self.scopes)
            return AccessToken(answer["access_token"], frozenset(self.scopes))
        value = await asyncio.to_thread(self.tenant.access_token, self.username, self.scopes)
        return AccessToken(value, frozenset(self.scopes))


@dataclass
class Here:
    directory: GraphDirectory
    tokens: SignedIn
    exchanges: list[Exchange]
    client: GraphClient


class RunningClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@asynccontextmanager
async def connected(
    tokens: SignedIn, clock: Clock | None = None, pace: Pace | None = None
) -> AsyncIterator[Here]:
    ready = tokens.tenant.ready
    exchanges: list[Exchange] = []
    options = Options(on_exchange=exchanges.append, pace=pace)
    async with make_http(ssl.create_default_context(cafile=ready.ca_file)) as http:
        http.event_hooks = {"request": [asked.check]}
        client = GraphClient(ready.graph_url, tokens, http, clock or StillClock(), options)
        yield Here(GraphDirectory(client), tokens, exchanges, client)


def at_desk(tokens: SignedIn, use: Callable[[Here], Awaitable[None]]) -> None:
    async def session() -> None:
        async with connected(tokens) as here:
            await use(here)

    asyncio.run(session())


def serial_of(tenant: Simulated, status: str) -> str:
    return next(token.serial for token in tenant.ready.tokens if token.status == status)


async def one_token(here: Here, serial: str) -> Token:
    (token,) = await here.directory.find_tokens(serial)
    return token


def _hardware(methods: tuple[Method, ...]) -> dict[str, Method]:
    return {m.id: m for m in methods if m.kind is MethodKind.HARDWARE_TOKEN}


def test_the_operator_is_known_with_roles_and_scopes(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        operator = await here.directory.operator()
        assert operator.user_principal_name == DANA
        assert operator.roles is not None
        assert Role.AUTHENTICATION_ADMINISTRATOR in operator.roles
        assert "UserAuthenticationMethod.ReadWrite.All" in operator.scopes

    at_desk(SignedIn(tenant), use)


def test_roles_without_their_scope_are_unknown(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        assert (await here.directory.operator()).roles is None

    at_desk(SignedIn(tenant, scopes=STATION_SCOPES), use)


def test_a_token_is_found_by_its_serial_number_and_by_its_id(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial = serial_of(tenant, "available")
        token = await one_token(here, serial)
        assert token.status is TokenStatus.AVAILABLE
        assert token.holder is None
        assert await here.directory.token(token.device_id) == token
        assert await here.directory.find_tokens("NO-SUCH-TOKEN") == ()
        assert await here.directory.find_tokens("'") == ()
        with pytest.raises(NotFound):
            await here.directory.token("00000000-0000-4000-8000-000000000000")

    at_desk(SignedIn(tenant), use)


def test_who_holds_a_token_is_told(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        token = await one_token(here, serial_of(tenant, "activated"))
        assert token.status is TokenStatus.ACTIVATED
        assert token.holder is not None
        held = await here.directory.hardware_methods(token.holder.id)
        assert any(method.is_device(token.device_id) for method in held)

    at_desk(SignedIn(tenant), use)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("dana", "Dana Okafor"),
        ("OKAF", "Dana Okafor"),
        ("oka dan", "Dana Okafor"),
        ("dana.oka", "Dana Okafor"),
        (DANA, "Dana Okafor"),
        ("conor o'br", "Conor O'Brien"),
        ("o'br", "Conor O'Brien"),
        ("nguyễn thị", "Nguyễn Thị Minh Khai"),
        ("山田", "山田 太郎"),
        ("太郎 山", "山田 太郎"),
        ("müller-lüd", "Renate Müller-Lüdenscheidt"),
        ("lüdensch", "Renate Müller-Lüdenscheidt"),
        ("004120", "山田 太郎"),
    ],
)
def test_a_person_is_found_in_one_request_by_any_name_or_number(
    tenant: Simulated, text: str, name: str
) -> None:
    async def use(here: Here) -> None:
        found = await here.directory.search_people(text, 25)
        assert name in [person.display_name for person in found]
        assert len(here.exchanges) == 1

    at_desk(SignedIn(tenant), use)


@pytest.mark.parametrize(
    "text",
    ["'", "%", '"', "\\", "&", "R&D", "()", "a AND b", '" OR "', "x" * 300, "שלום", "\u202e"],
)
def test_an_odd_search_is_answered_and_never_refused(tenant: Simulated, text: str) -> None:
    async def use(here: Here) -> None:
        assert isinstance(await here.directory.search_people(text, 25), tuple)

    at_desk(SignedIn(tenant), use)


def test_a_person_is_found_by_badge_and_read_by_id(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        sample = tenant.ready.people[0]
        assert sample.employeeId is not None
        (person,) = await here.directory.people_by_employee_id(sample.employeeId)
        assert person.id == sample.id
        assert person.enabled is True
        assert person.guest is False
        assert await here.directory.person(sample.id) == person
        assert await here.directory.people_by_employee_id("99'9999") == ()

    at_desk(SignedIn(tenant), use)


def test_a_badge_is_looked_up_where_the_site_files_it(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        sample = tenant.ready.people[0]
        chip = f"04{sample.id.replace('-', '')[:12].upper()}"
        filed = GraphDirectory(here.client, "extensionAttribute1")
        (person,) = await filed.people_by_badge(chip.lower())
        assert person == await here.directory.person(sample.id)
        assert await filed.people_by_badge(sample.employeeId or "") == ()
        assert await filed.people_by_badge("99'9999") == ()
        assert await here.directory.people_by_badge(sample.employeeId or "") == (person,)

    at_desk(SignedIn(tenant), use)


def test_a_photo_is_a_jpeg_or_nothing(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        picture = await here.directory.photo(tenant.ready.people[0].id)
        assert picture is not None
        assert picture.startswith(b"\xff\xd8\xff")
        assert await here.directory.photo("nobody") is None

    at_desk(SignedIn(tenant), use)


def test_the_policy_is_read_and_seen_to_change(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        before = await here.directory.policy()
        assert before.state is PolicyState.ENABLED
        tenant.fault("policy_off")
        assert (await here.directory.policy()).state is PolicyState.DISABLED

    at_desk(SignedIn(tenant), use)


def test_a_token_is_assigned_then_activated(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial, person = serial_of(tenant, "available"), tenant.ready.people[0]
        token = await one_token(here, serial)
        made = await here.directory.assign(person.id, token.device_id)
        assert made.evidence.status == 201
        assert tenant.token_state(serial)["status"] == "assigned"
        assert tenant.token_state(serial)["holder_id"] == person.id

        (method,) = await here.directory.hardware_methods(person.id)
        assert made.method is not None
        assert made.method.created is not None
        assert (made.method.id, made.method.created) == (method.id, method.created)
        assert method.is_device(token.device_id)
        assert method.token is not None
        assert method.token.status is TokenStatus.ASSIGNED

        code = VerificationCode(tenant.press(serial))
        assert (await here.directory.activate(person.id, method.id, code)).status == 204
        assert tenant.token_state(serial)["status"] == "activated"

    at_desk(SignedIn(tenant), use)


def test_a_token_is_assigned_and_activated_in_one_request(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial, person = serial_of(tenant, "available"), tenant.ready.people[0]
        token = await one_token(here, serial)
        before = await here.directory.methods(person.id)
        code = VerificationCode(tenant.press(serial))
        evidence = await here.directory.assign_and_activate(person.id, token.device_id, code)
        assert (evidence.status, evidence.method) == (204, "POST")
        assert evidence.request_id
        after = await here.directory.methods(person.id)
        assert set(_hardware(after)) - set(_hardware(before)) == {token.device_id}
        assert len(after) == len(before) + 1
        assert tenant.token_state(serial)["status"] == "activated"

    at_desk(SignedIn(tenant), use)


def test_a_wrong_code_and_a_token_of_another_are_rejected(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial, person = serial_of(tenant, "available"), tenant.ready.people[0]
        token = await one_token(here, serial)
        wrong = VerificationCode(tenant.wrong_code(serial))
        with pytest.raises(Rejected) as caught:
            await here.directory.assign_and_activate(person.id, token.device_id, wrong)
        assert caught.value.evidence.message
        tenant.fault("assign_elsewhere", serial=serial)
        with pytest.raises(Rejected):
            await here.directory.assign(person.id, token.device_id)

    at_desk(SignedIn(tenant), use)


def test_narrow_permissions_are_enough_for_hardware_tokens(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        token = tenant.device(serial_of(tenant, "activated"))
        found = await here.directory.methods(token["assignedTo"]["id"])
        assert {method.kind for method in found} == {MethodKind.HARDWARE_TOKEN}
        with pytest.raises(Forbidden):
            await here.directory.policy()

    at_desk(SignedIn(tenant, scopes=NARROW_SCOPES), use)


def test_without_any_role_a_write_is_forbidden(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        token = tenant.device(serial_of(tenant, "available"))
        with pytest.raises(Forbidden):
            await here.directory.assign(tenant.ready.people[0].id, token["id"])

    at_desk(SignedIn(tenant, username=SAM), use)


def test_wrapped_and_unknown_members_are_understood(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial = serial_of(tenant, "available")
        tenant.fault("wrapped_items", match={"path": "hardwareOathDevices"})
        token = await one_token(here, serial)
        tenant.fault("wrapped_entity", match={"path": "hardwareOathDevices"})
        assert await here.directory.token(token.device_id) == token
        tenant.fault("unknown_member", match={"path": "hardwareOathDevices"})
        assert (await one_token(here, serial)).status is TokenStatus.OTHER
        tenant.fault("missing_field", match={"path": "hardwareOathDevices"}, field="status")
        assert (await one_token(here, serial)).status is TokenStatus.OTHER
        tenant.fault("missing_field", match={"path": "hardwareOathDevices"}, field="id")
        with pytest.raises(NotUnderstood):
            await one_token(here, serial)

    at_desk(SignedIn(tenant), use)


def test_a_captive_portal_is_not_taken_for_the_directory(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial, person = serial_of(tenant, "available"), tenant.ready.people[0]
        token = await one_token(here, serial)
        tenant.fault("html", times=2)
        with pytest.raises(NotUnderstood):
            await here.directory.policy()
        with pytest.raises(NotUnderstood):
            await here.directory.assign(person.id, token.device_id)
        assert tenant.token_state(serial)["status"] == "available"

    at_desk(SignedIn(tenant), use)


def test_a_lost_answer_leaves_open_what_a_read_back_then_tells(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial, person = serial_of(tenant, "available"), tenant.ready.people[0]
        token = await one_token(here, serial)
        tenant.fault("lost_answer", match={"method": "POST"})
        with pytest.raises(AnswerLost):
            await here.directory.assign(person.id, token.device_id)
        (method,) = await here.directory.hardware_methods(person.id)
        assert method.is_device(token.device_id)

    at_desk(SignedIn(tenant), use)


def test_an_accepted_write_with_a_broken_body_is_accepted(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial, person = serial_of(tenant, "available"), tenant.ready.people[0]
        token = await one_token(here, serial)
        tenant.fault("truncated_json", match={"method": "POST"})
        made = await here.directory.assign(person.id, token.device_id)
        assert (made.evidence.status, made.method) == (201, None)

    at_desk(SignedIn(tenant), use)


@pytest.mark.parametrize(
    "kind", ["too_many_requests", "service_unavailable", "bad_gateway", "gateway_timeout", "reset"]
)
def test_a_read_outlasts_a_passing_fault(tenant: Simulated, kind: str) -> None:
    async def use(here: Here) -> None:
        tenant.fault(kind, times=2)
        assert (await here.directory.policy()).state is PolicyState.ENABLED

    at_desk(SignedIn(tenant), use)


def test_a_claims_challenge_is_answered_with_a_fresh_sign_in_token(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        await here.directory.policy()
        tenant.fault("claims_challenge")
        assert (await here.directory.policy()).state is PolicyState.ENABLED
        assert "nbf" in here.tokens.claims[0]

    at_desk(SignedIn(tenant), use)


def test_a_token_that_ran_out_and_has_no_successor_is_told(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        await here.directory.policy()
        tenant.fault("expire_access_tokens")
        with pytest.raises(SignInExpired) as caught:
            await here.directory.policy()
        assert caught.value.claims is None

    at_desk(SignedIn(tenant), use)


def test_a_server_whose_clock_is_wrong_is_noticed(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        await here.directory.policy()
        tenant.fault("clock_skew", seconds=7200)
        await here.directory.policy()
        offsets = [exchange.clock_offset for exchange in here.exchanges]
        before, after = offsets[0], offsets[-1]
        assert before is not None
        assert after is not None
        assert after - before == pytest.approx(7200, abs=30)

    at_desk(SignedIn(tenant), use)


def test_a_paced_desk_wastes_no_request_on_the_throttle(tenant: Simulated) -> None:
    async def session() -> None:
        tenant.control("POST", "/throttle", {"count": 5, "seconds": 1})
        async with connected(SignedIn(tenant), RunningClock(), Pace(5, 1.0)) as here:
            person = tenant.ready.people[0].id
            await asyncio.gather(*(here.directory.hardware_methods(person) for _ in range(11)))
            assert [exchange.status for exchange in here.exchanges] == [200] * 11

    asyncio.run(session())


def test_m8_two_desks_that_share_the_limit_are_never_told_to_wait(tenant: Simulated) -> None:
    async def session() -> None:
        tenant.control("POST", "/throttle", {"count": 5, "seconds": 1})
        share = Pace(5, 1.0).shared_by(2)
        async with (
            connected(SignedIn(tenant), RunningClock(), share) as one,
            connected(SignedIn(tenant), RunningClock(), share) as other,
        ):
            person = tenant.ready.people[0].id
            both = (one.directory, other.directory) * 5
            await asyncio.gather(*(each.hardware_methods(person) for each in both))
            exchanges = [*one.exchanges, *other.exchanges]
            assert [exchange.status for exchange in exchanges] == [200] * 10

    asyncio.run(session())


# What comes after the hand-over ------------------------------------------------------------------


def test_a_token_is_deactivated_and_activated_again(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial = serial_of(tenant, "activated")
        holder = (await one_token(here, serial)).holder
        assert holder is not None
        (method,) = [m for m in await here.directory.hardware_methods(holder.id) if _is(m, serial)]
        evidence = await here.directory.deactivate(holder.id, method.id)
        assert (evidence.method, evidence.status) == ("POST", 204)
        truth = tenant.token_state(serial)
        assert (truth["status"], truth["holder_id"]) == ("assigned", holder.id)
        with pytest.raises(Rejected):
            await here.directory.deactivate(holder.id, method.id)
        code = VerificationCode(tenant.press(serial))
        await here.directory.activate(holder.id, method.id, code)
        assert tenant.token_state(serial)["status"] == "activated"

    at_desk(SignedIn(tenant), use)


def test_m10_the_practice_tenant_shows_the_name_that_an_activation_gave(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial, person = serial_of(tenant, "available"), tenant.ready.people[0].id
        token = await one_token(here, serial)
        name = method_name("{model} ...{last}", token)
        assert name.endswith(serial[-4:])
        code = VerificationCode(tenant.press(serial))
        await here.directory.assign_and_activate(person, token.device_id, code, name=name)
        (own,) = [m for m in await here.directory.methods(person) if _is(m, serial)]
        assert own.label == name
        assert (await one_token(here, serial)).display_name == name

    at_desk(SignedIn(tenant), use)


def test_a_token_is_taken_back_into_stock(tenant: Simulated) -> None:
    async def use(here: Here) -> None:
        serial = serial_of(tenant, "activated")
        token = await one_token(here, serial)
        assert token.holder is not None
        evidence = await here.directory.unassign(token.holder.id, token.device_id)
        assert (evidence.method, evidence.status) == ("DELETE", 204)
        assert tenant.token_state(serial)["status"] == "available"
        stock = await here.directory.token(token.device_id)
        assert (stock.status, stock.holder) == (TokenStatus.AVAILABLE, None)
        with pytest.raises(NotFound):
            await here.directory.unassign(token.holder.id, token.device_id)

    at_desk(SignedIn(tenant), use)


def test_a_token_is_handed_over_by_its_serial_number_without_reading_the_inventory(
    tenant: Simulated,
) -> None:
    async def use(here: Here) -> None:
        serial, person = serial_of(tenant, "available"), tenant.ready.people[0]
        with pytest.raises(Forbidden):
            await here.directory.find_tokens(serial)
        code = VerificationCode(tenant.press(serial))
        evidence = await here.directory.assign_and_activate_by_serial(person.id, serial, code)
        assert (evidence.method, evidence.status) == ("POST", 204)
        (method,) = await here.directory.hardware_methods(person.id)
        assert _is(method, serial)
        assert tenant.token_state(serial)["status"] == "activated"
        with pytest.raises(NotFound):
            await here.directory.assign_and_activate_by_serial(person.id, "NO-SUCH-TOKEN", code)

    at_desk(SignedIn(tenant, scopes=NARROW_SCOPES), use)


@pytest.mark.parametrize("made", ["unassign", "deactivate"])
def test_what_takes_back_is_not_repeated_where_the_answer_was_lost(
    tenant: Simulated, made: str
) -> None:
    async def use(here: Here) -> None:
        token = await one_token(here, serial_of(tenant, "activated"))
        assert token.holder is not None
        method = "DELETE" if made == "unassign" else "POST"
        tenant.fault("lost_answer", match={"method": method})
        with pytest.raises(AnswerLost):
            await getattr(here.directory, made)(token.holder.id, token.device_id)
        asked = [r["method"] for r in tenant.control("GET", "/requests")["requests"]]
        assert asked.count(method) == 1
        assert tenant.token_state(token.serial_number)["status"] != "activated"

    at_desk(SignedIn(tenant), use)


@pytest.mark.parametrize("made", ["unassign", "deactivate"])
def test_without_any_role_nothing_is_taken_back(tenant: Simulated, made: str) -> None:
    async def use(here: Here) -> None:
        token = tenant.device(serial_of(tenant, "activated"))
        with pytest.raises(Forbidden):
            await getattr(here.directory, made)(token["assignedTo"]["id"], token["id"])
        assert tenant.token_state(token["serialNumber"])["status"] == "activated"

    at_desk(SignedIn(tenant, username=SAM), use)


def _is(method: Method, serial: str) -> bool:
    return method.token is not None and method.token.serial_number == serial


def test_m7_a_pass_is_issued_listed_and_replaced(tenant: Simulated) -> None:
    people = tenant.server.practice.tenant.people.all_current()  # type: ignore[union-attr]
    person = next(p.id for p in people if not (p.is_guest or p.roles))

    async def use(here: Here) -> None:
        policy = await here.directory.pass_policy()
        assert (policy.shortest, policy.longest, policy.usual) == (60, 480, 60)
        assert await here.directory.passes(person) == ()
        made = await here.directory.issue_pass(person, PassOrder(60, once=True))
        assert made.value is not None
        assert made.access_pass is not None
        (listed,) = await here.directory.passes(person)
        assert listed == made.access_pass
        again = await here.directory.issue_pass(person, PassOrder())
        assert again.access_pass is not None
        assert [each.id for each in await here.directory.passes(person)] == [again.access_pass.id]

    at_desk(SignedIn(tenant), use)
