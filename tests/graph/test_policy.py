from __future__ import annotations

import asyncio

import pytest
import trustme

from app.core.errors import Forbidden
from app.core.model import Migration, PolicyState
from app.graph import policy, wire
from tests.graph.support import answer, desk, recorded

ROOT = "/v1.0/policies/authenticationMethodsPolicy"


@pytest.mark.parametrize(
    ("root", "migration"),
    [
        ({"policyMigrationState": "preMigration"}, Migration.PRE),
        ({"policyMigrationState": "migrationInProgress"}, Migration.IN_PROGRESS),
        ({"policyMigrationState": "migrationComplete"}, Migration.COMPLETE),
        ({"policyMigrationState": "unknownFutureValue", "news": [{}]}, Migration.OTHER),
        ({"policyMigrationState": None}, Migration.OTHER),
        ({"policyMigrationState": 7}, Migration.OTHER),
        ({}, Migration.OTHER),
    ],
)
def test_m2_the_policy_and_whether_it_alone_decides_are_two_requests(
    authority: trustme.CA, root: dict[str, object], migration: Migration
) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            here.server.will(recorded("policy-hardwareoath-get"), answer(200, root))
            read = await policy.read(here.client)
            assert (read.state, read.migration) == (PolicyState.ENABLED, migration)
            asked, after = here.server.asked
            assert after.target == ROOT
            assert asked.target == (
                "/beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
                "/hardwareOath"
            )

    asyncio.run(use())


def test_m2_without_the_policy_it_belongs_to_nothing_is_claimed(authority: trustme.CA) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            here.server.will(recorded("policy-hardwareoath-get"), recorded("error-403-authmethods"))
            assert (await policy.read(here.client)).migration is Migration.OTHER

    asyncio.run(use())


def test_a_policy_that_may_not_be_read_is_forbidden(authority: trustme.CA) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            here.server.will(recorded("error-403-authmethods"))
            with pytest.raises(Forbidden):
                await policy.read(here.client)

    asyncio.run(use())


def rule(state: str, transfer: str, *controls: str, operator: str = "OR") -> dict[str, object]:
    return {
        "id": "p-1",
        "displayName": "Block it",
        "state": state,
        "conditions": {
            "applications": {"includeApplications": ["All"]},
            "authenticationFlows": {"transferMethods": transfer} if transfer else None,
        },
        "grantControls": {"operator": operator, "builtInControls": list(controls)},
    }


@pytest.mark.parametrize(
    ("item", "blocks"),
    [
        (rule("enabled", "deviceCodeFlow", "block"), True),
        (rule("enabled", "authenticationTransfer, deviceCodeFlow", "block"), True),
        (rule("enabled", "authenticationTransfer", "block"), False),
        (rule("enabled", "", "block"), False),
        (rule("disabled", "deviceCodeFlow", "block"), False),
        (rule("enabledForReportingButNotEnforced", "deviceCodeFlow", "block"), False),
        (rule("enabled", "deviceCodeFlow", "mfa"), False),
        (rule("enabled", "", "compliantDevice"), True),
        (rule("enabled", "", "compliantDevice", "mfa"), False),
        (rule("enabled", "", "compliantDevice", "mfa", operator="AND"), True),
        ({"state": "enabled", "conditions": None, "grantControls": None}, False),
        ({"state": "enabled", "conditions": [], "grantControls": {"builtInControls": [7]}}, False),
    ],
)
def test_m1_which_conditional_access_policy_keeps_device_codes_out(
    item: dict[str, object], *, blocks: bool
) -> None:
    assert wire.blocks_device_code(item) is blocks
