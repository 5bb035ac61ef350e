"""The only door between the GUI thread and the station's thread.

In goes a gesture: a function from the station to a coroutine, run on the station's loop. Out comes
a notice, as one queued signal. Nothing else crosses, so no widget is ever touched from the wrong
thread and the GUI thread never waits.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.core.errors import OathdeskError
from app.station.notices import ReadyNotice
from app.station.setup import Notify

if TYPE_CHECKING:
    from app.station.station import Station

_LOG = logging.getLogger("oathdesk.ui")

Gesture = Callable[["Station"], Coroutine[Any, Any, None]]
Build = Callable[[Notify], Awaitable["Station"]]

_STOP_SECONDS = 5.0


class Bridge(QObject):
    """Runs the station in a thread of its own; `build` is awaited there and costs no frame."""

    noticed = Signal(object)

    def __init__(self, build: Build, parent: QObject | None = None) -> None:
        """Make the loop; `start` begins."""
        super().__init__(parent)
        self._build = build
        self._loop = asyncio.new_event_loop()
        self._station: asyncio.Future[Station] = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name="station", daemon=True)
        self._closed = False
        self._under_way: set[Future[None]] = set()  # the loop itself holds its tasks but weakly

    def start(self) -> None:
        """Start the station's thread and put the station together in it."""
        self._thread.start()
        self._watch(asyncio.run_coroutine_threadsafe(self._open(), self._loop))

    def ask(self, gesture: Gesture) -> None:
        """Run `gesture` on the station's loop; before the station is ready it waits there."""
        if not self._closed:
            self._watch(asyncio.run_coroutine_threadsafe(self._perform(gesture), self._loop))

    def close(self) -> None:
        """End the station's work and its thread; waits five seconds at most."""
        if self._closed:
            return
        self._closed = True
        if self._thread.is_alive():
            self._watch(asyncio.run_coroutine_threadsafe(self._end(), self._loop))
            self._thread.join(_STOP_SECONDS)
        else:
            self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _open(self) -> None:
        try:
            station = await self._build(self._notify)
            self._station.set_result(station)
            await station.start()
        except OathdeskError as error:
            self._notify(ReadyNotice(error=error))

    async def _perform(self, gesture: Gesture) -> None:
        await gesture(await asyncio.shield(self._station))

    async def _end(self) -> None:
        try:
            if self._station.done():
                await self._station.result().close()
        finally:
            await self._cancel_all()
            self._loop.stop()

    async def _cancel_all(self) -> None:
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _notify(self, notice: object) -> None:
        if not self._closed:
            self.noticed.emit(notice)

    def _watch(self, future: "Future[None]") -> None:
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        future.add_done_callback(_log_failure)


def _log_failure(future: "Future[None]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        _LOG.error("a gesture failed", exc_info=error)
