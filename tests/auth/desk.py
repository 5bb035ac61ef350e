"""A person at the desk, for the tests of signing in."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from app.auth import AuthSettings, MsalSignIn
from app.core.ports import DevicePrompt
from tests.fakes.clock import FakeClock

Story = Callable[[MsalSignIn], Awaitable[None]]


def no_browser(_address: str) -> bool:
    return False


def unheard(_address: str) -> None:
    """Somebody who does not look at the address."""


def unread(_prompt: DevicePrompt) -> None:
    """Somebody who does not look at the code."""


@contextmanager
def signing_in(
    settings: AuthSettings,
    open_browser: Callable[[str], bool] = no_browser,
    browser_seconds: float = 30,
) -> Iterator[MsalSignIn]:
    sign_in = MsalSignIn(settings, FakeClock(), open_browser, browser_seconds=browser_seconds)
    try:
        yield sign_in
    finally:
        sign_in.close()


def tell(
    settings: AuthSettings,
    story: Story,
    open_browser: Callable[[str], bool] = no_browser,
    browser_seconds: float = 30,
) -> None:
    """Run `story` on a loop of its own."""

    async def telling() -> None:
        with signing_in(settings, open_browser, browser_seconds) as sign_in:
            async with asyncio.timeout(60):
                await story(sign_in)

    asyncio.run(telling())
