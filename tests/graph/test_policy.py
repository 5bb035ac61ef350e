from __future__ import annotations

import asyncio

import pytest
import trustme

from app.core.errors import Forbidden
from app.core.model import PolicyState
from app.graph import policy
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
