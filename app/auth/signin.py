"""core.ports.SignIn over MSAL: the station's side of it, on the event loop.

MSAL blocks, so each of its calls runs in a worker thread of this package. Cancelling the awaiting
task cancels the sign-in at once: what its thread still brings belongs to an attempt that nobody
will keep.
"""

import asyncio
import threading
import webbrowser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from app.auth import answers
from app.auth.client import Client
from app.auth.listener import Listener
from app.auth.page import Outcome, Words
from app.auth.settings import AuthSettings
from app.core.errors import SignInCancelled, SignInError, SignInRefused, SignInUnreachable
from app.core.ports import AccessToken, Clock, DevicePrompt

BROWSER_SECONDS = 300.0
"""How long a person has to come back from the browser."""

WORKERS = 4
"""Threads: a renewal, an attempt, one just cancelled that waits for the network, one spare."""

T = TypeVar("T")


class MsalSignIn:
    """One operator's sign-in, in memory alone. Its methods belong to one event loop."""

    def __init__(
        self,
        settings: AuthSettings,
        clock: Clock,
        open_browser: Callable[[str], bool] = webbrowser.open,
        *,
        words: Words | None = None,
        browser_seconds: float = BROWSER_SECONDS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._open_browser = open_browser
        self._words = words or Words()
        self._browser_seconds = browser_seconds
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="sign-in")
        self._renewing = asyncio.Lock()
        self._client: Client | None = None
        self._granted: frozenset[str] = frozenset()
        self._challenge: str | None = None

    def __repr__(self) -> str:
        state = "signed out" if self._client is None else "signed in"
        return f"<{type(self).__name__} at {self._settings.authority}, {state}>"

    async def in_browser(self, opened: Callable[[str], None]) -> None:
        """Sign in through the system browser; `opened` is told the address in any case.

        Raises SignInCancelled (also after five minutes), SignInRefused and SignInUnreachable.
        """
        client = await self._run(lambda: Client(self._settings))
        async with Listener(self._words) as listener:
            try:
                result = await self._through(client, listener, opened)
                await self._keep(client, result)
            except SignInCancelled:
                listener.conclude(Outcome.CANCELLED)
                raise
            except SignInError:
                listener.conclude(Outcome.FAILED)
                raise
            listener.conclude(Outcome.SIGNED_IN)

    async def by_device_code(self, prompt: Callable[[DevicePrompt], None]) -> None:
        """Sign in on another device; `prompt` is told what to show.

        Raises SignInCancelled (also where the code expires), SignInRefused and SignInUnreachable.
        """
        client = await self._run(lambda: Client(self._settings))
        claims, stop = self._challenge, threading.Event()
        flow = await self._run(lambda: client.begin_device(claims))
        prompt(answers.device_prompt(flow, self._clock.now()))
        try:
            result = await self._run(lambda: client.end_device(flow, claims, stop))
        finally:
            stop.set()
        await self._keep(client, result)

    async def access_token(self, claims: str | None = None) -> AccessToken:
        """Return a token with life left.

        None takes the one in memory and renews it in its last five minutes. A directory that
        answers 401 without a challenge gets "", which renews in any case; with a challenge, the
        challenge. One that only a person can meet goes along with the next sign-in.

        Raises SignInRefused where a person has to sign in again, and SignInUnreachable.
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
            return self._token(result)

    async def sign_out(self) -> None:
        """Forget the operator and every sign-in token."""
        client, self._client = self._client, None
        self._granted, self._challenge = frozenset(), None
        if client is not None:
            await self._run(client.forget)

    def close(self) -> None:
        """Let the threads go; what they still wait for is of no interest any more."""
        self._client = None
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _through(
        self, client: Client, listener: Listener, opened: Callable[[str], None]
    ) -> dict[str, Any]:
        """Send a person through the browser and redeem what they come back with."""
        claims = self._challenge
        flow = await self._run(lambda: client.begin_browser(listener.redirect_uri, claims))
        address = str(flow["auth_uri"])
        opened(address)
        self._show(address)
        try:
            async with asyncio.timeout(self._browser_seconds):
                form = await listener.form_with(str(flow["state"]))
        except TimeoutError:
            raise SignInCancelled("timeout") from None
        return await self._run(lambda: client.end_browser(flow, form))

    async def _keep(self, client: Client, result: dict[str, Any]) -> None:
        """Make `client` the operator's, in place of whoever was signed in before."""
        failure = answers.failure(result, self._clock.now())
        if failure is not None:
            raise failure
        if not await self._run(lambda: client.signed_in):
            raise SignInUnreachable("the answer names no account")
        await self.sign_out()
        self._client = client
        self._token(result)

    def _token(self, result: dict[str, Any]) -> AccessToken:
        """Return the token of `result`; one from memory does not say its scopes again."""
        scope = str(result.get("scope", ""))
        if scope:
            self._granted = answers.bare_scopes(scope)
        elif not self._granted:
            self._granted = answers.bare_scopes(" ".join(self._settings.scopes))
        return AccessToken(str(result["access_token"]), self._granted)

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
