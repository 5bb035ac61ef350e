"""What a test tells a fake to do at its next calls: fail, or let the answer wait."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.core.errors import OathdeskError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """Raise `error`; `acts` says whether the call has its effect first."""

    error: OathdeskError
    acts: bool = False


@dataclass(slots=True)
class Hold:
    """A call that has `reached` the fake and is not answered until it is told to `go`.

    What the call does is done before the wait if `acts`, else after it.
    """

    acts: bool = False
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Script:
    """Faults and holds per call name, each used once, in the order they were told."""

    _steps: dict[str, deque[Fault | Hold]] = field(default_factory=lambda: defaultdict(deque))
    _always: dict[str, OathdeskError] = field(default_factory=dict)

    def fail(self, call: str, error: OathdeskError, *, acts: bool = False) -> None:
        self._steps[call].append(Fault(error, acts))

    def fail_always(self, call: str, error: OathdeskError) -> None:
        self._always[call] = error

    def recover(self, call: str) -> None:
        self._always.pop(call, None)
        self._steps[call].clear()

    def hold(self, call: str, *, acts: bool = False) -> Hold:
        hold = Hold(acts)
        self._steps[call].append(hold)
        return hold

    async def play(self, call: str, act: Callable[[], T]) -> T:
        """Do `act` as the script has it for this call of `call`."""
        await asyncio.sleep(0)
        step = self._steps[call].popleft() if self._steps[call] else None
        if isinstance(step, Hold):
            return await self._held(step, act)
        if step is None and call in self._always:
            step = Fault(self._always[call])
        if step is None:
            return act()
        if step.acts:
            act()
        raise step.error

    async def _held(self, hold: Hold, act: Callable[[], T]) -> T:
        early = act() if hold.acts else None
        hold.reached.set()
        await hold.go.wait()
        return act() if early is None else early
