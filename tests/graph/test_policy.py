from __future__ import annotations

import asyncio

import pytest
import trustme

from app.core.errors import Forbidden
from app.core.model import PolicyState
from app.graph import policy, wire
from tests.graph.support import desk, recorded


def test_the_policy_is_one_request(authority: trustme.CA) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            here.server.will(recorded("policy-hardwareoath-get"))
            assert (await policy.read(here.client)).state is PolicyState.ENABLED
            (asked,) = here.server.asked
            assert asked.target == (
                "/beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
                "/hardwareOath"
            )

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
