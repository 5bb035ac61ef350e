"""One desk, the way to its directory, and the truth: where every fault of the matrix is played.

A test plays a fault over real sockets and writes one row of the matrix when it has held.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.core.enrollment import State
from app.core.model import Mode
from app.graph.transport import TimeLimits
from app.ledger import verify
from app.simulator.server import PersonInfo
from app.station.context import DeskSettings
from app.station.notices import SessionState
from tests.support.headless import Headless, Manner, Where, YoungClock, a_station
from tests.support.proxy import Relay
from tests.support.simulated import Simulated

HURRY = 100.0
"""A minute of a desk's patience, and of the directory's lag, lasts 0.6 s here."""

NO_WAITING = (0.0, 1.0, 2.0, 3.0)
"""Seconds before each look, where the directory is not slow."""

GRAPH_WRITES = "/authentication/hardwareOathMethods"


@dataclass
class Scene:
    """A practice tenant, a relay before it, and a record on disk; token and person are fresh."""

    tenant: Simulated
    relay: Relay
    ledger: Path
    serial: str
    person: PersonInfo
    matrix: Callable[[str, str, str, str], None]
    manner: Manner = field(default_factory=Manner)

    @property
    def where(self) -> Where:
        """The tenant, by way of the relay."""
        return self.beyond(self.relay.url)

    def beyond(self, graph_url: str) -> Where:
        """The tenant, reached at `graph_url`."""
        return Where.of(json.loads(self.tenant.ready.as_json()), graph_url)

    def in_mode(self, mode: Mode) -> Manner:
        """The scene's manner at a desk that hands tokens over in `mode`."""
        return replace(self.manner, settings=replace(self.manner.settings, mode=mode))

    @asynccontextmanager
    async def desk(
        self, where: Where | None = None, manner: Manner | None = None
    ) -> AsyncIterator[Headless]:
        """A desk with nobody signed in."""
        async with a_station(where or self.where, self.ledger, manner or self.manner) as desk:
            yield desk

    @asynccontextmanager
    async def open_desk(
        self, where: Where | None = None, manner: Manner | None = None
    ) -> AsyncIterator[Headless]:
        """A desk with an operator."""
        async with self.desk(where, manner) as desk:
            session = await desk.sign_in()
            assert session.state is SessionState.SIGNED_IN, session.error
            yield desk

    @asynccontextmanager
    async def filled(
        self, where: Where | None = None, manner: Manner | None = None
    ) -> AsyncIterator[Headless]:
        """A desk with both cards filled and checked, and nothing under way."""
        async with self.open_desk(where, manner) as desk:
            await self.fill(desk)
            yield desk

    async def fill(self, desk: Headless) -> None:
        """Put the scene's token and person on the desk; wait until all is quiet."""
        assert self.person.employeeId is not None
        enrollment = await desk.fill(self.serial, self.person.employeeId)
        assert enrollment.state in {State.READY, State.AWAITING_CODE}, enrollment
        await desk.quiet()

    @property
    def another(self) -> tuple[str, PersonInfo]:
        """The serial number of a token that is free, and a person; neither is the scene's own."""
        ready = self.tenant.ready
        free = (
            token.serial
            for token in ready.tokens
            if token.serial != self.serial
            and self.tenant.token_state(token.serial)["status"] == "available"
        )
        return next(free), next(each for each in ready.people if each.id != self.person.id)

    # What the tenant knows ------------------------------------------------------------------

    @property
    def truth(self) -> dict[str, Any]:
        """How the token truly stands."""
        return self.tenant.token_state(self.serial)

    def holds(self, status: str) -> bool:
        """Whether the person truly holds the token, in `status`."""
        truth = self.truth
        return (truth["status"], truth["holder_id"]) == (status, self.person.id)

    def code(self) -> str:
        """What the token's display shows."""
        return self.tenant.press(self.serial)

    def requests(self) -> list[Mapping[str, Any]]:
        """What the tenant received, oldest first."""
        found: list[Mapping[str, Any]] = self.tenant.control("GET", "/requests")["requests"]
        return found

    def writes(self) -> list[Mapping[str, Any]]:
        """The requests that would change this person's tokens."""
        path = f"{self.person.id}{GRAPH_WRITES}"
        return [r for r in self.requests() if r["method"] == "POST" and path in r["path"]]

    async def writes_when_over(self) -> list[Mapping[str, Any]]:
        """The same, once a directory that was too slow for the desk has written them down."""
        while not self.writes():  # noqa: ASYNC110 - the tenant has no bell
            await asyncio.sleep(0.02)
        return self.writes()

    def given(self) -> int:
        """How often the tenant acted upon a request to give this person a token."""
        assert self.tenant.server.practice is not None
        audit = self.tenant.server.practice.tenant.audit
        return sum(e.target == self.person.id and "registered" in e.activity for e in audit)

    # The end of a test ----------------------------------------------------------------------

    def row(self, fault: str, does: str, result: object) -> None:
        """Write a row of the matrix, once everything was found to be so."""
        self.sound()
        graph = [r for r in self.requests() if r["path"].startswith(("/beta/", "/v1.0/"))]
        writes = sum(r["method"] != "GET" for r in graph)
        requests = f"{writes} w {len(graph) - writes} r"
        shown = result.value if isinstance(result, State) else str(result)
        self.matrix(fault, does, requests, shown)

    def sound(self) -> None:
        """The record is whole, and no token was given twice."""
        if self.ledger.exists():
            assert verify(self.ledger) is None
        assert self.given() <= 1


def fast(*delays: float, mode: Mode = Mode.ASSIGN_ONLY, limits: TimeLimits | None = None) -> Manner:
    """A desk in a hurry: a hundred seconds of patience take one."""
    manner = Manner(
        clock=YoungClock(HURRY),
        settings=DeskSettings(mode=mode),
        limits=limits or TimeLimits(),
    )
    return manner.patient(*delays) if delays else manner


def port_of(url: str) -> int:
    """The port in an address."""
    port = urlsplit(url).port
    assert port is not None
    return port
