"""MSAL itself: one application object per sign-in, every method blocking.

Each attempt to sign in gets an object of its own. It is kept only when the attempt has succeeded,
so one that was cancelled half-way can never leave anybody signed in, and none meets an error that
MSAL remembers of the one before.

MSAL is imported here, inside the functions, since it costs about 90 ms and nobody waits for it in a
thread.
"""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from app.auth.answers import lacks_consent
from app.auth.broker import Broker
from app.auth.settings import AuthSettings
from app.core.errors import (
    SignInError,
    SignInEvidence,
    SignInRefused,
    SignInUnreachable,
)

CAPABILITIES = ["CP1"]
"""Says that this client answers claims challenges (continuous access evaluation)."""

POLL_BOUNDS = (1, 60)
"""Seconds between two questions for a device code, whatever the service asks for."""

POLL_DEFAULT = 5
"""Seconds, where the service names none (RFC 8628, section 3.2)."""

ANY_ACCOUNT = "select_account"
"""What a desk's browser is asked, which may remember who was here before (OpenID Connect Core)."""

ANEW = "login"
"""Asks for the credentials even of somebody whom the browser remembers (the same)."""

T = TypeVar("T")


def guarded(call: Callable[[], T]) -> T:
    """Make one call of MSAL. Raises SignInError, and nothing that holds what was sent."""
    import requests  # noqa: PLC0415 - see above
    from msal.exceptions import MsalServiceError  # noqa: PLC0415 - see above

    from app.auth.transport import unreachable  # noqa: PLC0415 - imports requests

    try:
        return call()
    except requests.RequestException as error:
        raise unreachable(error) from None
    except MsalServiceError as error:
        raise SignInUnreachable(str(error)) from None
    except RuntimeError:  # MSAL's word for a nonce that is not ours
        raise SignInRefused(SignInEvidence(error="invalid_nonce")) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SignInUnreachable(f"not a sign-in service: {type(error).__name__}") from None


class Client(ABC):
    """One MSAL application and whoever is signed in with it, neither of them printed."""

    def __init__(self, settings: AuthSettings) -> None:
        """Ask the authority for its addresses. Raises SignInError."""
        self._settings = settings
        self._http_cache: dict[str, Any] = {}
        self._application: Any = guarded(self._build)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._settings.authority}>"

    def silent(self, claims: str | None) -> dict[str, Any] | None:
        """Return a token from memory or by renewal; None where nobody is known.

        `claims` None takes what memory holds while it has life left, "" renews in any case, and
        everything else is a claims challenge.
        """
        return guarded(lambda: self._silent(claims))

    def forget(self) -> None:
        """Drop the account, the tokens, the connections, and what MSAL remembers of answers."""
        try:
            guarded(self._forget)
        except SignInError:
            logging.getLogger(__name__).info("forgetting went on without the sign-in service")
        self._http_cache.clear()
        self._application = None

    def close(self) -> None:
        """Close the connections; what memory holds is of no use any more."""
        self._transport.close()

    @property
    @abstractmethod
    def signed_in(self) -> bool:
        """Whether a sign-in has brought somebody."""

    @property
    def asked(self) -> tuple[str, ...]:
        """The scopes that the latest token was asked for with."""
        return self._settings.scopes

    @property
    def refused(self) -> frozenset[str]:
        """The scopes that were asked for and that lack consent."""
        return frozenset()

    @property
    def changed(self) -> str | None:
        """Return the sign-in as text for the system's store, where it is not as last asked."""
        return None

    def _build(self) -> Any:
        from app.auth.transport import Transport  # noqa: PLC0415 - imports requests

        _quieten()
        self._transport = Transport(self._settings)
        return self._make(
            authority=self._settings.authority,
            http_client=self._transport,
            http_cache=self._http_cache,
            client_capabilities=CAPABILITIES,
            instance_discovery=None if self._settings.instance_discovery else False,
            app_name="Oathdesk",
        )

    @abstractmethod
    def _make(self, **options: Any) -> Any:
        """Return MSAL's application with these options."""

    @abstractmethod
    def _silent(self, claims: str | None) -> dict[str, Any] | None:
        """Return MSAL's result without asking anybody."""

    def _forget(self) -> None:
        self._transport.close()


