"""Who is at the desk: signing in, and out again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from app.core.errors import DirectoryError, SignInCancelled, SignInError
from app.core.model import Operator
from app.core.ports import DevicePrompt, Directory, SignIn
from app.station.notices import SessionNotice, SessionState
from app.station.setup import Notify
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")
_WORK = "sign-in"

Opened = Callable[[Operator], Awaitable[None]]


class Session:
    """The operator's session. A sign-in in progress can be cancelled at any moment."""

    def __init__(
        self, sign_in: SignIn, directory: Directory, notify: Notify, opened: Opened
    ) -> None:
        """Begin signed out; `opened` is awaited with the operator before the sign-in is told."""
        self._sign_in = sign_in
        self._directory = directory
        self._notify = notify
        self._when_open = opened
        self._tasks = Tasks()
        self.operator: Operator | None = None

    async def begin_in_browser(self) -> None:
        """Start signing in through the system browser."""
        self._notify(SessionNotice(SessionState.STARTING))
        self._tasks.start(_WORK, self._in_browser())

    async def begin_by_device_code(self) -> None:
        """Start signing in on another device."""
        self._notify(SessionNotice(SessionState.STARTING))
        self._tasks.start(_WORK, self._by_device_code())

    async def cancel(self) -> None:
        """Stop a sign-in in progress."""
        self._tasks.stop(_WORK)
        self._tell_where_it_stands()

    async def sign_out(self) -> None:
        """Forget the operator and the sign-in tokens."""
        self._tasks.stop(_WORK)
        self.operator = None
        await self._sign_in.sign_out()
        self._notify(SessionNotice(SessionState.SIGNED_OUT))

    async def close(self) -> None:
        """Stop whatever is in progress."""
        await self._tasks.stop_all()

    async def _in_browser(self) -> None:
        try:
            await self._sign_in.in_browser(self._opened)
            await self._open()
        except (SignInError, DirectoryError) as error:
            await self._failed(error)

    async def _by_device_code(self) -> None:
        try:
            await self._sign_in.by_device_code(self._prompted)
            await self._open()
        except (SignInError, DirectoryError) as error:
            await self._failed(error)

    async def _open(self) -> None:
        """Ask the directory who signed in: the ID token is not an authority for that.

        Until it answers nobody is the operator, for this may be somebody else than before; and a
        sign-in that is cancelled here has left its tokens behind.
        """
        self.operator = None
        self._notify(SessionNotice(SessionState.OPENING))
        try:
            operator = await self._directory.operator()
        except asyncio.CancelledError:
            await self._sign_in.sign_out()
            raise
        self.operator = operator
        _LOG.info("signed in: %s", operator.id)
        await self._when_open(operator)
        self._notify(SessionNotice(SessionState.SIGNED_IN, operator=operator))

    def _opened(self, url: str) -> None:
        self._notify(SessionNotice(SessionState.IN_BROWSER, url=url))

    def _prompted(self, prompt: DevicePrompt) -> None:
        self._notify(SessionNotice(SessionState.BY_DEVICE, prompt=prompt))

    def _tell_where_it_stands(self) -> None:
        """Tell the state without a sign-in in progress: one who was signed in before still is."""
        signed_in = SessionState.SIGNED_OUT if self.operator is None else SessionState.SIGNED_IN
        self._notify(SessionNotice(signed_in, operator=self.operator))

    async def _failed(self, error: SignInError | DirectoryError) -> None:
        if isinstance(error, DirectoryError):  # signed in, but nobody whom the directory knows
            await self._sign_in.sign_out()
        if isinstance(error, SignInCancelled):
            self._tell_where_it_stands()
        else:
            self._notify(SessionNotice(SessionState.FAILED, error=error))
