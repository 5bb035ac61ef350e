"""Real stations in real processes, by the hundred: forked from one that has imported everything.

A fresh interpreter needs a second to import httpx, MSAL and cryptography; a fork of one that did so
serves a desk after some milliseconds, and dies of SIGKILL like any other process.

    python -m tests.kills.nursery SOCKET READY.json      (one connection: one station)
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msal  # noqa: F401 - imported once, before any fork
import requests  # noqa: F401 - the same

from app.network.tls import make_ssl_context
from tests.support import simulated  # noqa: F401 - the same: it plays the browser
from tests.support.headless import Manner, Where, YoungClock, line_of, serve
from tests.support.patience import HANG_SECONDS

ROOT = Path(__file__).parents[2]
HURRY = 100.0
PATIENCE = (0.0, 2.0, 4.0, 8.0, 12.0, 16.0)
"""Seconds before each look, as the station counts; 0.42 s in all as they pass here."""


class Died(Exception):
    """The station is dead."""


class Life:
    """One station process, from its birth to its kill. Every line it tells is read in order."""

    def __init__(self, link: socket.socket, birth: Mapping[str, Any]) -> None:
        self._link = link
        self._buffer = b""
        self._deadline = float("inf")
        self._lines_left = -1
        self.lines: dict[str, str] = {}
        self.said: list[str] = []
        link.sendall(line_of(birth))
        self.pid = int(self.read()["pid"])

    # The end --------------------------------------------------------------------------------

    def die_after_seconds(self, seconds: float) -> None:
        """Kill it when `seconds` have passed, at the first reading thereafter."""
        self._deadline = time.monotonic() + seconds

    def die_after_lines(self, lines: int) -> None:
        """Kill it when it has told so many more lines."""
        self._lines_left = lines

    def kill(self) -> None:
        """SIGKILL, at once."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def bury(self) -> None:
        """Kill it, and wait until the system has closed what it held."""
        self.kill()
        self._link.settimeout(HANG_SECONDS)
        with suppress(ConnectionError):
            while self._link.recv(65536):
                pass
        self._link.close()

    # Talking --------------------------------------------------------------------------------

    def do(self, name: str, **arguments: Any) -> bool:
        """Have it carry out a command; True where it did. Raises Died."""
        self._send({"do": name, **arguments})
        while True:
            said = self.read()
            if said.get("done") == name:
                return True
            if said.get("failed") == name:
                return False

    def read(self) -> dict[str, Any]:
        """The next line it tells. Raises Died."""
        while b"\n" not in self._buffer:
            self._buffer += self._received()
        line, _, self._buffer = self._buffer.partition(b"\n")
        if self._lines_left == 0:
            self.kill()
            raise Died
        self._lines_left -= 1
        said: dict[str, Any] = json.loads(line)
        if said.get("told") == "today":
            self.lines = dict(said["lines"])
        self.said.append(line.decode()[:200])
        return said

    def idle(self, seconds: float) -> None:
        """Listen for `seconds`. Raises Died."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(TimeoutError):
                self._wait_at_most = end - time.monotonic()
                self.read()
        self._wait_at_most = HANG_SECONDS

    _wait_at_most = HANG_SECONDS

    def _send(self, message: Mapping[str, object]) -> None:
        try:
            self._link.sendall(line_of(message))
        except ConnectionError as error:
            raise Died from error

    def _received(self) -> bytes:
        left = self._deadline - time.monotonic()
        self._link.settimeout(max(0.001, min(left, self._wait_at_most)))
        try:
            data = self._link.recv(65536)
        except TimeoutError:
            if time.monotonic() >= self._deadline:
                self.kill()
                raise Died from None
            raise
        except ConnectionError as error:
            raise Died from error
        if not data:
            raise Died
        return data


class Nursery:
    """Where lives begin."""

    def __init__(self, address: str) -> None:
        self._address = address

    def birth(self, ledger: Path, graph_url: str) -> Life:
        """Fork a station that works on `ledger` and reaches the directory at `graph_url`."""
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(HANG_SECONDS)
        link.connect(self._address)
        return Life(link, {"ledger": str(ledger), "graph": graph_url})


@contextmanager
def nursery(folder: Path, ready_json: str) -> Iterator[Nursery]:
    """Start the process that all stations are forked from."""
    address, ready_file = str(folder / "nursery"), folder / "ready.json"
    ready_file.write_text(ready_json, encoding="utf-8")
    command = [sys.executable, "-m", "tests.kills.nursery", address, str(ready_file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as process:
        try:
            _await_socket(address, process)
            yield Nursery(address)
        finally:
            process.kill()


def _await_socket(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + HANG_SECONDS
    while not Path(address).exists():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("the nursery did not start")
        time.sleep(0.01)


# In the nursery's own process -------------------------------------------------------------------


def main(address: str, ready_file: str) -> None:
    """Fork a station for each connection, until killed."""
    ready = json.loads(Path(ready_file).read_text(encoding="utf-8"))
    context = make_ssl_context(Path(ready["ca_file"]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead bury themselves
    staging = f"{address}.new"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(staging)
        listener.listen(16)
        Path(staging).rename(address)
        while True:
            link, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _live(link, ready, Manner(context=context))
            link.close()


def _live(link: socket.socket, ready: Mapping[str, Any], manner: Manner) -> None:
    try:
        asyncio.run(_serve(link, ready, manner))
    finally:
        os._exit(0)


async def _serve(link: socket.socket, ready: Mapping[str, Any], manner: Manner) -> None:
    link.setblocking(False)  # noqa: FBT003 - the socket module's own way
    reader, writer = await asyncio.open_connection(sock=link)
    birth = json.loads(await reader.readline())
    writer.write(line_of({"pid": os.getpid()}))
    manner = replace(manner, clock=YoungClock(HURRY)).patient(*PATIENCE)

    def send(message: Mapping[str, object]) -> None:
        writer.write(line_of(message))

    where = Where.of(ready, birth["graph"])
    await serve(where, Path(birth["ledger"]), manner, reader, send)
    await writer.drain()


if __name__ == "__main__":
    main(*sys.argv[1:])
