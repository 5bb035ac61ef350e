from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import trustme

from app.core.code import VerificationCode
from app.core.errors import Forbidden, SignInEnded, SignInRefused, Unavailable
from app.core.model import Method, MethodKind, Role
from app.core.ports import AccessToken, Directory
from app.graph.directory import GraphDirectory, merged
from tests.graph.support import (
    Desk,
    Reply,
    Request,
    Tokens,
    answer,
    body_of,
    desk,
    recorded,
    refusal,
)

MARA = "5b0f1c2a-7d34-4e0b-9a61-3c8f2d915a01"
BADGE_TOKEN = "0f6a2f5e-93b1-4d57-a7c2-51e08d7b6a11"
SPARE_TOKEN = "a4d3b8c7-6e25-48f0-9b1d-7cc02e5f4d12"
METHODS = f"/beta/users/{MARA}/authentication/methods"
HARDWARE = f"/beta/users/{MARA}/authentication/hardwareOathMethods"
ME = "/v1.0/me"
ROLES = "/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole"


def at_desk(
    authority: trustme.CA,
    answers: dict[str, Reply],
    use: Callable[[GraphDirectory, Desk], Awaitable[None]],
    tokens: Tokens | None = None,
) -> None:
    """Serve `answers` by path, since concurrent requests come in any order."""

    async def session() -> None:
        async with desk(authority, tokens=tokens) as here:
            here.server.will_by_path(answers)
            await use(GraphDirectory(here.client), here)

    asyncio.run(session())


def paths(asked: list[Request]) -> list[str]:
    return sorted(request.target.partition("?")[0] for request in asked)


def test_it_is_a_directory(authority: trustme.CA) -> None:
    async def use(graph: GraphDirectory, here: Desk) -> None:
        directory: Directory = graph  # the type checker holds the port against the class
        here.server.will(recorded("device-get"))
        assert (await directory.token("d1")).device_id == BADGE_TOKEN

    at_desk(authority, {}, use)


def test_the_operator_is_who_me_says_with_roles_and_scopes(authority: trustme.CA) -> None:
    async def use(graph: GraphDirectory, here: Desk) -> None:
        operator = await graph.operator()
        assert operator.user_principal_name == "desk4@fabrikam.example"
        assert operator.roles is not None
        assert Role.AUTHENTICATION_ADMINISTRATOR in operator.roles
        assert operator.scopes == {"User.Read", "Policy.Read.All"}

    answers = {ME: recorded("me"), ROLES: recorded("me-directoryroles")}
    scopes = frozenset({"https://graph.microsoft.com/User.Read", "Policy.Read.All"})
    at_desk(authority, answers, use, Tokens(scopes=scopes))


def test_an_operator_whose_roles_are_hidden_is_still_known(authority: trustme.CA) -> None:
    async def use(graph: GraphDirectory, here: Desk) -> None:
        operator = await graph.operator()
        assert operator.display_name == "Desk Operator 4"
        assert operator.roles is None

    at_desk(authority, {ME: recorded("me"), ROLES: recorded("error-403-directory")}, use)


def test_methods_come_from_both_lists_each_once(authority: trustme.CA) -> None:
    async def use(graph: GraphDirectory, here: Desk) -> None:
        found = await graph.methods(MARA)
        assert len(found) == len({method.id for method in found}) == 6
        tokens = {method.id: method.token for method in found if method.token}
        assert set(tokens) == {BADGE_TOKEN, SPARE_TOKEN}
        assert MethodKind.AUTHENTICATOR in {method.kind for method in found}
        assert paths(here.server.asked) == [HARDWARE, METHODS]

    answers = {METHODS: recorded("user-methods-list"), HARDWARE: recorded("user-hardwareoath-list")}
    at_desk(authority, answers, use)


def test_with_narrow_permissions_the_hardware_tokens_are_all_there_is(
    authority: trustme.CA,
) -> None:
    async def use(graph: GraphDirectory, here: Desk) -> None:
        found = await graph.methods(MARA)
        assert [method.id for method in found] == [BADGE_TOKEN, SPARE_TOKEN]

    answers = {
        METHODS: recorded("error-403-authmethods"),
        HARDWARE: recorded("user-hardwareoath-list"),
    }
    at_desk(authority, answers, use)