class PersonClient(Client):
    """A person's sign-in. `kept` is what the system's store held of an earlier one.

    Consent is incremental: the sign-in page asks for the essential scopes, and `silent` for all of
    them. Where some lack consent, each is asked for by itself, once, and those that were
    given make up the token: what the others are for is missing, and everything else works.
    """

    def __init__(
        self, settings: AuthSettings, kept: str = "", broker: Broker | None = None
    ) -> None:
        """Ask the authority for its addresses. Raises SignInError."""
        self._kept = kept
        self._broker = broker
        self._given: tuple[str, ...] | None = None
        super().__init__(settings)

    def begin_browser(
        self, redirect_uri: str, claims: str | None, hint: str, *, fresh: bool = False
    ) -> dict[str, Any]:
        """Return MSAL's flow, whose `auth_uri` is for the browser and whose `state` comes back.

        `hint` names the account that is to sign in again; without it the person chooses one. With
        `fresh` they have to prove themselves anew.
        """
        return guarded(
            lambda: dict(
                self._application.initiate_auth_code_flow(
                    self._on_page,
                    redirect_uri=redirect_uri,
                    response_mode="form_post",
                    **_who(hint, fresh=fresh),
                    claims_challenge=claims or None,
                )
            )
        )

    def end_browser(self, flow: dict[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
        """Redeem what the browser brought; return MSAL's result."""
        return guarded(
            lambda: dict(self._application.acquire_token_by_auth_code_flow(flow, dict(form)))
        )

    def by_broker(
        self, window: int, claims: str | None, hint: str, *, fresh: bool = False
    ) -> dict[str, Any]:
        """Let Windows ask, in front of `window`; return MSAL's result. Cannot be cut short.

        MSAL's broker has no prompt that wants credentials, only the choice of an account: what is
        `fresh` asks for that, and whether Windows wants more is its own decision.
        """
        who = _who("" if fresh else hint)
        return guarded(
            lambda: dict(
                self._application.acquire_token_interactive(
                    self._on_page,
                    parent_window_handle=window,
                    **who,
                    claims_challenge=claims or None,
                )
            )
        )

    def begin_device(self, claims: str | None) -> dict[str, Any]:
        """Return MSAL's flow with `user_code` and `verification_uri`, or with `error`."""
        return guarded(lambda: self._begin_device(claims))

    def end_device(
        self, flow: dict[str, Any], claims: str | None, stop: threading.Event
    ) -> dict[str, Any]:
        """Ask until somebody has signed in, the code has expired or `stop` is set."""

        def over(flow: Mapping[str, Any]) -> bool:
            return stop.is_set() or float(flow.get("expires_at", 0)) < time.time()

        return guarded(
            lambda: dict(
                self._application.acquire_token_by_device_flow(
                    flow, claims_challenge=claims or None, exit_condition=over
                )
            )
        )

    @property
    def signed_in(self) -> bool:
        """Whether a sign-in has brought an account."""
        return bool(guarded(self._application.get_accounts))

    @property
    def changed(self) -> str | None:
        """Return MSAL's cache as text where it is not as last asked; the broker keeps its own."""
        if self._broker is not None or not self._cache.has_state_changed:
            return None
        return str(self._cache.serialize())

    @property
    def asked(self) -> tuple[str, ...]:
        """The scopes that the latest token was asked for with."""
        return self._settings.on_page if self._given is None else self._given

    @property
    def refused(self) -> frozenset[str]:
        """The scopes that were asked for and that lack consent."""
        every = frozenset(self._settings.scopes)
        return frozenset() if self._given is None else every - frozenset(self._given)

    @property
    def _on_page(self) -> list[str]:
        return list(self._settings.on_page)

    def _make(self, **options: Any) -> Any:
        import msal  # noqa: PLC0415 - see above

        self._cache = msal.SerializableTokenCache()
        self._cache.deserialize(self._kept)
        self._kept = ""
        make = self._broker.application if self._broker else msal.PublicClientApplication
        return make(self._settings.client_id, **options, token_cache=self._cache)

    def _begin_device(self, claims: str | None) -> dict[str, Any]:
        flow = dict(
            self._application.initiate_device_flow(self._on_page, claims_challenge=claims or None)
        )
        low, high = POLL_BOUNDS
        # MSAL looks at the exit condition only while it waits, so an interval of 0 would never end.
        flow["interval"] = min(high, max(low, int(flow.get("interval", POLL_DEFAULT))))
        return flow

    def _silent(self, claims: str | None) -> dict[str, Any] | None:
        """Return a token with every scope that was consented to.

        A renewal that was asked for looks for new consents too, and does not believe what MSAL
        remembers of earlier refusals, for a minute each.
        """
        if claims == "":
            self._http_cache.clear()
        if self._given is None or claims == "":
            return self._widest(claims)
        result = self._acquire(self._given, claims)
        return self._widest(claims) if lacks_consent(result) else result

    def _widest(self, claims: str | None) -> dict[str, Any] | None:
        """Ask for all scopes at once, and one by one where some lack consent."""
        every, essential = self._settings.scopes, self._settings.on_page
        result = self._acquire(every, claims)
        if not lacks_consent(result):
            self._given = every
            return result
        given = [*essential]
        for scope in (each for each in every if each not in essential):
            one = self._acquire((*essential, scope), claims)
            if not lacks_consent(one):
                if one is None or "error" in one:
                    return one
                given.append(scope)
        self._given = tuple(given)
        return self._acquire(self._given, claims)

    def _acquire(self, scopes: tuple[str, ...], claims: str | None) -> dict[str, Any] | None:
        """Return MSAL's result for the account that is signed in; None if no account is."""
        accounts = self._application.get_accounts()
        if not accounts:
            return None
        result = self._application.acquire_token_silent_with_error(
            list(scopes),
            accounts[0],
            force_refresh=claims == "",
            claims_challenge=claims or None,
        )
        return None if result is None else dict(result)

    def _forget(self) -> None:
        for account in self._application.get_accounts():
            self._application.remove_account(account)
        self._cache.deserialize("")
        super()._forget()


def _who(hint: str, *, fresh: bool = False) -> dict[str, str]:
    """Say who is to sign in: Entra takes either a hint or a choice, never both."""
    if fresh:
        return {"prompt": ANEW} | ({"login_hint": hint} if hint else {})
    return {"login_hint": hint} if hint else {"prompt": ANY_ACCOUNT}


def _quieten() -> None:
    """Keep other libraries' lines, which may quote an ID token or an address, out of the log."""
    logging.getLogger("msal").setLevel(logging.ERROR)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # a retry is no news
