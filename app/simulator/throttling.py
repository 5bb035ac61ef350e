"""Answers 429 when a metered path is called too often, as Graph does per app and tenant."""

import math
import re
from collections import deque
from collections.abc import Callable

from app.simulator.options import Throttle
from app.simulator.refusals import GraphRefusal, refusal

METERED = re.compile(r"/authentication/|/hardwareOathDevices", re.IGNORECASE)
"""What is counted: calls about authentication methods and about the inventory."""


class Throttling:
    """A sliding window over the metered calls; `rule` may be replaced at run time."""

    def __init__(self, rule: Throttle | None, clock: Callable[[], float]) -> None:
        self.rule = rule
        self._clock = clock
        self._calls: deque[float] = deque()

    def change(self, rule: Throttle | None) -> None:
        """Set or lift the limit and forget the calls counted so far."""
        self.rule = rule
        self._calls.clear()

    def admit(self, path: str) -> None:
        """Count a call; raises `GraphRefusal` 429 with Retry-After when it is one too many."""
        if self.rule is None or not METERED.search(path):
            return
        now = self._clock()
        while self._calls and self._calls[0] <= now - self.rule.seconds:
            self._calls.popleft()
        if len(self._calls) >= self.rule.count:
            raise throttled(math.ceil(self._calls[0] + self.rule.seconds - now))
        self._calls.append(now)


def throttled(retry_after: int | str | None) -> GraphRefusal:
    """A 429 with `Retry-After` as seconds, as an HTTP date, or without it."""
    refused = refusal("throttled")
    if retry_after is not None:
        shown = max(1, retry_after) if isinstance(retry_after, int) else retry_after
        refused.headers["Retry-After"] = str(shown)
    refused.headers["x-ms-throttle-information"] = "ResourceUnitLimitExceeded"
    return refused
