"""Card readers and scanners in memory: a test lays things down, and they tell as threads do."""

from collections.abc import Callable
from typing import Generic, TypeVar

from app.core.reading import ReaderEvent, ScannerEvent

E = TypeVar("E")


class FakeWatch(Generic[E]):
    """Fulfils core.ports.CardReader or LineScanner; tells what it is told to tell."""

    def __init__(self) -> None:
        self._told: Callable[[E], None] | None = None
        self.stopped = 0

    def start(self, told: Callable[[E], None]) -> None:
        self._told = told

    def stop(self) -> None:
        self._told = None
        self.stopped += 1

    @property
    def watching(self) -> bool:
        return self._told is not None

    def tell(self, *events: E) -> None:
        """Let these events happen now, if anybody watches."""
        for event in events:
            if self._told is not None:
                self._told(event)


class FakeCards(FakeWatch[ReaderEvent]):
    """The card readers."""


class FakePorts(FakeWatch[ScannerEvent]):
    """The scanners in serial-port mode."""
