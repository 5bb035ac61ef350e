"""Real stations in real processes, by the hundred: forked from one that has imported everything.

A fresh interpreter needs a second to import httpx, MSAL and cryptography; a fork of one that did so
serves a desk after some milliseconds, and dies of SIGKILL like any other process.

    python -m tests.kills.nursery SOCKET READY.json      (one connection: one station)

Windows has no fork: there each station is a fresh interpreter, some of them started ahead, which
connects to a port and is ended by TerminateProcess.

    python -m tests.kills.nursery PORT READY.json        (one station)
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

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


AHEAD = 3
"""Interpreters that are started before they are needed, where there is no fork."""

_TERMINATE = 0x0001  # PROCESS_TERMINATE of Windows' access rights for processes


class Died(Exception):
    """The station is dead."""


if sys.platform == "win32":
    import _winapi

    class SuddenEnd:
        """Ends the process `pid` by TerminateProcess."""

        def __init__(self, pid: int) -> None:
            rights, inherited = _TERMINATE | _winapi.SYNCHRONIZE, False
            # Never closed: a kill that comes late must not meet another process.
            self._process = _winapi.OpenProcess(rights, inherited, pid)

        def kill(self) -> None:
            """End it, at once."""
            with suppress(PermissionError):  # it has ended already
                _winapi.TerminateProcess(self._process, 1)

        def await_it(self, _link: socket.socket) -> None:
            """Wait until the system has closed what it held."""
            milliseconds = round(HANG_SECONDS * 1000)
            ended = _winapi.WaitForSingleObject(self._process, milliseconds)
            assert ended == _winapi.WAIT_OBJECT_0, "the station outlived TerminateProcess"

else:

    class SuddenEnd:
        """Ends the process `pid` by SIGKILL."""

        def __init__(self, pid: int) -> None:
            self._pid = pid

        def kill(self) -> None:
            """End it, at once."""
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

        def await_it(self, link: socket.socket) -> None:
            """Wait until the system has closed what it held, `link` among it."""
            link.settimeout(HANG_SECONDS)
            with suppress(ConnectionError):
                while link.recv(65536):
                    pass


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
        self._end = SuddenEnd(int(self.read()["pid"]))

    # The end --------------------------------------------------------------------------------

    def die_after_seconds(self, seconds: float) -> None:
        """Kill it when `seconds` have passed, at the first reading thereafter."""
        self._deadline = time.monotonic() + seconds

    def die_after_lines(self, lines: int) -> None:
        """Kill it when it has told so many more lines."""
        self._lines_left = lines

    def kill(self) -> None:
        """SIGKILL, at once; on Windows TerminateProcess, which asks the process as little."""
        self._end.kill()

    def bury(self) -> None:
        """Kill it, and wait until the system has closed what it held."""
        self.kill()
        self._end.await_it(self._link)
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


class Nursery(Protocol):
    """Where lives begin."""

    def birth(self, ledger: Path, graph_url: str) -> Life:
        """Start a station that works on `ledger` and reaches the directory at `graph_url`."""


class ForkingNursery:
    """Has stations forked from one process."""

    def __init__(self, address: str) -> None:
        self._address = address

    def birth(self, ledger: Path, graph_url: str) -> Life:
        """Fork a station that works on `ledger` and reaches the directory at `graph_url`."""
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(HANG_SECONDS)
        link.connect(self._address)
        return Life(link, {"ledger": str(ledger), "graph": graph_url})


class SpawningNursery:
    """Starts an interpreter for each station, some of them ahead."""

    def __init__(self, ready_file: Path) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._listener.settimeout(HANG_SECONDS)
        port = str(self._listener.getsockname()[1])
        self._command = [sys.executable, "-m", "tests.kills.nursery", port, str(ready_file)]
        self._started: list[subprocess.Popen[bytes]] = []
        for _ in range(AHEAD):
            self._start()

    def birth(self, ledger: Path, graph_url: str) -> Life:
        self._start()
        link, _ = self._listener.accept()
        link.settimeout(HANG_SECONDS)
        return Life(link, {"ledger": str(ledger), "graph": graph_url})

    def close(self) -> None:
        """End those that were started and never needed."""
        self._listener.close()
        for each in self._started:
            each.kill()
            each.wait()

    def _start(self) -> None:
        self._started = [each for each in self._started if each.poll() is None]
        self._started.append(subprocess.Popen(self._command, cwd=ROOT, stdin=subprocess.DEVNULL))


@contextmanager
def nursery(folder: Path, ready_json: str) -> Iterator[Nursery]:
    """Have a place where stations are started."""
    ready_file = folder / "ready.json"
    ready_file.write_text(ready_json, encoding="utf-8")
    if sys.platform == "win32":
        with closing(SpawningNursery(ready_file)) as spawning:
            yield spawning
    else:
        with _forking(str(folder / "nursery"), ready_file) as forking:
            yield forking


@contextmanager
def _forking(address: str, ready_file: Path) -> Iterator[Nursery]:
    """Start the process that all stations are forked from."""
    command = [sys.executable, "-m", "tests.kills.nursery", address, str(ready_file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as process:
        try:
            _await_socket(address, process)
            yield ForkingNursery(address)
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
    """Fork a station for each connection, until killed; where nothing forks, be one station."""
    ready = json.loads(Path(ready_file).read_text(encoding="utf-8"))
    context = make_ssl_context(Path(ready["ca_file"]))
    if sys.platform == "win32":
        link = socket.create_connection(("127.0.0.1", int(address)), HANG_SECONDS)
        _live(link, ready, Manner(context=context))
    else:
        _fork(address, ready, context)


def _fork(address: str, ready: Mapping[str, Any], context: ssl.SSLContext) -> None:
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