@pytest.mark.parametrize(
    ("general", "hardware", "kind"),
    [
        (answer(200, body_of("user-methods-list")), refusal(403), Forbidden),
        (refusal(500), answer(200, {"value": []}), Unavailable),
        (refusal(500), refusal(403), Unavailable),
    ],
)
def test_methods_that_cannot_be_read_are_an_error_and_not_an_empty_list(
    authority: trustme.CA, general: Reply, hardware: Reply, kind: type[Exception]
) -> None:
    async def use(graph: GraphDirectory, here: Desk) -> None:
        with pytest.raises(kind):
            await graph.methods(MARA)

    at_desk(authority, {METHODS: general, HARDWARE: hardware}, use)


def test_a_read_back_is_one_request(authority: trustme.CA) -> None:
    async def use(graph: GraphDirectory, here: Desk) -> None:
        (first, _) = await graph.hardware_methods(MARA)
        assert first.is_device(BADGE_TOKEN)
        assert paths(here.server.asked) == [HARDWARE]

    at_desk(authority, {HARDWARE: recorded("user-hardwareoath-list")}, use)


def test_the_calls_of_one_enrollment_never_wait_for_the_pace(authority: trustme.CA) -> None:
    async def use(graph: GraphDirectory, here: Desk) -> None:
        await graph.methods(MARA)
        await graph.assign_and_activate(MARA, BADGE_TOKEN, VerificationCode("012345"))
        await graph.hardware_methods(MARA)
        assert here.clock.slept == []

    answers = {
        METHODS: recorded("user-methods-list"),
        HARDWARE: recorded("user-hardwareoath-list"),
        f"{HARDWARE}/assignAndActivate": answer(204),
    }
    at_desk(authority, answers, use)


def test_who_must_sign_in_again_is_told_so(authority: trustme.CA) -> None:
    async def use(graph: GraphDirectory, here: Desk) -> None:
        for ask in (graph.operator, graph.policy, lambda: graph.find_tokens("EX-1")):
            with pytest.raises(SignInRefused):
                await ask()

    at_desk(authority, {}, use, Tokens(refuses_after=0))


def test_of_two_methods_with_one_id_the_one_with_its_device_stands() -> None:
    listed = (Method("1", MethodKind.PHONE), Method("2", MethodKind.HARDWARE_TOKEN))
    hardware = (Method("2", MethodKind.HARDWARE_TOKEN, "with device"),)
    assert merged(listed, hardware) == (listed[0], hardware[0])


OWN = "/beta/me/authentication/hardwareOathMethods"


def test_m11_what_is_meant_for_one_sign_in_is_not_sent_with_anothers(
    authority: trustme.CA,
) -> None:
    """/me is decided by the sign-in token: a request that waited must not reach somebody else."""

    async def session() -> None:
        signed_in = [MARA]

        class Changing(Tokens):
            async def access_token(self, claims: str | None = None) -> AccessToken:
                token = await super().access_token(claims)
                signed_in[0] = "somebody-else"
                return token

        async with desk(authority, tokens=Changing()) as here:
            directory = GraphDirectory(here.client, own=lambda: signed_in[0])
            with pytest.raises(SignInEnded):
                await directory.assign(MARA, "d1")
            assert here.server.asked == []

    asyncio.run(session())


def test_who_serves_themselves_is_asked_about_at_me_and_nobody_else_is(
    authority: trustme.CA,
) -> None:
    async def session() -> None:
        async with desk(authority) as here:
            directory = GraphDirectory(here.client, own=lambda: MARA)
            here.server.will_by_path(
                {
                    OWN: answer(200, {"value": []}),
                    f"{OWN}/assignAndActivateBySerialNumber": answer(204),
                    "/beta/me/authentication/methods": answer(200, {"value": []}),
                    "/beta/users/somebody/authentication/hardwareOathMethods": refusal(403),
                }
            )
            await directory.methods(MARA)
            code = VerificationCode("041238")
            await directory.assign_and_activate_by_serial(MARA, "0012", code)
            with pytest.raises(Forbidden):
                await directory.hardware_methods("somebody")
            asked = {one.target.partition("?")[0] for one in here.server.asked}
            assert not any(MARA in path for path in asked)

    asyncio.run(session())
