"""What a sign-in service, or whatever stands in its way, can do to the station."""

import asyncio
import json
from dataclasses import replace

import pytest

from app.auth import MsalSignIn
from app.core.errors import SignInRefused, SignInTimedOut, SignInUnreachable
from app.network.exchange import Limits
from app.network.proxies import Proxies
from tests.auth.desk import tell, unheard, unread
from tests.auth.service import Reply, Service, refusal, tokens

PORTAL = "<html><body>Welcome to the guest network</body></html>"
CHALLENGE = json.dumps({"access_token": {"nbf": {"essential": True, "value": "1700000000"}}})


def grants(service: Service) -> list[str]:
    return [form.get("grant_type", "").rsplit(":", 1)[-1] for form in service.forms]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(PORTAL), "without a JSON object"),
        (Reply([1]), "without a JSON object"),
        (Reply({"token_endpoint": "nowhere"}), "not a sign-in service"),
        (Reply({}), "not a sign-in service"),
        (Reply("", 302, {"Location": "https://portal.example/"}), "HTTP 302"),
        (Reply(PORTAL, 503), "503"),
        (Reply("x" * (Limits().largest + 1)), "more than"),
    ],
)
def test_something_else_in_its_place_is_unreachable(
    service: Service, reply: Reply, words: str
) -> None:
    service.discovery = reply

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable, match=words):
            await sign_in.in_browser(unheard)

    tell(service.settings(), story)


def test_a_tenant_that_does_not_exist_is_a_refusal_with_its_words(service: Service) -> None:
    service.discovery = refusal("invalid_tenant", "AADSTS90002: Tenant 'practice' not found.")

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInRefused) as refused:
            await sign_in.in_browser(unheard)
        assert refused.value.evidence.error == "invalid_tenant"
        assert "AADSTS90002" in refused.value.evidence.description
        assert refused.value.evidence.at is not None

    tell(service.settings(), story)


def test_a_service_that_is_away_is_unreachable(service: Service) -> None:
    gone = replace(service.settings(), authority="https://localhost:9/practice")

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable, match="refused"):
            await sign_in.by_device_code(unread)

    tell(gone, story)


def test_a_proxy_that_is_away_is_named_but_not_its_password(service: Service) -> None:
    settings = service.settings(proxies=Proxies("http://me:hunter2@127.0.0.1:9"))
    away = replace(settings, authority="https://login.desk.invalid/practice")

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable, match="proxy") as error:
            await sign_in.by_device_code(unread)
        assert "hunter2" not in str(error.value)

    tell(away, story)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(json.dumps(tokens(7).body)[:-40]),
        Reply(PORTAL),
        Reply({"oops": True}, 500),
    ],
)
def test_half_an_answer_to_a_code_is_unreachable_and_not_logged(
    service: Service, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    service.token.append(reply)

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable) as error:
            await sign_in.by_device_code(unread)
        assert "secret" not in str(error.value)
        assert error.value.__cause__ is None

    caplog.set_level("DEBUG")
    tell(service.settings(), story)
    assert "secret" not in caplog.text


def test_an_answer_without_an_account_signs_nobody_in(service: Service) -> None:
    service.token.append(Reply({"access_token": "secret-access", "expires_in": 3600}))

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable, match="account"):
            await sign_in.by_device_code(unread)
        with pytest.raises(SignInRefused):
            await sign_in.access_token()

    tell(service.settings(), story)


def test_m1_a_device_code_nobody_types_expires_and_is_told(service: Service) -> None:
    service.device = Reply(service.device.body | {"expires_in": 1})

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInTimedOut):
            await sign_in.by_device_code(unread)

    tell(service.settings(), story)


def test_a_service_that_asks_for_no_pause_still_gets_one(service: Service) -> None:
    service.device = Reply(service.device.body | {"expires_in": 1, "interval": 0})

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInTimedOut):
            await sign_in.by_device_code(unread)
        assert grants(service).count("device_code") <= 3

    tell(service.settings(), story)


