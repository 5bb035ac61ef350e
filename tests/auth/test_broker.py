"""The Windows broker: where it is offered, and what MSAL is asked. It itself is Windows' own."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.auth import Means, MsalSignIn
from app.auth.broker import Broker, installed
from app.core.errors import SignInCancelled, SignInEnded, SignInRefused
from app.core.signin import SignInMethod
from tests.auth.desk import tell, unread
from tests.auth.service import SCOPE, Service, refusal, tokens

WINDOW = 0x10ADE
CHALLENGE = '{"access_token": {"nbf": {"essential": true}}}'
BOTH = (SignInMethod.BROKER, SignInMethod.DEVICE)


@dataclass
class FakeWindows:
    """Stands for MSAL's application with a broker: who is signed in, and what it was asked."""

    user: str = "olive@desk.example"
    answer: dict[str, Any] = field(default_factory=lambda: dict(tokens(1).body))
    renewal: dict[str, Any] = field(default_factory=lambda: dict(tokens(2).body))
    options: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, client_id: str, **options: Any) -> FakeWindows:
        """Be made, as MSAL's class would be."""
        self.options = {"client_id": client_id, **options}
        return self

    def acquire_token_interactive(self, scopes: list[str], **options: Any) -> dict[str, Any]:
        if not options.get("parent_window_handle"):
            raise ValueError("parent_window_handle is required")
        self.asked.append({"scopes": scopes, **options})
        if "access_token" in self.answer:
            self.accounts.append({"username": self.user})
        return self.answer

    def get_accounts(self) -> list[dict[str, str]]:
        return list(self.accounts)

    def acquire_token_silent_with_error(
        self, scopes: list[str], account: dict[str, str], **options: Any
    ) -> dict[str, Any]:
        assert account in self.accounts
        return self.renewal

    def remove_account(self, account: dict[str, str]) -> None:
        self.accounts.remove(account)


def means(windows: FakeWindows, *, here: bool = True) -> Means:
    return Means(broker=Broker(lambda: here, windows))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows may have a broker")
def test_elsewhere_than_on_windows_there_is_no_broker() -> None:
    assert not installed()


@pytest.mark.parametrize("here", [True, False])
def test_the_broker_is_offered_only_where_it_is_installed(service: Service, here: bool) -> None:  # noqa: FBT001 - a row of the table
    async def story(sign_in: MsalSignIn) -> None:
        assert (SignInMethod.BROKER in sign_in.methods) is here
        assert SignInMethod.DEVICE in sign_in.methods

    tell(service.settings(methods=BOTH), story, means=means(FakeWindows(), here=here))


def test_it_is_not_offered_where_it_was_not_configured(service: Service) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        assert sign_in.methods == (SignInMethod.BROWSER, SignInMethod.DEVICE)

    tell(service.settings(), story, means=means(FakeWindows()))


def test_windows_is_asked_before_the_stations_own_window_and_lets_choose(service: Service) -> None:
    windows = FakeWindows()

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_broker(WINDOW)
        assert (await sign_in.access_token()).value == "secret-access-2"

    tell(service.settings(methods=BOTH), story, means=means(windows))
    assert windows.asked == [
        {
            "scopes": [SCOPE],
            "parent_window_handle": WINDOW,
            "prompt": "select_account",
            "claims_challenge": None,
        }
    ]
    assert windows.options["client_id"] == "client"
    assert windows.options["client_capabilities"] == ["CP1"]


def test_who_signs_in_again_is_named_and_the_challenge_goes_along(service: Service) -> None:
    windows = FakeWindows()

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_broker(WINDOW)
        windows.renewal = refusal("interaction_required").body
        with pytest.raises(SignInEnded):
            await sign_in.access_token(CHALLENGE)
        await sign_in.by_broker(WINDOW, "olive@desk.example")

    tell(service.settings(methods=BOTH), story, means=means(windows))
    again = windows.asked[-1]
    assert again["login_hint"] == "olive@desk.example"
    assert "prompt" not in again
    assert again["claims_challenge"] == CHALLENGE


def test_who_unlocks_the_desk_chooses_an_account_whoever_was_here(service: Service) -> None:
    """MSAL's broker takes no prompt for credentials, and a hint would let them be skipped."""
    windows = FakeWindows()

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_broker(WINDOW, "olive@desk.example", fresh=True)

    tell(service.settings(methods=BOTH), story, means=means(windows))
    assert windows.asked[-1]["prompt"] == "select_account"
    assert "login_hint" not in windows.asked[-1]


def test_a_dialog_that_is_closed_is_a_cancellation(service: Service) -> None:
    windows = FakeWindows(answer={"error": "access_denied", "error_description": "user cancelled"})

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInCancelled):
            await sign_in.by_broker(WINDOW)
        with pytest.raises(SignInRefused):
            await sign_in.access_token()

    tell(service.settings(methods=BOTH), story, means=means(windows))


def test_signing_out_takes_the_account_from_windows_too(service: Service) -> None:
    windows = FakeWindows()

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_broker(WINDOW)
        await sign_in.sign_out()
        assert windows.accounts == []

    tell(service.settings(methods=BOTH), story, means=means(windows))


def test_the_next_operator_by_code_takes_the_place_of_one_by_windows(service: Service) -> None:
    windows = FakeWindows()
    service.token.append(tokens(7))

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.by_broker(WINDOW)
        await sign_in.by_device_code(unread)
        assert windows.accounts == []
        assert (await sign_in.access_token()).value == "secret-access-7"

    tell(service.settings(methods=BOTH), story, means=means(windows))
