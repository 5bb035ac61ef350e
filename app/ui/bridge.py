"""The only door between the GUI thread and the station's thread.

In goes a gesture: a function from the station to a coroutine, run on the station's loop. Out comes
a notice, as one queued signal. Nothing else crosses, so no widget is ever touched from the wrong
thread and the GUI thread never waits.

The station can be exchanged for another one, of another tenant or after the configuration was
changed: the first is closed before the other is put together, what is asked meanwhile waits for the
other, and of several that are asked for in a row only the last is made.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Union

from PySide6.QtCore import QObject, Signal

from app.core.errors import OathdeskError
from app.station.context import Notify
from app.station.first_run import FirstRun
from app.station.notices import Notice, ReadyNotice, StartingNotice

if TYPE_CHECKING:
    from app.station.station import Station

_LOG = logging.getLogger("oathdesk.ui")

Gesture = Callable[["Station"], Coroutine[Any, Any, None]]
SetupGesture = Callable[[FirstRun], Coroutine[Any, Any, None]]
Opened = Union["Station", FirstRun]
StationFactory = Callable[[Notify], Awaitable[Opened]]
"""Builds a station, or a first run where nothing is configured. Raises OathdeskError."""

_STOP_SECONDS = 15.0


class Bridge(QObject):
    """Runs the station in a thread of its own; `build` is awaited there and costs no frame."""

    noticed = Signal(object)

    def __init__(self, build: StationFactory, parent: QObject | None = None) -> None:
        """Make the loop; `start` begins."""
        super().__init__(parent)
        self._build = build
        self._loop = asyncio.new_event_loop()
        self._place: asyncio.Future[Opened] = self._loop.create_future()
        self._opened: Opened | None = None
        self._opening, self._shutting = asyncio.Lock(), asyncio.Lock()
        self._thread = threading.Thread(target=self._run, name="station", daemon=True)
        self._closed = False
        self._under_way: set[Future[None]] = set()  # the loop itself holds its tasks but weakly

    def start(self) -> None:
        """Start the station's thread and put the station together in it."""
        self._thread.start()
        self._run_there(self._open(self._build, self._place))

    def start_over(self, build: StationFactory | None = None) -> None:
        """Close the station and put one together anew, by another `build` if one is given.

        What is asked from now on is for the new one.
        """
        self._build = build or self._build
        self._run_there(self._start_over(self._build))

    def ask(self, gesture: Gesture) -> None:
        """Run `gesture` on the station's loop; before the station is ready it waits there."""
        self._run_there(self._perform(gesture, first_run=False))

    def set_up(self, gesture: SetupGesture) -> None:
        """Run `gesture` where a first run stands in place of a station; else it is nobody's."""
        self._run_there(self._perform(gesture, first_run=True))

    def close(self) -> None:
        """End the station's work and its thread; waits 15 seconds at most."""
        if self._closed:
            return
        self._closed = True
        if self._thread.is_alive():
            self._watch(asyncio.run_coroutine_threadsafe(self._end(), self._loop))
            self._thread.join(_STOP_SECONDS)
        else:
            self._loop.close()

    def _run_there(self, work: Coroutine[Any, Any, None]) -> None:
        if self._closed:
            work.close()
        else:
            self._watch(asyncio.run_coroutine_threadsafe(work, self._loop))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _start_over(self, build: StationFactory) -> None:
        left, self._place = self._place, self._loop.create_future()
        left.cancel()  # what waited for a station that never came has nobody to wait for
        self._notify(StartingNotice())
        await self._open(build, self._place)

    async def _open(self, build: StationFactory, place: "asyncio.Future[Opened]") -> None:
        """Put together what `place` is for, unless another one is wanted by now."""
        async with self._opening:
            await self._shut_before()
            if place.cancelled():
                return
            notify = self._while_wanted(place)
            try:
                self._opened = await build(notify)
                if not place.cancelled():
                    place.set_result(self._opened)
                    await self._opened.start()
            except OathdeskError as error:
                notify(ReadyNotice(error=error))

    def _while_wanted(self, place: "asyncio.Future[Opened]") -> Notify:
        """Return how the station of `place` tells: once another one is wanted, nothing any more."""

        def notify(notice: Notice) -> None:
            if place is self._place:
                self._notify(notice)

        return notify

    async def _shut_before(self) -> None:
        """Close what stands there. Where that fails, the next one is put together all the same."""
        (failure,) = await asyncio.gather(self._shut(), return_exceptions=True)
        if failure is not None:
            _LOG.error("a station did not close", exc_info=failure)

    async def _shut(self) -> None:
        async with self._shutting:  # whoever ends the loop waits for a station that is closing
            opened, self._opened = self._opened, None
            if opened is not None:
                await opened.close()

    async def _perform(self, gesture: Callable[[Any], Awaitable[None]], *, first_run: bool) -> None:
        opened = await asyncio.shield(self._place)
        if isinstance(opened, FirstRun) is first_run:
            await gesture(opened)

    async def _end(self) -> None:
        try:
            await self._shut()
        finally:
            await self._cancel_all()
            self._loop.stop()

    async def _cancel_all(self) -> None:
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _notify(self, notice: Notice) -> None:
        if not self._closed:
            self.noticed.emit(notice)

    def _watch(self, future: "Future[None]") -> None:
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        future.add_done_callback(_log_failure)


def _log_failure(future: "Future[None]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        _LOG.error("a gesture failed", exc_info=error)
