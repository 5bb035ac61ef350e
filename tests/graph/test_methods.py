from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
import trustme

from app.core.code import VerificationCode
from app.core.errors import DirectoryError, Rejected, Throttled
from app.core.model import MethodKind, TokenStatus
from app.graph import methods
from tests.graph.support import Desk, Reply, answer, desk, recorded, refusal

CODE = VerificationCode("048213")
HARDWARE = "/beta/users/p1/authentication/hardwareOathMethods"


def at_desk(authority: trustme.CA, use: Callable[[Desk], Awaitable[None]]) -> None:
    async def session() -> None:
        async with desk(authority) as here:
            await use(here)

    asyncio.run(session())


def test_an_assignment_sends_the_nested_device_and_nothing_else(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("user-hardwareoath-create"))
        evidence = (await methods.assign(here.client, "p1", "d1")).evidence
        (asked,) = here.server.asked
        assert (asked.method, asked.target) == ("POST", HARDWARE)
        assert asked.json == {"device": {"id": "d1"}}
        assert evidence.status == 201

    at_desk(authority, use)


def test_m10_a_name_goes_with_each_activation_and_is_left_out_without_one(
    authority: trustme.CA,
) -> None:
    async def use(here: Desk) -> None:
        for name in ("", "T1 ...0001"):
            for _ in range(3):
                here.server.will(answer(204))
            await methods.assign_and_activate(here.client, "p1", "d1", CODE, name)
            await methods.assign_and_activate_by_serial(here.client, "p1", "s1", CODE, name)
            await methods.activate(here.client, "p1", "m1", CODE, name)
        sent = [asked.json for asked in here.server.asked]
        assert all("displayName" not in each for each in sent[:3])
        assert [each["displayName"] for each in sent[3:]] == ["T1 ...0001"] * 3
        assert all(each["verificationCode"] == "048213" for each in sent)

    at_desk(authority, use)


MADE = {"id": "m1", "createdDateTime": "2026-11-30T08:15:30Z"}


@pytest.mark.parametrize(
    "body",
    [
        MADE,
        {"value": MADE},
        {"value": [MADE]},
        {**MADE, "device": {"id": "d1", "serialNumber": 7}, "isNew": True, "@odata.x": [1]},
    ],
)
def test_m11_the_answer_to_an_assignment_names_the_method(
    authority: trustme.CA, body: dict[str, object]
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(201, body))
        made = await methods.assign(here.client, "p1", "d1")
        assert made.evidence.status == 201
        assert made.method is not None
        assert made.method.id == "m1"
        assert made.method.created == datetime(2026, 11, 30, 8, 15, 30, tzinfo=UTC)
        assert made.method.kind is MethodKind.HARDWARE_TOKEN

    at_desk(authority, use)


@pytest.mark.parametrize(
    "said",
    [
        answer(204),
        answer(201),
        answer(201, {}),
        answer(201, []),
        answer(201, {"value": None}),
        answer(201, {"value": []}),
        answer(201, {"value": [MADE, MADE]}),
        answer(201, {"id": "", "createdDateTime": 3}),
        answer(201, {"id": "x" * 300}),
        answer(200, "accepted"),
        answer(201, content=b"<html>"),
    ],
)
def test_m11_an_answer_that_names_no_method_is_an_accepted_assignment(
    authority: trustme.CA, said: Reply
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(said)
        made = await methods.assign(here.client, "p1", "d1")
        assert made.evidence.status in {200, 201, 204}
        assert made.method is None

    at_desk(authority, use)


def test_m11_a_created_time_that_cannot_be_read_is_left_out(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(201, {"id": "m1", "createdDateTime": "soon"}))
        made = await methods.assign(here.client, "p1", "d1")
        assert made.method is not None
        assert (made.method.id, made.method.created) == ("m1", None)

    at_desk(authority, use)


def test_a_code_is_sent_as_text_with_its_leading_zero(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(204), answer(204))
        await methods.assign_and_activate(here.client, "p1", "d1", CODE)
        await methods.activate(here.client, "p1", "m1", CODE)
        both, alone = here.server.asked
        assert both.target == f"{HARDWARE}/assignAndActivate"
        assert both.json == {"device": {"id": "d1"}, "verificationCode": "048213"}
        assert alone.target == f"{HARDWARE}/m1/activate"
        assert alone.json == {"verificationCode": "048213"}

    at_desk(authority, use)


def test_a_wrong_code_is_rejected_with_the_servers_words(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("error-400-bad-code"))
        with pytest.raises(Rejected) as caught:
            await methods.activate(here.client, "p1", "m1", CODE)
        assert caught.value.evidence.message == "The verification code could not be accepted."
        assert "048213" not in repr(caught.value.evidence)

    at_desk(authority, use)


@pytest.mark.parametrize("status", [400, 409, 500])
def test_a_code_that_the_server_repeats_is_blotted_out(
    authority: trustme.CA, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    words = "The code 048213 (048213) is not valid for token 86590001."

    async def use(here: Desk) -> None:
        said = {"error": {"code": "badRequest", "message": words}}
        here.server.will(answer(status, said), answer(status, said))
        for send in (methods.assign_and_activate, methods.activate):
            with pytest.raises(DirectoryError) as caught:
                await send(here.client, "p1", "d1", CODE)
            assert caught.value.evidence.message == words.replace("048213", "******")
            assert "048213" not in f"{caught.value!r} {caught.value.evidence!r}"

    at_desk(authority, use)
    assert "048213" not in caplog.text


def test_a_code_is_not_sent_again_after_its_time(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(refusal(429, Retry_After="8"))
        with pytest.raises(Throttled) as caught:
            await methods.activate(here.client, "p1", "m1", CODE)
        assert caught.value.retry_after == 8
        assert here.clock.slept == []

    at_desk(authority, use)


def test_an_assignment_without_a_code_waits_out_the_same_throttle(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(refusal(429, Retry_After="8"), answer(201, {}))
        await methods.assign(here.client, "p1", "d1")
        assert here.clock.slept == [8]

    at_desk(authority, use)


def test_hardware_tokens_are_read_with_their_devices(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("user-hardwareoath-list"))
        found = await methods.hardware(here.client, "p1")
        states = [method.token.status for method in found if method.token]
        assert states == [TokenStatus.ACTIVATED, TokenStatus.ASSIGNED]
        assert here.server.asked[0].target == HARDWARE

    at_desk(authority, use)


def test_a_device_that_is_left_out_is_left_open(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(200, {"value": [{"id": "d1"}]}))
        (method,) = await methods.hardware(here.client, "p1")
        assert method.kind is MethodKind.HARDWARE_TOKEN
        assert method.token is None
        assert method.is_device("d1")

    at_desk(authority, use)
