"""Another program on the same machine, a process of its own, that uses the card we want.

Run as a program it connects to the reader it is told, holds a transaction, and does as its standard
input says: a line of hexadecimal digits is sent to the card, "let go" ends the transaction.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.patience import HANG_SECONDS

ROOT = Path(__file__).resolve().parents[2]


class OtherProgram:
    """The program, from outside; it holds the card from the beginning of the `with`."""

    def __init__(self, reader: str) -> None:
        command = [sys.executable, "-m", "tests.readers.other_program", reader]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def __enter__(self) -> Self:
        assert self._answer() == "held"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=HANG_SECONDS)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, command: str) -> str:
        """What the card answers, in hexadecimal."""
        return self._say(command)

    def let_go(self) -> None:
        assert self._say("let go") == "free"

    def _say(self, line: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(reader: str) -> None:
    """Wait until there is a card, hold it, and serve the lines of standard input."""
    scard = importlib.import_module("smartcard.scard")
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    code = 1
    while code != 0:
        code, card, _ = scard.SCardConnect(context, reader, scard.SCARD_SHARE_SHARED, 3)
    scard.SCardBeginTransaction(card)
    say("held")
    for line in sys.stdin:
        if line.strip() == "let go":
            scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
            say("free")
        else:
            _, answer = scard.SCardTransmit(card, scard.SCARD_PCI_T1, list(bytes.fromhex(line)))
            say(bytes(answer).hex())
    scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)


if __name__ == "__main__":
    main(sys.argv[1])
