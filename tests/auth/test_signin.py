"""Signing in to the practice tenant over real HTTPS, as an operator does."""

import asyncio
import contextlib
import json
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from app.auth import AuthSettings, Means, MsalSignIn
from app.core.errors import (
    ConsentDeclined,
    ConsentMissing,
    DeviceCodeBlocked,
    PublicClientOff,
    SignInCancelled,
    SignInRefused,
    SignInTimedOut,
    SignInUnreachable,
)
from app.core.ports import DevicePrompt, SignIn
from app.core.signin import Account
from app.network.tls import make_ssl_context
from tests.auth.desk import Story, no_browser, tell, unheard
from tests.fakes.clock import START
from tests.support.access import WINE_TRUSTS, under_wine
from tests.support.patience import HANG_SECONDS
from tests.support.simulated import (
    DANA,
    Simulated,
    browser,
    browser_login,
    device_login,
    fill_in,
    form_in,
    sign_in_page,
    trust,
)

T = TypeVar("T")

WANTED = ("User.Read", "User.Read.All", "Policy.ReadWrite.AuthenticationMethod")


class Person:
    """Dana at her browser. `pages` holds what came back to it."""

    def __init__(self, tenant: Simulated) -> None:
        self.ca_file = tenant.ready.ca_file
        self.password = tenant.operator(DANA).password
        self.pages: queue.Queue[httpx.Response] = queue.Queue()

    def page(self) -> httpx.Response:
        return self.pages.get(timeout=HANG_SECONDS)

    def signs_in(self, address: str) -> bool:
        self.pages.put(browser_login(address, DANA, self.password, ca_file=self.ca_file))
        return True

    def mistypes_first(self, address: str) -> bool:
        with browser(self.ca_file) as client:
            again = sign_in_page(client, address, DANA, "not it")
            page = fill_in(client, again, username=DANA, password=self.password)
            form = form_in(page.text)
            self.pages.put(client.post(form.action, data=form.fields))
        return True

    def cancels(self, address: str) -> bool:
        with browser(self.ca_file) as client:
            page = fill_in(client, client.get(address), decision="cancel")
            form = form_in(page.text)
            self.pages.put(client.post(form.action, data=form.fields))
        return True

    def is_troubled_first(self, address: str) -> bool:
        """A port scanner and another page reach the listener before Dana does."""
        target = dict(parse_qsl(urlsplit(address).query))["redirect_uri"]
        with browser(self.ca_file) as client:
            self.pages.put(client.get(target + "/favicon.ico"))
            self.pages.put(client.post(target, data={"state": "guess", "code": "stolen"}))
            self.pages.put(client.get(target, params={"state": "guess", "code": "stolen"}))
            self.pages.put(client.post(target, data={"state": "x", "code": "c" * 70_000}))
        return self.signs_in(address)


def settings_for(tenant: Simulated, scopes: tuple[str, ...] = WANTED) -> AuthSettings:
    ready = tenant.ready
    return AuthSettings(
        ready.authority,
        ready.client_id,
        tuple(f"{ready.graph_url}/{scope}" for scope in scopes),
        ssl_context=trust(ready.ca_file),
        instance_discovery=False,
    )


def at_desk(tenant: Simulated, story: Story, person: Person | None = None) -> Person:
    dana = person or Person(tenant)
    tell(settings_for(tenant), story, dana.signs_in)
    return dana


def meanwhile(act: Callable[[T], object], what: T) -> None:
    """Let a person act while the station waits."""
    threading.Thread(target=act, args=(what,), daemon=True).start()


def who_am_i(tenant: Simulated, value: str) -> httpx.Response:
    url = tenant.ready.graph_url + "/v1.0/me"
    return tenant.raw.get(url, headers={"Authorization": f"Bearer {value}"})


def test_signing_in_through_the_browser_brings_a_token_the_directory_takes(
    fresh: Simulated,
) -> None:
    addresses: list[str] = []

    async def story(sign_in: MsalSignIn) -> None:
        port: SignIn = sign_in
        await port.in_browser(addresses.append)
        token = await port.access_token()
        assert token.scopes == set(WANTED)
        assert who_am_i(fresh, token.value).json()["userPrincipalName"] == DANA

    dana = at_desk(fresh, story)

    assert "You are signed in" in dana.page().text
    assert addresses[0].startswith(fresh.ready.authority)


