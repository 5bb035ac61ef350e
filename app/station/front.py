"""Where what was scanned or tapped goes: to the desk, or to what waits for a token to be shown.

One scanner serves both. A scanner that reads twice must not prove a token and then put the same one
on the desk, so the echo of a proof is taken in and forgotten.
"""

from datetime import datetime, timedelta
from typing import Protocol

from app.core.model import Source
from app.core.reading import CardReading, TokenReading
from app.station.context import StationContext
from app.station.desk import Desk
from app.station.intake import ECHO
from app.station.lifecycle import Lifecycle
from app.station.lock import Lock


class WayIn(Protocol):
    """Whatever takes in what readers and scanners bring."""

    async def scanned(self, text: str, source: Source) -> None:
        """Take what a scanner read, or what was typed as a serial number."""
        ...

    async def tapped(self, reading: CardReading, reader: str, *, pad: bool) -> None:
        """Take what a chip card in `reader` says it is."""
        ...

    def lifted(self, reader: str) -> None:
        """Take note that the chip card of `reader` was taken away."""
        ...


class Front:
    """Takes what readers, scanners and hands bring in, in the order it comes."""

    def __init__(
        self, context: StationContext, desk: Desk, lifecycle: Lifecycle, lock: Lock
    ) -> None:
        """Give all to `desk` unless `lifecycle` waits for a token; `lock` may forbid both."""
        self._clock = context.clock
        self._desk = desk
        self._lifecycle = lifecycle
        self._lock = lock
        self._last: tuple[str, datetime] | None = None

    async def scanned(self, text: str, source: Source) -> None:
        """Take what a scanner read, or what was typed as a serial number."""
        if self._lifecycle.awaits_token:
            self._remember(text)
            if self._lock.takes():
                await self._lifecycle.scanned(text, source)
        elif source is Source.TYPED or not self._is_echo(text):
            await self._desk.scanned(text, source)

    async def tapped(self, reading: CardReading, reader: str, *, pad: bool) -> None:
        """Take what a chip card in `reader` says it is."""
        serial = reading.serial if isinstance(reading, TokenReading) else ""
        if self._lifecycle.awaits_token:
            self._remember(serial)
            if self._lock.takes():
                await self._lifecycle.tapped(reading)
        elif not serial or not self._is_echo(serial):
            await self._desk.tapped(reading, reader, pad=pad)

    def lifted(self, reader: str) -> None:
        """Take note that the chip card of `reader` was taken away."""
        self._desk.lifted(reader)

    def _remember(self, read: str) -> None:
        self._last = (read, self._clock.now())

    def _is_echo(self, read: str) -> bool:
        """Tell whether `read` is what was just taken as a proof, read once more."""
        if self._last is None or self._last[0] != read:
            return False
        return timedelta() <= self._clock.now() - self._last[1] < ECHO
