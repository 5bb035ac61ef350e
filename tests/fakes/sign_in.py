"""A sign-in that a test completes, refuses or leaves waiting."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from app.core.errors import NotForgotten, SignInError, SignInEvidence, SignInRefused
from app.core.ports import AccessToken, Clock, DevicePrompt
from app.core.signin import Account, ScreenArea, SecretStore, SignInMethod, StoreState
from tests.fakes.nouns import SCOPE

URL = "https://login.example.com/authorize"
DEVICE_URL = "https://login.example.com/device"
USER_CODE = "ABCD-EFGH"
CLIENT_ID = "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"


class FakeSignIn:
    """Fulfils core.ports.SignIn. With `waits` set, a sign-in lasts until `complete` or `fail`.

    `renewal_error` is what asking for a fresh token ends in, from now on. `kept` is what the
    system's store holds; `hints` are the names that were given to the browser, and `fresh`
    tells of each whether the person had to prove themselves anew.
    """

    def __init__(self, clock: Clock, *, waits: bool = False) -> None:
        self.methods: tuple[SignInMethod, ...] = (SignInMethod.BROWSER, SignInMethod.DEVICE)
        self.application = ""
        self.account: Account | None = None
        self.signed_in_by: SignInMethod | None = None
        self.scopes = frozenset({SCOPE})
        self.kept = False
        self.stubborn = False
        self.hints: list[str] = []
        self.fresh: list[bool] = []
        self.windows: list[int] = []
        self.areas: list[ScreenArea] = []
        self.waits = waits
        self.signed_in = False
        self.cancelled = 0
        self.signed_out = 0
        self.renewed = 0
        self.renewal_error: SignInError | None = None
        self.expires_at: datetime | None = None
        self._clock = clock
        self._outcome: asyncio.Future[None] | None = None
        self._error: SignInError | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody is signing in now."""
        return self._outcome is not None and not self._outcome.done()

    def complete(self) -> None:
        """Let the sign-in that waits succeed."""
        if self._outcome is not None and self.is_open:
            self._outcome.set_result(None)

    def fail(self, error: SignInError) -> None:
        """Let the sign-in that waits, or the next one, end with `error`."""
        if self._outcome is not None and self.is_open:
            self._outcome.set_exception(error)
        else:
            self._error = error

    async def access_token(self, claims: str | None = None) -> AccessToken:
        if not self.signed_in:
            raise SignInRefused(SignInEvidence(error="interaction_required"))
        if claims is not None:
            self.renewed += 1
            if self.renewal_error is not None:
                raise self.renewal_error
        return AccessToken("sign-in token", self.scopes, self.expires_at)

    async def store(self) -> SecretStore:
        return SecretStore(StoreState.KEEPS if self.kept else StoreState.NOT_WANTED)

    async def in_browser(
        self, opened: Callable[[str], None], hint: str = "", *, fresh: bool = False
    ) -> None:
        self.hints.append(hint)
        self.fresh.append(fresh)
        opened(URL)
        await self._answered()

    async def in_confined_browser(
        self,
        opened: Callable[[str], None],
        area: ScreenArea,
        hint: str = "",
        *,
        fresh: bool = False,
    ) -> None:
        self.hints.append(hint)
        self.fresh.append(fresh)
        self.areas.append(area)
        opened(URL)
        await self._answered()

    async def by_broker(self, window: int, hint: str = "", *, fresh: bool = False) -> None:
        self.hints.append(hint)
        self.fresh.append(fresh)
        self.windows.append(window)
        await self._answered()

    async def unattended(self) -> None:
        await self._answered()
        self.application = CLIENT_ID

    async def resume(self) -> bool:
        if self.kept:
            await self._answered()
        return self.kept

    async def by_device_code(self, prompt: Callable[[DevicePrompt], None]) -> None:
        expires = self._clock.now() + timedelta(minutes=15)
        prompt(DevicePrompt(DEVICE_URL, USER_CODE, expires))
        await self._answered()

    async def sign_out(self) -> None:
        self.signed_out += 1
        self.signed_in = False
        self.application = ""
        if self.stubborn:
            raise NotForgotten("the keyring is locked")
        self.kept = False

    async def _answered(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
        if self.waits:
            await self._wait()
        self.signed_in = True

    async def _wait(self) -> None:
        self._outcome = asyncio.get_running_loop().create_future()
        try:
            await self._outcome
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
