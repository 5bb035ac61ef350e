"""The one place where the program reads the time and waits for it."""

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """core.ports.Clock over the machine's clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        await asyncio.sleep(seconds)
