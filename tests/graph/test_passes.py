"""M7: Temporary Access Passes through the client: what is sent, understood and kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
import trustme

from app.core.access_pass import PassOrder, PassPolicy, PassReason
from app.core.errors import AnswerLost, Rejected
from app.core.model import PolicyState
from app.graph import passes
from tests.graph.support import Desk, Reply, answer, desk, refusal, reset

PATH = "/v1.0/users/p1/authentication/temporaryAccessPassMethods"
VALUE = "+drkzqAD"
MADE = {
    "@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethod",
    "id": "6f1967b7",
    "temporaryAccessPass": VALUE,
    "createdDateTime": "2022-06-02T16:21:09.765173Z",
    "startDateTime": "2022-06-05T00:00:00Z",
    "lifetimeInMinutes": 60,
    "isUsableOnce": False,
    "isUsable": False,
    "methodUsabilityReason": "NotYetValid",
}


def at_desk(authority: trustme.CA, use: Callable[[Desk], Awaitable[None]]) -> None:
    async def session() -> None:
        async with desk(authority) as here:
            await use(here)

    asyncio.run(session())


def test_m7_the_value_is_read_and_never_shown(
    authority: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def use(here: Desk) -> None:
        here.server.will(answer(201, MADE))
        made = await passes.issue(here.client, "p1", PassOrder(60, once=False))
        (asked,) = here.server.asked
        assert (asked.method, asked.target) == ("POST", PATH)
        assert asked.json == {"lifetimeInMinutes": 60, "isUsableOnce": False}
        assert made.value is not None
        assert made.value.reveal().decode() == VALUE
        assert made.access_pass is not None
        assert made.access_pass.reason is PassReason.NOT_YET_VALID
        assert made.access_pass.ends == datetime(2022, 6, 5, 1, tzinfo=UTC)
        assert VALUE not in f"{made!r} {made.value} {made.evidence.rows()}"

    at_desk(authority, use)
    assert VALUE not in caplog.text


def test_m7_what_the_order_leaves_open_is_not_sent(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(201, MADE))
        await passes.issue(here.client, "p1", PassOrder())
        assert here.server.asked[0].json == {}

    at_desk(authority, use)


@pytest.mark.parametrize(
    ("said", "has_pass"),
    [
        (answer(201), False),
        (answer(201, {}), False),
        (answer(201, []), False),
        (answer(201, {"id": "", "temporaryAccessPass": VALUE}), False),
        (answer(201, content=b'{"id": "m1", "temporaryAccessPass": "+drk'), False),
        (answer(201, promised=400, content=b'{"id"'), False),
        (answer(201, {"id": "m1"}), True),
        (answer(201, {"id": "m1", "temporaryAccessPass": None}), True),
        (answer(201, {"id": "m1", "temporaryAccessPass": ""}), True),
        (answer(201, {"id": "m1", "temporaryAccessPass": ["x"]}), True),
        (answer(201, {"id": "m1", "temporaryAccessPass": "a\nb"}), True),
        (answer(201, content=b'{"id": "m1", "temporaryAccessPass": "\\ud800"}'), True),
        (answer(201, {"id": "m1", "temporaryAccessPass": "x" * 257}), True),
    ],
)
def test_m7_an_accepted_pass_whose_answer_lacks_its_value_is_accepted(
    authority: trustme.CA, said: Reply, *, has_pass: bool
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(said)
        made = await passes.issue(here.client, "p1", PassOrder())
        assert made.evidence.status == 201
        assert made.value is None
        assert (made.access_pass is not None) is has_pass

    at_desk(authority, use)


def test_m7_a_pass_is_never_asked_for_twice(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(reset(), answer(201, MADE))
        with pytest.raises(AnswerLost):
            await passes.issue(here.client, "p1", PassOrder())
        assert len(here.server.asked) == 1
        here.server.replies.clear()
        here.server.will(refusal(400, "badRequest", "Converged UserCredentialPolicy"))
        with pytest.raises(Rejected):
            await passes.issue(here.client, "p1", PassOrder())

    at_desk(authority, use)


@pytest.mark.parametrize("value", [None, "60", True, -1, 0, 2.5, 10**9])
def test_m7_odd_members_are_not_known(authority: trustme.CA, value: object) -> None:
    async def use(here: Desk) -> None:
        odd = {"id": "m1", "lifetimeInMinutes": value, "isUsableOnce": 1, "isUsable": "yes"}
        here.server.will(answer(200, {"value": [odd]}))
        (found,) = await passes.listed(here.client, "p1")
        assert (found.minutes, found.once, found.usable, found.ends) == (None, None, None, None)
        assert found.reason is PassReason.OTHER
        body = {"id": "TemporaryAccessPass", "maximumLifetimeInMinutes": value}
        here.server.will(answer(200, body))
        assert await passes.policy(here.client) == PassPolicy()

    at_desk(authority, use)


def test_m7_the_policy_is_read(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        body = {
            "id": "TemporaryAccessPass",
            "state": "enabled",
            "defaultLifetimeInMinutes": 60,
            "minimumLifetimeInMinutes": 30,
            "maximumLifetimeInMinutes": 480,
            "isUsableOnce": True,
        }
        here.server.will(answer(200, body))
        found = await passes.policy(here.client)
        assert found == PassPolicy(PolicyState.ENABLED, 30, 480, 60, once=True)

    at_desk(authority, use)
