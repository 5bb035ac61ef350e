"""A table whose readers see an older state than its writers, as replicas of a directory do."""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

V = TypeVar("V")

LONGEST_LAG = 600.0
"""Seconds for which replaced values are kept; a longer lag is not simulated."""


class LaggedTable(Generic[V]):
    """Values by key. `current` is the truth; `seen` is what a replica `lag` seconds behind shows.

    The lag is asked for at each read, so it can be changed while the table is in use.
    """

    def __init__(
        self, values: Iterable[tuple[str, V]], clock: Callable[[], float], lag: Callable[[], float]
    ) -> None:
        self._values: dict[str, V] = dict(values)
        self._replaced: dict[str, list[tuple[float, V | None]]] = {}
        self._clock = clock
        self._lag = lag

    def current(self, key: str) -> V | None:
        """The value as the writer knows it."""
        return self._values.get(key)

    def all_current(self) -> Iterator[V]:
        """Every true value, in order of insertion."""
        return iter(list(self._values.values()))

    def put(self, key: str, value: V | None) -> None:
        """Set a value (None removes it) and remember the one it replaces for slow readers."""
        now = self._clock()
        kept = [old for old in self._replaced.get(key, ()) if old[0] > now - LONGEST_LAG]
        kept.append((now, self._values.get(key)))
        self._replaced[key] = kept
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value

    def seen(self, key: str) -> V | None:
        """The value as a reader sees it now."""
        cutoff = self._clock() - self._lag()
        for replaced_at, older in self._replaced.get(key, ()):
            if replaced_at > cutoff:
                return older
        return self._values.get(key)

    def all_seen(self) -> list[V]:
        """Every value as a reader sees it now; entries removed lately come last."""
        if not self._replaced or self._lag() <= 0:
            return list(self._values.values())
        keys = [*self._values, *(k for k in self._replaced if k not in self._values)]
        return [value for key in keys if (value := self.seen(key)) is not None]
