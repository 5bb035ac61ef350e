"""One conversation with one card: open it, have it alone, ask, let go, and leave it as it was.

It has a thread and a context of its own. To open a card that another program has for itself, or to
ask one that hangs, takes as long as it takes, and pcscd has no call to end that wait: meanwhile the
other readers must be looked after.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from app.core.reading import CardReading, Help, NeedsHelp, NotAToken, Thing
from app.readers.families.apdu import Transmit
from app.readers.probe import Card, is_molto, probe
from app.readers.slot import Pace
from app.readers.winscard import (
    TIMEOUT,
    CardReset,
    CardTrouble,
    Handle,
    ReaderLost,
    ServiceLost,
    Unusable,
    Winscard,
)

_RESETS: Final = 3
"""How often another program may reset the card before we give up (as KeePassXC does)."""


class TooSlow(CardTrouble):
    """The card was given its time, and has used it up: another try would end the same way."""


class Talk(threading.Thread):
    """Asks `card` until it is known; `told` hears every reading, on this thread.

    That is one reading, but where another program holds the card: then first that, and the card's
    own once it is free. Without a word it ends when the reader or the service is gone.
    """

    def __init__(
        self, api: Winscard, card: Card, pace: Pace, told: Callable[[CardReading], None]
    ) -> None:
        super().__init__(name=f"card in {card.reader}", daemon=True)
        self.opened_at: float | None = None
        self._api = api
        self._card = card
        self._pace = pace
        self._told = told
        self._given_up = threading.Event()

    def give_up(self) -> None:
        """Try no more; a call that is under way ends by itself."""
        self._given_up.set()

    def run(self) -> None:
        try:
            context = self._api.establish()
        except Unusable:
            return
        try:
            for reading in self._readings(context):
                self._told(reading)
        except (ReaderLost, ServiceLost):
            pass  # the thread that watches the readers sees it, and tells
        finally:
            self._api.release(context)

    def _readings(self, context: int) -> Iterator[CardReading]:
        """Try until the card has answered, or may not be expected to."""
        for tries in itertools.count(1):
            try:
                reading = converse(self._api, context, self._card, self._pace.budget, self._opened)
            except CardTrouble as error:
                held = error.help is Help.BUSY
                last = tries >= self._pace.tries or isinstance(error, TooSlow)
                if tries == self._pace.tries or (last and not held):
                    yield NeedsHelp(error.help, str(error))
                if last and not held:
                    return
            else:
                yield reading
                return
            if self._given_up.wait(self._pace.held if last else self._pace.between):
                return

    def _opened(self) -> None:
        self.opened_at = time.monotonic()


def converse(
    api: Winscard, context: int, card: Card, budget: float, opened: Callable[[], None]
) -> CardReading:
    """Ask `card` what it is, within `budget` seconds and the answer that is under way then.

    `opened` is called as soon as the card can be asked. Raises CardTrouble, TooSlow among it,
    ReaderLost and ServiceLost.
    """
    if is_molto(card.reader):
        return NotAToken(Thing.MOLTO2)
    handle = api.connect(context, card.reader)
    try:
        return _ask(api, handle, card, budget, opened)
    finally:
        api.disconnect(handle)


def _ask(
    api: Winscard, handle: Handle, card: Card, budget: float, opened: Callable[[], None]
) -> CardReading:
    for resets in range(_RESETS + 1):
        try:
            with _alone(api, handle):
                opened()
                return probe(card, _transmit(api, handle, time.monotonic() + budget))
        except CardReset:
            if resets == _RESETS:
                raise
            handle = api.reconnect(handle)
    raise AssertionError("the last round returns or raises")


@contextmanager
def _alone(api: Winscard, handle: Handle) -> Iterator[None]:
    api.begin(handle)
    try:
        yield
    finally:
        api.end(handle)


def _transmit(api: Winscard, handle: Handle, deadline: float) -> Transmit:
    def transmit(command: bytes) -> tuple[bytes, int]:
        if time.monotonic() > deadline:
            raise TooSlow("no time left", TIMEOUT)
        return api.transmit(handle, command)

    return transmit