def test_who_unlocks_the_desk_is_named_and_has_to_prove_themselves(fresh: Simulated) -> None:
    addresses: list[str] = []

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(addresses.append, DANA, fresh=True)
        await sign_in.in_browser(addresses.append, DANA)

    at_desk(fresh, story)
    asked = [parse_qs(urlsplit(address).query) for address in addresses]
    assert [one["login_hint"] for one in asked] == [[DANA], [DANA]]
    assert [one.get("prompt") for one in asked] == [["login"], None]


def test_a_sign_in_token_tells_how_long_it_is_good_for(fresh: Simulated) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)
        expires = (await sign_in.access_token()).expires_at
        assert expires is not None
        assert timedelta() < expires - START <= timedelta(days=1)

    at_desk(fresh, story)


def test_a_browser_that_does_not_open_leaves_the_address_to_type(fresh: Simulated) -> None:
    dana = Person(fresh)

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(lambda address: meanwhile(dana.signs_in, address))
        assert (await sign_in.access_token()).value

    tell(settings_for(fresh), story, no_browser)


def test_a_wrong_password_is_between_the_person_and_the_service(fresh: Simulated) -> None:
    dana = Person(fresh)

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)
        assert (await sign_in.access_token()).value

    tell(settings_for(fresh), story, dana.mistypes_first)
    assert "You are signed in" in dana.page().text


def test_m3_a_person_who_declines_on_the_page_is_told_so(fresh: Simulated) -> None:
    dana = Person(fresh)

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(ConsentDeclined):
            await sign_in.in_browser(unheard)
        with pytest.raises(SignInRefused, match="login_required"):
            await sign_in.access_token()

    tell(settings_for(fresh), story, dana.cancels)
    assert "cancelled" in dana.page().text


def test_a_policy_that_refuses_is_told_in_its_own_words(fresh: Simulated) -> None:
    fresh.fault(
        "refuse_sign_in", error="access_denied", number=53003, text="Blocked by Conditional Access."
    )

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInRefused) as refused:
            await sign_in.in_browser(unheard)
        assert "AADSTS53003" in refused.value.evidence.description
        assert refused.value.evidence.at is not None

    dana = at_desk(fresh, story)
    assert "did not succeed" in dana.page().text


def test_a_scope_without_consent_is_a_refusal(fresh: Simulated) -> None:
    dana = Person(fresh)

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInRefused, match="invalid_grant") as refused:
            await sign_in.in_browser(unheard)
        assert "AADSTS65001" in refused.value.evidence.description

    def hands_over(address: str) -> bool:
        with browser(dana.ca_file) as client:
            form = form_in(client.get(address).text)
            dana.pages.put(client.post(form.action, data=form.fields))
        return True

    tell(settings_for(fresh, ("Mail.Read",)), story, hands_over)


def test_strangers_at_the_listener_do_not_disturb_the_sign_in(fresh: Simulated) -> None:
    dana = Person(fresh)

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)
        assert (await sign_in.access_token()).value

    tell(settings_for(fresh), story, dana.is_troubled_first)
    assert [dana.page().status_code for _ in range(5)] == [404, 400, 405, 413, 200]


def test_cancelling_the_task_closes_the_listener_at_once(fresh: Simulated) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        attempt = asyncio.create_task(sign_in.in_browser(address.set_result))
        target = dict(parse_qsl(urlsplit(await address).query))["redirect_uri"]
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        with pytest.raises(OSError, match="onnect"):
            await asyncio.open_connection("127.0.0.1", urlsplit(target).port)

    tell(settings_for(fresh), story)


def test_m1_a_browser_that_does_not_come_back_in_time_is_told(fresh: Simulated) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInTimedOut, match="browser"):
            await sign_in.in_browser(unheard)

    tell(settings_for(fresh), story, means=Means(browser_seconds=0.05))


def test_a_device_code_signs_in_from_another_screen(fresh: Simulated) -> None:
    password = fresh.operator(DANA).password
    prompts: list[DevicePrompt] = []

    async def story(sign_in: MsalSignIn) -> None:
        def prompt(shown: DevicePrompt) -> None:
            prompts.append(shown)
            meanwhile(types_the_code, shown)

        await sign_in.by_device_code(prompt)
        token = await sign_in.access_token()
        assert who_am_i(fresh, token.value).status_code == 200

    def types_the_code(shown: DevicePrompt) -> None:
        device_login(shown.url, shown.user_code, DANA, password, ca_file=fresh.ready.ca_file)

    tell(settings_for(fresh), story)
    assert prompts[0].url.startswith("https://")


