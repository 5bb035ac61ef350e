"""What is learned of a sign-in: its rights and what the tenant allows; nothing is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.checkup import Check, Finding, Told, Verdict
from app.core.errors import Evidence, Forbidden, NotOffered, SignInEvidence, SignInRefused
from app.core.model import Migration, Operator, Policy, PolicyState, Role, SignInRules
from app.core.rights import scopes_for
from app.core.signin import SecretStore, SignInMethod, StoreState
from app.station.account import ROLES, Account, read_operator
from app.station.examining import examine
from tests.fakes.directory import WRITES
from tests.fakes.sign_in import CLIENT_ID, FakeSignIn
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.anyio

ALL_ROLES = frozenset(ROLES)
SOMEBODY = Operator("operator-1", "Olu", "olu@example.com", ALL_ROLES, frozenset(scopes_for()))
POLICY_ROLE = "Authentication Policy Administrator"


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


async def learned(
    world: FakeWorld, who: Operator | None, *, documented: bool = True
) -> dict[str, Finding]:
    async def asked() -> Operator | None:
        return who

    account = Account(
        world.directory, world.sign_in, asked, world.sign_in.methods, documented=documented
    )
    findings = await examine(account.examinations(), lambda _finding: None)
    assert [call for call in world.directory.calls if call.name in WRITES] == []
    return {each.key: each for each in findings}


def not_well(found: dict[str, Finding]) -> dict[str, Told]:
    bad = {Verdict.WARNING, Verdict.FAILURE}
    return {key: each.told for key, each in found.items() if each.verdict in bad}


async def test_somebody_with_every_right_finds_everything_well(world: FakeWorld) -> None:
    found = await learned(world, SOMEBODY)
    assert not_well(found) == {}
    assert found["policy"].told is Told.POLICY_FOR_ALL
    assert found["inventory"].facts == {"count": 2, "more": False}


async def test_no_line_holds_the_name_of_who_is_signed_in(world: FakeWorld) -> None:
    text = repr(await learned(world, SOMEBODY))
    assert [name for name in ("Olu", "olu@example.com", "operator-1") if name in text] == []


async def test_with_nobody_signed_in_only_what_needs_nobody_is_looked_at(world: FakeWorld) -> None:
    found = await learned(world, None)
    nobody = {key for key, each in found.items() if each.told is Told.NOBODY}
    assert nobody == set(found) - {"secret_store", "methods", "cloud"}
    assert found["cloud"].told is Told.CLOUD_DOCUMENTED
    assert world.directory.calls == []


async def test_a_cloud_without_documentation_is_a_doubt_until_it_has_answered(
    world: FakeWorld,
) -> None:
    assert (await learned(world, None, documented=False))["cloud"].told is Told.CLOUD_DOUBTFUL
    assert (await learned(world, SOMEBODY, documented=False))["cloud"].told is Told.CLOUD_OFFERS


async def test_each_missing_scope_fails_in_its_own_line(world: FakeWorld) -> None:
    for scope in scopes_for():
        less = replace(SOMEBODY, scopes=SOMEBODY.scopes - {scope})
        assert not_well(await learned(world, less)) == {f"scope/{scope}": Told.SCOPE_MISSING}


async def test_each_missing_role_fails_in_its_own_line(world: FakeWorld) -> None:
    for role, name in zip(ROLES, (found for found in await named(world)), strict=True):
        less = replace(SOMEBODY, roles=ALL_ROLES - {role})
        assert not_well(await learned(world, less)) == {name: Told.ROLE_MISSING}


async def named(world: FakeWorld) -> list[str]:
    return [key for key in await learned(world, SOMEBODY) if key.startswith("role/")]


async def test_a_wider_role_serves_as_well(world: FakeWorld) -> None:
    wider = replace(SOMEBODY, roles=frozenset({Role.GLOBAL_ADMINISTRATOR}))
    assert not_well(await learned(world, wider)) == {}


async def test_a_role_that_only_reads_is_not_enough_to_hand_over(world: FakeWorld) -> None:
    reader = replace(SOMEBODY, roles=frozenset({Role.GLOBAL_READER}))
    found = not_well(await learned(world, reader))
    assert found == {"role/Authentication Administrator": Told.ROLE_MISSING}


async def test_roles_that_cannot_be_read_are_no_fault_and_the_tenant_is_asked(
    world: FakeWorld,
) -> None:
    found = await learned(world, replace(SOMEBODY, roles=None))
    assert not_well(found) == {}
    assert found[f"role/{POLICY_ROLE}"].told is Told.ROLES_UNREADABLE
    assert found["inventory"].verdict is Verdict.OK


async def test_scopes_that_are_not_told_are_a_doubt(world: FakeWorld) -> None:
    found = await learned(world, replace(SOMEBODY, scopes=frozenset()))
    assert set(not_well(found).values()) == {Told.SCOPES_UNKNOWN}


async def test_a_station_of_its_own_needs_no_role_and_no_scope_of_a_person(
    world: FakeWorld,
) -> None:
    station = Operator.of_application(CLIENT_ID, SOMEBODY.scopes - {"User.Read"})
    found = await learned(world, station)
    assert not_well(found) == {}
    assert found["scope/User.Read"].told is Told.FOR_PEOPLE
    assert found[f"role/{POLICY_ROLE}"].told is Told.FOR_PEOPLE
    assert found["policy"].verdict is Verdict.OK


async def test_a_sign_in_that_is_refused_is_the_one_failure(world: FakeWorld) -> None:
    async def refused() -> Operator | None:
        raise SignInRefused(SignInEvidence("access_denied", "AADSTS50105: not assigned"))

    account = Account(world.directory, world.sign_in, refused)
    findings = await examine(account.examinations(), lambda _finding: None)
    found = {each.key: each for each in findings}
    assert not_well(found) == {"signed_in": Told.FAULT}
    assert found["policy"].facts["check"] is Check.SIGNED_IN


# The tenant -------------------------------------------------------------------------------------


async def test_a_cloud_that_has_no_tokens_fails_once(world: FakeWorld) -> None:
    world.directory.fail("inventory", NotOffered(Evidence("GET", "/devices", 400)))
    found = await learned(world, SOMEBODY)
    assert not_well(found) == {"cloud": Told.FAULT}
    assert found["inventory"].facts["check"] is Check.CLOUD


async def test_an_inventory_that_is_forbidden_is_no_fault_of_the_cloud(world: FakeWorld) -> None:
    world.directory.fail("inventory", Forbidden(Evidence("GET", "/devices", 403)))
    found = await learned(world, SOMEBODY)
    assert not_well(found) == {"inventory": Told.FAULT}
    assert found["cloud"].told is Told.CLOUD_DOCUMENTED


async def test_an_empty_inventory_deserves_a_look(world: FakeWorld) -> None:
    world.tenant._versions.clear()
    assert not_well(await learned(world, SOMEBODY)) == {"inventory": Told.INVENTORY_EMPTY}


@pytest.mark.parametrize(
    ("policy", "verdict", "told"),
    [
        (Policy(PolicyState.DISABLED, everyone=True), Verdict.FAILURE, Told.POLICY_OFF),
        (
            Policy(PolicyState.DISABLED, migration=Migration.PRE),
            Verdict.WARNING,
            Told.POLICY_OFF_LEGACY,
        ),
        (Policy(PolicyState.ENABLED), Verdict.FAILURE, Told.POLICY_FOR_NONE),
        (Policy(PolicyState.OTHER, everyone=True), Verdict.WARNING, Told.POLICY_UNKNOWN),
        (
            Policy(
                PolicyState.ENABLED,
                included_groups=frozenset({"g1", "g2"}),
                excluded_users=frozenset({"u1"}),
            ),
            Verdict.OK,
            Told.POLICY_FOR_SOME,
        ),
    ],
)
async def test_the_policy_says_whom_it_covers(
    policy: Policy, verdict: Verdict, told: Told, world: FakeWorld
) -> None:
    world.tenant.policy = policy
    found = (await learned(world, SOMEBODY))["policy"]
    assert (found.verdict, found.told) == (verdict, told)
    assert found.facts == {
        "users": len(policy.included_users),
        "groups": len(policy.included_groups),
        "excluded": len(policy.excluded_users | policy.excluded_groups),
    }


async def test_a_policy_that_cannot_be_read_is_told_with_its_error(world: FakeWorld) -> None:
    world.directory.fail("policy", Forbidden(Evidence("GET", "/policy", 403)))
    assert not_well(await learned(world, SOMEBODY)) == {"policy": Told.FAULT}


# How to sign in ---------------------------------------------------------------------------------


class Keeping(FakeSignIn):
    """A sign-in whose store is as a test wants it."""

    state = SecretStore()

    async def store(self) -> SecretStore:
        return self.state


@pytest.mark.parametrize(
    ("state", "verdict", "told"),
    [
        (StoreState.NOT_WANTED, Verdict.NOT_CHECKED, Told.NOT_WANTED),
        (StoreState.KEEPS, Verdict.OK, Told.STORE_KEEPS),
        (StoreState.ABSENT, Verdict.WARNING, Told.STORE_ABSENT),
        (StoreState.LOCKED, Verdict.WARNING, Told.STORE_LOCKED),
        (StoreState.FAILED, Verdict.WARNING, Told.STORE_FAILED),
    ],
)
async def test_the_key_store_is_told_as_it_is_found(
    state: StoreState, verdict: Verdict, told: Told, world: FakeWorld
) -> None:
    world.sign_in = sign_in = Keeping(world.clock)
    sign_in.state = SecretStore(state, "Secret Service", "its own words")
    found = (await learned(world, None))["secret_store"]
    assert (found.verdict, found.told) == (verdict, told)


async def test_a_method_that_this_machine_does_not_have_is_named(world: FakeWorld) -> None:
    async def nobody() -> Operator | None:
        return None

    wanted = (SignInMethod.BROWSER, SignInMethod.BROKER)
    account = Account(world.directory, world.sign_in, nobody, wanted)
    findings = await examine(account.examinations(), lambda _finding: None)
    found = {each.key: each for each in findings}["methods"]
    assert (found.told, found.facts["methods"]) == (Told.METHODS_FEWER, "broker")


async def test_no_way_to_sign_in_at_all_is_a_failure(world: FakeWorld) -> None:
    world.sign_in.methods = ()
    found = (await learned(world, None))["methods"]
    assert (found.verdict, found.told) == (Verdict.FAILURE, Told.METHODS_NONE)


async def test_who_is_signed_in_is_read_and_an_application_is_what_its_certificate_says(
    world: FakeWorld,
) -> None:
    assert await read_operator(world.directory, world.sign_in) == world.directory.who
    await world.sign_in.unattended()
    operator = await read_operator(world.directory, world.sign_in)
    assert (operator.id, operator.application) == (CLIENT_ID, True)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (SignInRules(security_defaults=False, blocking=()), Told.DEVICE_CODE_OPEN),
        (SignInRules(security_defaults=True, blocking=()), Told.DEVICE_CODE_DEFAULTS),
        (SignInRules(security_defaults=True), Told.DEVICE_CODE_DEFAULTS),
        (SignInRules(blocking=("Block it",)), Told.DEVICE_CODE_BLOCKED),
        (SignInRules(), Told.DEVICE_CODE_UNKNOWN),
        (SignInRules(security_defaults=False), Told.DEVICE_CODE_UNKNOWN),
    ],
)
async def test_m1_whether_device_codes_are_blocked_is_told(
    world: FakeWorld, rules: SignInRules, told: Told
) -> None:
    world.directory.tenant.sign_in_rules = rules
    found = (await learned(world, SOMEBODY))["device_code"]
    assert found.told is told
    assert found.verdict is (Verdict.OK if told is Told.DEVICE_CODE_OPEN else Verdict.WARNING)
    assert found.rows == tuple(("Policy", name) for name in rules.blocking or ())


async def test_m1_a_station_with_device_codes_alone_fails_where_they_are_blocked(
    world: FakeWorld,
) -> None:
    world.sign_in.methods = (SignInMethod.DEVICE,)
    world.directory.tenant.sign_in_rules = SignInRules(security_defaults=True)
    found = await learned(world, SOMEBODY)
    assert not_well(found) == {"device_code": Told.DEVICE_CODE_DEFAULTS}
    assert found["device_code"].verdict is Verdict.FAILURE


async def test_m1_a_sign_in_that_came_by_device_code_shows_that_it_works(world: FakeWorld) -> None:
    world.sign_in.signed_in_by = SignInMethod.DEVICE
    world.directory.tenant.sign_in_rules = SignInRules()
    assert (await learned(world, SOMEBODY))["device_code"].told is Told.DEVICE_CODE_WORKS
