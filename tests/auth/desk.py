"""A person at the desk, for the tests of signing in."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from app.auth import AuthSettings, Means, MsalSignIn
from app.core.ports import Clock, DevicePrompt
from tests.fakes.clock import FakeClock
from tests.support.patience import HANG_SECONDS

THIRTY_SECONDS = Means(browser_seconds=30)

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
    means: Means = THIRTY_SECONDS,
    clock: Clock | None = None,
) -> Iterator[MsalSignIn]:
    sign_in = MsalSignIn(settings, clock or FakeClock(), open_browser, means)
    try:
        yield sign_in
    finally:
        sign_in.close()


def tell(
    settings: AuthSettings,
    story: Story,
    open_browser: Callable[[str], bool] = no_browser,
    means: Means = THIRTY_SECONDS,
    clock: Clock | None = None,
) -> None:
    """Run `story` on a loop of its own."""

    async def telling() -> None:
        with signing_in(settings, open_browser, means, clock) as sign_in:
            async with asyncio.timeout(HANG_SECONDS):
                await story(sign_in)

    asyncio.run(telling())