def test_declining_on_the_other_screen_cancels_the_sign_in(fresh: Simulated) -> None:
    def declines(shown: DevicePrompt) -> None:
        with browser(fresh.ready.ca_file) as client:
            page = fill_in(client, client.get(shown.url), user_code=shown.user_code)
            fill_in(client, page, decision="cancel", username=DANA)

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInCancelled):
            await sign_in.by_device_code(declines)

    tell(settings_for(fresh), story)


def test_a_revoked_sign_in_asks_for_a_person_again(fresh: Simulated) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)
        fresh.fault("revoke_refresh_tokens")
        assert (await sign_in.access_token()).value  # the one in memory has life left
        with pytest.raises(SignInRefused, match="invalid_grant") as refused:
            await sign_in.access_token("")
        assert "AADSTS50173" in refused.value.evidence.description
        assert refused.value.evidence.correlation_id

    at_desk(fresh, story)


def test_a_token_the_directory_has_expired_is_renewed_on_demand(fresh: Simulated) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)
        old = await sign_in.access_token()
        fresh.fault("expire_access_tokens")
        assert who_am_i(fresh, old.value).status_code == 401
        new = await sign_in.access_token("")
        assert who_am_i(fresh, new.value).status_code == 200
        assert (await sign_in.access_token()).value == new.value

    at_desk(fresh, story)


def test_a_claims_challenge_is_answered_with_a_new_token(fresh: Simulated) -> None:
    claims = json.dumps({"access_token": {"nbf": {"essential": True, "value": "1"}}})

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)
        old = await sign_in.access_token()
        new = await sign_in.access_token(claims)
        assert new.value != old.value
        assert who_am_i(fresh, new.value).status_code == 200

    at_desk(fresh, story)


def test_signing_out_forgets_everything(fresh: Simulated) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)
        assert "signed in" in repr(sign_in)
        await sign_in.sign_out()
        assert "signed out" in repr(sign_in)
        with pytest.raises(SignInRefused, match="login_required"):
            await sign_in.access_token()
        await sign_in.sign_out()

    at_desk(fresh, story)


@pytest.mark.skipif(under_wine(), reason=WINE_TRUSTS)
def test_a_certificate_nobody_trusts_is_named_as_the_reason(fresh: Simulated) -> None:
    ready = fresh.ready
    distrustful = AuthSettings(
        ready.authority,
        ready.client_id,
        (f"{ready.graph_url}/User.Read",),
        ssl_context=make_ssl_context(),
        instance_discovery=False,
    )

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
            await sign_in.in_browser(unheard)

    tell(distrustful, story)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_cannot_replace_the_certificates(
    fresh: Simulated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate")
    monkeypatch.setenv(name, str(garbage))

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)

    at_desk(fresh, story)


def test_a_proxy_of_the_environment_is_not_asked_for_this_very_machine(
    fresh: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)

    at_desk(fresh, story)


