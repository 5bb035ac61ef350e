"""A trial of a practice tenant in a process that dies by SIGKILL at the write it is told to die at.

    python -m tests.support.trialist ORDER.json

It reads lives as lines of JSON from its standard input and forks a process for each: a fresh
interpreter for each would need a second. It answers each line with the number of the signal that
ended the life, 0 for none. Windows has no fork: there each life is an interpreter that was started
before it was needed, and ends itself by TerminateProcess with that number as its exit code.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.core.ports import AccessToken
from app.core.tenant_trial import STEPS, Consent, Write
from app.graph.client import GraphClient, Options
from app.graph.directory import GraphDirectory
from app.graph.tenant_trial import GraphTrial, Tally
from app.graph.transport import make_http
from app.ledger.shelf import FileShelf
from app.network.tls import make_ssl_context
from app.station.tenant_trial import TenantTrial
from tests.support.trials import SCOPES, LeapingClock, Person

WRITING = frozenset(
    {
        "create",
        "create_many",
        "set_model",
        "delete",
        "assign",
        "activate",
        "deactivate",
        "unassign",
        "assign_and_activate",
        "assign_and_activate_by_serial",
    }
)
UNDOING = "undo"
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
"""What ends a life at once; Python sends Windows' processes SIGTERM by TerminateProcess."""
_ONE = "one"


class Doomed(Person):
    """Says yes to everything, and notes which write the next request is."""

    current = ""

    def agree(self, write: Write, question: str) -> Consent:
        self.current = write.key
        return super().agree(write, question)


class Deadly:
    """Requests that kill this process before or after the write that a life is to die at."""

    def __init__(self, requests: GraphTrial, person: Doomed, write: str, *, after: bool) -> None:
        self._requests = requests
        self._person = person
        self._write = write
        self._after = after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._requests, name)
        if name not in WRITING:
            return real

        async def sent(*arguments: Any) -> Any:
            current, self._person.current = self._person.current or UNDOING, ""
            if current == self._write and not self._after:
                os.kill(os.getpid(), KILL)
            reply = await real(*arguments)
            if current == self._write and self._after:
                os.kill(os.getpid(), KILL)
            return reply

        return sent


async def live(order: Mapping[str, Any], life: Mapping[str, Any], context: Any) -> None:
    """Carry out the trial of one life."""

    class Source:
        async def access_token(self, claims: str | None = None) -> AccessToken:
            return AccessToken(order["token"], frozenset(SCOPES))

    person, clock, tally = Doomed(lambda _serial: ""), LeapingClock(), Tally()
    http = make_http(context)
    client = GraphClient(order["graph_url"], Source(), http, clock, Options(pace=None))
    requests = Deadly(GraphTrial(client, tally), person, life["write"], after=life["after"])
    shelf = FileShelf(Path(order["folder"]))
    trial = TenantTrial(requests, GraphDirectory(client), clock, shelf, person)
    journal = trial.left_over()
    if journal is not None:
        journal = await trial.undo(journal)
    target, _ = await trial.admit(order["person"], "")
    steps = [STEPS[key] for key in life["steps"]]
    outcome = await trial.run(trial.begin(target, None), target, None, steps)
    trial.finish(outcome)


def main(file: str, kind: str = "") -> None:
    """Live the lives that standard input names, or one of them in this very process."""
    order = json.loads(Path(file).read_text(encoding="utf-8"))
    context = make_ssl_context(Path(order["ca_file"]))

    def live_one(line: str) -> None:
        asyncio.run(live(order, json.loads(line), context))

    if kind == _ONE:
        if line := sys.stdin.readline():
            live_one(line)
        return
    lived = _lived_in_a_fork if sys.platform != "win32" else _Interpreters(file).lived
    for line in sys.stdin:
        sys.stdout.write(f"{lived(live_one, line)}\n")
        sys.stdout.flush()


def _lived_in_a_fork(live_one: Callable[[str], None], line: str) -> int:
    """Live a life in a fork of this process; return the signal that ended it, or 0."""
    if sys.platform == "win32":
        raise NotImplementedError
    child = os.fork()
    if child == 0:
        try:
            live_one(line)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


class _Interpreters:
    """Processes for one life each, one of them started before it is needed."""

    def __init__(self, file: str) -> None:
        self._command = [sys.executable, "-m", "tests.support.trialist", file, _ONE]
        self._next = self._started()

    def lived(self, _live_one: Callable[[str], None], line: str) -> int:
        """Have a life lived; return its exit code."""
        process, self._next = self._next, self._started()
        process.communicate(line)
        return process.returncode

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, text=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
