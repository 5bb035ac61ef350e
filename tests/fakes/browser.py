"""A confined browser that a test looks into: what it shows, and whether it is open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app.core.errors import BrowserNotConfined
from app.core.signin import ScreenArea


class FakeBrowser:
    """Fulfils core.ports.ConfinedBrowser. `shown` are the addresses, `areas` where they were shown.

    `person` is called with the page once it is open. `refusal` keeps it from being opened, `fault`
    ends it at once. `redirect_ports` are any that are free.
    """

    def __init__(self, person: Callable[[str], object] = lambda _address: None) -> None:
        self.person = person
        self.redirect_ports: tuple[int, ...] = ()
        self.refusal: BrowserNotConfined | None = None
        self.fault: BrowserNotConfined | None = None
        self.shown: list[str] = []
        self.areas: list[ScreenArea] = []
        self.is_open = False
        self._gone: asyncio.Event | None = None

    def close(self) -> None:
        """Close the window, as a person does."""
        assert self._gone is not None, "it is not open"
        self._gone.set()

    @asynccontextmanager
    async def showing(self, address: str, area: ScreenArea) -> AsyncIterator["FakeBrowser"]:
        if self.refusal is not None:
            raise self.refusal
        self.shown.append(address)
        self.areas.append(area)
        self.is_open, self._gone = True, asyncio.Event()
        if self.fault is not None:
            self._gone.set()
        try:
            self.person(address)
            yield self
        finally:
            self.is_open = False

    async def closed(self) -> None:
        assert self._gone is not None, "it is not open"
        await self._gone.wait()
        if self.fault is not None:
            raise self.fault
