"""Work that runs beside the caller: it can be stopped, and no failure of it goes unheard."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

_LOG = logging.getLogger("oathdesk.station")

Work = Callable[[], Coroutine[object, object, None]]


class Tasks:
    """Named pieces of work. Starting one under a name that is in use stops the older one first."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._named: dict[str, asyncio.Task[Any]] = {}
        self._again: dict[str, Work] = {}

    def start(self, name: str, work: Coroutine[object, object, object]) -> None:
        """Run `work` under `name`, in place of what ran under it."""
        self.stop(name)
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._named[name] = task
        task.add_done_callback(self._ended)

    def once_more(self, name: str, work: Work) -> None:
        """Run `work` under `name`; while it runs already, run it once more after that.

        For what must not be cut short, and must not miss what came up while it ran.
        """
        running = self._named.get(name)
        if running is None or running.done():
            self.start(name, self._in_turns(name, work))
        else:
            self._again[name] = work

    def is_running(self, name: str) -> bool:
        """Tell whether something runs under `name`."""
        task = self._named.get(name)
        return task is not None and not task.done()

    async def wait(self, name: str) -> None:
        """Wait until what runs under `name` has ended, however it ends."""
        task = self._named.get(name)
        if task is not None:
            await asyncio.wait({task})

    def stop(self, name: str) -> None:
        """Cancel what runs under `name`, if anything does."""
        self._again.pop(name, None)
        task = self._named.pop(name, None)
        if task is not None:
            task.cancel()

    async def stop_all(self) -> None:
        """Cancel everything and wait until it has ended."""
        tasks = list(self._named.values())
        self._named.clear()
        self._again.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _in_turns(self, name: str, work: Work) -> None:
        await work()
        while (more := self._again.pop(name, None)) is not None:
            await more()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if self._named.get(task.get_name()) is task:
            del self._named[task.get_name()]
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("work %s failed", task.get_name(), exc_info=error)
