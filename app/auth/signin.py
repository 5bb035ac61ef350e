"""core.ports.SignIn over MSAL: the station's side of it, on the event loop.

MSAL blocks, so each of its calls runs in a worker thread of this package. Cancelling the awaiting
task cancels the sign-in at once: what its thread still brings belongs to an attempt that nobody
will keep.

A sign-in lives in memory, and in the system's encrypted store where that was configured and there
is one (keeping.py). Signing out removes it from both.
"""

import asyncio
import threading
import webbrowser
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.auth import answers
from app.auth.addresses import is_of_authority
from app.auth.application import AppClient, roles_in
from app.auth.broker import Broker
from app.auth.client import Client, PersonClient
from app.auth.keeping import Keeping
from app.auth.listener import Listener
from app.auth.page import Outcome, Words
from app.auth.settings import AuthSettings
from app.auth.vaults import Vault, system_vault
from app.core.errors import (
    BrowserNotConfined,
    ConsentDeclined,
    KeyUnusable,
    SignInCancelled,
    SignInEnded,
    SignInError,
    SignInRefused,
    SignInTimedOut,
    SignInUnreachable,
)
from app.core.ports import AccessToken, BrowserWindow, Clock, ConfinedBrowser, DevicePrompt
from app.core.signin import Account, ScreenArea, SecretStore, SignInMethod, Unconfined

BROWSER_SECONDS = 300.0
"""How long a person has to come back from the browser."""

CONFINED_SECONDS = 180.0
"""How long a confined browser stays open, as long as a kiosk waits for a sign-in elsewhere
(station.lock): whoever has left a kiosk leaves no page of theirs on it."""

WORKERS = 4
"""Threads: a renewal, an attempt, one just cancelled that waits for the network, one spare."""

