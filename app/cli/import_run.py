"""An upload without a window: the station does it, and this waits for what it tells.

What a person has to do or may want to know meanwhile goes to standard error.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from app.core.errors import Forbidden, SignInCancelled
from app.core.importing import Handing
from app.core.job import JobRow, JobState
from app.core.preflight import OverrideReason
from app.core.seed import SeedOptions
from app.core.signin import SignInMethod
from app.core.text import printable
from app.station.context import Notify
from app.station.import_notices import ImportNotice, ImportState
from app.station.jobs import JobNotice
from app.station.notices import Notice, ReadyNotice, SessionNotice, SessionState
from app.station.station import Station
from app.ui.wording.doctor import device_words
from app.ui.wording.errors import trouble

Build = Callable[[Notify], Awaitable[Station]]
N = TypeVar("N")

_OVER: Final = frozenset({SessionState.SIGNED_IN, SessionState.FAILED, SessionState.SIGNED_OUT})
_SETTLED: Final = frozenset(
    {ImportState.READY, ImportState.REFUSED, ImportState.UNCHECKED, ImportState.ASKING}
)


async def uploaded(
    build: Build,
    file: Path,
    options: SeedOptions,
    handing: Handing,
    reason: OverrideReason | None = None,
) -> dict[str, JobRow]:
    """Upload `file`, read with `options`; return the rows of the upload by serial number.

    Tokens that the tenant has already are none of its rows. Raises OathdeskError where it could
    not be begun. A sign-in asks a person only where nothing else will do.
    """
    heard = Heard()
    station = await build(heard.take)
    try:
        await station.start()
        await _sign_in(station, heard)
        await station.importing.open(str(file), file.name, options)
        return await _carried(station, heard, handing, reason)
    finally:
        await station.close()


async def _carried(
    station: Station, heard: "Heard", handing: Handing, reason: OverrideReason | None
) -> dict[str, JobRow]:
    file = await heard.until(ImportNotice, lambda notice: notice.state in _SETTLED)
    if file.error is not None:
        raise file.error
    await station.importing.begin(handing, reason)
    rows: dict[str, JobRow] = {}
    if heard.last(ImportNotice).state is ImportState.READY:  # every token is there already
        return rows
    while True:
        notice = await heard.next(JobNotice)
        progress = notice.progress
        if progress is None:
            continue
        rows |= {row.label: row for row in (*(notice.rows or ()), *notice.changed)}
        _show(progress.settled, progress.total)
        if progress.is_over:
            return rows
        if progress.state is JobState.HELD and isinstance(progress.held_by, Forbidden):
            _say(trouble(progress.held_by).sentence)
            await station.importing.upload.job.cancel()


async def _sign_in(station: Station, heard: "Heard") -> None:
    """Sign in, asking a person only where nothing else will do. Raises what came in the way."""
    methods = heard.last(ReadyNotice).methods
    if SignInMethod.CERTIFICATE not in methods:
        await station.session.settled()
        if station.session.operator is not None:  # the system has kept it
            return
        await station.session.begin_by_device_code()
        asked = await heard.until(
            SessionNotice, lambda told: told.prompt is not None or _over(told)
        )
        if asked.prompt is not None:
            _say(device_words(asked.prompt))
        if _over(asked):
            raise asked.error or SignInCancelled("nobody has signed in")
    session = await heard.until(SessionNotice, _over)
    if session.state is not SessionState.SIGNED_IN:
        raise session.error or SignInCancelled("nobody has signed in")


def _over(notice: SessionNotice) -> bool:
    return notice.state in _OVER


class Heard:
    """What the station tells, in order, to be waited for."""

    def __init__(self) -> None:
        self._notices: asyncio.Queue[Notice] = asyncio.Queue()
        self._last: dict[type, Any] = {}

    def take(self, notice: Notice) -> None:
        """Take a notice in."""
        self._last[type(notice)] = notice
        self._notices.put_nowait(notice)

    def last(self, kind: type[N]) -> N:
        """Return the latest notice of one kind; raises KeyError."""
        found: N = self._last[kind]
        return found

    async def next(self, kind: type[N]) -> N:
        """Wait for the next notice of one kind."""
        while True:
            notice = await self._notices.get()
            if isinstance(notice, kind):
                return notice

    async def until(self, kind: type[N], true: Callable[[N], bool]) -> N:
        """Wait for a notice of one kind that `true` holds for."""
        while True:
            notice = await self.next(kind)
            if true(notice):
                return notice


def _show(settled: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{settled} of {total}" + ("\n" if settled == total else ""))
        sys.stderr.flush()


def _say(words: str) -> None:
    sys.stderr.write("".join(f"{printable(line)}\n" for line in words.splitlines()))
    sys.stderr.flush()
