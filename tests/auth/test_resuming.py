"""A sign-in that the system keeps: taken up by the next start, and truly gone after signing out.

The first half runs on a real Secret Service, the second on a store that can be made to fail.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.auth import AuthSettings, Means, MsalSignIn
from app.auth.vaults import NoVault
from app.core.errors import NotForgotten, SignInRefused, SignInUnreachable
from app.core.signin import StoreState
from tests.auth.desk import tell, unread
from tests.auth.memory import FakeVault
from tests.auth.service import Reply, Service, refusal, tokens
from tests.support import secret_service
from tests.support.secret_service import Service as SecretService
from tests.support.secret_service import a_bus, a_secret_service

LACKING = secret_service.missing()
real = pytest.mark.skipif(bool(LACKING), reason=LACKING)


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    folder = tmp_path / "keyring"
    folder.mkdir()
    with a_secret_service(folder, monkeypatch) as running:
        yield running


def keeping(service: Service) -> AuthSettings:
    return service.settings(keep=True)


def on(vault: FakeVault | NoVault) -> Means:
    return Means(vault=vault)


async def signs_in(sign_in: MsalSignIn) -> None:
    await sign_in.by_device_code(unread)


# -- a real Secret Service ------------------------------------------------------------------------


@real
def test_the_next_start_takes_the_sign_in_up_without_asking_anybody(
    service: Service, keyring: SecretService
) -> None:
    service.token.append(tokens(1))
    tell(keeping(service), signs_in)
    asked = len(service.forms)

    async def starts(sign_in: MsalSignIn) -> None:
        assert await sign_in.resume()
        assert (await sign_in.access_token()).value == "secret-access-1"
        assert (await sign_in.access_token()).scopes == {"User.Read"}
        assert (await sign_in.store()).state is StoreState.KEEPS

    tell(keeping(service), starts)
    assert len(service.forms) == asked


@real
def test_an_old_sign_in_is_renewed_unseen_and_the_new_one_kept(
    service: Service, keyring: SecretService
) -> None:
    service.token.extend([tokens(1, seconds=60), tokens(2)])
    tell(keeping(service), signs_in)

    async def starts(sign_in: MsalSignIn) -> None:
        assert await sign_in.resume()
        assert (await sign_in.access_token()).value == "secret-access-2"

    tell(keeping(service), starts)
    assert service.forms[-1]["grant_type"] == "refresh_token"
    (kept,) = keyring.secrets()
    assert b"secret-refresh-2" in kept
    assert b"secret-access-1" not in kept


@real
def test_signing_out_leaves_nothing_in_the_store(service: Service, keyring: SecretService) -> None:
    service.token.append(tokens(1))

    async def story(sign_in: MsalSignIn) -> None:
        await signs_in(sign_in)
        assert len(keyring.secrets()) == 1
        await sign_in.sign_out()
        assert keyring.secrets() == []
        assert not await sign_in.resume()

    tell(keeping(service), story)


@real
def test_the_next_operator_takes_the_place_of_the_last_in_the_store_too(
    service: Service, keyring: SecretService
) -> None:
    service.token.extend([tokens(1), tokens(2)])

    async def story(sign_in: MsalSignIn) -> None:
        await signs_in(sign_in)
        await signs_in(sign_in)

    tell(keeping(service), story)
    (kept,) = keyring.secrets()
    assert b"secret-refresh-2" in kept
    assert b"secret-refresh-1" not in kept


@real
def test_each_tenant_and_application_has_an_entry_of_its_own(
    service: Service, keyring: SecretService
) -> None:
    service.token.append(tokens(1))
    tell(keeping(service), signs_in)
    other = AuthSettings(
        keeping(service).authority,
        "another client",
        keeping(service).scopes,
        ssl_context=keeping(service).ssl_context,
        instance_discovery=False,
        keep=True,
    )

    async def starts(sign_in: MsalSignIn) -> None:
        assert not await sign_in.resume()

    tell(other, starts)


@real
def test_a_keyring_locked_meanwhile_says_that_it_still_holds_the_sign_in(
    service: Service, keyring: SecretService
) -> None:
    service.token.append(tokens(1))

    async def story(sign_in: MsalSignIn) -> None:
        await signs_in(sign_in)
        keyring.lock()
        with pytest.raises(NotForgotten, match="locked"):
            await sign_in.sign_out()
        with pytest.raises(SignInRefused, match="login_required"):
            await sign_in.access_token()

    tell(keeping(service), story)


@real
def test_without_a_store_memory_alone_keeps_it_and_the_station_is_told_why(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.token.append(tokens(1))

    async def story(sign_in: MsalSignIn) -> None:
        await signs_in(sign_in)
        assert (await sign_in.access_token()).value == "secret-access-1"
        store = await sign_in.store()
        assert store.state is StoreState.ABSENT
        assert store.reason
        await sign_in.sign_out()

    with a_bus(tmp_path, monkeypatch):
        tell(keeping(service), story)


@real
def test_memory_is_all_there_is_unless_keeping_was_configured(
    service: Service, keyring: SecretService
) -> None:
    service.token.append(tokens(1))

    async def story(sign_in: MsalSignIn) -> None:
        await signs_in(sign_in)
        assert keyring.secrets() == []
        assert (await sign_in.store()).state is StoreState.NOT_WANTED
        assert not await sign_in.resume()

    tell(service.settings(), story)


# -- a store that fails ---------------------------------------------------------------------------


def kept_by(service: Service) -> FakeVault:
    """A store that an earlier run has left a sign-in in, old enough to need renewal."""
    vault = FakeVault()
    service.token.append(tokens(1, seconds=60))
    tell(keeping(service), signs_in, means=on(vault))
    assert vault.text
    return vault


def test_a_sign_in_that_was_revoked_meanwhile_is_forgotten_and_nobody_is_signed_in(
    service: Service,
) -> None:
    vault = kept_by(service)
    service.token.append(refusal("invalid_grant", "AADSTS50173: revoked."))

    async def starts(sign_in: MsalSignIn) -> None:
        assert not await sign_in.resume()
        assert vault.text is None
        with pytest.raises(SignInRefused):
            await sign_in.access_token()

    tell(keeping(service), starts, means=on(vault))


def test_without_a_network_it_stays_for_the_next_start(service: Service) -> None:
    vault = kept_by(service)
    service.token.append(Reply("", 503))

    async def starts(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable):
            await sign_in.resume()

    tell(keeping(service), starts, means=on(vault))
    assert vault.text


@pytest.mark.parametrize("text", ["not json", "[]", "{}", '{"Account": 7}', '{"Account": {}}'])
def test_what_is_no_sign_in_signs_nobody_in(service: Service, text: str) -> None:
    vault = FakeVault(text)

    async def starts(sign_in: MsalSignIn) -> None:
        assert not await sign_in.resume()

    tell(keeping(service), starts, means=on(vault))


def test_a_store_that_does_not_let_go_is_told_though_memory_has_forgotten(
    service: Service,
) -> None:
    vault = FakeVault(stubborn=True)
    service.token.append(tokens(1))

    async def story(sign_in: MsalSignIn) -> None:
        await signs_in(sign_in)
        with pytest.raises(NotForgotten):
            await sign_in.sign_out()
        assert "signed out" in repr(sign_in)

    tell(keeping(service), story, means=on(vault))


def test_memory_forgets_the_answers_too(service: Service) -> None:
    """MSAL replays a refusal for a minute; after signing out nothing of it may be left."""
    service.token.append(tokens(1))

    async def story(sign_in: MsalSignIn) -> None:
        await signs_in(sign_in)
        client = sign_in._client
        assert client is not None
        remembered = vars(client)["_http_cache"]
        assert remembered
        await sign_in.sign_out()
        assert not remembered
        assert vars(client)["_application"] is None
        assert not list(vars(client)["_cache"].search("RefreshToken"))

    tell(service.settings(), story)


def test_what_is_kept_is_never_logged(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    vault = FakeVault()
    service.token.append(tokens(1))

    async def story(sign_in: MsalSignIn) -> None:
        await signs_in(sign_in)
        vault.lock()
        with pytest.raises(NotForgotten):
            await sign_in.sign_out()

    caplog.set_level(logging.DEBUG)
    tell(keeping(service), story, means=on(vault))
    assert "secret" not in caplog.text


@pytest.mark.parametrize("number", [53003, 530036, 65001, 99999])
def test_m1_a_kept_sign_in_that_the_tenant_refuses_is_forgotten_and_the_reason_is_told(
    service: Service, number: int
) -> None:
    vault = kept_by(service)
    service.token.append(refusal("invalid_grant", f"AADSTS{number}: no."))

    async def starts(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInRefused) as refused:
            await sign_in.resume()
        assert refused.value.evidence.number == number
        assert vault.text is None

    tell(keeping(service), starts, means=on(vault))
