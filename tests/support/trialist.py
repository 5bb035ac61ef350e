"""A trial of a practice tenant in a process that dies by SIGKILL at the write it is told to die at.

    python -m tests.support.trialist ORDER.json

It reads lives as lines of JSON from its standard input and forks a process for each: a fresh
interpreter for each would need a second. It answers each line with the number of the signal that
ended the life, 0 for none.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
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
                os.kill(os.getpid(), signal.SIGKILL)
            reply = await real(*arguments)
            if current == self._write and self._after:
                os.kill(os.getpid(), signal.SIGKILL)
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


def main(file: str) -> None:
    """Live the lives that standard input names."""
    order = json.loads(Path(file).read_text(encoding="utf-8"))
    context = make_ssl_context(Path(order["ca_file"]))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(live(order, json.loads(line), context))
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        sys.stdout.write(f"{ended}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
