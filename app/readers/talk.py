"""One conversation with one card: open it, have it alone, ask, let go, and leave it as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from app.core.reading import CardReading, NotAToken, Thing
from app.readers.families.apdu import Transmit
from app.readers.probe import Card, is_molto, probe
from app.readers.winscard import TIMEOUT, CardReset, CardTrouble, Handle, Winscard

_RESETS: Final = 3
"""How often another program may reset the card before we give up (as KeePassXC does)."""


class TooSlow(CardTrouble):
    """The card was given its time, and has used it up: another try would end the same way."""


def converse(api: Winscard, context: int, card: Card, budget: float) -> CardReading:
    """Ask `card` what it is, within `budget` seconds and the answer that is under way then.

    Raises CardTrouble, TooSlow among it, ReaderLost and ServiceLost.
    """
    if is_molto(card.reader):
        return NotAToken(Thing.MOLTO2)
    deadline = time.monotonic() + budget
    handle = api.connect(context, card.reader)
    try:
        return _ask(api, handle, card, deadline)
    finally:
        api.disconnect(handle)


def _ask(api: Winscard, handle: Handle, card: Card, deadline: float) -> CardReading:
    for _ in range(_RESETS):
        try:
            with _alone(api, handle):
                return probe(card, _transmit(api, handle, deadline))
        except CardReset:
            handle = api.reconnect(handle)
    with _alone(api, handle):
        return probe(card, _transmit(api, handle, deadline))


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
