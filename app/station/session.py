"""Who is at the desk: signing in, and out again.

A sign-in may end in the middle of a shift: revoked, challenged, too old. Then the session is ENDED:
the operator is still known and the desk keeps what lies on it, until somebody signs in again. A
desk that is locked (station.lock) waits in the same way; only its sign-in has to be a fresh one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime

from app.core.errors import (
    AnswerLost,
    DirectoryError,
    NotForgotten,
    NotUnderstood,
    SignInCancelled,
    SignInError,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.model import Operator
from app.core.ports import DevicePrompt
from app.core.signin import ScreenArea, SecretStore, SignInMethod
from app.station.context import StationContext
from app.station.lane import SelfService, who_signed_in
from app.station.lock import Lock
from app.station.notices import SessionNotice, SessionState, TroubleNotice
from app.station.rights import Rights
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")
_WORK = "sign-in"

AGAIN = 30.0
"""Seconds before a station that signs in by itself tries again what failed."""

_PASSING = (Unreachable, AnswerLost, NotUnderstood, Throttled, Unavailable)
"""What says nothing about a sign-in: one that the system keeps stays for the next start."""

Opened = Callable[[Operator], Awaitable[bool]]


class Session:
    """The operator's session. A sign-in in progress can be cancelled at any moment."""

    def __init__(
        self,
        context: StationContext,
        opened: Opened,
        lock: Lock,
        rights: Rights,
        self_service: SelfService | None,
    ) -> None:
        """Begin signed out; `opened` is awaited with the operator before the sign-in is told.

        It returns whether something of another operator was cleared away. `lock`, `rights` and
        `self_service` are called with each state. With `self_service` people have to prove who they
        are each time, whomever a browser remembers from before.
        """
        self._context = context
        self._sign_in = context.ports.sign_in
        self._directory = context.ports.directory
        self._clock = context.clock
        self._when_open = opened
        self._lock = lock
        self._rights = rights
        self._self_service = self_service
        self._tasks = Tasks()
        self._method: SignInMethod | None = None
        self._area = ScreenArea()
        self._ended: SignInError | DirectoryError | None = None
        self._locked = False
        self._expected = ""
        self._progress: SessionNotice | None = None
        self._fresh = self_service is not None
        self.since: datetime | None = None
        self.signed_in_by: SignInMethod | None = None

    @property
    def operator(self) -> Operator | None:
        """Return who is signed in, or None."""
        return self._context.signed_in.operator

    @operator.setter
    def operator(self, operator: Operator | None) -> None:
        self._context.signed_in.operator = operator

    # Signing in ---------------------------------------------------------------------------------

    async def begin_by_itself(self) -> None:
        """Sign in without anybody: the station's own certificate, or what the system has kept.

        Somebody who is already at it goes first.
        """
        if self._tasks.is_running(_WORK):
            return
        if SignInMethod.CERTIFICATE in self._sign_in.methods:
            self._method = SignInMethod.CERTIFICATE
            self._begin(self._unattended())
        else:
            self._tasks.start(_WORK, self._resume())

    async def settled(self) -> None:
        """Wait until no sign-in is in progress any more."""
        await self._tasks.wait(_WORK)

    async def store(self) -> SecretStore:
        """Return whether the system keeps the sign-in, as it is found now."""
        return await self._sign_in.store()

    async def begin_in_browser(self) -> None:
        """Start signing in through the system browser."""
        self._method = SignInMethod.BROWSER
        hint, fresh = self._hint(), self._locked or self._fresh
        self._begin(self._once(lambda: self._sign_in.in_browser(self._opened, hint, fresh=fresh)))

    async def begin_in_confined_browser(self, area: ScreenArea) -> None:
        """Start signing in through a browser that leads nowhere else, in `area` of the screen."""
        self._method, self._area = SignInMethod.CONFINED, area
        hint, fresh = self._hint(), self._locked or self._fresh
        sign_in = self._sign_in
        self._begin(
            self._once(lambda: sign_in.in_confined_browser(self._confined, area, hint, fresh=fresh))
        )

    async def begin_by_device_code(self) -> None:
        """Start signing in on another device."""
        self._method = SignInMethod.DEVICE
        self._begin(self._once(lambda: self._sign_in.by_device_code(self._prompted)))

    async def begin_by_broker(self, window: int) -> None:
        """Start signing in through the system itself, in front of the window with this handle."""
        self._method = SignInMethod.BROKER
        hint, fresh = self._hint(), self._locked or self._fresh
        self._begin(self._once(lambda: self._sign_in.by_broker(window, hint, fresh=fresh)))

    async def begin_again(self, window: int) -> None:
        """Start signing in the way it was done last; `window` is for a system that asks itself."""
        methods = self._sign_in.methods
        method = self._method if self._method in methods else next(iter(methods), None)
        match method:
            case SignInMethod.CERTIFICATE:
                await self.begin_by_itself()
            case SignInMethod.DEVICE:
                await self.begin_by_device_code()
            case SignInMethod.BROKER:
                await self.begin_by_broker(window)
            case SignInMethod.BROWSER:
                await self.begin_in_browser()
            case SignInMethod.CONFINED:
                await self.begin_in_confined_browser(self._area)
            case None:
                self._tell_where_it_stands()

    async def cancel(self) -> None:
        """Stop a sign-in in progress."""
        self._tasks.stop(_WORK)
        self._tell_where_it_stands()

    async def sign_out(self, *, lapsed: bool = False, cleared: bool = False) -> None:
        """Forget the operator and the sign-in tokens.

        `lapsed` and `cleared` are told: that it came by itself, and took something from the desk.
        A station that nobody can sign in to begins anew by itself.
        """
        self._tasks.stop(_WORK)
        self.operator = self._ended = self.since = None
        self._locked, self._expected = False, ""
        await self._forget()
        self._tell(SessionNotice(SessionState.SIGNED_OUT, lapsed=lapsed, cleared=cleared))
        if set(self._sign_in.methods) == {SignInMethod.CERTIFICATE}:
            await self.begin_by_itself()

    async def close(self) -> None:
        """Stop whatever is in progress."""
        await self._tasks.stop_all()

    # A sign-in that ends, or waits ----------------------------------------------------------------

    def lock(self) -> None:
        """Wait for the operator to prove themselves. The sign-in tokens stay for what is under way.

        A sign-in that is in progress goes on, and opens the desk where it succeeds; but a browser
        of our own, in front of everything, is closed.
        """
        _LOG.info("the desk is locked")
        self._locked = True
        if self._progress is not None and self._progress.state is SessionState.IN_CONFINED_BROWSER:
            self._tasks.stop(_WORK)
        self._tell_where_it_stands()
        if self._tasks.is_running(_WORK) and self._progress is not None:
            self._tell(self._progress)

    def lost(self, error: SignInError | DirectoryError) -> None:
        """Take in that the directory's client has nothing to sign in with any more."""
        if self.operator is None or self._ended is not None or self._tasks.is_running(_WORK):
            return
        _LOG.info("the sign-in of %s has ended: %s", self.operator.id, type(error).__name__)
        self._ended = error
        if self.operator.application:
            self._begin(self._unattended())
        else:
            self._tell_where_it_stands()

    def _hint(self) -> str:
        """Return who has to sign in again: they need not choose their account."""
        return self._expected if self._ended is not None or self._locked else ""

    # Inside -------------------------------------------------------------------------------------

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        self._go_on(SessionNotice(SessionState.STARTING))
        self._tasks.start(_WORK, work)

    async def _once(self, sign_in: Callable[[], Awaitable[None]]) -> None:
        await self._try(sign_in)

    async def _try(self, sign_in: Callable[[], Awaitable[None]]) -> bool:
        """Sign in and open; tell whether that went well.

        A sign-in that is cancelled while it opens has left its tokens behind.
        """
        try:
            await sign_in()
            await self._opening()
        except (SignInError, DirectoryError) as error:
            await self._failed(error)
            return False
        return True

    async def _opening(self) -> None:
        try:
            await self._open()
        except asyncio.CancelledError:
            await self._forget()
            raise

    async def _unattended(self) -> None:
        """Sign the station in; where that fails say so, and try again: nobody is there to do it."""
        while not await self._try(self._sign_in.unattended):
            await self._clock.sleep(AGAIN)

    async def _resume(self) -> None:
        self._method = None
        try:
            if await self._sign_in.resume():
                await self._open()
        except _PASSING as error:
            self._tell(SessionNotice(SessionState.FAILED, error=error))
        except (SignInError, DirectoryError) as error:
            await self._failed(error)

    async def _open(self) -> None:
        """Ask the directory who signed in: the ID token is not an authority for that.

        Until it answers nobody is the operator, for this may be somebody else than before.
        """
        self.operator = self._ended = None
        self._go_on(SessionNotice(SessionState.OPENING))
        operator = await self._who()
        self.operator = operator
        self.since, self.signed_in_by = self._clock.now(), self._method
        _LOG.info("signed in: %s", operator.id)
        cleared = await self._when_open(operator)
        self._locked, self._expected = False, operator.user_principal_name
        self._tell(SessionNotice(SessionState.SIGNED_IN, operator=operator, cleared=cleared))

    async def _who(self) -> Operator:
        """Return who signed in. An application has no /me: it is what its certificate says."""
        if self._self_service is not None:
            return await who_signed_in(self._directory, self._sign_in)
        if not self._sign_in.application:
            return await self._directory.operator()
        token = await self._sign_in.access_token()
        return Operator.of_application(self._sign_in.application, token.scopes)

    async def _forget(self) -> None:
        """Sign out; that the system's store would not let go is told and changes nothing else."""
        try:
            await self._sign_in.sign_out()
        except NotForgotten as error:
            _LOG.warning("the sign-in is still in the system's store: %s", error)
            self._context.tell(TroubleNotice(error))

    def _opened(self, url: str) -> None:
        self._go_on(SessionNotice(SessionState.IN_BROWSER, url=url))

    def _confined(self, url: str) -> None:
        self._go_on(SessionNotice(SessionState.IN_CONFINED_BROWSER, url=url))

    def _prompted(self, prompt: DevicePrompt) -> None:
        self._go_on(SessionNotice(SessionState.BY_DEVICE, prompt=prompt))

    def _tell(self, notice: SessionNotice) -> None:
        """Tell the window, and call the parts that depend on the session; the lock goes first."""
        state, operator = notice.state, notice.operator
        self._lock.session_changed(state, operator)
        self._context.tell(notice)
        if state is SessionState.SIGNED_IN:
            self._rights.signed_in()
        if self._self_service is not None:
            self._self_service.session_changed(state, operator)

    def _go_on(self, notice: SessionNotice) -> None:
        """Tell how far a sign-in is, and be able to tell it again."""
        self._progress = notice
        self._tell(notice)

    def _tell_where_it_stands(self) -> None:
        """Tell the state without a sign-in in progress: one who was signed in before still is."""
        if self._locked:
            self._tell(SessionNotice(SessionState.LOCKED))
        elif self.operator is None:
            self._tell(SessionNotice(SessionState.SIGNED_OUT))
        elif self._ended is not None:
            ended = SessionNotice(SessionState.ENDED, operator=self.operator, error=self._ended)
            self._tell(ended)
        else:
            self._tell(SessionNotice(SessionState.SIGNED_IN, operator=self.operator))

    async def _failed(self, error: SignInError | DirectoryError) -> None:
        if isinstance(error, DirectoryError):  # signed in, but nobody whom the directory knows
            await self._forget()
        if isinstance(error, SignInCancelled):
            self._tell_where_it_stands()
        else:
            self._tell(SessionNotice(SessionState.FAILED, error=error))
