"""The other end of a virtual reader: cards that are laid down, answer, and are pulled.

vpcd, the driver behind the reader, listens on a port and a card connects to it. Each message is a
length of two bytes, big endian, and as many bytes; one byte alone is a command to the card's power
(0 off, 1 on, 2 reset, 4 "your ATR?"), anything longer is an APDU.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

from tests.readers.cards import FakeCard
from tests.support.patience import HANG_SECONDS

RESET = 2
ATR = 4
QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)
"""Without it an acknowledgement waits for 40 ms, and with it every answer."""


class Pulled(Exception):
    """A card's `before` raises it to be pulled with a command unanswered."""


class VirtualSlot:
    """The place of a virtual reader that listens on `port`. One card at a time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._laid: _Laid | None = None

    def insert(self, card: FakeCard) -> None:
        """Lay `card` down; the service notices within its own poll of 0.4 s."""
        self._laid = _Laid(self._connected(), card)
        self._laid.start()

    def remove(self) -> None:
        """Take the card away, if there is one."""
        laid, self._laid = self._laid, None
        if laid is not None:
            laid.pull()

    def swap(self, card: FakeCard) -> None:
        """Take the card away and lay another down, as fast as it goes."""
        self.remove()
        self.insert(card)

    def _connected(self) -> socket.socket:
        deadline = time.monotonic() + HANG_SECONDS
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=HANG_SECONDS)
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)


class _Laid(threading.Thread):
    """A card on the reader: answers until it is pulled or the reader is gone."""

    def __init__(self, link: socket.socket, card: FakeCard) -> None:
        super().__init__(name="virtual card", daemon=True)
        link.settimeout(None)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._link = link
        self._card = card

    def pull(self) -> None:
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)
        self.join(HANG_SECONDS)

    def run(self) -> None:
        with self._link, suppress(OSError, Pulled):
            while message := self._message():
                self._answer(message)

    def _answer(self, message: bytes) -> None:
        if len(message) > 1:
            self._send(self._card.answer(message))
        elif message[0] == ATR:
            self._card.noticed()
            self._send(self._card.atr)
        else:
            self._card.reset()

    def _message(self) -> bytes:
        length = int.from_bytes(self._exactly(2))
        return self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            if QUICK_ACK is not None:
                self._link.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)
            piece = self._link.recv(count - len(data))
            if not piece:
                return b""
            data += piece
        return data

    def _send(self, data: bytes) -> None:
        self._link.sendall(len(data).to_bytes(2) + data)