LONGEST_TOKEN_SECONDS = 7 * 86_400
"""A sign-in token lives for an hour or so, for a day where it can be revoked; more is a mistake."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Means:
    """What a sign-in works with on this machine; tests put others in their place.

    `vault` is the system's store, looked for where None. `words` are those of the page that a
    browser ends on, `browser_seconds` how long a person has to come back from it. `confined` is
    the browser that leads nowhere else, None on a machine that can have none.
    """

    words: Words = field(default_factory=Words)
    browser_seconds: float = BROWSER_SECONDS
    confined: ConfinedBrowser | None = None
    confined_seconds: float = CONFINED_SECONDS
    broker: Broker = field(default_factory=Broker)
    vault: Vault | None = None


class MsalSignIn:
    """One operator's sign-in, or the station's own. Its methods belong to one event loop."""

    def __init__(
        self,
        settings: AuthSettings,
        clock: Clock,
        open_browser: Callable[[str], bool] = webbrowser.open,
        means: Means | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._open_browser = open_browser
        self._means = means or Means()
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="sign-in")
        self._keeping = Keeping(self._vault() if settings.keep else None)
        self._renewing = asyncio.Lock()
        self._client: Client | None = None
        self._granted: frozenset[str] = frozenset()
        self._challenge: str | None = None
        self._account: Account | None = None
        self._signed_in_by: SignInMethod | None = None

    def __repr__(self) -> str:
        state = "signed out" if self._client is None else "signed in"
        return f"<{type(self).__name__} at {self._settings.authority}, {state}>"

    @property
    def methods(self) -> tuple[SignInMethod, ...]:
        """The configured methods that this machine has, in their configured order."""
        absent = set()
        if not self._means.broker.installed():
            absent.add(SignInMethod.BROKER)
        if self._means.confined is None:
            absent.add(SignInMethod.CONFINED)
        return tuple(each for each in self._settings.methods if each not in absent)

    @property
    def application(self) -> str:
        """The client id of the application where it is the station itself that is signed in."""
        return self._app_id if isinstance(self._client, AppClient) else ""

    @property
    def signed_in_by(self) -> SignInMethod | None:
        """The way of the present sign-in; None without one, and for one kept from before."""
        return self._signed_in_by

    @property
    def account(self) -> Account | None:
        """Who signed in, by what came with the sign-in token."""
        return self._account

    async def store(self) -> SecretStore:
        """Return how the system's store is found now."""
        return await self._keeping.look()

    async def in_browser(
        self, opened: Callable[[str], None], hint: str = "", *, fresh: bool = False
    ) -> None:
        """Sign in through the system browser; `opened` is told the address in any case.

        Raises SignInCancelled, SignInTimedOut, SignInRefused and SignInUnreachable.
        """
        client = await self._run(lambda: PersonClient(self._settings))
        async with Listener(self._means.words) as listener:
            try:
                flow = await self._flow(client, listener, hint, fresh=fresh)
                result = await self._through(client, listener, opened, flow)
                await self._keep(client, result, SignInMethod.BROWSER)
            except (SignInCancelled, ConsentDeclined):
                listener.conclude(Outcome.CANCELLED)
                raise
            except SignInError:
                listener.conclude(Outcome.FAILED)
                raise
            listener.conclude(Outcome.SIGNED_IN)

    async def in_confined_browser(
        self,
        opened: Callable[[str], None],
        area: ScreenArea,
        hint: str = "",
        *,
        fresh: bool = False,
    ) -> None:
        """Sign in through a browser of our own in `area` of the screen; `opened` as above.

        The browser is gone when this returns, however it ends. Raises BrowserNotConfined where it
        is not confined to the sign-in, SignInCancelled where its window was closed, and as above.
        """
        browser = self._means.confined
        if browser is None:
            raise BrowserNotConfined(Unconfined.NO_PROGRAM, "Chromium")
        client = await self._run(lambda: PersonClient(self._settings))
        async with Listener(self._means.words, browser.redirect_ports) as listener:
            flow = await self._flow(client, listener, hint, fresh=fresh)
            address = self._page(flow)
            async with browser.showing(address, area) as window:
                opened(address)
                form = await self._back(listener, window, str(flow["state"]))
        result = await self._run(lambda: client.end_browser(flow, form))
        await self._keep(client, result, SignInMethod.CONFINED)

    async def by_device_code(self, prompt: Callable[[DevicePrompt], None]) -> None:
        """Sign in on another device; `prompt` is told what to show.

        Raises SignInCancelled, SignInTimedOut (the code expired), SignInRefused and
        SignInUnreachable.
        """
        client = await self._run(lambda: PersonClient(self._settings))
        claims, stop = self._challenge, threading.Event()
        try:
            flow = await self._run(lambda: client.begin_device(claims))
            prompt(answers.device_prompt(flow, self._clock.now()))
            result = await self._run(lambda: client.end_device(flow, claims, stop))
            await self._keep(client, result, SignInMethod.DEVICE)
        except SignInRefused as error:
            raise answers.by_device_code(error) from None
        finally:
            stop.set()

    async def by_broker(self, window: int, hint: str = "", *, fresh: bool = False) -> None:
        """Let Windows sign somebody in, in front of the window with this handle.

        Its dialog stays where the awaiting task is cancelled, and what it brings is not kept.
        Raises SignInCancelled, SignInRefused and SignInUnreachable.
        """
        claims, broker = self._challenge, self._means.broker
        client = await self._run(lambda: PersonClient(self._settings, broker=broker))
        result = await self._run(lambda: client.by_broker(window, claims, hint, fresh=fresh))
        await self._keep(client, result, SignInMethod.BROKER)

    async def unattended(self) -> None:
        """Sign the station itself in by its certificate, which is looked for anew each time.

        Raises KeyUnusable, SignInRefused and SignInUnreachable.
        """
        client = await self._run(self._own_client)
        challenge = self._challenge
        result = await self._run(lambda: client.silent(challenge))
        await self._keep(client, result or {}, SignInMethod.CERTIFICATE)

    async def resume(self) -> bool:
        """Take up the sign-in that the system's store holds, unseen; False where there is none.

        One that is no longer good is forgotten: quietly where it has only ended, else the refusal
        is raised. Raises SignInRefused, SignInUnreachable and NotForgotten.
        """
        kept = await self._keeping.kept()
        if not kept:
            return False
        client = await self._run(lambda: PersonClient(self._settings, kept))
        try:
            result = await self._renewed(client)
        except SignInRefused:
            await self._keeping.forget()
            raise
        if result is None:
            await self._keeping.forget()
            return False
        self._client, self._account = client, answers.account(result)
        self._token(result)
        await self._save()
        return True

    async def access_token(self, claims: str | None = None) -> AccessToken:
        """Return a token with life left.

        None takes the one in memory and renews it in its last five minutes. A directory that
        answers 401 without a challenge gets "", which renews in any case; with a challenge, the
        challenge. One that only a person can meet goes along with the next sign-in.

        Raises SignInRefused where a person has to sign in again, SignInUnreachable, and KeyUnusable
        where a station that signs in by itself has lost its key.
        """
        async with self._renewing:
            client = self._client
            if client is None:
                raise answers.signed_out(self._clock.now())
            result = await self._run(lambda: client.silent(claims))
            if client is not self._client or result is None:
                raise answers.signed_out(self._clock.now())
            failure = answers.failure(result, self._clock.now())
            if failure is not None:
                self._challenge = claims or self._challenge
                raise answers.renewal(failure)
            token = self._token(result)
            await self._save()
            return token

    async def sign_out(self) -> None:
        """Forget the operator and every sign-in token, in memory and in the system's store.

        Raises NotForgotten where the store would not let go; in memory nothing is left even then.
        """
        await self._let_go()
        await self._keeping.forget()

    def close(self) -> None:
        """Let the threads go; what they still wait for is of no interest any more."""
        client, self._client = self._client, None
        if client is not None:
            client.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._keeping.close()

    async def _flow(
        self, client: PersonClient, listener: Listener, hint: str, *, fresh: bool
    ) -> dict[str, Any]:
        claims, back = self._challenge, listener.redirect_uri
        return await self._run(lambda: client.begin_browser(back, claims, hint, fresh=fresh))

    async def _through(
        self,
        client: PersonClient,
        listener: Listener,
        opened: Callable[[str], None],
        flow: dict[str, Any],
    ) -> dict[str, Any]:
        """Send a person through the browser and redeem what they come back with."""
        address = self._page(flow)
        opened(address)
        self._show(address)
        try:
            async with asyncio.timeout(self._means.browser_seconds):
                form = await listener.form_with(str(flow["state"]))
        except TimeoutError:
            raise SignInTimedOut("nobody came back from the browser in time") from None
        return await self._run(lambda: client.end_browser(flow, form))

    def _page(self, flow: dict[str, Any]) -> str:
        """Return the address of the sign-in page. Raises SignInUnreachable for a foreign one."""
        address = str(flow["auth_uri"])
        if not is_of_authority(address, self._settings.authority):
            raise SignInUnreachable("the sign-in service names a page on another host")
        return address

    async def _back(
        self, listener: Listener, window: BrowserWindow, state: str
    ) -> Mapping[str, str]:
        """Return the form that the browser brings, unless it is closed or too late before."""
        form = asyncio.ensure_future(listener.form_with(state))
        closed = asyncio.ensure_future(window.closed())
        try:
            await asyncio.wait(
                {form, closed},
                timeout=self._means.confined_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if form.done():
                return form.result()
            if closed.done():
                closed.result()
                raise SignInCancelled("the browser was closed")
            raise SignInTimedOut("nobody signed in in the browser in time")
        finally:
            form.cancel()
            closed.cancel()

    async def _keep(self, client: Client, result: dict[str, Any], way: SignInMethod) -> None:
        """Make `client` the operator's, in place of whoever was signed in before."""
        failure = answers.failure(result, self._clock.now())
        if failure is not None:
            raise failure
        if not await self._run(lambda: client.signed_in):
            raise SignInUnreachable("the answer names no account")
        whole = await self._whole(client, result)
        await self._let_go()
        self._client, self._signed_in_by = client, way
        self._account = answers.account(result)
        self._token(result)
        self._token(whole)
        await self._save()

    async def _whole(self, client: Client, result: dict[str, Any]) -> dict[str, Any]:
        """Return a token with all scopes that were consented to, beyond those of the page."""
        if not self._settings.essential or isinstance(client, AppClient):
            return result
        whole = await self._run(lambda: client.silent(None))
        failure = answers.failure(whole or {}, self._clock.now())
        if failure is not None:
            raise failure
        return whole or result

    async def _renewed(self, client: PersonClient) -> dict[str, Any] | None:
        """Return a token of what was kept, or None where that sign-in has ended or is broken.

        Raises SignInRefused where the tenant does not let it in any more for another reason.
        """
        try:
            await self._run(lambda: client.signed_in)
        except SignInUnreachable:  # nothing was asked of the network: what was kept is broken
            return None
        result = await self._run(lambda: client.silent(None))
        if result is None:
            return None
        failure = answers.failure(result, self._clock.now())
        if failure is None:
            return result
        if isinstance(failure, SignInRefused) and not isinstance(failure, SignInEnded):
            raise failure
        return None

    async def _save(self) -> None:
        """Put what has changed since the last time into the system's store."""
        if self._client is not None and (text := self._client.changed) is not None:
            await self._keeping.keep(text)

    async def _let_go(self) -> None:
        """Forget what is in memory."""
        client, self._client = self._client, None
        self._granted, self._challenge, self._account = frozenset(), None, None
        self._signed_in_by = None
        if client is not None:
            await self._run(client.forget)

    def _token(self, result: dict[str, Any]) -> AccessToken:
        """Return the token of `result`; one from memory does not say its scopes again.

        Scopes without consent are left out, whatever an older answer said.
        """
        value, expires = str(result["access_token"]), self._expiry(result)
        if isinstance(self._client, AppClient):
            return AccessToken(value, roles_in(value), expires)
        scope = str(result.get("scope", ""))
        asked, refused = self._settings.scopes, frozenset[str]()
        if self._client is not None:
            asked, refused = self._client.asked, self._client.refused
        if scope:
            self._granted = answers.bare_scopes(scope)
        else:
            self._granted |= answers.bare_scopes(" ".join(asked))
        self._granted -= answers.bare_scopes(" ".join(refused))
        return AccessToken(value, self._granted, expires)

    def _expiry(self, result: dict[str, Any]) -> datetime | None:
        """Return when the token of `result` runs out, where that is told and can be a lifetime."""
        seconds = result.get("expires_in")
        if not isinstance(seconds, int) or not 0 <= seconds <= LONGEST_TOKEN_SECONDS:
            return None
        return self._clock.now() + timedelta(seconds=seconds)

    def _own_client(self) -> AppClient:
        """Find the key and make the client of the application. Raises SignInError."""
        from app.auth.stationkey import signer_of  # noqa: PLC0415 - imports cryptography

        key = self._settings.certificate
        if key is None:
            raise KeyUnusable("", "no certificate is configured")
        signer = signer_of(key, self._clock.now())
        return AppClient(self._settings, self._app_id, signer, self._clock)

    @property
    def _app_id(self) -> str:
        certificate = self._settings.certificate
        return (certificate.client_id if certificate else "") or self._settings.client_id

    def _vault(self) -> Vault:
        key = f"{self._settings.client_id} at {self._settings.authority}"
        return self._means.vault or system_vault(key, self._settings.store_folder)

    def _show(self, address: str) -> None:
        """Open the browser without waiting for it: some openers return when it is closed."""

        def show() -> None:
            with suppress(webbrowser.Error, OSError):
                self._open_browser(address)

        threading.Thread(target=show, name="browser", daemon=True).start()

    async def _run(self, call: Callable[[], T]) -> T:
        """Run `call` in a worker thread, and date what the service refused there."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except SignInRefused as error:
            raise type(error)(replace(error.evidence, at=self._clock.now())) from None
