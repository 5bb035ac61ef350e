"""Collects what a reader's thread tells, and waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from tests.support.patience import HANG_SECONDS

E = TypeVar("E")


class Heard(Generic[E]):
    """Called as `told`; keeps every event in order."""

    def __init__(self) -> None:
        self.events: list[E] = []
        self._news = threading.Condition()

    def __call__(self, event: E) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def until(self, happened: Callable[[E], bool], times: int = 1) -> list[E]:
        """Wait until so many events answer `happened`; return them."""
        deadline = time.monotonic() + HANG_SECONDS
        with self._news:
            while True:
                found = [event for event in self.events if happened(event)]
                if len(found) >= times:
                    return found
                left = deadline - time.monotonic()
                assert left > 0, f"not told; but these were: {self.events}"
                self._news.wait(left)

    def of(self, *kinds: type) -> list[E]:
        """The events of these kinds so far."""
        return [event for event in self.events if isinstance(event, kinds)]
