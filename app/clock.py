"""The one place where the program reads the time, waits for it, and knows the machine's time zone.

Windows converts no moment before 1970 and none after 3000 to local time: `astimezone` raises
OSError there (Python issue 80620), and so does `fromtimestamp` for a negative number. A date typed
by hand, or a field of a server that was never set, must not end a command.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from time import monotonic

from app.core.tries import Uptime

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(3000, 1, 1, tzinfo=UTC)
"""Between these every system knows its offset from UTC, in every time zone."""

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """core.ports.Clock over the machine's clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)

    def uptime(self) -> Uptime:
        """Return the time since this machine was started, which no setting of its clock changes."""
        return Uptime(monotonic(), _boot())

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        await asyncio.sleep(seconds)


def _boot() -> str:
    """Return what Linux calls this start of the machine (random(4)), "" on other systems.

    Their time since the start begins with 0 again, which tells a new start as well.
    """
    with suppress(OSError, UnicodeDecodeError):
        return _BOOT.read_text("ascii").strip()
    return ""


def local(moment: datetime) -> datetime:
    """Return an aware `moment` in the machine's time zone; never raises.

    Outside the years that the system converts, the offset is that of the nearest moment it does. In
    the first and last hours of the calendar, where no local time exists, the moment stays in UTC.
    """
    if _EARLIEST <= moment <= _LATEST:
        return moment.astimezone()
    nearest = _EARLIEST if moment < _EARLIEST else _LATEST
    offset = nearest.astimezone().utcoffset() or timedelta()
    try:
        return moment.astimezone(timezone(offset))
    except OverflowError:
        return moment


def midnight(day: date) -> datetime:
    """Return the beginning of `day` in the machine's time zone; never raises."""
    naive = datetime.combine(day, time())
    if _EARLIEST.date() < day < _LATEST.date():
        return naive.astimezone()
    nearest = _EARLIEST if day <= _EARLIEST.date() else _LATEST
    return naive.replace(tzinfo=timezone(nearest.astimezone().utcoffset() or timedelta()))