def test_no_secret_is_printed_or_logged(
    fresh: Simulated, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets: list[str] = []
    shown: list[str] = []

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(unheard)
        token = await sign_in.access_token("")
        practice = fresh.server.practice
        assert practice is not None
        secrets.extend([token.value, *practice.desk.refresh_tokens])
        shown.extend([repr(sign_in), repr(token), repr(vars(sign_in))])
        fresh.fault("revoke_refresh_tokens")
        with contextlib.suppress(SignInRefused):
            await sign_in.access_token("")

    caplog.set_level("DEBUG")
    at_desk(fresh, story)

    printed = capsys.readouterr()
    everything = "\n".join([*shown, caplog.text, printed.out, printed.err])
    assert len(secrets) >= 2
    assert not [secret for secret in secrets if secret in everything]


def test_whoever_serves_themselves_proves_it_each_time_and_is_named(fresh: Simulated) -> None:
    addresses: list[str] = []
    accounts: list[Account | None] = []

    async def story(sign_in: MsalSignIn) -> None:
        accounts.append(sign_in.account)
        await sign_in.in_browser(addresses.append, fresh=True)
        accounts.append(sign_in.account)
        await sign_in.sign_out()
        accounts.append(sign_in.account)

    at_desk(fresh, story)
    (asked,) = (parse_qs(urlsplit(address).query) for address in addresses)
    assert asked["prompt"] == ["login"]
    assert "login_hint" not in asked
    assert [account.upn if account else "" for account in accounts] == ["", DANA, ""]


@pytest.mark.parametrize(
    ("state", "number"),
    [("security-defaults", 530035), ("device-policy", 530033), ("conditional-access", 53003)],
)
def test_m1_a_device_code_that_the_tenant_blocks_is_told_with_its_number(
    fresh: Simulated, state: str, number: int
) -> None:
    fresh.control("POST", "/tenant", {"device_code": state})
    password, pages = fresh.operator(DANA).password, queue.Queue[str]()

    def types_the_code(shown: DevicePrompt) -> None:
        about = (shown.url, shown.user_code, DANA, password)
        pages.put(device_login(*about, ca_file=fresh.ready.ca_file).text)

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(DeviceCodeBlocked) as blocked:
            await sign_in.by_device_code(lambda shown: meanwhile(types_the_code, shown))
        assert blocked.value.evidence.number == number

    tell(settings_for(fresh), story)
    assert f"AADSTS{number}" in pages.get(timeout=HANG_SECONDS)


def test_m1_a_device_session_is_ended_where_the_tenant_blocks_device_codes_later(
    fresh: Simulated,
) -> None:
    password = fresh.operator(DANA).password

    def types_the_code(shown: DevicePrompt) -> None:
        about = (shown.url, shown.user_code, DANA, password)
        device_login(*about, ca_file=fresh.ready.ca_file)

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(lambda shown: meanwhile(types_the_code, shown))
        fresh.control("POST", "/tenant", {"device_code": "conditional-access"})
        with pytest.raises(DeviceCodeBlocked) as blocked:
            await sign_in.access_token("")
        assert blocked.value.evidence.number == 530036

    tell(settings_for(fresh), story)


def test_m1_an_application_without_public_client_flows_is_told(fresh: Simulated) -> None:
    fresh.control("POST", "/tenant", {"public_client_flows": False})
    password = fresh.operator(DANA).password

    def types_the_code(shown: DevicePrompt) -> None:
        about = (shown.url, shown.user_code, DANA, password)
        device_login(*about, ca_file=fresh.ready.ca_file)

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(PublicClientOff):
            await sign_in.by_device_code(lambda shown: meanwhile(types_the_code, shown))

    tell(settings_for(fresh), story)


def incremental(tenant: Simulated) -> AuthSettings:
    settings = settings_for(tenant)
    return replace(settings, essential=settings.scopes[:1])


@pytest.mark.parametrize("without", [(), WANTED[1:2], WANTED[2:], WANTED[1:]], ids=len)
def test_m3_the_page_asks_for_what_is_essential_and_the_rest_is_asked_for_afterwards(
    fresh: Simulated, without: tuple[str, ...]
) -> None:
    fresh.control("POST", "/tenant", {"without_consent": list(without)})
    addresses: list[str] = []

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_browser(addresses.append)
        assert (await sign_in.access_token()).scopes == set(WANTED) - set(without)
        fresh.control("POST", "/tenant", {"without_consent": []})
        assert (await sign_in.access_token("")).scopes == set(WANTED)
        fresh.control("POST", "/tenant", {"without_consent": [WANTED[1]]})
        assert (await sign_in.access_token("")).scopes == set(WANTED) - {WANTED[1]}
        token = await sign_in.access_token()
        assert token.scopes == set(WANTED) - {WANTED[1]}
        assert who_am_i(fresh, token.value).status_code == 200

    tell(incremental(fresh), story, Person(fresh).signs_in)
    (asked,) = [parse_qs(urlsplit(address).query)["scope"][0] for address in addresses]
    assert "/User.Read " in f"{asked} "
    assert not [scope for scope in WANTED[1:] if f"/{scope} " in f"{asked} "]
    assert ".default" not in asked


def test_m3_a_device_code_asks_for_the_rest_afterwards_too(fresh: Simulated) -> None:
    fresh.control("POST", "/tenant", {"without_consent": [WANTED[2]]})
    password = fresh.operator(DANA).password

    def types_the_code(shown: DevicePrompt) -> None:
        about = (shown.url, shown.user_code, DANA, password)
        device_login(*about, ca_file=fresh.ready.ca_file)

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_device_code(lambda shown: meanwhile(types_the_code, shown))
        assert (await sign_in.access_token()).scopes == set(WANTED) - {WANTED[2]}

    tell(incremental(fresh), story)


def test_m3_without_consent_to_what_is_essential_nobody_signs_in(fresh: Simulated) -> None:
    fresh.control("POST", "/tenant", {"without_consent": [WANTED[0]]})
    dana = Person(fresh)

    def hands_over(address: str) -> bool:
        with browser(dana.ca_file) as client:
            form = form_in(client.get(address).text)
            client.post(form.action, data=form.fields)
        return True

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(ConsentMissing):
            await sign_in.in_browser(unheard)

    tell(incremental(fresh), story, hands_over)
