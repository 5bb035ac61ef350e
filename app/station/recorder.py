"""Writes entries into the record, and holds those that it cannot write until it can.

A record can refuse to be written for a while: another program locks the file, the disk is full, a
folder is read-only. What an operator has submitted must not disappear meanwhile. So an entry that
tells of something that has happened is held in memory, listed at once, and written as soon as the
record takes entries again: tried anew after a pause, with the next entry, and once more when the
program closes. What is held is always written before anything newer, so that the order of the
record is the order in which things happened to each enrollment.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Final

from app.core.errors import LedgerError
from app.core.ports import Clock, Ledger
from app.core.record import Entry, EntryKind, Recordable, attempt, written_late
from app.core.station_event import StationEvent
from app.station.tasks import Tasks
from app.station.today import Today

_LOG = logging.getLogger("oathdesk.station")

PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 15.0)
"""Seconds between two tries to write what is held; the last one repeats."""

CLOSING: Final = 12.0
"""Seconds of real time that closing waits at most for the record: two waits of SQLite's for a file
that another program has locked (ledger.opening.BUSY_SECONDS), and some more."""

_TRY: Final = "write what is held"

WritableAgain = Callable[[], None]


class Recorder:
    """The one way into the record for a station. Lives on the station's loop.

    An entry that is on its way to the disk is written to its end, even where the task that waits
    for it is cancelled: at sign-out nothing is left half known.
    """

    def __init__(
        self, ledger: Ledger, clock: Clock, today: Today, writable_again: WritableAgain
    ) -> None:
        """Add each entry to `today` once, when it is written or held.

        `writable_again` is called when all that was held is written.
        """
        self._ledger = ledger
        self._clock = clock
        self.today = today
        self._writable_again = writable_again
        self._held: list[Recordable] = []
        self._turn = asyncio.Lock()
        self._writing: set[asyncio.Task[None]] = set()
        self._tasks = Tasks()

    @property
    def held(self) -> tuple[Recordable, ...]:
        """Return what could not be written yet, in its order."""
        return tuple(self._held)

    async def timeline(self, enrollment_id: str) -> tuple[Entry, ...]:
        """Return the entries of one enrollment, what is held last. Raises LedgerError."""
        written = await asyncio.to_thread(self._ledger.timeline, enrollment_id)
        held = (entry for entry in self._held if isinstance(entry, Entry))
        return (*written, *(entry for entry in held if entry.enrollment_id == enrollment_id))

    async def write(self, entry: Entry) -> None:
        """Make `entry` durable. Raises LedgerError; then nothing of it is left."""
        listed: list[Entry] = []
        await self._run(self._append(entry, listed), listed)

    async def submit(self, entry: Entry, *before: Entry) -> None:
        """Make `before` and then `entry` durable: an intent, or work that is staged.

        Raises LedgerError. Then nothing may be sent; what was not written of `before` is held, and
        `entry` as an attempt, which is listed as needing attention.
        """
        listed: list[Entry] = []
        await self._run(self._submit((*before, entry), listed), listed)

    async def keep(self, entry: Entry) -> None:
        """Write `entry`, which tells of something that has happened; hold it where that fails."""
        listed: list[Entry] = []
        await self._run(self._keep(entry, listed), listed)

    def hold(self, entry: Entry) -> None:
        """List `entry` at once and write it as soon as possible, without anybody waiting."""
        self._hold(entry)
        self.today.add(entry)

    def record_event(self, event: StationEvent, refused: Callable[[LedgerError], None]) -> None:
        """Write `event`, which has happened, without anybody waiting; before what comes after it.

        Where that fails `refused` is called with the reason and the event is held.
        """
        task = asyncio.create_task(self._keep_event(event, refused))
        self._writing.add(task)
        task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Try once more to write what is held, for CLOSING seconds at most.

        What cannot be written is in the log, and only there.
        """
        await self._tasks.stop_all()
        last = asyncio.create_task(self._write_all())
        await asyncio.wait({last, *self._writing}, timeout=CLOSING)
        await self._tasks.stop_all()  # an event that was held meanwhile has begun to be tried again
        if self._writing:  # and what that try was writing goes on to its end, as every write does
            await asyncio.wait(self._writing, timeout=CLOSING)
        for entry in self._held:
            _LOG.error("%s; the program closes without having recorded it", _about(entry))

    # Inside -------------------------------------------------------------------------------------

    def _hold(self, entry: Recordable) -> None:
        self._held.append(entry)
        self._log(entry)
        if not self._tasks.is_running(_TRY):
            self._tasks.start(_TRY, self._keep_trying())

    async def _run(self, work: Coroutine[object, object, None], listed: list[Entry]) -> None:
        """Do `work` to its end, even where the caller is cancelled meanwhile.

        What it has `listed` by then is listed in one step with what its caller does next, so that
        the list and the desk never tell different states of one enrollment.
        """
        task = asyncio.create_task(work)
        self._writing.add(task)
        task.add_done_callback(self._ended)
        try:
            await asyncio.shield(task)
        finally:
            if task.done():
                self._list(listed)
            else:
                task.add_done_callback(lambda _: self._list(listed))

    def _list(self, entries: list[Entry]) -> None:
        for entry in entries:
            self.today.add(entry)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Let go of a task; what it raised is told here where its caller is gone."""
        self._writing.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, LedgerError):
            _LOG.error("writing the record failed", exc_info=error)

    async def _append(self, entry: Entry, listed: list[Entry]) -> None:
        async with self._turn:
            await self._write_held()
            await self._to_disk(entry)
        listed.append(entry)

    async def _submit(self, entries: tuple[Entry, ...], listed: list[Entry]) -> None:
        done = 0
        try:
            for entry in entries:
                await self._append(entry, listed)
                done += 1
        except LedgerError as error:
            for entry in (*entries[done:-1], attempt(entries[-1], error)):
                self._hold(entry)
                listed.append(entry)
            raise

    async def _keep(self, entry: Entry, listed: list[Entry]) -> None:
        listed.append(entry)
        if self._held:  # the record was not writable a moment ago: nobody is to wait for it again
            self._hold(entry)
            return
        try:
            await self._append(entry, [])
        except LedgerError:
            self._hold(entry)

    async def _keep_event(
        self, event: StationEvent, refused: Callable[[LedgerError], None]
    ) -> None:
        if self._held:  # the record was not writable a moment ago, which was told then
            self._hold(event)
            return
        try:
            async with self._turn:
                await self._write_held()
                await self._to_disk(event)
        except LedgerError as error:
            self._hold(event)
            refused(error)

    async def _write_held(self) -> None:
        """Write what is held, oldest first. The turn is held. Raises LedgerError."""
        while self._held:
            await self._to_disk(written_late(self._held[0], self._clock.now()))
            del self._held[0]

    async def _to_disk(self, entry: Recordable) -> None:
        await asyncio.to_thread(self._ledger.append, entry)

    async def _write_all(self) -> None:
        try:
            async with self._turn:
                await self._write_held()
        except LedgerError:
            return

    async def _keep_trying(self) -> None:
        tries = 0
        while self._held:
            await self._clock.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1
            await self._run(self._write_all(), [])
        _LOG.info("the record can be written again, and nothing is missing from it")
        self._writable_again()

    def _log(self, entry: Recordable) -> None:
        _LOG.error("%s; it is written as soon as the record can be written", _about(entry))


def _about(entry: Recordable) -> str:
    """Return what the log says of an entry that could not be written. It names no person."""
    if isinstance(entry, StationEvent):
        return f"the event {entry.name} could not be recorded"
    if entry.kind is EntryKind.ATTEMPT:
        serial = entry.facts.get("serial_number", "")
        return f"enrollment {entry.enrollment_id} (token {serial}) was not sent and not recorded"
    return f"enrollment {entry.enrollment_id}: {entry.state.value} could not be recorded"