def test_a_refused_device_code_is_never_shown(service: Service) -> None:
    service.device = refusal("unauthorized_client", "AADSTS7000218")

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInRefused, match="unauthorized_client"):
            await sign_in.by_device_code(lambda _: pytest.fail("shown"))

    tell(service.settings(), story)


def test_a_cancelled_device_sign_in_signs_nobody_in_later(service: Service) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        attempt = asyncio.create_task(sign_in.by_device_code(unread))
        await asyncio.to_thread(service.asked.acquire)
        service.otherwise = tokens(1)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        with pytest.raises(SignInRefused, match="login_required"):
            await sign_in.access_token()

    tell(service.settings(), story)


def test_a_token_with_under_five_minutes_left_is_renewed_silently(service: Service) -> None:
    service.token.extend([tokens(1, seconds=200), tokens(2)])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(unread)
        assert (await sign_in.access_token()).value == "secret-access-2"
        assert (await sign_in.access_token()).scopes == {"User.Read"}
        assert grants(service)[1:] == ["device_code", "refresh_token"]

    tell(service.settings(), story)


def test_many_requests_at_once_renew_once(service: Service) -> None:
    service.token.extend([tokens(1, seconds=200), tokens(2)])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(unread)
        found = await asyncio.gather(*(sign_in.access_token() for _ in range(10)))
        assert {token.value for token in found} == {"secret-access-2"}
        assert grants(service).count("refresh_token") == 1

    tell(service.settings(), story)


def test_a_challenge_goes_through_together_with_the_capability(service: Service) -> None:
    service.token.extend([tokens(1), tokens(2)])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(unread)
        assert (await sign_in.access_token(CHALLENGE)).value == "secret-access-2"

    tell(service.settings(), story)
    wanted = json.loads(service.forms[-1]["claims"])["access_token"]
    assert wanted["nbf"]["value"] == "1700000000"
    assert wanted["xms_cc"] == {"values": ["CP1"]}


def test_a_challenge_only_a_person_can_meet_goes_along_with_the_next_sign_in(
    service: Service,
) -> None:
    service.token.extend([tokens(1), refusal("interaction_required"), tokens(3)])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(unread)
        with pytest.raises(SignInRefused, match="interaction_required"):
            await sign_in.access_token(CHALLENGE)
        await sign_in.by_device_code(unread)
        assert "nbf" in service.forms[-1]["claims"]
        assert (await sign_in.access_token()).value == "secret-access-3"

    tell(service.settings(), story)


def test_a_challenge_that_is_no_json_is_an_error_of_the_sign_in(service: Service) -> None:
    service.token.append(tokens(1))

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(unread)
        with pytest.raises(SignInUnreachable):
            await sign_in.access_token("not json")
        assert (await sign_in.access_token()).value == "secret-access-1"

    tell(service.settings(), story)


def test_a_renewal_that_finds_the_service_down_is_unreachable(service: Service) -> None:
    service.token.extend([tokens(1), Reply("", 503)])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(unread)
        with pytest.raises(SignInUnreachable):
            await sign_in.access_token("")
        assert (await sign_in.access_token()).value == "secret-access-1"

    tell(service.settings(), story)


def test_a_failed_sign_in_leaves_the_operator_signed_in(service: Service) -> None:
    service.token.extend([tokens(1), refusal("invalid_grant")])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(unread)
        with pytest.raises(SignInRefused):
            await sign_in.by_device_code(unread)
        assert (await sign_in.access_token()).value == "secret-access-1"

    tell(service.settings(), story)


def test_the_next_operator_takes_the_place_of_the_last(service: Service) -> None:
    service.token.extend([tokens(1), tokens(2)])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(unread)
        await sign_in.by_device_code(unread)
        assert (await sign_in.access_token()).value == "secret-access-2"

    tell(service.settings(), story)
