"""Work that runs beside the caller: it can be stopped, and no failure of it goes unheard."""

import asyncio
import logging
from collections.abc import Coroutine

_LOG = logging.getLogger("oathdesk.station")


class Tasks:
    """Named pieces of work. Starting one under a name that is in use stops the older one first."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._named: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, work: Coroutine[object, object, None]) -> None:
        """Run `work` under `name`, in place of what ran under it."""
        self.stop(name)
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._named[name] = task
        task.add_done_callback(self._ended)

    def stop(self, name: str) -> None:
        """Cancel what runs under `name`, if anything does."""
        task = self._named.pop(name, None)
        if task is not None:
            task.cancel()

    async def stop_all(self) -> None:
        """Cancel everything and wait until it has ended."""
        tasks = list(self._named.values())
        self._named.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._named.get(task.get_name()) is task:
            del self._named[task.get_name()]
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("work %s failed", task.get_name(), exc_info=error)
